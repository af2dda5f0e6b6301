"""A member's pledge from the liaison's desk to the public page, and items vetted in bulk, in a real browser."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from campaigns.models import Phase, Subject
from organizations.models import Member
from pledges import services
from pledges.models import Pledge, PledgeItem, Publication
from pledges.texts import blank_text

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(chain, person, campaign):
    """Who takes part. The phase surrounds today, whenever that is."""
    year = dt.date.today().year  # noqa: DTZ011 -- the browser's own calendar
    Phase.objects.exclude(number=1).delete()
    Phase.objects.update(starts_on=dt.date(year - 1, 1, 1), ends_on=None)
    return {
        "liaison": person("liaison", "branch"),
        "deputy": person("deputy_secretary", "branch"),
        "secretary": person("secretary", "branch"),
        "due": f"{year + 1}-06-20",
    }


@pytest.fixture
def entered(cast, chain, campaign):
    """entered("沈清", "…", "…") -> a member's pledge with these items, as the liaison has typed it in."""

    def make(name, *contents):
        member = Member.objects.create(
            organization=chain["branch"],
            name=name,
            sex="f",
            birth_month=dt.date(1980, 8, 1),
            joined_on=dt.date(2001, 7, 1),
        )
        draft = services.create_member_draft(member, Phase.objects.get(), by=cast["liaison"])
        blank = dict.fromkeys(["measures", "responsible", "baseline", "target", "unit"], "")
        items = [
            {"key": f"{n:012x}", "content": content, "due_on": cast["due"], **blank}
            for n, content in enumerate(contents)
        ]
        category = campaign.rubric.filter(subject=Subject.MEMBER).first().pk
        text = blank_text(category=category, directions=["masses"], aim="办事更快", items=items)
        return services.save(draft, text, version=1, by=cast["liaison"])

    return make


@pytest.fixture
def look(axe, fits):
    def check(page):
        axe(page)
        fits(page)

    return check


def sign_in_as(page, sign_in, user):
    page.context.clear_cookies()
    sign_in(page, user)


def test_a_members_pledge_from_entry_to_the_public_page(screen, cast, entered, sign_in, look):
    page = screen
    pledge = entered("沈清", "全年走访困难户十二户，电话13900001234", "为群众多做实事")
    sign_in_as(page, sign_in, cast["liaison"])
    page.goto(pledge.get_absolute_url())
    page.get_by_role("link", name="提交审定").click()
    page.get_by_role("button", name="确定提交审定").click()
    expect(page.get_by_text("已提交，等待审定")).to_be_visible()

    # the deputy: one good, one back with its reason; a wrong click taken back in between
    sign_in_as(page, sign_in, cast["deputy"])
    page.get_by_role("link", name="项党员承诺待审定").click()
    page.wait_for_url("**" + reverse("pledges:vetting") + "*")
    look(page)
    page.get_by_role("link", name="沈清同志的公开承诺", exact=True).click()
    expect(page.get_by_role("heading", name="逐项审定：沈清同志的公开承诺")).to_be_visible()
    look(page)
    one, two = (page.get_by_role("group", name=f"对第{n}项的审定意见") for n in (1, 2))
    one.get_by_label("通过").check()
    two.get_by_label("退回", exact=True).check()
    page.get_by_role("button", name="提交审定意见").click()
    expect(page.get_by_role("alert")).to_contain_text("第2项：请写明退回的理由")
    expect(one.get_by_label("通过")).to_be_checked()
    look(page)
    two.get_by_label("退回理由").fill("写明做多少、何时做到")
    two.get_by_label("具体可行、可考核").check()
    page.get_by_role("button", name="提交审定意见").click()
    expect(page.get_by_text("已审定完毕，退回的项连同意见已交回修改")).to_be_visible()
    page.get_by_role("link", name="撤回审定意见").click()
    page.get_by_role("button", name="确定撤回审定意见").click()
    expect(page.get_by_text("已撤回审定意见，请重新审定")).to_be_visible()
    page.get_by_role("link", name="逐项审定", exact=True).click()
    two.get_by_label("退回", exact=True).check()
    two.get_by_label("退回理由").fill("写明做多少、何时做到")
    page.get_by_role("button", name="提交审定意见").click()
    expect(page.get_by_text("已审定 1 项，其余各项还在等您审定")).to_be_visible()
    look(page)
    page.get_by_role("button", name=re.compile("重新审定.*第2项")).click()
    expect(page.get_by_text("第2项已回到待审")).to_be_visible()
    page.get_by_role("button", name="全部通过").click()
    expect(page.get_by_text("各项都已通过")).to_be_visible()

    # proposed by the liaison, reviewed by the deputy, published by the secretary
    sign_in_as(page, sign_in, cast["liaison"])
    page.get_by_role("link", name="1 份已审定的党员承诺可以申请公开").click()
    page.wait_for_url("**" + reverse("pledges:publication_batches") + "**")
    look(page)
    page.get_by_role("button", name="全部勾选").click()
    page.get_by_role("button", name="申请公开勾选的").click()
    expect(page.get_by_text("已申请公开，等待保密审查（1 份）")).to_be_visible()
    look(page)
    sign_in_as(page, sign_in, cast["deputy"])
    page.get_by_role("link", name="1 份党员承诺待保密审查").click()
    page.wait_for_url("**" + reverse("pledges:publication_batches") + "**")
    look(page)
    page.get_by_label("沈清同志的公开承诺").check()
    page.get_by_role("button", name="通过勾选的各份").click()
    expect(page.get_by_text("保密审查已通过")).to_be_visible()
    sign_in_as(page, sign_in, cast["secretary"])
    page.get_by_role("link", name="1 份党员承诺待批准公开").click()
    page.get_by_label("沈清同志的公开承诺").check()
    page.get_by_role("button", name="公开勾选的").click()
    expect(page.get_by_role("alert")).to_contain_text("先看过遮蔽以后的样子")
    expect(page.get_by_label("沈清同志的公开承诺")).to_be_checked()
    look(page)
    page.get_by_label("已看过遮蔽的号码").check()
    page.get_by_role("button", name="公开勾选的").click()
    expect(page.get_by_text("已公开（1 份）")).to_be_visible()
    page.context.clear_cookies()
    page.goto(Publication.objects.get().get_absolute_url())
    expect(page.get_by_text("139****1234")).to_be_visible()
    expect(page.get_by_text("13900001234")).to_have_count(0)


