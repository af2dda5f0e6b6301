"""Sign-in, devices, notices and the time-out as people meet them, on the desk and on the phone."""

import pytest
from django.contrib.auth import get_user_model

from accounts.models import UserSession
from common import events
from common.models import Delivery
from notifications import services

pytestmark = pytest.mark.django_db(transaction=True)
OFFERED = [
    ("shuji", "党支部书记", "震泽镇财政所党支部书记"),
    ("lianluo", "联络员", "震泽镇财政所党支部联络员，文化站党支部联络员"),
]
OFFERED_PASSWORD = "Test-pass-1"


@pytest.fixture
def user():
    return get_user_model().objects.create_user(
        "zhangwen", name="张文", email="zhangwen@example.invalid", password="Test-pass-1", is_staff=True
    )


@pytest.fixture
def check(axe, fits):
    def both(page):
        axe(page)
        fits(page)

    return both


def test_the_sign_in_page_and_its_refusal(screen, user, check, settings):
    settings.DEMO_ACCOUNTS, settings.DEMO_PASSWORD = f"{__name__}.OFFERED", f"{__name__}.OFFERED_PASSWORD"
    screen.goto("/accounts/login/?ended=1&next=/desk/")
    check(screen)
    screen.fill("#id_login", "zhangwen")
    screen.fill("#id_password", "wrong")
    screen.press("#id_password", "Enter")
    screen.wait_for_selector("[role=alert]")
    check(screen)


def test_the_locked_page(screen, user, check, console):
    console.allow("status of 429")
    for _ in range(5):
        screen.goto("/accounts/login/")
        screen.fill("#id_login", "zhangwen")
        screen.fill("#id_password", "wrong")
        screen.press("#id_password", "Enter")
        screen.wait_for_load_state()
    screen.wait_for_selector("text=15 分钟")
    check(screen)


def test_the_first_password_then_the_desk_and_its_pages(screen, user, check, sign_in):
    user.must_change_password = True
    user.save()
    sign_in(screen, user)
    assert screen.url.endswith("/accounts/password/change/")
    check(screen)
    for name, text in [("oldpassword", "Test-pass-1"), ("password1", "Brand-new-2"), ("password2", "x")]:
        screen.fill(f"[name={name}]", text)
    screen.click("main button[type=submit]")
    screen.wait_for_selector("[role=alert]")
    check(screen)
    for name, text in [
        ("oldpassword", "Test-pass-1"),
        ("password1", "Brand-new-2"),
        ("password2", "Brand-new-2"),
    ]:
        screen.fill(f"[name={name}]", text)
    screen.click("main button[type=submit]")
    screen.wait_for_url("**/desk/")
    for number in range(25):
        link = "" if number == 24 else "/desk/"
        services.notify(
            [user],
            subject=f"震泽镇财政所党支部的承诺待审核（{number}）",
            body="请于3日内办理。",
            link=link,
            key=f"k{number}",
        )
    for path in ["/accounts/sessions/", "/desk/notices/", "/desk/notices/?show=all", "/accounts/logout/"]:
        screen.goto(path)
        check(screen)
    screen.goto("/desk/notices/")
    screen.click("text=待审核（24）")
    screen.wait_for_selector("text=回到消息")
    check(screen)


def test_typed_text_survives_the_time_out(screen, user, check, sign_in):
    sign_in(screen, user)
    screen.goto("/desk/notices/")
    screen.evaluate(
        """() => { const form = document.querySelector('form[action*=mail]');
        for (const name of ['content', 'measures']) { const area = document.createElement('textarea');
        area.name = name; area.value = '为民服务承诺：每周三上门办理，'.repeat(8); form.append(area); } }"""
    )
    row = UserSession.objects.get(user=user)
    store = UserSession.get_session_store_class()(row.session_key)
    store["seen_at"] -= 31 * 60
    store.save()
    screen.evaluate("() => document.querySelector('form[action*=mail]').submit()")
    screen.wait_for_selector("text=刚才填写的内容已经保留")
    check(screen)
    screen.fill("#id_login", "zhangwen")
    screen.fill("#id_password", "Test-pass-1")
    screen.press("#id_password", "Enter")
    screen.wait_for_selector("text=您刚才填写的内容还在")
    assert "每周三上门办理" in screen.locator("main textarea").first.input_value()
    check(screen)
    screen.click("text=按原样提交")
    screen.wait_for_selector("text=不再发送邮件，消息仍在这里")


def test_the_system_page(screen, user, check, sign_in):
    for _ in range(2):
        events.record(user, "prove", by=None)
    Delivery.objects.update(is_dead=True, attempts=10, error="ValueError: x")
    sign_in(screen, user)
    screen.goto("/desk/system/")
    check(screen)
    screen.click("text=重新投递 >> nth=0")
    screen.wait_for_selector("text=已重新排队")
    screen.click("summary:has-text('放弃')")
    screen.wait_for_selector("text=放弃后不会再投递")
    check(screen)
    screen.click("text=确定放弃")
    screen.wait_for_selector("text=没有死信")
    check(screen)
