"""The pages of members' pledges, as each person meets them."""

import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.models import Event
from pledges import services
from pledges.models import Exemption, Pledge
from tests.conftest import User
from tests.pledges.members import entered, filed, member, pledge_of, promise

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def secretary(person):
    return person("secretary", "branch")


@pytest.fixture
def one(chain):
    return member(chain["branch"], number="D001")


@pytest.fixture
def herself(one):
    one.user = User.objects.create_user("xiaolan", name=one.name, password="Test-pass-1")
    one.save()
    return User.objects.get(pk=one.user.pk)


def url(name, place, *more):
    return reverse(f"pledges:{name}", args=[place.pk, *(each.pk for each in more)])


def boxes(page, one):
    """The row of one member as the page holds it: name -> value."""
    line = next(line for line in page.context["lines"] if line.member.pk == one.pk)
    row = {f"{one.pk}-{name}": line.form[name].value() or "" for name in line.form.fields}
    return row | {"entry": page.context["written_in"]}


def typed(one, row, phase, **said):
    values = {
        "category": str(promise(phase)["category"]),
        "aim": "零差错",
        "content_1": "上门十二次",
        "due_1": "20101220",
    }
    return row | {f"{one.pk}-{name}": value for name, value in {**values, **said}.items()}


def queries_of(browser, address):
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(address).status_code == 200
    return len(asked)


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


# -- my own ----------------------------------------------------------------------------------


def test_a_member_files_corrects_and_reads_their_own_without_a_post(here, one, phase, herself, secretary):
    mine, browser = reverse("pledges:my_pledge"), here(herself)
    assert "本时段还没有作出承诺" in browser.get(mine).content.decode()
    edit = browser.post(mine).url
    form = browser.get(edit).content.decode()
    assert "具体打算" in form
    assert "承诺主题" not in form
    assert "践诺措施" not in form
    text = promise(phase)
    key = text["items"][0]["key"]
    data = {
        "category": text["category"], "aim": text["aim"], "item": [key], "version": 1, "do": "submit",
        f"{key}-content": "全年上门办税十二次", f"{key}-due_on": "2010-12-20",
    }  # fmt: skip
    assert browser.post(edit, data).url == pledge_of(one).get_absolute_url()
    shown = browser.get(pledge_of(one).get_absolute_url()).content.decode()
    assert "窗口服务零差错" in shown
    assert "践诺措施" not in shown
    services.return_(pledge_of(one), by=secretary, reason="写明哪些企业", remarks={key: "写明企业数"})
    shown = browser.get(mine).content.decode()
    assert "写明哪些企业" in shown
    assert "写明企业数" in shown
    assert browser.get(edit).status_code == 200


def test_last_rounds_promise_is_copied_into_this_one(here, one, phase, campaign, herself, time_machine):
    services.save(services.create_member_draft(one, phase, by=herself), promise(phase), version=1, by=herself)
    time_machine.move_to("2011-02-01")
    past = pledge_of(one)
    answer = here(herself).post(reverse("pledges:my_pledge"), {"copy": past.pk})
    copied = Pledge.objects.exclude(pk=past.pk).get()
    assert answer.url == reverse("pledges:edit", args=[copied.pk])
    assert (copied.aim, copied.items.get().due_on) == (past.aim, None)


def test_who_is_on_no_roster_is_told_what_to_do(here, secretary, phase):
    assert "您的账号没有对应的党员" in here(secretary).get(reverse("pledges:my_pledge")).content.decode()


def test_an_exempt_member_reads_why(here, one, phase, secretary, herself):
    services.exempt(one, phase, kind="oral", reason="按月读报", by=secretary)
    browser = here(herself)
    assert "按月读报" in browser.get(reverse("pledges:my_pledge")).content.decode()
    assert browser.post(reverse("pledges:my_pledge"), follow=True).status_code == 200
    assert not Pledge.objects.exists()


