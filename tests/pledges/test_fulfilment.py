"""践诺: one tap a quarter, three judgements side by side, what is overdue, what the public reads."""

import datetime as dt
import io

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from common.attachments import checked
from common.models import Event
from common.states import StepRefused
from notifications.models import Notice
from organizations.models import Member
from organizations.services import add_member
from pledges import services
from pledges.models import (
    Cause,
    Judgement,
    Pledge,
    PledgeItem,
    Progress,
    ProgressAttachment,
    Publication,
    Result,
    Source,
    Status,
)
from pledges.queries import duties
from pledges.queries.fulfilment import overdue_items, to_judge
from pledges.services.appraisal import appraise, self_appraise
from pledges.services.fulfilment import (
    Given,
    Note,
    judge,
    take_back_judgement,
    take_back_tap,
    tap,
    tell_progress,
)
from tests.conftest import DAY
from tests.organizations.test_organizations import MEMBER
from tests.pledges.conftest import item as typed_item

FULFILLED = Given(Result.FULFILLED)
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
MEETING = Given(
    held_on=dt.date(2010, 8, 30), present=20, said={"fulfilled": 12, "partly": 3, "unfulfilled": 1}
)


@pytest.fixture
def kept(published):
    """The item of the branch's published pledge; due on 2010-12-20."""
    return published.items.get()


@pytest.fixture
def members(chain, person, phase, campaign):
    """members(n) -> n members' pledges of the branch, settled, one item each; the first has an account."""

    def make(number=1, place="branch"):
        keeper = person("secretary", place)
        made = []
        for each in range(number):
            values = MEMBER | {"name": f"党员{each}", "number": f"{place}{each}"}
            member = add_member(chain[place], values=values, on=DAY, by=keeper)
            pledge = services.create_member_draft(member, phase, by=keeper)
            text = {
                "title": "",
                "category": campaign.rubric.filter(subject="member").first().pk,
                "directions": ["organization", "masses"],
                "aim": "把窗口的事办得更快",
                "items": [typed_item(key=f"{each:012d}")],
            }
            services.save(pledge, text, version=1, by=keeper)
            settle(pledge, keeper)
            made.append(Pledge.objects.get(pk=pledge.pk))
        return made

    return make


def settle(pledge, by, state="approved"):
    Pledge.objects.filter(pk=pledge.pk).update(
        state=state, submitted_at=dt.datetime(2010, 9, 1, tzinfo=dt.UTC), submitted_by=by
    )
    pledge.items.update(state="approved")


@pytest.fixture
def account(person):
    """account(member) -> the person's own account, without any post."""

    def make(member, name="own"):
        user = type(person("secretary", "branch")).objects.create_user(
            name, name=name, password="Test-pass-1"
        )
        Member.objects.filter(pk=member.pk).update(user=user)
        return user

    return make


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def picture(size=(30, 20)):
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, "PNG")
    return out.getvalue()


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
EVERYONE = [
    (post, place)
    for post in ["secretary", "deputy_secretary", "liaison", "office_director"]
    for place in ["branch", "general", "sibling"]
]


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


# -- results ---------------------------------------------------------------------------------

# pledge -> source -> who may: written by hand, everybody else is refused
JUDGES = {
    "organization": {
        "self": {("secretary", "branch")},
        "superior": {("secretary", "general")},
        "masses": {("secretary", "branch"), ("liaison", "branch")},
    },
    "member": {
        "self": {("secretary", "branch"), ("deputy_secretary", "branch"), ("liaison", "branch")},
        "superior": {("secretary", "branch"), ("deputy_secretary", "branch")},
        "masses": {("secretary", "branch"), ("liaison", "branch")},
    },
    "leader": {
        "self": {("secretary", "branch"), ("deputy_secretary", "branch"), ("liaison", "branch")},
        "superior": {("secretary", "general")},
        "masses": {("secretary", "branch"), ("liaison", "branch")},
    },
}


