"""What was told and judged: on the public page, on the desk, in notices, and when it is overdue."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from campaigns.duties import duties
from campaigns.models import Obligation
from common.attachments import checked
from common.states import StepRefused
from notifications.models import Notice
from pledges import services
from pledges.models import (
    Cause,
    Pledge,
    PledgeItem,
    Progress,
    ProgressAttachment,
    Publication,
    Result,
    Source,
    Status,
)
from pledges.queries.fulfilment import overdue_items, to_judge
from pledges.queries.fulfilment_duties import fulfilment_duties
from pledges.services.appraisal import give
from pledges.services.fulfilment import (
    Given,
    Note,
    judge,
    tap,
    tell_progress,
)
from tests.pledges.conftest import fresh
from tests.pledges.fulfilment.conftest import EVERYONE, FULFILLED, MEETING, SHANGHAI, browser, picture

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
    give(
        pledge,
        "self_appraise",
        {"self_band": "好", "self_text": "金雀自评"},
        by=person("secretary", "branch"),
    )
    give(pledge, "appraise", {"score": 97, "comment": "金雀评语"}, by=person("secretary", "general"))


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
    assert [line[0] for line in lines(secretary, dt.date(2010, 12, 6))] == ["即将到期"], (
        "done needs no further word"
    )
    kept.progress.update(status=Status.ONGOING)
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


@pytest.mark.parametrize("number", [1, 3])
def test_duties_cost_the_same_at_one_and_three_in_the_quarters_last_month(
    number, members, kept, phase, person, django_assert_num_queries
):
    for due_on in (dt.date(2010, 9, 30), dt.date(2010, 12, 31))[:number]:
        Obligation.objects.create(
            phase=phase, expects="quarter", name="季度进展", opens_on=dt.date(2010, 8, 19), due_on=due_on
        )
    members(number)
    secretary = fresh(person("secretary", "branch"))
    with django_assert_num_queries(5):
        found = fulfilment_duties(secretary, dt.date(2010, 9, 1))
    owed = Obligation.objects.get(due_on=dt.date(2010, 9, 30))
    assert [(d.expects, d.phase_id, d.obligation_id) for d in found if d.label == "待填进展"] == [
        ("quarter", phase.pk, owed.pk),
        ("", None, None),
    ]
