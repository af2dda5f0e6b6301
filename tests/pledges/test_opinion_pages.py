"""群众意见 as visitors and the desk meet it: nothing identifying is stored, nobody floods it, contacts stay at home."""

import logging
import re

import pytest
import structlog
from django.core.cache import cache
from django.urls import reverse
from structlog.testing import capture_logs

from common.models import Event
from pledges import services as pledge_services
from pledges.models import Opinion, OpinionContact, Publication
from pledges.services import opinions
from pledges.tasks import tend_opinions
from tests.common.solved import question, solved
from tests.pledges.test_opinions import holding

ADDRESS = "203.0.113.77"
SAID = {"text": "窗口还是要等半小时", "about": "1", "view": "partly", "name": "", "reach": ""}


@pytest.fixture(autouse=True)
def remembering(settings, request):
    """A cache that keeps, of this test alone; the tests' own keeps nothing."""
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": request.node.nodeid}}


@pytest.fixture
def publication(published):
    return Publication.objects.get()


@pytest.fixture
def url(publication):
    return reverse("pledges:leave_opinion", args=[publication.pk])


@pytest.fixture
def post(client, url):
    def send(address=ADDRESS, **said):
        return client.post(url, {**SAID, **solved(), **said}, REMOTE_ADDR=address)

    return send


@pytest.fixture
def leave(publication):
    def make(text="窗口还是要等半小时", **said):
        return opinions.receive(publication, text=text, **said)[0]

    return make


@pytest.fixture
def as_(client, person):
    def sign_in(post, place):
        client.force_login(person(post, place))
        return client

    return sign_in


def text_of(answer):
    return answer.content.decode()


def code_in(answer):
    return re.search(r"data-code>([0-9A-Z-]+)<", text_of(answer))[1]


def test_anyone_leaves_an_opinion_and_looks_its_answer_up(client, url, post, person, publication):
    page = client.get(url)
    assert page["Cache-Control"] == "private, no-store"
    assert "第1项" in text_of(page)
    answer = post()
    assert answer.status_code == 200
    opinion = Opinion.objects.get()
    assert (opinion.item_number, opinion.view, opinion.is_signed) == (1, "partly", False)
    assert not OpinionContact.objects.exists()
    code, there = code_in(answer), reverse("pledges:look_up_opinion")
    found = text_of(client.post(there, {"code": code.lower()}))
    assert "正在办理" in found
    assert "还有 10 个工作日" in found
    opinions.answer(opinion, "已加开一个窗口。", version=1, by=person("secretary", "branch"))
    found = client.post(there, {"code": code})
    assert "已加开一个窗口。" in text_of(found)
    assert found["Cache-Control"] == "private, no-store"
    assert code.replace("-", "") not in there + "".join(found.headers.values())


def test_nothing_says_who_it_was(client, post, as_, relay, caplog):
    caplog.set_level(logging.DEBUG)
    secret = "只有我知道的事"
    as_("secretary", "branch")  # even somebody who is signed in is nobody here
    with capture_logs([structlog.contextvars.merge_contextvars]) as lines:
        answer = post(text=secret, name="王女士", reach="wang@example.invalid")
        tend_opinions()
        relay()
        client.post(reverse("pledges:look_up_opinion"), {"code": code_in(answer)}, REMOTE_ADDR=ADDRESS)
    assert answer.status_code == 200
    code = code_in(answer)
    assert holding(ADDRESS) == holding(code) == holding(code.replace("-", "")) == []
    assert holding(answer["X-Request-ID"]) == []
    assert [table for table, _ in holding(secret)] == ["pledges_opinion"]
    assert [table for table, _ in holding("wang@example.invalid")] == ["pledges_opinioncontact"]
    logged = f"{lines} {caplog.text}"
    for word in [ADDRESS, code, code.replace("-", ""), secret, "王女士", "wang@"]:
        assert word not in logged
    requests = [line for line in lines if line["event"] == "request"]
    assert {line["user_id"] for line in requests} == {None}
    event = Event.objects.get(kind="opinion.receive")
    assert (event.actor, event.address, event.request_id, event.post) == (None, None, "", "")


def test_the_moment_stands_nowhere_either(post):
    """Beside the web server's own log it would tell who it was; what is on record comes later, all at once."""
    events = Event.objects.count()
    post()
    assert Event.objects.count() == events
    opinion = Opinion.objects.values().get()
    assert not [name for name, value in opinion.items() if hasattr(value, "hour")]


