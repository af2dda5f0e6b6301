"""践诺 and 评诺 of a round: quarterly taps, results from both sides, what meetings counted, grades. In bulk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from random import Random
from typing import Any

from django.utils import timezone

from campaigns.bands import Bands, bands_of
from campaigns.models import Phase
from chuangxian.demo import trail
from chuangxian.demo.clock import moment
from chuangxian.demo.keeping_phrases import (
    COMMENTS,
    DIFFICULTIES,
    ENDED,
    NOTES,
    OBJECTIVE,
    PARTLY,
    SELF_WORDS,
    SUBJECTIVE,
)
from chuangxian.demo.people import Cast
from chuangxian.demo.rounds import closing_day, working
from organizations.models import Member
from pledges.flow import AppraisalState, PledgeState
from pledges.models import (
    Appraisal,
    Judgement,
    Pledge,
    PledgeItem,
    Progress,
    Result,
    Source,
    Status,
    quarter_of,
)

R = Result
RESULTS = ((R.FULFILLED, 0.80), (R.PARTLY, 0.12), (R.UNFULFILLED, 0.05), (R.ENDED, 0.03))
STEP_DOWN = {R.FULFILLED: R.PARTLY, R.PARTLY: R.UNFULFILLED}  # where the superior sees it otherwise
UNTOLD_SHARE, NOTE_SHARE, DIFFERS_SHARE, MEETING_SHARE = 0.08, 0.12, 0.06, 0.15
TOLD_SHARE = 0.75  # in the running round
BATCH = 2000


@dataclass(frozen=True, slots=True)
class Round:
    """The people and days of one round that is over."""

    phase: Phase
    cast: Cast
    closes_on: dt.date
    bands: Bands
    random: Random

    def vetter(self, pledge: Pledge) -> Any:
        """Who judges it: the superior, of an ordinary member's the branch itself."""
        at_home = pledge.member_id is not None and not pledge.is_leading
        return self.cast.secretary[pledge.organization_id if at_home else pledge.organization.parent_id]

    def meeting(self, place: int) -> dt.date:
        """When the branch met (评诺会): a week before the closing."""
        return working(self.closes_on - dt.timedelta(days=8 + place % 3))


def keep_round(
    phase: Phase, cast: Cast, random: Random, *, unreported: float = 0.0, silent: str = ""
) -> None:
    """A round that is over. ``unreported``: the share of items left 到期未报; of the account ``silent`` all are."""
    its = Round(phase, cast, closing_day(phase), bands_of(phase.campaign, "pledge_appraisal"), random)
    progress: list[Progress] = []
    judgements: list[Judgement] = []
    appraisals: list[Appraisal] = []
    for place, rows in groupby(_items(phase), key=lambda item: item.pledge.organization_id):
        has_met = random.random() < MEETING_SHARE
        for pledge, items in groupby(rows, key=lambda item: item.pledge):
            kept = list(items)
            is_silent = bool(silent) and pledge.person_id == cast.named[silent].pk
            told = [] if is_silent else [i for i in kept if random.random() >= unreported]
            given = {item.pk: _judged(item, its) for item in told}
            judgements += [one for pair in given.values() for one in pair]
            if has_met and pledge.member_id is None:
                judgements += [_counted(item, its) for item in told]
            for item in kept:
                result = given[item.pk][0].result if item in told else ""
                progress += _taps(item, cast, random, item.due_on, result)
            if len(told) == len(kept):
                appraisals.append(_appraisal(pledge, [pair[1].result for pair in given.values()], its, place))
    Progress.objects.bulk_create(progress, batch_size=BATCH)
    Judgement.objects.bulk_create(judgements, batch_size=BATCH)
    Appraisal.objects.bulk_create(appraisals, batch_size=BATCH)
    trail.put_on_record(phase)


def keep_until_now(phase: Phase, cast: Cast, random: Random) -> None:
    """The running round: most items of what is public have been told of, some not yet."""
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    Progress.objects.bulk_create(
        (
            tap
            for item in _items(phase)
            if random.random() < TOLD_SHARE
            for tap in _taps(item, cast, random, yesterday)
        ),
        batch_size=BATCH,
    )
    trail.put_on_record(phase)


def _items(phase: Phase) -> Iterable[PledgeItem]:
    rows = PledgeItem.objects.filter(pledge__phase=phase, pledge__state=PledgeState.PUBLISHED)
    rows = rows.select_related("pledge__organization", "pledge__member").defer(
        "pledge__body", "pledge__tokens"
    )
    return rows.order_by("pledge__organization", "pledge", "number")


def _taps(
    item: PledgeItem, cast: Cast, random: Random, until: dt.date | None, result: str = ""
) -> Iterator[Progress]:
    """One a quarter from the week after the publication on; ``result`` shows in the last."""
    first, last = timezone.localdate(item.pledge.changed_at) + dt.timedelta(days=3), until or item.due_on
    quarter = quarter_of(first)
    while last is not None and first <= last:
        after = quarter_of(quarter + dt.timedelta(days=100))
        final = min(last, after - dt.timedelta(days=1))
        day = working(first + dt.timedelta(days=random.randint(0, (final - first).days)))
        is_last = final == last
        if (
            day >= quarter
            and day > timezone.localdate(item.pledge.changed_at)
            and (is_last and result or random.random() >= UNTOLD_SHARE)
        ):
            yield _tap(item, quarter, moment(day, random.randint(9, 16), random.randint(0, 59)),
                       _status(result if is_last else "", random), cast, random)  # fmt: skip
        first = quarter = after


