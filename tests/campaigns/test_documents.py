"""进度统计表, 未办名单 and 通报: true sums, the office's form, and figures that stay when they are kept."""

import datetime as dt
import io
import json
import zipfile
from unittest.mock import ANY

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from campaigns import columns
from campaigns.calendars import calendar
from campaigns.exports import circular as circular_export
from campaigns.exports import sheet as sheet_export
from campaigns.models import Assignment, Obligation, Phase, Snapshot
from campaigns.queries import progress
from campaigns.queries.circular import circular
from campaigns.queries.sheets import Sheet, SheetLine, sheet
from campaigns.services import assignments, snapshots
from organizations.models import Member, Organization
from organizations.services import appoint
from pledges.models import Plan, Pledge
from pledges.queries.figures import Place
from pledges.queries.figures import level as level_of_round
from pledges.queries.figures import total as total_of_round
from tests.pledges.members import member

D = dt.date
TODAY = D(2010, 10, 8)
COLUMN = {column.key: column for group in columns.FORM for column in group.columns}


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to(dt.datetime(2010, 10, 8, 4, tzinfo=dt.UTC), tick=True)


@pytest.fixture
def phase(campaign):
    return Phase.objects.select_related("campaign").get(number=1)


@pytest.fixture
def owes(chain, phase):
    """Everybody owes a plan and a pledge."""
    for code, name, due in (
        ("plan", "报送活动方案", D(2010, 9, 30)),
        ("pledge", "作出公开承诺", D(2010, 10, 31)),
    ):
        assignments.refresh(
            Obligation.objects.create(
                phase=phase,
                expects=code,
                name=name,
                opens_on=D(2010, 8, 19),
                due_on=due,
                made_on=D(2010, 8, 1),
            )
        )
    return Obligation.objects.get(expects="plan")


@pytest.fixture
def at(client, person):
    def sign_in(post, place):
        client.force_login(person(post, place), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


def told(line, *keys):
    return tuple(line.value(COLUMN[key]) for key in keys)


def done(row, on, **changed):
    Assignment.objects.filter(pk=row.pk).update(state="done", done_on=on, **changed)


def test_the_lines_are_those_counted_by_hand(chain, owes, phase, person):
    """Two members in a branch, one of them probationary, one abroad; a plan agreed, a plan filed."""
    author = person("secretary", "branch")
    member(chain["branch"], "张秀兰")
    member(chain["branch"], "李大明", standing="probationary")
    filed = {
        "phase": phase,
        "submitted_at": dt.datetime(2010, 9, 1, 4, tzinfo=dt.UTC),
        "submitted_by": author,
    }
    for place, state in (("branch", "agreed"), ("sibling", "submitted"), ("general", "returned")):
        Plan.objects.create(organization=chain[place], state=state, **filed)
    assignments.refresh(owes)
    table = sheet(chain["committee"], phase, TODAY)
    assert [line.name for line in table.lines] == [
        "中共震泽镇委员会（本级）",
        "震泽镇机关党总支",
        "震泽镇人大党组",
    ]
    own, general, beside = table.lines
    keys = ("committees", "general_branches", "branches", "full_members", "probationary_members")
    assert (told(own, *keys), told(general, *keys), told(beside, *keys)) == (
        (1, 0, 0, 0, 0),
        (0, 1, 2, 1, 1),
        (0, 0, 0, 0, 0),
    )
    assert told(general, "plans_due", "plans_filed", "plans_agreed") == (3, 2, 1)
    assert told(table.total, "plans_due", "plans_filed", "plans_agreed") == (4, 2, 1)
    assert told(table.total, "members_due", "members_pledged", "members_exempt") == (2, 0, 0)


def test_the_figures_are_those_of_the_progress_and_of_the_round(chain, owes, phase, person):
    author = person("secretary", "branch")
    pledge = Pledge.objects.create(
        organization=chain["branch"], phase=phase, state="submitted",
        submitted_at=dt.datetime(2010, 9, 1, 4, tzinfo=dt.UTC), submitted_by=author,
    )  # fmt: skip
    pledge.items.create(key="a" * 12, number=1, content="全年上门办税十二次", state="submitted")
    pledge_duty = Obligation.objects.get(expects="pledge")
    assignments.refresh(pledge_duty)
    for place in (chain["city"], chain["committee"], chain["general"]):
        table = sheet(place, phase, TODAY)
        count = progress.total(progress.level(place, [pledge_duty], TODAY)).of(pledge_duty)
        here = Place(place.pk, place.name, place.path, with_below=True)
        line = total_of_round(level_of_round(phase, here))
        assert told(table.total, "pledges_due", "pledges_filed") == (count.due, count.done)
        assert count.done == line.counts["organizations_filed"] == 1
        assert told(table.total, "pledge_items") == (line.counts["organization_items"],)
        assert told(table.total, "members_due") == (line.counts["members_due"],)


def test_the_sums_are_worked_out_once_however_many_lines_ask_for_them():
    table = Sheet(
        "市委", "创先争优活动", "第一时段", TODAY, [SheetLine("甲", {"items_due": 1, "items_fulfilled": 1})]
    )
    assert table.total is table.total
    assert table.filled is table.filled


def test_without_an_obligation_the_round_tells_what_is_owed_and_plans_stay_empty(chain, phase):
    table = sheet(chain["committee"], phase, TODAY)
    assert told(table.total, "pledges_due", "pledges_filed") == (4, 0)
    assert told(table.total, "plans_due", "reviewers_due", "organization_coverage") == (None, None, None)
    assert "方案" in [group.label for group in table.empty]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=st.lists(st.sampled_from(["open", "done", "exempt"]), min_size=14, max_size=14))
