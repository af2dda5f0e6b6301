"""Two texts side by side: what differs, and how it is marked."""

from pledges.plans.difference import Piece, differences, marked
from tests.pledges.plans import task, text

A, B, C = ("a" * 12, "b" * 12, "c" * 12)


def told(sections):
    return [(s.title, s.kind, [line.label for line in s.lines]) for s in sections]


def test_equal_texts_say_nothing():
    assert differences(text(), text(), {}) == []


def test_only_the_changed_words_are_marked_and_a_number_is_one_word():
    old, new = marked("全年上门12次，每月一次", "全年上门15次，每月一次")
    assert old == [Piece("same", "全年上门"), Piece("del", "12"), Piece("same", "次，每月一次")]
    assert new == [Piece("same", "全年上门"), Piece("ins", "15"), Piece("same", "次，每月一次")]
    assert marked("", "新写的") == ([], [Piece("ins", "新写的")])


def test_both_sides_put_together_are_the_texts_themselves():
    was, now = "服务群众，为群众办实事。\n一次办结", "为企业服务，办实事 iso9001"
    old, new = marked(was, now)
    assert "".join(p.text for p in old) == was
    assert "".join(p.text for p in new) == now


def test_tasks_are_compared_by_key_added_removed_and_moved():
    old = text(tasks=[task(A), task(B, key_task="走访"), task(C, key_task="学习")])
    new = text(
        goals="十分钟办结", tasks=[task(C, key_task="学习"), task("d" * 12), task(A, mark="全年十五次")]
    )
    assert told(differences(old, new, {})) == [
        ("总体内容", "changed", ["创先目标"]),
        (
            "第2项任务",
            "added",
            ["重点任务", "具体措施", "责任部门", "责任人", "起始", "完成时限", "完成标志"],
        ),
        ("第3项任务（原第1项）", "changed", ["完成标志"]),
        (
            "原第2项任务",
            "removed",
            ["重点任务", "具体措施", "责任部门", "责任人", "起始", "完成时限", "完成标志"],
        ),
        ("任务的顺序", "changed", ["序号"]),
    ]


def test_a_tag_is_shown_by_its_name():
    (section,) = differences(text(), text(tasks=[task(rubric="7")]), {"7": "注重服务群众"})
    assert section.lines[0].new == [Piece("ins", "注重服务群众")]
