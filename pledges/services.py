"""The verbs of a pledge. Every write to a pledge or a publication happens in this file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from campaigns.models import Phase, Subject
from common.events import record
from common.models import Event
from common.search import searchable, vector
from common.states import StepRefused
from organizations.access import may
from organizations.models import Organization
from organizations.services.refusals import MANAGE
from pledges import texts
from pledges.completeness import Problem, problems_of
from pledges.flow import PLEDGE_FLOW, UNFINISHED, PledgeState
from pledges.models import (
    MAX_ITEMS,
    Direction,
    DraftBuffer,
    Ground,
    Pledge,
    PledgeItem,
    Publication,
    Scope,
    new_key,
)
from pledges.publishing import frozen_text, strings_of
from pledges.texts import Clash, Text

EDIT = "pledges.edit_pledge"


class Incomplete(Exception):
    """The pledge cannot be filed yet; ``problems`` name each field and say what is missing."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("；".join(problem.message for problem in problems))
        self.problems = problems


class Conflict(Exception):
    """Somebody saved meanwhile. Nothing was written; both texts are here, field by field."""

    def __init__(self, *, pledge: Pledge, base: Text, mine: Text, clashes: list[Clash]) -> None:
        super().__init__("您打开之后，别的同志保存过这份承诺。")
        self.pledge, self.base, self.mine, self.clashes = pledge, base, mine, clashes


# -- the text -----------------------------------------------------------------------------


@transaction.atomic
def create_draft(organization: Organization, phase: Phase, *, by: Any) -> Pledge:
    """起草. A second click finds the blank draft of the first one.

    Raises PermissionDenied, and StepRefused with the sentence for the person.
    """
    _may_draft(organization, phase, by)
    blank = Pledge.objects.filter(
        organization=organization, phase=phase, state=PledgeState.DRAFT, version=1, title="", hands=[by.pk]
    ).first()
    return blank or _new(
        organization, phase, {"title": "", "category": None, "directions": [], "items": []}, by
    )


@transaction.atomic
def copy(source: Pledge, phase: Phase, *, by: Any) -> Pledge:
    """复制上年: the text of an earlier pledge of the same organization as a new draft; dates are set anew."""
    _may_draft(source.organization, phase, by)
    text = texts.text_of(source)
    text["items"] = [{**item, "key": new_key(), "due_on": ""} for item in text["items"]]
    if source.category is not None:
        rubric = phase.campaign.rubric.filter(subject=Subject.ORGANIZATION)
        text["category"] = rubric.filter(number=source.category.number).values_list("pk", flat=True).first()
    return _new(source.organization, phase, text, by, copied_from=source.pk)


def _may_draft(organization: Organization, phase: Phase, by: Any) -> None:
    # Held until the draft is there: a merger comes before it and is seen here, or after it and hands it over.
    organization = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    if not may(by, EDIT, organization):
        raise PermissionDenied("您没有在该组织起草承诺的职务。")
    if not organization.rule.files_pledges:
        raise StepRefused(f"{organization.get_kind_display()}不报送公开承诺，由所在的党组织办理。")
    if organization.dissolved_on is not None:
        raise StepRefused("该组织已撤销，不再报送承诺。")
    if not Phase.objects.on(timezone.localdate()).filter(pk=phase.pk).exists():
        raise StepRefused(f"“{phase.name}”不在进行中，请选择当前时段。")


def _new(organization: Organization, phase: Phase, text: Text, by: Any, **detail: Any) -> Pledge:
    pledge = Pledge.objects.create(organization=organization, phase=phase, hands=[by.pk])
    _write(pledge, text)
    record(pledge, "create", by=by, permission=EDIT, after={"state": pledge.state}, **detail)
    return pledge


@transaction.atomic
def save(pledge: Pledge, text: Text, *, version: int, by: Any) -> Pledge:
    """Save ``text``, written on top of ``version``. Raises Conflict when that is no longer the saved one."""
    current = _editable(pledge, by)
    theirs = texts.text_of(current)
    if version != current.version and _filled(text) != theirs:
        base = base_of(current, version)
        found = texts.clashes(base, _filled(text), theirs)
        raise Conflict(pledge=current, base=base, mine=_filled(text), clashes=found)
    return _keep(current, text, theirs, by)


