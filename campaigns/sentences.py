"""How the audit speaks of campaigns. Loaded by the app's ``ready``."""

import datetime as dt

from campaigns.flow import SUMMARY_FLOW
from campaigns.items import KIND_NAMES, lines
from common.models import Event
from common.sentences import word, worded
from common.templatetags.cn import cn_date


def _day(text: str) -> str:
    return cn_date(dt.date.fromisoformat(text))


@worded("campaign.create", "建立活动")
def _create(event: Event) -> str:
    return f"建立活动“{event.after['name']}”，{_day(event.after['starts_on'])}开始"


@worded("campaign.close", "结束活动")
def _close(event: Event) -> str:
    return f"结束活动“{event.subject_name}”，{_day(event.after['closed_on'])}为最后一天"


@worded("campaign.remind_now", "立即运行提醒")
def _remind_now(event: Event) -> str:
    return f"立即运行一次“{event.subject_name}”的提醒"


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


@worded("snapshot.take", "留存进度统计")
def _take_snapshot(event: Event) -> str:
    return f"留存“{event.after['phase']}”截至{_day(event.after['as_of'])}的进度统计表和通报数字"


@worded("specialday.set", "登记放假或调休")
def _set_day(event: Event) -> str:
    return f"登记{_day(event.after['day'])}{'上班' if event.after['is_worked'] else '放假'}（{event.after['name']}）"


@worded("specialday.remove", "取消登记放假或调休")
def _remove_day(event: Event) -> str:
    return f"取消登记{_day(event.before['day'])}（{event.before['name']}）"


word("phaseclosing", {"download": "下载时段归档"})


@worded("phaseclosing.close", "时段归档")
def _close_phase(event: Event) -> str:
    missing = event.after["missing"]
    return f"时段归档：{event.subject_name}" + (f"，{missing} 项没有办结" if missing else "")


@worded("phaseclosing.reopen", "重新开启已归档的时段")
def _reopen_phase(event: Event) -> str:
    return f"重新开启已归档的时段：{event.subject_name}"


word(
    "summary",
    {"create": "起草小结", "edit": "修改小结", "export": "导出小结"}
    | {step.name: f"小结{step.label}" for step in SUMMARY_FLOW},
)


def _changed(event: Event) -> str:
    """名称由“甲”改为“乙”；…"""
    found = lines(event.after["kind"], event.before, event.after)
    return "；".join(f"{each.label}由“{each.old}”改为“{each.new}”" for each in found) or "没有改动"


@worded("campaign.change", "修改活动的规则")
def _change(event: Event) -> str:
    kind = KIND_NAMES.get(event.after["kind"], "")
    name = event.after["of"]
    return f"修改{kind}{f'“{name}”' if kind and kind != name else name}：{_changed(event)}"


@worded("campaign.adopt", "采用新版模板")
def _adopt(event: Event) -> str:
    return f"采用模板第 {event.after['version']} 版的：{'、'.join(event.after['items'])}"


@worded("obligation.vary", "在本级及下级调整应办事项")
def _vary(event: Event) -> str:
    return f"在本级及下级调整“{event.after['of']}”：{_changed(event)}"


@worded("obligation.restore", "取消对应办事项的调整")
def _restore(event: Event) -> str:
    return f"取消对“{event.after['of']}”的调整：{_changed(event)}"


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
