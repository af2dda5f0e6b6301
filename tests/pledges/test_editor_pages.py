"""Writing a pledge in the browser, without script."""

import re

import pytest
from django.urls import reverse

from common.models import Event
from pledges import services
from pledges.models import Pledge
from tests.pledges.conftest import item, saved_text
from tests.pledges.pages import edit_url, posted, step_url


def test_a_new_pledge_is_one_click_and_two_clicks_are_one_draft(here, person, chain, phase):
    browser = here(person("secretary", "branch"))
    assert "财政所" in browser.get(reverse("pledges:new")).content.decode()
    first = browser.post(reverse("pledges:new"), {"organization": chain["branch"].pk})
    again = browser.post(reverse("pledges:new"), {"organization": chain["branch"].pk})
    assert first.url == again.url == edit_url(Pledge.objects.get())
    assert browser.delete(reverse("pledges:new")).status_code == 405


def test_an_organization_of_others_cannot_be_drafted_for(here, person, chain, phase):
    browser = here(person("secretary", "branch"))
    refused = browser.post(reverse("pledges:new"), {"organization": chain["sibling"].pk})
    assert refused.status_code == 422
    assert not Pledge.objects.exists()


def test_without_a_running_phase_the_page_says_so(here, person, chain):
    assert (
        "没有进行中的时段" in here(person("secretary", "branch")).get(reverse("pledges:new")).content.decode()
    )


def test_the_campaign_says_over_the_form_how_a_pledge_is_written(here, person, draft, campaign):
    campaign.texts = {"pledge_intro": "先听窗口前排队的人怎么说。"}
    campaign.save(update_fields=["texts"])
    shown = here(person("secretary", "branch")).get(edit_url(draft)).content.decode()
    assert "先听窗口前排队的人怎么说。" in shown


def test_saving_keeps_every_field(here, person, draft, text):
    items = [item(baseline="3", target="12", unit="次"), item("b" * 12, content="公布等候时间")]
    new = text(title="改过的主题", directions=["superior", "masses"], items=items)
    answer = here(person("liaison", "branch")).post(edit_url(draft), posted(new, draft.version))
    assert answer.url == edit_url(draft)
    assert saved_text(draft) == new


def test_a_row_is_added_and_removed_without_script_and_nothing_typed_is_lost(here, person, draft, text):
    browser = here(person("secretary", "branch"))
    typed = text(title="还没有保存")
    page = browser.post(edit_url(draft), posted(typed, draft.version, do="add"))
    assert [form.number for form in page.context["editor"].items] == [1, 2]
    assert "还没有保存" in page.content.decode()
    key = page.context["editor"].items[1].prefix
    written = re.findall(r"<textarea[^>]* autofocus[^>]*>", page.content.decode())
    assert len(written) == 1  # one writes on where one asked for it
    assert f'name="{key}-content"' in written[0]
    typed["items"].append(item(key, content="新的一项"))
    page = browser.post(edit_url(draft), posted(typed, draft.version, do=f"remove:{'a' * 12}"))
    assert [form.prefix for form in page.context["editor"].items] == [key]
    again = browser.get(edit_url(draft)).content.decode()
    assert "新的一项" in again
    assert "已恢复您在" in again
    assert saved_text(draft)["title"] == "财政窗口十五分钟办结"


def carried(page):
    """What was taken out, as the page sends it on."""
    fields = [field for item in page.context["removed"] for field in item.items()]
    keys = [text for name, text in fields if name == "key"]
    data = {f"{item['key']}-{name}": text for item in page.context["removed"] for name, text in item.items()}
    assert all(
        f'name="{name}" value="{text}"' in page.content.decode()
        for name, text in data.items()
        if name[13:] != "key"
    )
    return data | {"removed": keys}


