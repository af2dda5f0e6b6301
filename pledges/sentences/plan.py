"""How the audit speaks of plans."""

from common.models import Event
from common.sentences import word, worded
from pledges.flow import PLAN_FLOW

word(
    "plan",
    {
        "create": "起草活动方案",
        "edit": "修改活动方案",
        "track": "更新任务进展",
        "export": "导出活动方案",
        "discard": "放弃活动方案草稿",
    }
    | {step.name: f"活动方案{step.label}" for step in PLAN_FLOW},
)


@worded("plan.hand_over", "转交未办结的活动方案")
def _hand_over(event: Event) -> str:
    return (
        f"{event.before['organization_name']}未办结的活动方案“{event.subject_name}”"
        f"转由{event.after['organization_name']}办理"
    )
