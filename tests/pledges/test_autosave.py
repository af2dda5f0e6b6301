"""R12: packets come late, twice or not at all; what was typed last is what is kept."""

import datetime as dt
import random

import pytest
from django.urls import reverse

from pledges import services
from pledges.models import DraftBuffer, Pledge
from tests.pledges.conftest import item, saved_text
from tests.pledges.pages import edit_url, posted


@pytest.fixture
def send(client, draft, text):
    """send(user, sequence, title=…) -> the server's answer to one packet."""

    def packet(user, sequence, version=2, **changed):
        client.force_login(user)
        data = posted(text(**changed), version, sequence=sequence)
        return client.post(reverse("pledges:autosave", args=[draft.pk]), data)

    return packet


def kept(user):
    return DraftBuffer.objects.get(user=user).payload["title"]


def test_what_is_typed_is_kept_and_the_time_is_told(send, author):
    answer = send(author, 100, title="打了一半")
    assert answer.json() == {"saved": "12:00", "sequence": 100, "behind": False}
    assert kept(author) == "打了一半"
    assert Pledge.objects.get().title == "财政窗口十五分钟办结"


def test_packets_in_any_order_twice_or_lost_leave_the_newest(send, author):
    packets = [(n, f"第{n}个字") for n in range(1, 21)]
    shuffled = [each for each in packets * 2 if random.Random(each[0]).random() > 0.3]
    random.Random(7).shuffle(shuffled)
    for sequence, title in shuffled:
        send(author, sequence, title=title)
    newest = max(sequence for sequence, _ in shuffled)
    assert kept(author) == f"第{newest}个字"


def test_a_version_that_never_was_is_taken_for_the_newest(client, send, draft, text, author):
    beyond = "9" * 17
    assert send(author, 1, version=beyond, title="打了一半").json()["behind"] is False
    data = posted(text(title="多一项"), beyond) | {"do": "add"}
    assert client.post(edit_url(draft), data).status_code == 200


def test_each_person_has_a_buffer_of_their_own(send, person, author):
    send(author, 5, title="书记在写")
    send(person("liaison", "branch"), 1, title="联络员在写")
    assert (kept(author), kept(person("liaison", "branch"))) == ("书记在写", "联络员在写")


def test_a_closed_round_keeps_no_typing_and_the_page_shows_it_again(
    client, send, draft, text, author, person
):
    director = person("office_director", "city")
    services.close_round(draft.phase, as_of=dt.date(2010, 9, 1), by=director)
    answer = send(author, 1, title="归档以后写的")
    assert (answer.status_code, "归档" in answer.json()["message"]) == (409, True)
    for do in ["save", "add"]:
        page = client.post(edit_url(draft), posted(text(title="归档以后写的"), 2, do=do)).content.decode()
        assert "归档以后写的" in page
    assert not DraftBuffer.objects.exists()


def test_a_packet_that_comes_after_the_save_is_too_late(client, send, draft, text, author):
    send(author, 100, title="草稿")
    client.post(edit_url(draft), posted(text(title="保存的"), 2, sequence=102))
    send(author, 101, title="路上的旧包")
    assert not DraftBuffer.objects.pending().exists()
    assert "已恢复" not in client.get(edit_url(draft)).content.decode()
    send(author, 103, version=3, title="又写")
    assert kept(author) == "又写"


def test_coming_back_finds_the_text_and_may_drop_it(client, send, draft, author):
    send(author, 1, title="没有保存就走了")
    page = client.get(edit_url(draft)).content.decode()
    assert "没有保存就走了" in page
    assert "已恢复您在 2010年9月1日 12:00" in page
    assert client.post(edit_url(draft), {"do": "drop"}).url == edit_url(draft)
    page = client.get(edit_url(draft)).content.decode()
    assert "没有保存就走了" not in page
    assert "财政窗口十五分钟办结" in page


def test_a_buffer_like_the_saved_text_is_no_news(client, send, draft, author):
    send(author, 1)
    assert "已恢复" not in client.get(edit_url(draft)).content.decode()


def test_the_other_ones_save_is_told_at_once_and_compared_on_saving(
    client, send, person, draft, text, author
):
    services.save(draft, text(title="联络员保存的"), version=2, by=person("liaison", "branch"))
    assert send(author, 1, title="书记写的").json()["behind"] is True
    assert "别的同志保存过" in client.get(edit_url(draft)).content.decode()
    page = client.post(edit_url(draft), posted(text(title="书记写的"), 2))
    assert page.status_code == 409
    shown = page.content.decode()
    assert "联络员保存的" in shown
    assert "书记写的" in shown
    assert "liaison-branch（震泽镇财政所党支部 联络员）" in shown
    chosen = {**posted(text(title="书记写的"), 3), "base_version": 2, "choice-title": "mine"}
    client.post(reverse("pledges:resolve", args=[draft.pk]), chosen)
    assert saved_text(draft)["title"] == "书记写的"
    assert not DraftBuffer.objects.pending().filter(user=author).exists()


def test_leaving_the_comparison_keeps_both(client, send, person, draft, text, author):
    services.save(draft, text(title="联络员保存的"), version=2, by=person("liaison", "branch"))
    client.force_login(author)
    client.post(edit_url(draft), posted(text(title="书记写的"), 2))
    assert kept(author) == "书记写的"
    assert saved_text(draft)["title"] == "联络员保存的"


def test_a_filed_pledge_is_not_typed_into(send, person, draft, author):
    services.submit(draft, by=author)
    answer = send(author, 1, title="太晚了")
    assert answer.status_code == 409
    assert "待审定" in answer.json()["message"]
    assert not DraftBuffer.objects.pending().exists()


def test_a_monstrous_text_is_refused(send, author):
    answer = send(author, 1, items=[item(content="长" * 70_000)])
    assert answer.status_code == 413
    assert not DraftBuffer.objects.exists()


def test_signs_the_database_cannot_keep_are_left_out(client, send, draft, text, author):
    send(author, 1, title="一\x00二\x07三")
    assert kept(author) == "一二三"
    client.post(edit_url(draft), posted(text(title="四\x00五\ufffe六"), 2))
    assert saved_text(draft)["title"] == "四五六"


def test_without_a_session_nothing_is_kept(client, draft):
    answer = client.post(reverse("pledges:autosave", args=[draft.pk]), {"title": "谁写的"})
    assert answer.status_code in {302, 403}
    assert "json" not in answer["Content-Type"]  # the script tells it from a refusal
    assert not DraftBuffer.objects.exists()
