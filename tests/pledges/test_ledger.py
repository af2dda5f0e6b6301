"""公开承诺台账: exactly the columns of domain.md 1.3, for printing, and only what the person may see."""

import datetime as dt
import io

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from common.models import Event
from pledges import services
from pledges.exports.ledger import export_ledger
from pledges.models import PledgeItem
from tests.pledges.test_rounds import joins, promises

COLUMNS = [
    "序号",
    "党组织",
    "承诺主体(组织/党员)",
    "姓名",
    "承诺对象(上级/组织/群众)",
    "承诺类别",
    "承诺事项",
    "责任人",
    "完成时限",
    "审核结果",
    "审核人",
    "公示方式",
    "公示日期",
    "进展情况",
    "完成情况(已兑现/推进中/未兑现)",
    "未兑现原因",
    "评诺结果",
    "备注",
]


def opened(user, **narrowed):
    return load_workbook(io.BytesIO(b"".join(export_ledger(user, **narrowed)))).active


def rows(sheet):
    found = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    return [row for row in found if row[0] and not str(row[0]).startswith("填报人")]


@pytest.fixture
def filed(published, chain, phase, author):
    """The branch's own pledge, then two of its members', and one of a branch elsewhere."""
    for name, place, items in [("沈文清", "branch", 2), ("欧阳明", "branch", 1), ("钱进", "foreign", 1)]:
        promises(joins(chain, place, name), phase, author, items=items)
    return published


def test_the_form_has_its_head_its_columns_and_its_foot(filed, person, chain, phase):
    sheet = opened(person("office", "city"), phase=phase)
    assert sheet["A1"].value == "创先争优活动第一时段公开承诺台账"
    assert [word in sheet["A2"].value for word in ("填报单位（盖章）：中共吴江市委员会", "截至日期：2010年9月1日", "单位：项")] == [
        True, True, True,
    ]  # fmt: skip
    assert [cell.value for cell in sheet[3]] == COLUMNS
    last = sheet.cell(sheet.max_row, 1).value
    assert [word in last for word in ("填报人", "审核人", "联系电话", "填报日期")] == [True] * 4
    assert sheet.print_title_rows == "$3:$3"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.freeze_panes == "A4"


def test_one_row_an_item_the_organization_before_its_members(filed, person):
    found = rows(opened(person("office", "city")))
    assert [row[:5] for row in found] == [
        [1, "震泽镇财政所党支部", "组织", None, "群众"],
        [2, "震泽镇财政所党支部", "党员", "沈文清", "组织、群众"],
        [3, "震泽镇财政所党支部", "党员", "沈文清", "组织、群众"],
        [4, "震泽镇财政所党支部", "党员", "欧阳明", "组织、群众"],
        [5, "丝绸市场第一党支部", "党员", "钱进", "组织、群众"],
    ]
    own = [cell.date() if isinstance(cell, dt.datetime) else cell for cell in found[0]]  # real dates
    assert own[5:13] == [
        "类别1",
        "全年上门办税十二次",
        "沈明",
        dt.date(2010, 12, 20),
        "已定",
        "secretary-general",
        "向社会公开",
        dt.date(2010, 9, 1),
    ]
    assert own[13:] == [None] * 5
    assert found[1][7] == "沈文清"  # a member answers for the own item


def test_text_that_looks_like_a_formula_stays_text(filed, person):
    PledgeItem.objects.filter(content="全年上门办税十二次").update(content="=HYPERLINK(1)", remark="")
    [cell] = [
        row[6]
        for row in opened(person("office", "city")).iter_rows(min_row=4)
        if "HYPER" in str(row[6].value)
    ]
    assert (cell.data_type, cell.quotePrefix, cell.value) == ("s", True, "=HYPERLINK(1)")


def test_names_are_whole_only_where_the_roster_may_be_read(filed, person):
    assert [row[3] for row in rows(opened(person("discipline", "committee")))] == [
        None,
        "沈某",
        "沈某",
        "欧阳某",
    ]
    assert [row[7] for row in rows(opened(person("discipline", "committee")))][1] == "沈某"
    assert {row[3] for row in rows(opened(person("secretary", "committee")))} == {None, "沈文清", "欧阳明"}


def test_drafts_are_in_no_ledger(filed, chain, phase, author, person):
    promises(joins(chain, "branch", "未交"), phase, author, state="draft")
    assert "未交" not in str(rows(opened(person("secretary", "branch"))))


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ({"subject": "organization"}, 1),
        ({"subject": "member"}, 4),
        ({"under": "neighbour"}, 1),
        ({"under": "branch"}, 4),
    ],
)
def test_it_is_narrowed_to_a_subtree_or_a_subject(narrowed, expected, filed, person, chain):
    narrowed = {key: chain.get(value, value) for key, value in narrowed.items()}
    assert len(rows(opened(person("office", "city"), **narrowed))) == expected


def test_another_round_is_left_out(filed, person, campaign):
    assert rows(opened(person("office", "city"), phase=campaign.phases.get(number=2))) == []


def test_every_export_is_on_record_before_it_leaves(filed, person, chain, phase):
    export_ledger(person("secretary", "committee"), phase=phase, subject="member")
    event = Event.objects.get(kind="organization.export_ledger")
    assert event.place_id == chain["committee"].pk
    assert event.after == {"scope": "中共震泽镇委员会", "rows": 3, "phase": phase.pk, "subject": "member"}


def test_beyond_ones_reach_nothing_is_exported(filed, person, chain):
    for user, under in [
        (person("secretary", "neighbour"), chain["branch"]),
        (person("liaison", "general"), chain["branch"]),
    ]:
        with pytest.raises(PermissionDenied):
            export_ledger(user, under=under)
    assert (
        rows(opened(person("secretary", "neighbour")))
        and len(rows(opened(person("secretary", "neighbour")))) == 1
    )


@pytest.mark.parametrize("number", [1, 3])
def test_the_rows_come_from_one_query_by_one_cursor(number, chain, phase, author, person):
    for n in range(number):
        promises(joins(chain, "branch", f"党员{n}"), phase, author)
    made = export_ledger(person("office", "city"))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        b"".join(made)
    assert len(asked) == 1


def test_what_became_of_an_item_is_told_in_the_last_column(filed, person):
    services.withdraw(filed, by=person("office_director", "city"), reason="表述有误")
    assert rows(opened(person("office", "city")))[0][17] == "已撤下公开"
