"""Who owes what and what of it is done, counted set by set and kept up by every step."""

import datetime as dt

import pytest

from campaigns.models import Assignment, Concession, Obligation, Phase
from campaigns.services import assignments
from organizations.models import Organization

D = dt.date
DUE = D(2010, 9, 30)


@pytest.fixture
def phase(campaign):
    return Phase.objects.get(number=1)


@pytest.fixture
def plan(phase):
    return Obligation.objects.create(
        phase=phase, expects="plan", name="报送活动方案", opens_on=D(2010, 8, 19), due_on=DUE
    )


def owing(obligation):
    return set(obligation.assignments.values_list("organization__code", flat=True))


def states(obligation):
    return dict(obligation.assignments.values_list("organization__code", "state"))


def test_every_living_organization_of_the_kind_owes_and_the_root_does_not(chain, plan):
    assignments.refresh(plan)
    assert owing(plan) == {"committee", "neighbour", "general", "branch", "sibling", "foreign"}
    assert set(states(plan).values()) == {"open"}


@pytest.mark.parametrize(
    ("founded", "dissolved", "owes"),
    [
        (D(2010, 9, 30), None, True),
        (D(2010, 10, 1), None, False),
        (D(2010, 1, 1), D(2010, 9, 30), False),
        (D(2010, 1, 1), D(2010, 10, 1), True),
    ],
)
def test_alive_on_the_last_day_is_what_counts(chain, plan, founded, dissolved, owes):
    Organization.objects.filter(code="branch").update(founded_on=founded, dissolved_on=dissolved)
    assignments.refresh(plan)
    assert ("branch" in owing(plan)) is owes


def test_a_second_count_writes_nothing_and_takes_away_what_is_no_longer_owed(chain, plan):
    assert assignments.refresh(plan) == 6
    assert assignments.refresh(plan) == 0
    Organization.objects.filter(code="branch").update(dissolved_on=D(2010, 9, 1))
    assert assignments.refresh(plan) == 1
    assert "branch" not in owing(plan)


def test_an_office_varies_a_rule_inside_its_own_subtree_alone(chain, plan):
    inner = {"phase": plan.phase, "expects": "plan", "name": plan.name, "opens_on": plan.opens_on}
    plan.variations.create(organization=chain["committee"], due_on=D(2010, 10, 15), **inner)
    plan.variations.create(organization=chain["general"], due_on=D(2010, 10, 20), kinds=["branch"], **inner)
    assignments.refresh(plan)
    assert dict(plan.assignments.values_list("organization__code", "due_on")) == {
        "committee": D(2010, 10, 15),
        "branch": D(2010, 10, 20),
        "sibling": D(2010, 10, 20),
        "neighbour": DUE,
        "foreign": DUE,
    }


def test_a_waiver_and_an_extension_are_seen_in_the_figures(chain, plan, person):
    office = person("office", "city")
    grant = {"obligation": plan, "granted_by": office, "reason": "新班子刚到任"}
    Concession.objects.create(organization=chain["branch"], **grant)
    Concession.objects.create(organization=chain["sibling"], until=D(2010, 10, 10), **grant)
    assignments.refresh(plan)
    one, other = (Assignment.objects.get(organization=chain[name]) for name in ("branch", "sibling"))
    assert (one.state, one.is_waived) == ("exempt", True)
    assert (other.state, other.due_on, other.is_extended) == ("open", D(2010, 10, 10), True)
