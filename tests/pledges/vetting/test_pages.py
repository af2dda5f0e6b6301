"""The pages of 审诺 and 公诺, as each person meets them."""

import re

import pytest
from django.urls import reverse

from pledges import services
from pledges.models import NameDisplay, Pledge, PledgeItem, Publication
from pledges.services import Verdict
from portal.queries import desk

pytestmark = pytest.mark.django_db
GOOD = Verdict(is_approved=True)


def vet_url(pledge):
    return reverse("pledges:vet", args=[pledge.pk])


def batch_url(chain, step, at="branch"):
    return reverse("pledges:batch", args=[chain[at].pk, step])


def posted(pledge, *said, **more):
    """posted(pledge, "approve", ("return", "写明户数")): what is said of each item in turn."""
    data = {"version": pledge.version, "do": "save", **more}
    for item, verdict in zip(pledge.items.all(), said, strict=False):
        verdict, reason = verdict if isinstance(verdict, tuple) else (verdict, "")
        data |= {f"{item.key}-verdict": verdict, f"{item.key}-reason": reason}
    return data


def states(pledge):
    return [item.state for item in PledgeItem.objects.filter(pledge=pledge)]


def words(answer):
    return answer.content.decode()


def box(pledge):
    return [f"{item.pk}-{pledge.version}" for item in pledge.items.all()]


# -- one pledge ------------------------------------------------------------------------------------


def test_each_item_is_decided_and_the_rest_stays(here, person, member_in):
    pledge = member_in("submitted", items=3)
    browser = here(person("deputy_secretary", "branch"))
    page = words(browser.get(vet_url(pledge)))
    assert page.count('value="approve"') == 3
    assert " checked" not in page
    said = posted(pledge, "approve", ("return", "写明户数"))
    said[f"{pledge.items.all()[1].key}-grounds"] = ["concrete", "duty"]
    answer = browser.post(vet_url(pledge), said)
    assert answer.url == vet_url(pledge)
    assert states(pledge) == ["approved", "returned", "submitted"]
    page = words(browser.get(vet_url(pledge)))
    assert "其余各项还在等您审定" in page
    assert "具体可行、可考核；联系岗位职责" in page
    answer = browser.post(vet_url(pledge), posted(pledge, "", "", "approve"))
    assert answer.url == pledge.get_absolute_url()
    assert Pledge.objects.get(pk=pledge.pk).state == "returned"


def test_all_are_approved_by_one_button_and_a_second_click_changes_nothing(here, person, member_in):
    pledge = member_in("submitted", items=3)
    browser = here(person("deputy_secretary", "branch"))
    for _ in range(2):
        assert browser.post(vet_url(pledge), posted(pledge, do="all")).url == pledge.get_absolute_url()
    assert states(pledge) == ["approved"] * 3


@pytest.mark.parametrize(
    ("said", "do", "told"),
    [
        ([("return", " ")], "save", "第1项：请写明退回的理由"),
        ([("", "写明户数")], "save", "第1项：写了退回的意见，却没有选“退回”"),
        ([("approve", "写明户数")], "save", "第1项：写了退回的意见，却没有选“退回”"),
        ([], "save", "还没有审定任何一项"),
        ([("return", "写明户数")], "all", "第1项选了退回，没有按“全部通过”办理"),
        ([("nonsense", "")], "save", "nonsense"),
    ],
)
def test_what_is_not_clear_is_asked_and_nothing_typed_is_lost(said, do, told, here, person, member_in):
    pledge = member_in("submitted", items=2)
    answer = here(person("deputy_secretary", "branch")).post(vet_url(pledge), posted(pledge, *said, do=do))
    assert answer.status_code == 422
    assert told in words(answer) or told == "nonsense"
    assert all(not reason.strip() or reason in words(answer) for _, reason in said)
    assert states(pledge) == ["submitted"] * 2


