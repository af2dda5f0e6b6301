"""A round seen, printed and closed in the browser, at both sizes."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from campaigns.models import Subject
from pledges import services
from pledges.models import RoundArchive
from tests.pledges.test_rounds import joins, promises


@pytest.fixture
def author(person):
    return person("secretary", "branch")


@pytest.fixture
def phase(campaign):
    """The one that goes on."""
    return campaign.phases.get(number=3)


@pytest.fixture
def signed_in(live):
    def sign(screen, user):
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        screen.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live.url}])

    return sign


@pytest.fixture
def round_with_members(transactional_db, chain, phase, author, person):
    category = phase.campaign.rubric.filter(subject=Subject.ORGANIZATION).first()
    words = {
        "title": "财政窗口十五分钟办结",
        "category": category.pk,
        "directions": ["superior", "masses"],
        "aim": "",
        "items": [
            {"key": "a" * 12, "content": "全年上门办税十二次，每次走访两家以上企业并当场解答", "measures": "每月第一个星期五到企业", "responsible": "沈明",
             "due_on": "2027-12-20", "baseline": "6", "target": "12", "unit": "次"},
        ],
    }  # fmt: skip
    draft = services.create_draft(chain["branch"], phase, by=author)
    services.save(draft, words, version=1, by=author)
    services.submit(draft, by=author)
    services.approve(draft, by=person("secretary", "general"))
    services.propose(draft, by=author, scope="outside")
    services.clear(draft, by=person("office", "city"))
    services.publish(draft, by=person("office_director", "city"))
    for name, place in [("沈文清", "branch"), ("欧阳明", "branch"), ("钱进", "foreign")]:
        promises(joins(chain, place, name), phase, author, items=2)
    joins(chain, "sibling", "陆平")
    return draft


def test_the_director_looks_checks_and_closes(
    round_with_members, phase, person, signed_in, screen, axe, fits, console
):
    page = screen
    signed_in(page, person("office_director", "city"))

    def look():
        axe(page)
        fits(page)

    page.goto(reverse("pledges:rounds"))
    look()
    page.get_by_role("link", name="第三时段").click()
    look()
    page.get_by_role("link", name="中共震泽镇委员会").click()
    look()
    page.goto(reverse("pledges:round_close", args=[phase.pk]))
    look()
    page.get_by_label("已核对").check()
    page.get_by_role("button", name="确定归档").click()
    assert page.get_by_text("已归档，编号〔").is_visible()
    page.get_by_role("button", name="重算核对").click()
    assert page.get_by_text("核对一致").is_visible()
    look()
    page.goto(reverse("pledges:archives"))
    look()
    page.goto(reverse("pledges:ledger"))
    look()
    assert RoundArchive.objects.get().closes == phase
    assert console.unexpected == []
