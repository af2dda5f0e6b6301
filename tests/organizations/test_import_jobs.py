"""The background of imports: progress, leases, killed workers, a roster that changed meanwhile, hostile files."""

import datetime as dt
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.models import Event
from common.sentences import sentence
from organizations.imports import apply, jobs
from organizations.models import Appointment, Member, Membership, Organization, RosterImport
from organizations.services import add_member, found, relieve
from organizations.services.imports import cancel_import, confirm_import
from organizations.tasks import run_imports, sweep_imports
from tests.organizations.roster_files import applied, checked, upload, workbook

pytestmark = pytest.mark.django_db

GENERAL, BRANCH = "震泽镇机关党总支", "震泽镇财政所党支部"
ZHANG = ["D1", "张伟", "男", "1970-05", BRANCH, "正式党员", "1990-07-01", "1991-07-01", "13900000001"]


@pytest.fixture
def office(person):
    return person("office", "city")


@pytest.fixture
def confirmed(chain, office):
    found_import = checked(workbook(None, [ZHANG]), chain["city"], office)
    confirm_import(found_import, digest=found_import.digest, by=office)
    return RosterImport.objects.get(pk=found_import.pk)


def test_the_beat_task_takes_what_waits(chain, office):
    upload(workbook(None, [ZHANG]), chain["city"], office)
    upload(workbook(None, [ZHANG]), chain["city"], office)
    assert run_imports() == 2
    assert set(RosterImport.objects.values_list("state", flat=True)) == {"checked"}


def test_progress_counts_the_rows_that_were_read(chain, office, monkeypatch):
    monkeypatch.setattr(jobs, "_TELL_EVERY", 0)
    seen = []
    real = jobs._telling

    def telling(roster_import):
        tell = real(roster_import)

        def heard(*words):
            tell(*words)
            now = RosterImport.objects.get(pk=roster_import.pk)
            seen.append((now.stage, now.done, now.total))

        return heard

    monkeypatch.setattr(jobs, "_telling", telling)
    members = [[f"N{n}", f"姓名{n}", *ZHANG[2:]] for n in range(4500)]
    checked(workbook(None, members), chain["city"], office)
    assert ("打开", 0, 0) in seen
    assert [done for stage, done, _ in seen if stage == "读取"] == [2000, 4000, 4501]
    assert seen[-1][0] == "核对"


def test_an_import_somebody_is_at_is_left_alone_until_the_lease_runs_out(chain, office):
    started = upload(workbook(None, [ZHANG]), chain["city"], office)
    assert jobs.take().pk == started.pk  # a worker that will never finish
    assert jobs.run_waiting() == 0
    RosterImport.objects.update(leased_until=timezone.now() - dt.timedelta(seconds=1))
    assert jobs.run_waiting() == 1
    started.refresh_from_db()
    assert started.state == "checked"


def test_a_worker_that_lost_its_lease_writes_nothing_more(confirmed):
    slow = jobs.take()
    RosterImport.objects.update(leased_until=timezone.now() - dt.timedelta(seconds=1))
    jobs.run_waiting()  # somebody else took it over and finished
    jobs.run(slow)
    assert Member.objects.count() == 1
    assert Event.objects.filter(kind="rosterimport.apply").count() == 1


def test_an_import_given_up_while_it_is_judged_stays_given_up(chain, office, monkeypatch):
    started = upload(workbook(None, [ZHANG]), chain["city"], office)
    real = jobs.check

    def check_what_the_person_gave_up(*words):
        cancel_import(started, by=office)
        real(*words)

    monkeypatch.setattr(jobs, "_telling", lambda roster_import: lambda *words: None)
    monkeypatch.setattr(jobs, "check", check_what_the_person_gave_up)
    jobs.run_waiting()
    started.refresh_from_db()
    assert (started.state, started.rows.count()) == ("cancelled", 0)


def test_the_audit_says_in_words_what_was_imported(confirmed):
    jobs.run_waiting()
    event = Event.objects.get(kind="rosterimport.apply")
    assert sentence(event) == "导入名册“名册.xlsx”：党员新增 1、变更 0"


