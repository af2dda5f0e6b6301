"""评诺 of items: three judgements side by side, and who gives them."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from common.models import Event
from common.states import StepRefused
from organizations.models import Member
from pledges.models import (
    Cause,
    Judgement,
    Pledge,
    PledgeItem,
    Progress,
    Result,
    Source,
)
from pledges.services.fulfilment import (
    Given,
    judge,
    take_back_judgement,
)
from tests.conftest import DAY
from tests.pledges.fulfilment.conftest import EVERYONE, FULFILLED, MEETING, browser

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
