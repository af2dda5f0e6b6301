from celery import shared_task
from django.utils import timezone

from campaigns.services import assignments, reminders


@shared_task(name="campaigns.remind")
def remind() -> int:
    """Several times a working day: what one run misses the next one finds."""
    reminders.generate(timezone.localdate())
    return reminders.tell(timezone.now())


@shared_task(name="campaigns.recount")
def recount() -> int:
    return assignments.refresh_open()
