"""The pages of the desk, as each person meets them."""

import re

import pytest
from django.urls import reverse

from common.models import Event
from common.paging import counts_by
from notifications.models import Notice
from notifications.services import notify
from organizations.services import appoint
from pledges import services
from pledges.models import Pledge, Publication
from pledges.texts import flatten
from tests.pledges.conftest import item, saved_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(client):
    """here(user) -> a browser signed in as this person."""

    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


def posted(text, version, do="save", **more):
    """The editor's form as a browser sends it."""
    data = {"title": text["title"], "category": text["category"] or "", "directions": text["directions"]}
    data["item"] = [each["key"] for each in text["items"]]
    data |= {k.replace(".", "-"): v for k, v in flatten(text).items() if "." in k}
    return {**data, "version": version, "do": do, **more}


def edit_url(pledge):
    return reverse("pledges:edit", args=[pledge.pk])


def step_url(pledge, verb):
    return reverse("pledges:step", args=[pledge.pk, verb])


# -- the list ------------------------------------------------------------------------------


def listed(response):
    return [pledge.pk for pledge in response.context["page"].rows]


def test_everybody_sees_their_own_list(here, person, draft):
    assert listed(here(person("secretary", "branch")).get(reverse("pledges:index"))) == [draft.pk]
    for post, place in [("secretary", "general"), ("secretary", "sibling"), ("office", "city")]:
        assert listed(here(person(post, place)).get(reverse("pledges:index"))) == []
    services.submit(draft, by=person("secretary", "branch"))
    assert listed(here(person("secretary", "general")).get(reverse("pledges:index"))) == [draft.pk]
    assert listed(here(person("secretary", "neighbour")).get(reverse("pledges:index"))) == []


def test_the_list_opens_on_what_waits_for_me(here, person, draft):
    services.submit(draft, by=person("secretary", "branch"))
    page = here(person("secretary", "general")).get(reverse("pledges:index"))
    assert page.context["state"] == "todo"
    page = here(person("secretary", "branch")).get(reverse("pledges:index"))
    assert page.context["state"] == ""


def test_what_waits_is_exactly_where_a_button_is(person, pledge_in, chain):
    """waiting_for repeats the guards as a filter: row answer = table answer."""
    from pledges import queries
    from pledges.flow import ORGANIZATION_FLOW, PledgeState

    both = person("secretary", "branch")
    appoint(user=both, post="secretary", organization=chain["general"])
    people = [
        ("secretary", "branch"),
        ("office_director", "city"),
        ("secretary", "city"),
        ("secretary", "sibling"),
        ("liaison", "branch"),
    ]
    for state in PledgeState.values:
        pledge = pledge_in(state)
        for who in people:
            user = person(*who)
            due = {name for name, states in queries.DUTIES.items() if state in states}
            buttons = {step.name for step in ORGANIZATION_FLOW.open_to(user, pledge)} & due
            expected = bool(buttons) or (who == ("liaison", "branch") and pledge.is_editable)
            found = Pledge.objects.filter(queries.waiting_for(user)).exists()
            assert found == expected, (state, who)


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_at_any_length(
    number, here, person, chain, phase, text, django_assert_num_queries
):
    author = person("secretary", "branch")
    for n in range(number):
        pledge = services.create_draft(chain["branch"], phase, by=author)
        services.save(pledge, text(title=f"承诺{n}"), version=1, by=author)
    browser = here(person("secretary", "branch"))
    # session, user, posts · categories, phases · counts, states, page · may draft · unread notices
    with django_assert_num_queries(10):
        page = browser.get(reverse("pledges:index"))
    assert len(listed(page)) == number


def test_filters_narrow_and_an_unknown_organization_is_told(here, person, draft, chain):
    browser = here(person("secretary", "branch"))

    def found(**query):
        return listed(browser.get(reverse("pledges:index"), {"state": "", **query}))

    assert found(q="办结") == [draft.pk]
    assert found(q="植树") == []
    assert found(organization=chain["branch"].pk) == [draft.pk]
    assert found(organization=chain["sibling"].pk) == []
    assert found(organization_q="财政所") == [draft.pk]
    assert found(category="类别1") == [draft.pk]
    assert found(category="类别2") == []
    assert found(category="没有这一类", phase="x", before="x") == [draft.pk]
    page = browser.get(reverse("pledges:index"), {"organization_q": "没有这个组织"})
    assert listed(page) == []
    assert "没有找到" in page.content.decode()


# -- writing ----------------------------------------------------------------------------------


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


# -- the steps --------------------------------------------------------------------------------


