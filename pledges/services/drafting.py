"""The verbs of a text that is being written: begin, copy, save, settle a conflict, throw away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from campaigns.models import Phase
from campaigns.services.assignments import refresh_places
from common.events import record
from common.models import Event
from common.states import StepRefused
from organizations.access import may
from organizations.models import Member, Organization
from pledges import texts
from pledges.flow import PledgeState
from pledges.flow.guards import round_is_open
from pledges.models import Direction, Exemption, Pledge, new_key
from pledges.services.buffers import settle
from pledges.services.open_rounds import ensure_open, hold
from pledges.services.writing import EDIT, EDIT_MEMBER, edit_permission, locked, write
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
    hold()
    _may_draft(organization, phase, by)
    blank = (
        Pledge.objects.of_organizations()
        .filter(
            organization=organization,
            phase=phase,
            state=PledgeState.DRAFT,
            version=1,
            title="",
            hands=[by.pk],
        )
        .first()
    )
    return blank or _new(organization, phase, texts.blank_text(), by)


@transaction.atomic
def create_member_draft(member: Member, phase: Phase, *, by: Any) -> Pledge:
    """起草一名党员的承诺, by the member or by the branch for them. There is one a member and round.

    Raises PermissionDenied, and StepRefused with the sentence for the person.
    """
    hold()
    place = pledging_place(member)
    organization = Organization.objects.select_for_update(no_key=True).get(pk=place.pk)
    pledge = Pledge(organization=organization, member=member, phase=phase)
    if not by.has_perm(EDIT_MEMBER, pledge):
        raise PermissionDenied("您没有填写这名党员承诺的职务。")
    if member.left_on is not None:
        raise StepRefused(f"{member.name}同志已不在名册上。")
    is_running(phase)
    _is_not_exempt(member, phase)
    there = Pledge.objects.select_related("organization", "member").filter(member=member, phase=phase).first()
    text = texts.blank_text(directions=[Direction.ORGANIZATION, Direction.MASSES])
    return there or _new(organization, phase, text, by, member=member)


def _is_not_exempt(member: Member, phase: Phase) -> None:
    exemption = Exemption.objects.filter(member=member, phase=phase).first()
    if exemption is not None:
        raise StepRefused(
            f"{member.name}同志本时段登记为“{exemption.get_kind_display()}”，不再作书面承诺；"
            "要改为书面承诺的，请所在党支部先撤销登记。"
        )


def pledging_place(member: Member) -> Organization:
    """Where a member pledges: a mobile member (流动党员) with the receiving organization (domain.md 1.2)."""
    return member.receiving if member.is_mobile and member.receiving is not None else member.organization


def count_at_home(member: Member, phase: int) -> None:
    """Nothing holds the member any more where they pledged: whoever moved on in mid-round counts where they are."""
    refresh_places(phase, ["member_pledge"], [pledging_place(member).pk])


@transaction.atomic
def copy(source: Pledge, phase: Phase, *, by: Any) -> Pledge:
    """复制上年: the text of an earlier pledge of the same organization as a new draft; dates are set anew."""
    hold()
    if source.member is not None:
        return _copy_of_member(source, source.member, phase, by)
    _may_draft(source.organization, phase, by)
    return _new(source.organization, phase, _copied(source, phase), by, copied_from=source.pk)


def _copy_of_member(source: Pledge, member: Member, phase: Phase, by: Any) -> Pledge:
    """Last year's text of a member into this year's draft, as long as nothing has been written there."""
    draft = create_member_draft(member, phase, by=by)
    if draft.version > 1 or draft.state != PledgeState.DRAFT:
        raise StepRefused(f"{member.name}同志本时段的承诺已经写了，没有用以前的内容覆盖。")
    return save(draft, _copied(source, phase), version=draft.version, by=by)


def _copied(source: Pledge, phase: Phase) -> Text:
    """The text with new keys and without dates, its category that of the same number in the new campaign."""
    text = texts.text_of(source)
    text["items"] = [{**item, "key": new_key(), "due_on": ""} for item in text["items"]]
    if source.category is not None:
        rubric = phase.campaign.rubric.filter(subject=source.category.subject)
        text["category"] = rubric.filter(number=source.category.number).values_list("pk", flat=True).first()
    return text


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
    is_running(phase)


def is_running(phase: Phase) -> None:
    """Raises StepRefused outside the phase: nothing new is begun for a round that is over or to come."""
    if not Phase.objects.on(timezone.localdate()).filter(pk=phase.pk).exists():
        raise StepRefused(f"“{phase.name}”不在进行中，请选择当前时段。")
    ensure_open(phase)


def _new(
    organization: Organization,
    phase: Phase,
    text: Text,
    by: Any,
    *,
    member: Member | None = None,
    **detail: Any,
) -> Pledge:
    pledge = Pledge.objects.create(organization=organization, member=member, phase=phase, hands=[by.pk])
    write(pledge, text)
    permission = edit_permission(pledge)
    record(pledge, "create", by=by, permission=permission, after={"state": pledge.state}, **detail)
    return pledge


@transaction.atomic
def save(pledge: Pledge, text: Text, *, version: int, by: Any) -> Pledge:
    """Save ``text``, written on top of ``version``. Raises Conflict when that is no longer the saved one."""
    current = _editable(pledge, by)
    theirs = texts.text_of(current)
    _settled_stay(current, theirs, _filled(text))
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
    if len(result["items"]) > current.max_items:
        raise StepRefused(f"合并后有 {len(result['items'])} 项，最多 {current.max_items} 项，请少留几项。")
    _settled_stay(current, theirs, _filled(result))
    return _keep(current, result, theirs, by, set_aside=aside)


def base_of(pledge: Pledge, version: int) -> Text:
    """The text as it was at ``version``, told back from the audit. Two queries."""
    edits = Event.objects.about(pledge).filter(
        kind__in=["pledge.edit", "pledge.change"], detail__version__gt=version
    )
    return texts.rewound(texts.text_of(pledge), edits.order_by("-pk").values_list("before", flat=True))


@transaction.atomic
def discard(pledge: Pledge, *, by: Any) -> None:
    """Throw away a draft that was never filed. The audit keeps its text."""
    current = _editable(pledge, by)
    if current.state != PledgeState.DRAFT:
        raise StepRefused("报送过的承诺留有记录，不能删除；可以修改后重新提交。")
    typed = list(current.buffers.pending().exclude(user=by).values("user", "payload"))
    text = texts.flatten(texts.text_of(current))
    Pledge.objects.filter(pk=current.pk).delete()  # before it is recorded, since that counts what is left
    record(current, "discard", by=by, permission=edit_permission(current), before=text, typed_by_others=typed)
    if current.member is not None:
        count_at_home(current.member, current.phase_id)


def _settled_stay(pledge: Pledge, saved: Text, text: Text) -> None:
    """定诺: an item that was vetted and settled stays as it is while another one is corrected."""
    settled = {item.key: item.number for item in pledge.items.all() if item.is_settled}
    kept = {item["key"]: item for item in text["items"]}
    for item in saved["items"]:
        if item["key"] in settled and kept.get(item["key"]) != item:
            raise StepRefused(
                f"第{settled[item['key']]}项已经审定，不能修改或去掉；确需改动的，请收回整份承诺重新报送。"
            )


def _editable(pledge: Pledge, by: Any) -> Pledge:
    current = locked(pledge)
    if not by.has_perm(edit_permission(current), current):
        raise PermissionDenied("您没有修改这份承诺的职务。")
    if why := round_is_open(by, current):
        raise StepRefused(why)
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
            permission=edit_permission(pledge),
            before=before,
            after=after,
            version=pledge.version,
            **detail,
        )
    settle(pledge, by=by)
    return pledge
