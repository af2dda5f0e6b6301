"""How the audit speaks of closed rounds, and of what was taken out on paper."""

from common.models import Event
from common.sentences import word, worded

word("roundarchive", {"download": "下载承诺归档"})


@worded("roundarchive.close", "承诺归档")
def _close(event: Event) -> str:
    return f"承诺归档：{event.subject_name}，截至{event.after['as_of']}"


@worded("roundarchive.reopen", "重新开启已归档的承诺")
def _reopen(event: Event) -> str:
    return f"重新开启已归档的承诺：{event.subject_name}"


@worded("organization.export_ledger", "导出公开承诺台账")
def _ledger(event: Event) -> str:
    return f"导出公开承诺台账：{event.after['scope']}，{event.after['rows']} 项"


@worded("organization.print_pledges", "下载承诺书、公示栏")
def _printed(event: Event) -> str:
    return f"下载{event.after['what']}：{event.subject_name}，{event.after['pledges']} 份"
