import datetime as dt

import pytest

from campaigns.models import Strand, Subject
from campaigns.template_files import FOLDER, TemplateFaulty, available, find, load

SHIPPED = FOLDER / "chuangxian-2010.toml"


@pytest.fixture
def faulty(tmp_path):
    """faulty(old, new) -> the complaint about the shipped template with that one change."""

    def complain(old, new):
        text = SHIPPED.read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / "mine.toml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(TemplateFaulty) as caught:
            load(path)
        return str(caught.value)

    return complain


def test_the_shipped_template_says_what_the_document_says():
    template = load(SHIPPED)
    assert template.theme == "服务发展作表率、服务基层当先进、服务群众做先锋"
    phases = [(p.starts_on, p.ends_on, p.ends_note) for p in template.phases]
    assert phases == [
        (dt.date(2010, 6, 1), dt.date(2010, 12, 31), ""),
        (dt.date(2011, 1, 1), dt.date(2011, 7, 31), ""),
        (dt.date(2011, 7, 1), None, "党的十八大召开前"),
    ]
    names = {s: [r.name for r in template.rubric if r.subject == s] for s in Subject}
    assert len(names[Subject.ORGANIZATION]) == len(names[Subject.MEMBER]) == 5
    assert all(name.startswith("注重") for name in names[Subject.ORGANIZATION])
    assert all(name.endswith("表率") for name in names[Subject.MEMBER])


def test_every_organization_emphasis_has_its_central_counterpart():
    central = [r.central_name for r in load(SHIPPED).rubric if r.subject == Subject.ORGANIZATION]
    assert central == ["领导班子好", "党员队伍好", "工作机制好", "工作业绩好", "群众反映好"]


def test_all_four_links_have_windows():
    assert {w.strand for p in load(SHIPPED).phases for w in p.windows} == set(Strand)


def test_the_deadlines_are_those_offices_worked_to():
    dues = {d.due_on for p in load(SHIPPED).phases for d in p.obligations if d.expects == "pledge"}
    assert dues == {dt.date(2010, 9, 30), dt.date(2011, 3, 31), dt.date(2012, 3, 15)}


def test_it_is_found_by_its_code():
    assert find("chuangxian-2010") == load(SHIPPED)
    assert find("nothing-of-the-kind") is None
    assert [t.code for t in available()] == ["chuangxian-2010"]


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("version = 2", 'version = "2"', "version", "应为整数"),
        ("theme = ", "thema = ", "theme", "缺少此项"),
        ("source = ", "sauce = ", "sauce", "检查拼写"),
        ("starts_on = 2010-06-01", 'starts_on = "2010-06-01"', "phases[1].starts_on", "应为日期"),
        ("ends_on = 2010-12-31", "ends_on = 2010-05-31", "phases[1].ends_on", "早于"),
        ("starts_on = 2011-01-01", "starts_on = 2010-01-01", "phases[2].starts_on", "先后"),
        ('strand = "pledge"', 'strand = "plege"', "phases[1].windows[1].strand", "pledge、review"),
        ("closes_on = 2010-09-30", "closes_on = 2010-07-30", "phases[1].windows[1].closes_on", "opens_on"),
        ("opens_on = 2010-08-19", "opens_on = 2010-05-19", "phases[1].windows[1].opens_on", "早于"),
        ("opens_on = 2010-10-01", "opens_on = 2010-05-01", "phases[1].obligations[4].opens_on", "早于"),
        ("opens_on = 2010-10-01", "opens_on = 2011-01-01", "phases[1].obligations[4].due_on", "opens_on"),
        ("due_on = 2010-09-30", "due_on = 2009-09-30", "phases[1].obligations[1].due_on", "早于"),
        ("{year}年公开承诺", "{yaer}年公开承诺", "phases[1].windows[1].name", "花括号"),
        ('text = "学习科学发展观', 'text = 3 # ', "rubric.organization[1].text", "应为文字"),
        ('name = "注重领导班子建设"', 'name = " "', "rubric.organization[1].name", "应为文字"),
        ("[[rubric.member]]", "[[rubric.members]]", "rubric.members", "检查拼写"),
        ("score = 100, satisfied = true", "score = 100, satisfied = 1", "scales.evaluation.options[1]", "true"),
        ('{ name = "差", least = 0 }', '{ name = "差", least = 1 }', "scales.pledge_appraisal.bands", "从 0 分起"),
        ('"中", least = 80', '"中", least = 96', "scales.pledge_appraisal.bands[2].least", "0 至 94 的整数"),
        ('"好", least = 95', '"好", least = 101', "scales.pledge_appraisal.bands[1].least", "0 至 100 的整数"),
        ("least = 80", "least = 80.5", "scales.pledge_appraisal.bands[2].least", "应为整数"),
        ('"中", least', '"好", least', "scales.pledge_appraisal.bands[2].name", "重复"),
        ("least = 80", "least = 80, most = 94", "scales.pledge_appraisal.bands[2].most", "检查拼写"),
        ('pledge_intro = "', f'pledge_intro = "{"长" * 500}', "texts.pledge_intro", "最长 500 字"),
        ('code = "chuangxian-2010"', "code = ", "TOML", "mine.toml"),
    ],
)  # fmt: skip
def test_a_faulty_file_is_refused_with_place_and_cause(faulty, old, new, where, what):
    complaint = faulty(old, new)
    assert complaint.startswith("mine.toml：")
    assert where in complaint
    assert what in complaint


def test_a_file_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "gbk.toml"
    path.write_bytes('name = "创先争优"'.encode("gbk"))
    with pytest.raises(TemplateFaulty, match=r"gbk\.toml：不是有效的 TOML"):
        load(path)


def test_a_phase_in_the_middle_cannot_be_open_ended(faulty):
    assert "phases[1].ends_on：缺少此项" in faulty("ends_on = 2010-12-31\n", "")