def test_the_total_is_the_sum_of_the_lines_and_the_line_above(chain, owes, phase, states):
    for row, state in zip(Assignment.objects.order_by("pk"), states, strict=False):
        Assignment.objects.filter(pk=row.pk).update(state=state, done_on=TODAY if state == "done" else None)
    city = sheet(chain["city"], phase, TODAY)
    for place, index in (("committee", 1), ("neighbour", 2)):
        below = sheet(chain[place], phase, TODAY)
        for key, count in below.total.counts.items():
            assert count == sum(line.counts[key] for line in below.lines) == city.lines[index].counts[key]
    for key, count in city.total.counts.items():
        assert count == sum(line.counts[key] for line in city.lines)


def test_a_rate_is_worked_out_from_the_sums():
    lines = [
        SheetLine("甲", {"items_due": 1, "items_fulfilled": 1}),
        SheetLine("乙", {"items_due": 9, "items_fulfilled": 0}),
    ]
    table = Sheet("市委", "创先争优活动", "第一时段", TODAY, lines)
    assert table.total.shown(COLUMN["fulfilment_rate"]) == "10.0%"
    assert SheetLine("丙", {"items_due": 0, "items_fulfilled": 0}).shown(COLUMN["fulfilment_rate"]) == "—"


def test_one_or_many_subordinates_cost_the_same(chain, owes, phase, django_assert_num_queries):
    for place in ("general", "city"):
        with django_assert_num_queries(15):
            sheet(chain[place], phase, TODAY)
        with django_assert_num_queries(5):
            circular(chain[place], phase, TODAY)


