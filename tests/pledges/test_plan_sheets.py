"""任务推进表 out and back in: what changes is shown by the cell, and nothing is written before it is confirmed."""

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from common.spreadsheets import limits
from pledges import services
from pledges.models import Plan
from pledges.plans.sheet import COLUMNS, HEADER_ROW, IDENTITY, TITLE, build_sheet
from pledges.plans.texts import text_of
from tests.pledges import plans

pytestmark = pytest.mark.django_db
verbs = services.plans
A, B = ("a" * 12, "b" * 12)
DAY = dt.date(2010, 9, 1)
FIRST = HEADER_ROW + 1
FIRST_DAY, LAST_DAY = dt.datetime(2010, 9, 1), dt.datetime(2010, 12, 20)  # noqa: DTZ001 -- a cell knows no zone
COLUMN = {key: number for number, key in enumerate(COLUMNS, 1)}


@pytest.fixture
def two(plan, author):
    """The branch's plan with two tasks, one with what Excel would take for a formula."""
    tasks = [plans.task(A), plans.task(B, key_task="=走访&慰问", measures="+一\n二", starts_on="")]
    return verbs.save(plan, plans.text(tasks=tasks), version=plan.version, by=author)


@pytest.fixture
def upload(client, author):
    client.force_login(author)

    def send(plan, content, name="推进表.xlsx"):
        return client.post(
            reverse("pledges:plan_upload", args=[plan.pk]), {"file": SimpleUploadedFile(name, content)}
        )

    return send


def sheet_of(plan, change=None):
    """The workbook as it goes out, with ``change(sheet)`` made to it offline."""
    content = build_sheet(Plan.objects.get(pk=plan.pk), DAY)
    if change is None:
        return content
    book = load_workbook(io.BytesIO(content))
    change(book[TITLE])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def put(row, **values):
    return lambda sheet: [sheet.cell(row, COLUMN[key], value) for key, value in values.items()]


def confirm(client, plan, page):
    return client.post(
        reverse("pledges:plan_confirm", args=[plan.pk]), {"signed": page.context["signed"]}, follow=True
    )


def table(plan):
    rows = load_workbook(io.BytesIO(sheet_of(plan)))[TITLE].iter_rows(min_row=HEADER_ROW, values_only=True)
    return list(rows)


def test_it_has_the_columns_of_the_form_and_prints_on_a4(two):
    sheet = load_workbook(io.BytesIO(sheet_of(two)))[TITLE]
    assert [c.value for c in sheet[HEADER_ROW]] == [
        "序号", "重点任务", "具体措施", "责任部门", "责任人", "起始", "完成时限", "阶段", "进展", "备注",
    ]  # fmt: skip
    assert [c.value for c in sheet[FIRST]][:8] == [
        1, "上门办税", "每月第一个星期五到企业\n一次办结", "办税科", "沈明",
        FIRST_DAY, LAST_DAY, "第一时段",
    ]  # fmt: skip
    assert (sheet.cell(FIRST + 1, 2).value, sheet.cell(FIRST + 1, 2).data_type) == ("=走访&慰问", "s")
    setup = sheet.page_setup
    assert (setup.orientation, str(setup.paperSize), sheet.freeze_panes) == ("landscape", "9", f"A{FIRST}")
    assert sheet.print_title_rows == f"$1:${HEADER_ROW}"
    assert sheet.row_dimensions[FIRST + 1].height > 2 * 15
    assert "截至日期：2010年9月1日" in sheet.cell(2, 1).value


def test_out_and_in_without_a_change_says_so(two, upload):
    page = upload(two, sheet_of(two))
    assert page.status_code == 200
    assert page.context["reading"].problems == []
    assert "完全一样" in page.content.decode()


