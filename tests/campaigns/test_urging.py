"""催办: a preview of who is told, then once a day and no more."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from campaigns.models import Campaign, Obligation, Urging
from campaigns.services import assignments
from campaigns.services.urging import addressees, suggested, urge
from common.models import Event
from notifications.models import Notice

D = dt.date


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to(dt.datetime(2010, 10, 8, 4, tzinfo=dt.UTC), tick=True)


def rows(owes, *places):
    return [owes.assignments.get(organization=place).pk for place in places]


def test_who_would_be_told_is_shown_before_anybody_is(owes, chain, person):
    person("secretary", "branch")
    found = addressees(owes, rows(owes, chain["branch"], chain["sibling"]), by=person("secretary", "general"))
    assert [[name for _, name in each.people] for each in found] == [["secretary-branch"], []]
    assert "没有办理这件事的任职" in found[1].why_not
    assert not Notice.objects.exists()


def test_asked_once_a_day_and_again_the_next(owes, chain, person, time_machine):
    secretary, superior = person("secretary", "branch"), person("secretary", "general")
    chosen = rows(owes, chain["branch"])
    assert [urge(owes, chosen, text="请今天办好", by=superior) for _ in range(2)] == [1, 0]
    notice = Notice.objects.get(recipient=secretary)
    assert (notice.body, notice.subject) == ("请今天办好", "催办：报送活动方案（震泽镇财政所党支部）")
    assert Event.objects.filter(kind="urging.urge").count() == 1
    time_machine.move_to(dt.datetime(2010, 10, 9, 4, tzinfo=dt.UTC))
    assert urge(owes, chosen, text="请今天办好", by=superior) == 1


def test_only_those_below_and_only_those_who_still_owe(owes, chain, person):
    with pytest.raises(PermissionDenied):
        urge(owes, rows(owes, chain["foreign"]), text="请办理", by=person("secretary", "general"))
    owes.assignments.filter(organization=chain["branch"]).update(state="done", done_on=D(2010, 10, 8))
    assert urge(owes, rows(owes, chain["branch"]), text="请办理", by=person("secretary", "general")) == 0
    assert not Urging.objects.exists()


def test_ticked_previewed_rewritten_and_sent(owes, chain, person, client):
    person("secretary", "branch")
    client.force_login(person("secretary", "general"), backend="django.contrib.auth.backends.ModelBackend")
    owing = f"{reverse('campaigns:owing')}?obligation={owes.pk}"
    assert "催办勾选的" in client.get(owing).content.decode()
    ticked = {"obligation": owes.pk, "assignment": rows(owes, chain["branch"])}
    preview = client.post(reverse("campaigns:urge"), ticked).content.decode()
    assert "secretary-branch" in preview
    assert "请抓紧办理“报送活动方案”，2010年9月30日截止。" in preview
    assert client.post(reverse("campaigns:urge"), ticked | {"text": " "}).status_code == 422
    done = client.post(reverse("campaigns:urge"), ticked | {"text": "请今天办好"}, follow=True)
    assert "已催办 1 个党组织" in done.content.decode()
    nothing = client.post(reverse("campaigns:urge"), {"obligation": owes.pk}, follow=True)
    assert "请先勾选" in nothing.content.decode()


def test_only_what_one_may_urge_is_offered_and_a_tick_beside_it_stops_nothing(owes, chain, person, client):
    """The list has one's own row and those two levels down, which others urge."""
    person("secretary", "branch")
    client.force_login(person("secretary", "committee"), backend="django.contrib.auth.backends.ModelBackend")
    ticked = rows(owes, chain["committee"], chain["general"], chain["branch"])
    page = client.get(f"{reverse('campaigns:owing')}?obligation={owes.pk}").content.decode()
    assert [f'name="assignment" value="{pk}"' in page for pk in ticked] == [False, True, False]
    asked = client.post(reverse("campaigns:urge"), {"obligation": owes.pk, "assignment": ticked})
    assert [row.assignment.organization for row in asked.context["addressees"]] == [chain["general"]]


def test_who_is_asked_and_by_when_is_what_holds_there(owes, chain, person, time_machine):
    """An office below has varied the rule: other posts, another day."""
    time_machine.move_to(dt.datetime(2010, 9, 1, 4, tzinfo=dt.UTC))
    deputy, _ = person("deputy_secretary", "branch"), person("secretary", "branch")
    Obligation.objects.create(
        varies=owes, organization=chain["general"], phase=owes.phase, expects="plan", name=owes.name,
        opens_on=owes.opens_on, due_on=D(2010, 9, 20), posts=["deputy_secretary"], made_on=D(2010, 8, 1),
    )  # fmt: skip
    assignments.refresh(owes)
    found = addressees(owes, rows(owes, chain["branch"]), by=person("secretary", "general"))
    assert [pk for pk, _ in found[0].people] == [deputy.pk]
    assert suggested(owes, found) == "请抓紧办理“报送活动方案”，2010年9月20日截止。"
    both = addressees(owes, rows(owes, chain["branch"], chain["foreign"]), by=person("office", "city"))
    assert suggested(owes, both) == "请抓紧办理“报送活动方案”。"


def test_after_the_campaigns_last_day_nobody_is_asked(owes, chain, person, client):
    person("secretary", "branch")
    superior = person("secretary", "general")
    Campaign.objects.update(closed_on=D(2010, 10, 7))
    assert urge(owes, rows(owes, chain["branch"]), text="请办理", by=superior) == 0
    client.force_login(superior, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"{reverse('campaigns:owing')}?obligation={owes.pk}").content.decode()
    assert chain["branch"].name in page
    assert "催办勾选的" not in page
