"""Members of the branch with their pledges in any state."""

import datetime as dt

import pytest
from django.contrib.auth import get_user_model

from campaigns.models import Subject
from organizations.models import Member
from organizations.services import appoint
from pledges import services
from pledges.models import Pledge
from pledges.texts import blank_text
from tests.pledges.conftest import DAY, item

User = get_user_model()


@pytest.fixture
def member(chain):
    """member("沈清", at="branch") -> on the roster there; ``user`` is their account, if any."""

    def make(name="沈清", at="branch", user=None):
        return Member.objects.create(
            organization=chain[at],
            name=name,
            sex="f",
            birth_month=dt.date(1980, 8, 1),
            joined_on=dt.date(2001, 7, 1),
            user=user,
        )

    return make


@pytest.fixture
def member_text(campaign):
    def make(items=1, **changed):
        rows = [
            item(f"{n:012x}", content=f"全年走访困难户{n + 10}户", measures="", responsible="")
            for n in range(items)
        ]
        category = campaign.rubric.filter(subject=Subject.MEMBER).first().pk
        said = {"category": category, "directions": ["masses"], "aim": "办事更快", "items": rows}
        return blank_text(**{**said, **changed})

    return make


@pytest.fixture
def write(member, member_text, person, phase):
    """write("沈清") -> a complete draft, typed in by the branch's liaison."""

    def make(name="沈清", at="branch", user=None, items=1, **changed):
        liaison = person("liaison", at)
        draft = services.create_member_draft(member(name, at, user), phase, by=liaison)
        return services.save(draft, member_text(items, **changed), version=1, by=liaison)

    return make


@pytest.fixture
def member_in(write, person):
    """member_in("cleared", name="沈清") -> a member's pledge as if it had come to that state."""

    def make(state, *, is_leading=False, **said):
        pledge = write(**said)
        fields = (
            {} if state == "draft" else {"submitted_at": DAY, "submitted_by": person("liaison", "branch")}
        )
        if state == "returned":
            fields["return_reason"] = "请写明次数"
        scope = "outside" if state in {"proposed", "cleared", "published", "withdrawn"} else ""
        Pledge.objects.filter(pk=pledge.pk).update(
            state=state, is_leading=is_leading, vetted_version=pledge.version, scope=scope, **fields
        )
        pledge.items.update(state=state if state in {"draft", "submitted", "returned"} else "approved")
        return Pledge.objects.get(pk=pledge.pk)

    return make


@pytest.fixture
def also(chain):
    """also(user, "deputy_secretary", "branch"): one post more for somebody."""

    def give(user, post, at):
        appoint(user=user, post=post, organization=chain[at], on=dt.date(2010, 6, 1))
        return User.objects.get(pk=user.pk)

    return give
