"""践诺 on the phone with one tap, and a roster of appraisals by the keyboard alone."""

import datetime as dt

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from campaigns.models import Phase
from organizations.models import Member
from pledges.models import Appraisal, Judgement, Pledge, Progress

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kept(chain, person, campaign):
    """The branch keeps a pledge of its own and three members'; one item of each is overdue."""
    Phase.objects.exclude(number=1).delete()
    Phase.objects.update(ends_on=None)
    phase, secretary = Phase.objects.get(), person("secretary", "branch")
    today = dt.date.today()  # noqa: DTZ011 -- the browser's own calendar
    made = []
    for name in [None, "沈文清", "陆一鸣", "钱小莉"]:
        member = name and Member.objects.create(
            organization=chain["branch"],
            name=name,
            sex="f",
            birth_month=dt.date(1980, 1, 1),
            joined_on=dt.date(2001, 7, 1),
            standing="probationary" if name == "钱小莉" else "full",
        )
        pledge = Pledge.objects.create(
            organization=chain["branch"],
            member=member,
            phase=phase,
            title="" if name else "财政窗口十五分钟办结",
            category=campaign.rubric.filter(subject="member" if name else "organization").first(),
            directions=["masses"],
            state="approved",
            submitted_at=dt.datetime(2010, 9, 1, tzinfo=dt.UTC),
            submitted_by=secretary,
        )
        for number, days in [(1, -3), (2, 90)]:
            pledge.items.create(
                number=number,
                content="把办税窗口的平均办结时间由三十分钟压缩到十五分钟，每月公布一次",
                responsible="沈明",
                state="approved",
                due_on=today + dt.timedelta(days=days),
            )
        made.append(pledge)
    return made


def signed_in(page, user, live):
    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live.url}])
    return page


def test_one_tap_on_the_phone_and_a_wrong_one_taken_back(phone, kept, person, live, axe, fits):
    page = signed_in(phone, person("liaison", "branch"), live)
    page.goto(reverse("pledges:fulfilment_at", args=[kept[0].organization_id]))
    row = page.locator(f"#item-{kept[0].items.get(number=1).pk}")
    expect(row.get_by_text("到期未报")).to_be_visible()
    button = row.get_by_role("button", name="有困难")
    assert button.bounding_box()["height"] >= 44
    button.tap()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(row.get_by_role("status")).to_have_text("已记为“有困难”")
    assert Progress.objects.get().status == "difficult"
    axe(page)
    fits(page)
    row.get_by_role("button", name="撤销刚才的点选").tap()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert not Progress.objects.exists()


def test_the_tap_works_without_javascript(open_page, kept, person, live):
    page = signed_in(open_page(java_script_enabled=False), person("secretary", "branch"), live)
    page.goto(reverse("pledges:fulfilment_at", args=[kept[0].organization_id]))
    row = f"#item-{kept[1].items.get(number=2).pk}"
    page.locator(row).get_by_role("button", name="已完成").click()
    expect(page.locator(row).get_by_role("button", name="已完成")).to_have_attribute("aria-pressed", "true")
    assert page.url.endswith(row)


def test_a_result_that_was_not_kept_is_explained(screen, kept, person, live, axe, fits):
    page = signed_in(screen, person("secretary", "branch"), live)
    item = kept[0].items.get(number=1)
    page.goto(reverse("pledges:judge", args=[item.pk, "self"]))
    page.get_by_label("未兑现", exact=True).check()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("向群众说明")
    axe(page)
    fits(page)
    page.get_by_label("客观原因").check()
    page.get_by_label("向群众的说明").fill("汛期窗口停办两周，十一月补办。")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("汛期窗口停办两周")).to_be_visible()
    axe(page)
    fits(page)
    assert Judgement.objects.get().cause == "objective"


def test_a_roster_is_appraised_by_the_keyboard_alone(page, kept, person, live, axe, fits):
    page = signed_in(page, person("secretary", "branch"), live)
    page.goto(reverse("pledges:appraisals_at", args=[kept[0].organization_id]))
    axe(page)
    fits(page)
    page.get_by_label("评诺会日期").fill("2010-08-30")
    page.get_by_label("到会人数").fill("16")
    page.get_by_label("沈文清：自评", exact=True).focus()
    press = page.keyboard
    press.press("ArrowDown")
    for typed in ["都办了", "12", "3", "0", "96", "说到做到"]:
        press.press("Tab")
        press.type(typed)
    press.press("Tab")  # past the next name
    press.press("Tab")
    press.press("ArrowDown")
    press.press("ArrowDown")
    press.press("Tab")
    press.press("Enter")
    expect(page.get_by_text("已登记 2 名党员的评诺")).to_be_visible()
    first, second = (Appraisal.objects.get(pledge__member__name=n) for n in ["沈文清", "钱小莉"])
    assert (first.state, first.score, first.band, first.peers["好"]) == ("appraised", 96, "好", 12)
    assert (second.state, second.self_band) == ("self_appraised", "中")
    axe(page)
    fits(page)


def test_every_page_fits_the_screen(screen, kept, person, live, axe, fits):
    page = signed_in(screen, person("secretary", "branch"), live)
    place, item = kept[0].organization_id, kept[1].items.get(number=1)
    for name, args in [
        ("fulfilment", []),
        ("fulfilment_at", [place]),
        ("appraisals_at", [place]),
        ("fulfilment_item", [item.pk]),
        ("judge", [item.pk, "masses"]),
        ("appraisal", [kept[1].pk]),
    ]:
        page.goto(reverse(f"pledges:{name}", args=args))
        axe(page)
        fits(page)