def test_the_workbook_is_the_whole_form(chain, owes, phase):
    Organization.objects.filter(pk=chain["general"].pk).update(name="=1+1 党总支", short_name="")
    made = sheet_export.workbook(sheet(chain["committee"], phase, TODAY))
    page = openpyxl.load_workbook(io.BytesIO(made)).active
    headings = {page.cell(3, at).value for at in range(1, page.max_column + 1)} - {None}
    assert headings == {"单位", *(group.label for group in columns.FORM)}
    assert page.max_column == 1 + len(COLUMN)
    assert page["A1"].value == "创先争优活动第一时段进度统计表"
    words = " ".join(str(cell.value) for row in page.iter_rows() for cell in row if cell.value is not None)
    for text in (
        "填报单位（盖章）：中共震泽镇委员会",
        "截至日期：2010年10月8日",
        "单位：个、名、件、%",
        "填报人：",
        "审核人：",
        "联系电话：",
        "填报日期：",
    ):
        assert text in words
    assert page["A6"].value == "=1+1 党总支"
    assert (page["A6"].data_type, page["A6"].quotePrefix) == ("s", True)
    assert "C3:D3" not in map(str, page.merged_cells.ranges)
    assert {"A3:A4", "B3:D3"} <= set(map(str, page.merged_cells.ranges))
    assert (page.freeze_panes, page.print_title_rows) == ("B5", "$3:$4")
    setup = page.page_setup
    assert (setup.orientation, int(setup.paperSize), setup.fitToWidth, setup.fitToHeight) == (
        "landscape",
        9,
        1,
        0,
    )
    assert page.sheet_properties.pageSetUpPr.fitToPage
    total = [cell.value for cell in page[8]]
    assert total[0] == "合计"
    assert total[1:4] == [1, 1, 2]
    assert total[6:9] == [4, 0, 0]


def test_whoever_owes_is_listed_with_what_and_since_when(at, chain, owes, phase):
    Assignment.objects.filter(obligation=owes, organization=chain["branch"]).update(
        returned=1, is_extended=True
    )
    done(Assignment.objects.get(obligation=owes, organization=chain["sibling"]), D(2010, 9, 1))
    browser = at("secretary", "committee")
    address = reverse("campaigns:owing_file")
    one = _rows(browser.get(address, {"obligation": owes.pk}))
    assert one[3] == (
        "序号",
        "党组织",
        "上级党组织",
        "未办事项",
        "截止日期",
        "逾期天数",
        "退回待修改",
        "已报 / 应报",
        "备注",
    )
    assert [row[1] for row in one[4:7]] == ["中共震泽镇委员会", "震泽镇机关党总支", "震泽镇财政所党支部"]
    assert one[6][2:] == ("震泽镇机关党总支", "报送活动方案", ANY, 8, 1, None, "已延期")
    whole = _rows(browser.get(address, {"phase": phase.pk}))
    assert [row[3] for row in whole if row[1] == "震泽镇财政所党支部"] == ["报送活动方案", "作出公开承诺"]
    assert not any("丝绸市场" in str(row) for row in whole)


def _rows(response):
    page = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    return list(page.iter_rows(values_only=True))


def test_the_circular_tells_each_subordinate_in_protocol_order(chain, owes, phase, person):
    done(Assignment.objects.get(obligation=owes, organization=chain["sibling"]), D(2010, 10, 4))
    done(Assignment.objects.get(obligation=owes, organization=chain["branch"]), D(2010, 9, 1))
    Assignment.objects.filter(obligation=owes, organization=chain["general"]).update(returned=9)
    figured = circular(chain["committee"], phase, TODAY)
    own, general = figured.lines
    assert (general.due, general.done, general.on_time, general.days_late, general.returned) == (
        6,
        2,
        1,
        8,
        9,
    )
    assert general.problems == "逾期未报1项次，退回待修改9份"
    assert (figured.total.due, figured.total.overdue) == (8, 2)
    assert figured.addressees == ["震泽镇机关党总支", "震泽镇人大党组"]
    kept = snapshots.take(
        chain["committee"], phase, remedy_by=D(2010, 11, 1), by=person("secretary", "committee")
    )
    text = _text(circular_export.document(kept))
    for said in (
        "关于创先争优活动第一时段应办事项办理情况的通报", "震泽镇机关党总支、震泽镇人大党组：", "统计截至2010年10月8日",
        "应报8项次，已报2项次（2 ÷ 8 = 25.0%）", "于2010年11月1日前办结", "逾期未报1项次，退回待修改9份",
        "其中逾期2项次；退回待修改9份。", "单位：项次、份、天",
    ):  # fmt: skip
        assert said in text
    assert "名次" not in text and "退回次数" not in text


