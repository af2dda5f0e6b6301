"""The branch writes down what its members promise: row by row, with exemptions, and the branches below."""

import pytest
from django.urls import reverse

from common.models import Event
from pledges import services
from pledges.models import Exemption, Pledge
from tests.conftest import User
from tests.pledges.member_pages.conftest import boxes, queries_of, typed, url
from tests.pledges.members import entered, filed, member, pledge_of, promise

# -- the entry page --------------------------------------------------------------------------


def test_a_row_sent_by_the_script_is_saved_and_the_boxes_come_back_tidy(here, one, phase, secretary):
    place, browser = one.organization, here(secretary)
    row = typed(
        one, boxes(browser.get(url("entry", place)), one), phase, content_2="读报", due_2="2010.11.30"
    )
    answer = browser.post(url("entry_row", place, one), row).json()
    assert answer["saved"] == "12:00"
    assert answer["missing"] == []
    assert answer["fields"][f"{one.pk}-due_1"] == "2010-12-20"
    assert [(i.number, i.content, i.due_on.isoformat()) for i in pledge_of(one).items.all()] == [
        (1, "上门十二次", "2010-12-20"),
        (2, "读报", "2010-11-30"),
    ]
    again = browser.post(url("entry_row", place, one), row)  # the answer was lost: nothing new
    assert (again.status_code, again.json()["version"]) == (200, answer["version"])
    assert pledge_of(one).directions == ["organization", "masses"]


def test_unseen_signs_pasted_from_a_word_processor_are_not_saved(here, one, phase, secretary):
    place, browser = one.organization, here(secretary)
    row = typed(
        one,
        boxes(browser.get(url("entry", place)), one),
        phase,
        aim="零\x0b差错\ufffe",
        content_1="上门\x07十二次",
    )
    assert browser.post(url("entry_row", place, one), row).status_code == 200
    assert pledge_of(one).aim == "零差错"
    assert pledge_of(one).items.get().content == "上门十二次"


def test_what_is_wrong_with_a_row_is_told_by_box_and_nothing_is_saved(here, one, phase, secretary):
    place, browser = one.organization, here(secretary)
    row = boxes(browser.get(url("entry", place)), one)
    wrong = typed(one, row, phase, due_1="明年", category="999", aim="长" * 201)
    answer = browser.post(url("entry_row", place, one), wrong)
    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert "不是能识别的日期" in errors[f"{one.pk}-due_1"]
    assert errors[f"{one.pk}-category"] == "请从列出的类别中选择。"
    assert f"{one.pk}-aim" in errors
    assert not Pledge.objects.exists()


def test_a_row_somebody_else_saved_shows_both_and_then_takes_the_choice(here, one, phase, secretary, person):
    place, browser = one.organization, here(secretary)
    row = typed(one, boxes(browser.get(url("entry", place)), one), phase, aim="我写的方向")
    entered(one, phase, person("liaison", "branch"))
    answer = browser.post(url("entry_row", place, one), row)
    assert answer.status_code == 409
    assert "努力方向：窗口服务零差错" in answer.json()["conflict"]
    assert pledge_of(one).aim == "窗口服务零差错"
    row[f"{one.pk}-version"] = str(answer.json()["version"])
    assert browser.post(url("entry_row", place, one), row).status_code == 200
    assert pledge_of(one).aim == "我写的方向"
    assert Event.objects.filter(kind="pledge.edit").last().before["aim"] == "窗口服务零差错"


def test_what_a_browser_kept_is_not_saved_in_somebody_elses_name(here, one, phase, secretary, person):
    place = one.organization
    row = typed(one, boxes(here(person("liaison", "branch")).get(url("entry", place)), one), phase)
    answer = here(secretary).post(url("entry_row", place, one), row)
    assert (answer.status_code, "另一位同志" in answer.json()["message"]) == (409, True)
    assert not Pledge.objects.exists()


