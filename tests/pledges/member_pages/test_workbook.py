"""Members' pledges by workbook: out, changed, back in."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from common.models import Event
from pledges import services
from pledges.models import Pledge
from tests.pledges.member_pages.conftest import url
from tests.pledges.members import entered, filed, member, pledge_of, promise


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
