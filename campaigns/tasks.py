from celery import shared_task
from django.utils import timezone

from campaigns.services import assignments, checks, reminders, robots, tallies


@shared_task(name="campaigns.remind")
def remind() -> int:
    """Several times a working day: what one run misses the next one finds."""
    reminders.generate(timezone.localdate())
    return reminders.tell(timezone.now())


@shared_task(name="campaigns.check")
def check() -> int:
    """Compared first, then put right: in one task, so that no worker repairs what another has not looked at yet."""
    found = checks.check().differences
    assignments.refresh_open()
    return found


@shared_task(name="campaigns.deliver_robots")
def deliver_robots() -> int:
    return robots.deliver()


@shared_task(name="campaigns.fold_tallies")
def fold_tallies() -> None:
    tallies.fold()