@pytest.mark.parametrize("source", Source.values)
@pytest.mark.parametrize("whose", JUDGES)
def test_who_may_judge_what(whose, source, published, members, person):
    pledge = published if whose == "organization" else members()[0]
    if whose == "leader":
        Pledge.objects.filter(pk=pledge.pk).update(is_leading=True)
    given, one = MEETING if source == "masses" else FULFILLED, PledgeItem.objects.get(pledge=pledge)
    allowed = set()
    for post, place in EVERYONE:
        try:
            with transaction.atomic():
                judge(one, source, given, by=person(post, place))
                allowed.add((post, place))
                transaction.set_rollback(True)
        except (PermissionDenied, StepRefused):
            pass
    assert allowed == JUDGES[whose][source]


def test_nobody_judges_what_they_promised_themselves_or_wrote(members, published, account, person):
    own = members()[0]
    secretary = person("secretary", "branch")
    Member.objects.filter(pk=own.member_id).update(user=secretary)
    with pytest.raises(StepRefused, match="您本人的承诺"):
        judge(own.items.get(), Source.SUPERIOR, FULFILLED, by=secretary)
    superior = person("secretary", "general")
    Pledge.objects.filter(pk=published.pk).update(hands=[superior.pk])
    with pytest.raises(StepRefused, match="另一位同志"):
        judge(published.items.get(), Source.SUPERIOR, FULFILLED, by=superior)


def test_the_three_judgements_stand_side_by_side(kept, person):
    secretary = person("secretary", "branch")
    judge(kept, Source.SELF, FULFILLED, by=secretary)
    judge(kept, Source.SUPERIOR, Given(Result.PARTLY), by=person("secretary", "general"))
    judge(kept, Source.MASSES, MEETING, by=person("liaison", "branch"))
    given = {j.source: j for j in kept.judgements.all()}
    assert (given["self"].result, given["superior"].result, given["masses"].result) == (
        "fulfilled",
        "partly",
        "",
    )
    assert given["masses"].counts == [("已兑现", 12), ("部分兑现", 3), ("未兑现", 1), ("客观终止", 0)]
    assert given["masses"].silent == 4


def test_a_correction_keeps_the_old_result_on_record_and_a_mistake_is_taken_back(kept, person):
    secretary = person("secretary", "branch")
    judge(kept, Source.SELF, FULFILLED, by=secretary)
    judge(kept, Source.SELF, Given(Result.UNFULFILLED, Cause.SUBJECTIVE, "没有抓紧"), by=secretary)
    last = Event.objects.filter(kind="pledgeitem.judge").order_by("pk").last()
    assert (last.before, last.after["result"]) == ({"result": "fulfilled"}, "unfulfilled")
    take_back_judgement(kept, Source.SELF, by=secretary)
    assert not kept.judgements.exists()
    assert Event.objects.get(kind="pledgeitem.take_back_judgement").before["explanation"] == "没有抓紧"


REFUSED = [
    (Source.SELF, Given(""), "请选择结果"),
    (Source.SELF, Given(Result.UNFULFILLED), "客观原因还是主观原因"),
    (Source.SELF, Given(Result.UNFULFILLED, Cause.OBJECTIVE, "  "), "向群众说明"),
    (Source.SELF, Given(Result.ENDED, Cause.SUBJECTIVE, "改了主意"), "只能是客观原因"),
    (Source.MASSES, Given(present=3), "日期"),
    (Source.MASSES, Given(held_on=dt.date(2010, 9, 2), present=3), "不能晚于今天"),
    (Source.MASSES, Given(held_on=DAY), "到会人数"),
    (Source.MASSES, Given(held_on=DAY, present=2, said={"fulfilled": 3}), "合计 3 人"),
]


@pytest.mark.parametrize(("source", "given", "why"), REFUSED)
def test_what_cannot_be_recorded_is_refused_with_the_reason(source, given, why, kept, person):
    with pytest.raises(StepRefused, match=why):
        judge(kept, source, given, by=person("secretary", "branch"))


def row(**changed):
    return {"source": "self", "result": "fulfilled", **changed}


