"""党员名册: who enters, moves, becomes a full member, leaves; dated, on record, phones hidden."""

import datetime as dt
import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections, transaction

from common.models import Event
from organizations.models import Member, Organization
from organizations.services import (
    OrganizationRefused,
    add_member,
    confirm_member,
    dissolve,
    edit_member,
    leave_roster,
    lock_tree,
    merge,
    show_phone,
    transfer_member,
)
from tests.conftest import DAY
from tests.organizations.test_organizations import MEMBER, MOVE


@pytest.fixture
def secretary(person):
    return person("secretary", "branch")


@pytest.fixture
def office(person):
    return person("office", "city")


@pytest.fixture
def member(chain, secretary):
    return add_member(chain["branch"], values=MEMBER, on=DAY, by=secretary)


def history(member):
    return [(m.organization.code, m.starts_on, m.ends_on) for m in member.memberships.order_by("pk")]


def test_a_member_enters_with_a_dated_membership(member):
    assert history(member) == [("branch", DAY, None)]
    event = Event.objects.get(kind="member.add")
    assert event.place_id == member.organization_id
    assert event.after["phone"] == "139****0001"


def test_members_belong_to_branches(chain, office):
    with pytest.raises(OrganizationRefused, match="党支部"):
        add_member(chain["committee"], values=MEMBER, on=DAY, by=office)
    dissolve(chain["sibling"], on=MOVE, by=office)
    with pytest.raises(OrganizationRefused, match="已撤销"):
        add_member(chain["sibling"], values=MEMBER, on=MOVE, by=office)


def test_only_what_changed_is_recorded(member, secretary):
    edit_member(member, values=MEMBER | {"post_title": "会计"}, by=secretary)
    assert Event.objects.get(kind="member.edit").after == {"post_title": "会计"}
    edit_member(member, values={"post_title": "会计"}, by=secretary)
    assert Event.objects.filter(kind="member.edit").count() == 1


def test_another_branch_is_not_mine_to_edit(member, person):
    with pytest.raises(PermissionDenied):
        edit_member(member, values={"name": "改"}, by=person("secretary", "sibling"))
    with pytest.raises(PermissionDenied):
        edit_member(member, values={"name": "改"}, by=person("secretary", "committee"))


def test_a_transfer_keeps_history(chain, member, office):
    transfer_member(member, to=chain["sibling"], on=MOVE, by=office)
    assert history(member) == [("branch", DAY, MOVE), ("sibling", MOVE, None)]
    assert Member.objects.get(pk=member.pk).organization == chain["sibling"]


def test_a_transfer_needs_both_rosters_and_a_branch(chain, member, office, secretary):
    with pytest.raises(PermissionDenied):
        transfer_member(member, to=chain["sibling"], on=MOVE, by=secretary)
    for to, words in [("general", "党支部"), ("branch", "已经在")]:
        with pytest.raises(OrganizationRefused, match=words):
            transfer_member(member, to=chain[to], on=MOVE, by=office)
    with pytest.raises(OrganizationRefused, match="不能比这更早"):
        transfer_member(member, to=chain["sibling"], on=dt.date(2010, 5, 1), by=office)
    assert history(member) == [("branch", DAY, None)]


def test_a_mobile_member_who_moves_to_the_receiving_branch_is_no_longer_mobile(chain, member, office):
    edit_member(member, values={"is_mobile": True, "receiving": chain["sibling"]}, by=office)
    moved = transfer_member(member, to=chain["sibling"], on=MOVE, by=office)
    assert (moved.is_mobile, moved.receiving) == (False, None)


def test_nobody_is_received_elsewhere_who_is_not_mobile(chain, member, secretary):
    edit_member(member, values={"is_mobile": False, "receiving": chain["sibling"]}, by=secretary)
    assert Member.objects.get(pk=member.pk).receiving is None


def test_a_probationary_member_becomes_full(chain, secretary):
    member = add_member(
        chain["branch"], values=MEMBER | {"standing": "probationary", "joined_on": DAY}, on=DAY, by=secretary
    )
    with pytest.raises(OrganizationRefused, match="不能早于"):
        confirm_member(member, on=dt.date(2010, 1, 1), by=secretary)
    assert confirm_member(member, on=dt.date(2011, 6, 1), by=secretary).standing == "full"
    with pytest.raises(OrganizationRefused, match="已经是正式党员"):
        confirm_member(member, on=dt.date(2011, 6, 1), by=secretary)


def test_who_left_stays_in_history_and_counts_nowhere(chain, member, secretary):
    leave_roster(member, reason="moved_away", on=MOVE, note="转往外市", by=secretary)
    assert history(member) == [("branch", DAY, MOVE)]
    assert not Member.objects.current().exists()
    assert Event.objects.get(kind="member.leave").reason == "转往外市"
    with pytest.raises(OrganizationRefused, match="离开名册"):
        edit_member(member, values={"name": "改"}, by=secretary)


def test_a_number_belongs_to_one_member(chain, member, secretary):
    edit_member(member, values={"number": "A1"}, by=secretary)
    with pytest.raises(OrganizationRefused, match="A1"):
        add_member(chain["branch"], values=MEMBER | {"number": "A1"}, on=DAY, by=secretary)
    edit_member(member, values={"number": ""}, by=secretary)
    assert Member.objects.get(pk=member.pk).number is None


def test_looking_at_a_phone_is_on_record(member, secretary, person):
    assert show_phone(member, by=secretary) == "13900000001"
    assert Event.objects.get(kind="member.show_phone").actor == secretary
    with pytest.raises(PermissionDenied):
        show_phone(member, by=person("deputy_secretary", "branch"))


def test_a_transfer_beside_a_merger_waits_instead_of_locking_up(transactional_db, chain, office):
    """Both hold the branch that receives before they take a member: neither can hold what the other needs."""
    member = add_member(chain["branch"], values=MEMBER, on=DAY, by=office)
    started, told = threading.Event(), []

    def transfer():
        started.set()
        try:
            transfer_member(member, to=chain["sibling"], on=MOVE, by=office)
        except Exception as error:  # told to the main thread
            told.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=transfer)
    with transaction.atomic():
        lock_tree()
        Organization.objects.select_for_update().get(pk=chain["sibling"].pk)
        thread.start()
        started.wait(5)
        connection.cursor().execute("SELECT pg_sleep(0.3)")
        merge(chain["branch"], into=chain["sibling"], on=MOVE, by=None)
    thread.join(20)
    assert [type(error) for error in told] == [OrganizationRefused]
    assert "已经在" in str(told[0])
