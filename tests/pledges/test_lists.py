"""The lists of the desk, as people of different posts meet them."""

import pytest
from django.urls import reverse

from common.paging import counts_by
from organizations.services import appoint
from pledges import services
from pledges.models import Pledge, Publication


def listed(response):
    return [pledge.pk for pledge in response.context["page"].rows]


def test_everybody_sees_their_own_list(here, person, draft):
    assert listed(here(person("secretary", "branch")).get(reverse("pledges:index"))) == [draft.pk]
    for post, place in [("secretary", "general"), ("secretary", "sibling"), ("office", "city")]:
        assert listed(here(person(post, place)).get(reverse("pledges:index"))) == []
    services.submit(draft, by=person("secretary", "branch"))
    assert listed(here(person("secretary", "general")).get(reverse("pledges:index"))) == [draft.pk]
    assert listed(here(person("secretary", "neighbour")).get(reverse("pledges:index"))) == []


def test_the_list_opens_on_what_waits_for_me(here, person, draft):
    services.submit(draft, by=person("secretary", "branch"))
    page = here(person("secretary", "general")).get(reverse("pledges:index"))
    assert page.context["state"] == "todo"
    page = here(person("secretary", "branch")).get(reverse("pledges:index"))
    assert page.context["state"] == ""


def test_what_waits_is_exactly_where_a_button_is(person, pledge_in, chain):
    """waiting_for repeats the guards as a filter: row answer = table answer."""
    from pledges import queries
    from pledges.flow import ORGANIZATION_FLOW, PledgeState

    both = person("secretary", "branch")
    appoint(user=both, post="secretary", organization=chain["general"])
    people = [
        ("secretary", "branch"),
        ("office_director", "city"),
        ("secretary", "city"),
        ("secretary", "sibling"),
        ("liaison", "branch"),
    ]
    for state in PledgeState.values:
        pledge = pledge_in(state)
        for who in people:
            user = person(*who)
            due = {name for name, states in queries.DUTIES.items() if state in states}
            buttons = {step.name for step in ORGANIZATION_FLOW.open_to(user, pledge)} & due
            expected = bool(buttons) or (who == ("liaison", "branch") and pledge.is_editable)
            found = Pledge.objects.filter(queries.waiting_for(user)).exists()
            assert found == expected, (state, who)


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_at_any_length(
    number, here, person, chain, phase, text, django_assert_num_queries
):
    author = person("secretary", "branch")
    for n in range(number):
        pledge = services.create_draft(chain["branch"], phase, by=author)
        services.save(pledge, text(title=f"承诺{n}"), version=1, by=author)
    browser = here(person("secretary", "branch"))
    # session, user, posts · categories, phases · counts, states, page · may draft · unread notices
    with django_assert_num_queries(10):
        page = browser.get(reverse("pledges:index"))
    assert len(listed(page)) == number


def test_filters_narrow_and_an_unknown_organization_is_told(here, person, draft, chain):
    browser = here(person("secretary", "branch"))

    def found(**query):
        return listed(browser.get(reverse("pledges:index"), {"state": "", **query}))

    assert found(q="办结") == [draft.pk]
    assert found(q="植树") == []
    assert found(organization=chain["branch"].pk) == [draft.pk]
    assert found(organization=chain["sibling"].pk) == []
    assert found(organization_q="财政所") == [draft.pk]
    assert found(category="类别1") == [draft.pk]
    assert found(category="类别2") == []
    assert found(category="没有这一类", phase="x", before="x") == [draft.pk]
    page = browser.get(reverse("pledges:index"), {"organization_q": "没有这个组织"})
    assert listed(page) == []
    assert "没有找到" in page.content.decode()


def test_what_is_open_inside_is_for_those_who_sign_in(here, client, person, pledge_in):
    pledge = pledge_in("cleared", scope="inside")
    services.publish(pledge, by=person("office_director", "city"))
    publication = Publication.objects.get()
    assert client.get(publication.get_absolute_url()).status_code == 404
    assert "办结" not in client.get(reverse("pledges:public_list")).content.decode()
    browser = here(person("group_member", "foreign"))
    assert "办结" in browser.get(reverse("pledges:published")).content.decode()
    assert "办结" in browser.get(reverse("pledges:publication", args=[publication.pk])).content.decode()
    page = reverse("pledges:publication", args=[publication.pk])
    assert pledge.get_absolute_url() not in browser.get(page).content.decode()
    assert pledge.get_absolute_url() in here(person("secretary", "branch")).get(page).content.decode()
    browser = here(person("group_member", "foreign"))
    services.withdraw(pledge, by=person("office_director", "city"), reason="有误")
    assert browser.get(reverse("pledges:publication", args=[publication.pk])).status_code == 404
    client.logout()
    assert client.get(publication.get_absolute_url()).status_code == 404


def test_states_are_counted_in_one_pass_and_left_open_where_it_ends_early(
    pledge_in, django_assert_num_queries
):
    pledge = pledge_in("submitted")
    for pledge.state in ["submitted", "returned"]:
        pledge.pk = None
        pledge.save(force_insert=True)
    rows, states = Pledge.objects.all(), ["submitted", "returned", "draft"]
    with django_assert_num_queries(1):
        assert counts_by("state", rows, states) == {"submitted": 2, "returned": 1, "draft": 0}
    assert counts_by("state", rows, states, limit=3) == dict.fromkeys(states)
    assert counts_by("state", rows.none(), states) == dict.fromkeys(states, 0)
