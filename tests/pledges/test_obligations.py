"""What the campaign counts of plans and pledges, in the transaction of the step that changes it."""

import datetime as dt

import pytest

from campaigns.models import Assignment, Obligation
from campaigns.services import assignments
from pledges import services
from pledges.models import Pledge
from pledges.services import fulfilment
from pledges.services import plans as plan_services
from tests.pledges.conftest import DAY
from tests.pledges.members import filed, member

D = dt.date
DUE = D(2010, 9, 30)


@pytest.fixture
def owed(phase):
    """owed("plan") -> the obligation, counted once before anything happens."""

    def make(expects, due_on=DUE, **said):
        made = Obligation.objects.create(
            phase=phase, expects=expects, name=expects, opens_on=D(2010, 8, 19), due_on=due_on, **said
        )
        assignments.refresh(made)
        return made

    return make


def assignment(obligation, place):
    return Assignment.objects.get(obligation=obligation, organization=place)


def test_a_pledge_is_done_when_it_is_filed_and_open_again_when_it_is_returned(
    owed, draft, author, person, chain
):
    owes = owed("pledge")
    services.submit(draft, by=author)
    row = assignment(owes, chain["branch"])
    assert (row.state, row.done_on, row.items) == ("done", D(2010, 9, 1), 1)
    services.return_(draft, by=person("secretary", "general"), reason="写明做几次")
    row = assignment(owes, chain["branch"])
    assert (row.state, row.done_on, row.returned) == ("open", None, 1)


def test_two_pledges_of_one_organization_are_one_thing_done_with_the_first(
    owed, pledge_in, author, chain, phase
):
    owes = owed("pledge")
    pledge_in("returned")
    second = services.create_draft(chain["branch"], phase, by=author)
    Pledge.objects.filter(pk=second.pk).update(state="submitted", submitted_at=DAY, submitted_by=author)
    assignments.refresh(owes)
    row = assignment(owes, chain["branch"])
    assert (row.state, row.done_on, row.wanted, row.got, row.returned) == ("done", D(2010, 9, 1), 1, 1, 1)


def test_a_plan_counts_by_itself(owed, plan, author, chain):
    owes = owed("plan")
    plan_services.submit(plan, by=author)
    assert assignment(owes, chain["branch"]).state == "done"
    assert assignment(owes, chain["sibling"]).state == "open"


def test_members_are_done_when_the_last_of_those_due_has_pledged(owed, chain, phase, person):
    owes = owed("member_pledge", exempts=["nobody"])
    secretary = person("secretary", "branch")
    one, other, frail = (member(chain["branch"], name) for name in ("陆晓岚", "钱建平", "顾志远"))
    assignments.refresh(owes)
    filed(one, phase, secretary)
    row = assignment(owes, chain["branch"])
    assert (row.state, row.wanted, row.got) == ("open", 3, 1)
    services.exempt(frail, phase, kind="frail", reason="年老体弱", by=secretary)
    services.exempt(other, phase, kind="oral", reason="每天读报", by=secretary)
    row = assignment(owes, chain["branch"])
    assert (row.state, row.wanted, row.got, row.done_on) == ("done", 2, 2, D(2010, 9, 1))
    assert assignment(owes, chain["sibling"]).state == "exempt"  # nobody there


def test_a_quarter_is_done_when_each_item_in_force_was_told_of(owed, pledge_in, author, chain):
    pledge = pledge_in("approved")
    owes = owed("quarter", exempts=["nobody"])
    row = assignment(owes, chain["branch"])
    assert (row.state, row.wanted, row.got) == ("open", 1, 0)
    fulfilment.tap(pledge.items.get(), "ongoing", by=author)
    row = assignment(owes, chain["branch"])
    assert (row.state, row.got) == ("done", 1)
