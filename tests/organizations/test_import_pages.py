"""Roster import and export in the browser's eyes: pages, refusals, downloads."""

import datetime as dt
import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from common.models import Event
from organizations.imports import jobs
from organizations.imports.sheets import BY_SHEET, MEMBER
from organizations.models import Member, RosterImport
from organizations.services import appoint
from tests.organizations.roster_files import ON, applied, checked, workbook

pytestmark = pytest.mark.django_db

BRANCH = "震泽镇财政所党支部"
ZHANG = ["D1", "张伟", "男", "1970-05", BRANCH, "正式党员", "1990-07-01", "1991-07-01", "13900000001"]
IN_ORDER = ["党组织", "党员", "任职"]
FAULTY = ["D2", "李娜", "女士", "1980.1", "没有的支部", "正式党员", "2001-07-01", None, None]


@pytest.fixture
def office(person):
    return person("office", "city")


@pytest.fixture
def desk(client, office):
    client.force_login(office)
    return client


def post_file(desk, chain, data, name="名册.xlsx", **more):
    form = {
        "organization": chain["city"].pk,
        "mode": "update",
        "effective_on": ON,
        "file": SimpleUploadedFile(name, data),
        **more,
    }
    return desk.post(reverse("organizations:import_new"), form)


def page(desk, found, query=""):
    return desk.get(reverse("organizations:import", args=[found.pk]) + query).content.decode()


def test_the_whole_way_from_upload_to_roster(desk, chain, office):
    answer = post_file(desk, chain, workbook(None, [ZHANG]))
    found = RosterImport.objects.get()
    assert answer.url == found.get_absolute_url()
    assert "正在核对" in page(desk, found)
    jobs.run_waiting()
    shown = page(desk, found)
    assert "张伟" in shown
    assert "确认后写入 1 行" in shown
    found.refresh_from_db()
    desk.post(reverse("organizations:import_confirm", args=[found.pk]), {"digest": found.digest})
    jobs.run_waiting()
    assert "党员新增 1" in page(desk, found)
    assert Member.objects.get().organization == chain["branch"]


def test_progress_is_polled_and_the_page_loads_anew_when_done(desk, chain):
    post_file(desk, chain, workbook(None, [ZHANG]))
    found = RosterImport.objects.get()
    url = reverse("organizations:import_progress", args=[found.pk])
    waiting = desk.get(url)
    assert "HX-Refresh" not in waiting
    assert f'hx-get="{url}"' in waiting.content.decode()
    jobs.run_waiting()
    assert desk.get(url)["HX-Refresh"] == "true"


def test_a_refused_file_is_told_at_the_field_and_kept_nowhere(desk, chain):
    answer = post_file(desk, chain, b"a,b", name="名册.csv")
    assert answer.status_code == 422
    assert "文本表格" in answer.content.decode()
    assert not RosterImport.objects.exists()


@pytest.mark.parametrize(
    "broken", [{"mode": "x"}, {"effective_on": "2099-01-01"}, {"organization": "0"}, {"file": ""}]
)
def test_a_form_that_is_not_in_order_starts_nothing(desk, chain, broken):
    assert post_file(desk, chain, workbook(None, [ZHANG]), **broken).status_code == 422
    assert not RosterImport.objects.exists()


def test_the_upload_is_read_or_sent_and_nothing_else(desk, chain):
    assert desk.delete(reverse("organizations:import_new")).status_code == 405


def test_errors_are_shown_with_sheet_and_cell_grouped_and_filtered(desk, chain, office):
    found = checked(workbook(None, [ZHANG, FAULTY]), chain["city"], office)
    shown = page(desk, found)
    assert "C3 性别" in shown
    assert "E3 所在党支部" in shown
    assert "找不到党支部" in shown
    assert "张伟" not in shown  # what stands in the way comes first
    assert "张伟" in page(desk, found, "?outcome=new")
    assert "李娜" in page(desk, found, "?kind=branch_unknown")
    assert "张伟" in page(desk, found, "?all=1")
    assert "张伟" not in page(desk, found, "?kind=%00';--&outcome=x")


