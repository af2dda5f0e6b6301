"""Who counts where: mobile, received, exempt, oral, probationary members, and those who come and go in mid-round."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from organizations.models import Member, Organization
from organizations.services import transfer_member
from pledges import services
from pledges.models import Exemption, ExemptionKind, Pledge
from pledges.queries import rosters
from tests.pledges.members import entered, filed, member

pytestmark = pytest.mark.django_db


def under(place):
    return Organization.objects.under(place)


def figures(phase, place):
    found = rosters.tally(phase, under(place))
    return found.roster, found.due, found.written, found.oral, found.outstanding


@pytest.fixture
def secretary(person):
    return person("secretary", "branch")


def test_each_sort_of_member_is_counted_once_and_where_they_pledge(chain, phase, secretary, person):
    branch, sibling = chain["branch"], chain["sibling"]
    filed(member(branch, "书面"), phase, secretary)
    entered(member(branch, "草稿", standing="probationary"), phase, secretary)
    member(branch, "未写", standing="probationary")
    member(branch, "已离开", left_on=dt.date(2010, 8, 1), left_reason="moved_away")
    services.exempt(member(branch, "口头"), phase, kind="oral", reason="按月交流", by=secretary)
    frail = member(branch, "年老", standing="probationary")
    services.exempt(frail, phase, kind="frail", reason="卧床", by=secretary)
    away = member(branch, "流动在外", is_mobile=True)
    services.exempt(away, phase, kind="away", reason="在外省务工", by=secretary)
    member(branch, "流入邻支部", is_mobile=True, receiving=sibling)
    member(sibling, "流入本支部", is_mobile=True, receiving=branch)

    found = rosters.tally(phase, under(branch))
    assert (found.roster, found.due, found.exempt) == (7, 5, 2)
    assert (found.written, found.oral, found.outstanding) == (1, 1, 3)
    assert found.probationary == 2  # the frail one is not due
    assert found.exempt_by_kind == [("年老体弱", 1), ("流动在外，由流入地承诺", 1)]
    assert figures(phase, sibling) == (1, 1, 0, 0, 1)
    assert figures(phase, chain["city"]) == (8, 6, 1, 1, 4)
    names = [each.name for each in rosters.roster(branch, phase)]
    assert names == ["书面", "草稿", "未写", "口头", "年老", "流动在外", "流入本支部"]
    assert [(m.name, o.pk) for m, o in rosters.elsewhere(branch, phase)] == [("流入邻支部", sibling.pk)]


def test_a_returned_pledge_counts_as_filed_and_is_told(chain, phase, secretary):
    one = filed(member(chain["branch"]), phase, secretary)
    services.return_(one, by=secretary, reason="写明次数")
    found = rosters.tally(phase, under(chain["branch"]))
    assert (found.written, found.returned, found.outstanding) == (1, 1, 0)
    services.submit(one, by=secretary)
    services.recall(one, by=secretary, reason="还要改")
    found = rosters.tally(phase, under(chain["branch"]))
    assert (found.written, found.returned, found.outstanding) == (1, 0, 0)


def test_a_pledge_stays_where_it_was_made_when_the_member_moves_on(chain, phase, secretary, person):
    """Transferred in mid-round: with a pledge counted at the old branch, without one at the new."""
    office, branch, sibling = person("office", "city"), chain["branch"], chain["sibling"]
    wrote, did_not = member(branch, "已承诺"), member(branch, "未承诺")
    for each in (wrote, did_not):
        each.memberships.create(organization=branch, starts_on=dt.date(2010, 6, 1))
    filed(wrote, phase, secretary)
    for each in (wrote, did_not):
        transfer_member(each, to=sibling, on=dt.date(2010, 8, 20), by=office)
    assert figures(phase, branch) == (1, 1, 1, 0, 0)
    assert figures(phase, sibling) == (1, 1, 0, 0, 1)
    assert [m.name for m, _ in rosters.elsewhere(sibling, phase)] == ["已承诺"]


def test_who_joins_late_is_due_from_that_moment(chain, phase, secretary):
    filed(member(chain["branch"]), phase, secretary)
    assert figures(phase, chain["branch"]) == (1, 1, 1, 0, 0)
    member(chain["branch"], "新来的", joined_on=dt.date(2010, 8, 30), standing="probationary")
    assert figures(phase, chain["branch"]) == (2, 2, 1, 0, 1)


def test_another_round_and_another_place_do_not_count(chain, phase, secretary, campaign):
    one = member(chain["branch"])
    filed(one, phase, secretary)
    assert figures(campaign.phases.get(number=2), chain["branch"]) == (1, 1, 0, 0, 1)
    assert figures(phase, chain["neighbour"]) == (0, 0, 0, 0, 0)


def test_branches_with_somebody_outstanding_are_found(chain, phase, secretary):
    filed(member(chain["branch"]), phase, secretary)
    member(chain["sibling"])
    everyone = under(chain["city"])
    assert [o.pk for o in rosters.with_outstanding(phase, everyone)] == [chain["sibling"].pk]
    told = rosters.tallies(phase, everyone)
    assert {pk: t.outstanding for pk, t in told.items()} == {chain["branch"].pk: 0, chain["sibling"].pk: 1}


def test_a_figure_takes_one_query_however_many(chain, phase, django_assert_num_queries):
    for place in ("branch", "sibling", "foreign"):
        member(chain[place])
    with django_assert_num_queries(1):
        rosters.tally(phase, under(chain["city"]))
    with django_assert_num_queries(1):
        rosters.tallies(phase, under(chain["city"]))


KIND = st.sampled_from([None, "draft", "submitted", "returned", "published", *ExemptionKind.values])
WHERE = st.sampled_from(["branch", "sibling", "foreign"])
MEMBER = st.tuples(WHERE, st.one_of(st.none(), WHERE), WHERE, KIND, st.booleans(), st.booleans())


@given(people=st.lists(MEMBER, max_size=12))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_figures_add_up_in_every_subtree(people, chain, phase, secretary):
    """应承诺 = 书面 + 口头 + 未承诺, 在册 = 应承诺 + 豁免; and the parts of a tree make the whole."""
    for model in (Exemption, Pledge, Member):
        model.objects.all().delete()
    for home, received, made_at, kind, probationary, has_left in people:
        left = {"left_on": dt.date(2010, 8, 1), "left_reason": "died"} if has_left else {}
        one = member(
            chain[home],
            is_mobile=received is not None,
            receiving=chain[received] if received else None,
            standing="probationary" if probationary else "full",
            **left,
        )
        if kind in ExemptionKind.values:
            said = {"kind": kind, "reason": "有说明", "recorded_by": secretary}
            Exemption.objects.create(member=one, organization=chain[made_at], phase=phase, **said)
        elif kind:
            at = {} if kind == "draft" else {"submitted_at": "2010-09-01T00:00Z", "submitted_by": secretary}
            Pledge.objects.create(member=one, organization=chain[made_at], phase=phase, state=kind, **at)
    found = {name: rosters.tally(phase, under(place)) for name, place in chain.items()}
    for each in found.values():
        assert each.due == each.written + each.oral + each.outstanding == each.roster - each.exempt
        assert max(each.probationary, each.returned) <= each.due
    parts = [found[name] for name in ("branch", "sibling", "foreign")]
    assert found["city"].roster == sum(p.roster for p in parts) == sum(not left for *_, left in people)
    assert found["general"].due == found["branch"].due + found["sibling"].due
    assert (
        sum(t.roster for t in rosters.tallies(phase, under(chain["city"])).values()) == found["city"].roster
    )
