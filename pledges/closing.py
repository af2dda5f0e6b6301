"""What of plans and pledges may be unfinished when a phase is closed (时段归档); their round is closed before it."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse

from campaigns.closing import Finding, register
from campaigns.models import Phase
from pledges.flow import PledgeState
from pledges.flow.states import PlanState
from pledges.models import Change, Judgement, Plan, PledgeItem, RoundArchive, Source
from pledges.presentation.rounds import checks
from pledges.queries.figures import Line, Place, totals_by_phase
from pledges.queries.fulfilment import in_force

_PLANS = {
    "草稿或待修改": [PlanState.DRAFT, PlanState.RETURNED],
    "等待审核或公开审批": [PlanState.SUBMITTED, PlanState.PROPOSED, PlanState.CLEARED],
}


@register
def of_rounds(phase: Phase) -> list[Finding]:
    """The round itself, and the pledges that were left in it or are still under way."""
    archive = RoundArchive.objects.filter(closes=phase).first()
    if archive is not None:
        kept = Finding("承诺归档", 0, "轮", f"已归档，{archive.label}", archive.get_absolute_url())
        return [kept, *_pledges(phase, Line("", archive.unfinished))]
    address = reverse("pledges:round_close", args=[phase.pk])
    due = Finding("承诺归档", 1, "轮", "须先办理；办理后承诺和方案不再变动", address, blocks=True)
    root = phase.campaign.organization
    everywhere = [Place(root.pk, root.name, root.path, True)]
    return [due, *_pledges(phase, totals_by_phase([phase], everywhere).get(phase.pk))]


def _pledges(phase: Phase, line: Line | None) -> list[Finding]:
    address = reverse("pledges:index")
    return [
        Finding(
            f"承诺{check.label}",
            check.count,
            "份",
            check.meaning,
            # a draft is read by those who write it alone
            "" if check.state == PledgeState.DRAFT else f"{address}?state={check.state}&phase={phase.pk}",
        )
        for check in checks(line)
    ]


@register
def of_plans(phase: Phase) -> list[Finding]:
    """What was agreed to is archived with the round; what never came so far is left as it is."""
    counted = Plan.objects.filter(phase=phase).aggregate(
        **{label: Count("pk", filter=Q(state__in=states)) for label, states in _PLANS.items()}
    )
    return [Finding(f"活动方案{label}", count, "份", "归档后不再办理") for label, count in counted.items()]


@register
def of_changes(phase: Phase) -> list[Finding]:
    waiting = Change.objects.open().filter(pledge__phase=phase).count()
    return [Finding("承诺变更申请没有答复", waiting, "件", "归档后不再答复")]


@register
def of_results(phase: Phase) -> list[Finding]:
    judged = Judgement.objects.filter(item=OuterRef("pk"), source=Source.SUPERIOR)
    items = PledgeItem.objects.filter(in_force(), ~Exists(judged), pledge__phase=phase)
    return [Finding("承诺事项没有认定结果", items.count(), "项", "归档后不再认定")]
