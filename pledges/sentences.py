"""How the audit speaks of pledges. Loaded by the app's ``ready``."""

from common.models import Event
from common.sentences import word, worded
from pledges.flow import PLEDGE_FLOW

word(
    "pledge",
    {"create": "起草承诺", "edit": "修改承诺", "discard": "放弃草稿"}
    | {step.name: step.label for step in PLEDGE_FLOW},
)


@worded("pledge.hand_over", "转交未办结的承诺")
def _hand_over(event: Event) -> str:
    return (
        f"{event.before['organization_name']}未办结的承诺“{event.subject_name}”"
        f"转由{event.after['organization_name']}办理"
    )