def test_whoever_comes_late_is_told_item_by_item_and_keeps_what_was_typed(here, person, member_in):
    pledge = member_in("submitted", items=3)
    said = posted(pledge, "approve", ("return", "我的意见"), ("return", "第三项的意见"))
    keys = [item.key for item in pledge.items.all()]
    services.vet(pledge, {keys[1]: Verdict(False, "别人的理由")}, by=person("secretary", "branch"))
    answer = here(person("deputy_secretary", "branch")).post(vet_url(pledge), said)
    assert answer.status_code == 409
    shown = words(answer)
    assert "第2项现在是“退回”，理由是：别人的理由。您写的是：我的意见" in shown
    assert "第三项的意见" in shown
    assert states(pledge) == ["submitted", "returned", "submitted"]


def test_a_text_changed_meanwhile_is_read_again_first(here, person, member_in):
    pledge = member_in("submitted")
    answer = here(person("deputy_secretary", "branch")).post(
        vet_url(pledge), posted(pledge, ("return", "我的意见"), version=pledge.version - 1)
    )
    assert answer.status_code == 409
    assert "内容改过了" in words(answer)
    assert "我的意见" in words(answer)


def test_a_wrong_click_is_undone(here, person, member_in):
    pledge = member_in("submitted", items=2)
    browser = here(person("deputy_secretary", "branch"))
    browser.post(vet_url(pledge), posted(pledge, ("return", "写明户数")))
    again = reverse("pledges:vet_again", args=[pledge.pk, pledge.items.first().key])
    for _ in range(2):
        assert browser.post(again).status_code == 302
    assert states(pledge) == ["submitted"] * 2
    assert PledgeItem.objects.filter(pledge=pledge).first().remark == ""


def test_ones_own_is_shown_with_the_reason_and_without_a_form(here, person, also, member_in):
    deputy = also(person("liaison", "branch"), "deputy_secretary", "branch")
    pledge = member_in("submitted", user=deputy)
    page = words(here(deputy).get(vet_url(pledge)))
    assert "须由另一位同志审定" in page
    assert "提交审定意见" not in page
    assert here(deputy).post(vet_url(pledge), posted(pledge, "approve")).status_code == 409
    assert states(pledge) == ["submitted"]


def test_what_is_not_being_vetted_leads_to_its_page(here, person, member_in):
    pledge = member_in("approved")
    assert here(person("deputy_secretary", "branch")).get(vet_url(pledge)).url == pledge.get_absolute_url()


def test_an_organizations_pledge_is_vetted_so_too(here, person, pledge_in):
    pledge = pledge_in("submitted")
    browser = here(person("secretary", "general"))
    assert vet_url(pledge) in words(browser.get(pledge.get_absolute_url()))
    browser.post(vet_url(pledge), posted(pledge, ("return", "写明到哪些企业")))
    assert Pledge.objects.get(pk=pledge.pk).state == "returned"
    writer = here(person("secretary", "branch"))
    assert "写明到哪些企业" in words(writer.get(pledge.get_absolute_url()))


def test_the_whole_is_not_approved_over_a_returned_item_and_says_what_to_do(here, person, member_in):
    pledge = member_in("submitted", items=2)
    browser = here(person("deputy_secretary", "branch"))
    browser.post(vet_url(pledge), posted(pledge, ("return", "写明户数")))
    answer = browser.post(reverse("pledges:step", args=[pledge.pk, "approve"]))
    assert answer.status_code == 409
    assert "重新审定退回的项" in words(answer)


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_with_any_number_of_items(
    number, here, person, member_in, django_assert_num_queries
):
    pledge = member_in("submitted", items=number)
    browser = here(person("deputy_secretary", "branch"))
    # session, user, posts · pledge, items · hints 5 · its notices are read · unread notices
    with django_assert_num_queries(11):
        browser.get(vet_url(pledge))


# -- the list --------------------------------------------------------------------------------------

LIST = reverse("pledges:vetting")


def test_the_clean_ones_are_ticked_by_one_click_and_approved_by_another(here, person, member_in):
    good = member_in("submitted", name="沈清", items=2)
    vague = member_in("submitted", name="陆平")
    vague.items.update(content="努力提高服务水平")
    browser = here(person("deputy_secretary", "branch"))
    page = browser.get(LIST)
    assert " checked" not in words(page)
    ticked = browser.post(LIST, {"do": "tick"})
    found = re.findall(r'name="item" value="(\S+)" checked', words(ticked))
    assert sorted(found) == sorted(box(good))
    assert states(good) == ["submitted"] * 2
    assert browser.post(LIST, {"do": "approve", "item": found}).url == LIST
    assert (states(good), states(vague)) == (["approved"] * 2, ["submitted"])


