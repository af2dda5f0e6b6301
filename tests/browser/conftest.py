"""Real pages in a real Chromium, at the size of a desk and of a phone.

``page`` and ``phone`` open on the ``live`` server, so ``page.goto("/")`` is the home page; ``screen`` runs the test
on both. (Ask for them as arguments: fetched by name later, they come too late for a database with real commits.) A script error, a refused
inline script, a file that is not there: whatever the console reports fails the test, unless it was announced with
``console.allow``.
"""

from __future__ import annotations

import os
import shutil

import pytest
from django.urls import reverse

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright runs an event loop in this thread

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
MISSING = (
    "没有找到 Chromium：apt-get install chromium fonts-noto-cjk，或设 CHROMIUM=路径 / Chromium is missing"
)
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]
DESK = {"width": 1366, "height": 900}
PHONE = {"width": 390, "height": 844, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
PASSWORD = "Test-pass-1"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


def pytest_collection_modifyitems(items):
    mine = [item for item in items if "browser" in item.path.parts]
    if CHROMIUM or not mine:
        return
    if os.environ.get("REQUIRE_BROWSER") == "1":
        raise pytest.UsageError(f"REQUIRE_BROWSER=1: {MISSING}")
    for item in mine:
        item.add_marker(pytest.mark.skip(reason=MISSING))


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def live(live_server):
    """The portal behind a real port, on the test's database; ``live.url`` is its address."""
    return live_server


class Console:
    """What the browser complained about. A refused form (422) and a lost race (409) are answers, not errors."""

    def __init__(self):
        self.errors = []
        self.allowed = ["status of 422", "status of 409"]

    def allow(self, *parts):
        """Announce complaints that belong to the test: ``console.allow("status of 404")``."""
        self.allowed += parts

    def listen(self, page):
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self._note(message.type, f"{message.text} {message.location}"))

    def _note(self, kind, text):
        if kind == "error":
            self.errors.append(text)

    @property
    def unexpected(self):
        return [error for error in self.errors if not any(part in error for part in self.allowed)]


@pytest.fixture
def console():
    return Console()


@pytest.fixture
def open_page(chromium, live, console):
    """open_page(width=…, height=…, java_script_enabled=False, …) -> a page in a browser context of its own."""
    contexts = []

    def make(width=DESK["width"], height=DESK["height"], **options):
        context = chromium.new_context(
            base_url=live.url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": height},
            **options,
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        console.listen(page)
        return page

    yield make
    for context in contexts:
        context.close()
    assert not console.unexpected


@pytest.fixture
def page(open_page):
    return open_page(**DESK)


@pytest.fixture
def phone(open_page):
    return open_page(**PHONE)


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def screen(request, open_page):
    """The test runs twice: on the desk and on the phone."""
    return open_page(**request.param)


@pytest.fixture
def axe():
    """axe(page) fails with rule, count and the first places when the page has an accessibility violation."""
    from axe_playwright_python.sync_playwright import Axe

    def check(page):
        page.wait_for_load_state()
        found = Axe().run(page, options={"runOnly": AXE_RULES}).response["violations"]
        assert not found, "\n".join(
            f"{each['id']} ×{len(each['nodes'])}: {each['help']} — {each['nodes'][0]['html'][:200]}"
            for each in found
        )

    return check


@pytest.fixture
def fits():
    """fits(page) fails when the page scrolls sideways, and names what sticks out."""
    script = """() => [...document.querySelectorAll('body *')]
        .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
        .slice(0, 5).map(e => e.outerHTML.slice(0, 120))"""

    def check(page):
        wide, seen = page.evaluate(
            "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide <= seen, f"{wide} > {seen} px: {page.evaluate(script)}"

    return check


@pytest.fixture
def sign_in():
    """sign_in(page, user) through the form, as people do; the page then stands where they arrive."""

    def through_form(page, user, password=PASSWORD):
        page.goto(reverse("account_login"))
        page.fill("input[name=login]", user.username)
        page.fill("input[name=password]", password)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: reverse("account_login") not in url)

    return through_form
