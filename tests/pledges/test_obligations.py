"""What the campaign counts of plans and pledges, in the transaction of the step that changes it."""

import datetime as dt

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from campaigns.models import Assignment, Obligation
from campaigns.services import assignments, checks
from common.models import Event
from organizations.models import Membership
from organizations.services import edit_member, found, merge, transfer_member
from pledges import services
from pledges.models import Pledge
from pledges.services import fulfilment
from pledges.services import plans as plan_services
from pledges.services.fulfilment import Given
from tests.pledges import plans
from tests.pledges.conftest import DAY, item
from tests.pledges.members import filed, member
from tests.pledges.publicity import a_member, draft_of, live, publish_member, said_now

D = dt.date
DUE = D(2010, 9, 30)
NEW = "c" * 12


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


def differences():
    """Rows of 办理情况 that are not as the facts say."""
    return checks.compare(Obligation.objects.select_related("phase")).samples


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
    pledge_in("returned", return_reason="写明做几次")
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


def test_an_item_whose_result_is_reported_needs_no_further_word(owed, pledge_in, author, chain):
    one = pledge_in("approved").items.get()
    owes = owed("quarter", exempts=["nobody"])
    fulfilment.judge(one, "self", Given("fulfilled"), by=author)
    assert assignment(owes, chain["branch"]).state == "done"
    fulfilment.take_back_judgement(one, "self", by=author)
    assert assignment(owes, chain["branch"]).state == "open"
    assert checks.compare([owes]).count == 0


def test_each_step_of_a_pledge_is_counted_with_the_step(owed, draft, author, person, text):
    owes = [owed(code) for code in ("pledge", "quarter")]
    superior, clerk = person("secretary", "general"), person("office", "city")
    director = person("office_director", "city")
    key = draft.items.get().key
    good, bad = services.Verdict(True), services.Verdict(False, "写明做几次")
    steps = (
        lambda: services.submit(draft, by=author),
        lambda: services.return_(draft, by=superior, reason="写明做几次"),
        lambda: services.reconsider(draft, by=superior),
        lambda: services.vet(draft, {key: bad}, by=superior),
        lambda: services.save(draft, text(items=[item(), item(NEW)]), version=2, by=author),
        lambda: services.submit(draft, by=author),
        lambda: services.vet(draft, {key: good, NEW: bad}, by=superior),
        lambda: services.submit(draft, by=author),
        lambda: services.approve(draft, by=superior),
        lambda: services.reconsider(draft, by=superior),
        lambda: services.approve(draft, by=superior),
        lambda: fulfilment.tap(draft.items.get(number=1), "ongoing", by=author),
        lambda: fulfilment.judge(draft.items.get(number=1), "superior", Given("fulfilled"), by=superior),
        lambda: services.recall(draft, by=author, reason="还要改"),
        lambda: services.submit(draft, by=author),
        lambda: services.approve(draft, by=superior),
        lambda: services.propose(draft, by=author, scope="outside"),
        lambda: services.clear(draft, by=clerk),
        lambda: services.publish(draft, by=director),
        lambda: services.withdraw(draft, by=director, reason="数据有误"),
        lambda: services.propose(draft, by=author, scope="outside"),
        lambda: services.bar(draft, by=clerk, reason="不宜公开"),
        lambda: services.recall(draft, by=author, reason="还要改"),
    )
    for number, step in enumerate(steps):
        step()
        assert (number, differences()) == (number, [])
    assert [each.assignments.count() for each in owes] == [6, 6]


def test_what_a_change_adds_to_a_published_pledge_is_counted_with_the_change(owed, published, person):
    owes, quarter = owed("pledge"), owed("quarter")
    text = said_now(published)
    text["items"] = [*text["items"], item(NEW)]
    change = services.request_change(
        live(published), text, by=person("secretary", "branch"), reason="再加一项"
    )
    services.approve_change(change, by=person("office_director", "city"))
    assert differences() == []
    assert assignment(owes, published.organization).items == 2
    assert assignment(quarter, published.organization).wanted == 2


def test_a_quarter_asks_for_nothing_that_cannot_be_told(owed, published, chain, person):
    """What is taken down, and what was good in a pledge that went back, is not being kept."""
    owes = owed("quarter", exempts=["nobody"])
    services.withdraw(published, by=person("office_director", "city"), reason="数据有误")
    row = assignment(owes, chain["branch"])
    assert (row.state, row.wanted) == ("exempt", 0)
    Pledge.objects.filter(pk=published.pk).update(state="returned")
    assignments.refresh(owes)
    assert assignment(owes, chain["branch"]).wanted == 0
    Pledge.objects.filter(pk=published.pk).update(state="cleared")
    assignments.refresh(owes)
    assert assignment(owes, chain["branch"]).wanted == 1


def test_each_step_of_a_plan_is_counted_with_the_step(owed, plan, author, person):
    owed("plan")
    superior = person("secretary", "general")
    steps = (
        lambda: plan_services.submit(plan, by=author),
        lambda: plan_services.return_(plan, by=superior, reason="写明做几次"),
        lambda: plan_services.reconsider(plan, by=superior),
        lambda: plan_services.return_(plan, by=superior, reason="写明做几次"),
        lambda: plan_services.save(plan, plans.text(theme="服务"), version=2, by=author),
        lambda: plan_services.submit(plan, by=author),
        lambda: plan_services.approve(plan, by=superior),
        lambda: plan_services.reconsider(plan, by=superior),
        lambda: plan_services.approve(plan, by=superior),
        lambda: plan_services.recall(plan, by=author, reason="还要改"),
    )
    for number, step in enumerate(steps):
        step()
        assert (number, differences()) == (number, [])