SAID = {f"said_{result}": 1 for result in Result.values}
IMPOSSIBLE = [
    row(source="neighbour"),
    row(result="splendid"),
    row(result="unfulfilled"),
    row(result="unfulfilled", cause="objective"),
    row(result="ended", cause="subjective", explanation="x"),
    row(cause="objective"),
    row(result=""),
    row(source="masses"),
    row(source="masses", result="", held_on=DAY, present=3, **SAID),
    row(source="masses", held_on=DAY, present=9, **SAID),
    row(held_on=DAY, present=9, **SAID),
]


@pytest.mark.parametrize("fields", IMPOSSIBLE)
def test_the_database_refuses_judgements_that_make_no_sense(fields, kept, author):
    with pytest.raises(IntegrityError), transaction.atomic():
        Judgement.objects.create(item=kept, recorded_by=author, **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"quarter": dt.date(2010, 8, 1)},
        {"quarter": dt.date(2010, 7, 2)},
        {"status": "splendid"},
        {"is_note_public": True},
        {"before_tap": "splendid"},
    ],
)
def test_the_database_refuses_progress_that_makes_no_sense(fields, kept, author):
    good = {"quarter": dt.date(2010, 7, 1), "status": "done"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Progress.objects.create(item=kept, recorded_by=author, **good | fields)


def test_the_form_says_what_is_missing_and_keeps_what_was_typed(kept, person):
    client = browser(person("secretary", "branch"))
    url = reverse("pledges:judge", args=[kept.pk, "self"])
    page = client.post(url, {"result": "ended", "cause": "subjective", "explanation": "规划调整，项目停了"})
    assert page.status_code == 422
    text = page.content.decode()
    assert "结果请选“未兑现”" in text
    assert "规划调整，项目停了</textarea>" in text
    page = client.post(url, {"result": "ended", "cause": "objective", "explanation": "规划调整，项目停了"})
    assert page.status_code == 302
    assert kept.judgements.get().result == "ended"


# -- overdue ---------------------------------------------------------------------------------


def test_an_item_is_overdue_from_the_first_minute_after_its_day_in_shanghai(kept, client, time_machine):
    url = Publication.objects.get().get_absolute_url()
    time_machine.move_to(dt.datetime(2010, 12, 20, 23, 59, 30, tzinfo=SHANGHAI), tick=False)
    assert "到期未报" not in client.get(url).content.decode()
    time_machine.move_to(dt.datetime(2010, 12, 21, 0, 0, 30, tzinfo=SHANGHAI), tick=False)
    assert "到期未报" in client.get(url).content.decode()
    assert list(overdue_items(PledgeItem.objects.all(), dt.date(2010, 12, 21))) == [kept]
    assert not overdue_items(PledgeItem.objects.all(), dt.date(2010, 12, 20)).exists()


def test_a_report_ends_it_whatever_it_says_and_the_superiors_judgement_does_not(kept, person, time_machine):
    time_machine.move_to(dt.datetime(2010, 12, 25, tzinfo=SHANGHAI))
    judge(kept, Source.SUPERIOR, FULFILLED, by=person("secretary", "general"))
    assert overdue_items(PledgeItem.objects.all(), dt.date(2010, 12, 25)).exists()
    judge(
        kept,
        Source.SELF,
        Given(Result.UNFULFILLED, Cause.SUBJECTIVE, "忘了"),
        by=person("secretary", "branch"),
    )
    assert not overdue_items(PledgeItem.objects.all(), dt.date(2010, 12, 25)).exists()


def test_the_desk_lists_what_is_overdue_within_reach(kept, person, time_machine):
    time_machine.move_to(dt.datetime(2010, 12, 25, tzinfo=SHANGHAI))
    url = reverse("pledges:fulfilment")
    assert "全年上门办税十二次" in browser(person("office", "city")).get(url).content.decode()
    assert "全年上门办税十二次" not in browser(person("secretary", "sibling")).get(url).content.decode()


# -- public ----------------------------------------------------------------------------------


def test_the_public_reads_results_and_what_is_meant_for_it_and_nothing_else(kept, person, client):
    secretary = person("secretary", "branch")
    file = checked(SimpleUploadedFile("金雀附件.png", picture()))
    tell_progress(kept, Status.DIFFICULT, Note("金雀内部说明", file=file), by=secretary)
    judge(
        kept,
        Source.SELF,
        Given(Result.UNFULFILLED, Cause.OBJECTIVE, "遇到汛期，找13900001234问"),
        by=secretary,
    )
    judge(kept, Source.SUPERIOR, Given(Result.PARTLY), by=person("secretary", "general"))
    judge(kept, Source.MASSES, MEETING, by=secretary)
    grade(kept.pledge, person)
    url = Publication.objects.get().get_absolute_url()
    text = client.get(url).content.decode()
    for words in [
        "有困难",
        "未兑现（客观原因）：遇到汛期",
        "139****1234",
        "上级认定",
        "部分兑现",
        "到会 20 人",
    ]:
        assert words in text, words
    for words in ["金雀", "13900001234", "97", "desk/fulfilment"]:
        assert words not in text, words
    tell_progress(kept, Status.DIFFICULT, Note("请打13900001234", is_public=True), by=secretary)
    assert "请打139****1234" in client.get(url).content.decode()
    ProgressAttachment.objects.get().file.delete()


def grade(pledge, person):
    self_appraise(pledge, by=person("secretary", "branch"), band="好", text="金雀自评")
    appraise(pledge, by=person("secretary", "general"), score=97, comment="金雀评语")


def test_what_was_taken_down_tells_nothing(kept, person, client):
    tap(kept, Status.DONE, by=person("secretary", "branch"))
    publication = Publication.objects.get()
    services.withdraw(kept.pledge, by=person("office_director", "city"), reason="表述有误")
    page = client.get(publication.get_absolute_url())
    assert page.status_code == 410
    assert "已完成" not in page.content.decode()


@pytest.mark.parametrize("quarters", [1, 3])
def test_the_public_page_costs_the_same_however_much_was_told(
    quarters, kept, author, client, django_assert_num_queries
):
    for number in range(quarters):
        Progress.objects.create(
            item=kept, quarter=dt.date(2010, 1 + 3 * number, 1), status="ongoing", recorded_by=author
        )
    url = Publication.objects.get().get_absolute_url()
    with django_assert_num_queries(8):
        client.get(url)


# -- the desk --------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_of_a_branch_costs_the_same_at_one_and_three_members(
    number, members, kept, person, django_assert_num_queries
):
    for pledge in members(number):
        tap(pledge.items.get(), Status.DONE, by=person("secretary", "branch"))
        judge(pledge.items.get(), Source.SELF, FULFILLED, by=person("secretary", "branch"))
    client = browser(person("secretary", "branch"))
    url = reverse("pledges:fulfilment_at", args=[kept.place_id])
    client.get(url)
    with django_assert_num_queries(13):
        assert client.get(url).content.decode().count('class="kept"') == number + 1


