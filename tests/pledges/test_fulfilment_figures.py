"""兑现率 and its parts: counted anew from the items, never averaged, the three directions and two judges apart."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from organizations.models import Member
from pledges.models import Direction, Judgement, Pledge, PledgeItem, Progress, Result
from pledges.queries.fulfilment import Figures, Rate, figures

DAY = dt.date(2010, 12, 20)
IN_FORCE = {"approved", "proposed", "cleared", "published"}
PLACES = ["city", "committee", "general", "branch", "sibling", "foreign"]

RESULTS = st.sampled_from(["", *Result.values])
ITEMS = st.fixed_dictionaries(
    {
        "state": st.sampled_from(["approved", "approved", "submitted"]),
        "due_on": st.sampled_from([None, dt.date(2010, 12, 19), DAY, dt.date(2010, 12, 21)]),
        "self": RESULTS,
        "superior": RESULTS,
        "masses": st.booleans(),
    }
)
PLEDGES = st.lists(
    st.fixed_dictionaries(
        {
            "place": st.sampled_from(PLACES),
            "state": st.sampled_from(["submitted", "withdrawn", *sorted(IN_FORCE)]),
            "is_members": st.booleans(),
            "directions": st.sets(st.sampled_from(Direction.values)),
            "is_of_the_round": st.sampled_from([True, True, False]),
            "items": st.lists(ITEMS, max_size=3),
        }
    ),
    max_size=6,
)


def build(made, chain, campaign, author):
    filed = {"submitted_at": dt.datetime(2010, 9, 1, tzinfo=dt.UTC), "submitted_by": author}
    Judgement.objects.all().delete()
    Progress.objects.all().delete()
    Pledge.objects.all().delete()
    Member.objects.all().delete()
    for number, each in enumerate(made):
        place = chain[each["place"]]
        member = each["is_members"] and Member.objects.create(
            organization=place, name=f"党员{number}", sex="f", birth_month=dt.date(1980, 1, 1), joined_on=DAY
        )
        pledge = Pledge.objects.create(
            organization=place,
            member=member or None,
            phase=campaign.phases.get(number=1 if each["is_of_the_round"] else 2),
            directions=sorted(each["directions"]),
            state=each["state"],
            **filed,
        )
        for at, item in enumerate(each["items"], 1):
            row = PledgeItem.objects.create(
                pledge=pledge, number=at, state=item["state"], due_on=item["due_on"]
            )
            _judge(row, item, author)


def _judge(row, item, author):
    for source in ["self", "superior"]:
        if item[source]:
            failed = item[source] in ("unfulfilled", "ended")
            Judgement.objects.create(
                item=row,
                source=source,
                result=item[source],
                cause="objective" if failed else "",
                explanation="汛期" if failed else "",
                recorded_by=author,
            )
    if item["masses"]:
        said = {f"said_{result}": 1 for result in Result.values}
        Judgement.objects.create(
            item=row, source="masses", held_on=DAY, present=4, recorded_by=author, **said
        )


def by_hand(made, places, *, members=(True, False), direction=None):
    """The same figures, counted in Python from what was built."""
    items = [
        item
        for each in made
        if each["place"] in places
        and each["state"] in IN_FORCE
        and each["is_of_the_round"]
        and each["is_members"] in members
        and (direction is None or direction in each["directions"])
        for item in each["items"]
        if item["state"] == "approved"
    ]
    due = [i for i in items if i["due_on"] is not None and i["due_on"] < DAY]
    counted = {
        "items": len(items),
        "due": len(due),
        "reported": sum(bool(i["self"]) for i in items),
        "overdue": sum(not i["self"] for i in due),
        "due_self_fulfilled": sum(i["self"] == "fulfilled" for i in due),
        "due_superior_fulfilled": sum(i["superior"] == "fulfilled" for i in due),
    }
    for source in ["self", "superior"]:
        for result in Result.values:
            counted[f"{source}_{result}"] = sum(i[source] == result for i in items)
    return Figures(**counted)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=PLEDGES)
def test_the_figures_are_those_counted_by_hand(made, chain, campaign, person):
    build(made, chain, campaign, person("secretary", "branch"))
    found = figures(chain["general"], campaign.phases.get(number=1), DAY)
    below = ["general", "branch", "sibling"]
    assert found.total == by_hand(made, below)
    assert found.members == by_hand(made, below, members=[True])
    assert found.organizations == by_hand(made, below, members=[False])
    for direction in Direction.values:
        assert found.directions[direction] == by_hand(made, below, direction=direction)
    # the rate of the whole comes from the items of the parts, not from their rates
    parts = [figures(chain[p], campaign.phases.get(number=1), DAY).total for p in ["branch", "sibling"]]
    own = by_hand(made, ["general"])
    assert found.total.rate_by_self == (parts[0] + parts[1] + own).rate_by_self


def test_the_figures_of_a_subtree_are_one_query(chain, phase, django_assert_num_queries):
    with django_assert_num_queries(1):
        figures(chain["city"], phase, DAY)


@pytest.mark.parametrize(
    ("rate", "shown", "formula"),
    [
        (Rate(3, 4), "75%", "兑现率 = 已兑现的到期项 ÷ 到期项 = 3 ÷ 4"),
        (Rate(2, 3), "66.7%", "兑现率 = 已兑现的到期项 ÷ 到期项 = 2 ÷ 3"),
        (Rate(0, 0), "—", "兑现率 = 已兑现的到期项 ÷ 到期项；目前没有到期项"),
    ],
)
def test_a_rate_carries_its_parts_and_its_formula(rate, shown, formula):
    assert (str(rate), rate.formula) == (shown, formula)
    assert (rate.share is None) == (rate.denominator == 0)
