"""How the audit speaks of opinions on pledges. Of the opinion itself it says the number and no word."""

from common.models import Event
from common.sentences import word, worded
from pledges.flow import OPINION_FLOW

word(
    "opinion",
    {
        "receive": "收到群众意见",
        "draft": "起草对群众意见的答复",
        "lapse": "群众意见逾期未答复",
        "erase_contact": "按期删除群众的联系方式",
    }
    | {step.name: f"群众意见{step.label}" for step in OPINION_FLOW if step.name != "forward"},
)


@worded("opinion.forward", "群众意见转其他党组织")
def _forward(event: Event) -> str:
    return f"{event.subject_name}转由{event.detail['to_name']}办理"


@worded("opinion.hand_over", "转交群众意见")
def _hand_over(event: Event) -> str:
    return (
        f"{event.before['organization_name']}的{event.subject_name}转由{event.after['organization_name']}办理"
    )