def test_work_that_fails_each_time_is_given_up_after_three_attempts(confirmed, monkeypatch):
    monkeypatch.setattr(apply, "write", lambda *words: 1 / 0)
    for _ in range(4):
        jobs.run_waiting(limit=1)
    confirmed.refresh_from_db()
    assert confirmed.state == "refused"
    assert "系统处理这份文件时出错" in confirmed.message
    assert not Member.objects.exists()


def test_a_roster_that_changed_since_the_preview_asks_for_another_look(chain, confirmed):
    values = {
        "name": "张伟",
        "number": "D1",
        "sex": "m",
        "ethnicity": "汉族",
        "birth_month": dt.date(1970, 5, 1),
        "joined_on": dt.date(1990, 7, 1),
    }
    add_member(chain["branch"], values=values, on=dt.date(2020, 1, 1), by=None)
    jobs.run_waiting()
    confirmed.refresh_from_db()
    assert confirmed.state == "checked"
    assert "核对之后，名册有了变动" in confirmed.message
    assert confirmed.rows.get().outcome == "changed"
    assert Member.objects.get().phone == ""


def test_a_right_that_ended_meanwhile_is_asked_for_again(confirmed, office):
    relieve(Appointment.objects.get(user=office), by=None)
    jobs.run_waiting()
    confirmed.refresh_from_db()
    assert confirmed.state == "refused"
    assert "您现在的职务" in confirmed.message
    assert not Member.objects.exists()


def test_a_file_that_was_exchanged_on_disk_is_refused(confirmed):
    with open(confirmed.file.path, "wb") as file:
        file.write(workbook(None, [["D9", "王芳", *ZHANG[2:]]]))
    jobs.run_waiting()
    confirmed.refresh_from_db()
    assert (confirmed.state, Member.objects.count()) == ("refused", 0)


def test_a_failure_in_the_middle_of_writing_leaves_nothing(chain, office, monkeypatch):
    rows = [["S1", "新支部", None, "党支部", GENERAL, None, 1, None]]
    found_import = checked(workbook(rows, [ZHANG]), chain["city"], office)
    confirm_import(found_import, digest=found_import.digest, by=office)
    monkeypatch.setattr(apply, "appoint_people", lambda *words: 1 / 0)
    jobs.run_waiting(limit=1)
    assert not Organization.objects.filter(code="S1").exists()
    assert not Member.objects.exists()
    monkeypatch.undo()
    jobs.run_waiting(limit=1)
    assert Organization.objects.filter(code="S1").exists()
    assert Member.objects.exists()


def test_previews_older_than_a_month_are_swept(chain, office):
    old = checked(workbook(None, [ZHANG]), chain["city"], office)
    assert jobs.sweep() == 0
    RosterImport.objects.update(uploaded_at=timezone.now() - dt.timedelta(days=31))
    assert jobs.sweep() == 1
    old.refresh_from_db()
    assert (old.state, old.rows.count()) == ("cancelled", 0)


def test_a_preview_without_rows_is_given_up_after_a_month_too(
    chain, office, django_capture_on_commit_callbacks
):
    empty = checked(workbook([]), chain["city"], office)
    assert (empty.state, empty.rows.count()) == ("checked", 0)
    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.sweep(timezone.now() + dt.timedelta(days=31)) == 1
    empty.refresh_from_db()
    assert empty.state == "cancelled"
    assert not empty.file.storage.exists(empty.file.name)
    assert jobs.sweep(timezone.now() + dt.timedelta(days=31)) == 0


def test_what_was_confirmed_in_the_meantime_is_not_swept(confirmed):
    assert jobs.sweep(timezone.now() + dt.timedelta(days=31)) == 0
    assert not jobs._sweep_one(RosterImport.objects.exclude(state__in=RosterImport.WAITING), confirmed.pk)
    assert confirmed.rows.exists()


