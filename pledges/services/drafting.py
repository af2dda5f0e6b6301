"""The verbs of a text that is being written: begin, copy, save, settle a conflict, throw away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from campaigns.models import Phase, Subject
from common.events import record
from common.models import Event
from common.states import StepRefused
from organizations.access import may
from organizations.models import Organization
from pledges import texts
from pledges.flow import PledgeState
from pledges.models import MAX_ITEMS, Direction, Pledge, new_key
from pledges.services.buffers import settle
from pledges.services.writing import EDIT, locked, write
from pledges.texts import Clash, Text


class Conflict(Exception):
    """Somebody saved meanwhile. Nothing was written; both texts are here, field by field."""

    def __init__(self, *, pledge: Pledge, base: Text, mine: Text, clashes: list[Clash]) -> None:
        super().__init__("您打开之后，别的同志保存过这份承诺。")
        self.pledge, self.base, self.mine, self.clashes = pledge, base, mine, clashes


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
    if organization.is_root:
        raise StepRefused(f"“{organization.name}”没有上级党组织，承诺无处报送审定，不在平台起草。")
    if organization.dissolved_on is not None:
        raise StepRefused("该组织已撤销，不再报送承诺。")
    if not Phase.objects.on(timezone.localdate()).filter(pk=phase.pk).exists():
        raise StepRefused(f"“{phase.name}”不在进行中，请选择当前时段。")


def _new(organization: Organization, phase: Phase, text: Text, by: Any, **detail: Any) -> Pledge:
    pledge = Pledge.objects.create(organization=organization, phase=phase, hands=[by.pk])
    write(pledge, text)
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


def _editable(pledge: Pledge, by: Any) -> Pledge:
    current = locked(pledge)
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
        write(pledge, text)
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
