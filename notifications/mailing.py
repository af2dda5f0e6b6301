"""What a notice looks like as a mail."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from notifications.models import Notice


def compose(notice: Notice, connection: BaseEmailBackend) -> EmailMessage:
    """Plain text. Auto-Submitted keeps holiday answers from coming back."""
    context = {"notice": notice, "site": settings.SITE, "address": settings.SITE_URL}
    subject = f"【{settings.SITE['short_name']}】{notice.subject}"
    return EmailMessage(
        " ".join(subject.split()),  # a line break would end the header
        render_to_string("notifications/mail.txt", context),
        to=[notice.recipient.email],
        headers={"Message-ID": notice.message_id, "Auto-Submitted": "auto-generated"},
        connection=connection,
    )
