"""What an import leaves in the audit: for each row the events of the pages, with before and after, for good."""

import datetime as dt

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.context import Origin, coming_from
from common.events import relay
from common.models import Delivery, Event
from common.privacy import mask_phone, masked_phone_sql
from common.sentences import sentence
from organizations import services
from organizations.access import holdings
from organizations.imports import jobs
from organizations.models import Member, RosterImport
from organizations.services.imports import confirm_import
from tests.organizations.roster_files import ON, applied, checked, workbook

pytestmark = pytest.mark.django_db

GENERAL, BRANCH, SIBLING = "震泽镇机关党总支", "震泽镇财政所党支部", "震泽镇文化站党支部"
ZHANG = ["D1", "张伟", "男", "1970-05", BRANCH, "正式党员", "1990-07-01", "1991-07-01", "13900000001"]
LI = ["D2", "李娜", "女", "1980-03", BRANCH, "预备党员", "2025-01-01", None, None]
HOTLINE = {
    "党组织代码": "branch", "党组织名称": "震泽镇财政局党支部", "上级党组织": GENERAL, "组织类别": "党支部",
    "排序": 3, "监督电话": "0512-12345678",
}  # fmt: skip


@pytest.fixture
def office(person):
    return person("office", "city")


@pytest.fixture
def roster(chain, office):
    applied(workbook(None, [ZHANG, LI]), chain["city"], office)
    return chain["city"]


def said(events):
    """What a reader is told of events, without numbers that are drawn."""
    return [(e.kind, e.subject_name, e.place_id, e.before, e.after) for e in events]


def per_row(found: RosterImport | None = None):
    events = Event.objects.exclude(kind__startswith="rosterimport.").order_by("kind", "subject_name")
    return events.filter(detail__roster_import=found.pk) if found else events


def test_the_events_are_those_of_the_pages(chain, roster, office):
    zhang, before = Member.objects.get(number="D1"), Event.objects.last().pk
    with transaction.atomic():
        services.rename(chain["branch"], name="震泽镇财政局党支部", short_name="", on=ON, by=office)
        services.reorder(chain["branch"], order=3, by=office)
        services.transfer_member(zhang, to=chain["sibling"], on=ON, by=office)
        services.edit_member(zhang, values={"phone": "13900000002", "name": "张炜"}, by=office)
        values = {"name": "王芳", "number": "D3", "sex": "f", "ethnicity": "汉族", "phone": "13900000003",
                  "birth_month": dt.date(1999, 1, 1), "joined_on": dt.date(2020, 1, 1),
                  "service": "serving", "is_mobile": False}  # fmt: skip
        services.add_member(chain["sibling"], values=values, on=ON, by=office)
        by_hand = list(per_row().filter(pk__gt=before))
        expected = said(by_hand)
        transaction.set_rollback(True)
    found = applied(
        workbook(
            [{key: value for key, value in HOTLINE.items() if key != "监督电话"}],
            [
                ["D1", "张炜", *ZHANG[2:4], SIBLING, *ZHANG[5:8], "13900000002"],
                ["D3", "王芳", "女", "1999-01", SIBLING, "正式党员", "2020-01-01", None, "13900000003"],
            ],
        ),
        roster,
        office,
    )
    by_import = list(per_row(found))
    # by hand the transfer came before the correction; a row of a workbook knows the new name only
    expected = [(kind, "张炜", *rest) if kind == "member.transfer" else (kind, name, *rest)
                for kind, name, *rest in expected]  # fmt: skip
    assert said(by_import) == expected
    assert {(e.actor, e.post) for e in by_import} == {(e.actor, e.post) for e in by_hand}
    assert len(expected) == 5


def test_what_changed_of_an_organization_is_kept_with_who_and_why(chain, roster, office):
    with coming_from(Origin("0123456789abcdef")):
        found = applied(workbook([HOTLINE]), roster, office)
    rename, amend, reorder = (
        per_row(found).get(kind=f"organization.{v}") for v in ("rename", "amend", "reorder")
    )
    assert (rename.before["name"], rename.after["name"]) == (BRANCH, "震泽镇财政局党支部")
    assert (amend.before, amend.after) == ({"hotline": ""}, {"hotline": "0512-12345678"})
    assert (reorder.before, reorder.after) == ({"order": chain["branch"].order}, {"order": 3})
    for event in (rename, amend, reorder):
        assert (event.subject_id, event.place_id) == (str(chain["branch"].pk), chain["branch"].pk)
        assert (event.actor, event.request_id) == (office, "0123456789abcdef")
        assert event.post == str(holdings(office)[0])
        assert event.reason == f"导入名册“名册.xlsx”（第 {found.pk} 号）"
    assert sentence(amend) == "修改震泽镇财政局党支部的资料：监督电话由空改为0512-12345678"


def test_founded_organizations_are_on_record_superiors_first(chain, office):
    rows = [
        ["S2", "乙支部", None, "党支部", "甲总支", None, 1, None],
        ["S1", "甲总支", None, "党总支", "中共震泽镇委员会", None, 1, "2012-05-01"],
    ]
    found = applied(workbook(rows), chain["city"], office)
    events = Event.objects.filter(kind="organization.found", detail__roster_import=found.pk).order_by("pk")
    assert [sentence(e) for e in events] == ["成立甲总支，隶属于中共震泽镇委员会", "成立乙支部，隶属于甲总支"]
    assert events[0].after["on"] == "2012-05-01"
    assert events[1].after["superior"] == int(events[0].subject_id)