def test_what_came_back_is_counted_in_pieces_wherever_it_is_told(at, chain, owes, phase):
    """Of five members' pledges in one branch all five can come back."""
    rows = Assignment.objects.filter(obligation=owes, organization=chain["branch"])
    rows.update(returned=5)
    browser, asked = at("secretary", "committee"), {"organization": chain["committee"].pk}
    for address in (
        f"{reverse('campaigns:progress')}?phase={phase.pk}",
        f"{reverse('campaigns:progress')}?obligation={owes.pk}",
        reverse("campaigns:assignment", args=[rows.get().pk]),
    ):
        words = "".join(strip_tags(browser.get(address, asked).content.decode()).split())
        assert "退回待修改5份" in words
    listed = _rows(browser.get(reverse("campaigns:owing_file"), asked | {"obligation": owes.pk}))
    assert "单位：个、天、份" in listed[1][0]
    row = rows.select_related("obligation__phase", "organization").get()
    feed = calendar([row], name="甲", site="https://portal.example", now=timezone.now())
    assert "退回待修改 5 份" in Calendar.from_ical(feed).walk("VEVENT")[0]["DESCRIPTION"]


def _text(docx):
    xml = zipfile.ZipFile(io.BytesIO(docx)).read("word/document.xml").decode()
    return "".join(part.split("<", 1)[0] for part in xml.split(">") if part)


def test_kept_figures_make_the_same_documents_after_everything_has_moved_on(at, chain, owes, phase, person):
    browser = at("secretary", "committee")
    answer = browser.post(
        reverse("campaigns:snapshot_take"), {"organization": chain["committee"].pk, "phase": phase.pk}
    )
    assert answer.status_code == 302
    kept = Snapshot.objects.get()
    addresses = [reverse(f"campaigns:snapshot_{what}", args=[kept.pk]) for what in ("sheet", "circular")]
    before = [_content(browser.get(address).content) for address in addresses]
    Assignment.objects.update(state="done", done_on=TODAY)
    Member.objects.update(standing="probationary")
    Organization.objects.filter(pk=chain["general"].pk).update(name="改了名的党总支", short_name="")
    Phase.objects.update(name="改了名的时段")
    assert [_content(browser.get(address).content) for address in addresses] == before
    now = Phase.objects.select_related("campaign").get(pk=phase.pk)
    moved = sheet(chain["committee"], now, TODAY).as_json()
    assert moved["phase"] == "改了名的时段"
    assert kept.figures["sheet"]["phase"] == "第一时段"
    assert (kept.figures["sheet"]["lines"][1]["name"], moved["lines"][1]["name"]) == (
        "震泽镇机关党总支",
        "改了名的党总支",
    )
    assert kept.figures["circular"]["total"]["done"] == 0
    assert circular(chain["committee"], now, TODAY).total.done == 8
    listed = browser.get(
        reverse("campaigns:snapshots"), {"organization": chain["committee"].pk}
    ).content.decode()
    assert all(address in listed for address in addresses)
    assert "第一时段" in listed
    json.dumps(kept.figures)


def _content(made):
    """All that is in it but the moment it was made."""
    files = zipfile.ZipFile(io.BytesIO(made))
    return {name: files.read(name) for name in files.namelist() if not name.startswith("docProps")}


def test_only_who_reads_the_whole_subtree_keeps_its_figures(chain, owes, phase, person):
    for who in (("liaison", "committee"), ("secretary", "neighbour"), ("secretary", "branch")):
        with pytest.raises(PermissionDenied):
            snapshots.take(chain["committee"], phase, by=person(*who))
    with pytest.raises(snapshots.SnapshotRefused, match="晚于今天"):
        snapshots.take(chain["committee"], phase, remedy_by=TODAY, by=person("office", "city"))
    assert not Snapshot.objects.exists()


