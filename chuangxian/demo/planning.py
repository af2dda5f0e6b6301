"""活动方案 of one phase, written in bulk: most organizations, half of the plans public."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from random import Random
from typing import Any

from campaigns.models import Phase, Strand
from chuangxian.demo.clock import at
from chuangxian.demo.filing import Names, categories_of, owing, working_moments
from chuangxian.demo.keeping_phrases import BASIS, DEPARTMENTS, MARKS, PLAN_RETURNS
from chuangxian.demo.people import Cast
from chuangxian.demo.phrases import GENERAL, Phrase
from common.models import Event
from common.search import searchable, vector
from organizations.models import Organization
from pledges.flow import PlanState
from pledges.models import Matter, Plan, PlanTask, PlanVersion, Publication, Scope
from pledges.plans.beginnings import from_template, title_for
from pledges.plans.summary import strings_of, summary_of
from pledges.plans.texts import HEAD_FIELDS, TASK_FIELDS, blank_task
from pledges.services.plans.steps import leadership_of

S = PlanState
SHARE, BRANCH_SHARE, PUBLISHED_SHARE, RETURNED_SHARE = 0.9, 0.75, 0.5, 0.2


@dataclass(slots=True)
class Drawn:
    """One plan on its way: when each step was taken, and whether it came back once."""

    plan: Plan
    text: dict[str, Any]
    days: list[dt.datetime]
    is_returned: bool
    is_published: bool

    @property
    def verbs(self) -> list[str]:
        again = ["return", "submit"] if self.is_returned else []
        return ["create", "submit", *again, "approve", *(["propose", "clear", "publish"] * self.is_published)]


class Writer:
    """Texts of plans of one phase; what is the same for all is asked once."""

    def __init__(self, phase: Phase, cast: Cast, random: Random) -> None:
        self.phase, self.cast, self.random = phase, cast, random
        self.rubric = categories_of(phase)
        self.common = from_template(Organization.objects.get(parent=None), phase)
        last = phase.ends_on or phase.starts_on + dt.timedelta(days=450)
        days = (phase.starts_on + dt.timedelta(n) for n in range(60, (last - phase.starts_on).days + 1))
        self.ends = [day for day in days if (day + dt.timedelta(1)).day == 1]

    def text(self, place: Organization) -> dict[str, Any]:
        numbers = self.random.sample(list(GENERAL), self.random.randint(4, 5))
        if len(numbers) == 5 and self.random.random() < 0.5:
            numbers.append(self.random.choice(numbers))
        phrases = {n: self.random.sample(GENERAL[n], 2) for n in sorted(set(numbers))}
        return {
            **self.common,
            "title": title_for(place, self.phase),
            "research_basis": self.random.choice(BASIS),
            "tasks": [self._task(place, n, phrases[n].pop()) for n in sorted(numbers)],
        }

    def _task(self, place: Organization, number: int, phrase: Phrase) -> dict[str, str]:
        random = self.random
        figures = {letter: random.randint(*bounds) for letter, bounds in phrase.ranges.items()}
        return blank_task(
            key=f"{random.getrandbits(48):012x}",
            key_task=phrase.content.format(**figures)[:200],
            measures=phrase.measures.format(**figures),
            department=random.choice(DEPARTMENTS),
            person=random.choice(self.cast.responsible(place.pk)),
            starts_on=self.phase.starts_on.isoformat(),
            ends_on=random.choice(self.ends).isoformat(),
            mark=random.choice(MARKS),
            rubric=str(self.rubric[number]),
        )


def plan_phase(
    phase: Phase, cast: Cast, random: Random, *, until: dt.date | None = None, but: Collection[str] = ()
) -> None:
    """Plans that were agreed to in the phase's pledge window. Organizations named in ``but`` are left out."""
    writer, window = Writer(phase, cast, random), phase.windows.get(strand=Strand.PLEDGE)
    drawn = []
    for place in owing(phase):
        if place.name in but or cast.secretary[place.pk] == cast.secretary[place.parent_id]:
            continue
        if random.random() < (SHARE if place.rule.has_subordinates else BRANCH_SHARE):
            is_returned, is_published = random.random() < RETURNED_SHARE, random.random() < PUBLISHED_SHARE
            days = working_moments(window.opens_on, until or window.closes_on, 8, random)
            drawn.append(_drawn(writer, place, days, is_returned, is_published))
    _store(drawn, cast)


