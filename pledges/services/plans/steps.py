"""The steps of a plan's flow, and what each of them brings about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns.models import Phase
from common.models import Event
from common.search import searchable, vector
from common.states import StepRefused, Taken
from organizations.models import Appointment, Organization
from organizations.posts import Post
from pledges.flow import PLAN_FLOW, PLAN_VETTED, UNARCHIVE, PlanState
from pledges.models import LIVE, Matter, Plan, PlanVersion, Publication, Scope
from pledges.plans.completeness import problems_of
from pledges.plans.summary import strings_of, summary_of
from pledges.plans.texts import text_of
from pledges.services.plans.drafting import adopted_text, locked
from pledges.services.steps import Incomplete

_ROLES = {Post.GROUP_HEAD: "组长", Post.GROUP_MEMBER: "成员"}


def _current(plan: Plan, version: int | None) -> Plan:
    """Lock the row; refuse a decision on a text that has changed since it was read."""
    current = locked(plan)
    if version is not None and version != current.version:
        raise StepRefused("您打开之后，方案的内容改过了，请看过新的内容再办理。")
    return current


@transaction.atomic
def submit(plan: Plan, *, by: Any, version: int | None = None) -> Plan:
    """报送上级. The leading group is frozen from the posts, the text as a version.

    Raises Incomplete with every problem; the step's own refusals come first.
    """
    current = _current(plan, version)
    now = timezone.now()
    changes = {
        "submitted_at": now,
        "submitted_by": by,
        "changed_at": now,
        "hands": sorted({*current.hands, by.pk}),
        "leadership": leadership_of(current.organization),
        "adopted": _adopted_now(current),
    }
    taken = PLAN_FLOW.take("submit", current, by=by, changes=changes)
    if problems := problems_of(current):
        raise Incomplete(problems)
    text = text_of(current) | {"adopted": taken.adopted, "leadership": taken.leadership}
    PlanVersion.objects.create(plan=current, number=current.versions.count() + 1, text=text, at=now, by=by)
    return taken


def _adopted_now(plan: Plan) -> dict[str, Any] | None:
    """The superior's text anew, as long as it is one the superior of the superior has agreed to."""
    if plan.adopts is None or plan.adopts.state not in PLAN_VETTED:
        return plan.adopted
    return adopted_text(plan.adopts)


def leadership_of(organization: Organization) -> dict[str, Any]:
    """领导小组, 第一责任人 and 直接责任人 as the posts stand today. One query.

    Where no first responsible person is named it is the 书记, and the 副书记 are directly responsible (seed 五(一)).
    """
    held: dict[str, list[str]] = {}
    rows = Appointment.objects.in_force(timezone.localdate()).filter(organization=organization).in_order()
    for post, name in rows.values_list("post", "user__name"):
        held.setdefault(post, []).append(name)
    return {
        "first": held.get(Post.FIRST_RESPONSIBLE) or held.get(Post.SECRETARY, []),
        "direct": held.get(Post.DIRECT_RESPONSIBLE) or held.get(Post.DEPUTY_SECRETARY, []),
        "group": [
            {"role": role, "name": name} for post, role in _ROLES.items() for name in held.get(post, [])
        ],
    }


@transaction.atomic
def return_(plan: Plan, *, by: Any, reason: str, version: int | None = None) -> Plan:
    """退回修改, with the reason."""
    return _vet(plan, "return", by, version, reason=reason, return_reason=reason.strip())


@transaction.atomic
def approve(plan: Plan, *, by: Any, version: int | None = None) -> Plan:
    """同意."""
    return _vet(plan, "approve", by, version, return_reason="")


def _vet(
    plan: Plan, step: str, by: Any, version: int | None, *, reason: str = "", return_reason: str
) -> Plan:
    current, now = _current(plan, version), timezone.now()
    changes = {
        "vetted_at": now,
        "vetted_by": by,
        "vetted_version": current.version,
        "changed_at": now,
        "return_reason": return_reason,
    }
    return PLAN_FLOW.take(step, current, by=by, reason=reason, changes=changes)


@transaction.atomic
def reconsider(plan: Plan, *, by: Any, version: int | None = None) -> Plan:
    """撤回审核意见, until somebody has gone on from it."""
    changes = {"vetted_at": None, "vetted_by": None, "return_reason": "", "changed_at": timezone.now()}
    return PLAN_FLOW.take("reconsider", _current(plan, version), by=by, changes=changes)


@transaction.atomic
def propose(plan: Plan, *, by: Any, scope: str, version: int | None = None) -> Plan:
    """申请公开摘要, inside the Party or to everyone."""
    if scope not in Scope.values:
        raise StepRefused("请选择公开范围。")
    current = _current(plan, version)
    changes = {"scope": scope, "proposed_by": by, "cleared_by": None, "changed_at": timezone.now()}
    changes["hands"] = sorted({*current.hands, by.pk})
    return PLAN_FLOW.take("propose", current, by=by, changes=changes, scope=scope)