def test_a_filed_row_and_an_exempt_one_are_not_written(here, one, chain, phase, secretary):
    place, browser = one.organization, here(secretary)
    other = member(place, "年老的")
    page = browser.get(url("entry", place))
    rows = {each.pk: typed(each, boxes(page, each), phase) for each in (one, other)}
    filed(one, phase, secretary)
    services.exempt(other, phase, kind="frail", reason="卧床", by=secretary)
    for each, why in ((one, "待审定"), (other, "年老体弱")):
        answer = browser.post(url("entry_row", place, each), rows[each.pk])
        assert (answer.status_code, why in answer.json()["message"]) == (409, True)
    shown = browser.get(url("entry", place)).content.decode()
    assert "卧床" in shown
    assert f'name="{one.pk}-aim"' not in shown


def test_without_script_one_button_saves_every_changed_row_and_keeps_the_wrong_one(
    here, one, phase, secretary
):
    place, browser = one.organization, here(secretary)
    other, third = member(place, "写错的"), member(place, "没写的")
    page = browser.get(url("entry", place))
    data = typed(one, boxes(page, one), phase) | typed(other, boxes(page, other), phase, due_1="2010-13-40")
    data |= boxes(page, third)
    answer = browser.post(url("entry", place), data | {"do": f"save:{one.pk}"})
    assert answer.status_code == 422
    assert "2010-13-40" in answer.content.decode()
    assert [p.member for p in Pledge.objects.all()] == [one]
    data |= {f"{other.pk}-due_1": "2010-12-01", "do": "save"}
    assert browser.post(url("entry", place), data).status_code == 302
    assert Pledge.objects.count() == 2


def test_without_script_two_texts_of_a_row_are_shown_together(here, one, phase, secretary, person):
    place, browser = one.organization, here(secretary)
    data = typed(one, boxes(browser.get(url("entry", place)), one), phase, aim="我写的方向")
    entered(one, phase, person("liaison", "branch"))
    answer = browser.post(url("entry", place), data | {"do": "save"})
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "别的同志保存过这一行" in shown
    assert "努力方向：窗口服务零差错" in shown
    assert "我写的方向" in shown
    again = boxes(answer, one) | {"do": "save"}
    assert browser.post(url("entry", place), again).status_code == 302
    assert pledge_of(one).aim == "我写的方向"


def test_handing_in_all_names_who_stays_and_what_is_missing(here, one, phase, secretary):
    place, browser = one.organization, here(secretary)
    member(place, "没写的")
    page = browser.get(url("entry", place))
    data = typed(one, boxes(page, one), phase) | {"do": "submit"}
    answer = browser.post(url("entry", place), data, follow=True)
    shown = answer.content.decode()
    assert pledge_of(one).state == "submitted"
    assert "已提交 1 名党员的承诺" in shown
    assert "没写的：还没有填写。" in shown
    assert (answer.context["tally"].written, answer.context["tally"].due) == (1, 2)


def test_a_settled_item_is_shown_and_cannot_be_changed(here, one, phase, secretary):
    place, browser = one.organization, here(secretary)
    two = [*promise(phase)["items"], {**promise(phase)["items"][0], "key": "b" * 12, "content": "多读书"}]
    pledge = filed(one, phase, secretary, items=two)
    verdicts = {
        "a" * 12: services.Verdict(True),
        "b" * 12: services.Verdict(False, "写明读几本", ["concrete"]),
    }
    services.vet(pledge, verdicts, by=secretary)
    page = browser.get(url("entry", place))
    shown = page.content.decode()
    assert f'name="{one.pk}-content_1"' not in shown
    assert "写明读几本" in shown
    assert "具体可行、可考核" in shown
    row = boxes(page, one) | {f"{one.pk}-content_1": "偷偷改掉", f"{one.pk}-content_2": "全年读十二本书"}
    assert browser.post(url("entry_row", place, one), row).status_code == 200
    assert [i.content for i in pledge_of(one).items.all()] == ["全年上门办税十二次", "全年读十二本书"]


