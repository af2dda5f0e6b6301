"""The home page as a visitor meets it, at both sizes."""


def test_the_home_page_is_accessible_and_fits(screen, axe, fits):
    screen.goto("/")
    assert "创先争优" in screen.title()
    axe(screen)
    fits(screen)


def test_the_home_page_works_without_scripts(open_page):
    page = open_page(java_script_enabled=False)
    page.goto("/")
    assert page.locator("main").inner_text().strip()


def test_what_the_console_reports_is_noticed(open_page, console):
    page = open_page()
    console.allow("status of 404")
    page.goto("/no-such-page")
    page.evaluate("() => { setTimeout(() => { throw new Error('canary') }) }")
    page.wait_for_timeout(100)
    assert [error for error in console.unexpected if "canary" in error]
    console.allow("canary")