@transaction.atomic
def clear(plan: Plan, *, by: Any, version: int | None = None) -> Plan:
    """保密审查通过: on to the approval."""
    changes = {"cleared_by": by, "changed_at": timezone.now()}
    return PLAN_FLOW.take("clear", _current(plan, version), by=by, changes=changes)


@transaction.atomic
def bar(plan: Plan, *, by: Any, reason: str, version: int | None = None) -> Plan:
    """保密审查不通过: back to agreed, with the reason."""
    return PLAN_FLOW.take("bar", _current(plan, version), by=by, reason=reason, changes=_off_the_way())


@transaction.atomic
def decline(plan: Plan, *, by: Any, reason: str, version: int | None = None) -> Plan:
    """不予公开: back to agreed, with the reason."""
    return PLAN_FLOW.take("decline", _current(plan, version), by=by, reason=reason, changes=_off_the_way())


def _off_the_way() -> dict[str, Any]:
    return {"scope": "", "proposed_by": None, "cleared_by": None, "changed_at": timezone.now()}


@transaction.atomic
def publish(plan: Plan, *, by: Any, version: int | None = None) -> Plan:
    """批准公开: freezes the summary. Phone and ID numbers in it are masked, and the audit says how many."""
    current, now = _current(plan, version), timezone.now()
    text, masked = summary_of(current)
    taken = PLAN_FLOW.take("publish", current, by=by, changes={"changed_at": now}, masked=masked)
    body = searchable([current.organization.name, *strings_of(text)])
    Publication.objects.create(
        matter=Matter.PLAN,
        plan=current,
        organization=current.organization,
        organization_name=current.organization.name,
        phase=current.phase,
        scope=current.scope,
        title=text["title"],
        text=text,
        body=body,
        tokens=vector(body),
        published_at=now,
        published_by=by,
    )
    return taken


@transaction.atomic
def withdraw(plan: Plan, *, by: Any, reason: str, version: int | None = None) -> Plan:
    """撤下公开: the summary leaves every page at once; the reason stays on record."""
    now = timezone.now()
    taken = PLAN_FLOW.take(
        "withdraw", _current(plan, version), by=by, reason=reason, changes={"changed_at": now}
    )
    plan.publications.filter(LIVE).update(withdrawn_at=now, withdrawn_by=by, withdraw_reason=reason.strip())
    return taken


@transaction.atomic
def recall(plan: Plan, *, by: Any, reason: str, version: int | None = None) -> Plan:
    """收回修改: whoever filed it takes back what is not public, to correct it; it is vetted again."""
    changes = _off_the_way() | {"return_reason": ""}
    return PLAN_FLOW.take("recall", _current(plan, version), by=by, reason=reason, changes=changes)


@transaction.atomic
def archive_all(phase: Phase, *, by: Any) -> Taken[Plan]:
    """归档 of a whole phase, when its round is closed: what was agreed, published or withdrawn within reach.

    In a constant number of queries. Publications stay. What never came so far is left as it is.
    """
    rows = Plan.objects.filter(phase=phase, state__in=PLAN_FLOW["archive"].sources)
    return PLAN_FLOW.take_all(
        "archive", rows.with_what_guards_ask(), by=by, changes={"changed_at": timezone.now()}
    )


def unarchive_all(phase: Phase, *, by: Any) -> None:
    """重新开启 of a phase: each archived plan comes back to the state it had. In a constant number of queries."""
    archived = Plan.objects.filter(phase=phase, state=PlanState.ARCHIVED)
    had = _states_before_the_archive(list(archived.values_list("pk", flat=True)))
    for name, state in UNARCHIVE.items():
        rows = archived.filter(pk__in=[pk for pk, before in had.items() if before == state])
        PLAN_FLOW.take_all(name, rows.with_what_guards_ask(), by=by, changes={"changed_at": timezone.now()})


def _states_before_the_archive(plans: list[int]) -> dict[int, str]:
    """What the record of the last 归档 says: it is written in the same transaction and never changed."""
    label = Plan._meta.label_lower
    events = Event.objects.filter(
        kind="plan.archive", subject_label=label, subject_id__in=[str(pk) for pk in plans]
    ).order_by("pk")
    return {int(pk): before["state"] for pk, before in events.values_list("subject_id", "before")}


VERBS: dict[str, Callable[..., Plan]] = {
    "submit": submit,
    "return": return_,
    "approve": approve,
    "reconsider": reconsider,
    "propose": propose,
    "clear": clear,
    "bar": bar,
    "publish": publish,
    "decline": decline,
    "withdraw": withdraw,
    "recall": recall,
}