def test_what_was_not_done_is_named_with_the_reason(here, person, also, member_in, chain):
    deputy = also(person("liaison", "branch"), "deputy_secretary", "branch")
    own = member_in("submitted", name="陈实", user=deputy)
    done = member_in("approved", name="陆平")
    changed = member_in("submitted", name="顾明")
    good = member_in("submitted", name="沈清")
    foreign = member_in("submitted", name="金伯", at="sibling")
    said = [*box(own), *box(done), *box(good), *box(foreign), f"{changed.items.get().pk}-1", "x", "99999-1"]
    answer = here(deputy).post(LIST, {"do": "approve", "item": said})
    assert answer.status_code == 409
    shown = words(answer)
    assert "已通过 1 项，另外 5 项没有办" in shown
    assert re.search("陈实同志的公开承诺 第1项</a>：这是您本人的承诺", shown)
    assert re.search("陆平同志的公开承诺 第1项</a>：已经通过，不用再办", shown)
    assert re.search("顾明同志的公开承诺 第1项</a>：您打开之后内容改过了", shown)
    assert "另有 2 项" in shown
    assert "金伯" not in shown
    assert [states(each) for each in (good, changed, foreign)] == [["approved"], ["submitted"], ["submitted"]]


def test_a_second_click_says_so_and_changes_nothing(here, person, member_in):
    pledge = member_in("submitted")
    browser = here(person("deputy_secretary", "branch"))
    assert browser.post(LIST, {"do": "approve", "item": box(pledge)}).status_code == 302
    answer = browser.post(LIST, {"do": "approve", "item": box(pledge)})
    assert "已经通过，不用再办" in words(answer)
    assert browser.post(LIST, {"do": "approve"}).status_code == 422


def test_who_vets_nothing_is_refused(here, person, member_in):
    pledge = member_in("submitted")
    browser = here(person("liaison", "branch"))
    assert browser.get(LIST).status_code == 403
    assert browser.post(LIST, {"do": "approve", "item": box(pledge)}).status_code == 403
    assert states(pledge) == ["submitted"]


def test_one_goes_back_alone_with_its_reason(here, person, member_in):
    pledge = member_in("submitted", items=2)
    url = reverse("pledges:return_item", args=[pledge.items.first().pk]) + "?q=沈清"
    browser = here(person("deputy_secretary", "branch"))
    assert browser.post(url, {"reason": " "}).status_code == 422
    for _ in range(2):
        answer = browser.post(url, {"reason": "写明户数", "grounds": ["duty"]})
        assert answer.url == f"{LIST}?q=%E6%B2%88%E6%B8%85"
    assert states(pledge) == ["returned", "submitted"]
    answer = browser.post(url, {"reason": "另一个理由"})
    assert answer.status_code == 409
    assert "另一个理由" in words(answer)
    assert browser.get(url, headers={"HX-Request": "true"}).status_code == 200


def test_filters_and_pages(here, person, member_in, chain, monkeypatch):
    from pledges.views import vetting

    monkeypatch.setattr(vetting, "PAGE", 2)
    names = ["沈一", "沈二", "沈三"]
    for name in names:
        member_in("submitted", name=name)
    browser = here(person("deputy_secretary", "branch"))
    first = browser.get(LIST)
    shown = [row.pledge.member.name for _, rows in first.context["groups"] for row in rows]
    second = browser.get(LIST + first.context["more"])
    shown += [row.pledge.member.name for _, rows in second.context["groups"] for row in rows]
    assert shown == names
    assert second.context["more"] == ""
    for query, number in [
        ({"q": "沈二"}, 1),
        ({"q": "植树"}, 0),
        ({"whose": "members"}, 2),
        ({"whose": "organizations"}, 0),
        ({"organization": chain["sibling"].pk}, 0),
    ]:
        assert sum(len(rows) for _, rows in browser.get(LIST, query).context["groups"]) == number
    assert browser.get(LIST, {"after": "x-y", "organization_q": "没有这个"}).status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_at_any_length(number, here, person, member_in, django_assert_num_queries):
    for n in range(number):
        member_in("submitted", name=f"沈{n}", items=number)
    browser = here(person("deputy_secretary", "branch"))
    # session, user, posts · its notices are read · page, items, hints 4, count · unread notices
    with django_assert_num_queries(12):
        browser.get(LIST)


