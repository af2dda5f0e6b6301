from __future__ import annotations

import re
import uuid
from datetime import timedelta
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from common.logging import short

MAX_ATTEMPTS = 10
# Names the Message-ID of a mail. Never change it: a repeat must carry the same number.
_MESSAGE_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:chuangxian:notice")


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: Any) -> NoticeQuerySet:
        return self.filter(recipient=user)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at=None)


class Notice(models.Model):
    """A message (消息) to one person: once per recipient and key, whatever is retried."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    key = models.CharField(max_length=120)
    subject = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    link = models.CharField(max_length=200, blank=True)  # an address of this site, from "/"
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recipient", "key"], name="notice_once"),
            models.CheckConstraint(
                condition=Q(link="") | (Q(link__startswith="/") & ~Q(link__startswith="//")),
                name="notice_link_is_local",
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-created_at", "-id"], name="notice_list"),
            models.Index(
                fields=["recipient", "-created_at", "-id"], name="notice_unread", condition=Q(read_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def words(self) -> str:
        """The body without the addresses at the ends of its lines: mail needs them, a list that leads there does not."""
        return re.sub(r"　\S*/\S+$", "", self.body, flags=re.MULTILINE)

    @property
    def message_id(self) -> str:
        """The mail's Message-ID: the same at every attempt, so that a repeat can be told by the receiver."""
        domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
        return f"<{uuid.uuid5(_MESSAGE_NAMESPACE, f'{self.key}/{self.recipient_id}')}@{domain}>"


class MailQuerySet(models.QuerySet["Mail"]):
    def pending(self) -> MailQuerySet:
        return self.filter(sent_at=None, is_dead=False)

    def due(self) -> MailQuerySet:
        return self.pending().filter(retry_at__lte=timezone.now()).order_by("retry_at", "pk")

    def dead(self) -> MailQuerySet:
        """Dead letters (死信): given up after MAX_ATTEMPTS, shown to the administrator."""
        return self.filter(sent_at=None, is_dead=True).order_by("pk")


class Mail(models.Model):
    """The outbox of mail: has this notice also gone to the person's mailbox?

    ``retry_at`` is also the lease: whoever sends a mail first moves it into the future, so that a sender
    killed on the way gives the mail back by itself. A mail may then arrive twice, never not at all.
    """

    LEASE = timedelta(minutes=5)

    notice = models.OneToOneField(Notice, models.CASCADE, primary_key=True)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(default=timezone.now)
    error = models.TextField(blank=True)
    is_dead = models.BooleanField(default=False)

    objects = MailQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["retry_at"], name="mail_due", condition=Q(sent_at=None, is_dead=False)),
            models.Index(fields=["notice"], name="mail_dead", condition=Q(is_dead=True)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_dead=False) | Q(sent_at=None), name="mail_not_both_dead_and_sent"
            )
        ]

    def __str__(self) -> str:
        return f"mail of {self.notice_id}"

    @classmethod
    def lease(cls, keys: list[int]) -> int:
        """Take these mails for one attempt. Counted before sending: one that kills its sender dies too."""
        return cls.objects.filter(pk__in=keys).update(
            retry_at=timezone.now() + cls.LEASE, attempts=F("attempts") + 1
        )

    def settle(self) -> None:
        """Sent, or no longer wanted."""
        self.sent_at = timezone.now()
        self.error = ""
        self.save(update_fields=["sent_at", "error"])

    def postpone(self, error: BaseException) -> None:
        """2, 4, 8 … 256 minutes, then dead."""
        self.error = short(error)
        self.is_dead = self.attempts >= MAX_ATTEMPTS
        self.retry_at = timezone.now() + timedelta(minutes=2 ** min(self.attempts, 8))
        self.save(update_fields=["error", "is_dead", "retry_at"])
