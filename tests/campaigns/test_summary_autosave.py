"""A summary is kept while it is typed: late packets, two people, a save, and what is filed meanwhile."""

import datetime as dt

import pytest
from django.urls import reverse

from campaigns.models import Obligation, Summary, SummaryBuffer
from campaigns.services import assignments
from campaigns.services import summaries as services

D = dt.date
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to(dt.datetime(2011, 1, 10, 4, tzinfo=dt.UTC), tick=False)


@pytest.fixture
def secretary(person):
    return person("secretary", "branch")


@pytest.fixture
def draft(chain, phase, secretary):
    asked = Obligation.objects.create(
        phase=phase, expects="summary", name="报送第一时段小结", opens_on=D(2010, 6, 1), due_on=D(2011, 1, 15),
        made_on=D(2010, 6, 1),
    )  # fmt: skip
    assignments.refresh(asked)
    return services.create(chain["branch"], phase, by=secretary)


@pytest.fixture
def send(client, draft, secretary):
    """send(sequence, done, …) -> the server's answer to one packet."""

    def packet(sequence, done, *, by=secretary, version=1):
        client.force_login(by, backend=BACKEND)
        data = {"version": version, "sequence": sequence, "done": done, "left": ""}
        return client.post(reverse("campaigns:summary_autosave", args=[draft.pk]), data)

    return packet


def kept(user):
    payload = SummaryBuffer.objects.get(user=user).payload
    return payload and payload["done"]


def test_what_is_typed_last_is_kept_and_found_again(send, client, draft, secretary):
    assert send(2, "打了一半").json() == {"saved": "12:00", "sequence": 2, "behind": False}
    send(1, "来迟的")
    assert kept(secretary) == "打了一半"
    assert Summary.objects.get().done == ""
    page = client.get(reverse("campaigns:summary_edit", args=[draft.pk])).content.decode()
    assert "已恢复您在" in page and "打了一半" in page
    client.post(reverse("campaigns:summary_edit", args=[draft.pk]), {"do": "drop"})
    assert "打了一半" not in client.get(reverse("campaigns:summary_edit", args=[draft.pk])).content.decode()


def test_after_a_save_nothing_is_pending_and_an_older_packet_comes_too_late(send, client, draft, secretary):
    send(5, "打了一半")
    said = {"version": 1, "sequence": 6, "done": "写完了", "left": "", "do": "save"}
    client.post(reverse("campaigns:summary_edit", args=[draft.pk]), said)
    assert (Summary.objects.get().done, kept(secretary)) == ("写完了", None)
    send(5, "打了一半", version=2)
    assert kept(secretary) is None


def test_each_writes_for_themselves_and_is_told_when_the_other_has_saved(
    send, client, draft, person, secretary
):
    liaison = person("liaison", "branch")
    send(1, "联络员在写", by=liaison)
    services.save(draft, {"done": "书记写的", "left": ""}, version=1, by=secretary)
    assert send(2, "联络员还在写", by=liaison).json()["behind"] is True
    page = client.get(reverse("campaigns:summary_edit", args=[draft.pk])).content.decode()
    assert "在那以后，别的同志保存过" in page and "联络员还在写" in page
    said = {"version": 1, "sequence": 3, "done": "联络员还在写", "left": "", "do": "save"}
    clash = client.post(reverse("campaigns:summary_edit", args=[draft.pk]), said)
    assert clash.status_code == 409
    assert "书记写的" in clash.content.decode() and "联络员还在写" in clash.content.decode()


def test_what_is_filed_or_not_ones_own_is_refused_as_data(send, draft, person, phase, secretary):
    assert send(1, "写", by=person("secretary", "sibling")).status_code == 404
    services.save(draft, {"done": "写完了", "left": ""}, version=1, by=secretary)
    services.submit(draft, by=secretary)
    answer = send(2, "还想改")
    assert (answer.status_code, answer.json()) == (403, {"message": "这份小结现在不能修改。"})
    Summary.objects.update(state="draft", submitted_at=None, submitted_by=None)
    phase.frozen_at = dt.datetime(2011, 1, 9, tzinfo=dt.UTC)
    phase.save()
    answer = send(3, "还想改")
    assert answer.status_code == 409
    assert "归档" in answer.json()["message"]
