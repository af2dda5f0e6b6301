"""Bad input: each kind of mistake is named with its sheet and cell, and nothing is written."""

import datetime as dt

import pytest

from organizations.imports.problems import sentence
from organizations.models import Member, Organization
from organizations.services import add_member, leave_roster
from tests.organizations.roster_files import MEMBER_HEADINGS, applied, checked, problems, workbook

pytestmark = pytest.mark.django_db

GENERAL, BRANCH = "震泽镇机关党总支", "震泽镇财政所党支部"
ZHANG = ["D1", "张伟", "男", "1970-05", BRANCH, "正式党员", "1990-07-01", "1991-07-01", "13900000001"]


@pytest.fixture
def office(person):
    return person("office", "city")


def organization(**changes):
    row = {
        "党组织代码": "S1",
        "党组织名称": "新支部",
        "组织类别": "党支部",
        "上级党组织": GENERAL,
        "上级党组织代码": None,
        "排序": 1,
        "成立日期": "2012-01-01",
    }
    return {**row, **changes}


def member(**changes):
    return {
        **dict(zip(MEMBER_HEADINGS, ZHANG, strict=True)),
        "所在党支部代码": None,
        "是否流动": None,
        "流入地党组织": None,
    } | changes


def test_wrong_headings_are_named_all_at_once_with_what_they_may_have_meant(chain, office):
    row = organization()
    renamed = {"党组织名称": "党组织名", "组织类别": "类另"}
    wrong = {renamed.get(heading, heading): value for heading, value in row.items()}
    person = {"毕业院校" if heading == "姓名" else heading: value for heading, value in member().items()}
    found = checked(workbook([wrong], [person]), chain["city"], office)
    assert found.state == "refused"
    for words in (
        "工作表“党组织”单元格 A1：缺少必需的列“党组织名称”",
        "工作表“党组织”单元格 A1：缺少必需的列“组织类别”",
        "工作表“党组织”单元格 B1：不认识表头“党组织名”，这一列不会导入。是否为“党组织名称”",
        "工作表“党组织”单元格 C1：不认识表头“类另”，这一列不会导入。是否为“组织类别”？",
        "工作表“党员”单元格 A1：缺少必需的列“姓名”",
        "工作表“党员”单元格 B1：不认识表头“毕业院校”",
    ):
        assert words in found.message
    assert len(found.message.splitlines()) == 6


def test_a_sheet_without_headings_does_not_hide_the_next_ones_mistakes(chain, office):
    person = {"毕业院校" if heading == "姓名" else heading: value for heading, value in member().items()}
    found = checked(workbook([{"甲": 1, "乙": 2}], [person]), chain["city"], office)
    assert "“党组织”：前 10 行里找不到表头" in found.message
    assert "缺少必需的列“姓名”" in found.message


@pytest.mark.parametrize(
    ("changes", "kind", "column"),
    [
        ({"党组织名称": None}, "blank", "name"),
        ({"组织类别": None}, "blank", "kind"),
        ({"组织类别": "车间"}, "choice", "kind"),
        ({"成立日期": "明年"}, "date", "founded_on"),
        ({"成立日期": "2099-01-01"}, "future", "founded_on"),
        ({"排序": "一"}, "number", "order"),
        ({"党组织名称": "长" * 121}, "long", "name"),
        ({"上级党组织": None}, "superior_blank", "superior"),
        ({"上级党组织": "没有的总支"}, "superior_unknown", "superior"),
        ({"上级党组织代码": "nothing"}, "superior_unknown", "superior_code"),
        ({"上级党组织": BRANCH}, "superior_kind", "superior"),
        ({"上级党组织": "新支部"}, "cycle", "superior"),
        ({"党组织代码": "branch", "上级党组织": "中共震泽镇委员会"}, "move", "superior"),
        ({"党组织代码": "general", "组织类别": "党支部", "上级党组织": None}, "kind_subordinates", "kind"),
        (
            {"党组织代码": "branch", "党组织名称": "震泽镇文化站党支部", "上级党组织": None},
            "name_taken",
            "name",
        ),
    ],
)
def test_a_mistake_in_the_organizations_sheet_is_named(chain, office, changes, kind, column):
    found = checked(workbook([organization(**changes)]), chain["city"], office)
    assert ("organization", 2, kind, column) in problems(found)
    assert not found.is_clean


