"""What a new plan begins with: the campaign template's texts, or last year's."""

from __future__ import annotations

from typing import Any

from campaigns.models import Phase, Subject
from common.templatetags.cn import cn_date
from organizations.models import Organization
from pledges.models.pledge import new_key
from pledges.plans.texts import DATES, Text, blank_task, blank_text, text_of


def title_for(organization: Organization, phase: Phase) -> str:
    return f"{organization.label}{phase.name}创先争优活动方案"[:80]


def from_template(organization: Organization, phase: Phase) -> Text:
    """Goals and theme of the campaign, its windows as the schedule, one task for each of 五个注重."""
    campaign = phase.campaign
    windows = [
        f"{w.name}：{cn_date(w.opens_on)}至{cn_date(w.closes_on)}。"
        for w in phase.windows.order_by("opens_on", "pk")
    ]
    ends_on = phase.ends_on.isoformat() if phase.ends_on else ""
    tasks = [
        blank_task(
            key=new_key(),
            key_task=item.name,
            measures=item.text,
            starts_on=phase.starts_on.isoformat(),
            ends_on=ends_on,
            rubric=str(item.pk),
        )
        for item in campaign.rubric.filter(subject=Subject.ORGANIZATION).order_by("number")
    ]
    return blank_text(
        title=title_for(organization, phase),
        theme=campaign.theme[:120],
        goals=campaign.goals,
        schedule="\n".join(windows),
        tasks=tasks,
    )


def from_earlier(source: Any, phase: Phase) -> Text:
    """复制上年的: the text with new keys and without dates, its tags those of the same number in the new campaign."""
    text = text_of(source)
    now = dict(phase.campaign.rubric.filter(subject=Subject.ORGANIZATION).values_list("number", "pk"))
    numbers = dict(source.phase.campaign.rubric.values_list("pk", "number"))
    for task in text["tasks"]:
        then = int(task["rubric"]) if task["rubric"] else None
        task |= {
            "key": new_key(),
            "rubric": str(now.get(numbers.get(then, 0), "")),
            **dict.fromkeys(DATES, ""),
        }
    old = source.phase.name
    return {**text, "title": text["title"].replace(old, phase.name)}
