"""What a campaign asks for and when."""

from __future__ import annotations

import datetime as dt

from django.db.models import Prefetch, QuerySet

from campaigns.models import Campaign, Phase, StrandWindow


def current_campaign(day: dt.date) -> Campaign | None:
    """The campaign that runs on ``day``; of several, the one that began last."""
    return Campaign.objects.running_on(day).newest_first().first()


def current_phase(day: dt.date) -> Phase | None:
    """The phase (时段) that runs on ``day`` in the current campaign, its campaign loaded too.

    One query: phases of an older campaign that is still open come after those of the newer one.
    """
    return _newest(Phase.objects.on(day))


def phase_to_show(day: dt.date) -> Phase | None:
    """The phase that runs on ``day``; between two, and when all is over, the last one that began."""
    return current_phase(day) or _newest(Phase.objects.begun(day))


def _newest(phases: QuerySet[Phase]) -> Phase | None:
    newest = phases.order_by("-campaign__starts_on", "-campaign_id", "-starts_on", "-pk")
    return newest.select_related("campaign").first()


def windows_on(phase: Phase, day: dt.date) -> QuerySet[StrandWindow]:
    """The strands (环节) of the phase that are open on ``day`` or still to come, in order of opening."""
    return phase.windows.filter(closes_on__gte=day)


def with_arrangement(campaigns: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """With phases, windows, obligations and rubric in four more queries, however many campaigns."""
    phases = Prefetch("phases", Phase.objects.prefetch_related("windows", "obligations"))
    return campaigns.prefetch_related(phases, "rubric")