@transaction.atomic
def resolve(
    pledge: Pledge, mine: Text, *, base_version: int, version: int, choices: Mapping[str, str], by: Any
) -> Pledge:
    """Save one text made from two. ``version`` is the saved one the person chose against.

    The side not chosen is kept in the event, so that neither text is ever lost. Raises Conflict anew
    when somebody saved once more, and StepRefused when both sides' items together are too many.
    """
    current = _editable(pledge, by)
    theirs, base = texts.text_of(current), base_of(current, base_version)
    if version != current.version:
        raise Conflict(pledge=current, base=base, mine=mine, clashes=texts.clashes(base, mine, theirs))
    result, aside = texts.merged(base, mine, theirs, choices)
    if len(result["items"]) > MAX_ITEMS:
        raise StepRefused(f"合并后有 {len(result['items'])} 项，最多 {MAX_ITEMS} 项，请少留几项。")
    return _keep(current, result, theirs, by, set_aside=aside)


def base_of(pledge: Pledge, version: int) -> Text:
    """The text as it was at ``version``, told back from the audit. Two queries."""
    edits = Event.objects.about(pledge).filter(kind="pledge.edit", detail__version__gt=version)
    return texts.rewound(texts.text_of(pledge), edits.order_by("-pk").values_list("before", flat=True))


@transaction.atomic
def discard(pledge: Pledge, *, by: Any) -> None:
    """Throw away a draft that was never filed. The audit keeps its text."""
    current = _editable(pledge, by)
    if current.state != PledgeState.DRAFT:
        raise StepRefused("报送过的承诺留有记录，不能删除；可以修改后重新提交。")
    typed = list(current.buffers.pending().exclude(user=by).values("user", "payload"))
    text = texts.flatten(texts.text_of(current))
    record(current, "discard", by=by, permission=EDIT, before=text, typed_by_others=typed)
    current.delete()


def _locked(pledge: Pledge) -> Pledge:
    return (
        Pledge.objects.select_for_update(of=("self",))
        .select_related("organization", "phase", "category")
        .get(pk=pledge.pk)
    )


def _editable(pledge: Pledge, by: Any) -> Pledge:
    current = _locked(pledge)
    if not by.has_perm(EDIT, current):
        raise PermissionDenied("您没有修改这份承诺的职务。")
    if not current.is_editable:
        raise StepRefused(
            f"这份承诺现在是“{current.get_state_display()}”，不能修改；如需更正，请先收回修改。"
        )
    return current


def _filled(text: Text) -> Text:
    """As it is kept: directions in their own order, no empty rows."""
    directions = [each for each in Direction.values if each in text["directions"]]
    items = [item for item in text["items"] if not texts.is_blank(item)]
    return {**text, "directions": directions, "items": items}


def _keep(pledge: Pledge, text: Text, theirs: Text, by: Any, **detail: Any) -> Pledge:
    """Write what changed, and put it on record; without a change nothing happens."""
    text = _filled(text)
    before, after = texts.changed(theirs, text)
    if after or detail:
        pledge.version += 1
        pledge.hands = sorted({*pledge.hands, by.pk})
        _write(pledge, text)
        record(
            pledge,
            "edit",
            by=by,
            permission=EDIT,
            before=before,
            after=after,
            version=pledge.version,
            **detail,
        )
    settle(pledge, by=by)
    return pledge


def _write(pledge: Pledge, text: Text) -> None:
    pledge.title, pledge.category_id, pledge.directions = text["title"], text["category"], text["directions"]
    pledge.changed_at = timezone.now()
    _write_items(pledge, text["items"])
    _make_searchable(pledge, text)
    pledge.save()
    pledge.refresh_from_db(fields=["tokens", "category"])


def _make_searchable(pledge: Pledge, text: Text) -> None:
    pledge.body = searchable([pledge.title, pledge.organization.name, *strings_of(text["items"])])
    pledge.tokens = vector(pledge.body)


