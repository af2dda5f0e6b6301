"""The background of imports: take one that waits, check it or apply it, say how far it is.

A worker holds an import by a lease it keeps renewing. A worker that was killed lets it run out, and the
next one begins anew: a dry run replaces its preview, an application is one transaction, all or nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable

import structlog
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from common.events import record
from common.spreadsheets.reader import Workbook, open_workbook
from common.spreadsheets.refusal import WorkbookRefused
from organizations.access import may
from organizations.imports import apply, preview
from organizations.imports.plan import Plan, make_plan
from organizations.imports.staging import Staged, stage, wanted_titles
from organizations.models import RosterImport
from organizations.models.imports import FOLDER, RosterImportQuerySet
from organizations.services.imports import IMPORT
from organizations.services.tree import lock_tree

logger = structlog.get_logger(__name__)

LEASE = dt.timedelta(seconds=90)
ATTEMPTS = 3
KEPT = dt.timedelta(days=30)  # previews; the file itself goes as soon as it is no longer needed
STRAY = dt.timedelta(days=1)  # a file without an import that may still need it
_TELL_EVERY = 0.4  # seconds between two notes of progress
State = RosterImport.State
_CHANGED_MEANWHILE = "核对之后，名册有了变动，这次没有导入。下面是重新核对的结果，请看过后再确认。"
_BROKEN = "系统处理这份文件时出错，没有导入任何内容。请稍后重新上传；再次出错请联系系统管理员。"


class LeaseLost(Exception):
    """Somebody else took the import over, or the person gave it up."""


class MeanwhileChanged(Exception):
    """The roster is no longer the one the person saw in the preview."""


def run_waiting(limit: int = 5) -> int:
    """Run imports that wait, oldest first; returns how many were taken. Safe in several workers."""
    taken = 0
    while taken < limit and (roster_import := take()) is not None:
        taken += 1
        run(roster_import)
    return taken


@transaction.atomic
def take() -> RosterImport | None:
    """Claim one. ``attempts`` counts the claims and tells one worker's claim from another's."""
    roster_import = RosterImport.objects.waiting().select_for_update(skip_locked=True, of=("self",)).first()
    if roster_import is None:
        return None
    roster_import.leased_until = timezone.now() + LEASE
    roster_import.attempts += 1
    roster_import.save(update_fields=["leased_until", "attempts"])
    return roster_import


def run(roster_import: RosterImport) -> None:
    log = logger.bind(roster_import=roster_import.pk, attempt=roster_import.attempts)
    if roster_import.attempts > ATTEMPTS:
        _finish(roster_import, state=State.REFUSED, message=_BROKEN)
        return
    try:
        _run(roster_import)
    except LeaseLost:
        log.info("import_lease_lost")
    except WorkbookRefused as refused:
        _finish(roster_import, state=State.REFUSED, message=str(refused))
    except apply.PostRefused as refused:
        _finish(roster_import, state=State.CHECKED, message=f"没有导入：工作表“任职”{refused}")
    except DatabaseError:
        log.exception("import_not_written")
        _let_go(roster_import)
    except Exception:
        log.exception("import_failed")
        _let_go(roster_import)


def _run(roster_import: RosterImport) -> None:
    _require_rights(roster_import)
    path = roster_import.file.path
    with open(path, "rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != roster_import.sha256:
            raise WorkbookRefused("hash", "保存的文件与上传时不一致，不能导入。请重新上传。")
    _telling(roster_import)("打开", 0, 0)
    try:
        with open_workbook(path, name=roster_import.filename, sheets=wanted_titles()) as book:
            staged = stage(book, _telling(roster_import))
            if roster_import.state == State.UPLOADED:
                check(roster_import, staged, book)
            else:
                confirm(roster_import, staged, book)
    finally:
        _drop_tables()


def _require_rights(roster_import: RosterImport) -> None:
    """The importer's rights as they are now, not as they were at the upload. What is judged next asks them too."""
    by = get_user_model().objects.get(pk=roster_import.uploaded_by_id)  # with no posts remembered
    by.acting_key = roster_import.acting_key
    roster_import.uploaded_by = by
    if not may(by, IMPORT, roster_import.organization):
        raise WorkbookRefused(
            "rights", f"您现在的职务不能在“{roster_import.organization.name}”范围内导入名册。"
        )


def check(roster_import: RosterImport, staged: Staged, book: Workbook) -> None:
    """The dry run (试导入): judge, store the preview, write nothing else."""
    tell = _telling(roster_import)
    tell("核对", 0, 0)
    with transaction.atomic():
        plan = make_plan(roster_import, staged)
        _store(roster_import, plan, book, message="")