# -- publication -----------------------------------------------------------------------------------


def ticks(*pledges):
    return [f"{pledge.pk}-{pledge.version}" for pledge in pledges]


def test_a_batch_goes_from_approved_to_the_public_page(here, person, member_in, chain):
    batch = [member_in("approved", name=name) for name in ("沈清", "欧阳平")]
    batch[1].items.update(content="困难户请打13900001234")
    propose, clear, publish = (batch_url(chain, step) for step in ("propose", "clear", "publish"))
    browser = here(person("secretary", "branch"))
    assert "沈清同志的公开承诺" in words(browser.get(propose))
    ticked = words(browser.post(propose, {"do": "tick", "scope": "outside", "names": "full"}))
    assert ticked.count(" checked>") >= 2
    shown = words(
        browser.post(
            propose, {"do": "names", "scope": "outside", "names": "surname", "pledge": ticks(batch[0])}
        )
    )
    assert "欧阳某同志的公开承诺" in shown
    assert NameDisplay.objects.get().shown == "surname"
    said = {"do": "propose", "scope": "outside", "names": "surname", "pledge": ticks(*batch)}
    assert browser.post(propose, said).status_code == 302
    reviewer = here(person("deputy_secretary", "branch"))
    page = words(reviewer.get(clear))
    assert "139****1234" in page
    assert "13900001234" not in page
    assert reviewer.post(clear, {"do": "clear", "pledge": ticks(*batch)}).status_code == 302
    browser = here(person("secretary", "branch"))
    answer = browser.post(publish, {"do": "publish", "pledge": ticks(*batch)})
    assert answer.status_code == 422
    assert "先看过遮蔽以后的样子" in words(answer)
    assert not Publication.objects.exists()
    said = {"do": "publish", "pledge": ticks(*batch), "has_seen_masks": "on"}
    assert browser.post(publish, said).status_code == 302
    assert sorted(Publication.objects.values_list("title", flat=True)) == [
        "欧阳某同志的公开承诺",
        "沈某同志的公开承诺",
    ]
    answer = browser.post(publish, said)  # the second click
    assert "已经是“已公开”，不用再办" in words(answer)
    assert Publication.objects.count() == 2
    public = browser.get(Publication.objects.first().get_absolute_url())
    assert public.status_code == 200


def test_what_is_not_fit_goes_back_with_the_reason(here, person, member_in, chain):
    pledge, other = member_in("proposed", name="沈清"), member_in("proposed", name="陆平")
    browser = here(person("liaison", "general"))
    assert browser.post(batch_url(chain, "clear"), {"do": "bar", "pledge": ticks(pledge)}).status_code == 422
    said = {"do": "bar", "pledge": ticks(pledge), "reason": "写到了住址"}
    assert browser.post(batch_url(chain, "clear"), said).status_code == 302
    assert [Pledge.objects.get(pk=p.pk).state for p in (pledge, other)] == ["approved", "proposed"]


def test_who_proposed_sees_why_somebody_else_reviews(here, person, member_in, chain):
    pledge, deputy = member_in("approved"), person("deputy_secretary", "branch")
    services.propose_all(Pledge.objects.filter(pk=pledge.pk), scope="outside", by=deputy)
    page = words(here(deputy).get(batch_url(chain, "clear")))
    assert "公开是您申请的" in page
    answer = here(deputy).post(batch_url(chain, "clear"), {"do": "clear", "pledge": ticks(pledge)})
    assert answer.status_code == 409
    assert Pledge.objects.get(pk=pledge.pk).state == "proposed"