def _write_items(pledge: Pledge, items: list[dict[str, str]]) -> None:
    keys = [item["key"] for item in items]
    pledge.items.exclude(key__in=keys).delete()
    kept = {item.key: item for item in pledge.items.all()}
    for number, item in enumerate(items, 1):
        row = kept.get(item["key"]) or PledgeItem(pledge=pledge, key=item["key"])
        row.number = number
        for name in texts.ITEM_FIELDS:
            setattr(row, name, item[name])
        row.due_on = item["due_on"] or None
        row.save()


# -- what is typed and not yet saved ---------------------------------------------------------


@transaction.atomic
def buffer(pledge: Pledge, payload: Text, *, base_version: int, sequence: int, by: Any) -> DraftBuffer:
    """Keep what one person is typing. A packet no newer than the last one changes nothing."""
    if not (by.has_perm(EDIT, pledge) and pledge.is_editable):
        raise PermissionDenied("这份承诺现在不能修改。")
    kept, is_new = DraftBuffer.objects.select_for_update().get_or_create(
        pledge=pledge,
        user=by,
        defaults={"payload": payload, "base_version": base_version, "sequence": sequence},
    )
    if not is_new and sequence > kept.sequence:
        kept.payload, kept.base_version, kept.sequence = payload, base_version, sequence
        kept.saved_at = timezone.now()
        kept.save()
    return kept


@transaction.atomic
def settle(pledge: Pledge, *, sequence: int = 0, by: Any) -> None:
    """Nothing of this person's typing is pending any more; packets up to ``sequence`` come too late."""
    for kept in DraftBuffer.objects.select_for_update().filter(pledge=pledge, user=by):
        kept.payload, kept.sequence = None, max(kept.sequence, sequence)
        kept.save()


# -- the steps -----------------------------------------------------------------------------


@transaction.atomic
def submit(pledge: Pledge, *, by: Any, version: int | None = None) -> Pledge:
    """提诺. Raises Incomplete with every problem; the steps' own refusals come first."""
    current = _current(pledge, version)
    taken = PLEDGE_FLOW.take(
        "submit",
        current,
        by=by,
        changes={
            "submitted_at": timezone.now(),
            "submitted_by": by,
            "changed_at": timezone.now(),
            "hands": sorted({*current.hands, by.pk}),
        },
    )
    if problems := problems_of(current):
        raise Incomplete(problems)
    return taken


@transaction.atomic
def return_(
    pledge: Pledge,
    *,
    by: Any,
    reason: str,
    grounds: Iterable[str] = (),
    remarks: Mapping[str, str] | None = None,
    version: int | None = None,
) -> Pledge:
    """退回修改: a reason in words, the check-list points it fails, a remark per item (by item key)."""
    current = _current(pledge, version)
    grounds = [ground for ground in Ground.values if ground in set(grounds)]
    said = {key: text.strip() for key, text in (remarks or {}).items() if text.strip()}
    numbers = {item.number: said[item.key] for item in current.items.all() if item.key in said}
    taken = PLEDGE_FLOW.take(
        "return",
        current,
        by=by,
        reason=reason,
        changes={"return_reason": reason.strip(), "return_grounds": grounds, "changed_at": timezone.now()},
        grounds=grounds,
        remarks=numbers,
    )
    for item in current.items.all():
        item.remark = said.get(item.key, "")
        item.save(update_fields=["remark"])
    return taken


@transaction.atomic
def approve(pledge: Pledge, *, by: Any, reason: str = "", version: int | None = None) -> Pledge:
    """审定通过: the superior's consent, on the text that was on the screen."""
    current = _current(pledge, version)
    changes = {"return_reason": "", "return_grounds": [], "changed_at": timezone.now()}
    taken = PLEDGE_FLOW.take("approve", current, by=by, reason=reason, changes=changes)
    current.items.exclude(remark="").update(remark="")
    return taken


@transaction.atomic
def propose(pledge: Pledge, *, by: Any, scope: str, version: int | None = None) -> Pledge:
    """申请公开, inside the Party or to everyone (党务公开 scope)."""
    current = _current(pledge, version)
    if scope not in Scope.values:
        raise StepRefused("请选择公开范围。")
    changes = {"scope": scope, "hands": sorted({*current.hands, by.pk}), "changed_at": timezone.now()}
    return PLEDGE_FLOW.take("propose", current, by=by, changes=changes, scope=scope)


