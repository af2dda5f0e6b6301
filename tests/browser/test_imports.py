"""The roster import as a secretary meets it: upload, progress, preview, confirm; on the desk and on the phone."""

import threading

import pytest
from django.db import connection

from organizations.imports import jobs
from organizations.models import Member
from tests.organizations.roster_files import workbook

pytestmark = pytest.mark.django_db(transaction=True)

BRANCH = "震泽镇财政所党支部"
ZHANG = ["D1", "张伟", "男", "1970-05", BRANCH, "正式党员", "1990-07-01", "1991-07-01", "13900000001"]
FAULTY = ["D2", "李娜", "女士", "1980.1", "没有的支部", "正式党员", "2001-07-01", None, None]


@pytest.fixture
def check(axe, fits):
    def both(page):
        axe(page)
        fits(page)

    return both


def upload(page, tmp_path, rows):
    path = tmp_path / "名册.xlsx"
    path.write_bytes(workbook(None, rows))
    page.goto("/desk/imports/new/")
    page.set_input_files("input[type=file]", path)
    page.check("input[name=mode][value=update]")
    page.click("text=上传并核对")
    page.wait_for_url("**/desk/imports/*/")


def in_the_background():
    """The worker, while the page is open."""

    def work():
        jobs.run_waiting()
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    return worker


def test_from_the_file_to_the_roster(screen, chain, person, sign_in, check, tmp_path):
    sign_in(screen, person("office", "city"))
    screen.goto("/desk/imports/")
    check(screen)
    screen.goto("/desk/imports/new/")
    check(screen)
    upload(screen, tmp_path, [ZHANG])
    check(screen)
    worker = in_the_background()
    screen.wait_for_selector("text=核对结果")  # the page loads anew by itself
    worker.join()
    check(screen)
    screen.click("summary:has-text('确认导入')")
    check(screen)
    screen.click("text=确定导入")
    screen.wait_for_selector("text=正在导入")
    worker = in_the_background()
    screen.wait_for_selector("text=党员新增 1")
    worker.join()
    check(screen)
    assert Member.objects.get().organization == chain["branch"]


def test_errors_are_found_from_their_cell(screen, chain, person, sign_in, check, tmp_path):
    sign_in(screen, person("office", "city"))
    upload(screen, tmp_path, [ZHANG, FAULTY])
    in_the_background().join()
    screen.wait_for_selector("text=C3 性别")
    check(screen)
    assert not screen.locator("text=确认导入").count()
    with screen.expect_download() as download:
        screen.click("text=下载问题清单")
    assert download.value.suggested_filename == "问题清单-名册.xlsx"


def test_without_script_the_page_is_asked_again_by_hand(open_page, chain, person, sign_in, tmp_path):
    page = open_page(java_script_enabled=False)
    sign_in(page, person("office", "city"))
    upload(page, tmp_path, [ZHANG])
    in_the_background().join()
    page.click("noscript a")
    page.click("summary:has-text('确认导入')")
    page.click("text=确定导入")
    in_the_background().join()
    page.reload()
    assert page.locator("text=党员新增 1").count()


def test_the_members_are_exported_with_one_button(page, chain, person, sign_in):
    sign_in(page, person("office", "city"))
    page.goto("/desk/imports/")
    with page.expect_download() as download:
        page.click("text=导出党员")
    assert download.value.suggested_filename.startswith("党员名册-")
