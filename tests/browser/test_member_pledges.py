"""A branch's members entered in one sitting: no mouse, no reload, and nothing lost when the network is."""

import datetime as dt

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from campaigns.models import Phase
from pledges.models import Pledge
from tests.conftest import User
from tests.pledges.members import entered, member, pledge_of

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ["陆晓岚", "钱建平", "沈文清", "顾志远"]


@pytest.fixture
def phase(campaign):
    """It surrounds today, whenever that is."""
    year = dt.date.today().year  # noqa: DTZ011 -- the browser's own calendar
    Phase.objects.exclude(number=1).delete()
    Phase.objects.update(starts_on=dt.date(year - 1, 1, 1), ends_on=None)
    found = Phase.objects.get()
    found.windows.create(
        strand="pledge", name="公开承诺", opens_on=f"{year - 1}-01-01", closes_on=f"{year + 1}-12-31"
    )
    return found


@pytest.fixture
def due(phase):
    return f"{dt.date.today().year + 1}1220"  # noqa: DTZ011


@pytest.fixture
def roster(chain):
    return [member(chain["branch"], name) for name in NAMES]


@pytest.fixture
def at_the_desk(screen, sign_in, person, chain, phase, roster):
    """The liaison's screen with the entry page open."""
    sign_in(screen, person("liaison", "branch"))
    screen.goto(reverse("pledges:entry", args=[chain["branch"].pk]))
    return screen


def line(page, one):
    return page.locator(f"#m-{one.pk}")


def status(page, one):
    return line(page, one).locator("[data-status]")


def write_row(page, plan, aim, due):
    """From the category box on, with keys alone."""
    keys = page.keyboard
    keys.press("ArrowDown")
    for words in (plan, aim, due):
        keys.press("Tab")
        keys.type(words)


def test_several_members_by_keyboard_alone(at_the_desk, roster, due, axe, fits):
    page = at_the_desk
    axe(page)
    fits(page)
    page.evaluate("window.neverReloaded = true")
    page.locator(f"#id_{roster[0].pk}-category").focus()
    for one in roster[:3]:
        expect(page.locator(f"#id_{one.pk}-category")).to_be_focused()
        write_row(page, f"{one.name}上门十二次", "窗口零差错", due)
        page.keyboard.press("Enter")
        expect(status(page, one)).to_contain_text("已保存")
    expect(page.locator(f"#id_{roster[3].pk}-category")).to_be_focused()
    assert page.evaluate("window.neverReloaded")
    assert [p.items.get().content for p in Pledge.objects.order_by("member")] == [
        f"{one.name}上门十二次" for one in roster[:3]
    ]
    expect(page.locator(f"#id_{roster[0].pk}-due_1")).to_have_value(f"{due[:4]}-{due[4:6]}-{due[6:]}")
    page.get_by_role("button", name="提交全部").click()
    expect(page.get_by_role("alert")).to_contain_text(f"{NAMES[3]}：还没有填写")
    expect(page.get_by_text("已提交 3 名党员的承诺")).to_be_visible()
    assert Pledge.objects.filter(state="submitted").count() == 3
    axe(page)
    fits(page)


def test_a_network_cut_in_the_middle_loses_nothing(at_the_desk, roster, due, console):
    page = at_the_desk
    console.allow("ERR_INTERNET_DISCONNECTED")
    first, second = roster[:2]
    page.locator(f"#id_{first.pk}-category").focus()
    write_row(page, "读报给邻居听", "多走访", due)
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    expect(status(page, first)).to_contain_text("没有网络")
    write_row(page, "修好楼道灯", "多动手", due)
    page.keyboard.press("Enter")
    expect(status(page, second)).to_contain_text("没有网络")
    page.get_by_role("button", name="提交全部").click()
    expect(page.locator("[data-all-status]")).to_contain_text("没有网络")
    assert not Pledge.objects.exists()
    page.context.set_offline(False)
    for one in (first, second):
        expect(status(page, one)).to_contain_text("已保存")
    assert {p.aim for p in Pledge.objects.all()} == {"多走访", "多动手"}
    assert page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('cx-entry:'))") == []


def test_what_was_typed_offline_is_there_for_its_writer_when_the_page_is_opened_again(
    page, sign_in, person, chain, roster, due, console
):
    one, address = roster[0], reverse("pledges:entry", args=[chain["branch"].pk])
    console.allow("ERR_FAILED")
    sign_in(page, person("liaison", "branch"))
    page.goto(address)
    page.locator(f"#id_{one.pk}-category").focus()
    page.context.route("**/entry/*/", lambda route: route.abort())  # also what leaves with the page
    write_row(page, "读报给邻居听", "多走访", due)
    page.keyboard.press("Enter")
    expect(status(page, one)).to_contain_text("没有网络")
    page.goto("about:blank")
    page.context.clear_cookies()
    page.context.unroute("**/entry/*/")
    sign_in(page, person("secretary", "branch"))  # on the same computer
    page.goto(address)
    expect(page.locator(f"#id_{one.pk}-aim")).to_have_value("")
    page.context.clear_cookies()
    sign_in(page, person("liaison", "branch"))
    page.goto(address)
    expect(status(page, one)).to_contain_text("已保存")
    assert pledge_of(one).aim == "多走访"


def test_a_wrong_box_and_a_row_saved_by_somebody_else_ask(
    page, sign_in, person, chain, phase, roster, axe, fits
):
    one, other = roster[:2]
    sign_in(page, person("liaison", "branch"))
    page.goto(reverse("pledges:entry", args=[chain["branch"].pk]))
    entered(one, phase, person("secretary", "branch"))
    page.locator(f"#id_{one.pk}-aim").fill("我写的方向")
    page.keyboard.press("Enter")
    expect(line(page, one)).to_contain_text("别的同志保存过这一行")
    expect(line(page, one)).to_contain_text("努力方向：窗口服务零差错")
    page.locator(f"#id_{other.pk}-due_1").fill("明年底")
    page.keyboard.press("Enter")
    expect(line(page, other)).to_contain_text("不是能识别的日期")
    expect(page.locator(f"#id_{other.pk}-due_1")).to_have_value("明年底")
    axe(page)
    fits(page)
    line(page, one).get_by_role("button", name="用我写的").click()
    expect(status(page, one)).to_contain_text("已保存")
    assert pledge_of(one).aim == "我写的方向"


def test_a_member_files_their_own(screen, sign_in, roster, phase, due, axe, fits):
    one = roster[0]
    one.user = User.objects.create_user("xiaolan", name=one.name, password="Test-pass-1")
    one.save()
    page = screen
    sign_in(page, one.user)
    page.goto(reverse("portal:desk"))
    page.get_by_role("link", name="我的党员承诺").click()
    expect(page.get_by_role("button", name="开始填写")).to_be_visible()
    for check in (axe, fits):
        check(page)
    page.get_by_role("button", name="开始填写").click()
    expect(page.get_by_label("努力方向")).to_be_visible()
    for check in (axe, fits):
        check(page)
    page.get_by_label("类别3").check()
    page.get_by_label("努力方向").fill("窗口零差错")
    page.get_by_label("具体打算").fill("全年上门十二次")
    page.get_by_label("完成时限").fill(f"{due[:4]}-{due[4:6]}-{due[6:]}")
    page.get_by_role("button", name="保存并提交审定").click()
    expect(page.get_by_text("已提交，等待审定")).to_be_visible()
    for check in (axe, fits):
        check(page)
    assert pledge_of(one).state == "submitted"
    assert pledge_of(one).hands == [one.user_id]
