"""How the audit speaks of progress, results and appraisals."""

from common.models import Event
from common.sentences import word, worded
from pledges.flow import APPRAISAL_FLOWS
from pledges.models import Result, Source, Status

word(
    "appraisal",
    {step.name: f"评诺：{step.label}" for flow in APPRAISAL_FLOWS.values() for step in flow},
)


def _result(said: dict[str, str]) -> str:
    return Result(said["result"]).label if said.get("result") else "评诺会记录"


@worded("pledgeitem.progress", "填报践诺进展")
def _progress(event: Event) -> str:
    before, after = (
        Status(said["status"]).label if said.get("status") else "未填报"
        for said in (event.before, event.after)
    )
    return f"填报践诺进展：{event.subject_name}，{before}→{after}"


@worded("pledgeitem.judge", "登记承诺事项的结果")
def _judge(event: Event) -> str:
    verb = "更正" if event.before else "登记"
    return f"{verb}{Source(event.detail['source']).label}：{event.subject_name}，{_result(event.after)}"


@worded("pledgeitem.take_back_judgement", "撤销承诺事项的结果")
def _take_back(event: Event) -> str:
    return f"撤销{Source(event.detail['source']).label}：{event.subject_name}，原为{_result(event.before)}"
