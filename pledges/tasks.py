from celery import shared_task
from django.utils import timezone

from pledges.services import opinions


@shared_task(name="pledges.tend_opinions")
def tend_opinions() -> int:
    today = timezone.localdate()
    return opinions.announce(today) + opinions.note_overdue(today) + opinions.erase_contacts(today)
