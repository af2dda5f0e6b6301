"""审诺 and 公诺 in bulk: partial refusals, two people at once, and the same number of queries for 3 and for 30."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.models import Event
from common.states import IllegalStep, ReasonMissing, StepRefused
from pledges import queries, services
from pledges.models import NameDisplay, Pledge, PledgeItem, Publication
from pledges.services import Verdict
from tests.pledges.test_concurrency import at_once, lost

pytestmark = pytest.mark.django_db
GOOD = Verdict(is_approved=True)


def states(pledge):
    return {item.number: item.state for item in PledgeItem.objects.filter(pledge=pledge)}


def state(pledge):
    return Pledge.objects.get(pk=pledge.pk).state


def keys(pledge):
    return list(pledge.items.values_list("key", flat=True))


# -- one pledge, item by item ----------------------------------------------------------------------


def test_what_is_good_is_settled_and_what_is_not_goes_back_alone(member_in, person):
    pledge = member_in("submitted", items=3)
    one, two, three = keys(pledge)
    deputy = person("deputy_secretary", "branch")
    services.vet(pledge, {one: GOOD, two: Verdict(False, "写明户数", ["duty", "concrete"])}, by=deputy)
    assert (state(pledge), states(pledge)) == ("submitted", {1: "approved", 2: "returned", 3: "submitted"})
    services.vet(pledge, {three: GOOD}, by=deputy)
    assert (state(pledge), states(pledge)) == ("returned", {1: "approved", 2: "returned", 3: "approved"})
    back = PledgeItem.objects.get(pledge=pledge, number=2)
    assert (back.remark, back.grounds) == ("写明户数", ["concrete", "duty"])


def test_a_corrected_item_is_vetted_alone_and_the_settled_ones_stay(member_in, person, member_text):
    pledge, deputy = member_in("submitted", items=2), person("deputy_secretary", "branch")
    one, two = keys(pledge)
    services.vet(pledge, {one: GOOD, two: Verdict(False, "写明户数")}, by=deputy)
    liaison = person("liaison", "branch")
    text = member_text(2)
    text["items"][1]["content"] = "全年走访困难户十五户"
    pledge = services.save(pledge, text, version=Pledge.objects.get(pk=pledge.pk).version, by=liaison)
    services.submit(pledge, by=liaison)
    assert states(pledge) == {1: "approved", 2: "submitted"}
    services.vet(pledge, {two: GOOD}, by=deputy)
    assert state(pledge) == "approved"


def test_nothing_is_decided_by_halves(member_in, person):
    pledge, deputy = member_in("submitted", items=2), person("deputy_secretary", "branch")
    one, two = keys(pledge)
    with pytest.raises(ReasonMissing):
        services.vet(pledge, {one: GOOD, two: Verdict(False, "  ")}, by=deputy)
    services.vet(pledge, {one: GOOD}, by=deputy)
    with pytest.raises(IllegalStep):
        services.vet(pledge, {one: GOOD, two: GOOD}, by=deputy)
    assert states(pledge) == {1: "approved", 2: "submitted"}


def test_the_whole_is_not_approved_over_a_returned_item(member_in, person):
    pledge, deputy = member_in("submitted", items=2), person("deputy_secretary", "branch")
    services.vet(pledge, {keys(pledge)[1]: Verdict(False, "写明户数")}, by=deputy)
    with pytest.raises(StepRefused, match="第2项已经退回"):
        services.approve(pledge, by=deputy)
    services.reconsider_item(PledgeItem.objects.get(pledge=pledge, number=2), by=deputy)
    assert states(pledge) == {1: "submitted", 2: "submitted"}
    services.approve(pledge, by=deputy)
    assert state(pledge) == "approved"


def test_the_whole_goes_back_and_what_was_settled_stays_settled(member_in, person):
    pledge, deputy = member_in("submitted", items=3), person("deputy_secretary", "branch")
    services.vet(pledge, {keys(pledge)[0]: GOOD}, by=deputy)
    services.return_(pledge, by=deputy, reason="都要写明户数")
    assert (state(pledge), states(pledge)) == ("returned", {1: "approved", 2: "returned", 3: "returned"})
    services.reconsider(pledge, by=deputy)
    assert (state(pledge), set(states(pledge).values())) == ("submitted", {"submitted"})


def test_a_text_that_was_changed_is_not_decided_on(member_in, person):
    pledge = member_in("submitted")
    with pytest.raises(StepRefused, match="内容改过了"):
        services.vet(
            pledge, {keys(pledge)[0]: GOOD}, by=person("secretary", "branch"), version=pledge.version - 1
        )


def test_an_item_is_taken_up_again_only_while_its_pledge_is_vetted(member_in, person):
    pledge, deputy = member_in("submitted"), person("deputy_secretary", "branch")
    services.vet(pledge, {keys(pledge)[0]: GOOD}, by=deputy)
    with pytest.raises(StepRefused, match="不在审定中"):
        services.reconsider_item(PledgeItem.objects.get(pledge=pledge), by=deputy)


# -- many ------------------------------------------------------------------------------------------


def test_what_is_refused_or_overtaken_is_named_and_the_others_go_on(member_in, person, also):
    deputy = also(person("liaison", "branch"), "deputy_secretary", "branch")
    own = member_in("submitted", name="陈实", user=deputy)
    done = member_in("approved", name="陆平")
    good = member_in("submitted", name="沈清", items=2)
    taken = services.vet_all(PledgeItem.objects.all(), "approve", by=deputy)
    assert {item.pledge_id for item in taken.done} == {good.pk}
    assert {item.pledge_id: why for item, why in taken.refused} == {
        own.pk: "这是您本人的承诺，须由另一位同志审定。",
        done.pk: "现在是“已定”，不能通过。",
    }
    assert [state(each) for each in (own, done, good)] == ["submitted", "approved", "approved"]
    with pytest.raises(PermissionDenied):
        services.vet_all(PledgeItem.objects.filter(pledge=own), "approve", by=person("secretary", "sibling"))


def counted(act):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        act()
    return len(asked)


@pytest.fixture
def many(write):
    def make(number, label):
        return [write(name=f"{label}{n}", items=3).pk for n in range(number)]

    return make


def test_the_whole_way_of_a_batch_costs_the_same_for_3_and_for_30(many, person):
    def all_the_way(pks):
        rows = Pledge.objects.filter(pk__in=pks)
        items = PledgeItem.objects.filter(pledge__in=pks)
        steps = [
            (services.submit_all, (rows,), {}, ("liaison", "branch")),
            (services.vet_all, (items, "approve"), {}, ("deputy_secretary", "branch")),
            (services.propose_all, (rows,), {"scope": "outside"}, ("liaison", "branch")),
            (services.clear_all, (rows,), {}, ("deputy_secretary", "branch")),
            (services.publish_all, (rows,), {}, ("secretary", "branch")),
        ]
        costs = {}
        for service, given, said, who in steps:
            by = person(*who)
            costs[service.__name__] = counted(lambda: service(*given, by=by, **said))  # noqa: B023
        assert set(rows.values_list("state", flat=True)) == {"published"}
        return costs

    few, lots = many(3, "沈"), many(30, "陆")
    assert all_the_way(few) == all_the_way(lots)
    assert Publication.objects.published().of_members().count() == 33


def test_vetting_one_pledge_costs_the_same_for_3_and_for_10_good_items(pledge_in, person, draft, text):
    from tests.pledges.conftest import item

    def cost(number):
        author = person("secretary", "branch")
        current = Pledge.objects.get(pk=draft.pk)
        rows = [item(f"{number:02d}{n:010x}", content=f"第{n}件事") for n in range(number)]
        current = services.save(current, text(items=rows), version=current.version, by=author)
        services.submit(current, by=author)
        verdicts = {row["key"]: GOOD for row in rows}
        by = person("secretary", "general")
        spent = counted(lambda: services.vet(current, verdicts, by=by))
        services.recall(current, by=author, reason="再改")
        return spent

    assert cost(3) == cost(10)


# -- what waits to be vetted -----------------------------------------------------------------------


def test_the_filter_finds_exactly_what_the_guards_let_through(
    member_in, pledge_in, person, also, write, chain
):
    pledge_in("submitted")
    deputy = also(person("liaison", "branch"), "deputy_secretary", "branch")
    member_in("submitted", name="陈实", user=deputy)
    member_in("submitted", name="沈清", items=2)
    member_in("submitted", name="陆平", is_leading=True)
    member_in("submitted", name="顾明", is_leading=True, user=person("secretary", "general"))
    partly = member_in("submitted", name="金伯", items=2)
    services.vet(partly, {keys(partly)[0]: GOOD}, by=person("deputy_secretary", "branch"))
    for each in ["draft", "returned", "approved", "proposed"]:
        member_in(each, name=f"邱{each}")
    cast = [
        (post, at)
        for post in ("secretary", "deputy_secretary", "liaison", "office_director")
        for at in ("branch", "general", "committee", "city", "sibling")
    ]
    assert agree(cast, person) >= 3
    also(
        person("secretary", "general"), "group_member", "branch"
    )  # one who may not vet what comes from there
    assert agree(cast, person) >= 2


def agree(cast, person):
    items = list(PledgeItem.objects.with_what_guards_ask())
    found_any = 0
    for who in cast:
        user = person(*who)
        expected = {i.pk for i in items if "approve" in {s.name for s in i.flow.open_to(user, i)}}
        found = set(PledgeItem.objects.filter(queries.items_to_vet(user)).values_list("pk", flat=True))
        assert found == expected, who
        pledges = Pledge.objects.filter(queries.pledges_to_vet(user))
        assert set(pledges) == {i.pledge for i in items if i.pk in expected}, who
        found_any += bool(found)
    return found_any


def test_what_waits_for_publication_is_exactly_where_a_button_is(member_in, person, also):
    deputy, secretary = person("deputy_secretary", "branch"), person("secretary", "branch")
    for number, each in enumerate(["submitted", "approved", "proposed", "cleared", "published", "withdrawn"]):
        pledge = member_in(each, name=f"沈{number}")
        other = member_in(each, name=f"陆{number}")
        Pledge.objects.filter(pk=other.pk).update(proposed_by=deputy, cleared_by=secretary)
        del pledge
    rows = list(Pledge.objects.of_members().with_what_guards_ask())
    for post in ("secretary", "deputy_secretary", "liaison"):
        for at in ("branch", "general", "sibling"):
            user = person(post, at)
            for step in queries.BATCH_STEPS:
                expected = {
                    p.pk
                    for p in rows
                    if p.state != "withdrawn" and step in {s.name for s in p.flow.open_to(user, p)}
                }
                found = Pledge.objects.filter(queries.waiting_batch(user, step))
                assert set(found.values_list("pk", flat=True)) == expected, (post, at, step)


# -- publication -----------------------------------------------------------------------------------


def test_numbers_are_masked_and_whoever_publishes_has_looked(member_in, person, member_text):
    text = member_text()["items"][0] | {"content": "困难户请打13900001234"}
    pledge, secretary = member_in("cleared", name="沈清"), person("secretary", "branch")
    PledgeItem.objects.filter(pledge=pledge).update(content=text["content"])
    plain = member_in("cleared", name="陆平")
    rows = Pledge.objects.filter(pk__in=[pledge.pk, plain.pk])
    with pytest.raises(services.MasksUnseen):
        services.publish_all(rows, by=secretary)
    with pytest.raises(services.MasksUnseen):
        services.publish(pledge, by=secretary)
    assert (state(pledge), Publication.objects.count()) == ("cleared", 0)
    services.publish_all(rows, by=secretary, has_seen_masks=True)
    assert "13900001234" not in str(list(Publication.objects.values()))
    assert "139****1234" in str(list(Publication.objects.values()))
    assert len(Event.objects.about(pledge).get(kind="pledge.publish").detail["masked"]) == 1


def test_the_secretary_decides_how_names_stand(member_in, person, chain):
    pledge, branch = member_in("approved", name="欧阳清"), chain["branch"]
    with pytest.raises(PermissionDenied):
        services.set_name_display(branch, "surname", by=person("liaison", "branch"))
    with pytest.raises(StepRefused):
        services.set_name_display(branch, "initials", by=person("secretary", "branch"))
    rows = Pledge.objects.filter(pk=pledge.pk)
    secretary = person("secretary", "branch")
    services.propose_batch(branch, rows, scope="outside", names="surname", by=secretary)
    services.propose_batch(branch, rows.none(), scope="outside", names="surname", by=secretary)
    assert Event.objects.filter(kind="namedisplay.set").count() == 1
    services.clear_all(rows, by=person("deputy_secretary", "branch"))
    services.publish_all(rows, by=secretary)
    published = Publication.objects.get()
    assert published.title == "欧阳某同志的公开承诺"
    assert "欧阳清" not in published.body
    assert NameDisplay.objects.get().organization == branch


def test_what_was_withdrawn_is_proposed_again(member_in, person):
    pledge, secretary = member_in("cleared"), person("secretary", "branch")
    rows = Pledge.objects.filter(pk=pledge.pk)
    services.publish_all(rows, by=secretary)
    services.withdraw(pledge, by=secretary, reason="数字有误")
    assert not Publication.objects.published().exists()
    services.propose_all(rows, by=person("liaison", "branch"), scope="inside")
    services.clear_all(rows, by=person("deputy_secretary", "branch"))
    services.publish_all(rows, by=secretary)
    assert [p.scope for p in Publication.objects.filter(withdrawn_at=None)] == ["inside"]


# -- two at once -----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_who_vet_at_once_each_item_is_decided_once(member_in, person):
    pledges = [member_in("submitted", name=f"沈{n}", items=3) for n in range(4)]
    deputy, secretary = person("deputy_secretary", "branch"), person("secretary", "branch")
    items = PledgeItem.objects.filter(pledge__in=pledges)
    outcomes = at_once(
        lambda: services.vet_all(items, "approve", by=deputy),
        lambda: services.vet_all(items, "return", reason="写明户数", by=secretary),
        lambda: services.vet(pledges[3], dict.fromkeys(keys(pledges[3]), GOOD), by=secretary),
    )
    assert set(lost(outcomes)) <= {IllegalStep}
    assert Event.objects.filter(kind__in=["pledgeitem.approve", "pledgeitem.return"]).count() == 12
    assert Event.objects.filter(kind__in=["pledge.approve", "pledge.return"]).count() == 4
    for pledge in pledges:
        assert len(set(states(pledge).values())) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_a_batch_at_once_one_does(member_in, person, chain):
    for n in range(3):
        member_in("cleared", name=f"沈{n}")
    secretary = person("secretary", "branch")
    rows = Pledge.objects.of_members()
    outcomes = at_once(*(lambda: services.publish_all(rows, by=secretary) for _ in range(2)))
    assert lost(outcomes) == []
    assert sorted(len(taken.done) for taken in outcomes) == [0, 3]
    assert Publication.objects.count() == 3
