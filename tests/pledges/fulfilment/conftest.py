"""A pledge that is being kept, its members, and a browser for each of them."""

import datetime as dt
import io

import pytest
from django.test import Client
from PIL import Image

from organizations.models import Member
from organizations.services import add_member
from pledges import services
from pledges.models import (
    Pledge,
    Result,
)
from pledges.services.fulfilment import (
    Given,
)
from tests.conftest import DAY
from tests.organizations.test_organizations import MEMBER
from tests.pledges.conftest import item as typed_item

FULFILLED = Given(Result.FULFILLED)
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
MEETING = Given(
    held_on=dt.date(2010, 8, 30), present=20, said={"fulfilled": 12, "partly": 3, "unfulfilled": 1}
)
EVERYONE = [
    (post, place)
    for post in ["secretary", "deputy_secretary", "liaison", "office_director"]
    for place in ["branch", "general", "sibling"]
]


@pytest.fixture
def kept(published):
    """The item of the branch's published pledge; due on 2010-12-20."""
    return published.items.get()


@pytest.fixture
def members(chain, person, phase, campaign):
    """members(n) -> n members' pledges of the branch, settled, one item each; the first has an account."""

    def make(number=1, place="branch"):
        keeper = person("secretary", place)
        made = []
        for each in range(number):
            values = MEMBER | {"name": f"党员{each}", "number": f"{place}{each}"}
            member = add_member(chain[place], values=values, on=DAY, by=keeper)
            pledge = services.create_member_draft(member, phase, by=keeper)
            text = {
                "title": "",
                "category": campaign.rubric.filter(subject="member").first().pk,
                "directions": ["organization", "masses"],
                "aim": "把窗口的事办得更快",
                "items": [typed_item(key=f"{each:012d}")],
            }
            services.save(pledge, text, version=1, by=keeper)
            settle(pledge, keeper)
            made.append(Pledge.objects.get(pk=pledge.pk))
        return made

    return make


def settle(pledge, by, state="approved"):
    Pledge.objects.filter(pk=pledge.pk).update(
        state=state, submitted_at=dt.datetime(2010, 9, 1, tzinfo=dt.UTC), submitted_by=by
    )
    pledge.items.update(state="approved")


@pytest.fixture
def account(person):
    """account(member) -> the person's own account, without any post."""

    def make(member, name="own"):
        user = type(person("secretary", "branch")).objects.create_user(
            name, name=name, password="Test-pass-1"
        )
        Member.objects.filter(pk=member.pk).update(user=user)
        return user

    return make


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def picture(size=(30, 20)):
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, "PNG")
    return out.getvalue()
