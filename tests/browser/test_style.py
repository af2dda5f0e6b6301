"""Every component in a real browser: both sizes, both sizes of type, with and without script."""

import pytest

STYLE = "/desk/style/?kind=branch"


@pytest.fixture
def secretary(person):
    return person("secretary", "branch")


def test_components_are_accessible_and_fit(secretary, screen, sign_in, axe, fits):
    sign_in(screen, secretary)
    screen.goto(STYLE)
    axe(screen)
    fits(screen)
    screen.click("[data-size-toggle]")
    assert screen.locator("html").get_attribute("data-size") == "lg"
    axe(screen)
    fits(screen)


def test_a_step_with_a_reason_is_a_dialog_that_gives_the_focus_back(secretary, screen, sign_in, axe):
    sign_in(screen, secretary)
    screen.goto(STYLE)
    screen.click("summary:has-text('退回修改')")
    assert screen.locator("dialog[open] textarea").evaluate("e => e === document.activeElement")
    axe(screen)
    screen.keyboard.press("Escape")
    assert screen.locator("summary:has-text('退回修改')").evaluate("e => e === document.activeElement")


def test_the_person_menu_opens_and_closes_by_keyboard(secretary, screen, sign_in, axe):
    sign_in(screen, secretary)
    screen.goto("/desk/")
    screen.focus("[data-menu] summary")
    screen.keyboard.press("Enter")
    screen.wait_for_selector(".menu-panel", state="visible")
    axe(screen)
    screen.keyboard.press("Escape")
    screen.wait_for_selector(".menu-panel", state="hidden")


def test_the_whole_navigation_opens_on_a_phone(secretary, phone, sign_in, axe):
    sign_in(phone, secretary)
    phone.goto("/desk/")
    assert not phone.locator("#nav").is_visible()
    phone.click(".tabs a:last-child")
    assert phone.locator("#nav").is_visible()
    axe(phone)
    phone.keyboard.press("Escape")
    phone.wait_for_selector("#nav", state="hidden")


def test_81_siblings_are_found_in_place(secretary, screen, sign_in):
    sign_in(screen, secretary)
    screen.goto(STYLE)
    screen.fill("#tree-find", "27")
    assert screen.locator(".tree-find [role=status]").inner_text() == "找到 1 个"
    assert screen.locator("#tree > li:visible").count() == 1


def test_everything_can_be_done_without_script(secretary, open_page, sign_in, fits):
    page = open_page(width=390, height=844, java_script_enabled=False)
    sign_in(page, secretary)
    page.goto(STYLE)
    page.click("summary:has-text('退回修改')")
    assert page.locator("details[open] textarea[name=reason]").first.is_visible()
    page.click("[data-size-toggle]")
    assert page.locator("html").get_attribute("data-size") == "lg"
    page.click(".tabs a:last-child")
    assert page.locator("#nav").is_visible()


def test_large_type_is_kept_by_public_pages_in_the_browser(page, fits):
    page.goto("/")
    page.click("[data-size-toggle]")
    page.goto("/accessibility/")
    assert page.locator("html").get_attribute("data-size") == "lg"
    fits(page)


def test_the_idle_warning_keeps_what_was_typed(secretary, page, sign_in, settings, axe):
    sign_in(page, secretary)
    settings.SESSION_IDLE_SECONDS = 121
    page.goto(STYLE)
    page.fill("#id_title", "打了一半的承诺")
    page.wait_for_selector("dialog[open] >> text=即将退出登录", timeout=15_000)
    axe(page)
    page.click("dialog[open] button:has-text('继续办理')")
    page.wait_for_selector("dialog[open]", state="hidden")
    assert page.input_value("#id_title") == "打了一半的承诺"