def test_out_changed_in_and_out_again_is_equal(two, upload, client):
    def change(sheet):
        put(FIRST, measures="每周五到企业", ends_on="2010年11月30日", progress="已八次", department="")(sheet)
        put(FIRST + 2, key_task="新增的任务", person="王芳", ends_on=dt.date(2010, 12, 1))(sheet)

    content = sheet_of(two, change)
    page = upload(two, content)
    body = page.content.decode()
    cells = [c.cell for row in page.context["reading"].changes for c in row.cells]
    assert cells == ["C4", "D4", "G4", "I4", "B6", "E6", "G6"]
    assert "新增的任务" in body
    before = text_of(Plan.objects.get(pk=two.pk))
    assert len(before["tasks"]) == 2  # nothing is written before it is confirmed
    assert "已按推进表更新" in confirm(client, two, page).content.decode()
    first, second, third = Plan.objects.get(pk=two.pk).tasks.all()
    assert (first.measures, first.department, first.progress) == ("每周五到企业", "", "已八次")
    assert (first.mark, first.key) == ("全年十二次", A)  # what is not in the sheet stays
    assert (second.key_task, third.key_task, third.person) == ("=走访&慰问", "新增的任务", "王芳")
    again = upload(two, sheet_of(two))
    assert again.context["reading"].changes_nothing
    assert [row[1] for row in table(two)] == ["重点任务", "上门办税", "=走访&慰问", "新增的任务"]


@pytest.fixture
def adopting(chain, phase, person, author):
    """A plan that took over its superior's two tasks and adds one of its own."""
    above = person("secretary", "general")
    superiors = verbs.create(chain["general"], phase, by=above)
    tasks = [plans.task("c" * 12, key_task="总支走访"), plans.task("d" * 12, starts_on="")]
    superiors = verbs.save(superiors, plans.text(tasks=tasks), version=1, by=above)
    verbs.submit(superiors, by=above)
    verbs.approve(superiors, by=person("secretary", "committee"))
    plan = verbs.adopt(chain["branch"], phase, by=author)
    own = {**text_of(plan), "tasks": [plans.task(A, key_task="本支部结对")]}
    return verbs.save(plan, own, version=plan.version, by=author)


def test_adopted_tasks_stand_first_locked_and_come_back_unread(adopting, upload, client):
    rows = table(adopting)[1:]
    assert [row[:2] for row in rows] == [("上级1", "总支走访"), ("上级2", "上门办税"), (1, "本支部结对")]
    assert rows[0][5:7] == (FIRST_DAY, LAST_DAY)
    book = load_workbook(io.BytesIO(sheet_of(adopting)))
    assert book[TITLE].protection.sheet
    assert [book[TITLE].cell(FIRST + n, 9).protection.locked for n in range(3)] == [True, True, False]
    assert "c" * 12 not in {row[1] for row in book[IDENTITY].values}
    assert upload(adopting, sheet_of(adopting)).context["reading"].changes_nothing

    def change(sheet):
        put(FIRST, measures="改上级的")(sheet)
        put(FIRST + 2, progress="已结对")(sheet)
        put(FIRST + 3, key_task="新增的任务")(sheet)

    page = upload(adopting, sheet_of(adopting, change))
    assert [c.cell for row in page.context["reading"].changes for c in row.cells] == ["I6", "B7"]
    confirm(client, adopting, page)
    assert [t.key_task for t in adopting.tasks.all()] == ["本支部结对", "新增的任务"]
    assert upload(adopting, sheet_of(adopting)).context["reading"].changes_nothing
    page = upload(adopting, sheet_of(adopting, put(FIRST, progress="已走访")))
    assert [p.cell for p in page.context["reading"].problems] == ["I4 进展"]


def test_rows_taken_out_and_moved_are_shown_before(two, upload, client):
    def swap(sheet):
        rows = [[sheet.cell(FIRST + n, c).value for c in range(1, 11)] for n in (0, 1)]
        for n, row in enumerate(reversed(rows)):
            for c, value in enumerate(row, 1):
                sheet.cell(FIRST + n, c).value = value
                if isinstance(value, str):
                    sheet.cell(FIRST + n, c).data_type = "s"

    page = upload(two, sheet_of(two, swap))
    assert page.context["reading"].is_reordered
    confirm(client, two, page)
    assert [t.key for t in two.tasks.order_by("number")] == [B, A]
    page = upload(two, sheet_of(two, lambda sheet: sheet.delete_rows(FIRST)))
    assert [row.kind for row in page.context["reading"].changes] == ["removed"]
    assert two.tasks.count() == 2