def test_a_refused_form_keeps_everything_typed(client, url):
    said = {**SAID, "name": "王女士", "reach": "不告诉你", **solved(), "challenge_answer": "99"}
    answer = client.post(url, said)
    page = text_of(answer)
    assert answer.status_code == 422
    for kept in ["窗口还是要等半小时", "王女士", "不告诉你", "答案不对", "电话或邮箱不完整"]:
        assert kept in page
    assert re.search(r'value="partly"[^>]*checked', page)
    assert not Opinion.objects.exists()


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"text": " "}, "请写下您的意见"),
        ({"text": "长" * 501}, "501"),
        ({"about": "7"}, "没有这一项承诺"),
        ({"view": "great"}, "没有这种看法"),
        ({"website": "http://spam.example"}, "误以为这是程序"),
        ({"text": "a\x00b"}, "有错误"),
    ],
)
def test_bad_input_is_told_in_a_sentence_and_stored_nowhere(said, problem, post):
    answer = post(**said)
    assert answer.status_code == 422
    assert problem in text_of(answer)
    assert not Opinion.objects.exists()


def test_the_sixth_in_an_hour_from_one_network_waits_and_the_next_network_does_not(post):
    assert [post().status_code for _ in range(6)] == [200] * 5 + [429]
    refused = post(text="第七条的文字")
    assert "第七条的文字" in text_of(refused)
    assert "已经用过" not in text_of(refused)
    assert post(address="198.51.100.4").status_code == 200
    assert ADDRESS not in str(cache._cache)


def test_a_question_is_good_once(client, url):
    asked = question()
    assert client.post(url, {**SAID, **solved(asked)}).status_code == 200
    assert client.post(url, {**SAID, **solved(asked)}).status_code == 422
    assert Opinion.objects.count() == 1


def test_wrong_codes_answer_alike_and_not_without_end(client, leave):
    leave()
    there = reverse("pledges:look_up_opinion")
    strip = lambda page: re.sub(r'value="[^"]*"', "", text_of(page))  # noqa: E731
    pages = [
        client.post(there, {"code": code}, REMOTE_ADDR=ADDRESS)
        for code in ["ABCD2345EFGH", "x", "' OR 1=1", "零"]
    ]
    assert {page.status_code for page in pages} == {422}
    assert len({strip(page) for page in pages}) == 1
    answers = [
        client.post(there, {"code": "ABCD2345EFGH"}, REMOTE_ADDR=ADDRESS).status_code for _ in range(30)
    ]
    assert answers[-1] == 429


def test_a_pledge_that_is_not_public_has_no_such_page(client, person, published, url, publication):
    pledge_services.withdraw(published, by=person("office_director", "city"), reason="数字有误")
    for name in ["pledges:leave_opinion", "pledges:public_answers"]:
        assert client.get(reverse(name, args=[publication.pk])).status_code == 404
    assert client.post(url, {**SAID, **solved()}).status_code == 404


def test_the_public_page_counts_and_shows_what_was_published(
    client, person, publication, leave, time_machine
):
    by = person("secretary", "branch")
    shown, hidden, closed, _ = (
        leave("原文甲"),
        leave("原文乙"),
        leave("原文丙", view="unfulfilled"),
        leave(view="partly"),
    )
    for opinion, answer in [(shown, "答复甲"), (hidden, "答复乙")]:
        opinions.answer(opinion, answer, version=1, by=by)
    opinions.publish(shown, with_text=True, by=by)
    opinions.close(closed, "abusive", by=by)
    page = client.get(publication.get_absolute_url())
    assert not page.cookies
    assert "csrf" not in text_of(page)
    time_machine.shift(3600 * 24 * 20)
    pages = [text_of(client.get(publication.get_absolute_url())),
             text_of(client.get(reverse("pledges:public_answers", args=[publication.pk])))]  # fmt: skip
    for said in pages:
        assert "收到 4 条，已答复 2 条，不予答复 1 条，逾期 1 条" in said
        assert "原文甲" in said
        assert "答复甲" in said
        for word in ["原文乙", "答复乙", "原文丙", "窗口还是要等半小时"]:
            assert word not in said
    assert re.search(r'data-l="部分兑现">1<', pages[1])
    assert re.search(r'data-l="未兑现">0<', pages[1])