@transaction.atomic
def decline(pledge: Pledge, *, by: Any, reason: str, version: int | None = None) -> Pledge:
    """不予公开: back to approved, with the reason."""
    changes = {"scope": "", "changed_at": timezone.now()}
    return PLEDGE_FLOW.take("decline", _current(pledge, version), by=by, reason=reason, changes=changes)


@transaction.atomic
def publish(pledge: Pledge, *, by: Any, version: int | None = None) -> Pledge:
    """批准公开: freezes the text. Phone and ID numbers in it are masked, and the audit says how many."""
    current = _current(pledge, version)
    text, masked = frozen_text(current)
    now = timezone.now()
    taken = PLEDGE_FLOW.take("publish", current, by=by, changes={"changed_at": now}, masked=masked)
    if current.category is None:
        raise Incomplete(problems_of(current))
    body = searchable(
        [text["title"], current.organization.name, text["category"], *strings_of(text["items"])]
    )
    Publication.objects.create(
        pledge=current,
        organization=current.organization,
        organization_name=current.organization.name,
        phase=current.phase,
        category=current.category,
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
def withdraw(pledge: Pledge, *, by: Any, reason: str, version: int | None = None) -> Pledge:
    """撤下公开: the text leaves every page at once; the reason stays on record."""
    now = timezone.now()
    taken = PLEDGE_FLOW.take(
        "withdraw", _current(pledge, version), by=by, reason=reason, changes={"changed_at": now}
    )
    Publication.objects.filter(pledge=pledge, withdrawn_at=None).update(
        withdrawn_at=now, withdrawn_by=by, withdraw_reason=reason.strip()
    )
    return taken


@transaction.atomic
def recall(pledge: Pledge, *, by: Any, reason: str, version: int | None = None) -> Pledge:
    """收回修改: the secretary takes back what is not public, to correct it; it is vetted again."""
    changes = {"scope": "", "return_reason": "", "return_grounds": [], "changed_at": timezone.now()}
    current = _current(pledge, version)
    taken = PLEDGE_FLOW.take("recall", current, by=by, reason=reason, changes=changes)
    current.items.exclude(remark="").update(remark="")
    return taken


@transaction.atomic
def hand_over(organization: Organization, into: Organization, *, by: Any, reason: str) -> list[Pledge]:
    """转由并入后的党组织办理: what is unfinished goes to ``into``, in the state and with the text it has.

    What has been public stays: it is the history of ``organization``. Returns those handed over; called
    again it finds none. ``by`` is whoever merged the two (asked for the right to, then and there).
    """
    unfinished = Pledge.objects.filter(organization=organization, state__in=UNFINISHED)
    handed = list(unfinished.select_for_update(of=("self",)).order_by("pk"))
    for pledge in handed:
        pledge.organization, pledge.changed_at = into, timezone.now()
        _make_searchable(pledge, texts.text_of(pledge))
        pledge.save(update_fields=["organization", "changed_at", "body", "tokens"])
        record(
            pledge,
            "hand_over",
            by=by,
            permission=MANAGE,
            before={"organization": organization.pk, "organization_name": organization.name},
            after={"organization": into.pk, "organization_name": into.name},
            reason=reason,
        )
    return handed


def renew_search(organization: Organization) -> None:
    """Make the pledges of ``organization`` findable by the name it has now. Published texts stay as they were."""
    for pledge in organization.pledges.select_for_update(of=("self",)).order_by("pk"):
        _make_searchable(pledge, texts.text_of(pledge))
        pledge.save(update_fields=["body", "tokens"])


def _current(pledge: Pledge, version: int | None) -> Pledge:
    """Lock the row; refuse a decision on a text that has changed since it was read."""
    current = _locked(pledge)
    if version is not None and version != current.version:
        raise StepRefused("您打开之后，承诺的内容改过了，请看过新的内容再办理。")
    return current


VERBS: dict[str, Callable[..., Pledge]] = {
    "submit": submit,
    "return": return_,
    "approve": approve,
    "propose": propose,
    "decline": decline,
    "publish": publish,
    "withdraw": withdraw,
    "recall": recall,
}