def test_the_entry_page_costs_the_same_for_one_and_for_three(here, one, phase, secretary):
    place, browser = one.organization, here(secretary)
    entered(one, phase, secretary)
    services.exempt(member(place, "口头"), phase, kind="oral", reason="读报", by=secretary)
    browser.get(url("entry", place))
    first = queries_of(browser, url("entry", place))
    for name in ("二", "三"):
        entered(member(place, name), phase, secretary)
        services.exempt(member(place, f"口头{name}"), phase, kind="oral", reason="读报", by=secretary)
        member(place, f"流出{name}", is_mobile=True, receiving=place.parent.children.last())
    assert queries_of(browser, url("entry", place)) <= first + 1  # where they went, once for all


def test_who_writes_their_own_is_shown(here, one, phase, secretary, herself):
    draft = services.create_member_draft(one, phase, by=herself)
    services.buffer(draft, promise(phase), base_version=draft.version, sequence=1, by=herself)
    shown = here(secretary).get(url("entry", one.organization)).content.decode()
    assert "本人起草" in shown
    assert "本人正在填写" in shown


@pytest.mark.parametrize(
    ("post", "at", "status"),
    [
        ("liaison", "branch", 200),
        ("secretary", "general", 403),
        ("secretary", "sibling", 404),
        ("discipline", "branch", 403),
    ],
)
def test_the_entry_page_opens_for_the_branch_alone(post, at, status, here, one, phase, person):
    browser = here(person(post, at))
    place = one.organization
    assert browser.get(url("entry", place)).status_code == status
    assert browser.get(url("exemption", place, one)).status_code == status
    assert browser.get(url("entry_workbook", place)).status_code == status
    if status != 200:
        assert browser.post(url("entry_row", place, one), {}).status_code == status


def test_pages_say_so_when_no_phase_runs(here, one, campaign, secretary, herself):
    campaign.phases.all().delete()
    place = one.organization
    for name in ("entry", "entry_workbook"):
        assert "目前没有进行中的时段" in here(secretary).get(url(name, place)).content.decode()
    assert "目前没有进行中的时段" in here(secretary).get(reverse("pledges:members_branches")).content.decode()
    assert "目前没有进行中的时段" in here(herself).get(reverse("pledges:my_pledge")).content.decode()


# -- exemptions and the branches below --------------------------------------------------------


def test_an_exemption_is_recorded_and_lifted_on_its_page(here, one, phase, secretary):
    address, browser = url("exemption", one.organization, one), here(secretary)
    assert browser.post(address, {"do": "record", "kind": "oral", "reason": " "}).status_code == 422
    assert browser.post(address, {"do": "record", "kind": "oral", "reason": "按月读报"}).status_code == 302
    assert Exemption.objects.get().reason == "按月读报"
    assert "撤销登记" in browser.get(address).content.decode()
    assert browser.post(address, {"do": "lift"}).status_code == 302
    assert not Exemption.objects.exists()
    filed(one, phase, secretary)
    refused = browser.post(address, {"do": "record", "kind": "frail", "reason": "卧床"})
    assert (refused.status_code, "已经作出书面承诺" in refused.content.decode()) == (409, True)


def test_superiors_see_their_branches_with_numbers_and_who_is_late(
    here, one, chain, phase, secretary, person
):
    filed(one, phase, secretary)
    member(chain["sibling"])
    member(chain["foreign"])
    address = reverse("pledges:members_branches")

    def listed(browser, query=""):
        return [(o.pk, t.written, t.outstanding) for o, t, _ in browser.get(address + query).context["rows"]]

    above = here(person("secretary", "general"))
    assert listed(above) == [(chain["branch"].pk, 1, 0), (chain["sibling"].pk, 0, 1)]
    assert listed(above, "?only=outstanding") == [(chain["sibling"].pk, 0, 1)]
    assert above.get(address).context["tally"].due == 2
    before = queries_of(above, address)
    member(chain["sibling"], "又一人")
    assert queries_of(above, address) == before
    assert listed(here(person("liaison", "branch"))) == [(chain["branch"].pk, 1, 0)]
    nobody = User.objects.create_user("nobody", name="无职务")
    assert listed(here(nobody)) == []
