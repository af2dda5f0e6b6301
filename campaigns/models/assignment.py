from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, Q

from campaigns.models.obligation import Obligation
from organizations.access import within_reach
from organizations.models import Organization


class AssignmentState(models.TextChoices):
    OPEN = "open", "未办"
    DONE = "done", "已办"
    EXEMPT = "exempt", "免办"


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def visible_to(self, user: Any) -> AssignmentQuerySet:
        return self.filter(within_reach(user, "campaigns.view_progress"))

    def open(self) -> AssignmentQuerySet:
        return self.filter(state=AssignmentState.OPEN)

    def overdue(self, day: dt.date) -> AssignmentQuerySet:
        return self.open().filter(due_on__lt=day)


class Assignment(models.Model):
    """How one organization stands with one obligation (办理情况): what every roll-up adds up, and nothing else.

    A row is owed: state open + done + exempt are all there are. Written from the facts by
    ``campaigns.services.assignments`` and nowhere else, in the transaction of the event that changes it.
    ``wanted`` and ``got`` count what is in it: members due and pledged, items due and told of; 1 and 0 or 1 elsewhere.
    """

    obligation = models.ForeignKey(Obligation, models.CASCADE, related_name="assignments")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    state = models.CharField(max_length=6, choices=AssignmentState)
    assigned_on = models.DateField()  # since when it is owed
    due_on = models.DateField()  # with the extension, if there is one
    done_on = models.DateField(null=True)
    is_extended = models.BooleanField(default=False)  # 延期
    is_waived = models.BooleanField(default=False)  # 免办 by the superior, not by rule
    returned = models.PositiveIntegerField(default=0)
    wanted = models.PositiveIntegerField(default=0)
    got = models.PositiveIntegerField(default=0)
    items = models.PositiveIntegerField(default=0)
    fulfilled = models.PositiveIntegerField(default=0)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "obligation"], name="assignment_once"),
            models.CheckConstraint(
                condition=Q(state__in=AssignmentState.values), name="assignment_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state=AssignmentState.DONE, done_on__isnull=False)
                | Q(~Q(state=AssignmentState.DONE), done_on=None),
                name="assignment_done_pair",
            ),
            models.CheckConstraint(
                condition=Q(is_waived=False) | Q(state=AssignmentState.EXEMPT),
                name="assignment_waived_is_exempt",
            ),
            models.CheckConstraint(condition=Q(got__lte=F("wanted")), name="assignment_got_at_most_wanted"),
        ]
        indexes = [
            models.Index(
                fields=["obligation", "organization"], name="assignment_open", condition=Q(state="open")
            ),
            models.Index(fields=["due_on"], name="assignment_due", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id}：{self.get_state_display()}"

    def is_late(self, day: dt.date) -> bool:
        """逾期: done after the last day, or not done and the last day is over."""
        return self.state != AssignmentState.EXEMPT and (self.done_on or day) > self.due_on
