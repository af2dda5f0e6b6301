"""Sign-in and out, passwords, sessions: the only file of this app that writes."""

from __future__ import annotations

from collections.abc import Iterable

import structlog
from axes.models import AccessAttempt
from django.db import transaction
from django.utils import timezone

from accounts.models import KeptText, User, UserSession
from common.events import record

logger = structlog.get_logger(__name__)

_SECRET = ("password", "csrf")  # parts of names of fields whose content is never kept
_LONGEST_TEXT, _LONGEST_FORM, _FORMS_EACH = 20_000, 400_000, 20


def note_sign_in(user: User) -> None:
    record(user, "sign_in", by=user)


def note_sign_out(user: User) -> None:
    record(user, "sign_out", by=user)


def note_failure(username: str) -> None:
    """A failed sign-in goes into the audit when the account exists; what else was typed is kept nowhere."""
    user = User.objects.filter(username=username).first()
    logger.warning("sign_in_failed", known_account=user is not None)
    if user is not None:
        record(user, "fail_sign_in", by=None)


def note_lock(username: str) -> None:
    """Too many failures for this account from this address (``AXES_FAILURE_LIMIT``)."""
    user = User.objects.filter(username=username).first()
    logger.warning("sign_in_locked", known_account=user is not None)
    if user is not None:
        record(user, "lock_out", by=None)


@transaction.atomic
def change_password(user: User, password: str, *, by: User, keep: str | None = None) -> None:
    """Set a new password; every session of the person ends, but the one with the key ``keep``."""
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    end_sessions(user, keep=keep)
    record(user, "change_password", by=by)


def end_sessions(user: User, *, keep: str | None = None) -> None:
    UserSession.objects.filter(user=user).exclude(session_key=keep).delete()


@transaction.atomic
def revoke_session(session: UserSession, *, by: User) -> None:
    """End (下线) a session on another device."""
    session.delete()
    record(by, "revoke_session", by=by, device=session.device, signed_in_from=session.address)


@transaction.atomic
def revoke_other_sessions(user: User, *, keep: str | None, by: User) -> int:
    ended, _ = UserSession.objects.visible_to(user).exclude(session_key=keep).delete()
    if ended:
        record(user, "revoke_session", by=by, sessions=ended)
    return ended


def owner_of_ended_session(key: str) -> User | None:
    """Whose session was this? Ended sessions are remembered for a day, for nothing but their owner's text."""
    session = UserSession.objects.filter(session_key=key).select_related("user").first()
    return session.user if session is not None else None


@transaction.atomic
def keep_text(user: User, fields: Iterable[tuple[str, str]], *, action: str, page: str) -> KeptText | None:
    """Put away what ``user`` had typed. None when there was nothing worth keeping."""
    kept = worth_keeping(fields)
    if not any(text.strip() for _, text in kept):
        return None
    newest = KeptText.objects.filter(user=user).order_by("-created_at").values("pk")[: _FORMS_EACH - 1]
    KeptText.objects.filter(user=user).exclude(pk__in=newest).delete()
    return KeptText.objects.create(user=user, fields=kept, action=action[:500], page=page[:500])


def worth_keeping(fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Fields as they were posted, without secrets, up to a size that a person can have typed."""
    kept, room = [], _LONGEST_FORM
    for name, text in fields:
        if any(part in name.lower() for part in _SECRET):
            continue
        text = text.replace("\0", "")[: min(_LONGEST_TEXT, room)]
        room -= len(text)
        kept.append((name, text))
    return kept


def drop_text(kept: KeptText) -> None:
    kept.delete()


def tidy() -> None:
    """Once an hour: what has outlived its use. Ended sessions stay a day for ``owner_of_ended_session``."""
    a_day_ago = timezone.now() - KeptText.KEPT
    UserSession.objects.filter(expire_date__lt=a_day_ago).delete()
    UserSession.objects.filter(user=None, expire_date__lt=timezone.now()).delete()
    KeptText.objects.filter(created_at__lt=a_day_ago).delete()
    AccessAttempt.objects.filter(attempt_time__lt=a_day_ago).delete()
