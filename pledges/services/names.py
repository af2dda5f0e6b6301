"""姓名显示: how an organization shows its members' names in public."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from common.events import record
from common.states import StepRefused, Taken
from organizations.access import may
from organizations.models import Organization
from pledges.models import NameDisplay, NameShown, Pledge
from pledges.services.steps import propose_all

# whoever publishes answers for the names that stand there
SET_NAMES = "pledges.publish_member_pledge"


@transaction.atomic
def set_name_display(organization: Organization, shown: str, *, by: Any) -> NameDisplay:
    """For what is published from now on; texts that are public already stay as they are frozen."""
    organization = Organization.objects.select_for_update(no_key=True, of=("self",)).get(pk=organization.pk)
    if not may(by, SET_NAMES, organization):
        raise PermissionDenied("公开时的姓名由本组织书记确定。")
    if shown not in NameShown.values:
        raise StepRefused("请选择公开时的姓名。")
    NameDisplay.objects.get_or_create(organization=organization)
    display = NameDisplay.objects.get(organization=organization)
    if display.shown != shown:
        before, display.shown = {"shown": display.shown}, shown
        display.save(update_fields=["shown"])
        record(display, "set", by=by, permission=SET_NAMES, before=before, after={"shown": shown})
    return display


@transaction.atomic
def propose_batch(
    organization: Organization, rows: QuerySet[Pledge], *, scope: str, names: str = "", by: Any
) -> Taken[Pledge]:
    """申请公开 of a branch's batch, and with it how the names stand there (``names`` empty: as they stood)."""
    if names:
        set_name_display(organization, names, by=by)
    return propose_all(rows, by=by, scope=scope)
