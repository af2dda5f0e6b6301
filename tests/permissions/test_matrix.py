"""Every address × every role × (own, subordinate, sibling, superior, foreign) organization, bodies and rows included."""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from http.cookies import SimpleCookie

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.test import Client

from common.templatetags import cn
from organizations import access, exports
from organizations.models.roster import MemberQuerySet
from pledges.exports import ledger
from pledges.models.pledge import PledgeQuerySet
from pledges.models.publication import PublicationQuerySet
from tests.permissions import pages, pages_rounds
from tests.permissions.answers import FORBIDDEN, LOGIN, MISSING, NOT_ALLOWED, OK, Case
from tests.permissions.oracle import ROLES, Who
from tests.permissions.pages import SECTIONS, addresses, cases
from tests.permissions.world import World

TRY_THE_DOOR = {
    "nobody",
    "secretary@branch",
    "office@city",
}  # enough for a page that takes no POST from anyone
REFUSED = {FORBIDDEN, MISSING, NOT_ALLOWED}
# a lock (FOR UPDATE) writes nothing
WRITES = re.compile(
    r"(?<!\bfor )(?<!\bkey )\b(insert|update|delete|merge|truncate|copy|call|do)\b", re.IGNORECASE
)
QUIET = {"accounts_usersession", "django_session", "common_heartbeat"}  # last seen: not a change of the world


class Matrix:
    def __init__(self, world: World) -> None:
        self.world = world
        self.clients = {who: self._client(who) for who in ROLES}  # before anything is taken back
        self.cookies = {who: client.cookies.output(header="") for who, client in self.clients.items()}
        self.asked: Counter[str] = Counter()
        self.before = _fingerprint()  # each question is taken back, so this is how every one of them begins

    def _client(self, who: Who) -> Client:
        client = Client(raise_request_exception=False)
        if who.signed_in:
            client.force_login(self.world.users[who])
        return client

    def run(self, cases: Iterable[Case], roles: Iterable[Who] = ROLES, *, htmx: bool = False) -> list[str]:
        """Ask everything; each sentence that comes back is a fault."""
        faults = []
        roles = list(roles)
        for case in cases:
            for who in roles:
                faults += self._get(case, who, htmx) + self._post(case, who, htmx)
        return faults

    def _get(self, case: Case, who: Who, htmx: bool) -> list[str]:
        with _undone():
            answer = self._ask("get", case, who, htmx)
        return self._status(case, who, "GET", answer, case.get(who)) + self._leaks(case, who, answer)

    def _post(self, case: Case, who: Who, htmx: bool) -> list[str]:
        expected = case.post(who)
        if expected == NOT_ALLOWED and who.name not in TRY_THE_DOOR:
            return []
        with _undone(), _writes() as written:
            answer = self._ask("post", case, who, htmx)
            changed = expected != OK and bool(written) and self.before != _fingerprint()
        found = self._leaks(case, who, answer)
        if expected == OK:
            if answer.status_code in REFUSED or answer.status_code >= 500:
                found.append(f"POST {case} by {who}: refused with {answer.status_code}")
        else:
            found += self._status(case, who, "POST", answer, expected)
            if changed:
                found.append(f"POST {case} by {who}: refused, and yet something was written")
        return found

    def _ask(self, method: str, case: Case, who: Who, htmx: bool):
        self.asked[case.name] += 1
        headers = {"HX-Request": "true"} if htmx else {}
        data = case.data if method == "post" else None
        client = self.clients[who]
        client.cookies = SimpleCookie(self.cookies[who])  # as before any sign-out that was taken back
        return getattr(client, method)(case.url, data, headers=headers)

    def _status(self, case: Case, who: Who, method: str, answer, expected: int) -> list[str]:
        if expected == LOGIN and not who.signed_in and method == "POST" and answer.status_code == FORBIDDEN:
            return []  # the session is over: a page that keeps what was typed and asks to sign in
        to_login = answer.status_code == LOGIN and "/login/" in answer.get("Location", "")
        got = answer.status_code
        if expected == LOGIN and not who.signed_in and case.get(who) == LOGIN and case.name != "portal:size":
            return (
                []
                if to_login or answer.headers.get("HX-Redirect")
                else [f"{method} {case} by {who}: no sign-in asked, {got}"]
            )
        return [] if got == expected else [f"{method} {case} by {who}: {got} instead of {expected}"]

    def _leaks(self, case: Case, who: Who, answer) -> list[str]:
        try:
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        except Exception as broken:  # noqa: BLE001 -- a file that breaks off is a fault of its own
            return [f"{case} breaks off for {who}: {broken!r}"]
        text = _unpacked(body) + " ".join(answer.headers.values())
        return [f"{case} shows {who}: {what} of {place}" for what, place in self.world.leaks(who, text)]