def test_causes_stand_before_consequences_as_in_the_template(desk, chain, office):
    organization = ["S1", None, None, "党支部", "震泽镇机关党总支", None, 1, None]
    post = ["nobody", BRANCH, "书记", "2026-01-01"]
    found = checked(workbook([organization], [FAULTY], [post]), chain["city"], office)
    url = reverse("organizations:import", args=[found.pk])
    shown = desk.get(url)
    assert re.findall(r'<th scope="row">(党组织|党员|任职)</th>', shown.content.decode()) == IN_ORDER
    assert [row.title for row in shown.context["rows"]] == IN_ORDER
    answer = desk.get(reverse("organizations:import_problems", args=[found.pk]))
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert list(dict.fromkeys(row[0].value for row in sheet.iter_rows(min_row=2))) == IN_ORDER


def test_the_error_list_is_a_workbook(desk, chain, office):
    found = checked(workbook(None, [ZHANG, FAULTY]), chain["city"], office)
    answer = desk.get(reverse("organizations:import_problems", args=[found.pk]))
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert [(row[0].value, row[1].value, row[2].value) for row in sheet.iter_rows(min_row=2)] == [
        ("党员", 3, "C3"),
        ("党员", 3, "E3"),
    ]


def test_the_template_has_three_sheets_lists_and_no_data(desk):
    answer = desk.get(reverse("organizations:import_template"))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert book.sheetnames == ["党组织", "党员", "任职", "填写说明", "选项"]
    assert all(book[title].max_row == 1 for title in ("党组织", "党员", "任职"))
    assert book["党员"].data_validations.dataValidation
    text = str([[cell.value for cell in row] for row in book["填写说明"]])
    assert "公民身份号码" in text


def test_a_template_without_rows_is_told_where_to_write_them(desk, chain, office):
    empty = b"".join(desk.get(reverse("organizations:import_template")).streaming_content)
    shown = page(desk, checked(empty, chain["city"], office))
    assert "表中还没有数据行" in shown
    assert "第 2 行" in shown
    assert "与系统一致" not in shown
    roster = workbook(None, [ZHANG])
    applied(roster, chain["city"], office)
    assert "表中各行与系统一致" in page(desk, checked(roster, chain["city"], office))


def test_only_who_uploaded_confirms_or_gives_up(chain, office, person, client):
    found = checked(workbook(None, [ZHANG]), chain["city"], office)
    other = person("secretary", "city")
    client.force_login(other)
    assert "确认导入" not in page(client, found)
    for step in ("confirm", "cancel"):
        answer = client.post(
            reverse(f"organizations:import_{step}", args=[found.pk]), {"digest": found.digest}
        )
        assert answer.status_code == 403
    found.refresh_from_db()
    assert found.state == "checked"


def test_who_may_not_import_there_sees_nothing(chain, office, person, client):
    found = checked(workbook(None, [ZHANG]), chain["city"], office)
    for post, at in (("secretary", "committee"), ("liaison", "branch"), ("discipline", "city")):
        client.force_login(person(post, at))
        assert client.get(found.get_absolute_url()).status_code == 404
        assert client.get(reverse("organizations:import_problems", args=[found.pk])).status_code == 404
    client.force_login(person("liaison", "branch"))
    assert client.get(reverse("organizations:import_new")).status_code == 403


def test_an_import_can_be_given_up(desk, chain, office, django_capture_on_commit_callbacks):
    found = checked(workbook(None, [ZHANG]), chain["city"], office)
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(reverse("organizations:import_cancel", args=[found.pk]))
    found.refresh_from_db()
    assert (found.state, found.rows.count()) == ("cancelled", 0)
    assert not found.file.storage.exists(found.file.name)
    assert "已放弃" in page(desk, found)


def test_the_list_shows_the_imports_one_may_see(desk, chain, office, person, client):
    checked(workbook(None, [ZHANG]), chain["city"], office)
    assert "名册.xlsx" in desk.get(reverse("organizations:imports")).content.decode()
    client.force_login(person("secretary", "branch"))
    assert "名册.xlsx" not in client.get(reverse("organizations:imports")).content.decode()


