"""How the audit speaks of exemptions and of workbooks of members' pledges."""

from common.models import Event
from common.sentences import worded


@worded("exemption.record", "登记口头承诺或豁免")
def _record(event: Event) -> str:
    return f"登记{event.subject_name}"


@worded("exemption.lift", "撤销口头承诺或豁免的登记")
def _lift(event: Event) -> str:
    return f"撤销登记：{event.subject_name}"


@worded("organization.export_member_pledges", "下载党员承诺工作簿")
def _export(event: Event) -> str:
    return f"下载{event.subject_name}的党员承诺工作簿，{event.after['rows']}人"
