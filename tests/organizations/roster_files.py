"""Workbooks for the tests of the roster import."""

import datetime as dt
import io

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile

from organizations.imports import jobs
from organizations.models import RosterImport
from organizations.services.imports import confirm_import, start_import

ON = dt.date(2026, 6, 1)
ORGANIZATION_HEADINGS = [
    "党组织代码",
    "党组织名称",
    "简称",
    "组织类别",
    "上级党组织",
    "上级党组织代码",
    "排序",
    "成立日期",
]
MEMBER_HEADINGS = [
    "编号",
    "姓名",
    "性别",
    "出生年月",
    "所在党支部",
    "人员类别",
    "加入党组织日期",
    "转为正式党员日期",
    "联系电话",
]
POST_HEADINGS = ["登录名", "党组织名称", "职务", "任职日期"]


def workbook(organizations=None, members=None, posts=None) -> bytes:
    """Rows as lists under the usual headings; a first row of strings starting with "#" replaces the headings."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, headings, rows in (
        ("党组织", ORGANIZATION_HEADINGS, organizations),
        ("党员", MEMBER_HEADINGS, members),
        ("任职", POST_HEADINGS, posts),
    ):
        if rows is None:
            continue
        sheet = book.create_sheet(title)
        if rows and isinstance(rows[0], dict):
            headings = list(rows[0])
            rows = [list(row.values()) for row in rows]
        sheet.append(headings)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(data: bytes, at, by, mode="update", name="名册.xlsx", on=ON) -> RosterImport:
    return start_import(at, SimpleUploadedFile(name, data), mode=mode, effective_on=on, by=by)


def checked(data: bytes, at, by, mode="update", **options) -> RosterImport:
    started = upload(data, at, by, mode, **options)
    jobs.run_waiting()
    started.refresh_from_db()
    return started


def applied(data: bytes, at, by, mode="update", **options) -> RosterImport:
    found = checked(data, at, by, mode, **options)
    assert found.is_clean, (found.state, found.message, found.summary, problems(found))
    confirm_import(found, digest=found.digest, by=by)
    jobs.run_waiting()
    found.refresh_from_db()
    assert found.state == "applied", found.message
    return found


def problems(found) -> list[tuple]:
    """(sheet, row, kind, column) of everything that is wrong, in order."""
    rows = found.rows.order_by("sheet", "number")
    return [(row.sheet, row.number, kind, column) for row in rows for kind, column, _ in row.problems]


def outcomes(found) -> dict:
    return {(row.sheet, row.number): row.outcome for row in found.rows.all()}
