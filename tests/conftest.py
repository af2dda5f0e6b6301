"""The cast of every test: a small real tree whose ids are planted to catch prefix mistakes."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from campaigns.models import Campaign, Phase, RubricItem, Subject
from common import events
from organizations.kinds import Kind
from organizations.services import appoint, found

User = get_user_model()
DAY = dt.date(2010, 6, 1)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Tests with real commits empty tables by TRUNCATE, which the audit refuses; test_events puts it back."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE common_event DISABLE TRIGGER common_event_no_truncate")
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(  # a page that closed may have left a question behind which the server still answers
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def chain(db):
    """city 市委 > committee 党委 > general branch 党总支 > branch 党支部, a sibling of each, and a 党组.

    The committee's id is 900 and its sibling's 9001: "1.900." and "1.9001." share a prefix.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('organizations_organization', 'id'), 89)")
    place = {"city": _found("city", Kind.COMMITTEE, "中共吴江市委员会", None)}
    _jump_to(900)
    place["committee"] = _found("committee", Kind.COMMITTEE, "中共震泽镇委员会", place["city"], 1)
    _jump_to(9001)
    place["neighbour"] = _found(
        "neighbour", Kind.WORKING_COMMITTEE, "中共吴江市东方丝绸市场工作委员会", place["city"], 2
    )
    place["general"] = _found("general", Kind.GENERAL_BRANCH, "震泽镇机关党总支", place["committee"], 1)
    place["branch"] = _found("branch", Kind.BRANCH, "震泽镇财政所党支部", place["general"], 1)
    place["sibling"] = _found("sibling", Kind.BRANCH, "震泽镇文化站党支部", place["general"], 2)
    place["foreign"] = _found("foreign", Kind.BRANCH, "丝绸市场第一党支部", place["neighbour"], 1)
    place["dangzu"] = _found("dangzu", Kind.DANGZU, "震泽镇人大党组", place["committee"], 2)
    return place


def _jump_to(pk):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('organizations_organization', 'id'), %s)", [pk - 1]
        )


def _found(code, kind, name, parent, order=0):
    return found(name=name, kind=kind, code=code, parent=parent, order=order, on=DAY)


@pytest.fixture
def person(chain):
    """person("secretary", "branch") -> the user who holds that post there; the same one each time."""
    cast = {}

    def make(post, at):
        if (post, at) not in cast:
            user = User.objects.create_user(f"{post}-{at}", name=f"{post}-{at}"[:60], password="Test-pass-1")
            appoint(user=user, post=post, organization=chain[at], on=DAY)
            cast[post, at] = user
        # a fresh object, as each request has one: nothing cached from an earlier question
        return User.objects.get(pk=cast[post, at].pk)

    return make


@pytest.fixture
def campaign(db):
    """创先争优 as the seed has it: three phases that touch, the last one open-ended."""
    campaign = Campaign.objects.create(
        code="chuangxian-2010",
        name="创先争优活动",
        theme="服务发展作表率、服务基层当先进、服务群众做先锋",
        goals="组织创先进、党员争优秀、效能有提升、群众得实惠",
        starts_on=DAY,
        template_code="chuangxian-2010",
        template_version=1,
    )
    for number, (starts, ends) in enumerate(
        [
            (dt.date(2010, 6, 1), dt.date(2010, 12, 31)),
            (dt.date(2011, 1, 1), dt.date(2011, 7, 31)),
            (dt.date(2011, 7, 1), None),
        ],
        1,
    ):
        Phase.objects.create(
            campaign=campaign,
            number=number,
            name=f"第{'一二三'[number - 1]}时段",
            starts_on=starts,
            ends_on=ends,
        )
    for subject in Subject:
        for number in range(1, 6):
            RubricItem.objects.create(
                campaign=campaign,
                subject=subject,
                number=number,
                name=f"类别{number}",
                central_name=f"好{number}",
            )
    return campaign


@pytest.fixture
def phase(campaign):
    return campaign.phases.get(number=1)


@pytest.fixture
def relay():
    """Hand out all events that are due, as the worker does every two seconds."""
    return events.relay