def test_of_a_vetted_plan_only_progress_and_remark_change(two, plan_in, upload, client):
    agreed = plan_in("agreed")
    page = upload(agreed, sheet_of(agreed, put(FIRST, progress="已八次", remark="按月")))
    confirm(client, agreed, page)
    assert agreed.tasks.get(key=A).progress == "已八次"
    page = upload(agreed, sheet_of(agreed, put(FIRST, measures="另写一条", progress="九次")))
    assert page.status_code == 422
    assert [p.cell for p in page.context["reading"].problems] == ["C4 具体措施"]
    signed = page.context["signed"]
    client.post(reverse("pledges:plan_confirm", args=[agreed.pk]), {"signed": signed})
    assert agreed.tasks.get(key=A).measures != "另写一条"
    page = upload(agreed, sheet_of(agreed, put(FIRST + 2, key_task="偷加的", person="王")))
    assert [p.cell for p in page.context["reading"].problems] == ["A6 序号"]


def test_an_upload_without_a_file_is_told(two, upload, client):
    page = client.post(reverse("pledges:plan_upload", args=[two.pk]), {})
    assert page.status_code == 422
    assert "请选择文件" in page.content.decode()


def test_errors_name_their_cell(two, upload):
    change = put(FIRST, ends_on="年底", person="长" * 61, number=2)
    page = upload(two, sheet_of(two, change))
    assert page.status_code == 422
    assert [p.cell.split()[0] for p in page.context["reading"].problems] == ["E4", "G4", "A5"]


def test_what_was_shown_is_what_is_written_by_whom_and_on_what_it_was_shown(
    two, upload, client, person, author
):
    page = upload(two, sheet_of(two, put(FIRST, measures="每周五")))
    client.force_login(person("liaison", "branch"))
    assert "已经失效" in confirm(client, two, page).content.decode()
    client.force_login(author)
    verbs.save(
        two, {**text_of(two), "theme": "另一个主题"}, version=two.version, by=person("liaison", "branch")
    )
    assert "别的同志保存过" in confirm(client, two, page).content.decode()
    old = sheet_of(two, put(FIRST, measures="每周五"))
    tampered = client.post(
        reverse("pledges:plan_confirm", args=[two.pk]), {"signed": "x" + page.context["signed"]}
    )
    assert tampered.status_code == 302
    assert "每周五" not in {t.measures for t in two.tasks.all()}
    assert upload(two, old).context["reading"].notes == []


def test_a_sheet_older_than_the_plan_says_so(two, upload, author):
    old = sheet_of(two)
    verbs.save(two, {**text_of(two), "theme": "另一个主题"}, version=two.version, by=author)
    assert "又修改过" in upload(two, old).context["reading"].notes[0]


def test_the_workbook_of_another_plan_is_refused(two, upload, chain, phase, person):
    other = verbs.create(chain["sibling"], phase, by=person("secretary", "sibling"))
    page = upload(two, sheet_of(other))
    assert page.status_code == 422
    assert "另一份方案" in page.content.decode()


def _strange():
    book = Workbook()
    book.active.append(["序号", "重点任务"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "a.xlsx", "文件是空的"),
        (b"PK\x03\x04" + b"\0" * (30 * limits.MIB), "a.xlsx", "上限"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 600, "a.xls", "旧版"),
        (b"<html>", "a.xlsx", "网页"),
        (_strange(), "a.xlsx", "不是从平台导出"),
    ],
    ids=["empty", "30 MB", "xls", "html", "strange"],
)
def test_what_is_no_sheet_of_ours_is_refused_in_a_sentence(two, upload, content, name, said):
    page = upload(two, content, name)
    assert page.status_code == 422
    assert said in page.content.decode()


def test_a_forged_identity_brings_in_no_other_plans_task(two, upload, client, chain, phase, person):
    sibling = person("secretary", "sibling")
    theirs = verbs.create(chain["sibling"], phase, by=sibling)
    theirs = verbs.save(theirs, plans.text(tasks=[plans.task("c" * 12)]), version=1, by=sibling)
    book = load_workbook(io.BytesIO(sheet_of(two, put(FIRST, progress="改别人的"))))
    book[IDENTITY].cell(3, 2).value = "c" * 12
    out = io.BytesIO()
    book.save(out)
    page = upload(two, out.getvalue())
    confirm(client, two, page)
    assert theirs.tasks.get().progress == ""