@pytest.mark.parametrize(
    ("changes", "kind", "column"),
    [
        ({"姓名": None}, "blank", "name"),
        ({"性别": "先生"}, "choice", "sex"),
        ({"出生年月": 1970.1}, "date", "birth_month"),
        ({"出生年月": "1970"}, "date", "birth_month"),
        ({"所在党支部": None}, "branch_blank", "branch"),
        ({"所在党支部": "没有的支部"}, "branch_unknown", "branch"),
        ({"所在党支部代码": "nothing"}, "branch_unknown", "branch_code"),
        ({"所在党支部": GENERAL}, "branch_kind", "branch"),
        ({"所在党支部": "震泽镇人大党组"}, "branch_kind", "branch"),
        ({"人员类别": "积极分子"}, "choice", "standing"),
        ({"转为正式党员日期": "1989-07-01"}, "confirmed_early", "confirmed_on"),
        ({"人员类别": "预备党员"}, "probationary_confirmed", "confirmed_on"),
        ({"加入党组织日期": "2099-01-01", "转为正式党员日期": None}, "future", "joined_on"),
        ({"是否流动": "也许"}, "choice", "is_mobile"),
        ({"是否流动": "否", "流入地党组织": BRANCH}, "receiving_settled", "receiving"),
        ({"流入地党组织": "外地"}, "receiving_unknown", "receiving"),
        ({"联系电话": "1" * 21}, "long", "phone"),
    ],
)
def test_a_mistake_in_the_members_sheet_is_named(chain, office, changes, kind, column):
    found = checked(workbook(None, [member(**changes)]), chain["city"], office)
    assert ("member", 2, kind, column) in problems(found)
    assert not found.is_clean
    assert all("{" not in sentence(problem) for row in found.rows.all() for problem in row.problems)


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ([None, BRANCH, "书记", None], "person_blank"),
        (["nobody", BRANCH, "书记", None], "person_unknown"),
        (["office-city", BRANCH, "书记", None], "own_post"),
        (["liaison-branch", "没有", "书记", None], "place_unknown"),
        (["liaison-branch", BRANCH, "班长", None], "choice"),
        (["liaison-branch", BRANCH, "书记", "2009-01-01"], "dates"),
    ],
)
def test_a_mistake_in_the_posts_sheet_is_named(chain, office, person, row, kind):
    person("liaison", "branch")
    assert kind in [p[2] for p in problems(checked(workbook(None, None, [row]), chain["city"], office))]


def test_posts_need_the_right_to_manage_posts(chain, person):
    person("liaison", "branch")
    data = workbook(None, None, [["liaison-branch", BRANCH, "副书记", None]])
    found = checked(data, chain["general"], person("secretary", "general"))
    assert problems(found) == [("post", 2, "post_denied", "organization")]


def test_the_posts_that_decide_are_not_given_by_their_own_office(chain, person):
    person("liaison", "branch"), person("office", "city")
    rows = [["liaison-branch", chain["committee"].name, post, None] for post in ["纪检委员", "联络员"]]
    found = checked(workbook(None, None, rows), chain["committee"], person("office", "committee"))
    assert problems(found) == [("post", 2, "decider_denied", "post")]
    said = sentence(found.rows.get(sheet="post", number=2).problems[0])
    assert "最近的是中共吴江市委员会 领导小组办公室" in said


def test_duplicates_within_the_workbook_name_the_first_row(chain, office):
    found = checked(
        workbook(
            [
                organization(),
                organization(党组织名称="另一支部"),
                organization(党组织代码="S2"),
                organization(党组织代码=None, 党组织名称="第三支部"),
                organization(党组织代码=None, 党组织名称="第 三 支部"),
            ],
            [member(), member(姓名="李娜"), member(编号=None, 姓名="王芳"), member(编号=None, 姓名="王芳")],
        ),
        chain["city"],
        office,
    )
    assert problems(found) == [
        ("member", 3, "number_twice", "number"),
        ("member", 5, "member_twice", "name"),
        ("organization", 3, "code_twice", "code"),
        ("organization", 4, "name_twice", "name"),
        ("organization", 6, "name_twice", "name"),
    ]
    assert "第 2 行" in sentence(found.rows.get(sheet="organization", number=4).problems[0])


def test_a_cycle_is_said_with_its_way_round(chain, office):
    found = checked(
        workbook(
            [
                organization(党组织代码="A", 党组织名称="甲总支", 组织类别="党总支", 上级党组织="乙总支"),
                organization(党组织代码="B", 党组织名称="乙总支", 组织类别="党总支", 上级党组织="丙总支"),
                organization(党组织代码="C", 党组织名称="丙总支", 组织类别="党总支", 上级党组织="甲总支"),
            ]
        ),
        chain["city"],
        office,
    )
    kinds = [p[2] for p in problems(found)]
    assert kinds.count("cycle") == 1
    assert kinds.count("superior_faulty") == 2


def test_a_chain_of_thousands_is_refused_not_a_crash(chain, office):
    rows = [
        organization(
            党组织代码=f"L{n}", 党组织名称=f"第{n}层总支", 组织类别="党总支", 上级党组织=f"第{n + 1}层总支"
        )
        for n in range(1500)
    ]
    found = checked(workbook(rows), chain["city"], office)
    assert found.state == "checked"
    assert "deep" in {p[2] for p in problems(found)}


def test_members_of_a_faulty_new_branch_are_told_to_mend_the_branch(chain, office):
    found = checked(
        workbook([organization(成立日期="2099-01-01")], [member(所在党支部="新支部")]), chain["city"], office
    )
    assert ("member", 2, "branch_faulty", "branch") in problems(found)