def _drawn(
    writer: Writer, place: Organization, days: list[dt.datetime], is_returned: bool, is_published: bool
) -> Drawn:
    own, above = writer.cast.secretary[place.pk], writer.cast.secretary[place.parent_id]
    text = writer.text(place)
    one = Drawn(Plan(), text, [], is_returned, is_published)
    one.days = days[: len(one.verbs)]
    moments = dict(zip(one.verbs, one.days, strict=True))  # of a second submission the later one
    with at(moments["submit"]):
        leadership = leadership_of(place)
    one.plan = Plan(
        organization=place,
        phase=writer.phase,
        **{name: text[name] for name in HEAD_FIELDS},
        leadership=leadership,
        state=S.PUBLISHED if is_published else S.AGREED,
        version=3 if is_returned else 2,
        vetted_version=3 if is_returned else 2,
        hands=[own.pk],
        created_at=moments["create"],
        changed_at=one.days[-1],
        submitted_at=moments["submit"],
        submitted_by=own,
        vetted_at=moments["approve"],
        vetted_by=above,
    )
    if is_published:
        one.plan.scope, one.plan.proposed_by, one.plan.cleared_by = Scope.OUTSIDE, own, writer.cast.office
    return one


def _store(drawn: list[Drawn], cast: Cast) -> None:
    Plan.objects.bulk_create(one.plan for one in drawn)
    PlanTask.objects.bulk_create(
        _row(one.plan, number, task) for one in drawn for number, task in enumerate(one.text["tasks"], 1)
    )
    PlanVersion.objects.bulk_create(version for one in drawn for version in _versions(one))
    names = Names()
    whole = Plan.objects.select_related("organization", "phase__campaign").prefetch_related("tasks")
    stored = whole.in_bulk([one.plan.pk for one in drawn if one.is_published])
    Publication.objects.bulk_create(
        _publication(plan, cast, names.on(plan.organization, plan.changed_at.date()))
        for plan in stored.values()
    )
    events = [event for one in drawn for event in _events(one, cast, names)]
    Event.objects.bulk_create(sorted(events, key=lambda event: event.created_at))


def _row(plan: Plan, number: int, task: dict[str, str]) -> PlanTask:
    said = {name: task[name] for name in TASK_FIELDS if name not in ("starts_on", "ends_on", "rubric")}
    return PlanTask(
        plan=plan,
        key=task["key"],
        number=number,
        starts_on=dt.date.fromisoformat(task["starts_on"]),
        ends_on=dt.date.fromisoformat(task["ends_on"]),
        rubric_id=int(task["rubric"]),
        **said,
    )


def _versions(one: Drawn) -> Iterable[PlanVersion]:
    """What was filed: the first time with less to say of the first task, where it came back for that."""
    frozen = one.text | {"adopted": None, "leadership": one.plan.leadership}
    texts = [frozen]
    if one.is_returned:
        first, *others = one.text["tasks"]
        short = first | {"measures": first["measures"].partition("；")[0][:40] + "。", "mark": ""}
        texts.insert(0, frozen | {"tasks": [short, *others]})
    filed = [day for verb, day in zip(one.verbs, one.days, strict=True) if verb == "submit"]
    for number, (text, day) in enumerate(zip(texts, filed, strict=True), 1):
        yield PlanVersion(plan=one.plan, number=number, text=text, at=day, by=one.plan.submitted_by)


def _publication(plan: Plan, cast: Cast, name: str) -> Publication:
    text, _ = summary_of(plan)
    body = searchable([name, *strings_of(text)])
    return Publication(
        matter=Matter.PLAN,
        plan=plan,
        organization=plan.organization,
        organization_name=name,
        phase=plan.phase,
        scope=plan.scope,
        title=text["title"],
        text=text,
        body=body,
        tokens=vector(body),
        published_at=plan.changed_at,
        published_by=cast.director,
    )


def _events(one: Drawn, cast: Cast, names: Names) -> Iterable[Event]:
    plan, state = one.plan, ""
    place = plan.organization
    root = "中共吴江市委员会"
    own, above = (plan.submitted_by, place, "书记"), (plan.vetted_by, place.parent, "书记")
    hands = {
        "return": above,
        "approve": above,
        "clear": (cast.office, None, "领导小组办公室"),
        "publish": (cast.director, None, "领导小组办公室主任"),
    }
    after = {"create": S.DRAFT, "submit": S.SUBMITTED, "return": S.RETURNED, "approve": S.AGREED,
             "propose": S.PROPOSED, "clear": S.CLEARED, "publish": S.PUBLISHED}  # fmt: skip
    for verb, day in zip(one.verbs, one.days, strict=True):
        actor, where, post = hands.get(verb, own)
        yield Event(
            kind=f"plan.{verb}",
            subject_label="pledges.plan",
            subject_id=str(plan.pk),
            subject_name=str(plan),
            place_id=place.pk,
            actor=actor,
            post=f"{names.on(where, day.date()) if where else root} {post}",
            before={"state": state} if state else {},
            after={"state": after[verb]},
            reason=PLAN_RETURNS[plan.pk % len(PLAN_RETURNS)] if verb == "return" else "",
            detail={"propose": {"scope": plan.scope}, "publish": {"masked": []}}.get(verb, {}),
            created_at=day,
        )
        state = after[verb]
