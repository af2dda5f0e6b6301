"""群众意见 on a published pledge, and apart from it how to reach whoever left it."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import unicodedata
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from common.workdays import is_known, workdays_between
from organizations.access import within_reach
from organizations.models import Organization
from pledges.flow import CONTACT_KEPT_DAYS, TERM_WORKDAYS, OpinionState
from pledges.models.pledge import MAX_ITEMS
from pledges.models.publication import OUTSIDE, Publication

MAX_TEXT, MAX_ANSWER = 500, 1000
# 查询码: neither 0 and O nor 1, I and L can be taken for each other. 31^12 is more than 2^59.
_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 12


def new_code() -> str:
    return "".join(secrets.choice(_SIGNS) for _ in range(CODE_LENGTH))


def digest_of(code: str) -> str:
    """SHA-256 of the code as it was given out, however it was typed: small letters, full width, with hyphens."""
    said = "".join(sign for sign in unicodedata.normalize("NFKC", code).upper() if sign.isalnum())
    return hashlib.sha256(said.encode()).hexdigest()


class MassView(models.TextChoices):
    """What the visitor thinks has become of it. Counted as opinions, never made a score (domain.md 8.3)."""

    FULFILLED = "fulfilled", "认为已兑现"
    PARTLY = "partly", "认为部分兑现"
    UNFULFILLED = "unfulfilled", "认为未兑现"
    UNKNOWN = "unknown", "不了解"


class CloseReason(models.TextChoices):
    """Why an opinion is not answered (不予答复). The visitor is told."""

    ABUSIVE = "abusive", "内容是辱骂或攻击他人"
    ADVERTISING = "advertising", "内容是广告或垃圾信息"
    UNRELATED = "unrelated", "与这份承诺无关，也无处可转"
    REPEATED = "repeated", "同一意见已经答复过"
    UNREADABLE = "unreadable", "内容无法辨认"


class OpinionQuerySet(models.QuerySet["Opinion"]):
    def visible_to(self, user: Any) -> OpinionQuerySet:
        return self.filter(within_reach(user, "pledges.view_opinion"))

    def published(self) -> OpinionQuerySet:
        """With an answer that anyone may read. A pledge that was taken down takes its opinions along."""
        on_a_public_page = Publication.objects.filter(OUTSIDE)
        return self.filter(state=OpinionState.ANSWER_PUBLISHED, publication__in=on_a_public_page)

    def about(self, publication: Publication) -> OpinionQuerySet:
        """On this pledge in all its versions, without those that were left on a text taken down."""
        return self.filter(publication__pledge=publication.pledge_id, publication__withdrawn_at=None)

    def waiting(self) -> OpinionQuerySet:
        return self.filter(state=OpinionState.RECEIVED)

    def overdue(self, day: dt.date) -> OpinionQuerySet:
        return self.waiting().filter(due_on__lt=day)


class Opinion(models.Model):
    """One opinion, on a published pledge or one of its items. Who left it is not known here.

    Neither address nor moment is kept, only the day; of the query code only its digest. Not even the audit has the
    moment: beside the web server's own log it would say who it was. State changes go through
    ``pledges.services.opinions`` and nowhere else.
    """

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="opinions")
    item_number = models.PositiveSmallIntegerField("承诺事项", null=True)  # None: on the pledge as a whole
    # who has to answer: the pledge's organization, or whoever succeeded it or was handed it
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="opinions")
    text = models.TextField("意见", max_length=MAX_TEXT)
    view = models.CharField("看法", max_length=12, choices=MassView, blank=True)
    is_signed = models.BooleanField(default=False)  # stays true after the contact is erased
    code_digest = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=20, choices=OpinionState, default=OpinionState.RECEIVED)
    received_on = models.DateField()
    due_on = models.DateField()
    announced_on = models.DateField(null=True)  # on record, and the organization told (services.announce)
    late_told_on = models.DateField(null=True)  # the superior was told that it is overdue
    settled_on = models.DateField(null=True)  # answered or closed
    answer = models.TextField("答复", max_length=MAX_ANSWER, blank=True)  # a draft while it waits
    version = models.PositiveIntegerField(default=1)  # grows with every save of the answer
    drafted_at = models.DateTimeField(null=True)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    corrected_at = models.DateTimeField(null=True)
    corrected_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    close_reason = models.CharField("不予答复的原因", max_length=12, choices=CloseReason, blank=True)
    # 公布: as it was masked then; the opinion's own words only where the organization chose so
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    public_text = models.TextField(blank=True)
    public_answer = models.TextField(blank=True)

    objects = OpinionQuerySet.as_manager()
    term_workdays, contact_kept_days = TERM_WORKDAYS, CONTACT_KEPT_DAYS  # for pages

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=OpinionState.values), name="opinion_state_is_known"),
            models.CheckConstraint(
                condition=Q(view__in=["", *MassView.values]), name="opinion_view_is_known"
            ),
            models.CheckConstraint(
                condition=Q(item_number=None) | Q(item_number__gte=1, item_number__lte=MAX_ITEMS),
                name="opinion_item_is_one_of_ten",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="opinion_says_something"),
            models.CheckConstraint(
                condition=Q(drafted_at=None, drafted_by=None)
                | Q(drafted_at__isnull=False, drafted_by__isnull=False),
                name="opinion_drafted_pair",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[OpinionState.RECEIVED, OpinionState.CLOSED],
                    answered_at=None,
                    answered_by=None,
                )
                | (
                    Q(
                        state__in=[OpinionState.ANSWERED, OpinionState.ANSWER_PUBLISHED],
                        answered_at__isnull=False,
                        answered_by__isnull=False,
                    )
                    & ~Q(answer="")
                ),
                name="opinion_answered_has_its_answer",
            ),
            models.CheckConstraint(
                condition=Q(corrected_at=None, corrected_by=None)
                | Q(corrected_at__isnull=False, corrected_by__isnull=False, answered_at__isnull=False),
                name="opinion_corrected_pair",
            ),
            models.CheckConstraint(
                condition=(Q(state=OpinionState.CLOSED, close_reason__in=CloseReason.values))
                | (~Q(state=OpinionState.CLOSED) & Q(close_reason="")),
                name="opinion_closed_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(state=OpinionState.RECEIVED, settled_on=None)
                | (~Q(state=OpinionState.RECEIVED) & Q(settled_on__isnull=False)),
                name="opinion_settled_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(
                    ~Q(state=OpinionState.ANSWER_PUBLISHED),
                    published_at=None,
                    published_by=None,
                    public_text="",
                    public_answer="",
                )
                | Q(
                    ~Q(public_answer=""),
                    state=OpinionState.ANSWER_PUBLISHED,
                    published_at__isnull=False,
                    published_by__isnull=False,
                ),
                name="opinion_published_pair",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state", "due_on"], name="opinion_at"),
            models.Index(fields=["id"], name="opinion_to_announce", condition=Q(announced_on=None)),
            models.Index(fields=["due_on"], name="opinion_waiting", condition=Q(state=OpinionState.RECEIVED)),
        ]

    def __str__(self) -> str:
        return f"群众意见第{self.pk}号"

    def get_absolute_url(self) -> str:
        return reverse("pledges:opinion", args=[self.pk])

    @property
    def is_waiting(self) -> bool:
        return self.state == OpinionState.RECEIVED

    @property
    def item(self) -> dict[str, Any] | None:
        """The item it is about, as it was public then."""
        return next((item for item in self.publication.items if item["number"] == self.item_number), None)

    @property
    def is_estimate(self) -> bool:
        """The holidays of that year were not announced yet: Monday to Friday were counted."""
        return not is_known(self.due_on)

    def is_overdue(self, day: dt.date) -> bool:
        return self.is_waiting and self.due_on < day

    def days_left(self, day: dt.date) -> int:
        """Working days after ``day`` up to and including the last one; 0 on the last and after it."""
        return workdays_between(day, self.due_on)


class OpinionContact(models.Model):
    """How to reach whoever left the opinion, if they said so: for the responsible organization alone.

    A row of its own, so that it is gone altogether when it is erased (domain.md 10).
    """

    opinion = models.OneToOneField(Opinion, models.CASCADE, primary_key=True, related_name="contact")
    name = models.CharField("称呼", max_length=30, blank=True)
    reach = models.CharField("电话或邮箱", max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name="", reach=""), name="opinion_contact_is_one"),
        ]

    def __str__(self) -> str:
        return f"联系方式（{self.opinion_id}）"