def _unpacked(body: bytes) -> str:
    """Files are opened: a leak in a spreadsheet is a leak."""
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return " ".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    return body.decode("utf-8", "replace")


class _undone:
    """Whatever the request wrote is taken back, so that every question meets the same world."""

    def __enter__(self):
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def __exit__(self, *_):
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)


@contextlib.contextmanager
def _writes() -> Iterator[list[str]]:
    """The statements that may have written something: reading every row again is dear, and most doors stay shut."""
    seen: list[str] = []

    def note(execute, sql, params, many, context):
        if WRITES.search(sql):
            seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


def _fingerprint() -> str:
    """A digest of every row of our tables."""
    tables = [
        t
        for t in connection.introspection.table_names()
        if t.split("_")[0]
        in {"accounts", "notifications", "organizations", "campaigns", "pledges", "common", "guardian"}
        and t not in QUIET
    ]
    union = " UNION ALL ".join(
        f"SELECT '{t}' AS name, count(*) AS n, sum(hashtextextended(x::text, 0)) AS digest FROM {t} x"
        for t in sorted(tables)
    )
    with connection.cursor() as cursor:
        cursor.execute(union)
        return str(cursor.fetchall())


def test_every_address_has_an_entry(world):
    missing = addresses() - {case.name for case in cases(world)}
    assert missing == set(), "an address without a line in tests/permissions/pages.py"


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_nobody_sees_or_does_more_than_the_signed_matrix_says(section, world):
    assert Matrix(world).run(section(world)) == []


def test_the_matrix_is_not_small(world):
    assert len(cases(world)) * len(ROLES) > 5_000


def test_a_page_and_its_pieces_tell_the_same(world):
    """The same questions with HX-Request: whatever is swapped in must not say more than the page."""
    matrix = Matrix(world)
    roles = [
        who for who in ROLES if who.name in {"visitor", "nobody", "secretary@branch", "office@neighbour"}
    ]
    faults = matrix.run(cases(world), roles, htmx=True)
    assert [f for f in faults if " shows " in f or ": 500" in f or "written" in f] == []


# -- the matrix itself is tried: each planted fault must be found --------------------------------------

SOME = ["secretary@committee", "secretary@branch", "office_director@neighbour", "discipline@branch", "nobody"]


def _see_everything(monkeypatch):
    monkeypatch.setattr(PledgeQuerySet, "visible_to", lambda rows, user: rows.all())


def _forget_the_dot(monkeypatch):
    """1.900 covers 1.9001: the mistake that only planted ids find."""

    def within(path, *, via=""):
        return Q(**{f"{via}path__startswith": path.rstrip(".")})

    monkeypatch.setattr(access, "within", within)


def _let_everyone(monkeypatch):
    monkeypatch.setattr(access, "covers", lambda reach, holder, target: True)


def _show_withdrawn(monkeypatch):
    monkeypatch.setattr(PublicationQuerySet, "published", lambda rows: rows.all())


def _open_the_roster(monkeypatch):
    monkeypatch.setattr(MemberQuerySet, "visible_to", lambda rows, user: rows.all())


def _show_phones(monkeypatch):
    for module in [cn, exports]:
        monkeypatch.setattr(module, "mask_phone", lambda text: text)


def test_a_refusal_that_writes_is_found(world):
    case = Case("notifications:read_all", lambda who: NOT_ALLOWED, lambda who: FORBIDDEN)
    faults = Matrix(world).run([case], [who for who in ROLES if who.name == "nobody"])
    assert any("something was written" in fault for fault in faults)


def test_a_file_that_breaks_off_is_found(world, monkeypatch):
    """Its status was 200 before the first row was asked for."""

    def torn(user, items):
        yield from ()
        raise RuntimeError("torn")

    monkeypatch.setattr(ledger, "ledger_rows", torn)
    exports = [case for case in pages_rounds.round_pages(world) if case.name == "pledges:ledger"]
    faults = Matrix(world).run(exports, [who for who in ROLES if who.name == "secretary@committee"])
    assert any("breaks off" in fault for fault in faults)


@pytest.mark.parametrize(
    ("plant", "sections"),
    [
        (_see_everything, [pages.pledge_pages]),
        (_forget_the_dot, [pages.pledge_pages, pages.member_pages]),
        (_let_everyone, [pages.step_pages]),
        (_show_withdrawn, [pages.public_pages]),
        (_open_the_roster, [pages.member_pages]),
        (_show_phones, [pages.member_pages]),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_a_planted_fault_is_found(plant, sections, world, monkeypatch):
    plant(monkeypatch)
    roles = [who for who in ROLES if who.name in SOME]
    assert any(Matrix(world).run(section(world), roles) for section in sections)