def test_the_return_form_carries_check_list_and_reason_to_the_writer(here, person, draft):
    services.submit(draft, by=person("secretary", "branch"))
    browser = here(person("secretary", "general"))
    assert "具体可行、可考核" in browser.get(step_url(draft, "return")).content.decode()
    said = {
        "reason": "请写明每月几次",
        "grounds": ["concrete", "duty"],
    }
    assert (
        browser.post(step_url(draft, "return"), {**said, "version": draft.version}).url
        == draft.get_absolute_url()
    )
    writer = here(person("liaison", "branch"))
    for url in [draft.get_absolute_url(), edit_url(draft)]:
        shown = writer.get(url).content.decode()
        assert "请写明每月几次" in shown
        assert "联系岗位职责" in shown


@pytest.mark.parametrize("verb", ["return", "decline", "withdraw", "recall"])
def test_a_missing_reason_is_422_and_keeps_what_was_typed(verb, here, person, pledge_in):
    from tests.pledges.test_flow import HANDS, STEPS, ready

    state = next(s for s, v in STEPS if v == verb)
    pledge = ready(pledge_in, person, state)
    typed = {"reason": "   ", "grounds": ["duty"]}
    page = here(person(*HANDS[verb])).post(step_url(pledge, verb), typed)
    assert page.status_code == 422
    assert "请写明" in page.content.decode()
    ticked = re.search(r'value="duty"[^>]* checked', page.content.decode())
    assert (ticked is not None) == (verb == "return")
    assert Pledge.objects.get().state == state


def test_who_comes_late_is_told_who_did_what(here, person, draft):
    services.submit(draft, by=person("secretary", "branch"))
    services.recall(draft, by=person("secretary", "branch"), reason="时限要改")
    typed = {"reason": "请改得具体些", "version": draft.version}
    page = here(person("secretary", "general")).post(step_url(draft, "return"), typed)
    assert page.status_code == 409
    shown = page.content.decode()
    assert "secretary-branch（震泽镇财政所党支部 书记）" in shown
    assert "收回修改" in shown
    assert "请改得具体些" in shown
    assert Pledge.objects.get().return_reason == ""


def test_a_second_click_is_harmless(here, person, draft):
    services.submit(draft, by=person("secretary", "branch"))
    browser = here(person("secretary", "general"))
    for _ in range(2):
        assert browser.post(step_url(draft, "approve")).url == draft.get_absolute_url()
    assert Event.objects.filter(kind="pledge.approve").count() == 1


def test_a_step_one_may_not_take_is_403_and_an_unknown_one_404(here, person, draft):
    services.submit(draft, by=person("secretary", "branch"))
    browser = here(person("secretary", "committee"))
    assert browser.post(step_url(draft, "approve")).status_code == 403
    assert browser.get(step_url(draft, "approve")).status_code == 403
    assert browser.post(step_url(draft, "explode")).status_code == 404


def test_the_page_says_why_a_button_is_missing(here, person, chain, draft):
    both = person("secretary", "branch")
    appoint(user=both, post="secretary", organization=chain["general"])
    services.submit(draft, by=person("secretary", "branch"))
    shown = here(person("secretary", "branch")).get(draft.get_absolute_url()).content.decode()
    assert "不能由您“审定通过”" in shown
    assert "目前没有能办理这一步的同志" in shown


def test_htmx_gets_the_panel_alone(here, person, draft):
    services.submit(draft, by=person("secretary", "branch"))
    answer = here(person("secretary", "general")).get(
        step_url(draft, "return"), headers={"HX-Request": "true"}
    )
    assert "<html" not in answer.content.decode()
    assert 'id="panel"' in answer.content.decode()


def test_in_the_dialog_a_refusal_stays_and_a_step_taken_leaves(here, person, draft):
    services.submit(draft, by=person("secretary", "branch"))
    browser, dialog = here(person("secretary", "general")), {"HX-Request": "true"}
    refused = browser.post(step_url(draft, "return"), {"reason": " "}, headers=dialog)
    assert refused.status_code == 422
    assert "<html" not in refused.content.decode()
    taken = browser.post(step_url(draft, "return"), {"reason": "还不够具体。"}, headers=dialog)
    assert (taken.status_code, taken["HX-Redirect"]) == (200, draft.get_absolute_url())