def test_a_settled_item_is_read_only_in_the_editor_too(here, one, phase, herself, secretary):
    two = [*promise(phase)["items"], {**promise(phase)["items"][0], "key": "b" * 12, "content": "多读书"}]
    pledge = filed(one, phase, herself, items=two)
    verdicts = {"a" * 12: services.Verdict(True), "b" * 12: services.Verdict(False, "写明读几本")}
    services.vet(pledge, verdicts, by=secretary)
    browser, edit = here(herself), reverse("pledges:edit", args=[pledge.pk])
    form = browser.get(edit).content.decode()
    assert re.search(rf'<input type="hidden" name="{"a" * 12}-content"', form)
    assert f'value="remove:{"a" * 12}"' not in form
    assert f'value="remove:{"b" * 12}"' in form


def test_the_desk_of_a_member_without_a_post_shows_what_is_owed(here, one, phase, herself):
    phase.windows.create(strand="pledge", name="公开承诺", opens_on="2010-08-20", closes_on="2010-09-10")
    shown = here(herself).get(reverse("portal:desk")).content.decode()
    assert "尚未作出承诺" in shown
    assert reverse("pledges:my_pledge") in shown


def test_a_draft_thrown_away_leads_back_where_it_came_from(here, one, phase, herself, secretary):
    for by, back in ((herself, reverse("pledges:my_pledge")), (secretary, url("entry", one.organization))):
        draft = services.create_member_draft(one, phase, by=by)
        assert here(by).post(reverse("pledges:discard", args=[draft.pk])).url == back


# -- the workbook ----------------------------------------------------------------------------


@pytest.fixture
def office_work(here, one, phase, secretary):
    """Download, change, upload, confirm, as one person does."""

    class Work:
        place, browser = one.organization, here(secretary)

        def download(self):
            answer = self.browser.post(url("entry_download", self.place))
            assert answer.status_code == 200
            return openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))

        def upload(self, book):
            kept = io.BytesIO()
            book.save(kept)
            return self.browser.post(
                url("entry_workbook", self.place),
                {"file": SimpleUploadedFile("党员承诺.xlsx", kept.getvalue())},
            )

        def confirm(self, page):
            return self.browser.post(
                url("entry_confirm", self.place), {"packed": page.context["packed"]}, follow=True
            )

    return Work()


def cells(book):
    return [[c.value for c in row] for row in book.worksheets[0].iter_rows()]


def column(book, heading):
    return next(c.column for c in book.worksheets[0][1] if c.value == heading)


def put(book, line, **values):
    names = {
        "aim": "努力方向",
        "category": "承诺类别",
        "content": "具体打算1",
        "due": "完成时限1",
        "more": "具体打算2",
        "when": "完成时限2",
    }
    for name, value in values.items():
        book.worksheets[0].cell(line, column(book, names.get(name, name)), value)


def test_a_workbook_goes_out_and_comes_back_unchanged(office_work, one, phase, secretary):
    entered(one, phase, secretary, aim="=SUM(1+1)\n第二行  有空格")
    member(one.organization, "没写的")
    services.exempt(member(one.organization, "口头"), phase, kind="oral", reason="读报", by=secretary)
    book = office_work.download()
    first = book.worksheets[0]
    assert first.cell(2, column(book, "努力方向")).data_type == "s"  # no formula
    rule = next(iter(first.data_validations.dataValidation))
    assert rule.formula1 == '"类别1,类别2,类别3,类别4,类别5"'
    page = office_work.upload(book)
    preview = page.context["preview"]
    assert (page.status_code, preview.problems, preview.changes, preview.unchanged) == (200, [], [], 3)
    assert Event.objects.filter(kind="organization.export_member_pledges").count() == 1


def test_changed_confirmed_and_downloaded_again_it_holds_what_was_written(office_work, one, phase, secretary):
    entered(one, phase, secretary)
    other = member(one.organization, "没写的")
    book = office_work.download()
    put(book, 2, aim="改了方向", more="多读书", when="2010年11月30日")
    put(book, 3, category="类别2", aim="学习", content="@读完十二本书", due="2010.12.1")
    page = office_work.upload(book)
    preview = page.context["preview"]
    assert (preview.new, preview.changed, preview.unchanged) == (1, 1, 0)
    assert Pledge.objects.count() == 1  # a dry run
    office_work.confirm(page)
    assert [i.content for i in pledge_of(one).items.all()] == ["全年上门办税十二次", "多读书"]
    assert pledge_of(other).category.name == "类别2"
    assert pledge_of(other).items.get().content == "@读完十二本书"
    again = office_work.upload(office_work.download()).context["preview"]
    assert (again.changes, again.problems, again.unchanged) == ([], [], 2)


