"""The story of a plan, told in a real browser: from the template, arranged, filed, returned, compared, published."""

import datetime as dt

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from campaigns.models import Phase
from pledges import services
from pledges.models import Plan
from pledges.plans.texts import text_of

pytestmark = pytest.mark.django_db(transaction=True)
GOALS = "办税十五分钟办结，群众满意率达到百分之九十五以上"


@pytest.fixture
def cast(chain, person, campaign):
    """Who takes part. The phase surrounds today, whenever that is."""
    year = dt.date.today().year  # noqa: DTZ011 -- the browser's own calendar
    Phase.objects.exclude(number=1).delete()
    Phase.objects.update(starts_on=dt.date(year - 1, 1, 1), ends_on=dt.date(year + 1, 12, 31))
    return {
        "secretary": person("secretary", "branch"),
        "superior": person("secretary", "general"),
        "office": person("office", "city"),
        "director": person("office_director", "city"),
    }


@pytest.fixture
def look(axe, fits):
    def check(page):
        axe(page)
        fits(page)

    return check


def test_a_plan_from_the_template_to_the_public_summary(screen, cast, sign_in, look):
    page = screen
    sign_in(page, cast["secretary"])
    page.goto(reverse("pledges:plan_new"))
    look(page)
    page.get_by_role("button", name="从模板起草").click()
    expect(page.get_by_role("heading", name="起草活动方案")).to_be_visible()
    page.get_by_label("创先目标").fill(GOALS)
    page.get_by_label("时间进度").fill("动员部署：八月至九月\n组织实施：十月至十二月")
    page.get_by_role("group", name="第1项").get_by_role("button", name="下移").click()
    expect(page.get_by_role("group", name="第2项").get_by_label("重点任务")).to_have_value("类别1")
    page.get_by_role("group", name="第3项").get_by_role("button", name="去掉").click()
    page.get_by_role("group", name="第3项").get_by_role("button", name="去掉").click()
    page.get_by_role("group", name="第3项").get_by_role("button", name="去掉").click()
    expect(page.get_by_text("已去掉一项：").first).to_be_visible()
    for number in (1, 2):
        box = page.get_by_role("group", name=f"第{number}项")
        box.get_by_label("具体措施").fill("每月第一个星期五到企业，一次办结")
        box.get_by_label("责任人").fill("沈明")
    look(page)
    page.get_by_role("button", name="保存并报送上级").click()
    expect(page.get_by_text("已报送，等待上级党组织审核。")).to_be_visible()
    look(page)

    plan = Plan.objects.get()
    services.plans.return_(plan, by=cast["superior"], reason="目标再写具体些")
    plan = Plan.objects.get()
    text = text_of(plan) | {"goals": GOALS.replace("十五分钟", "十二分钟")}
    services.plans.save(plan, text, version=plan.version, by=cast["secretary"])
    services.plans.submit(plan, by=cast["secretary"])
    page.goto(reverse("pledges:plan_versions", args=[plan.pk]))
    expect(page.locator("ins", has_text="二")).to_be_visible()
    look(page)
    for name in ["plan_progress", "plan_upload"]:
        page.goto(reverse(f"pledges:{name}", args=[plan.pk]))
        look(page)

    services.plans.approve(plan, by=cast["superior"])
    page.goto(plan.get_absolute_url())
    page.get_by_role("link", name="申请公开").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("向社会公开").check()
    dialog.get_by_role("button", name="确定申请公开").click()
    expect(page.get_by_text("已申请公开，等待保密审查。")).to_be_visible()
    services.plans.clear(plan, by=cast["office"])
    services.plans.publish(plan, by=cast["director"])
    page.context.clear_cookies()
    page.goto(reverse("pledges:public_plans"))
    look(page)
    page.get_by_role("link", name=plan.title).click()
    expect(page.get_by_text("办税十二分钟办结")).to_be_visible()
    look(page)