def test_many_are_vetted_in_one_list(screen, cast, entered, sign_in, look):
    page = screen
    firsts = {"沈清": "全年走访困难户十二户", "陆平": "每月义务理发1次", "顾明": "修好楼道路灯8盏"}
    for name, first in firsts.items():
        entered(name, first, "努力提高服务水平")
    services.submit_all(Pledge.objects.all(), by=cast["liaison"])
    sign_in_as(page, sign_in, cast["deputy"])
    page.goto(reverse("pledges:vetting"))
    link, dialog = page.get_by_role("link", name="退回 沈清同志的公开承诺第2项"), page.get_by_role("dialog")
    link.click()
    expect(dialog.get_by_role("heading", name="退回第2项")).to_be_focused()
    look(page)
    dialog.get_by_role("button", name="确定退回这一项").click()
    expect(dialog.get_by_role("alert")).to_contain_text("请写明退回的理由")
    dialog.get_by_label("退回理由").fill("写明做哪件事")
    dialog.get_by_role("button", name="确定退回这一项").click()
    expect(page.get_by_text("沈清同志的公开承诺第2项已退回")).to_be_visible()
    page.get_by_role("button", name="勾选没有提示的各项").click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(3)
    look(page)
    services.vet_all(PledgeItem.objects.filter(pledge__member__name="陆平"), "approve", by=cast["secretary"])
    page.get_by_role("button", name="通过勾选的各项").click()
    expect(page.get_by_role("alert")).to_contain_text("已通过 2 项，另外 1 项没有办")
    expect(page.get_by_role("alert")).to_contain_text("陆平同志的公开承诺 第1项：已经通过，不用再办")
    look(page)
    assert Pledge.objects.get(member__name="沈清").state == "returned"


def test_vetting_works_without_script(open_page, cast, entered, sign_in):
    page = open_page(java_script_enabled=False)
    pledge = entered("沈清", "全年走访困难户十二户", "努力提高服务水平")
    services.submit(pledge, by=cast["liaison"])
    sign_in(page, cast["deputy"])
    page.goto(reverse("pledges:vetting"))
    page.get_by_role("link", name="退回 沈清同志的公开承诺第2项").click()
    page.get_by_label("退回理由").fill("写明做哪件事")
    page.get_by_role("button", name="确定退回这一项").click()
    expect(page.get_by_text("沈清同志的公开承诺第2项已退回")).to_be_visible()
    page.goto(reverse("pledges:vet", args=[pledge.pk]))
    page.get_by_role("button", name=re.compile("全部通过")).click()
    assert Pledge.objects.get().state == "returned"
