"""下级调整: an office lets a rule of the campaign hold otherwise inside its own subtree (domain.md 6).

What the superior asked for may be asked for more strictly, never less: an earlier last day, more kinds of
organizations, fewer exemptions. A later day is 延期 and letting off is 免办, which the superior grants. What the rule
forbids stays as it is. A variation follows its rule (or the variation above it) in everything it does not vary.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from campaigns.expectations import expectation, owner_posts
from campaigns.items import Values, plain, stamp, told, values_of
from campaigns.models import Anchor, Campaign, Obligation
from campaigns.refusals import RuleChanged, RuleRefused
from campaigns.services.assignments import hold_open, refresh
from common.events import record
from common.templatetags.cn import cn_date
from organizations.access import may
from organizations.models import Organization
from organizations.posts import Post

VARY = "campaigns.vary_obligation"
FIELDS = Obligation.FORBIDDABLE
COPIED = ("strand", "expects", "name", "key", "phase_id", "forbids")


def may_vary(user: Any, organization: Organization) -> bool:
    """The office of an organization that has others below it; at the root it is the rule itself."""
    return (
        organization.parent_id is not None
        and organization.rule.has_subordinates
        and may(user, VARY, organization)
    )


def above(rule: Obligation, organization: Organization) -> Obligation:
    """What holds there without its own variation: the nearest one above, or the rule. One query."""
    found = [
        each
        for each in rule.variations.select_related("organization", "made_by")
        if each.organization and each.organization_id != organization.pk
        and organization.path.startswith(each.organization.path)
    ]  # fmt: skip
    return max(found, key=lambda each: len(each.organization.path) if each.organization else 0, default=rule)


def basis(rule: Obligation, organization: Organization) -> str:
    """The stamp a form is filled in over: the variation and what is above it, read anew."""
    rule = Obligation.objects.get(pk=rule.pk)
    own = rule.variations.filter(organization=organization).first()
    held = above(rule, organization)
    return stamp([own and values_of("obligation", own), values_of("obligation", held)])


@transaction.atomic
def vary(
    rule: Obligation, organization: Organization, values: Mapping[str, Any], *, base: str, by: Any
) -> list[int]:
    """在本级及下级调整. Fields that are not among ``values`` stay as the rule has them.

    Raises PermissionDenied, RuleRefused, RuleChanged.
    """
    current = _locked(rule, organization, by=by, base=base)
    held = above(current, organization)
    own = current.variations.filter(organization=organization).first()
    before = values_of("obligation", own or held)
    row = own or Obligation(varies=current, organization=organization)
    _align(row, held)
    for name in FIELDS:
        if name in values:
            _take(row, held, name, values[name])
    _check(row, held)
    row.made_by, row.made_on = by, timezone.localdate()
    row.save()
    after = values_of("obligation", row)
    _record(row, "vary", before, after, by=by)
    follow(current, values_of("obligation", current), {organization.pk: before})
    refresh(current)
    return [current.pk]


@transaction.atomic
def restore(rule: Obligation, organization: Organization, *, base: str, by: Any) -> list[int]:
    """取消调整: the rule above holds again."""
    current = _locked(rule, organization, by=by, base=base)
    own = current.variations.filter(organization=organization).first()
    if own is None:
        raise RuleRefused("本级没有调整过这一事项。")
    before, held = values_of("obligation", own), above(current, organization)
    _record(own, "restore", before, values_of("obligation", held), by=by)
    _align(own, held)  # those below it follow before it goes
    own.save()
    follow(current, values_of("obligation", current), {organization.pk: before})
    own.delete()
    refresh(current)
    return [current.pk]


def _locked(rule: Obligation, organization: Organization, *, by: Any, base: str) -> Obligation:
    Campaign.objects.select_for_update().get(pk=rule.phase.campaign_id)
    if not may_vary(by, organization):
        raise PermissionDenied("应办事项由有下级的党组织的领导小组办公室在本级及下级范围内调整。")
    current = Obligation.objects.of_the_campaign().select_related("phase__campaign").get(pk=rule.pk)
    if not hold_open(current.phase_id) or current.phase.campaign.is_closed_on(timezone.localdate()):
        raise RuleRefused("这个时段已经归档或活动已经结束，不能再调整。")
    if base != basis(current, organization):
        raise RuleChanged
    return current


def _take(row: Obligation, held: Obligation, name: str, value: Any) -> None:
    if name in held.forbids and plain(value) != plain(getattr(held, name)):
        raise RuleRefused("这一项由上级统一规定，不能调整。", name)
    setattr(row, name, value)


def _check(row: Obligation, held: Obligation) -> None:
    if row.due_on > held.due_on:
        raise RuleRefused(
            f"只能早于上级规定的截止日期（{cn_date(held.due_on)}）；需要推迟的，请上级准予延期。", "due_on"
        )
    if row.due_on < row.phase.starts_on:
        raise RuleRefused(f"不能早于所在时段的开始日期（{cn_date(row.phase.starts_on)}）。", "due_on")
    if row.opens_on > row.due_on:
        raise RuleRefused(f"开始日期不能晚于截止日期（{cn_date(row.due_on)}）。", "opens_on")
    if dropped := _kinds(held) - _kinds(row):
        raise RuleRefused(
            f"上级要求办理的类别不能减少（少了{told('kinds', sorted(dropped))}）；个别不办的，请上级准予免办。",
            "kinds",
        )
    if reason := no_such_post(row):
        raise RuleRefused(reason, "posts")
    if set(row.exempts) - set(held.exempts):
        raise RuleRefused("不能增加免办情形；个别不办的，请上级准予免办。", "exempts")


def no_such_post(rule: Obligation) -> str:
    """Why nobody would be reminded by the posts that the rule names; empty when somebody is."""
    expected = expectation(rule.expects)
    if not expected or owner_posts(expected, rule.posts):
        return ""
    able = told("posts", owner_posts(expected, Post.values))
    return f"这些职务都不办理“{expected.label}”，请在{able}中选择，或者都不选。"


def _kinds(rule: Obligation) -> set[str]:
    """Who owes; no kinds named means all that can."""
    expected = expectation(rule.expects)
    every = set(expected.kinds) if expected else set()
    return set(rule.kinds) & every or every


def _align(row: Obligation, held: Obligation) -> None:
    """As what holds above has it; a last day counted from the phase is a date here."""
    for name in (*COPIED, *FIELDS):
        setattr(row, name, getattr(held, name))
    row.anchor = Anchor.DATE


def follow(rule: Obligation, before: Values, replaced: Mapping[int, Values] | None = None) -> None:
    """After a change of the rule or of the variations ``replaced`` (organization -> what held there before), those
    below keep what they vary and follow in the rest. What is forbidden by now, or softer, falls back to what is above.
    """
    was: dict[int, Values] = dict(replaced or {})
    rows = list(rule.variations.select_related("organization", "phase"))
    rows.sort(key=lambda each: len(each.organization.path) if each.organization else 0)
    now: list[Obligation] = []
    for row in rows:
        place = row.organization
        assert place is not None  # noqa: S101 -- a variation has its place
        over = next(
            (o for o in reversed(now) if o.organization and place.path.startswith(o.organization.path)), None
        )
        held, old = (over, was[over.organization_id or 0]) if over else (rule, before)
        was.setdefault(place.pk, values_of("obligation", row))
        if replaced is None or place.pk not in replaced:
            _follow_one(row, held, old)
        now.append(row)


def _follow_one(row: Obligation, held: Obligation, old: Values) -> None:
    mine = {name: getattr(row, name) for name in FIELDS}
    _align(row, held)
    for name, value in mine.items():
        if plain(value) != old[name] and name not in held.forbids:
            setattr(row, name, value)
    row.due_on = min(row.due_on, held.due_on)
    row.opens_on = min(row.opens_on, row.due_on)
    row.exempts = [each for each in row.exempts if each in held.exempts]
    if _kinds(held) - _kinds(row):
        row.kinds = sorted(_kinds(held) | _kinds(row))
    row.save()


def _record(row: Obligation, verb: str, before: Values, after: Values, *, by: Any) -> None:
    changed = [name for name in FIELDS if before[name] != after[name]]
    what = {"kind": "obligation", "of": row.name}
    record(
        row,
        verb,
        by=by,
        permission=VARY,
        before=what | {name: before[name] for name in changed},
        after=what | {name: after[name] for name in changed},
    )