def test_a_changed_text_is_not_published_unread(here, person, member_in, chain):
    pledge = member_in("cleared")
    answer = here(person("secretary", "branch")).post(
        batch_url(chain, "publish"), {"do": "publish", "pledge": [f"{pledge.pk}-{pledge.version - 1}"]}
    )
    assert "内容改过了" in words(answer)
    assert not Publication.objects.exists()


def test_a_liaison_proposes_and_the_rule_of_names_is_the_secretarys(here, person, member_in, chain):
    pledge = member_in("approved")
    browser, url = here(person("liaison", "branch")), batch_url(chain, "propose")
    assert 'name="names"' not in words(browser.get(url))
    assert browser.post(url, {"do": "names", "scope": "outside", "names": "surname"}).status_code == 403
    assert not NameDisplay.objects.exists()
    said = {"do": "propose", "scope": "outside", "names": "surname", "pledge": ticks(pledge)}
    assert browser.post(url, said).status_code == 302
    assert not NameDisplay.objects.exists()


@pytest.mark.parametrize(
    ("who", "step", "status"),
    [
        (("secretary", "sibling"), "propose", 404),
        (("liaison", "branch"), "publish", 403),
        (("secretary", "general"), "clear", 200),
        (("secretary", "general"), "publish", 403),
        (("secretary", "branch"), "withdraw", 404),
    ],
)
def test_who_comes_in(who, step, status, here, person, member_in, chain):
    member_in("approved")
    assert here(person(*who)).get(batch_url(chain, step)).status_code == status


@pytest.mark.parametrize("step", ["propose", "clear", "publish"])
@pytest.mark.parametrize("number", [1, 3])
def test_a_batch_costs_the_same_at_any_length(
    number, step, here, person, member_in, chain, django_assert_num_queries
):
    state = {"propose": "approved", "clear": "proposed", "publish": "cleared"}[step]
    for n in range(number):
        member_in(state, name=f"沈{n}", items=number)
    browser = here(person("deputy_secretary" if step == "clear" else "secretary", "branch"))
    with django_assert_num_queries(9):
        browser.get(batch_url(chain, step))


# -- the desk --------------------------------------------------------------------------------------


def test_the_desk_lists_what_waits_branch_by_branch(
    here, person, member_in, phase, django_assert_num_queries
):
    def lines(post, at):
        user = person(post, at)
        return {
            (t.label, t.title)
            for t in (item.duty for item in desk(user, phase.starts_on).todo)
            if ("党员" in t.title or "同志" in t.title) and t.label != "待填进展"
        }

    for state in ["submitted", "approved", "proposed", "cleared"]:
        for n in range(2):
            member_in(state, name=f"{state}{n}"[:12], items=2)
    returned = member_in("submitted", name="沈清")
    services.return_(returned, by=person("deputy_secretary", "branch"), reason="写明户数")
    assert lines("deputy_secretary", "branch") == {
        ("退回待修改", "沈清同志的公开承诺"),
        ("待审定", "4 项党员承诺待审定"),
        ("待申请公开", "2 份已审定的党员承诺可以申请公开"),
        ("待保密审查", "2 份党员承诺待保密审查"),
    }
    assert ("待批准公开", "2 份党员承诺待批准公开") in lines("secretary", "branch")
    assert lines("secretary", "general") == {("待保密审查", "2 份党员承诺待保密审查")}
    assert lines("secretary", "sibling") == set()
    page = here(person("deputy_secretary", "branch")).get(reverse("portal:desk"))
    assert "退回理由：写明户数" in words(page)
    assert f"{LIST}?organization=" in words(page)


def test_the_desk_says_what_was_said_of_the_returned_item(here, person, member_in):
    pledge = member_in("submitted", items=2)
    deputy = person("deputy_secretary", "branch")
    one, two = (item.key for item in pledge.items.order_by("number"))
    services.vet(pledge, {one: services.Verdict(True), two: services.Verdict(False, "写明学几次")}, by=deputy)
    page = words(here(deputy).get(reverse("portal:desk")))
    assert "退回理由：第2项，写明学几次" in page
    assert "见各项的退回意见" not in page