@pytest.mark.parametrize("count", [1, 3])
def test_the_public_pages_ask_as_often_for_three_as_for_one(
    count, client, person, publication, leave, django_assert_num_queries
):
    by = person("secretary", "branch")
    for _ in range(count):
        opinions.answer(opinion := leave(view="partly"), "已办理。", version=1, by=by)
        opinions.publish(opinion, with_text=True, by=by)
    with django_assert_num_queries(8):
        client.get(publication.get_absolute_url())
    with django_assert_num_queries(4):
        client.get(reverse("pledges:public_answers", args=[publication.pk]))


# -- the desk -----------------------------------------------------------------------------------


def test_contacts_and_numbers_are_read_at_home_alone(as_, leave):
    opinion = leave("电话13900001234", name="王女士", reach="wang@example.invalid")
    for post in ["secretary", "deputy_secretary", "liaison"]:
        page = text_of(as_(post, "branch").get(opinion.get_absolute_url()))
        assert "王女士" in page
        assert "13900001234" in page
    for who in [("secretary", "general"), ("office", "city"), ("office_director", "city"), ("discipline", "city"),
                ("group_member", "branch")]:  # fmt: skip
        page = text_of(as_(*who).get(opinion.get_absolute_url()))
        assert "139****1234" in page
        for word in ["王女士", "wang@example.invalid", "13900001234"]:
            assert word not in page
    for who in [("secretary", "sibling"), ("secretary", "foreign")]:
        assert as_(*who).get(opinion.get_absolute_url()).status_code == 404


def test_from_draft_to_the_public_page_on_the_desk(as_, client, leave, publication):
    opinion = leave("<script>alert(1)</script>" + "很长" * 200)
    here = opinion.get_absolute_url()
    desk = as_("liaison", "branch")
    page = text_of(desk.get(here))
    assert "<script>alert" not in page
    assert "发出答复" not in page
    desk.post(f"{here}draft/", {"answer": "正在核实。", "version": 1})
    desk = as_("secretary", "branch")
    assert "正在核实。" in text_of(desk.get(here))
    stale = desk.post(f"{here}answer/", {"answer": "另一种说法", "version": 1})
    assert stale.status_code == 409
    assert "另一种说法" in text_of(stale)
    assert "正在核实。" in text_of(stale)
    empty = desk.post(f"{here}answer/", {"answer": "", "version": 2})
    assert (empty.status_code, "请填写答复" in text_of(empty)) == (422, True)
    assert desk.post(f"{here}answer/", {"answer": "已加开窗口。", "version": 2}).status_code == 302
    late = desk.post(f"{here}close/", {"why": "abusive", "remark": "补充的话"})
    assert late.status_code == 409
    assert "补充的话" in text_of(late)
    assert desk.post(f"{here}publish/", {"with_text": ""}).status_code == 302
    page = text_of(client.get(publication.get_absolute_url()))
    assert "已加开窗口。" in page
    assert "很长很长" not in page


@pytest.mark.parametrize(
    ("verb", "said", "problem"),
    [
        ("forward", {"to": "", "to_q": "没有的支部", "reason": "x"}, "没有找到"),
        ("forward", {"to": "", "to_q": "震泽镇财政所党支部", "reason": "x"}, "本来就由本组织办理"),
        ("forward", {"to": "", "to_q": "震泽镇文化站党支部", "reason": ""}, "请写明理由"),
        ("close", {"why": "dull"}, "请选择原因"),
        ("answer", {"answer": "长" * 1001, "version": 1}, "1001"),
        ("answer", {"answer": "好", "version": "x"}, "有错误"),
    ],
)
def test_the_desk_says_what_is_wrong(verb, said, problem, as_, leave):
    opinion = leave()
    answer = as_("secretary", "branch").post(f"{opinion.get_absolute_url()}{verb}/", said)
    assert answer.status_code in (409, 422)
    assert problem in text_of(answer)
    assert Opinion.objects.values_list("state", "version", "organization").get() == (
        "received", 1, opinion.organization_id,
    )  # fmt: skip


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_often_for_three_as_for_one(count, as_, leave, django_assert_num_queries):
    for _ in range(count):
        leave()
    desk = as_("secretary", "branch")
    with django_assert_num_queries(7):
        page = text_of(desk.get(reverse("pledges:opinions")))
    assert page.count("还有 10 个工作日") == count