def test_what_was_taken_out_can_be_put_back_in_its_place(here, person, draft, text):
    browser = here(person("secretary", "branch"))
    first, second, third = (item(c * 12, content=f"第{c}件\n“换行”") for c in "abc")
    page = browser.post(
        edit_url(draft), posted(text(items=[first, second, third]), draft.version, do=f"remove:{'b' * 12}")
    )
    assert [form.prefix for form in page.context["editor"].items] == ["a" * 12, "c" * 12]
    assert "已去掉一项：第b件" in page.content.decode()
    left = text(items=[first, third])
    page = browser.post(
        edit_url(draft), posted(left, draft.version, do=f"remove:{'a' * 12}", **carried(page))
    )
    page = browser.post(
        edit_url(draft), posted(text(items=[third]), draft.version, do=f"restore:{'b' * 12}", **carried(page))
    )
    kept = draft.buffers.get().payload["items"]
    assert [each["key"] for each in kept] == ["c" * 12, "b" * 12]
    assert kept[1] == second
    assert [each["key"] for each in page.context["removed"]] == ["a" * 12]
    page = browser.post(edit_url(draft), posted(text(items=[third, second]), draft.version, **carried(page)))
    assert page.status_code == 302  # saved: the page is left, and what was taken out with it
    assert "撤销" not in browser.get(edit_url(draft)).content.decode()


def test_what_was_taken_out_is_still_there_after_a_refused_save(here, person, draft, text):
    browser = here(person("secretary", "branch"))
    typed = text(items=[item(), item("b" * 12, content="第二件")])
    page = browser.post(edit_url(draft), posted(typed, draft.version, do=f"remove:{'b' * 12}"))
    refused = text(items=[item(due_on="年底前")])
    page = browser.post(edit_url(draft), posted(refused, draft.version, **carried(page)))
    assert page.status_code == 422
    assert f'value="restore:{"b" * 12}"' in page.content.decode()


def test_the_only_item_comes_back_without_the_empty_row_in_its_place(here, person, draft, text):
    browser = here(person("secretary", "branch"))
    page = browser.post(edit_url(draft), posted(text(), draft.version, do=f"remove:{'a' * 12}"))
    blank = page.context["editor"].items[0].prefix
    empty = text(items=[{**dict.fromkeys(item(), ""), "key": blank}])
    page = browser.post(
        edit_url(draft), posted(empty, draft.version, do=f"restore:{'a' * 12}", **carried(page))
    )
    assert [form.prefix for form in page.context["editor"].items] == ["a" * 12]


def test_an_empty_item_goes_at_once(here, person, draft, text):
    typed = text(items=[item(), {**dict.fromkeys(item(), " "), "key": "b" * 12}])
    page = here(person("secretary", "branch")).post(
        edit_url(draft), posted(typed, draft.version, do=f"remove:{'b' * 12}")
    )
    assert page.context["removed"] == []


@pytest.mark.parametrize("at", ["", "-1", "99", "9", "x"])
def test_a_broken_place_puts_it_at_the_end(here, person, draft, text, at):
    back = {f"{'b' * 12}-content": "第二件", f"{'b' * 12}-at": at, "removed": ["b" * 12, "<x>"]}
    page = here(person("secretary", "branch")).post(
        edit_url(draft), posted(text(), draft.version, do=f"restore:{'b' * 12}", **back)
    )
    assert [form.prefix for form in page.context["editor"].items] == ["a" * 12, "b" * 12]


def test_nothing_is_put_back_beyond_ten_or_twice(here, person, draft, text):
    full = text(items=[item(f"{n:012x}") for n in range(10)])
    back = {f"{'b' * 12}-content": "第十一件", "removed": ["b" * 12]}
    browser = here(person("secretary", "branch"))
    page = browser.post(edit_url(draft), posted(full, draft.version, do=f"restore:{'b' * 12}", **back))
    assert len(page.context["editor"].items) == 10
    assert "再去掉一项后可以撤销" in page.content.decode()
    page = browser.post(
        edit_url(draft), posted(text(), draft.version, do=f"restore:{'a' * 12}", removed=["a" * 12])
    )
    assert [form.prefix for form in page.context["editor"].items] == ["a" * 12]


def test_dates_are_read_as_people_write_them(here, person, draft, text):
    browser = here(person("secretary", "branch"))
    for version, written in enumerate(["2010年12月1日", "2010.12.2", "２０１０／１２／３", "2010-12-04"], 2):
        browser.post(edit_url(draft), posted(text(items=[item(due_on=written)]), version))
        assert saved_text(draft)["items"][0]["due_on"] == f"2010-12-0{version - 1}"
    page = browser.post(edit_url(draft), posted(text(items=[item(due_on="年底前")]), 6))
    assert page.status_code == 422
    assert "2010年12月20日" in page.content.decode()
    assert "年底前" in page.content.decode()


