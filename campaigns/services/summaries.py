"""The verbs of a summary (小结、总结): begin, save, file, take back, return, accept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from campaigns.flow import SUMMARY_FLOW, phase_is_open
from campaigns.models import Assignment, Phase, Summary, SummaryBuffer
from campaigns.queries.summaries import EDIT, SUMMARY, figures
from common import buffers
from common.events import record
from common.states import StepRefused
from organizations.access import may
from organizations.models import Organization

TEXTS = ("done", "left")
Text = dict[str, str]


class SummaryConflict(Exception):
    """Somebody saved meanwhile. Nothing was written; the saved summary is here."""

    def __init__(self, summary: Summary) -> None:
        super().__init__("您打开之后，别的同志保存过这份小结。")
        self.summary = summary


@transaction.atomic
def create(organization: Organization, phase: Phase, *, by: Any) -> Summary:
    """起草: one an organization and phase, where the phase asks this organization for one.

    :raises PermissionDenied: not a writer's post there.
    :raises StepRefused: with the sentence for the person.
    """
    # Held until the draft is there: of two clicks the second finds the summary of the first.
    organization = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    if not may(by, EDIT, organization):
        raise PermissionDenied("您没有在该组织起草小结的职务。")
    asked = Assignment.objects.filter(
        organization=organization, obligation__phase=phase, obligation__expects=SUMMARY
    )
    summary = Summary(organization=organization, phase=phase, hands=[by.pk])
    if why := phase_is_open(by, summary):
        raise StepRefused(why)
    if not asked.exists():
        raise StepRefused(f"“{organization.name}”{phase.name}不用报送小结。")
    if Summary.objects.filter(organization=organization, phase=phase).exists():
        raise StepRefused(f"“{organization.name}”{phase.name}已经有一份{summary.kind}，没有另起一份。")
    summary.save(force_insert=True)
    record(summary, "create", by=by, permission=EDIT, after={"state": summary.state})
    return summary


@transaction.atomic
def save(summary: Summary, text: Text, *, version: int, by: Any) -> Summary:
    """Save ``text``, written on top of ``version``; without a change nothing happens.

    :raises SummaryConflict: that is no longer the saved one.
    """
    current = _locked(summary)
    if not by.has_perm(EDIT, current):
        raise PermissionDenied("您没有修改这份小结的职务。")
    if why := phase_is_open(by, current):
        raise StepRefused(why)
    if not current.is_editable:
        raise StepRefused(f"现在是“{current.get_state_display()}”，不能修改；如需更正，请先收回修改。")
    after = {name: text[name] for name in TEXTS if text[name] != getattr(current, name)}
    if not after:
        return current
    if version != current.version:
        raise SummaryConflict(current)
    before = {name: getattr(current, name) for name in after}
    for name, said in after.items():
        setattr(current, name, said)
    current.version += 1
    current.hands = sorted({*current.hands, by.pk})
    current.changed_at = timezone.now()
    current.save()
    record(current, "edit", by=by, permission=EDIT, before=before, after=after, version=current.version)
    return current


@transaction.atomic
def buffer(summary: Summary, text: Text, *, base_version: int, sequence: int, by: Any) -> SummaryBuffer:
    """Keep what one person is typing. A packet no newer than the last one changes nothing.

    Under the summary's lock: a packet on its way while it is filed comes before that, or is refused.

    :raises PermissionDenied: not a writer's post there, or it cannot be changed now.
    :raises StepRefused: its phase is closed.
    """
    current = _locked(summary)
    if not (by.has_perm(EDIT, current) and current.is_editable):
        raise PermissionDenied(f"这份{current.kind}现在不能修改。")
    if why := phase_is_open(by, current):
        raise StepRefused(why)
    return buffers.keep(
        SummaryBuffer, text, base_version=base_version, sequence=sequence, summary=current, user=by
    )


@transaction.atomic
def settle(summary: Summary, *, sequence: int = 0, by: Any) -> None:
    """Nothing of this person's typing is pending any more; packets up to ``sequence`` come too late."""
    buffers.settle(SummaryBuffer, sequence=sequence, summary=summary, user=by)


@transaction.atomic
def submit(summary: Summary, *, by: Any, version: int | None = None) -> Summary:
    """报送上级, with the figures of this day."""
    current, now = _current(summary, version), timezone.now()
    changes = {
        "submitted_at": now,
        "submitted_by": by,
        "changed_at": now,
        "hands": sorted({*current.hands, by.pk}),
        "figures": figures(current.organization, current.phase),
    }
    taken = SUMMARY_FLOW.take("submit", current, by=by, changes=changes)
    if not taken.done.strip():
        raise StepRefused("还没有写“做了什么”，请填写后再报送。")
    return taken


@transaction.atomic
def return_(summary: Summary, *, by: Any, reason: str, version: int | None = None) -> Summary:
    """退回修改, with the reason."""
    changes = _decided(by) | {"return_reason": reason.strip()}
    return SUMMARY_FLOW.take("return", _current(summary, version), by=by, reason=reason, changes=changes)


@transaction.atomic
def accept(summary: Summary, *, by: Any, version: int | None = None) -> Summary:
    """审阅同意: it stands from then on."""
    changes = _decided(by) | {"return_reason": ""}
    return SUMMARY_FLOW.take("accept", _current(summary, version), by=by, changes=changes)


@transaction.atomic
def recall(summary: Summary, *, by: Any, version: int | None = None) -> Summary:
    """收回修改, as long as the superior has not decided."""
    changes = {"return_reason": "", "changed_at": timezone.now()}
    return SUMMARY_FLOW.take("recall", _current(summary, version), by=by, changes=changes)


def note_export(summary: Summary, *, by: Any) -> None:
    """Who took it out of the portal as a file stays on record."""
    record(summary, "export", by=by, permission="campaigns.view_progress")


def _decided(by: Any) -> dict[str, Any]:
    now = timezone.now()
    return {"decided_at": now, "decided_by": by, "changed_at": now}


def _locked(summary: Summary) -> Summary:
    return Summary.objects.select_for_update(of=("self",)).with_what_guards_ask().get(pk=summary.pk)


def _current(summary: Summary, version: int | None) -> Summary:
    """Lock the row; refuse a decision on a text that has changed since it was read."""
    current = _locked(summary)
    if version is not None and version != current.version:
        raise StepRefused("您打开之后，小结的内容改过了，请看过新的内容再办理。")
    return current


VERBS: dict[str, Callable[..., Summary]] = {
    "submit": submit,
    "return": return_,
    "accept": accept,
    "recall": recall,
}
