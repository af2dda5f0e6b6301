"""延期和免办: granted above with a reason, seen in the figures, taken back."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from campaigns.models import Assignment, Concession, Obligation
from campaigns.services import assignments
from campaigns.services.concessions import ConcessionRefused, concede, revoke
from common.models import Event

D = dt.date


def row(owes, place):
    return Assignment.objects.get(obligation=owes, organization=place)


def test_more_time_and_back_again(owes, chain, person):
    superior, place = person("secretary", "general"), chain["branch"]
    granted = concede(owes, place, until=D(2010, 10, 20), reason=" 换届 ", by=superior)
    assert (row(owes, place).due_on, row(owes, place).is_extended) == (D(2010, 10, 20), True)
    assert Event.objects.filter(kind="concession.grant", reason="换届").count() == 1
    revoke(granted, by=superior)
    revoke(granted, by=superior)  # the second click
    assert (row(owes, place).due_on, row(owes, place).is_extended) == (D(2010, 9, 30), False)
    assert Event.objects.filter(kind="concession.revoke").count() == 1


def test_the_last_one_granted_holds_and_the_one_before_stays_on_record(owes, chain, person):
    superior, place = person("secretary", "general"), chain["branch"]
    concede(owes, place, until=D(2010, 10, 20), reason="换届", by=superior)
    concede(owes, place, until=None, reason="支部合并", by=superior)
    assert (row(owes, place).state, row(owes, place).is_waived) == ("exempt", True)
    assert [c.revoked_at is None for c in Concession.objects.order_by("pk")] == [False, True]


@pytest.mark.parametrize(
    ("until", "reason", "why"),
    [(D(2010, 9, 30), "换届", "晚于原来"), (D(2010, 10, 20), "  ", "写明理由")],
)
def test_refused_with_a_sentence(owes, chain, person, until, reason, why):
    with pytest.raises(ConcessionRefused, match=why):
        concede(owes, chain["branch"], until=until, reason=reason, by=person("secretary", "general"))
    assert not Concession.objects.exists()


def test_nobody_lets_themselves_off(owes, chain, person):
    with pytest.raises(PermissionDenied):
        concede(owes, chain["general"], until=None, reason="忙", by=person("secretary", "general"))


@pytest.mark.parametrize(
    ("until", "said"),
    [(D(2010, 10, 20), "已撤销，恢复原来的截止日期。"), (None, "已撤销，恢复为应办。")],
)
def test_what_is_taken_back_is_said(owes, chain, person, client, until, said):
    superior = person("secretary", "general")
    granted = concede(owes, chain["branch"], until=until, reason="换届", by=superior)
    client.force_login(superior, backend="django.contrib.auth.backends.ModelBackend")
    page = client.post(reverse("campaigns:revoke", args=[granted.pk]), follow=True)
    assert [str(message) for message in page.context["messages"]] == [said]


def test_the_page_takes_it_and_gives_back_what_was_typed(owes, chain, person, client):
    client.force_login(person("secretary", "general"), backend="django.contrib.auth.backends.ModelBackend")
    pk = row(owes, chain["branch"]).pk
    refused = client.post(
        reverse("campaigns:extend", args=[pk]), {"until": "2010-09-01", "reason": "换届在即"}
    )
    assert refused.status_code == 422
    assert "延期须晚于原来的截止日期" in refused.content.decode()
    assert "换届在即" in refused.content.decode()
    done = client.post(
        reverse("campaigns:extend", args=[pk]), {"until": "2010年10月20日", "reason": "换届"}, follow=True
    )
    page = done.content.decode()
    assert "已准予“震泽镇财政所党支部”延期" in page
    assert "原定2010年9月30日" in page


def test_more_time_is_measured_against_the_day_that_holds_there(owes, chain, person, client):
    """An office below asked for it ten days earlier."""
    superior, place = person("secretary", "general"), chain["branch"]
    Obligation.objects.create(
        varies=owes, organization=chain["committee"], phase=owes.phase, expects="plan", name=owes.name,
        opens_on=owes.opens_on, due_on=D(2010, 9, 20), made_on=D(2010, 8, 1),
    )  # fmt: skip
    assignments.refresh(owes)
    with pytest.raises(ConcessionRefused, match="2010年9月20日"):
        concede(owes, place, until=D(2010, 9, 20), reason="换届", by=superior)
    concede(owes, place, until=D(2010, 9, 25), reason="换届", by=superior)
    client.force_login(superior, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("campaigns:assignment", args=[row(owes, place).pk])).content.decode()
    assert "（原定2010年9月20日）" in page
