"""How the audit speaks of 姓名显示."""

from common.models import Event
from common.sentences import worded
from pledges.models import NameShown


@worded("namedisplay.set", "确定公开时的姓名")
def _set(event: Event) -> str:
    return f"党员承诺公开时的姓名改为“{NameShown(event.after['shown']).label}”"
