import datetime as dt
import itertools

import pytest
import time_machine
from django.db.models import Count, Q

from chuangxian.matrix import MATRIX
from organizations.access import may, topmost, within_reach
from organizations.models import Organization, OrganizationUserPost
from organizations.posts import Post
from organizations.services import appoint

PLACES = ["city", "committee", "neighbour", "general", "branch"]


@pytest.mark.parametrize(("post", "at"), list(itertools.product(Post.values, PLACES)))
def test_row_answer_and_table_answer_agree(post, at, chain, person):
    """The yes/no check and the queryset filter must never drift apart, for any permission."""
    user = person(post, at)
    for perm in MATRIX:
        by_row = {o.pk for o in chain.values() if may(user, perm, o)}
        by_table = set(
            Organization.objects.filter(within_reach(user, perm, via="")).values_list("pk", flat=True)
        )
        assert by_row == by_table, perm


def test_everything_stays_everything_beside_another_condition(chain, person):
    """From the root there is no predicate at all; an empty one would give way to whatever stands beside it."""
    everything = within_reach(person("office", "city"), "pledges.view_pledge", via="")
    nobodys = Q(name="查无此组织")
    table = Organization.objects.order_by()
    assert (
        table.filter(everything | nobodys).count() == table.filter(nobodys | everything).count() == len(chain)
    )
    assert not table.filter(~everything | nobodys).exists()
    assert table.aggregate(seen=Count("pk", filter=everything))["seen"] == len(chain)
    assert "WHERE" not in str(table.filter(everything).query)


def test_an_id_that_is_a_prefix_of_another_gives_no_reach(chain, person):
    user = person("secretary", "committee")  # 90.900.
    assert not may(user, "pledges.view_pledge", chain["neighbour"])  # 90.9001.
    assert may(user, "pledges.view_pledge", chain["branch"])


def test_topmost_drops_what_lies_below_another():
    assert topmost(["1.2.", "1.20.", "1.2.3.", "1.2."]) == ["1.2.", "1.20."]


def test_only_the_post_acted_from_counts(chain, person):
    user = person("secretary", "branch")
    appoint(user=user, post="office_director", organization=chain["city"])
    user = type(user).objects.get(pk=user.pk)
    assert may(user, "pledges.publish_pledge", chain["foreign"])
    user.acting_key = f"secretary@{chain['branch'].pk}"
    assert not may(user, "pledges.publish_pledge", chain["foreign"])
    assert may(user, "pledges.submit_pledge", chain["branch"])


def test_whoever_keeps_the_machine_running_holds_no_right_by_it(chain, person, django_user_model):
    """``createsuperuser`` makes the first account of a new server."""
    keeper = django_user_model.objects.create_superuser("keeper", name="运维", password="Test-pass-1")
    secretary = person("secretary", "branch")
    django_user_model.objects.filter(pk=secretary.pk).update(is_superuser=True)
    secretary = django_user_model.objects.get(pk=secretary.pk)
    for perm in MATRIX:
        assert not keeper.has_perm(perm, chain["branch"]), perm
        assert secretary.has_perm(perm, chain["branch"]) == may(secretary, perm, chain["branch"]), perm


def test_a_right_ends_on_its_day_even_when_nothing_runs_that_night(chain, person):
    user = person("secretary", "branch")
    OrganizationUserPost.objects.update(valid_until=dt.date(2010, 12, 31))
    with time_machine.travel(dt.datetime(2010, 12, 31, 12, tzinfo=dt.UTC)):
        assert may(user, "pledges.submit_pledge", chain["branch"])
    fresh = type(user).objects.get(pk=user.pk)
    with time_machine.travel(dt.datetime(2011, 1, 1, 12, tzinfo=dt.UTC)):
        assert not may(fresh, "pledges.submit_pledge", chain["branch"])
