"""bench lists: how long it takes to see one's pledges, in a city, a prefecture and a province.

Every row is a median. ``ratio_to_bare``: against a view that does nothing, in this process, through the same
middleware. ``ratio_to_stock``: against guardian's ``get_objects_for_user`` with a row per descendant, same rows.
Rows called "goal: …" compare with what was promised; ``verdict`` is pass or miss.
"""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.core.management.base import CommandParser
from django.db import connection
from django.test import Client
from django.test.utils import override_settings

from chuangxian.bench import load, own_database, stock
from chuangxian.bench.goals import verdicts
from chuangxian.bench.urls import BARE
from chuangxian.demo import scale as scales
from common.paging import COUNT_LIMIT, capped, capped_count, capped_counts, keyset
from common.search import matching
from organizations.access import holdings, may
from organizations.models import Organization
from pledges.models import Pledge, Publication
from pledges.queries import waiting_for

NAME, HELP = "lists", "lists, counts and permission checks at 3,021 / 30,211 / 200,001 organizations"
User = get_user_model()
WHO = {"leaf": "zhishu", "mid": "jushuji", "county": "jiguan", "root": "bangong", "nine": "duozhi"}
# Frequent, less so, rare, and what stands nowhere; one organization's own name comes besides.
WORDS = ("服务", "河道", "露天粪缸", "喀斯特")
PORT, ROUNDS, SECONDS = 8179, 7, 2.0
Row = dict[str, Any]


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--scale", nargs="+", choices=scales.LEVELS, default=["s"], help="one or several")
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--no-served", action="store_true", help="leave out the requests per second")


def run(options: dict[str, Any]) -> Iterator[Row]:
    logging.disable(logging.INFO)  # a line for each request would be measured too
    rows: list[Row] = []
    own = {"ROOT_URLCONF": "chuangxian.bench.urls", "ALLOWED_HOSTS": ["testserver"], "DEBUG": False}
    with override_settings(**own, STORAGES=storages()):
        for scale in options["scale"]:
            with own_database():
                for row in _scale(scale, options["repeats"], is_served=not options["no_served"]):
                    rows.append(row)
                    yield row
    yield from verdicts(rows)


def storages() -> dict[str, Any]:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    return {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}, "staticfiles": plain}


def _scale(scale: str, repeats: int, *, is_served: bool) -> Iterator[Row]:
    began = time.perf_counter()
    scales.build(scale, say=lambda text: None)
    yield {"name": "build the data", "scale": scale, "ms": round((time.perf_counter() - began) * 1000), "queries": None,
           "ratio_to_bare": None, "ratio_to_stock": None}  # fmt: skip
    stock.fill([_user(username) for username in WHO.values()])
    bench = Bench(scale, repeats)
    for who, username in WHO.items():
        yield from _of_person(bench, who, username)
    yield from _of_anyone(bench)
    if is_served:
        yield from _served(scale)


class Bench:
    """Takes medians and puts them in proportion."""

    def __init__(self, scale: str, repeats: int) -> None:
        self.scale, self.repeats = scale, repeats
        client = Client()
        self.bare = self._median(lambda: client.get(BARE))[0]

    def row(
        self, name: str, work: Callable[[], object], stock_work: Callable[[], object] | None = None
    ) -> Row:
        ms, sql_ms, queries = self._median(work)
        stock_ms = self._median(stock_work, 5)[0] if stock_work else None
        return {
            "name": name,
            "scale": self.scale,
            "ms": round(ms, 2),
            "queries": queries,
            "ratio_to_bare": round(ms / self.bare, 2),
            "ratio_to_stock": round(ms / stock_ms, 4) if stock_ms else None,
            "sql_ms": round(sql_ms, 2),
            "stock_ms": round(stock_ms, 1) if stock_ms else None,
        }

    def _median(self, work: Callable[[], object], repeats: int = 0) -> tuple[float, float, int]:
        """(ms, ms spent in SQL, number of queries), each a median after two runs to warm up."""
        for _ in range(2):
            work()
        samples = [sample(work) for _ in range(repeats or self.repeats)]
        total, sql, queries = zip(*samples, strict=True)
        return statistics.median(total), statistics.median(sql), int(statistics.median(queries))