def test_a_probationary_member_who_is_full_now_was_confirmed(roster, office):
    full = [*LI[:5], "正式党员", LI[6], "2026-01-01", "13900000009"]
    found = applied(workbook(None, [full]), roster, office)
    confirm, edit = per_row(found)
    assert (confirm.kind, confirm.before) == (
        "member.confirm",
        {"standing": "probationary", "confirmed_on": None},
    )
    assert confirm.after == {"standing": "full", "confirmed_on": "2026-01-01"}
    assert (edit.kind, edit.before, edit.after) == ("member.edit", {"phone": ""}, {"phone": "139****0009"})


def test_a_receiving_organization_goes_by_its_name_and_no_phone_is_written_out(chain, roster, office):
    row = dict(
        zip(
            ("编号", "姓名", "性别", "出生年月", "所在党支部", "人员类别", "加入党组织日期"),
            ZHANG,
            strict=False,
        )
    )
    mobile = row | {"联系电话": "13900000077", "流动党员": "是", "流入地党组织": "震泽镇　文化站党支部"}
    (edit,) = per_row(applied(workbook(None, [mobile]), roster, office))
    assert edit.before == {"phone": "139****0001", "is_mobile": False, "receiving": None}
    assert edit.after == {"phone": "139****0077", "is_mobile": True, "receiving": SIBLING}
    settled = row | {"流动党员": "否"}
    (edit,) = per_row(applied(workbook(None, [settled]), roster, office))
    assert (edit.before["receiving"], edit.after["receiving"]) == (SIBLING, None)
    texts = [f"{e.before}{e.after}{e.detail}{e.reason}" for e in Event.objects.all()]
    assert not any("1390000" in text for text in texts)


@pytest.mark.parametrize("mode", ["skip", "stop"])
def test_what_was_left_alone_is_not_on_record(chain, roster, office, mode):
    rows = [[*ZHANG[:8], "13900000055"]] if mode == "skip" else []
    found = applied(workbook(None, [*rows, ["D3", *LI[1:3], "1999-01", *LI[4:]]]), roster, office, mode)
    assert [e.kind for e in per_row(found)] == ["member.add"]


def test_events_go_with_the_rows_when_writing_fails(chain, roster, office, monkeypatch):
    found = checked(workbook([HOTLINE], [["D3", *ZHANG[1:3], "1999-01", *ZHANG[4:]]]), roster, office)
    confirm_import(found, digest=found.digest, by=office)
    monkeypatch.setattr(jobs.apply, "appoint_people", lambda *words: 1 / 0)
    before = Event.objects.count()
    jobs.run_waiting(limit=1)
    assert Event.objects.count() == before


def test_only_what_somebody_waits_for_goes_into_the_outbox(chain, roster, office):
    """A pledge of a renamed organization is found by the new name; 60,000 new members hold nothing up."""
    relay()
    found = applied(workbook([HOTLINE], [["D3", *ZHANG[1:3], "1999-01", *ZHANG[4:]]]), roster, office)
    waiting = Delivery.objects.pending().filter(event__detail__roster_import=found.pk)
    assert [d.event.kind for d in waiting] == ["organization.rename"]
    relay()
    assert not waiting.all().exists()


def test_a_thousand_rows_take_as_many_statements_as_one(chain, office):
    def about_events(found, rows):
        confirm_import(found, digest=found.digest, by=office)
        with CaptureQueriesContext(connection) as queries:
            jobs.run_waiting(limit=1)
        assert per_row(found).count() == rows
        return [query["sql"] for query in queries if "common_event" in query["sql"]]

    def statements(first, count):
        numbers, branch = range(first, first + count), f"新支部{first}"
        organizations = [[f"S{n}", f"新支部{n}", None, "党支部", GENERAL, None, n, None] for n in numbers]
        members = [[f"N{n}", f"姓名{n}", *ZHANG[2:4], branch, *ZHANG[5:]] for n in numbers]
        new = about_events(checked(workbook(organizations, members), chain["city"], office), count * 2)
        for row in organizations:
            row[1], row[6] = f"{row[1]}改", row[6] + 500
        for row in members:
            row[4], row[8] = f"{branch}改", "13900000099"
        changed = about_events(checked(workbook(organizations, members), chain["city"], office), count * 3)
        return len(new), len(changed)

    assert statements(1, 1) == statements(1000, 300)


def test_the_audit_page_of_an_organization_tells_it(chain, roster, office, person, client):
    applied(workbook([HOTLINE]), roster, office)
    client.force_login(person("discipline", "city"))
    page = client.get(reverse("organizations:audit"), {"organization": chain["branch"].pk}).content.decode()
    assert f"{BRANCH}更名为震泽镇财政局党支部" in page
    assert "登记党员：张伟" in page
    assert "理由：导入名册“名册.xlsx”" in page


@pytest.mark.parametrize(
    "phone", [None, "", "13900001234", "139 0000-1234", "0512-1234567", "1234567", "12345678", "转 12", "x"]
)
def test_a_phone_is_masked_in_the_database_as_anywhere_else(phone):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {masked_phone_sql('%(phone)s::text')}", {"phone": phone})
        assert cursor.fetchone() == (mask_phone(phone),)
