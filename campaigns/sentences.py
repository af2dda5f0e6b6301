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


@worded("concession.grant", "准予延期或免办")
def _concede(event: Event) -> str:
    until = event.after["until"]
    return f"“{event.after['name']}”{f'准予延期至{_day(until)}' if until else '准予免办'}"


@worded("concession.revoke", "撤销延期或免办")
def _revoke(event: Event) -> str:
    return f"撤销“{event.before['name']}”的{'延期' if event.before['until'] else '免办'}"


@worded("urging.urge", "催办")
def _urge(event: Event) -> str:
    return f"催办“{event.after['name']}”：{event.after['text']}"


@worded("specialday.set", "登记放假或调休")
def _set_day(event: Event) -> str:
    return f"登记{_day(event.after['day'])}{'上班' if event.after['is_worked'] else '放假'}（{event.after['name']}）"


@worded("specialday.remove", "取消登记放假或调休")
def _remove_day(event: Event) -> str:
    return f"取消登记{_day(event.before['day'])}（{event.before['name']}）"


@worded("robot.set", "设置群机器人")
def _set_robot(event: Event) -> str:
    return f"设置{event.after['kind']}群机器人接收提醒"


@worded("robot.switch_on", "启用群机器人")
def _switch_on(event: Event) -> str:
    return "启用群机器人"


@worded("robot.switch_off", "停用群机器人")
def _switch_off(event: Event) -> str:
    return "停用群机器人"


@worded("robotmessage.revive", "重新投递群消息")
def _revive_message(event: Event) -> str:
    return "重新投递发不出去的群消息"


@worded("robotmessage.dismiss", "放弃投递群消息")
def _dismiss_message(event: Event) -> str:
    return "放弃投递发不出去的群消息"


@worded("calendarfeed.make", "生成日历订阅地址")
def _make_feed(event: Event) -> str:
    return "生成本人的日历订阅地址，原来的地址失效"


@worded("calendarfeed.revoke", "停用日历订阅地址")
def _revoke_feed(event: Event) -> str:
    return "停用本人的日历订阅地址"
