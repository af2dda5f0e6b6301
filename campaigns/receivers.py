"""Reactions to events. Loaded by the app's ``ready``."""

from campaigns.services import assignments, reminders
from common.events import subscribe
from common.models import Event


@subscribe("rosterimport.apply")
def count_after_an_import(event: Event) -> None:
    """An import writes thousands of rows set by set: what everybody owes is counted once, after it."""
    assignments.refresh_open()


@subscribe("campaign.remind_now")
def remind_now(event: Event) -> None:
    """A request speaks to no broker: the administrator's wish goes by the outbox, as everything else."""
    reminders.run_now()
