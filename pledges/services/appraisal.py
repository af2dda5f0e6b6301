"""评诺 of pledges, one by one or a branch's roster at once. Nothing here is ever public."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, JSONField, Value, When
from django.utils import timezone

from campaigns.bands import HIGHEST, Bands, bands_of
from common.states import StepRefused, Taken
from pledges.flow import APPRAISAL_FLOWS, IN_FORCE, LEADER_FLOW, MEMBER_FLOW
from pledges.models import Appraisal, Pledge
from pledges.services.open_rounds import ensure_open
from pledges.services.writing import locked

SCALE = "pledge_appraisal"
# what each step writes; going back empties it
FIELDS: dict[str, dict[str, Any]] = {
    "self_appraise": {"self_band": "", "self_text": ""},
    "peer_appraise": {"peers": {}, "peers_present": None, "peers_held_on": None},
    "appraise": {"score": None, "band": "", "comment": "", "appraised_at": None, "appraised_by": None},
}
BACK = {"reopen": "self_appraise", "reopen_peers": "peer_appraise", "reopen_grade": "appraise"}


def bands_for(pledge: Pledge) -> Bands:
    return bands_of(pledge.phase.campaign, SCALE)


@transaction.atomic
def give(pledge: Pledge, step: str, values: Mapping[str, Any], *, by: Any) -> Appraisal:
    """自评, 互评 or 组织评 (``step``), by column: the band and text; how many at the meeting gave which band; a whole score
    from 0 to 100, from which the band follows by the campaign's scale. Raises PermissionDenied and StepRefused.
    """
    current = locked(pledge)
    if current.state not in IN_FORCE:
        raise StepRefused(f"这份承诺现在是“{current.get_state_display()}”，不能评诺。")
    ensure_open(current.phase)
    appraisal = _appraisal_of(current)
    if step not in appraisal.flow:
        raise StepRefused("党组织的承诺没有互评，自评后由上级评定。")
    if not by.has_perm(appraisal.flow[step].permission, appraisal):
        raise PermissionDenied(appraisal.flow[step].permission)
    said = _checked(step, dict(values), bands_for(current), by)
    return appraisal.flow.take(step, appraisal, by=by, changes=said, said=_plain(said))


@transaction.atomic
def go_back(pledge: Pledge, step: str, *, by: Any, reason: str) -> Appraisal:
    """One step back, with a reason, to correct it. What was given stays in the audit."""
    ensure_open(pledge.phase)
    appraisal = _appraisal_of(pledge)
    if step not in BACK or step not in appraisal.flow:
        raise StepRefused("这一步不能退回。")
    return appraisal.flow.take(
        step, appraisal, by=by, reason=reason, changes=FIELDS[BACK[step]], taken_back=appraisal.said
    )


@transaction.atomic
def give_all(step: str, given: Mapping[int, Mapping[str, Any]], *, by: Any) -> Taken[Appraisal]:
    """One step for many members' pledges (by primary key), in a constant number of queries.

    ``given`` holds what ``give`` takes. Raises StepRefused for what cannot be recorded at all.
    """
    pledges = Pledge.objects.of_members().with_what_guards_ask().filter(pk__in=given, state__in=IN_FORCE)
    found = {pledge.pk: pledge for pledge in pledges}
    for phase in {pledge.phase for pledge in found.values()}:
        ensure_open(phase)
    said = {pk: _checked(step, dict(given[pk]), bands_for(p), by) for pk, p in found.items()}
    Appraisal.objects.bulk_create([Appraisal(pledge_id=pk) for pk in said], ignore_conflicts=True)
    done: list[Appraisal] = []
    refused: list[tuple[Appraisal, str]] = []
    for flow in (MEMBER_FLOW, LEADER_FLOW):
        rows = Appraisal.objects.filter(pledge__in=[pk for pk in said if found[pk].flow is flow])
        own = {row.pk: said[row.pledge_id] for row in rows}
        if own:
            each = {pk: {"said": _plain(values)} for pk, values in own.items()}
            taken = APPRAISAL_FLOWS[flow].take_all(
                step, rows.with_what_guards_ask(), by=by, changes=_each_its_own(step, own), each=each
            )
            done, refused = done + taken.done, refused + taken.refused
    return Taken(done, refused)


def _each_its_own(step: str, said: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """The columns of a step as expressions that give each row its own value."""
    changes = {}
    for name in FIELDS[step]:
        column: Any = Appraisal._meta.get_field(name)
        kind = JSONField() if name == "peers" else column
        whens = [
            When(pk=pk, then=Value(_key(values[name]), output_field=kind)) for pk, values in said.items()
        ]
        changes[name] = Case(*whens, output_field=kind)
    return changes


def _key(value: Any) -> Any:
    return getattr(value, "pk", value)


def _appraisal_of(pledge: Pledge) -> Appraisal:
    found, _ = Appraisal.objects.get_or_create(pledge=pledge)
    return Appraisal.objects.with_what_guards_ask().get(pk=found.pk)


def _checked(step: str, values: dict[str, Any], bands: Bands, by: Any) -> dict[str, Any]:
    """The columns of the step. Raises StepRefused with the sentence for the person."""
    if fault := fault_of(step, values, bands):
        raise StepRefused(fault)
    if step == "appraise":
        score = values["score"]
        values |= {"band": bands.of(score), "appraised_at": timezone.now(), "appraised_by": by}
    return {**FIELDS[step], **values}


def fault_of(step: str, values: Mapping[str, Any], bands: Bands) -> str:
    """Why it cannot be recorded; empty when it can."""
    if step == "self_appraise":
        return "" if values.get("self_band") in bands.names else f"请选择自评档次：{'、'.join(bands.names)}。"
    if step == "peer_appraise":
        return _fault_of_peers(values, bands)
    score = values.get("score")
    fits = isinstance(score, int) and 0 <= score <= HIGHEST
    return "" if fits else f"评分应为 0 至 {HIGHEST} 的整数。"


def _fault_of_peers(values: Mapping[str, Any], bands: Bands) -> str:
    peers, present, held_on = (
        values.get("peers") or {},
        values.get("peers_present"),
        values.get("peers_held_on"),
    )
    if held_on is None or held_on > timezone.localdate():
        return "请填写评诺会日期，不能晚于今天。"
    if not present:
        return "请填写到会人数。"
    if not set(peers) <= set(bands.names) or any(count < 0 for count in peers.values()):
        return f"互评请按 {'、'.join(bands.names)} 填写人数。"
    if not sum(peers.values()):
        return "请填写互评的人数。"
    if sum(peers.values()) > present:
        return f"互评合计 {sum(peers.values())} 人，多于到会的 {present} 人，请核对。"
    return ""


def _plain(said: Mapping[str, Any]) -> dict[str, Any]:
    """For the record; who and when stand in the event itself."""
    return {name: value for name, value in said.items() if not name.startswith("appraised_")}


@transaction.atomic
def give_roster(given: Mapping[str, Mapping[int, Mapping[str, Any]]], *, by: Any) -> Taken[Appraisal]:
    """A branch's page: the steps one after the other, each for all it was given for. Who is refused is named."""
    done: dict[int, Appraisal] = {}
    refused: list[tuple[Appraisal, str]] = []
    for step in FIELDS:
        if given.get(step):
            taken = give_all(step, given[step], by=by)
            done |= {row.pk: row for row in taken.done}
            refused += taken.refused
    return Taken(list(done.values()), refused)
