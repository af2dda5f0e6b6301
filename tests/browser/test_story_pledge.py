"""The story of a pledge, told in a real browser: filed, returned, corrected, approved, published, read."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from campaigns.models import Phase, Subject
from pledges import services
from pledges.models import DraftBuffer, Pledge, Publication

pytestmark = pytest.mark.django_db(transaction=True)
LONG = "建立党员责任区，把群众反映的每一件事都登记、答复、公布"


@pytest.fixture
def cast(chain, person, campaign):
    """Who takes part. The phase surrounds today, whenever that is."""
    year = dt.date.today().year  # noqa: DTZ011 -- the browser's own calendar
    Phase.objects.exclude(number=1).delete()
    Phase.objects.update(starts_on=dt.date(year - 1, 1, 1), ends_on=None)
    return {
        "secretary": person("secretary", "branch"),
        "liaison": person("liaison", "branch"),
        "superior": person("secretary", "general"),
        "director": person("office_director", "city"),
        "office": person("office", "city"),
        "due": f"{year + 1}-06-20",
    }


@pytest.fixture
def look(axe, fits):
    """Every page of the story is looked at: accessible, and no wider than the screen."""

    def check(page):
        axe(page)
        fits(page)

    return check


def sign_in_as(page, sign_in, user):
    page.context.clear_cookies()
    sign_in(page, user)


def fill_item(page, number, cast, content):
    box = page.get_by_role("group", name=f"第{number}项")
    box.get_by_label("承诺内容").fill(content)
    box.get_by_label("践诺措施").fill("每月第一个星期五到企业，结果公布")
    box.get_by_label("责任人").fill("沈明")
    box.get_by_label("完成时限").fill(cast["due"])
    return box


def test_a_pledge_from_draft_to_the_phone_of_a_visitor(screen, phone, cast, sign_in, look):
    page = screen
    # the branch's secretary files it
    sign_in_as(page, sign_in, cast["secretary"])
    page.goto(reverse("pledges:index"))
    look(page)
    page.get_by_role("link", name="起草承诺").first.click()
    expect(page.get_by_role("button", name="开始起草")).to_be_visible()
    look(page)
    page.get_by_role("button", name="开始起草").click()
    expect(page.get_by_role("heading", name="起草承诺")).to_be_visible()
    page.get_by_label("承诺主题").fill(LONG)
    page.get_by_label("向群众").check()
    fill_item(page, 1, cast, "全年上门办税十二次")
    page.get_by_role("button", name="添加一项").click()
    expect(page.get_by_role("group", name="第2项").get_by_label("承诺内容")).to_be_focused()
    fill_item(page, 2, cast, "公布窗口等候时间")
    page.get_by_role("button", name="保存并提交审定").click()
    expect(page.get_by_role("alert")).to_contain_text("请选择承诺类别")
    look(page)
    page.get_by_label("类别3").check()
    page.get_by_role("button", name="保存并提交审定").click()
    expect(page.get_by_text("已提交，等待上级党组织审定")).to_be_visible()
    look(page)
    pledge = Pledge.objects.get()

    # the superior's secretary returns it, with reasons
    sign_in_as(page, sign_in, cast["superior"])
    page.goto(reverse("pledges:index"))
    page.get_by_role("link", name=LONG).click()
    page.get_by_role("link", name="逐项审定").click()
    one, two = (page.get_by_role("group", name=f"对第{n}项的审定意见") for n in (1, 2))
    one.get_by_label("通过").check()
    two.get_by_label("退回", exact=True).check()
    two.get_by_label("具体可行、可考核").check()
    two.get_by_label("退回理由").fill("写明多久公布一次")
    look(page)
    page.get_by_role("button", name="提交审定意见").click()
    expect(page.get_by_text("退回的项连同意见已交回修改")).to_be_visible()

    # the secretary corrects and resubmits
    sign_in_as(page, sign_in, cast["secretary"])
    page.goto(pledge.get_absolute_url())
    look(page)
    page.get_by_role("link", name="修改", exact=True).click()
    expect(page.get_by_text("写明多久公布一次")).to_be_visible()
    look(page)
    page.get_by_role("group", name="第2项").get_by_label("承诺内容").fill("每月公布一次窗口等候时间")
    page.get_by_role("button", name="保存并提交审定").click()
    expect(page.get_by_text("已提交，等待上级党组织审定")).to_be_visible()

    # approved
    sign_in_as(page, sign_in, cast["superior"])
    page.goto(pledge.get_absolute_url())
    page.get_by_role("link", name="审定通过").click()
    expect(page.get_by_role("dialog", name="审定通过")).to_be_visible()
    look(page)
    page.get_by_role("button", name="确定审定通过").click()
    expect(page.get_by_text("已审定通过，等待报送单位申请公开")).to_be_visible()

    # proposed, cleared by the office, and published by its director
    sign_in_as(page, sign_in, cast["secretary"])
    page.goto(pledge.get_absolute_url())
    page.get_by_role("link", name="申请公开").click()
    expect(page.get_by_role("dialog", name="申请公开")).to_be_visible()
    look(page)
    page.get_by_role("button", name="确定申请公开").click()
    expect(page.get_by_text("已申请公开")).to_be_visible()
    sign_in_as(page, sign_in, cast["office"])
    page.goto(pledge.get_absolute_url())
    page.get_by_role("link", name="保密审查通过").click()
    expect(page.get_by_role("dialog", name="保密审查通过")).to_be_visible()
    look(page)
    page.get_by_role("button", name="确定保密审查通过").click()
    expect(page.get_by_text("保密审查已通过，等待公开审批")).to_be_visible()
    sign_in_as(page, sign_in, cast["director"])
    page.goto(reverse("pledges:index"))
    page.get_by_role("link", name=LONG).click()
    page.get_by_role("link", name="批准公开").click()
    expect(page.get_by_role("dialog", name="批准公开")).to_be_visible()
    look(page)
    page.get_by_role("button", name="确定批准公开").click()
    expect(page.get_by_text("已批准公开")).to_be_visible()
    look(page)
    page.goto(reverse("pledges:published"))
    look(page)

    # anyone reads it on the phone
    phone.goto(reverse("pledges:public_list") + "?q=等候时间")
    look(phone)
    phone.get_by_role("link", name=LONG).click()
    expect(phone.get_by_text("每月公布一次窗口等候时间")).to_be_visible()
    expect(phone.get_by_text("写明多久公布一次")).not_to_be_visible()
    look(phone)

    # taken down: the address says so
    page.goto(pledge.get_absolute_url())
    page.get_by_role("link", name="撤下公开").click()
    page.get_by_label("理由").fill("数字有误")
    page.get_by_role("button", name="确定撤下公开").click()
    expect(page.get_by_text("已撤下，公开页面不再显示")).to_be_visible()


def test_gone_is_a_page_too(page, phone, cast, chain, console, look):
    published(cast, chain)
    services.withdraw(Pledge.objects.get(), by=cast["director"], reason="数字有误")
    console.allow("status of 410")
    for visitor in (page, phone):
        visitor.goto(Publication.objects.get().get_absolute_url())
        expect(visitor.get_by_role("heading", name="这份承诺已撤下")).to_be_visible()
        look(visitor)
        visitor.goto(reverse("pledges:public_list"))
        look(visitor)


def complete(cast, chain):
    pledge = services.create_draft(chain["branch"], Phase.objects.get(), by=cast["secretary"])
    rubric = Phase.objects.get().campaign.rubric.filter(subject=Subject.ORGANIZATION)
    item = {"key": "a" * 12, "content": "全年上门办税十二次", "measures": "每月一次", "responsible": "沈明"}
    item |= {"due_on": cast["due"], "baseline": "", "target": "", "unit": ""}
    text = {
        "title": LONG,
        "category": rubric.first().pk,
        "directions": ["masses"],
        "aim": "",
        "items": [item],
    }
    return services.save(pledge, text, version=1, by=cast["secretary"]), text


def published(cast, chain):
    pledge, _ = complete(cast, chain)
    services.submit(pledge, by=cast["secretary"])
    services.approve(pledge, by=cast["superior"])
    services.propose(pledge, by=cast["secretary"], scope="outside")
    services.clear(pledge, by=cast["office"])
    services.publish(pledge, by=cast["director"])


def test_a_step_is_taken_in_a_dialog(screen, cast, chain, sign_in, look, console):
    page = screen
    console.allow("ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest")
    pledge, _ = complete(cast, chain)
    services.submit(pledge, by=cast["secretary"])
    sign_in(page, cast["superior"])
    page.goto(pledge.get_absolute_url())
    link, dialog = page.get_by_role("link", name="退回修改"), page.get_by_role("dialog", name="退回修改")
    link.click()
    expect(dialog.get_by_role("heading", name="退回修改")).to_be_focused()
    look(page)
    dialog.get_by_label("退回理由").fill("写明到哪些企业")
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    expect(link).to_be_focused()

    # closed by mistake: what was typed is still there; refused: the dialog says why and keeps it too
    link.click()
    expect(dialog.get_by_label("退回理由")).to_have_value("写明到哪些企业")
    dialog.get_by_label("联系岗位职责").check()
    dialog.get_by_label("退回理由").fill("")
    dialog.get_by_role("button", name="确定退回修改").click()
    expect(dialog.get_by_role("alert")).to_be_focused()
    expect(dialog.get_by_role("alert")).to_contain_text("请写明退回的理由")
    expect(dialog.get_by_label("联系岗位职责")).to_be_checked()
    look(page)
    page.context.set_offline(True)
    dialog.get_by_label("退回理由").fill("还不够具体。")
    dialog.get_by_role("button", name="确定退回修改").click()
    expect(dialog.get_by_text("没有连上服务器")).to_be_visible()
    page.context.set_offline(False)
    dialog.get_by_role("button", name="确定退回修改").click()
    expect(page.get_by_text("已退回，报送单位会看到您的意见")).to_be_visible()
    assert Pledge.objects.get().return_reason == "还不够具体。"


def test_every_step_opens_its_dialog(screen, cast, chain, sign_in, look):
    page = screen
    pledge, _ = complete(cast, chain)
    story = [
        ("secretary", "提交审定", None),
        ("superior", "审定通过", None),
        ("secretary", "申请公开", None),
        ("office", "保密审查不通过", "有联系人的手机号"),
        ("secretary", "申请公开", None),
        ("office", "保密审查通过", None),
        ("director", "不予公开", "内容重复"),
        ("secretary", "申请公开", None),
        ("office", "保密审查通过", None),
        ("director", "批准公开", None),
        ("director", "撤下公开", "数字有误"),
        ("secretary", "收回修改", "要更正"),
    ]
    for who, label, reason in story:
        sign_in_as(page, sign_in, cast[who])
        page.goto(pledge.get_absolute_url())
        page.get_by_role("link", name=label).click()
        dialog = page.get_by_role("dialog", name=label)
        expect(dialog.get_by_role("heading", name=label)).to_be_focused()
        if reason:
            dialog.get_by_label("理由").fill(reason)
        look(page)
        dialog.get_by_role("button", name=f"确定{label}").click()
        expect(dialog).not_to_be_visible()
    assert Pledge.objects.get().state == "returned"


def test_the_dialog_says_that_somebody_was_faster(page, cast, chain, sign_in, look):
    pledge, _ = complete(cast, chain)
    services.submit(pledge, by=cast["secretary"])
    sign_in(page, cast["superior"])
    page.goto(pledge.get_absolute_url())
    page.get_by_role("link", name="退回修改").click()
    page.get_by_label("退回理由").fill("还不够具体。")
    services.recall(pledge, by=cast["secretary"], reason="时限要改")
    page.get_by_role("button", name="确定退回修改").click()
    dialog = page.get_by_role("dialog", name="退回修改")
    expect(dialog).to_contain_text("已于")
    expect(dialog).to_contain_text("还不够具体。")
    look(page)
    dialog.get_by_role("link", name="看最新情况").click()
    expect(page.get_by_text("待修改").first).to_be_visible()


def test_the_text_of_a_dialog_outlives_the_session(page, cast, chain, sign_in, console):
    console.allow("status of 403", "Response Status Error Code 403")
    pledge, _ = complete(cast, chain)
    services.submit(pledge, by=cast["secretary"])
    sign_in(page, cast["superior"])
    page.goto(pledge.get_absolute_url())
    page.get_by_role("link", name="退回修改").click()
    page.get_by_label("退回理由").fill("还不够具体。")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="确定退回修改").click()
    expect(page.get_by_role("heading", name="您刚才填写的内容")).to_be_visible()
    expect(page.locator("textarea").filter(has_text="还不够具体。")).to_be_visible()


def test_typing_is_kept_while_the_network_is_cut_and_after(page, cast, chain, sign_in, console):
    console.allow("ERR_INTERNET_DISCONNECTED", "Failed to load resource")
    pledge, _ = complete(cast, chain)
    sign_in(page, cast["secretary"])
    page.goto(reverse("pledges:edit", args=[pledge.pk]))
    status = page.locator("[data-autosave-status]")
    page.get_by_label("承诺主题").fill("第一次打字")
    expect(status).to_have_text(re.compile(r"^已于 \d\d:\d\d 自动保存$"), timeout=10_000)
    assert DraftBuffer.objects.get().payload["title"] == "第一次打字"
    page.context.set_offline(True)
    page.get_by_label("承诺主题").fill("断网时打字")
    expect(status).to_have_text("未能保存，正在重试…", timeout=10_000)
    page.get_by_label("承诺主题").fill("断网时又打字")
    page.context.set_offline(False)
    expect(status).to_contain_text("自动保存", timeout=15_000)
    assert DraftBuffer.objects.get().payload["title"] == "断网时又打字"
    page.goto(reverse("pledges:edit", args=[pledge.pk]))
    expect(page.get_by_label("承诺主题")).to_have_value("断网时又打字")
    expect(page.get_by_text("已恢复您在")).to_be_visible()
    assert "打字" not in page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")


def test_typing_survives_the_end_of_the_session(page, cast, chain, sign_in, console):
    console.allow("status of 403", "Failed to load resource")
    pledge, _ = complete(cast, chain)
    sign_in(page, cast["secretary"])
    page.goto(reverse("pledges:edit", args=[pledge.pk]))
    page.context.clear_cookies(name="sessionid")
    page.get_by_label("承诺主题").fill("登录已经过期")
    status = page.locator("[data-autosave-status]")
    expect(status).to_contain_text("登录已过期，文字还在这一页", timeout=10_000)
    with page.context.expect_page() as opened:
        status.get_by_role("link", name="在新窗口登录").click()
    sign_in(opened.value, cast["secretary"])
    opened.value.close()
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(status).to_contain_text("自动保存", timeout=20_000)
    assert DraftBuffer.objects.get().payload["title"] == "登录已经过期"
    page.get_by_role("button", name="保存", exact=True).last.click()
    expect(page.get_by_text("已保存。")).to_be_visible()
    assert Pledge.objects.get().title == "登录已经过期"


def test_two_people_compare_their_texts(screen, cast, chain, sign_in, look):
    page = screen
    pledge, text = complete(cast, chain)
    sign_in(page, cast["secretary"])
    page.goto(reverse("pledges:edit", args=[pledge.pk]))
    services.save(pledge, {**text, "title": "联络员写的主题"}, version=2, by=cast["liaison"])
    page.get_by_label("承诺主题").fill("书记写的主题")
    page.get_by_role("button", name="保存", exact=True).last.click()
    expect(page.get_by_role("heading", name="两人同时修改了这份承诺")).to_be_visible()
    look(page)
    page.get_by_label("联络员写的主题").check()
    page.get_by_role("button", name="按所选保存").click()
    expect(page.get_by_text("两份修改已合并保存")).to_be_visible()
    assert Pledge.objects.get().title == "联络员写的主题"


def take_out_and_back(page):
    page.get_by_role("button", name=re.compile("去掉.*第1项")).click()
    expect(page.get_by_text("已去掉一项：全年上门办税十二次")).to_be_visible()
    expect(page.get_by_role("button", name="撤销")).to_be_focused()
    expect(page.get_by_label("承诺内容")).to_have_value("")
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_label("承诺内容")).to_have_value("全年上门办税十二次")
    expect(page.get_by_label("责任人")).to_have_value("沈明")
    expect(page.get_by_role("button", name="撤销")).to_have_count(0)


def test_an_item_taken_out_by_mistake_is_put_back(screen, cast, chain, sign_in, look):
    page = screen
    pledge, _ = complete(cast, chain)
    sign_in(page, cast["secretary"])
    page.goto(reverse("pledges:edit", args=[pledge.pk]))
    page.get_by_role("group", name="第1项").get_by_label("承诺内容").fill("全年上门办税十二次")
    page.get_by_role("group", name="第1项").get_by_label("责任人").fill("沈明")
    take_out_and_back(page)
    page.get_by_role("button", name=re.compile("去掉.*第1项")).click()
    look(page)


def test_everything_works_without_script(open_page, cast, chain, sign_in):
    page = open_page(java_script_enabled=False)
    sign_in(page, cast["secretary"])
    page.goto(reverse("pledges:new"))
    page.get_by_role("button", name="开始起草").click()
    page.get_by_label("承诺主题").fill("没有脚本")
    page.get_by_label("承诺主题").press("Enter")
    expect(page.get_by_text("已保存。")).to_be_visible()
    page.get_by_label("类别2").check()
    page.get_by_label("向群众").check()
    fill_item(page, 1, cast, "全年上门办税十二次")
    page.get_by_role("button", name="添加一项").click()
    page.get_by_role("button", name=re.compile("去掉.*第2项")).click()
    take_out_and_back(page)
    page.get_by_role("button", name="保存并提交审定").click()
    expect(page.get_by_text("已提交，等待上级党组织审定")).to_be_visible()
    page.get_by_role("link", name="收回修改").click()
    page.get_by_label("理由").fill("时限要改")
    page.get_by_role("button", name="确定收回修改").click()
    expect(page.get_by_text("已收回，可以修改")).to_be_visible()
    assert Pledge.objects.get().state == "returned"
