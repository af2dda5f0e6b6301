"""bench import: a roster of 3,000 organizations and 60,000 members, dry run and confirmation, and its export.

The measure is the bare reading of the same workbook by python-calamine plus COPY of the same rows. The
jobs are the worker's own. Memory is the peak of this process from its start, and of the reading child; an
export is measured once more in a process that does nothing else, whose peak at the start is told apart.
"""

from __future__ import annotations

import datetime as dt
import io
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.management.base import CommandParser
from django.db import connection
from django.test.utils import override_settings
from python_calamine import CalamineWorkbook

from chuangxian.bench import own_database
from chuangxian.bench.alone import peak_alone
from chuangxian.bench.exporting import TwelveColumns, export_members, fetch_members
from common.spreadsheets.writer import Heading, stream_workbook
from organizations.imports import jobs
from organizations.models import RosterImport
from organizations.resources import MemberResource, columns
from organizations.services import appoint, found
from organizations.services.imports import confirm_import, start_import

NAME, HELP = "import", "roster import: dry run and confirmation against bare reading plus COPY; export"
_DAY = dt.date(2010, 6, 1)
_FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英"


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--organizations", type=int, default=3000)
    parser.add_argument("--members", type=int, default=60_000)


def run(options: dict[str, Any]) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder, own_database(), _storage(folder):
        root = found(name="中共苏河市委员会", kind="committee", code="ROOT", parent=None, on=_DAY)
        office = get_user_model().objects.create_user("bench-office", name="办公室")
        appoint(user=office, post="office", organization=root, on=_DAY)
        path = Path(folder) / "roster.xlsx"
        _write_roster(path, options["organizations"], options["members"])
        yield from _measure(path, root, office)


def _storage(folder: str) -> Any:
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder}}
    return override_settings(
        STORAGES={
            "default": files,
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        }
    )


def _measure(path: Path, root: Any, office: Any) -> Iterator[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    roster_import = _uploaded(path, root, office)
    rows.append(_timed("dry run", jobs.run_waiting))
    roster_import.refresh_from_db()
    confirm_import(roster_import, digest=roster_import.digest, by=office)
    rows.append(_timed("confirm", jobs.run_waiting))
    roster_import.refresh_from_db()
    if roster_import.state != RosterImport.State.APPLIED:
        raise RuntimeError(f"not applied: {roster_import.message} {roster_import.summary}")
    again = _uploaded(path, root, office)
    rows.append(_timed("dry run, nothing new", jobs.run_waiting))
    again.refresh_from_db()
    if again.summary["writes"]:
        raise RuntimeError(f"not recognised: {again.summary}")
    bare = _median("bare reading plus COPY", lambda: _read_and_copy(path))
    for row in rows:
        yield row | {"ratio": round(row["seconds"] / bare["seconds"], 2), "of": bare["name"]}
    yield bare
    for resource_class, width in ((MemberResource, 15), (TwelveColumns, 12)):
        yield from _measure_export(office, resource_class, width)


def _measure_export(office: Any, columns_of: type[MemberResource], width: int) -> Iterator[dict[str, Any]]:
    fetch = _median(f"bare fetch of the members, {width} columns", lambda: fetch_members(columns_of))
    export = _median(
        f"export of the members, {width} columns", lambda: export_members(office, columns_of.__name__)
    )
    ratio = {"ratio": round(export["seconds"] / fetch["seconds"], 2), "of": fetch["name"]}
    yield fetch
    yield export | ratio | peak_alone("export_members", office.pk, columns_of.__name__)


def _timed(name: str, work: Callable[[], object]) -> dict[str, Any]:
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    own, child = (
        resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {"name": name, "seconds": round(seconds, 4), "peak_mb": own, "child_peak_mb": child}


def _median(name: str, work: Callable[[], object]) -> dict[str, Any]:
    return sorted((_timed(name, work) for _ in range(5)), key=lambda row: row["seconds"])[2]


def _uploaded(path: Path, root: Any, office: Any) -> RosterImport:
    with TemporaryUploadedFile("roster.xlsx", "", path.stat().st_size, None) as upload:
        upload.write(path.read_bytes())
        upload.seek(0)
        return start_import(root, upload, mode="update", effective_on=dt.date(2026, 1, 1), by=office)


def _write_roster(path: Path, organizations: int, members: int) -> None:
    """Committees of 50 branches each below the root, members dealt to the branches; deterministic."""
    heads = [
        "党组织代码",
        "党组织名称",
        "简称",
        "组织类别",
        "上级党组织",
        "上级党组织代码",
        "排序",
        "成立日期",
        "监督电话",
    ]
    tables = [
        ("党组织", [Heading(head) for head in heads], _organizations(organizations)),
        (
            "党员",
            [
                Heading(field.column_name, 14, "date" if "日期" in field.column_name else "text")
                for _, field in columns(MemberResource)
            ],
            _members(organizations, members),
        ),
    ]
    with path.open("wb") as file:
        for chunk in stream_workbook(tables):
            file.write(chunk)


def _organizations(count: int) -> Iterator[tuple[Any, ...]]:
    for number in range(count):
        unit = number - number % 51
        if number == unit:
            name, kind, above = f"中共苏河市第{unit}单位委员会", "基层党委", "中共苏河市委员会"
        else:
            name, kind, above = (
                f"第{unit}单位第{number - unit}党支部",
                "党支部",
                f"中共苏河市第{unit}单位委员会",
            )
        yield (f"B{number:06d}", name, f"简称{number}", kind, above, None, number % 51, "2008-03-12", None)


def _members(organizations: int, count: int) -> Iterator[tuple[Any, ...]]:
    branches = [row[1] for row in _organizations(organizations) if row[3] == "党支部"]
    for number in range(count):
        name = _FAMILY[number % 16] + _GIVEN[number % 23] + _GIVEN[number // 23 % 23]
        joined = dt.date(1985, 7, 1) + dt.timedelta(days=number % 9000)
        yield (
            f"D{number:06d}",
            name,
            "男" if number % 3 else "女",
            "汉族",
            f"{1945 + number % 20}-{number % 12 + 1:02d}",
            branches[number % len(branches)],
            None,
            "正式党员",
            joined,
            joined + dt.timedelta(days=365),
            "在职" if number % 5 else "离退休",
            f"岗位{number % 40}",
            f"1390000{number % 10000:04d}",
            "否",
            None,
        )


def _read_and_copy(path: Path) -> None:
    book = CalamineWorkbook.from_path(str(path))
    with connection.cursor() as cursor:
        for number, title in enumerate(book.sheet_names):
            rows = book.get_sheet_by_name(title).iter_rows()
            width = len(next(rows))
            columns_sql = ", ".join(f"c{at} text" for at in range(width))
            cursor.execute(f"DROP TABLE IF EXISTS bench_{number}")
            cursor.execute(f"CREATE TEMPORARY TABLE bench_{number} ({columns_sql})")
            text = "".join("\t".join(map(str, row)) + "\n" for row in rows)
            cursor.copy_expert(f"COPY bench_{number} FROM STDIN", io.StringIO(text))