def sample(work: Callable[[], object]) -> tuple[float, float, int]:
    spent: list[float] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent.append(time.perf_counter() - began)

    with connection.execute_wrapper(watch):
        began = time.perf_counter()
        work()
        took = time.perf_counter() - began
    return took * 1000, sum(spent) * 1000, len(spent)


def _user(username: str) -> Any:
    """A fresh person, as each request has one: no posts loaded yet."""
    return User.objects.get(username=username)


def _fresh(user: Any) -> Any:
    user.__dict__.pop("_holdings", None)
    return user


def _page(rows: Any) -> list[Any]:
    return keyset(rows.select_related("organization", "phase", "category"), "changed_at", {}).rows


def _of_person(bench: Bench, who: str, username: str) -> Iterator[Row]:
    user = _user(username)
    ours, theirs = Pledge.objects.of_organizations().visible_to, stock.visible
    yield bench.row(f"list, {who}: posts, page and badge", lambda: _list(_fresh(user)))
    holdings(user)
    yield bench.row(f"list, {who}: page", lambda: _page(ours(user)), lambda: _page(theirs(user)))
    yield bench.row(f"list, {who}: count, as shown", lambda: capped_count(ours(user)), theirs(user).count)
    yield bench.row(f"list, {who}: count badge", lambda: capped_count(ours(user).filter(waiting_for(user))))
    yield bench.row(f"exact count, {who}", ours(user).count, theirs(user).count)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    yield bench.row(f"/desk/pledges/, {who}", lambda: _ok(client.get("/desk/pledges/?state=")))
    yield bench.row(f"/desk/, {who}", lambda: _ok(client.get("/desk/")))


def _list(user: Any) -> None:
    """What a list asks for: the posts, the page, the badge. Three queries."""
    visible = Pledge.objects.of_organizations().visible_to(user)
    _page(visible)
    capped_counts({"todo": visible.filter(waiting_for(user)), "": visible})


def _ok(response: Any) -> None:
    if response.status_code != 200:
        raise RuntimeError(f"{response.status_code} for {response.request['PATH_INFO']}")


def _of_anyone(bench: Bench) -> Iterator[Row]:
    client, user = Client(), _user(WHO["mid"])
    place = Organization.objects.under(holdings(user)[0]).last()  # type: ignore[arg-type]
    assert place is not None  # noqa: S101 -- for mypy
    pk, permission = place.pk, "pledges.view_pledge"
    yield bench.row(
        "permission check", lambda: may(_fresh(user), permission, place), lambda: stock.may(user, pk)
    )
    holdings(user)
    yield bench.row("permission check, posts loaded", lambda: may(user, permission, place))
    yield bench.row("/pledges/", lambda: _ok(client.get("/pledges/")))
    yield bench.row("/", lambda: _ok(client.get("/")))
    for word in (*WORDS, place.name):
        rows = matching(Publication.objects.published().of_organizations(), word)
        found = capped_count(rows)
        shown = found if found <= COUNT_LIMIT else f"{COUNT_LIMIT}+"
        yield bench.row(f"search {word} ({shown})", partial(_search, word))
        yield bench.row(f"/pledges/?q={word}", partial(get, client, f"/pledges/?{urlencode({'q': word})}"))
    yield bench.row("bare view", lambda: client.get(BARE))


def _search(word: str) -> None:
    """What the public list does with a word: the capped count, then the page."""
    _, rows = capped(matching(Publication.objects.published().of_organizations(), word))
    keyset(rows.for_cards(), "published_at", {})


def get(client: Client, path: str) -> None:
    _ok(client.get(path))


def _served(scale: str) -> Iterator[Row]:
    """Requests per second through granian, bare view and list page in turn."""
    bare, page = [], []
    with load.served(PORT, workers=2):
        for path in (BARE, "/pledges/"):
            load.rate(PORT, path, 1.0)
        for _ in range(ROUNDS):
            bare.append(load.rate(PORT, BARE, SECONDS))
            page.append(load.rate(PORT, "/pledges/", SECONDS))
    bare_rate, page_rate = statistics.median(bare), statistics.median(page)
    yield {
        "name": f"/pledges/ served: {page_rate:.0f}/s, bare view {bare_rate:.0f}/s",
        "scale": scale,
        "ms": round(1000 / page_rate, 2),
        "queries": None,
        "ratio_to_bare": round(page_rate / bare_rate, 3),  # of the bare view's rate
        "ratio_to_stock": None,
    }
