"""One's own last days as iCalendar (RFC 5545): what a phone or a mail program subscribes to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from urllib.parse import urlsplit

from icalendar import Alarm, Calendar, Event

from campaigns.expectations import expectation
from campaigns.models import Assignment
from common.templatetags.cn import cn_date

# Nine in the morning of the day before: a whole-day event begins at midnight.
AHEAD = dt.timedelta(hours=-15)


def calendar(rows: Iterable[Assignment], *, name: str, site: str, now: dt.datetime) -> bytes:
    """A whole-day event for each row. ``site``: "https://host", for the links and the numbers of the events."""
    found = Calendar()
    found.add("prodid", "-//chuangxian//deadlines//ZH")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", name)
    found.add("refresh-interval", dt.timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for row in rows:
        found.add_component(_event(row, site, now))
    return found.to_ical()


def _event(row: Assignment, site: str, now: dt.datetime) -> Event:
    event = Event()
    what = f"{row.obligation.name}（{row.organization.label}）"
    # by what is owed, not by the row: counted anew it is the same event
    event.add("uid", f"obligation-{row.obligation_id}-{row.organization_id}@{urlsplit(site).hostname}")
    event.add("dtstamp", now)
    event.add("dtstart", row.due_on)
    event.add("dtend", row.due_on + dt.timedelta(days=1))
    event.add("summary", what)
    event.add("description", _state(row))
    event.add("transp", "TRANSPARENT")
    if expected := expectation(row.obligation.expects):
        event.add("url", f"{site}{expected.url(row.organization_id, row.obligation.phase)}")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", f"明天截止：{what}")
    alarm.add("trigger", AHEAD)
    event.add_component(alarm)
    return event


def _state(row: Assignment) -> str:
    said = [f"未办，{cn_date(row.due_on)}截止"]
    if row.is_extended:
        said.append("已准予延期")
    if row.returned:
        said.append(f"退回待修改 {row.returned} 份")
    return "；".join(said) + "。"
