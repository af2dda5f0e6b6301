"""小结、总结 of the phases whose last day is past, written in bulk: most are accepted, the newest still lie with the superior."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from random import Random
from typing import Any

from campaigns.flow import SummaryState
from campaigns.models import Assignment, Obligation, Phase, Summary
from campaigns.queries.summaries import SUMMARY, lines_of
from campaigns.services.assignments import refresh
from chuangxian.demo.filing import Names, owing, working_moments
from chuangxian.demo.people import FINANCE_FIRST, Cast
from common.models import Event

S = SummaryState
SHARE, WAITING_SHARE = 0.82, 0.15
DONE = (
    "围绕“{theme}”抓承诺兑现，承诺事项逐项列了时间表，指定专人负责，每月碰头一次。办事窗口延长了服务时间，群众来办事少跑了路。",
    "组织党员到联系的村和社区走访，收集意见逐条答复；对照承诺查进度，能马上办的当月办结，需要协调的报上级帮助解决。",
    "结合本单位工作推进创先争优，党员亮出身份、挂牌上岗，骨干带头承担急难任务，公开的承诺接受了群众监督。",
)
LEFT = (
    "个别事项需要上级部门协调，正在衔接，下一时段继续办。",
    "部分党员外出务工，承诺以电话了解为主，返乡后补办。",
    "",
)


def sum_up(phase: Phase, cast: Cast, today: dt.date) -> None:
    """Nothing where the phase asks for none, or its last day is still to come."""
    asked = Obligation.objects.tracked().filter(phase=phase, expects=SUMMARY, due_on__lt=today).first()
    if asked is None:
        return
    random = Random(f"summaries {phase.starts_on}")  # noqa: S311 -- to be the same every time is the point
    figures = _figures(phase)
    is_over = phase.campaign.is_closed_on(today)
    rows = []
    for place in owing(phase):
        if cast.secretary[place.pk] == cast.secretary[place.parent_id]:
            continue
        is_left_out = random.random() >= SHARE or (place.code == FINANCE_FIRST and not is_over)
        is_waiting = random.random() < WAITING_SHARE and not is_over
        days = working_moments(asked.due_on - dt.timedelta(days=20), asked.due_on, 3, random)
        if not is_left_out:
            rows.append(_row(phase, place, cast, days, figures[place.pk], random, is_waiting))
    Summary.objects.bulk_create(rows)
    names = Names()
    Event.objects.bulk_create(
        sorted((e for row in rows for e in _events(row, names)), key=lambda event: event.created_at)
    )
    refresh(asked)


def _figures(phase: Phase) -> dict[int, list[dict[str, str]]]:
    found: dict[int, list[Assignment]] = defaultdict(list)
    rows = Assignment.objects.filter(obligation__phase=phase).exclude(obligation__expects=SUMMARY)
    for row in rows.select_related("obligation").order_by("obligation__due_on", "obligation_id"):
        found[row.organization_id].append(row)
    return defaultdict(list, {pk: lines_of(mine) for pk, mine in found.items()})


def _row(
    phase: Phase,
    place: Any,
    cast: Cast,
    days: list[dt.datetime],
    figures: list[dict[str, str]],
    random: Random,
    is_waiting: bool,
) -> Summary:
    own = cast.secretary[place.pk]
    decided = {} if is_waiting else {"decided_at": days[2], "decided_by": cast.secretary[place.parent_id]}
    return Summary(
        organization=place,
        phase=phase,
        done=random.choice(DONE).format(theme=phase.campaign.theme),
        left=random.choice(LEFT),
        figures=figures,
        state=S.SUBMITTED if is_waiting else S.ACCEPTED,
        version=2,
        hands=[own.pk],
        created_at=days[0],
        changed_at=days[1] if is_waiting else days[2],
        submitted_at=days[1],
        submitted_by=own,
        **decided,
    )


def _events(row: Summary, names: Names) -> Iterable[Event]:
    place, state = row.organization, ""
    steps = [("create", S.DRAFT, row.created_at), ("submit", S.SUBMITTED, row.submitted_at)]
    if row.decided_at:
        steps.append(("accept", S.ACCEPTED, row.decided_at))
    for verb, after, moment in steps:
        where = place.parent if verb == "accept" else place
        yield Event(
            kind=f"summary.{verb}",
            subject_label="campaigns.summary",
            subject_id=str(row.pk),
            subject_name=str(row),
            place_id=place.pk,
            actor=row.decided_by if verb == "accept" else row.submitted_by,
            post=f"{names.on(where, moment.date())} 书记",
            before={"state": state} if state else {},
            after={"state": after},
            created_at=moment,
        )
        state = after