def test_too_long_a_text_is_refused_with_the_text_kept(here, person, draft, text):
    long = "长" * 301
    answer = here(person("secretary", "branch")).post(
        edit_url(draft), posted(text(items=[item(content=long)]), draft.version)
    )
    assert answer.status_code == 422
    assert long in answer.content.decode()
    assert draft.buffers.get().payload["items"][0]["content"] == long


def test_filing_an_incomplete_pledge_names_every_problem(here, person, draft, text):
    bare = text(
        title="",
        category=None,
        directions=[],
        items=[item(measures="", due_on="2009-01-01"), item("b" * 12, responsible="")],
    )
    page = here(person("secretary", "branch")).post(edit_url(draft), posted(bare, draft.version, do="submit"))
    assert page.status_code == 422
    shown = page.content.decode()
    for said in ["请填写承诺主题", "请选择承诺类别", "请选择承诺对象", "第1项：请写明践诺措施"]:
        assert said in shown
    assert "第1项：完成时限早于本时段" in shown
    assert "第2项：请写明责任人" in shown
    assert f'href="#id_{"b" * 12}-responsible"' in shown
    assert Pledge.objects.get().state == "draft"


def test_filing_from_the_page_leads_to_what_is_missing(here, person, chain, phase):
    secretary = person("secretary", "branch")
    pledge = services.create_draft(chain["branch"], phase, by=secretary)
    answer = here(secretary).post(step_url(pledge, "submit"), follow=True)
    assert "请填写承诺主题" in answer.content.decode()
    assert Pledge.objects.get().state == "draft"


def test_saving_and_filing_at_once(here, person, draft, text):
    answer = here(person("secretary", "branch")).post(
        edit_url(draft), posted(text(), draft.version, do="submit")
    )
    assert answer.url == draft.get_absolute_url()
    assert Pledge.objects.get().state == "submitted"


def test_a_filed_pledge_has_no_editor(here, person, draft):
    secretary = person("secretary", "branch")
    services.submit(draft, by=secretary)
    assert here(secretary).get(edit_url(draft)).url == draft.get_absolute_url()


def test_a_superior_reads_and_does_not_write(here, person, draft, text):
    services.submit(draft, by=person("secretary", "branch"))
    browser = here(person("secretary", "general"))
    assert browser.get(draft.get_absolute_url()).status_code == 200
    assert browser.get(edit_url(draft)).status_code == 403
    assert browser.post(edit_url(draft), posted(text(title="改掉"), 2)).status_code == 403
    assert browser.post(reverse("pledges:autosave", args=[draft.pk]), {}).status_code == 403
    assert browser.post(reverse("pledges:copy", args=[draft.pk])).status_code == 403
    assert Pledge.objects.get().title == "财政窗口十五分钟办结"


@pytest.mark.parametrize("name", ["detail", "edit", "autosave", "resolve", "copy", "discard"])
def test_others_learn_nothing(name, here, person, draft):
    url = reverse(f"pledges:{name}", args=[draft.pk])
    for post, place in [("secretary", "sibling"), ("secretary", "neighbour"), ("secretary", "general")]:
        browser, events = here(person(post, place)), Event.objects.about(draft).count()
        assert browser.get(url).status_code in {404, 405}
        assert browser.post(url, {"version": 1}).status_code in {404, 405}
        assert Event.objects.about(draft).count() == events


def test_copying_takes_the_text_and_leaves_the_dates(here, person, published):
    answer = here(person("liaison", "branch")).post(reverse("pledges:copy", args=[published.pk]))
    copied = Pledge.objects.exclude(pk=published.pk).get()
    assert answer.url == edit_url(copied)
    assert (copied.title, copied.state, copied.category) == (published.title, "draft", published.category)
    assert saved_text(copied)["items"][0]["due_on"] == ""
    assert saved_text(copied)["items"][0]["key"] != "a" * 12


def test_a_draft_is_discarded_and_a_filed_pledge_is_not(here, person, draft, text):
    browser = here(person("secretary", "branch"))
    services.submit(draft, by=person("secretary", "branch"))
    services.return_(draft, by=person("secretary", "general"), reason="重写")
    page = browser.post(reverse("pledges:discard", args=[draft.pk]), follow=True)
    assert "不能删除" in page.content.decode()
    Pledge.objects.update(state="draft")
    browser.post(reverse("pledges:discard", args=[draft.pk]))
    assert not Pledge.objects.exists()
    assert Event.objects.get(kind="pledge.discard").before["title"] == "财政窗口十五分钟办结"