@pytest.mark.parametrize("number", [1, 3])
def test_the_lists_cost_the_same_at_one_and_three(
    number, members, person, time_machine, django_assert_num_queries
):
    members(number)
    time_machine.move_to(dt.datetime(2010, 12, 25, tzinfo=SHANGHAI))
    client = browser(person("secretary", "branch"))
    client.get(reverse("pledges:fulfilment"))
    with django_assert_num_queries(10):
        assert client.get(reverse("pledges:fulfilment")).content.decode().count("全年上门办税") == number


def test_only_those_within_reach_find_the_page_of_a_branch(kept, person):
    url = reverse("pledges:fulfilment_at", args=[kept.place_id])
    assert browser(person("secretary", "sibling")).get(url).status_code == 404
    page = browser(person("secretary", "general")).get(url)
    assert page.status_code == 200
    assert 'name="status"' not in page.content.decode()


def test_the_branch_with_nothing_settled_has_an_empty_page(chain, person):
    page = browser(person("secretary", "branch")).get(
        reverse("pledges:fulfilment_at", args=[chain["branch"].pk])
    )
    assert "还没有要践行的承诺" in page.content.decode()


# -- who is told -----------------------------------------------------------------------------


def test_the_superior_is_told_once_a_day_and_the_writers_calmly_when_judged_differently(kept, person, relay):
    secretary, superior = person("secretary", "branch"), person("secretary", "general")
    judge(kept, Source.SELF, FULFILLED, by=secretary)
    judge(kept, Source.SELF, Given(Result.PARTLY), by=secretary)
    relay()
    told = Notice.objects.filter(recipient=superior, key__startswith="results:")
    assert [n.subject for n in told] == ["震泽镇财政所党支部自报了承诺的结果，请认定"]
    judge(kept, Source.SUPERIOR, Given(Result.PARTLY), by=superior)
    relay()
    assert not Notice.objects.filter(key__startswith="judged-differently").exists()
    judge(kept, Source.SUPERIOR, Given(Result.UNFULFILLED, Cause.SUBJECTIVE, "未见成效"), by=superior)
    relay()
    notice = Notice.objects.get(key__startswith="judged-differently")
    assert notice.recipient == secretary
    assert "互不改动" in notice.body


