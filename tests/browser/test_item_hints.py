"""Hints beside the items: calm, readable on a phone, a link where the twin may be opened."""

import datetime as dt
import os

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from campaigns.models import Phase, Subject
from pledges import services
from pledges.texts import blank_text

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "为企业上门办理税务登记12次，结果在政务公开栏公布"


@pytest.fixture
def filed(chain, person, campaign):
    """filed("branch", "words", …) -> the pledge of that organization, filed. The phase surrounds today."""
    year = dt.date.today().year  # noqa: DTZ011 -- the browser's own calendar
    Phase.objects.exclude(number=1).delete()
    Phase.objects.update(starts_on=dt.date(year - 1, 1, 1), ends_on=None)
    phase = Phase.objects.get()

    def make(place, *contents):
        by = person("secretary", place)
        items = [
            {"key": f"{n:012x}", "content": content, "measures": "书记牵头", "responsible": "沈明",
             "due_on": f"{year + 1}-06-20", "baseline": "", "target": "", "unit": ""}
            for n, content in enumerate(contents, 1)
        ]  # fmt: skip
        said = blank_text(
            title=f"{place}的承诺",
            category=campaign.rubric.filter(subject=Subject.ORGANIZATION).first().pk,
            directions=["masses"],
            items=items,
        )
        draft = services.create_draft(chain[place], phase, by=by)
        return services.submit(services.save(draft, said, version=1, by=by), by=by)

    return make


def look(page, name, axe, fits):
    axe(page)
    fits(page)
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}-{page.viewport_size['width']}.png", full_page=True)


def test_the_approver_reads_the_hints_and_opens_the_twin(screen, sign_in, person, filed, axe, fits):
    twin, pledge = filed("sibling", WORDS), filed("branch", WORDS, "加强学习，提高素质")
    sign_in(screen, person("secretary", "general"))
    screen.goto(pledge.get_absolute_url())
    expect(screen.get_by_text("仅供参考")).to_have_count(2)
    look(screen, "detail", axe, fits)
    screen.goto(reverse("pledges:step", args=[pledge.pk, "return"]))
    look(screen, "return", axe, fits)
    screen.get_by_role("link", name="看那份承诺").click()
    screen.wait_for_url(f"**{twin.get_absolute_url()}")


def test_the_writer_reads_them_in_the_editor_and_goes_on(screen, sign_in, person, filed, axe, fits):
    filed("sibling", WORDS)
    pledge = filed("branch", WORDS, "加强学习，提高素质")
    services.return_(pledge, by=person("secretary", "general"), reason="请写具体")
    sign_in(screen, person("secretary", "branch"))
    screen.goto(reverse("pledges:edit", args=[pledge.pk]))
    expect(screen.get_by_text("仅供参考")).to_have_count(2)
    expect(screen.get_by_role("link", name="看那份承诺")).to_have_count(0)
    look(screen, "edit", axe, fits)
    screen.get_by_role("group", name="第2项").get_by_label("承诺内容").fill("每月办一次党员夜校")
    screen.get_by_role("button", name="保存", exact=True).last.click()
    expect(screen.get_by_text("已保存")).to_be_visible()
    expect(screen.get_by_text("仅供参考")).to_have_count(1)
