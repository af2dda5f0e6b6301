"""任职, 免职 and accounts: rights begin and end on their day, and nobody helps himself to one."""

import datetime as dt

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from common.models import Event
from organizations.access import may
from organizations.models import Appointment, OrganizationUserPost
from organizations.services import (
    OrganizationRefused,
    PredecessorInPost,
    apply_appointments,
    appoint,
    disable_account,
    enable_account,
    manages_account,
    open_account,
    relieve,
    reset_password,
)
from tests.conftest import DAY

ONE = dt.timedelta(1)
User = get_user_model()


@pytest.fixture
def office(person):
    return person("office", "city")


@pytest.fixture
def newcomer(db):
    return User.objects.create_user("newcomer", name="钱新民", password="Test-pass-1")


def rows(user):
    return OrganizationUserPost.objects.filter(user=user)


def fresh(user):
    return User.objects.get(pk=user.pk)


class TestAppoint:
    def test_the_right_is_there_at_once(self, chain, office, newcomer):
        appoint(user=newcomer, post="liaison", organization=chain["branch"], by=office)
        assert may(fresh(newcomer), "pledges.edit_pledge", chain["branch"])
        event = Event.objects.get(kind="organization.appoint", actor=office)
        assert event.after["post_name"] == "联络员"
        assert event.place_id == chain["branch"].pk

    def test_one_that_begins_later_begins_on_its_day_and_ends_after_its_last(self, chain, office, newcomer):
        today = timezone.localdate()
        appoint(
            user=newcomer, post="liaison", organization=chain["branch"], on=today + 2 * ONE,
            until=today + 4 * ONE, by=office,
        )  # fmt: skip
        held = []
        for days in range(7):
            with time_machine.travel(dt.datetime.combine(today + days * ONE, dt.time(4), dt.UTC)):
                apply_appointments()
                apply_appointments()
                held.append(may(fresh(newcomer), "pledges.edit_pledge", chain["branch"]))
        assert held == [False, False, True, True, True, False, False]

    def test_a_missed_night_is_caught_up(self, chain, office, newcomer):
        today = timezone.localdate()
        appoint(user=newcomer, post="liaison", organization=chain["branch"], on=today + ONE, by=office)
        with time_machine.travel(dt.datetime.combine(today + 9 * ONE, dt.time(4), dt.UTC)):
            assert apply_appointments() == 1
            assert apply_appointments() == 0
            assert may(fresh(newcomer), "pledges.edit_pledge", chain["branch"])

    def test_the_clock_removes_a_row_nobody_was_appointed_to(self, chain, office, newcomer):
        given = appoint(user=newcomer, post="liaison", organization=chain["branch"], by=office)
        Appointment.objects.filter(pk=given.pk).update(ends_on=timezone.localdate() - ONE)
        Appointment.objects.filter(pk=given.pk).update(starts_on=DAY)
        assert rows(newcomer).exists()
        apply_appointments()
        assert not rows(newcomer).exists()

    def test_nobody_appoints_himself(self, chain, office):
        with pytest.raises(OrganizationRefused, match="不能为自己任职"):
            appoint(user=office, post="group_member", organization=chain["city"], by=office)

    def test_not_twice_and_not_to_a_disabled_account(self, chain, office, newcomer):
        appoint(user=newcomer, post="liaison", organization=chain["branch"], by=office)
        with pytest.raises(OrganizationRefused, match="已任"):
            appoint(user=newcomer, post="liaison", organization=chain["branch"], by=office)
        newcomer.is_active = False
        with pytest.raises(OrganizationRefused, match="停用"):
            appoint(user=newcomer, post="secretary", organization=chain["branch"], by=office)

    def test_a_single_holder_post_asks_to_end_the_predecessor(self, chain, office, newcomer, person):
        before = person("secretary", "branch")
        with pytest.raises(PredecessorInPost, match="请确认同时免去"):
            appoint(user=newcomer, post="secretary", organization=chain["branch"], by=office)
        appoint(user=newcomer, post="secretary", organization=chain["branch"], replacing=True, by=office)
        assert before.appointments.get().ends_on == timezone.localdate() - ONE
        assert not may(fresh(before), "pledges.submit_pledge", chain["branch"])
        assert may(fresh(newcomer), "pledges.submit_pledge", chain["branch"])

    def test_a_post_that_began_the_same_day_is_not_overwritten(self, chain, office, newcomer, person):
        person("secretary", "branch")
        with pytest.raises(OrganizationRefused, match="请先免去"):
            appoint(user=newcomer, post="secretary", organization=chain["branch"], on=DAY, by=office)

    def test_several_may_be_liaison(self, chain, office, newcomer, person):
        person("liaison", "branch")
        appoint(user=newcomer, post="liaison", organization=chain["branch"], by=office)

    def test_only_within_reach(self, chain, person, newcomer):
        with pytest.raises(PermissionDenied):
            appoint(
                user=newcomer, post="liaison", organization=chain["foreign"], by=person("office", "committee")
            )


