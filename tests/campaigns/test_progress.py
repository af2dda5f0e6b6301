"""办理进度: true sums at every level, for those who may read them."""

import datetime as dt

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Assignment
from campaigns.queries import progress
from organizations.models import Organization

D = dt.date
TODAY = D(2010, 10, 8)


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to(dt.datetime(2010, 10, 8, 4, tzinfo=dt.UTC), tick=True)


@pytest.fixture
def at(client, person):
    def sign_in(post, place):
        client.force_login(person(post, place), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


def by_name(lines, obligation):
    return {line.name: (line.of(obligation).done, line.of(obligation).due) for line in lines}


def test_a_level_is_the_place_itself_and_each_subordinate_with_all_below(chain, owes):
    Assignment.objects.filter(organization=chain["branch"]).update(state="done", done_on=D(2010, 9, 1))
    Assignment.objects.filter(organization=chain["sibling"]).update(state="done", done_on=D(2010, 10, 4))
    lines = progress.level(chain["committee"], [owes], TODAY)
    assert by_name(lines, owes) == {"中共震泽镇委员会（本级）": (0, 1), "震泽镇机关党总支": (2, 3)}
    count = progress.total(lines).of(owes)
    assert (count.owed, count.done, count.open, count.late, count.overdue, count.on_time) == (
        4,
        2,
        2,
        3,
        2,
        1,
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    states=st.lists(st.sampled_from(["open", "done", "exempt"]), min_size=6, max_size=6),
    parent=st.sampled_from(["city", "committee", "neighbour", "general"]),
)
def test_owed_is_done_and_open_and_exempt_at_every_node_and_levels_add_up(chain, owes, states, parent):
    for row, state in zip(Assignment.objects.order_by("pk"), states, strict=True):
        Assignment.objects.filter(pk=row.pk).update(state=state, done_on=TODAY if state == "done" else None)
    moved = Organization.objects.get(pk=chain["foreign"].pk)
    above = Organization.objects.get(pk=chain[parent].pk)
    Organization.objects.filter(pk=moved.pk).update(parent=above, path=f"{above.path}{moved.pk}.")
    for place in Organization.objects.all():
        lines = progress.level(place, [owes], TODAY)
        count = progress.total(lines).of(owes)
        assert count.owed == count.done + count.open + count.exempt
        assert (
            count.owed
            == Assignment.objects.filter(organization__path__startswith=place.path, obligation=owes).count()
        )


def test_the_page_tells_done_and_due_and_leads_to_who_owes(at, chain, owes):
    page = at("secretary", "committee").get(reverse("campaigns:progress")).content.decode()
    assert "0 / 4" in page
    assert "4 个未办" in page
    address = f"{reverse('campaigns:owing')}?organization={chain['committee'].pk}&obligation={owes.pk}"
    assert address.replace("&", "&amp;") in page
    listed = at("secretary", "committee").get(address).content.decode()
    assert "震泽镇财政所党支部" in listed
    assert "丝绸市场第一党支部" not in listed


def test_out_of_reach_is_not_there(at, chain, owes):
    other = {"organization": chain["foreign"].pk, "obligation": owes.pk}
    assert at("secretary", "committee").get(reverse("campaigns:progress"), other).status_code == 404
    assert at("secretary", "committee").get(reverse("campaigns:owing"), other).status_code == 404
    assert (
        at("secretary", "committee").get(reverse("campaigns:owing"), {"obligation": "x"}).status_code == 404
    )


def test_one_or_many_subordinates_cost_the_same(at, chain, owes, django_assert_num_queries):
    browser = at("office", "city")
    few, many = {"organization": chain["general"].pk}, {}
    for asked, count in ((few, 11), (many, 10)):  # nothing stands above the root
        with django_assert_num_queries(count):
            browser.get(reverse("campaigns:progress"), asked)
    for asked, count in ((few, 9), (many, 8)):
        with django_assert_num_queries(count):
            browser.get(reverse("campaigns:owing"), asked | {"obligation": owes.pk})
