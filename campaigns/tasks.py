from celery import shared_task
from django.utils import timezone

from campaigns.services import assignments, reminders, robots


@shared_task(name="campaigns.remind")
def remind() -> int:
    """Several times a working day: what one run misses the next one finds."""
    reminders.generate(timezone.localdate())
    return reminders.tell(timezone.now())


@shared_task(name="campaigns.recount")
def recount() -> int:
    return assignments.refresh_open()


@shared_task(name="campaigns.deliver_robots")
def deliver_robots() -> int:
    return robots.deliver()
