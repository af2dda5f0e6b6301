from __future__ import annotations

from django.db import models

from campaigns.models.assignment import AssignmentState
from campaigns.models.obligation import Obligation
from organizations.models import Organization

DEPTHS = (2, 3)  # of the organizations that have tallies: below them a subtree is small enough to be added up


class _Cell(models.Model):
    """Assignments of one organization and all below it that are alike in state, last day and day done: how many
    (``owed``), and their sums.
    """

    state = models.CharField(max_length=6, choices=AssignmentState)
    due_on = models.DateField()
    done_on = models.DateField(null=True)
    owed = models.IntegerField()
    extended = models.IntegerField()
    waived = models.IntegerField()
    returned = models.IntegerField()
    wanted = models.IntegerField()
    got = models.IntegerField()
    items = models.IntegerField()
    fulfilled = models.IntegerField()

    class Meta:
        abstract = True


class Tally(_Cell):
    """合计: kept for the two levels below the root, so that the city is read without adding up every branch.

    Never written beside the rows it sums up: triggers note what changes (``TallyChange``), a task adds the notes up.
    What is read is both together (docs/adr/0003).
    """

    obligation = models.ForeignKey(Obligation, models.CASCADE, related_name="+")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "obligation", "due_on", "state", "done_on"],
                nulls_distinct=False,
                name="tally_cell_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=AssignmentState.values), name="tally_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id}：{self.owed}"


class TallyChange(_Cell):
    """What a tally has not taken up yet; only ever added, so that no two writers wait for each other.

    Without foreign keys: of an obligation that is deleted the last notes are written after it.
    """

    obligation = models.ForeignKey(Obligation, models.DO_NOTHING, related_name="+", db_constraint=False)
    organization = models.ForeignKey(Organization, models.DO_NOTHING, related_name="+", db_constraint=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=AssignmentState.values), name="tally_change_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id}：{self.owed:+d}"
