from celery import shared_task
from django.utils import timezone

from pledges import services
from pledges.services import opinions


@shared_task(name="pledges.tend_opinions")
def tend_opinions() -> int:
    today = timezone.localdate()
    return opinions.announce(today) + opinions.note_overdue(today) + opinions.erase_contacts(today)


@shared_task(name="pledges.check_new_items")
def check_new_items() -> int:
    return services.check_new()


# Below the time after which Redis would hand it to another worker.
@shared_task(name="pledges.compare_items", time_limit=590)
def compare_items() -> int:
    return services.compare_running()
