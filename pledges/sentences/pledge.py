"""How the audit speaks of pledges and their items."""

from common.models import Event
from common.sentences import word, worded
from pledges.flow import ITEM_FLOWS, ORGANIZATION_FLOW

word(
    "pledge",
    {"create": "起草承诺", "edit": "修改承诺", "discard": "放弃草稿"}
    | {step.name: step.label for step in ORGANIZATION_FLOW},
)
word(
    "pledgeitem",
    {step.name: f"承诺事项{step.label}" for step in ITEM_FLOWS[ORGANIZATION_FLOW]},
)


@worded("pledge.hand_over", "转交未办结的承诺")
def _hand_over(event: Event) -> str:
    return (
        f"{event.before['organization_name']}未办结的承诺“{event.subject_name}”"
        f"转由{event.after['organization_name']}办理"
    )
