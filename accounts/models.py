from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from typing import Any

from django.contrib.auth import get_backends
from django.contrib.auth.models import AbstractUser
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property

from accounts import devices


class User(AbstractUser):
    """One natural person. What they may do comes from their posts (任职), not from here.

    ``is_staff`` marks the system administrator (系统管理员), who keeps the machine running
    and holds no business right by it.
    """

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField("姓名", max_length=60)
    must_change_password = models.BooleanField("首次登录须改密码", default=False)
    wants_mail = models.BooleanField("同时发送邮件", default=True)
    acting_key: str  # the post acted from, "post@organization"; set per request, not stored

    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.name or self.username

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """A right comes from a post, for everyone: Django's shortcut for superusers ends here."""
        asked = [backend for backend in get_backends() if hasattr(backend, "has_perm")]
        return any(backend.has_perm(self, perm, obj) for backend in asked)

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class UserSessionQuerySet(models.QuerySet["UserSession"]):
    def visible_to(self, user: Any) -> UserSessionQuerySet:
        return self.filter(user=user, expire_date__gt=timezone.now())


class UserSession(AbstractBaseSession):
    """A sign-in on one device (登录设备): Django's session with its owner, so that it can be listed and ended.

    Device, address and times are kept in the session itself (``accounts.sessions``).
    """

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")

    objects = UserSessionQuerySet.as_manager()  # type: ignore[assignment,misc]

    def __str__(self) -> str:
        return f"{self.device}，{self.address}"

    @classmethod
    def get_session_store_class(cls) -> Any:
        from accounts.sessions import SessionStore  # noqa: PLC0415 -- the store imports this model

        return SessionStore

    @cached_property
    def data(self) -> dict[str, Any]:
        return self.get_decoded()

    @property
    def handle(self) -> str:
        """Names the session in an address without giving its key away."""
        return hashlib.sha256(self.session_key.encode()).hexdigest()[:24]

    @property
    def device(self) -> str:
        return devices.describe(self.data.get("agent", ""))

    @property
    def address(self) -> str:
        return self.data.get("address") or "未知地址"

    @property
    def began_at(self) -> dt.datetime:
        return _moment(self.data["began_at"])

    @property
    def seen_at(self) -> dt.datetime:
        return _moment(self.data["seen_at"])


def _moment(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


class KeptTextQuerySet(models.QuerySet["KeptText"]):
    def visible_to(self, user: Any) -> KeptTextQuerySet:
        return self.filter(user=user, created_at__gt=timezone.now() - KeptText.KEPT)


class KeptText(models.Model):
    """What a person had typed when the session ran out; given back after sign-in, to the same person only."""

    KEPT = dt.timedelta(hours=24)

    token = models.UUIDField(primary_key=True, default=uuid.uuid4)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    action = models.CharField(max_length=500, blank=True)  # where it was sent; "" when a script sent it
    page = models.CharField(max_length=500, blank=True)  # the page it was typed on
    fields = models.JSONField(default=list)  # [[name, text], …] in the order of the form
    created_at = models.DateTimeField(default=timezone.now)

    objects = KeptTextQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="kepttext_age")]

    def __str__(self) -> str:
        return f"kept text {self.token}"

    @property
    def texts(self) -> list[str]:
        """What a person has written, apart from the numbers and marks that a form carries with it."""
        return [text for _, text in self.fields if len(text) > 20 or not text.isascii()]