def _status(result: str, random: Random) -> str:
    if result == R.FULFILLED:
        return Status.DONE
    if result in (R.UNFULFILLED, R.ENDED):
        return Status.DIFFICULT
    if result == R.PARTLY:
        return Status.ONGOING
    return random.choices((Status.ONGOING, Status.DONE, Status.DIFFICULT), (84, 8, 8))[0]


def _tap(
    item: PledgeItem, quarter: dt.date, when: dt.datetime, status: str, cast: Cast, random: Random
) -> Progress:
    pledge, note = item.pledge, ""
    if random.random() < NOTE_SHARE:
        note = random.choice(DIFFICULTIES if status == Status.DIFFICULT else NOTES)
    own = pledge.member.user_id if pledge.member is not None else None
    return Progress(
        item=item,
        quarter=quarter,
        status=status,
        note=note,
        is_note_public=bool(note) and random.random() < 0.6,
        before_tap=None if note else "",
        recorded_at=when,
        recorded_by_id=own or cast.secretary[pledge.organization_id].pk,
    )


def _judged(item: PledgeItem, its: Round) -> tuple[Judgement, Judgement]:
    """What oneself reported about the due date, and some days later what the superior found."""
    random, due = its.random, item.due_on
    assert due is not None  # noqa: S101 -- every settled item has one
    result = random.choices([r for r, _ in RESULTS], [share for _, share in RESULTS])[0]
    found = STEP_DOWN.get(result, result) if random.random() < DIFFERS_SHARE else result
    reported = working(due + dt.timedelta(days=random.randint(-4, 5)))
    judged = working(reported + dt.timedelta(days=random.randint(3, 6)))
    own = its.cast.secretary[item.pledge.organization_id]
    return (
        _judgement(item, Source.SELF, result, reported, own, random),
        _judgement(item, Source.SUPERIOR, found, judged, its.vetter(item.pledge), random),
    )


def _judgement(
    item: PledgeItem, source: str, result: Result, day: dt.date, by: Any, random: Random
) -> Judgement:
    cause = explanation = ""
    if result == R.PARTLY:
        explanation = random.choice(PARTLY)
    elif result == R.ENDED:
        cause, explanation = "objective", random.choice(ENDED)
    elif result == R.UNFULFILLED:
        cause = random.choice(("objective", "subjective"))
        explanation = random.choice(OBJECTIVE if cause == "objective" else SUBJECTIVE)
    when = moment(day, random.randint(9, 16), random.randint(0, 59))
    return Judgement(
        item=item, source=source, result=result, cause=cause, explanation=explanation,
        recorded_at=when, recorded_by=by,
    )  # fmt: skip


def _counted(item: PledgeItem, its: Round) -> Judgement:
    """What a meeting with the masses said of the item."""
    random, day = its.random, its.meeting(item.pledge.organization_id)
    present = random.randint(14, 40)
    partly, unfulfilled = random.randint(0, 5), random.randint(0, 2)
    return Judgement(
        item=item,
        source=Source.MASSES,
        held_on=day,
        present=present,
        said_fulfilled=present - partly - unfulfilled - random.randint(0, 3),
        said_partly=partly,
        said_unfulfilled=unfulfilled,
        said_ended=0,
        recorded_at=moment(day, 17, random.randint(0, 30)),
        recorded_by=its.cast.secretary[item.pledge.organization_id],
    )


def _appraisal(pledge: Pledge, found: list[str], its: Round, place: int) -> Appraisal:
    """自评 → 互评 → 组织评; an organization has no peers, and 预备党员 are not graded."""
    random, names = its.random, its.bands.names
    score = _score(found, random)
    band = its.bands.of(score)
    appraisal = Appraisal(
        pledge=pledge,
        state=AppraisalState.APPRAISED,
        self_band=band if random.random() < 0.8 else names[min(1, len(names) - 1)],
        self_text=random.choice(SELF_WORDS) if random.random() < 0.3 else "",
    )
    if pledge.member is not None:
        present = random.randint(7, 15)
        dissent = random.randint(0, 3)
        other = names[1] if band == names[0] else names[0]
        appraisal.peers = {band: present - dissent} | ({other: dissent} if dissent else {})
        appraisal.peers_present, appraisal.peers_held_on = present, its.meeting(place)
        if pledge.member.standing == Member.Standing.PROBATIONARY:
            appraisal.state = AppraisalState.PEER_APPRAISED
            return appraisal
    day = working(its.closes_on - dt.timedelta(days=random.randint(2, 5)))
    appraisal.score, appraisal.band = score, band
    appraisal.comment = random.choice(COMMENTS.get(band, ("",))) if random.random() < 0.4 else ""
    appraisal.appraised_at = moment(day, random.randint(9, 16), random.randint(0, 59))
    appraisal.appraised_by = its.vetter(pledge)
    return appraisal


def _score(found: list[str], random: Random) -> int:
    if R.UNFULFILLED in found:
        return random.randint(68, 86)
    if R.PARTLY in found:
        return random.randint(84, 96)
    return random.randint(94, 100)
