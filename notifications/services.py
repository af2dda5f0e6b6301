"""Write a notice now, deliver it later. The only file of this app that writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.contrib.auth import get_user_model
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.utils import timezone

from common.events import record
from notifications import mailing
from notifications.models import Mail, Notice

logger = structlog.get_logger(__name__)
ROWS = 1000  # per INSERT
BATCH = 20  # what one sender that dies holds back from the others: mails take seconds, the lease minutes


@transaction.atomic
def notify(recipients: Iterable[Any], *, subject: str, key: str, body: str = "", link: str = "") -> int:
    """Tell each of ``recipients`` (users or their ids) once: a repeat with the same ``key`` does nothing.

    Four queries for any number of people. Mail goes out later, to those who have an address and want it.
    Returns how many were told anew. ``link`` is an address of this site, from "/".
    """
    people = {getattr(person, "pk", person) for person in recipients}
    told = set(Notice.objects.filter(key=key, recipient__in=people).values_list("recipient", flat=True))
    fresh = sorted(people - told)
    if not fresh:
        return 0
    notices = [Notice(recipient_id=pk, key=key, subject=subject[:200], body=body, link=link) for pk in fresh]
    Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=ROWS)
    mailed = Notice.objects.filter(
        key=key, recipient__in=_readers_of_mail().filter(pk__in=fresh), mail=None
    ).values_list("pk", flat=True)
    Mail.objects.bulk_create([Mail(notice_id=pk) for pk in mailed], ignore_conflicts=True, batch_size=ROWS)
    return len(fresh)


@dataclass(frozen=True, slots=True)
class Message:
    """What one person is told; ``notify`` tells many the same."""

    recipient_id: int
    subject: str
    body: str = ""
    link: str = ""


@transaction.atomic
def notify_each(messages: Sequence[Message], *, key: str) -> set[int]:
    """Something else to each person, once for each person and ``key``, in three queries for any number.

    Returns who was told by this call and by no other: whoever comes second waits for the first, and tells nobody.
    """
    rows = [(m.recipient_id, m.subject[:200], m.body, m.link) for m in messages]
    if not rows:
        return set()
    written = f"""
        INSERT INTO {Notice._meta.db_table} (recipient_id, key, subject, body, link, created_at)
        SELECT recipient_id, %s, subject, body, link, %s
        FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS m(recipient_id, subject, body, link)
        ON CONFLICT (recipient_id, key) DO NOTHING RETURNING id, recipient_id
    """  # noqa: S608 -- the table's own name
    with connection.cursor() as cursor:
        cursor.execute(written, [key, timezone.now(), *map(list, zip(*rows, strict=True))])
        told = dict(cursor.fetchall())
    mailed = Notice.objects.filter(pk__in=told, recipient__in=_readers_of_mail()).values_list("pk", flat=True)
    Mail.objects.bulk_create([Mail(notice_id=pk) for pk in mailed], ignore_conflicts=True, batch_size=ROWS)
    return set(told.values())


def _readers_of_mail() -> Any:
    return get_user_model().objects.filter(is_active=True, wants_mail=True).exclude(email="")


def mark_read(notice: Notice) -> None:
    """Read (已读) from the first opening on."""
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())


def mark_seen(user: Any, link: str) -> None:
    """The person stands before what these notices are about, whichever way they came."""
    Notice.objects.visible_to(user).unread().filter(link=link).update(read_at=timezone.now())


def mark_all_read(user: Any) -> int:
    return Notice.objects.visible_to(user).unread().update(read_at=timezone.now())


def set_mail_wanted(user: Any, *, wanted: bool) -> None:
    """Mail is an extra to the list on the desk; each person may switch it off for themselves."""
    user.wants_mail = wanted
    user.save(update_fields=["wants_mail"])


def deliver(limit: int = 500) -> int:
    """Send what is due, oldest first; returns how many went out. Several workers may run it at once.

    Each mail is leased, sent, marked, in this order: a sender killed between sending and marking leaves
    the mail to be sent again with the same Message-ID. The other order would lose it (reliability.md R1).
    """
    sent = 0
    for _ in range(0, limit, BATCH):
        mails = _lease()
        if not mails:
            break
        outcome = _send(mails)
        if outcome is None:
            break
        sent += outcome
    return sent


@transaction.atomic
def _lease() -> list[Mail]:
    keys = list(
        Mail.objects.due()
        .select_for_update(skip_locked=True, of=("self",))
        .values_list("pk", flat=True)[:BATCH]
    )
    Mail.lease(keys)
    return list(Mail.objects.filter(pk__in=keys).select_related("notice__recipient").order_by("pk"))


def _send(mails: list[Mail]) -> int | None:
    """None: the mail server is not there; nobody needs to try on."""
    connection = get_connection()
    try:
        connection.open()
    except OSError as error:
        logger.warning("mail_server_away", mails=len(mails), error=type(error).__name__)
        for mail in mails:
            mail.postpone(error)
        return None
    try:
        return sum([_send_one(mail, connection) for mail in mails])
    finally:
        connection.close()


def _send_one(mail: Mail, connection: BaseEmailBackend) -> bool:
    person = mail.notice.recipient
    try:
        if is_wanted := bool(person.is_active and person.wants_mail and person.email):
            mailing.compose(mail.notice, connection).send()
        mail.settle()
    except Exception as error:
        logger.warning("mail_not_sent", mail_id=mail.pk, attempts=mail.attempts, error=type(error).__name__)
        mail.postpone(error)
        return False
    return is_wanted


@transaction.atomic
def revive(mail: Mail, *, by: Any) -> None:
    """The administrator asks for one more round of a dead letter (死信)."""
    if Mail.objects.dead().filter(pk=mail.pk).update(is_dead=False, attempts=0, retry_at=timezone.now()):
        record(mail, "revive", by=by, reason=mail.error)


@transaction.atomic
def dismiss(mail: Mail, *, by: Any) -> None:
    """The administrator gives a dead letter up; the notice itself stays on the person's desk."""
    if Mail.objects.dead().filter(pk=mail.pk).update(is_dead=False, sent_at=timezone.now()):
        record(mail, "dismiss", by=by, reason=mail.error)