def confirm(roster_import: RosterImport, staged: Staged, book: Workbook) -> None:
    """Judge again under the tree's lock, and write when nothing has changed since the preview."""
    _telling(roster_import)("写入", 0, 0)
    try:
        with transaction.atomic():
            lock_tree()
            _require_rights(roster_import)  # reading a large file takes a while, and a post may end meanwhile
            plan = make_plan(roster_import, staged, lock=True)
            if preview.digest(plan) != roster_import.digest:
                raise MeanwhileChanged
            written = apply.write(plan, roster_import)
            _held(roster_import)
            by = roster_import.uploaded_by
            record(roster_import, "apply", by=by, permission=IMPORT, after=written)
            _end(
                roster_import,
                state=State.APPLIED,
                message="",
                summary=roster_import.summary | {"written": written},
            )
            transaction.on_commit(lambda: _after_loading(roster_import))
    except MeanwhileChanged:
        with transaction.atomic():
            _store(roster_import, make_plan(roster_import, staged), book, message=_CHANGED_MEANWHILE)


def _after_loading(roster_import: RosterImport) -> None:
    """The planner must hear of 60,000 new members now, not when autovacuum comes by: lists take seconds till then."""
    roster_import.file.delete(save=False)
    with connection.cursor() as cursor:
        cursor.execute(
            "ANALYZE organizations_organization, organizations_affiliation, organizations_member,"
            " organizations_membership"
        )


def _store(roster_import: RosterImport, plan: Plan, book: Workbook, message: str) -> None:
    _held(roster_import)
    preview.store(roster_import, plan, book)
    _end(
        roster_import,
        state=State.CHECKED,
        message=message,
        summary=roster_import.summary,
        digest=roster_import.digest,
        confirmed_at=None,
    )


def _held(roster_import: RosterImport) -> None:
    """Is it still ours? Locks the row; a person who gives up waits until we are through, or we for them."""
    now = RosterImport.objects.select_for_update(of=("self",)).get(pk=roster_import.pk)
    if (now.attempts, now.state) != (roster_import.attempts, roster_import.state):
        raise LeaseLost


def _end(roster_import: RosterImport, **values: object) -> None:
    """This piece of work is done: the next one starts with a fresh count of attempts."""
    values |= {"leased_until": None, "attempts": 0, "stage": "", "finished_at": timezone.now()}
    RosterImport.objects.filter(pk=roster_import.pk).update(**values)


@transaction.atomic
def _finish(roster_import: RosterImport, **values: object) -> None:
    try:
        _held(roster_import)
    except LeaseLost:
        return
    _end(roster_import, **values)
    if values["state"] == State.REFUSED:
        transaction.on_commit(lambda: roster_import.file.delete(save=False))


def _let_go(roster_import: RosterImport) -> None:
    """Whoever comes next tries again, at most ATTEMPTS times in all."""
    RosterImport.objects.filter(pk=roster_import.pk, attempts=roster_import.attempts).update(
        leased_until=None
    )


def _telling(roster_import: RosterImport) -> Callable[[str, int, int], None]:
    """A progress function: notes how far we are and renews the lease, now and then."""
    last = 0.0

    def tell(stage_name: str, done: int, total: int) -> None:
        nonlocal last
        if done and done != total and time.monotonic() - last < _TELL_EVERY:
            return
        last = time.monotonic()
        held = RosterImport.objects.filter(
            pk=roster_import.pk, attempts=roster_import.attempts, state=roster_import.state
        ).update(stage=stage_name, done=done, total=total, leased_until=timezone.now() + LEASE)
        if not held:
            raise LeaseLost

    return tell


def _drop_tables() -> None:
    if connection.needs_rollback:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS incoming_member, roster_place, judged_member, founded_place, drawn_member"
        )


def sweep(now: dt.datetime | None = None) -> int:
    """Previews older than a month go, with files nobody confirmed; counts and events stay."""
    old = RosterImport.objects.filter(uploaded_at__lt=(now or timezone.now()) - KEPT).exclude(
        state__in=RosterImport.WAITING
    )
    # a preview may have no rows: it must not lie there to be confirmed for ever
    due = old.filter(Q(rows__isnull=False) | Q(state=State.CHECKED)).values_list("pk", flat=True)
    return sum(_sweep_one(old, pk) for pk in due.order_by("pk").distinct()[:20])


@transaction.atomic
def _sweep_one(old: RosterImportQuerySet, pk: int) -> bool:
    """Unless somebody has just confirmed it."""
    roster_import = old.select_for_update(of=("self",)).filter(pk=pk).first()
    if roster_import is None:
        return False
    roster_import.rows.all().delete()
    if roster_import.state == State.CHECKED:
        _end(roster_import, state=State.CANCELLED, message="放置超过 30 天，已自动放弃。")
    transaction.on_commit(lambda: roster_import.file.delete(save=False))
    return True


def sweep_files(now: dt.datetime | None = None) -> int:
    """Files that no import will open again: whoever should have deleted one was killed in between.

    A day's grace, because a file is there before its import is written.
    """
    storage, before = RosterImport.file.field.storage, (now or timezone.now()) - STRAY
    try:
        names = [f"{FOLDER}/{name}" for name in storage.listdir(FOLDER)[1]]
    except FileNotFoundError:  # nothing was ever uploaded
        return 0
    wanted = set(RosterImport.objects.wanting_their_file().values_list("file", flat=True))
    stray = [name for name in names if name not in wanted and storage.get_modified_time(name) < before]
    for name in stray:
        storage.delete(name)
    return len(stray)