def download(client, name, **data):
    answer = client.post(reverse(f"organizations:export_{name}"), data)
    assert answer.status_code == 200, answer.status_code
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_exported_members_stop_at_the_reach_and_phones_are_masked(chain, office, person, client):
    foreign = [*ZHANG[:1], "王芳", *ZHANG[2:4], "丝绸市场第一党支部", *ZHANG[5:]]
    applied(workbook(None, [ZHANG, ["F1", *foreign[1:]]]), chain["city"], office)
    client.force_login(person("secretary", "committee"))
    rows = download(client, "members")
    phone = rows[0].index("联系电话")
    assert [(row[0], row[phone]) for row in rows[1:]] == [("D1", "139****0001")]
    client.force_login(person("secretary", "branch"))
    assert download(client, "members")[1][phone] == "13900000001"
    client.force_login(office)
    assert sorted(row[phone] for row in download(client, "members")[1:]) == ["13900000001"] * 2
    assert [row[0] for row in download(client, "members", organization=chain["neighbour"].pk)[1:]] == ["F1"]


def test_the_columns_stand_in_the_order_of_the_template(chain, office, client):
    client.force_login(office)
    wanted = [column.heading for column in BY_SHEET[MEMBER].columns if not column.is_dropped]
    assert download(client, "members") == [wanted]


def test_an_export_is_on_record_with_who_scope_and_rows(chain, office, client):
    client.force_login(office)
    rows = download(client, "organizations")
    event = Event.objects.get(kind="organization.export_organizations")
    assert (event.actor, event.after) == (office, {"scope": "中共吴江市委员会", "rows": len(rows) - 1})


def test_an_export_from_two_places_is_on_record_at_both(chain, person, client):
    both = person("secretary", "branch")
    appoint(user=both, post="secretary", organization=chain["sibling"], on=dt.date(2010, 6, 1))
    client.force_login(both)
    assert client.post(reverse("organizations:export_organizations")).status_code == 200
    events = Event.objects.filter(kind="organization.export_organizations").order_by("place_id")
    assert [(e.place_id, e.after) for e in events] == [
        (chain[place].pk, {"scope": chain[place].name, "rows": 1}) for place in ("branch", "sibling")
    ]


def test_an_export_needs_the_right_there(chain, person, client):
    client.force_login(person("discipline", "city"))
    assert client.post(reverse("organizations:export_members")).status_code == 403
    client.force_login(person("secretary", "committee"))
    url = reverse("organizations:export_members")
    assert client.post(url, {"organization": chain["neighbour"].pk}).status_code == 403
    assert client.get(url).status_code == 405


@pytest.mark.parametrize("typed", ["x", "-1", "1.5", "9" * 19])
def test_a_narrowing_that_cannot_be_read_never_widens_the_export(chain, office, client, typed):
    client.force_login(office)
    answer = client.post(reverse("organizations:export_members"), {"organization": typed})
    assert answer.status_code == 404
    assert not Event.objects.filter(kind="organization.export_members").exists()


def test_what_was_exported_can_be_imported_again_and_changes_nothing(chain, office, client):
    applied(
        workbook([["S1", "新支部", "新", "党支部", "震泽镇机关党总支", None, 4, None]], [ZHANG]),
        chain["city"],
        office,
    )
    client.force_login(office)
    book = openpyxl.Workbook()
    book.active.title = "党组织"
    for row in download(client, "organizations"):
        book["党组织"].append(row)
    book.create_sheet("党员")
    for row in download(client, "members"):
        book["党员"].append(row)
    out = io.BytesIO()
    book.save(out)
    found = checked(out.getvalue(), chain["city"], office)
    assert {row.outcome for row in found.rows.all()} == {"unchanged"}, [
        (row.label, row.changes, row.problems) for row in found.rows.all()
    ]


def test_a_phone_that_an_export_masked_does_not_replace_the_real_one(chain, office):
    applied(workbook(None, [ZHANG]), chain["city"], office)
    masked = checked(workbook(None, [[*ZHANG[:8], "139****0001"]]), chain["city"], office)
    assert [row.outcome for row in masked.rows.all()] == ["unchanged"]
