"""践诺: one tap a quarter, a note, a file."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from common.attachments import checked
from common.models import Event
from common.states import StepRefused
from pledges.models import (
    Progress,
    ProgressAttachment,
    Status,
)
from pledges.services.fulfilment import (
    Note,
    take_back_tap,
    tap,
    tell_progress,
)
from tests.pledges.fulfilment.conftest import EVERYONE, browser, picture

# -- progress --------------------------------------------------------------------------------


def test_one_tap_tells_the_quarter_and_a_second_one_corrects_it(kept, person):
    secretary = person("secretary", "branch")
    tap(kept, Status.ONGOING, by=secretary)
    tap(kept, Status.DIFFICULT, by=person("liaison", "branch"))
    tap(kept, Status.DIFFICULT, by=secretary)  # the same again is no news
    told = Progress.objects.get()
    assert (told.quarter, told.status, told.recorded_by.username) == (
        dt.date(2010, 7, 1),
        "difficult",
        "liaison-branch",
    )
    steps = Event.objects.filter(kind="pledgeitem.progress").order_by("pk")
    assert [(e.before["status"], e.after["status"]) for e in steps] == [
        ("", "ongoing"),
        ("ongoing", "difficult"),
    ]


def test_the_next_quarter_has_a_line_of_its_own_and_the_last_one_stays(kept, person, time_machine):
    secretary = person("secretary", "branch")
    tap(kept, Status.ONGOING, by=secretary)
    time_machine.move_to(dt.datetime(2010, 9, 30, 16, 0, tzinfo=dt.UTC))  # midnight in Shanghai
    tap(kept, Status.DONE, by=secretary)
    told = Progress.objects.order_by("quarter").values_list("quarter", "status")
    assert list(told) == [(dt.date(2010, 7, 1), "ongoing"), (dt.date(2010, 10, 1), "done")]


def test_a_wrong_tap_is_taken_back_to_what_stood_before(kept, person):
    secretary = person("secretary", "branch")
    tap(kept, Status.DONE, by=secretary)
    take_back_tap(kept, by=secretary)
    assert not Progress.objects.exists()
    tap(kept, Status.ONGOING, by=secretary)
    tap(kept, Status.DONE, by=secretary)
    assert take_back_tap(kept, by=secretary).status == "ongoing"
    with pytest.raises(StepRefused, match="没有可以撤销"):
        take_back_tap(kept, by=secretary)


def test_a_note_keeps_through_a_tap_and_its_old_words_stay_on_record(kept, person):
    secretary = person("secretary", "branch")
    tell_progress(kept, Status.ONGOING, Note("办了七次", is_public=True), by=secretary)
    tell_progress(kept, Status.ONGOING, Note("办了八次"), by=secretary)
    tap(kept, Status.DONE, by=secretary)
    told = Progress.objects.get()
    assert (told.note, told.is_note_public, told.status) == ("办了八次", False, "done")
    assert [e.before["note"] for e in Event.objects.filter(kind="pledgeitem.progress").order_by("pk")] == [
        "",
        "办了七次",
        "办了八次",
    ]


@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "withdrawn"])
def test_nothing_is_told_of_what_is_not_settled_or_was_taken_down(state, pledge_in, person):
    pledge = pledge_in(state)
    with pytest.raises(StepRefused, match="不能填报"):
        tap(pledge.items.get(), Status.DONE, by=person("secretary", "branch"))


WRITERS = {("secretary", "branch"), ("deputy_secretary", "branch"), ("liaison", "branch")}


@pytest.mark.parametrize(("post", "place"), EVERYONE)
def test_who_tells_the_progress_of_an_organizations_pledge(post, place, kept, person):
    user = person(post, place)
    if (post, place) in WRITERS:
        tap(kept, Status.DONE, by=user)
    else:
        with pytest.raises(PermissionDenied):
            tap(kept, Status.DONE, by=user)


def test_a_member_taps_their_own_and_nobody_elses(members, account):
    own, other = members(2)
    user = account(own.member)
    client = browser(user)
    page = client.get(reverse("pledges:fulfilment_mine")).content.decode()
    assert "全年上门办税十二次" in page
    url = reverse("pledges:fulfilment_tap", args=[own.items.get().pk])
    assert client.post(url, {"status": "done", "back": "mine"}).status_code == 302
    assert Progress.objects.get().recorded_by == user
    assert client.post(reverse("pledges:fulfilment_tap", args=[other.items.get().pk])).status_code == 404
    with pytest.raises(PermissionDenied):
        tap(other.items.get(), Status.DONE, by=user)


def test_the_tap_answers_with_the_row_to_htmx_and_with_the_page_otherwise(kept, person):
    client = browser(person("liaison", "branch"))
    url = reverse("pledges:fulfilment_tap", args=[kept.pk])
    piece = client.post(url, {"status": "done", "back": "at"}, headers={"HX-Request": "true"})
    text = piece.content.decode()
    assert text.lstrip().startswith('<li class="kept"')
    assert 'aria-pressed="true">已完成' in text
    assert "撤销刚才的点选" in text
    page = client.post(url, {"undo": "1", "back": "at"})
    place = reverse("pledges:fulfilment_at", args=[kept.place_id])
    assert page["Location"] == f"{place}?phase={kept.pledge.phase_id}#item-{kept.pk}"
    assert client.post(url, {"status": "perfect"}, headers={"HX-Request": "true"}).status_code == 409
    assert not Progress.objects.exists()


# -- attachments -----------------------------------------------------------------------------


def send(client, kept, name, content, **said):
    data = {"status": "ongoing", "note": "附上照片", "file": SimpleUploadedFile(name, content), **said}
    return client.post(reverse("pledges:fulfilment_item", args=[kept.pk]), data)


def test_an_attachment_is_for_those_who_read_the_pledge_at_the_desk(kept, person, client):
    assert send(browser(person("secretary", "branch")), kept, "现场.png", picture()).status_code == 302
    found = ProgressAttachment.objects.get()
    url = found.get_absolute_url()
    answer = browser(person("secretary", "general")).get(url)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Cache-Control"] == "private, no-store"
    assert b"".join(answer.streaming_content).startswith(b"\x89PNG")
    for post, place in [("secretary", "sibling"), ("office_director", "neighbour")]:
        assert browser(person(post, place)).get(url).status_code == 404
    assert client.get(url).status_code == 302
    found.file.delete()


def test_a_file_is_replaced_and_removed_without_leaving_the_old_one_behind(
    kept, person, django_capture_on_commit_callbacks
):
    secretary, first = person("secretary", "branch"), checked(SimpleUploadedFile("a.png", picture()))
    tell_progress(kept, Status.ONGOING, Note(file=first), by=secretary)
    storage, name = ProgressAttachment.objects.get().file.storage, ProgressAttachment.objects.get().file.name
    with django_capture_on_commit_callbacks(execute=True):
        tell_progress(kept, Status.ONGOING, Note(drops_file=True), by=secretary)
    assert not storage.exists(name)
    assert not ProgressAttachment.objects.exists()
    events = Event.objects.filter(kind="pledgeitem.progress").order_by("pk")
    assert [e.before["attachment"].partition(" ")[0] for e in events] == ["", "a.png"]


def test_a_disguised_file_is_refused_and_what_was_typed_stays(kept, person):
    page = send(browser(person("secretary", "branch")), kept, "现场.png", b"MZ\x90\x00" + b"\0" * 500)
    assert page.status_code == 422
    text = page.content.decode()
    assert "附件“现场.png”" in text
    assert "附上照片</textarea>" in text
    assert not Progress.objects.exists()


def test_thirty_megabytes_are_refused_with_the_rest_of_the_form_kept(kept, person):
    page = send(
        browser(person("secretary", "branch")), kept, "现场.png", b"\x89PNG" + b"\0" * (30 * 1024 * 1024)
    )
    assert page.status_code == 422
    text = page.content.decode()
    assert "超过 10 MB 的上限" in text
    assert "附上照片</textarea>" in text
    assert not ProgressAttachment.objects.exists()


def test_an_attachments_own_name_is_never_its_place_on_disk(author):
    made = ProgressAttachment(name="../../etc/passwd.png", uploaded_by=author)
    name = ProgressAttachment._meta.get_field("file").generate_filename(made, "../../etc/passwd.png")
    assert name.startswith("progress/")
    assert "passwd" not in name
    assert name.endswith(".png")