class TestRelieve:
    def test_the_right_goes_in_the_same_transaction(self, chain, office, person):
        secretary = person("secretary", "branch")
        relieve(secretary.appointments.get(), by=office)
        assert not may(fresh(secretary), "pledges.submit_pledge", chain["branch"])

    def test_a_post_taken_back_on_its_first_day_was_in_force_on_no_day(self, chain, office, newcomer):
        given = appoint(user=newcomer, post="liaison", organization=chain["branch"], by=office)
        relieve(given, by=office)
        apply_appointments()
        assert not rows(newcomer).exists()
        assert not Appointment.objects.in_force(timezone.localdate()).filter(pk=given.pk).exists()

    def test_the_last_day_may_lie_ahead(self, chain, office, person):
        secretary = person("secretary", "branch")
        last = timezone.localdate() + ONE
        relieve(secretary.appointments.get(), on=last, by=office)
        assert rows(secretary).get().valid_until == last

    def test_refusals(self, chain, office, person):
        given = person("secretary", "branch").appointments.get()
        with pytest.raises(OrganizationRefused, match="早于任职日期"):
            relieve(given, on=dt.date(2009, 1, 1), by=office)
        with pytest.raises(PermissionDenied):
            relieve(given, by=person("office", "neighbour"))
        relieve(given, by=office)
        with pytest.raises(OrganizationRefused, match="已经免去"):
            relieve(given, by=office)


class TestAccounts:
    def test_a_new_person_gets_an_account_with_a_post(self, chain, office):
        user, password = open_account(
            username="zhangwei", name="张伟", post="liaison", organization=chain["branch"],
            on=timezone.localdate(), by=office,
        )  # fmt: skip
        assert user.check_password(password)
        assert user.must_change_password
        assert may(fresh(user), "pledges.edit_pledge", chain["branch"])
        assert password not in str(list(Event.objects.values("before", "after", "detail")))
        with pytest.raises(OrganizationRefused, match="已被使用"):
            open_account(
                username="ZhangWei", name="张伟", post="liaison", organization=chain["sibling"],
                on=timezone.localdate(), by=office,
            )  # fmt: skip

    def test_nothing_is_opened_when_the_post_is_refused(self, chain, office, person):
        person("secretary", "branch")
        with pytest.raises(PredecessorInPost):
            open_account(
                username="zhangwei", name="张伟", post="secretary", organization=chain["branch"],
                on=timezone.localdate(), by=office,
            )  # fmt: skip
        assert not User.objects.filter(username="zhangwei").exists()

    def test_whoever_resets_a_password_must_reach_every_post_of_the_person(self, chain, person):
        clerk, secretary = person("office", "committee"), person("secretary", "branch")
        assert manages_account(clerk, secretary)
        appoint(user=secretary, post="office_director", organization=chain["city"])
        assert not manages_account(clerk, secretary)
        with pytest.raises(PermissionDenied, match="共同的上级办公室"):
            reset_password(secretary, by=clerk)
        assert not manages_account(person("office", "city"), secretary)
        relieve(secretary.appointments.get(post="office_director"))
        appoint(user=secretary, post="liaison", organization=chain["city"])
        assert manages_account(person("office", "city"), secretary)

    def test_not_ones_own_and_not_the_administrators(self, chain, office, newcomer):
        assert not manages_account(office, office)
        appoint(user=newcomer, post="liaison", organization=chain["branch"])
        newcomer.is_staff = True
        assert not manages_account(office, newcomer)
        with pytest.raises(OrganizationRefused, match="系统管理员，不担任业务职务"):
            appoint(user=newcomer, post="liaison", organization=chain["sibling"], by=office)

    def test_a_disabled_account_keeps_its_posts_on_record_and_no_right(self, chain, office, person):
        secretary = person("secretary", "branch")
        disable_account(secretary, by=office)
        assert not may(fresh(secretary), "pledges.submit_pledge", chain["branch"])
        enable_account(fresh(secretary), by=office)
        assert may(fresh(secretary), "pledges.submit_pledge", chain["branch"])

    def test_a_new_first_password(self, chain, office, person):
        secretary = person("secretary", "branch")
        password = reset_password(secretary, by=office)
        assert fresh(secretary).check_password(password)
        assert fresh(secretary).must_change_password
