"""Plans for tests: a complete text, and a plan in any state."""

from pledges.plans.texts import blank_task, blank_text

TASK = {
    "key_task": "上门办税",
    "measures": "每月第一个星期五到企业\n一次办结",
    "department": "办税科",
    "person": "沈明",
    "starts_on": "2010-09-01",
    "ends_on": "2010-12-20",
    "mark": "全年十二次",
}


def task(key="a" * 12, **changed):
    return blank_task(key=key) | TASK | changed


def text(**changed):
    return blank_text(
        title="财政所党支部创先争优活动方案",
        theme="服务发展作表率",
        research_basis="走访企业三十二家",
        goals="办税十五分钟办结",
        schedule="动员部署：八月至九月\n组织实施：十月至十二月",
        tasks=[task()],
    ) | dict(changed)
