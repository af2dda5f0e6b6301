from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from common.logging import short
from organizations.access import within_reach
from organizations.models import Organization

MAX_ATTEMPTS = 10
ADDRESS_LENGTH, SECRET_LENGTH = 500, 200


class RobotKind(models.TextChoices):
    WECOM = "wecom", "企业微信"
    DINGTALK = "dingtalk", "钉钉"


class RobotQuerySet(models.QuerySet["Robot"]):
    def visible_to(self, user: Any) -> RobotQuerySet:
        return self.filter(within_reach(user, "campaigns.set_robot"))


class Robot(models.Model):
    """群机器人: where an organization's own group chat is told what the organization is told.

    ``address`` holds the key of the group: whoever knows it can post there. It is never shown whole again, and
    stands neither in the log nor in the audit.
    """

    organization = models.OneToOneField(Organization, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=RobotKind)
    address = models.CharField("机器人地址", max_length=ADDRESS_LENGTH)
    secret = models.CharField("加签密钥", max_length=SECRET_LENGTH, blank=True)  # 钉钉 signs with it
    is_on = models.BooleanField(default=True)
    set_at = models.DateTimeField(
        default=timezone.now
    )  # or switched on again; what was told before is not sent
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = RobotQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RobotKind.values), name="robot_kind_is_known"),
            models.CheckConstraint(
                condition=Q(secret="") | Q(kind=RobotKind.DINGTALK), name="robot_secret_is_dingtalks"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}群机器人"

    @property
    def host(self) -> str:
        return urlsplit(self.address).hostname or ""

    @property
    def masked(self) -> str:
        """Enough to tell two apart, too little to post."""
        return f"{self.host}/…{self.address[-4:]}"


class RobotMessageQuerySet(models.QuerySet["RobotMessage"]):
    def visible_to(self, user: Any) -> RobotMessageQuerySet:
        return self.filter(within_reach(user, "campaigns.set_robot", via="robot__organization__"))

    def unsent(self) -> RobotMessageQuerySet:
        return self.filter(sent_at=None)

    def pending(self) -> RobotMessageQuerySet:
        return self.unsent().filter(is_dead=False)

    def due(self) -> RobotMessageQuerySet:
        """To a robot that is on, whoever wrote it or asks for it once more."""
        waiting = self.pending().filter(robot__is_on=True, retry_at__lte=timezone.now())
        return waiting.order_by("retry_at", "pk")

    def dead(self) -> RobotMessageQuerySet:
        """Dead letters (死信): given up after MAX_ATTEMPTS, shown to the administrator."""
        return self.filter(sent_at=None, is_dead=True).order_by("pk")


class RobotMessage(models.Model):
    """The outbox of a robot: once for each robot and key, whatever is retried.

    ``retry_at`` is also the lease, as with ``notifications.Mail``: a sender killed on the way gives the message
    back by itself. It may then stand in the group twice, never not at all.
    """

    LEASE = timedelta(minutes=5)
    PAUSE = timedelta(minutes=11)  # both houses shut a robot that is too fast out for at most ten

    robot = models.ForeignKey(Robot, models.CASCADE, related_name="messages")
    key = models.CharField(max_length=60)
    title = models.CharField(max_length=100)
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(default=timezone.now)
    error = models.TextField(blank=True)
    is_dead = models.BooleanField(default=False)

    objects = RobotMessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["robot", "key"], name="robotmessage_once"),
            models.CheckConstraint(
                condition=Q(is_dead=False) | Q(sent_at=None), name="robotmessage_not_both_dead_and_sent"
            ),
        ]
        indexes = [
            models.Index(
                fields=["retry_at"], name="robotmessage_due", condition=Q(sent_at=None, is_dead=False)
            ),
            models.Index(fields=["robot", "-created_at"], name="robotmessage_latest"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def outcome(self) -> str:
        """What became of the last attempt, without the kind of the error."""
        return self.error.partition(": ")[2]

    @property
    def place_id(self) -> int:
        """For the audit."""
        return self.robot.organization_id

    @classmethod
    def lease(cls, keys: list[int]) -> int:
        """Take these for one attempt. Counted before sending: one that kills its sender dies too."""
        return cls.objects.filter(pk__in=keys).update(
            retry_at=timezone.now() + cls.LEASE, attempts=F("attempts") + 1
        )

    # By query: the row may be gone meanwhile, with the robot switched off.
    def _note(self, **values: Any) -> None:
        type(self).objects.filter(pk=self.pk).update(**values)

    def settle(self) -> None:
        self._note(sent_at=timezone.now(), error="")

    def postpone(self, error: BaseException) -> None:
        """2, 4, 8 … 256 minutes, then dead."""
        self._note(
            error=short(error),
            is_dead=self.attempts >= MAX_ATTEMPTS,
            retry_at=timezone.now() + timedelta(minutes=2 ** min(self.attempts, 8)),
        )

    def wait(self, error: BaseException) -> None:
        """The house has shut the robot out for a while: nothing is wrong with the message, and all of them wait."""
        until = timezone.now() + self.PAUSE
        self._note(error=short(error), attempts=F("attempts") - 1)
        type(self).objects.pending().filter(robot=self.robot_id, retry_at__lt=until).update(retry_at=until)