def test_the_publisher_sees_what_will_be_masked(here, person, draft, text):
    secretary, director = person("secretary", "branch"), person("office_director", "city")
    services.save(
        draft, text(items=[item(measures="联系人13900001234")]), version=draft.version, by=secretary
    )
    services.submit(draft, by=secretary)
    services.approve(draft, by=person("secretary", "general"))
    browser = here(secretary)
    assert browser.post(step_url(draft, "propose"), {}).status_code == 422
    browser.post(step_url(draft, "propose"), {"scope": "outside"})
    here(person("office", "city")).post(step_url(draft, "clear"))
    shown = here(director).get(step_url(draft, "publish")).content.decode()
    assert "第1项 践诺措施：139****1234" in shown
    assert "13900001234" not in shown
    page = here(director).post(step_url(draft, "publish"))
    assert (page.status_code, Publication.objects.count()) == (422, 0)
    assert "先看过遮蔽以后的样子" in page.content.decode()
    here(director).post(step_url(draft, "publish"), {"has_seen_masks": "on"})
    assert "13900001234" not in str(Publication.objects.values().get())
    assert "139****1234" in str(Publication.objects.values().get())


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_of_a_pledge_costs_the_same_at_any_length(
    number, here, person, draft, text, django_assert_num_queries
):
    secretary = person("secretary", "branch")
    items = [item(f"{n:012x}", content=f"第{n}件事") for n in range(number)]
    services.save(draft, text(items=items), version=draft.version, by=secretary)
    for n in range(number):
        services.submit(draft, by=secretary)
        services.recall(draft, by=secretary, reason=f"再改{n}")
    browser = here(person("secretary", "branch"))
    with django_assert_num_queries(
        14
    ):  # one notes that its notices are read, three look for twins of a draft's items
        browser.get(draft.get_absolute_url())


def test_the_notices_about_a_pledge_are_read_once_its_page_was_open(here, person, pledge_in):
    superior, other = person("secretary", "general"), person("office", "city")
    pledge = pledge_in("submitted")
    link = pledge.get_absolute_url()
    notify([superior, other], subject="请审定", key="k1", link=link)
    notify([superior], subject="另一份", key="k2", link=link + "9/")

    def unread(user):
        return set(Notice.objects.visible_to(user).unread().values_list("key", flat=True))

    browser = here(superior)
    browser.head(link)
    browser.post(link)
    assert unread(superior) == {"k1", "k2"}
    page = browser.get(link)
    assert page.context["unread"] == 1
    assert unread(superior) == {"k2"}
    assert unread(other) == {"k1"}


def test_a_step_taken_elsewhere_leads_over_the_page_that_reads_the_notices(here, person, pledge_in):
    superior = person("secretary", "general")
    pledge = pledge_in("submitted")
    notify([superior], subject="请审定", key="k", link=pledge.get_absolute_url())
    here(superior).post(step_url(pledge, "approve"), follow=True)
    assert not Notice.objects.visible_to(superior).unread().exists()


def test_whoever_may_not_see_a_pledge_reads_nothing_by_asking_for_it(here, person, draft):
    stranger = person("secretary", "neighbour")
    notify([stranger], subject="旧事", key="k", link=draft.get_absolute_url())
    assert here(stranger).get(draft.get_absolute_url()).status_code == 404
    assert Notice.objects.visible_to(stranger).unread().exists()


# -- inside the Party ----------------------------------------------------------------------------


def test_what_is_open_inside_is_for_those_who_sign_in(here, client, person, pledge_in):
    pledge = pledge_in("cleared", scope="inside")
    services.publish(pledge, by=person("office_director", "city"))
    publication = Publication.objects.get()
    assert client.get(publication.get_absolute_url()).status_code == 404
    assert "办结" not in client.get(reverse("pledges:public_list")).content.decode()
    browser = here(person("group_member", "foreign"))
    assert "办结" in browser.get(reverse("pledges:published")).content.decode()
    assert "办结" in browser.get(reverse("pledges:publication", args=[publication.pk])).content.decode()
    page = reverse("pledges:publication", args=[publication.pk])
    assert pledge.get_absolute_url() not in browser.get(page).content.decode()
    assert pledge.get_absolute_url() in here(person("secretary", "branch")).get(page).content.decode()
    browser = here(person("group_member", "foreign"))
    services.withdraw(pledge, by=person("office_director", "city"), reason="有误")
    assert browser.get(reverse("pledges:publication", args=[publication.pk])).status_code == 404
    client.logout()
    assert client.get(publication.get_absolute_url()).status_code == 404


def test_states_are_counted_in_one_pass_and_left_open_where_it_ends_early(
    pledge_in, django_assert_num_queries
):
    pledge = pledge_in("submitted")
    for pledge.state in ["submitted", "returned"]:
        pledge.pk = None
        pledge.save(force_insert=True)
    rows, states = Pledge.objects.all(), ["submitted", "returned", "draft"]
    with django_assert_num_queries(1):
        assert counts_by("state", rows, states) == {"submitted": 2, "returned": 1, "draft": 0}
    assert counts_by("state", rows, states, limit=3) == dict.fromkeys(states)
    assert counts_by("state", rows.none(), states) == dict.fromkeys(states, 0)