def test_files_that_no_import_will_open_again_are_swept_after_a_day(chain, office):
    waiting = upload(workbook(None, [ZHANG]), chain["city"], office)
    done = applied(workbook(None, [ZHANG]), chain["city"], office)  # its worker died before the file was gone
    shown = checked(workbook(None, [ZHANG]), chain["city"], office)
    storage = done.file.storage
    lost = storage.save("imports/lost.xlsx", ContentFile(b"PK"))  # and here before there was an import
    assert jobs.sweep_files() == 0
    tomorrow = timezone.now() + dt.timedelta(days=1, minutes=1)
    RosterImport.objects.filter(pk=waiting.pk).update(state="uploaded")
    assert jobs.sweep_files(tomorrow) >= 2
    assert [storage.exists(name) for name in (done.file.name, lost)] == [False, False]
    assert [storage.exists(one.file.name) for one in (waiting, shown)] == [True, True]


def test_nothing_to_sweep_where_nothing_was_uploaded(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "none"},
        }
    }
    assert sweep_imports() == 0


_WORKER = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "chuangxian.settings.test"
django.setup()
from django.core.files.base import ContentFile
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from organizations.imports import jobs
print("ready", flush=True)
jobs.run_waiting()
"""


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_all_or_nothing_and_the_next_one_finishes(chain, office):
    """kill -9 at moments spread over the whole application; the last try is left to finish."""
    members = [[f"N{n}", f"姓名{n}", *ZHANG[2:]] for n in range(3000)]
    found_import = checked(workbook(None, members), chain["city"], office)
    confirm_import(found_import, digest=found_import.digest, by=office)
    for delay in (0.2, 0.6, 0.9, 1.1, 1.3, 1.5):
        worker = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(_WORKER), connection.settings_dict["NAME"]],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        worker.stdout.readline()
        time.sleep(delay)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
        assert Member.objects.count() == Membership.objects.count()
        assert Member.objects.count() in (0, 3000)
        RosterImport.objects.update(leased_until=None, attempts=0)
    jobs.run_waiting()
    found_import.refresh_from_db()
    assert (found_import.state, Member.objects.count()) == ("applied", 3000)


CELL = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.sampled_from(
        [
            "branch",
            "general",
            "foreign",
            GENERAL,
            BRANCH,
            "党支部",
            "党总支",
            "男",
            "正式党员",
            "1970-05",
            "2010.8",
            "D1",
            "新支部",
            "书记",
        ]
        + ["office-city", "=1+1", "\\N", "a\tb", "a\\b", "'); DROP TABLE x; --", "是", "否", "{}", "%s"]
    ),
    st.integers(-5, 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)),
    st.booleans(),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    organizations=st.lists(st.lists(CELL, min_size=8, max_size=8), max_size=6),
    members=st.lists(st.lists(CELL, min_size=9, max_size=9), max_size=6),
    posts=st.lists(st.lists(CELL, min_size=4, max_size=4), max_size=3),
)
def test_any_workbook_is_checked_or_refused_and_never_half_written(
    chain, office, organizations, members, posts
):
    def clean(rows):
        return [[_legal(cell) for cell in row] for row in rows]

    before = (Organization.objects.count(), Member.objects.count())
    data = workbook(clean(organizations), clean(members), clean(posts))
    found_import = checked(data, chain["city"], office)
    assert found_import.state in ("checked", "refused"), found_import.message
    assert "系统处理这份文件时出错" not in found_import.message
    assert (Organization.objects.count(), Member.objects.count()) == before


def _legal(cell):
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    return ILLEGAL_CHARACTERS_RE.sub("", cell) if isinstance(cell, str) else cell


def test_a_hostile_workbook_is_refused_and_the_worker_lives(chain, office):
    from tests.common.test_spreadsheets_reader import FAR, parts, rows, zipped

    bomb = zipped(parts(rows("甲").replace("</sheetData>", FAR.format(""))))
    found_import = checked(bomb, chain["city"], office)
    assert found_import.state == "refused"
    assert "XFD1048576" in found_import.message


def test_organizations_founded_meanwhile_under_the_same_name_are_noticed(chain, office):
    rows = [["S1", "新支部", None, "党支部", GENERAL, None, 1, None]]
    found_import = checked(workbook(rows), chain["city"], office)
    confirm_import(found_import, digest=found_import.digest, by=office)
    found(name="新支部", kind="branch", code="S9", parent=chain["general"], on=dt.date(2015, 1, 1))
    jobs.run_waiting()
    found_import.refresh_from_db()
    assert (found_import.state, Organization.objects.filter(name="新支部").count()) == ("checked", 1)
