"""夜间核对: what differs from the facts is found before it is put right, and nothing else is."""

import datetime as dt
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from campaigns.models import Assignment, AssignmentCheck, Concession, Obligation
from campaigns.services import assignments, checks
from campaigns.tasks import check
from notifications.models import Notice
from organizations.models import Member, Membership, Organization
from organizations.services import affiliate, merge, transfer_member

D = dt.date


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to(dt.datetime(2010, 10, 8, 4, tzinfo=dt.UTC), tick=True)


@pytest.fixture
def owes(chain, phase):
    """One that an office varies below, and one that counts members."""
    common = {"phase": phase, "opens_on": D(2010, 8, 19), "made_on": D(2010, 8, 1)}
    plan = Obligation.objects.create(expects="plan", name="方案", due_on=D(2010, 9, 30), **common)
    Obligation.objects.create(
        expects="plan",
        name="方案",
        due_on=D(2010, 11, 30),
        varies=plan,
        organization=chain["general"],
        **common,
    )
    members = Obligation.objects.create(expects="member_pledge", name="承诺", due_on=D(2010, 9, 30), **common)
    for each in (plan, members):
        assignments.refresh(each)
    return plan, members


@pytest.fixture
def administrator(db):
    return get_user_model().objects.create(username="operator", name="系统管理员", is_staff=True)


def differences():
    return checks.compare(assignments.open_obligations())


def joins(chain, place, name):
    member = Member.objects.create(
        organization=chain[place], name=name, sex="f", birth_month=D(1980, 8, 1), joined_on=D(2001, 7, 1)
    )
    Membership.objects.create(member=member, organization=chain[place], starts_on=D(2010, 6, 1))
    return member


def test_where_nothing_was_tampered_with_nothing_is_found(owes, chain, person):
    grant = {"granted_by": person("office", "city"), "reason": "换届"}
    Concession.objects.create(
        obligation=owes[0], organization=chain["branch"], until=D(2010, 12, 31), **grant
    )
    assignments.refresh(owes[0])
    assert differences().count == 0
    kept = checks.check()
    assert (kept.rows, kept.differences, kept.samples) == (Assignment.objects.count(), 0, [])


@pytest.mark.parametrize(
    ("tamper", "kind", "columns"),
    [
        (lambda row: row.update(returned=2, due_on=D(2010, 10, 1)), "changed", ["due_on", "returned"]),
        (lambda row: row.update(state="done", done_on=D(2010, 9, 1)), "changed", ["state", "done_on"]),
        (lambda row: row.delete(), "missing", []),
    ],
)
@pytest.mark.parametrize("place", ["branch", "foreign"])
def test_a_row_that_was_tampered_with_is_found_and_no_other(owes, chain, place, tamper, kind, columns):
    tamper(Assignment.objects.filter(obligation=owes[0], organization=chain[place]))
    found = differences()
    where = {"obligation": owes[0].pk, "organization": chain[place].pk}
    assert (found.count, found.samples) == (1, [where | {"kind": kind, "columns": columns}])


def test_a_row_that_nobody_owes_is_found(owes, chain):
    row = Assignment.objects.get(obligation=owes[0], organization=chain["branch"])
    row.pk, row.organization = None, chain["dangzu"]
    row.save(force_insert=True)
    assert [sample["kind"] for sample in differences().samples] == ["extra"]


def test_what_is_frozen_is_left_alone(owes, phase, chain):
    Assignment.objects.filter(organization=chain["branch"]).update(returned=2)
    phase.frozen_at = dt.datetime(2010, 10, 1, tzinfo=dt.UTC)
    phase.save()
    assert differences().count == 0


def test_the_night_looks_first_then_repairs_and_tells_the_administrators_once_a_day(
    owes, chain, administrator, person, client
):
    person("office_director", "city")
    for returned in (2, 3):
        Assignment.objects.filter(obligation=owes[0], organization=chain["branch"]).update(returned=returned)
        assert check() == 1
        assert differences().count == 0
    assert [each.differences for each in AssignmentCheck.objects.all()] == [1, 1]
    notice = Notice.objects.get()
    assert notice.recipient == administrator
    client.force_login(administrator)
    page = client.get(notice.link).content.decode()
    assert "其中 1 行与记录不一致" in page
    assert str(chain["branch"].pk) in page and "财政所" not in page
    assert check() == 0
    assert Notice.objects.count() == 1
    assert "与记录一致" in client.get(notice.link).content.decode()


def test_what_happens_to_places_and_members_is_told_by_its_events(owes, chain, person):
    office = person("office", "city")
    moved = joins(chain, "branch", "甲")
    joins(chain, "branch", "乙")
    assignments.refresh_open()
    transfer_member(moved, to=chain["sibling"], on=D(2010, 10, 1), by=office)
    assert differences().count == 0
    merge(chain["sibling"], into=chain["branch"], on=D(2010, 10, 8), by=office)
    assert differences().count == 0
    superior = Organization.objects.get(pk=chain["neighbour"].pk)
    affiliate(chain["branch"], superior=superior, on=D(2010, 10, 8), by=office)
    assert differences().count == 0


def test_the_command_compares_or_rebuilds(owes, phase, chain):
    Assignment.objects.filter(obligation=owes[0], organization=chain["branch"]).update(returned=2)
    with pytest.raises(CommandError, match="1 行与事实不一致"):
        call_command("rebuild_assignments", "--check", stdout=StringIO())
    said = StringIO()
    call_command("rebuild_assignments", "--phase", phase.pk, stdout=said)
    assert "更正 1 行" in said.getvalue()
    call_command("rebuild_assignments", "--check", stdout=said)
    assert "全部一致" in said.getvalue()
    phase.frozen_at = dt.datetime(2010, 10, 1, tzinfo=dt.UTC)
    phase.save()
    with pytest.raises(CommandError, match="已经归档"):
        call_command("rebuild_assignments", "--phase", phase.pk)
    with pytest.raises(CommandError, match="没有 id 是 999"):
        call_command("rebuild_assignments", "--phase", 999)