def lines(user, day):
    return [(d.label, d.title, d.url) for d in duties(type(user).objects.get(pk=user.pk), day)]


def test_duties_name_what_is_due_overdue_untold_and_to_be_judged(kept, person):
    secretary, superior = person("secretary", "branch"), person("secretary", "general")
    at = reverse("pledges:fulfilment_at", args=[kept.place_id])
    assert lines(secretary, dt.date(2010, 8, 31)) == []
    assert lines(secretary, dt.date(2010, 9, 1)) == [
        ("待填进展", "1 项党组织承诺本季度还没有填进展，点一下即可", at)
    ]
    tap(kept, Status.DONE, by=secretary)
    assert lines(secretary, dt.date(2010, 9, 1)) == []
    assert [line[0] for line in lines(secretary, dt.date(2010, 12, 6))] == ["即将到期", "待填进展"]
    assert lines(secretary, dt.date(2010, 12, 21))[0] == ("到期未报", "1 项党组织承诺已到期，请报告结果", at)
    judge(kept, Source.SELF, FULFILLED, by=secretary)
    assert [line[0] for line in lines(secretary, dt.date(2010, 12, 21))] == ["待自评"]
    assert lines(superior, dt.date(2010, 12, 21)) == [("待认定", "1 项党组织承诺自报了结果，等待认定", at)]
    assert lines(person("secretary", "sibling"), dt.date(2010, 12, 21)) == []


def test_ones_own_duties_lead_to_ones_own_page(members, account):
    user = account(members()[0].member)
    assert lines(user, dt.date(2010, 12, 21))[0] == (
        "到期未报",
        "1 项本人的承诺已到期，请报告结果",
        reverse("pledges:fulfilment_mine"),
    )


def test_what_one_may_judge_is_what_the_list_says(members, kept, person):
    """The filter and the guards agree, for every post and every kind of pledge."""
    ordinary, leading = members(2)
    Pledge.objects.filter(pk=leading.pk).update(is_leading=True)
    items = [kept, ordinary.items.get(), leading.items.get()]
    for one in items:
        judge(PledgeItem.objects.get(pk=one.pk), Source.SELF, FULFILLED, by=person("secretary", "branch"))
    for post, place in EVERYONE:
        user = person(post, place)
        listed = set(to_judge(PledgeItem.objects.all(), user).values_list("pk", flat=True))
        assert listed == {one.pk for one in items if _judges(one, user)}, (post, place)


def _judges(one, user):
    try:
        with transaction.atomic():
            judge(PledgeItem.objects.get(pk=one.pk), Source.SUPERIOR, FULFILLED, by=user)
            transaction.set_rollback(True)
    except (PermissionDenied, StepRefused):
        return False
    return True


def test_an_attachments_own_name_is_never_its_place_on_disk(author):
    made = ProgressAttachment(name="../../etc/passwd.png", uploaded_by=author)
    name = ProgressAttachment._meta.get_field("file").generate_filename(made, "../../etc/passwd.png")
    assert name.startswith("progress/")
    assert "passwd" not in name
    assert name.endswith(".png")
