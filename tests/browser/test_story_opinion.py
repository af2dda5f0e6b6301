"""监督这份承诺 in a real browser: left on a phone without JavaScript, answered on the desk, looked up; by keyboard alone."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from common import challenge
from common.challenge import Question
from pledges.models import Opinion
from tests.browser.conftest import PHONE
from tests.permissions.world import build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db, chain, phase):
    return build(chain, phase)


@pytest.fixture
def publication(world):
    return world.publications["branch", "outside"]


@pytest.fixture
def secretary(world):
    return next(user for who, user in world.users.items() if who.name == "secretary@branch")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch, settings, request):
    """A test types faster than people; the cache keeps, as on a real server."""
    monkeypatch.setattr(challenge, "SOONEST_SECONDS", 0)
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": request.node.nodeid}}


def solve(page):
    token = page.locator("input[name=challenge]").get_attribute("value")
    return str(Question.of(token).answer)


def test_left_on_a_phone_without_javascript_answered_and_looked_up(
    open_page, page, publication, secretary, sign_in, axe, fits
):
    phone = open_page(**PHONE, java_script_enabled=False)
    phone.goto(publication.get_absolute_url())
    phone.get_by_role("link", name="监督这份承诺").click()
    phone.get_by_label("您的意见").fill("窗口前还是要排队半小时" + "长" * 200)
    phone.get_by_label("认为部分兑现").check()
    phone.get_by_label("电话或邮箱").fill("13900001234")
    phone.get_by_label("等于几").fill("九十九")
    phone.get_by_role("button", name="提交意见").click()
    expect(phone.get_by_role("alert")).to_contain_text("答案不对")
    expect(phone.get_by_label("您的意见")).to_have_value(re.compile("排队半小时"))
    phone.get_by_label("等于几").fill(solve(phone))
    phone.get_by_role("button", name="提交意见").click()
    expect(phone.get_by_role("heading", name="意见已收到")).to_be_visible()
    code = phone.locator(".code").inner_text()
    assert re.fullmatch(r"([2-9A-HJ-KM-NP-Z]{4}-){2}[2-9A-HJ-KM-NP-Z]{4}", code)

    sign_in(page, secretary)
    opinion = Opinion.objects.order_by("-pk").first()
    page.goto(reverse("pledges:opinions"))
    page.get_by_role("link", name=str(opinion)).click()
    expect(page.get_by_text("13900001234")).to_be_visible()
    page.get_by_role("textbox", name="答复").fill("已加开一个窗口，欢迎继续监督。")
    page.get_by_role("button", name="发出答复").click()
    expect(page.get_by_text("已发出答复")).to_be_visible()
    axe(page)
    fits(page)

    phone.get_by_role("link", name="查询意见答复").first.click()
    phone.get_by_label("查询码").fill(code.lower())
    phone.get_by_role("button", name="查询", exact=True).click()
    expect(phone.get_by_text("已加开一个窗口，欢迎继续监督。")).to_be_visible()
    assert code not in phone.url


def test_every_page_of_a_visitor_is_accessible_and_fits(screen, publication, axe, fits):
    def look():
        axe(screen)
        fits(screen)

    screen.goto(reverse("pledges:leave_opinion", args=[publication.pk]))
    look()
    screen.get_by_role("button", name="提交意见").click()
    expect(screen.get_by_role("alert")).to_be_visible()
    look()
    screen.get_by_label("您的意见").fill("好" * 300)
    screen.get_by_label("等于几").fill(solve(screen))
    screen.get_by_role("button", name="提交意见").click()
    expect(screen.get_by_role("button", name="复制查询码")).to_be_visible()
    look()
    code = screen.locator(".code").inner_text()
    screen.goto(reverse("pledges:look_up_opinion"))
    screen.get_by_label("查询码").fill(code)
    screen.get_by_role("button", name="查询", exact=True).click()
    expect(screen.get_by_role("heading", name="您的意见")).to_be_visible()
    look()


def test_by_keyboard_alone(page, publication):
    page.goto(reverse("pledges:leave_opinion", args=[publication.pk]))
    page.get_by_label("整份承诺").focus()
    page.keyboard.press("ArrowDown")  # 第1项
    page.keyboard.press("Tab")
    page.keyboard.type("窗口前还是要排队")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")  # 认为已兑现
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type(solve(page))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="意见已收到")).to_be_visible()
    opinion = Opinion.objects.order_by("-pk").first()
    assert (opinion.item_number, opinion.text, opinion.view) == (1, "窗口前还是要排队", "fulfilled")
