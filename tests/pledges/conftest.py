"""A pledge in any state, filled in or not."""

import datetime as dt
import itertools

import pytest
from django.contrib.auth import get_user_model

from campaigns.models import Subject
from organizations.access import holdings
from organizations.models import Member, Membership
from pledges import services
from pledges.models import Plan, Pledge
from pledges.texts import blank_text, text_of
from tests.pledges import plans

DAY = dt.datetime(2010, 9, 1, 4, tzinfo=dt.UTC)
ITEM = {
    "content": "全年上门办税十二次",
    "measures": "每月第一个星期五到企业",
    "responsible": "沈明",
    "due_on": "2010-12-20",
    "baseline": "",
    "target": "",
    "unit": "",
}


@pytest.fixture(autouse=True)
def _in_the_campaign(time_machine):
    time_machine.move_to(DAY, tick=True)


def item(key="a" * 12, **changed):
    return {"key": key, **ITEM, **changed}


@pytest.fixture
def text(campaign):
    """A complete text; keyword arguments replace parts of it."""

    def make(**changed):
        return {
            "title": "财政窗口十五分钟办结",
            "category": campaign.rubric.filter(subject=Subject.ORGANIZATION).first().pk,
            "directions": ["masses"],
            "aim": "",
            "items": [item()],
            **changed,
        }

    return make


@pytest.fixture
def author(person):
    return person("secretary", "branch")


@pytest.fixture
def draft(author, chain, phase, text):
    """A complete draft of the branch, written by its secretary."""
    pledge = services.create_draft(chain["branch"], phase, by=author)
    return services.save(pledge, text(), version=1, by=author)


@pytest.fixture
def pledge_in(draft, author):
    """The branch's pledge in any state, as if it had come there; written and filed by its secretary."""

    def make(state, **changed):
        fields = {"state": state, "submitted_at": DAY, "submitted_by": author, **changed}
        fields.setdefault("vetted_version", draft.version)
        fields.setdefault("return_reason", "请写明次数" if state == "returned" else "")
        Pledge.objects.filter(pk=draft.pk).update(**fields)
        draft.items.update(state=state if state in {"draft", "submitted", "returned"} else "approved")
        return Pledge.objects.get(pk=draft.pk)

    return make


@pytest.fixture
def published(person, draft):
    """From draft to the public page through every hand."""
    services.submit(draft, by=person("secretary", "branch"))
    services.approve(draft, by=person("secretary", "general"))
    services.propose(draft, by=person("secretary", "branch"), scope="outside")
    services.clear(draft, by=person("office", "city"))
    services.publish(draft, by=person("office_director", "city"))
    return Pledge.objects.get(pk=draft.pk)


def fresh(user):
    """The same person in a new request: nothing cached."""
    again = get_user_model().objects.get(pk=user.pk)
    holdings(again)
    return again


def saved_text(pledge):
    return text_of(Pledge.objects.get(pk=pledge.pk))


@pytest.fixture
def member(chain):
    """member(name, at="branch", **fields) -> a Party member on that roster; ``user=`` gives an account."""
    numbers = itertools.count(1)

    def make(name="蒋晓梅", at="branch", **fields):
        values = {"sex": "f", "birth_month": dt.date(1980, 8, 1), "joined_on": dt.date(2001, 7, 1)} | fields
        row = Member.objects.create(
            organization=chain[at], name=name, number=f"T{next(numbers):04d}", **values
        )
        Membership.objects.create(member=row, organization=chain[at], starts_on=dt.date(2010, 6, 1))
        return row

    return make


@pytest.fixture
def plan(author, chain, phase):
    """A complete plan of the branch as a draft, written by its secretary."""
    draft = services.plans.create(chain["branch"], phase, by=author)
    return services.plans.save(draft, plans.text(), version=1, by=author)


@pytest.fixture
def plan_in(plan, author):
    """The branch's plan in any state, as if it had come there; written and filed by its secretary."""

    def make(state, **changed):
        fields = {"state": state, "submitted_at": DAY, "submitted_by": author, **changed}
        fields.setdefault("vetted_version", plan.version)
        fields.setdefault("return_reason", "请写明次数" if state == "returned" else "")
        Plan.objects.filter(pk=plan.pk).update(**fields)
        return Plan.objects.with_what_guards_ask().get(pk=plan.pk)

    return make


@pytest.fixture
def member_text(campaign):
    """What a member promises; keyword arguments replace parts of it."""

    def make(**changed):
        category = campaign.rubric.filter(subject=Subject.MEMBER).first().pk
        items = [{**item("b" * 12), "measures": "", "responsible": ""}]
        said = {
            "category": category,
            "directions": ["organization", "masses"],
            "aim": "多到企业去",
            "items": items,
        }
        return blank_text(**said | changed)

    return make


@pytest.fixture
def promise(member, member_text, phase, person):
    """promise(member, state="draft") -> the member's pledge, typed in by the branch's secretary, in any state."""

    def make(who=None, state="draft", **changed):
        who, by = who or member(), person("secretary", "branch")
        blank = services.create_member_draft(who, phase, by=by)
        pledge = services.save(blank, member_text(), version=blank.version, by=by)
        fields = {} if state == "draft" else {"submitted_at": DAY, "submitted_by": by}
        Pledge.objects.filter(pk=pledge.pk).update(
            **{"state": state, "vetted_version": pledge.version, **fields, **changed}
        )
        pledge.items.update(state=state if state in {"draft", "submitted", "returned"} else "approved")
        return Pledge.objects.select_related("organization", "phase__campaign", "member").get(pk=pledge.pk)

    return make


@pytest.fixture
def published_plan(person, plan):
    """From draft to the public page through every hand."""
    services.plans.submit(plan, by=person("secretary", "branch"))
    services.plans.approve(plan, by=person("secretary", "general"))
    services.plans.propose(plan, by=person("secretary", "branch"), scope="outside")
    services.plans.clear(plan, by=person("office", "city"))
    services.plans.publish(plan, by=person("office_director", "city"))
    return Plan.objects.get(pk=plan.pk)


@pytest.fixture
def here(client):
    """here(user) -> a browser signed in as this person."""

    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in