def problems(page):
    return {(p.cell, p.message[:12]) for p in page.context["preview"].problems}


def test_every_wrong_cell_is_named_and_nothing_is_written(office_work, one, phase, secretary):
    for name in ("二", "三", "四"):
        member(one.organization, name)
    filed(member(one.organization, "已交"), phase, secretary)
    book = office_work.download()
    sheet = book.worksheets[0]
    put(book, 2, aim="这一行是好的")
    sheet.cell(3, 1, "D999")
    put(book, 4, category="类别9", due="明年", aim="长" * 201)
    sheet.cell(5, 2, "别人的名字")
    put(book, 6, aim="改已交的")
    for at, cell in enumerate(sheet[2], 1):
        sheet.cell(7, at, cell.value)
    page = office_work.upload(book)
    assert page.status_code == 422
    assert {cell for cell, _ in problems(page)} == {"A3", "C4", "D4", "F4", "B5", "第6行", "A7"}
    assert page.context["packed"] == ""
    assert Pledge.objects.count() == 1


def test_a_settled_item_and_a_row_changed_online_are_refused(office_work, one, phase, secretary):
    two = [*promise(phase)["items"], {**promise(phase)["items"][0], "key": "b" * 12, "content": "多读书"}]
    pledge = filed(one, phase, secretary, items=two)
    verdicts = {"a" * 12: services.Verdict(True), "b" * 12: services.Verdict(False, "写明读几本")}
    services.vet(pledge, verdicts, by=secretary)
    book = office_work.download()
    put(book, 2, content="改掉已定的")
    assert problems(office_work.upload(book)) == {("E2", "第1项已经审定，不能修改")}
    book = office_work.download()
    put(book, 2, more="全年读十二本书")
    assert office_work.upload(book).status_code == 200
    services.save(pledge_of(one), promise(phase, items=two, aim="网上改的"), version=2, by=secretary)
    assert problems(office_work.upload(book)) == {("K2", "下载以后，这名党员的承诺")}


def test_what_changed_between_preview_and_confirmation_is_not_overwritten(office_work, one, phase, secretary):
    other = member(one.organization, "另一人")
    book = office_work.download()
    put(book, 2, aim="表里写的")
    put(book, 3, aim="表里写的")
    page = office_work.upload(book)
    entered(other, phase, secretary)
    shown = office_work.confirm(page).content.decode()
    assert "没有写入任何一行" in shown
    assert "另一人" in shown
    assert [p.aim for p in Pledge.objects.all()] == ["窗口服务零差错"]


def test_a_preview_made_up_or_for_another_branch_is_not_confirmed(
    office_work, one, chain, phase, person, here
):
    book = office_work.download()
    put(book, 2, aim="表里写的")
    packed = office_work.upload(book).context["packed"]
    other = here(person("secretary", "sibling"))
    for at, said in ((chain["sibling"], packed), (chain["sibling"], "x" + packed), (chain["sibling"], "")):
        assert (
            "没有写入" in other.post(url("entry_confirm", at), {"packed": said}, follow=True).content.decode()
        )
    assert not Pledge.objects.exists()


@pytest.mark.parametrize(
    ("name", "data"), [("表.xls", b"\xd0\xcf\x11\xe0"), ("表.xlsx", b"not a workbook"), ("表.xlsx", b"")]
)
def test_a_file_that_is_no_workbook_is_turned_away_with_a_sentence(office_work, name, data):
    answer = office_work.browser.post(
        url("entry_workbook", office_work.place), {"file": SimpleUploadedFile(name, data)}
    )
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]