def test_a_name_that_occurs_twice_needs_the_code(chain, office):
    applied(
        workbook(
            [organization(), organization(党组织代码="S2", 上级党组织="中共吴江市东方丝绸市场工作委员会")]
        ),
        chain["city"],
        office,
    )
    found = checked(workbook(None, [member(所在党支部="新支部")]), chain["city"], office)
    assert problems(found) == [("member", 2, "branch_ambiguous", "branch")]
    coded = member(所在党支部="新支部", 所在党支部代码="S2")
    assert checked(workbook(None, [coded]), chain["city"], office).is_clean


def test_nothing_outside_the_importers_subtree_is_touched_or_told(chain, office, person):
    applied(workbook(None, [member(编号="F1", 所在党支部="丝绸市场第一党支部")]), chain["city"], office)
    secretary = person("secretary", "committee")
    found = checked(
        workbook(
            [
                organization(党组织代码="foreign", 党组织名称="别的支部", 上级党组织=None),
                organization(党组织代码="S1", 上级党组织="中共吴江市东方丝绸市场工作委员会"),
                organization(党组织代码="S2", 上级党组织="中共吴江市委员会"),
                organization(党组织代码="S3", 上级党组织代码="neighbour", 上级党组织=None),
            ],
            [
                member(编号="F1"),
                member(所在党支部="丝绸市场第一党支部"),
                member(编号="D3", 所在党支部代码="neighbour"),
            ],
        ),
        chain["committee"],
        secretary,
    )
    assert problems(found) == [
        ("member", 2, "outside", "number"),
        ("member", 3, "branch_unknown", "branch"),
        ("member", 4, "outside", "branch_code"),
        ("organization", 2, "outside", "code"),
        ("organization", 2, "superior_blank", "superior"),
        ("organization", 3, "superior_unknown", "superior"),
        ("organization", 4, "superior_unknown", "superior"),
        ("organization", 5, "outside", "superior_code"),
    ]
    assert all(row.changes == {} for row in found.rows.all())


def test_who_left_or_was_dissolved_is_not_changed(chain, office):
    values = {
        "name": "张伟",
        "number": "D1",
        "sex": "m",
        "ethnicity": "汉族",
        "birth_month": dt.date(1970, 5, 1),
        "joined_on": dt.date(1990, 7, 1),
    }
    gone = add_member(chain["branch"], values=values, on=dt.date(2020, 1, 1), by=None)
    leave_roster(gone, reason=Member.LeaveReason.MOVED_AWAY, on=dt.date(2021, 1, 1), by=None)
    Organization.objects.filter(code="sibling").update(dissolved_on=dt.date(2020, 1, 1))
    found = checked(
        workbook(
            [organization(党组织代码="sibling", 党组织名称="震泽镇文化站党支部")],
            [member(), member(编号="D2", 所在党支部代码="sibling")],
        ),
        chain["city"],
        office,
    )
    assert problems(found) == [
        ("member", 2, "left", "number"),
        ("member", 3, "dissolved", "branch"),
        ("organization", 2, "dissolved", "name"),
    ]


def test_names_that_are_not_found_come_with_suggestions(chain, office):
    found = checked(
        workbook([organization(上级党组织="震泽镇机关党总支部")], [member(所在党支部="震泽镇财政所支部")]),
        chain["city"],
        office,
    )
    assert f"是否为“{GENERAL}”" in sentence(found.rows.get(sheet="organization").problems[0])
    assert f"是否为“{BRANCH}”" in sentence(found.rows.get(sheet="member").problems[0])


def test_similar_names_are_warned_of_but_numbered_ones_are_not(chain, office):
    rows = [
        organization(党组织代码="S1", 党组织名称="震泽镇财政局党支部"),
        organization(党组织代码="S2", 党组织名称="第一党支部"),
        organization(党组织代码="S3", 党组织名称="第二党支部"),
    ]
    found = checked(workbook(rows), chain["city"], office)
    assert [(row.number, [w[0] for w in row.warnings]) for row in found.rows.order_by("number")] == [
        (2, ["similar"]),
        (3, []),
        (4, []),
    ]
    assert found.is_clean


def test_the_same_person_elsewhere_is_warned_of(chain, office):
    applied(workbook(None, [member()]), chain["city"], office)
    found = checked(
        workbook(None, [member(编号="D2", 所在党支部="震泽镇文化站党支部")]), chain["city"], office
    )
    assert [w[:3:2] for w in found.rows.get().warnings] == [["elsewhere", BRANCH]]


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: workbook(None, [{"姓名": "张伟", "性别": "男"}]), "缺少必需的列“出生年月”"),
        (lambda: workbook(None, [{"甲": 1, "乙": 2}]), "找不到表头"),
        (lambda: b"PK\x03\x04 broken", "损坏"),
    ],
)
def test_a_workbook_that_cannot_be_used_is_refused_with_the_reason(chain, office, build, words):
    found = checked(build(), chain["city"], office)
    assert found.state == "refused"
    assert words in found.message


def test_a_workbook_without_known_sheets_is_refused_with_the_titles_it_has(chain, office):
    import io

    import openpyxl

    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "名单"
    book.active.append(["姓名"])
    book.save(out)
    found = checked(out.getvalue(), chain["city"], office)
    assert (found.state, "“名单”" in found.message) == ("refused", True)
