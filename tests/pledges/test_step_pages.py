"""The steps of a pledge, on a page of their own and in a dialog."""

import re

import pytest

from common.models import Event
from notifications.models import Notice
from notifications.services import notify
from organizations.services import appoint
from pledges import services
from pledges.models import Pledge, Publication
from tests.pledges.conftest import item
from tests.pledges.pages import edit_url, step_url


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
