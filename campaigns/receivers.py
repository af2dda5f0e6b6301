"""Reactions to events. Loaded by the app's ``ready``."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial

from django.contrib.auth import get_user_model

from campaigns.exports.archive import MEMORY, write_archive
from campaigns.flow import SUMMARY_FLOW
from campaigns.models import Summary
from campaigns.services import assignments, closing, reminders
from common.events import subscribe
from common.models import Event
from notifications.services import notify
from organizations.access import holders_of, may

User = get_user_model()


@subscribe("rosterimport.apply")
def count_after_an_import(event: Event) -> None:
    """An import writes thousands of rows set by set: what everybody owes is counted once, after it."""
    assignments.refresh_open()


@subscribe("phaseclosing.close")
def write_the_archive(event: Event) -> None:
    """The whole tree's rows as files take longer than a person waits for a page."""
    closed = closing.waiting_for_archive(int(event.subject_id))
    if closed is None:
        return
    with tempfile.SpooledTemporaryFile(MEMORY) as archive:
        files, digest = write_archive(closed, archive)
        closing.keep_archive(closed, archive, files=files, digest=digest)


@subscribe("campaign.remind_now")
def remind_now(event: Event) -> None:
    """A request speaks to no broker: the administrator's wish goes by the outbox, as everything else."""
    reminders.run_now()


def _those_who_may(step: str, summary: Summary) -> set[int]:
    """Those who may take the step today, without those its guards refuse."""
    asked = SUMMARY_FLOW[step]
    users = User.objects.filter(pk__in={pk for pk, _ in holders_of(asked.permission, summary.organization)})
    return {user.pk for user in users if asked.refusal(user, summary) is None}


def _writers(summary: Summary) -> set[int]:
    """The secretary, and everyone who wrote in it and may still see it."""
    hands = User.objects.filter(pk__in=summary.hands, is_active=True)
    secretaries = {pk for pk, _ in holders_of("campaigns.submit_summary", summary.organization)}
    return secretaries | {u.pk for u in hands if may(u, "campaigns.view_progress", summary.organization)}


_TOLD: dict[str, tuple[Callable[[Summary], set[int]], str]] = {
    "submit": (partial(_those_who_may, "accept"), "请审阅：{summary}"),
    "return": (_writers, "小结被退回，请修改：{summary}"),
    "accept": (_writers, "上级已审阅同意：{summary}"),
    "recall": (partial(_those_who_may, "accept"), "报送单位收回了小结，暂不需审阅：{summary}"),
}


@subscribe(*(f"summary.{verb}" for verb in _TOLD))
def tell_of_a_summary(event: Event) -> None:
    """Whoever must act next, and whoever wrote it."""
    summary = Summary.objects.with_what_guards_ask().filter(pk=event.subject_id).first()
    if summary is None:
        return
    whom, subject = _TOLD[event.verb]
    notify(
        whom(summary) - {event.actor_id},
        subject=subject.format(summary=summary),
        body=f"理由：{event.reason}" if event.reason else "",
        link=summary.get_absolute_url(),
        key=f"summary-event:{event.pk}",
    )
