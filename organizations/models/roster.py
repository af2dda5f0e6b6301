from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from organizations.access import within_reach
from organizations.models.organization import Organization, PeriodQuerySet


class MemberQuerySet(models.QuerySet["Member"]):
    def visible_to(self, user: Any) -> MemberQuerySet:
        return self.filter(within_reach(user, "organizations.view_member"))

    def current(self) -> MemberQuerySet:
        return self.filter(left_on=None)


class Member(models.Model):
    """A Party member (党员) on the roster (花名册). No ID number and no address is stored (domain.md 10)."""

    class Sex(models.TextChoices):
        MALE = "m", "男"
        FEMALE = "f", "女"

    class Standing(models.TextChoices):
        FULL = "full", "正式党员"
        PROBATIONARY = "probationary", "预备党员"

    class Service(models.TextChoices):
        SERVING = "serving", "在职"
        RETIRED = "retired", "离退休"

    class LeaveReason(models.TextChoices):
        MOVED_AWAY = "moved_away", "组织关系转出本市"
        DIED = "died", "去世"
        EXPELLED = "expelled", "开除党籍"
        REMOVED = "removed", "除名"
        WITHDREW = "withdrew", "退党"
        DISQUALIFIED = "disqualified", "取消预备党员资格"
        ENTERED_IN_ERROR = "entered_in_error", "误录"

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="members", verbose_name="所在党支部"
    )
    name = models.CharField("姓名", max_length=60)
    number = models.CharField("编号", max_length=40, null=True, blank=True, unique=True)  # noqa: DJ001 -- unique or absent
    sex = models.CharField("性别", max_length=1, choices=Sex)
    ethnicity = models.CharField("民族", max_length=20, default="汉族")
    birth_month = models.DateField("出生年月")  # always the first of the month
    joined_on = models.DateField("加入党组织日期")
    confirmed_on = models.DateField("转为正式党员日期", null=True, blank=True)
    standing = models.CharField("党员类别", max_length=12, choices=Standing, default=Standing.FULL)
    service = models.CharField("在职情况", max_length=8, choices=Service, default=Service.SERVING)
    is_mobile = models.BooleanField("流动党员", default=False)
    receiving = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="received_members",
        verbose_name="流入地党组织",
    )
    post_title = models.CharField("工作岗位", max_length=80, blank=True)
    phone = models.CharField("联系电话", max_length=20, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="member"
    )
    left_on = models.DateField("离开名册日期", null=True, blank=True)
    left_reason = models.CharField("离开原因", max_length=20, choices=LeaveReason, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sex__in=["m", "f"]), name="member_sex_is_known"),
            models.CheckConstraint(
                condition=Q(standing__in=["full", "probationary"]), name="member_standing_is_known"
            ),
            models.CheckConstraint(
                condition=Q(service__in=["serving", "retired"]), name="member_service_is_known"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_on=None) | Q(confirmed_on__gte=F("joined_on")),
                name="member_confirmed_after_joined",
            ),
            models.CheckConstraint(
                condition=Q(standing="full") | Q(confirmed_on=None), name="member_probationary_is_unconfirmed"
            ),
            models.CheckConstraint(
                condition=Q(left_on=None, left_reason="")
                | (
                    Q(left_on__isnull=False)
                    & Q(
                        left_reason__in=[
                            "moved_away",
                            "died",
                            "expelled",
                            "removed",
                            "withdrew",
                            "disqualified",
                            "entered_in_error",
                        ]
                    )
                ),
                name="member_left_with_a_reason",
            ),
            models.CheckConstraint(condition=Q(birth_month__day=1), name="member_birth_is_a_month"),
            models.CheckConstraint(
                condition=Q(receiving=None) | Q(is_mobile=True), name="member_received_is_mobile"
            ),
        ]
        indexes = [models.Index(fields=["organization", "name"], name="member_roster")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organizations:member", args=[self.pk])


class Membership(models.Model):
    """组织关系, dated: where the member belonged from ``starts_on`` until the day before ``ends_on``."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="memberships")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="membership_dates_in_order"
            ),
            models.UniqueConstraint(
                fields=["member"], condition=Q(ends_on=None), name="membership_one_current"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} @ {self.organization_id}"

    @property
    def last_day(self) -> dt.date | None:
        return self.ends_on and self.ends_on - dt.timedelta(days=1)