def test_what_is_handed_over_counts_no_more_where_it_was(owed, plan, draft, author, chain, person, relay):
    for code in ("plan", "pledge", "quarter"):
        owed(code, due_on=D(2010, 8, 31), exempts=["nobody"])
    services.submit(draft, by=author)
    services.approve(draft, by=person("secretary", "general"))
    plan_services.submit(plan, by=author)
    merge(chain["branch"], into=chain["sibling"], on=D(2010, 9, 1), by=person("office", "city"))
    relay()
    assert differences() == []


def test_members_who_had_moved_on_count_where_they_do_after_a_merger(owed, chain, phase, person, relay):
    """The one with what was said goes to the successor, the one whose pledge is public stays where they are."""
    secretary, office = person("secretary", "branch"), person("office", "city")
    silent, public = member(chain["branch"], "钱建平"), a_member(chain["branch"])
    for one in (silent, public):
        Membership.objects.create(member=one, organization=chain["branch"], starts_on=D(2010, 6, 1))
    owed("member_pledge", due_on=D(2010, 8, 31))
    services.exempt(silent, phase, kind="oral", reason="每天读报", by=secretary)
    publish_member(draft_of(public, phase, person("liaison", "branch")), person)
    for one in (silent, public):
        transfer_member(one, to=chain["foreign"], on=D(2010, 9, 1), by=office)
    assert differences() == []
    merge(chain["branch"], into=chain["sibling"], on=D(2010, 9, 1), by=office)
    relay()
    assert differences() == []


def test_what_one_takes_back_oneself_is_open_again_and_not_returned(
    owed, draft, plan, author, chain, phase, person
):
    owes = [owed(code) for code in ("pledge", "plan", "member_pledge")]
    secretary = person("secretary", "branch")
    of_member = filed(member(chain["branch"]), phase, secretary)
    services.submit(draft, by=author)
    plan_services.submit(plan, by=author)
    for each, recall in ((draft, services), (plan, plan_services), (of_member, services)):
        recall.recall(each, by=secretary, reason="还要改")
    for each in owes:
        row = assignment(each, chain["branch"])
        assert (row.state, row.got, row.returned) == ("open", 0, 0)
    assert differences() == []


def test_whoever_had_moved_on_counts_where_they_are_once_nothing_of_theirs_is_left(
    owed, chain, phase, person
):
    secretary, office = person("secretary", "branch"), person("office", "city")
    owes = owed("member_pledge")
    writing, silent = (member(chain["branch"], name) for name in ("陆晓岚", "钱建平"))
    draft = services.create_member_draft(writing, phase, by=secretary)
    oral = services.exempt(silent, phase, kind="oral", reason="每天读报", by=secretary)
    for one in (writing, silent):
        Membership.objects.create(member=one, organization=chain["branch"], starts_on=D(2010, 6, 1))
        transfer_member(one, to=chain["sibling"], on=D(2010, 9, 1), by=office)
    assert (assignment(owes, chain["branch"]).wanted, differences()) == (2, [])
    services.discard(draft, by=secretary)
    assert (assignment(owes, chain["sibling"]).wanted, differences()) == (1, [])
    services.lift(oral, by=secretary)
    assert (assignment(owes, chain["sibling"]).wanted, differences()) == (2, [])


def test_a_draft_thrown_away_is_known_by_its_name_and_place(draft, plan, author, chain):
    services.discard(draft, by=author)
    plan_services.discard(plan, by=author)
    for kind, name, pk in (
        ("pledge.discard", "承诺草稿", draft.pk),
        ("plan.discard", plan.audit_name, plan.pk),
    ):
        event = Event.objects.get(kind=kind)
        said = (event.subject_id, event.subject_name, event.place_id, event.post)
        assert said == (str(pk), name, chain["branch"].pk, "震泽镇财政所党支部 书记")


def test_filing_costs_the_same_however_many_offices_vary_the_rule_elsewhere(
    owed, draft, author, chain, person
):
    owes = owed("pledge")

    def cost():
        with transaction.atomic(), CaptureQueriesContext(connection) as asked:
            services.submit(draft, by=author)
            assert assignment(owes, chain["branch"]).state == "done"
            transaction.set_rollback(True)
        return len(asked)

    def vary(place):
        Obligation.objects.create(
            phase=owes.phase, expects="pledge", name="承诺", opens_on=owes.opens_on, due_on=DUE, varies=owes,
            organization=place,
        )  # fmt: skip

    alone = cost()
    for place in ("sibling", "neighbour", "foreign"):
        vary(chain[place])
    for number in range(2):
        values = {"name": f"第{number}党支部", "kind": "branch", "code": f"x{number}"}
        vary(found(**values, parent=chain["neighbour"], on=D(2010, 8, 1), by=person("office", "city")))
    assert cost() == alone
    vary(chain["general"])  # holds where the branch is: the rule itself does not any more
    assert cost() == alone


def test_a_line_of_the_roster_counts_what_members_do_and_nothing_else(owed, chain, phase, person):
    for code in ("plan", "pledge", "quarter", "member_pledge"):
        owed(code)
    one = member(chain["branch"])
    with CaptureQueriesContext(connection) as asked:
        edit_member(one, values={"phone": "13900001234"}, by=person("liaison", "branch"))
    written = [q["sql"] for q in asked if "INSERT INTO campaigns_assignment" in q["sql"]]
    assert len(written) == 1
    assert "pledges_exemption" in written[0]