def test_a_wrong_day_is_told_beside_the_field_and_nothing_is_kept(at, chain, owes, phase):
    asked = {"organization": chain["committee"].pk, "phase": phase.pk, "remedy_by": "2010-10-01"}
    answer = at("secretary", "committee").post(reverse("campaigns:snapshot_take"), asked)
    assert answer.status_code == 422
    assert "整改时限须晚于今天。" in answer.content.decode()
    assert not Snapshot.objects.exists()


def test_between_two_phases_the_sheet_is_of_the_last_one_that_began(at, chain, owes, phase, campaign):
    """The campaign has ended: no phase runs, and the figures are still there to be read and kept."""
    Phase.objects.filter(starts_on__gt=TODAY).delete()
    type(campaign).objects.filter(pk=campaign.pk).update(closed_on=D(2010, 10, 1))
    browser, asked = at("secretary", "committee"), {"organization": chain["committee"].pk}
    assert browser.get(reverse("campaigns:sheet")).context["phase"] == phase
    assert browser.get(reverse("campaigns:sheet_file"), asked).status_code == 200
    assert browser.get(reverse("campaigns:owing_file"), asked).status_code == 200
    assert browser.post(reverse("campaigns:snapshot_take"), asked).status_code == 302
    assert browser.get(reverse("campaigns:progress")).context["phase"] == phase


def test_the_way_to_what_was_kept_and_back_stays_in_the_phase(at, chain, owes, phase):
    browser, asked = at("secretary", "committee"), {"organization": chain["committee"].pk, "phase": phase.pk}
    to_kept, back = (
        f"{reverse(f'campaigns:{name}')}?organization={chain['committee'].pk}&amp;phase={phase.pk}"
        for name in ("snapshots", "sheet")
    )
    for name in ("progress", "sheet"):
        assert to_kept in browser.get(reverse(f"campaigns:{name}"), asked).content.decode()
    assert back in browser.get(reverse("campaigns:snapshots"), asked).content.decode()
    kept = browser.post(reverse("campaigns:snapshot_take"), asked)
    assert kept["Location"] == to_kept.replace("&amp;", "&")


def test_before_any_phase_there_is_no_sheet_and_no_way_to_it(at, chain, phase):
    Phase.objects.update(starts_on=D(2011, 1, 1), ends_on=None)
    browser = at("secretary", "committee")
    assert browser.get(reverse("campaigns:sheet")).status_code == 404
    listed = browser.get(reverse("campaigns:snapshots"))
    assert listed.status_code == 200
    assert reverse("campaigns:sheet") + "?" not in listed.content.decode()


def test_whoever_is_liaison_in_one_place_and_secretary_in_another_has_the_sheet_of_the_other(
    at, chain, owes, person
):
    browser = at("secretary", "sibling")
    for place in ("committee", "neighbour"):
        appoint(user=person("secretary", "sibling"), post="liaison", organization=chain[place], on=TODAY)
    assert browser.get(reverse("campaigns:sheet")).context["place"] == chain["sibling"]
    asked = {"organization": chain["committee"].pk}
    assert browser.get(reverse("campaigns:sheet"), asked).status_code == 404


def test_the_list_costs_the_same_at_any_length(at, chain, owes, phase, person, django_assert_num_queries):
    browser = at("secretary", "committee")
    for count in (1, 2):
        for _ in range(count):
            snapshots.take(chain["committee"], phase, by=person("secretary", "committee"))
        with django_assert_num_queries(7):
            browser.get(reverse("campaigns:snapshots"))


def test_nobody_fills_in_what_is_not_in_the_form_or_another_ones_column():
    for key in ("points", "plans_due"):
        with pytest.raises(ValueError, match=key):
            columns.register([key], lambda place, phase, day: {})
