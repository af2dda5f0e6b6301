"""How the audit speaks of campaigns. Loaded by the app's ``ready``."""

import datetime as dt

from common.models import Event
from common.sentences import worded
from common.templatetags.cn import cn_date


def _day(text: str) -> str:
    return cn_date(dt.date.fromisoformat(text))


@worded("campaign.create", "建立活动")
def _create(event: Event) -> str:
    return f"建立活动“{event.after['name']}”，{_day(event.after['starts_on'])}开始"


@worded("campaign.close", "结束活动")
def _close(event: Event) -> str:
    return f"结束活动“{event.subject_name}”，{_day(event.after['closed_on'])}为最后一天"
