"""What a campaign expects of organizations itself (应办事项): a summary (小结、总结) of each phase that asks for one.

Done is what was filed and is not back for correction, as with plans and pledges.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from campaigns.expectations import Expectation, register
from campaigns.models import Obligation, Phase
from campaigns.queries.summaries import SUMMARY
from organizations.kinds import FILES_PLEDGES

_SUMMARIES = """
    SELECT s.organization_id,
        CASE WHEN s.state NOT IN ('draft', 'returned') THEN (s.submitted_at AT TIME ZONE %s)::date END,
        (s.state = 'returned' AND s.return_reason <> '')::int, 1, (s.state NOT IN ('draft', 'returned'))::int, 0, 0
    FROM campaigns_summary s WHERE s.phase_id = %s
"""


def _facts(obligation: Obligation, only: list[int] | None) -> tuple[str, list[Any]]:
    values: list[Any] = [settings.TIME_ZONE, obligation.phase_id]
    if only is None:
        return _SUMMARIES, values
    return f"{_SUMMARIES} AND s.organization_id = ANY(%s)", [*values, only]


def _url(organization: int, phase: Phase) -> str:
    return f"{reverse('campaigns:summary_new')}?organization={organization}&phase={phase.pk}"


register(
    Expectation(
        code=SUMMARY,
        label="小结、总结",
        kinds=FILES_PLEDGES,
        permission="campaigns.submit_summary",
        prepare="campaigns.edit_summary",
        facts=_facts,
        url=_url,
        on=frozenset(f"summary.{verb}" for verb in ("submit", "return", "recall")),
    )
)
