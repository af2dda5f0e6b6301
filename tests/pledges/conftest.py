"""A pledge in any state, filled in or not."""

import datetime as dt

import pytest
from django.contrib.auth import get_user_model

from campaigns.models import Subject
from organizations.access import holdings
from pledges import services
from pledges.models import Plan, Pledge
from pledges.texts import text_of
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
        Plan.objects.filter(pk=plan.pk).update(**fields)
        return Plan.objects.with_what_guards_ask().get(pk=plan.pk)

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
