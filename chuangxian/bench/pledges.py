"""bench pledges: a branch's filing in one sitting, vetting and publishing in bulk, hints, the public lists.

A batch is measured twice, small and large, so that its queries can be told apart from its rows. The services are
called as a page calls them; ``ratio_to_bare`` is against the view that does nothing, in the same process.
"""

from __future__ import annotations

import datetime as dt
import logging
import resource
import statistics
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from random import Random
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.core.management.base import CommandParser
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone

from campaigns.models import Phase, Subject
from campaigns.queries import current_phase
from chuangxian.bench import exporting, own_database
from chuangxian.bench.alone import peak_alone
from chuangxian.bench.goals import verdicts_on_pledges
from chuangxian.bench.lists import WHO, Bench, Row, get, sample, storages
from chuangxian.demo import scale as scales
from chuangxian.demo.names import people
from chuangxian.demo.phrases import GENERAL
from common.paging import capped, keyset
from common.search import matching
from organizations.kinds import Kind
from organizations.models import Member, Organization
from pledges import services
from pledges.models import Pledge, PledgeItem, Publication
from pledges.queries.hints import Asked, asked_of, nearest
from pledges.texts import blank_text

NAME, HELP = "pledges", "filing, vetting and publishing in bulk, hints, public lists, at three scales"
FEW, MANY = 5, 50  # members of a branch that are entered in one sitting
ITEMS_EACH = 2
WORDS = ("服务", "河道", "喀斯特")  # frequent, less so, nowhere
NEW_ITEMS = 40
User = get_user_model()


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--scale", nargs="+", choices=scales.LEVELS, default=["s"], help="one or several")
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--items", type=int, default=500, help="how many are approved in bulk")


def run(options: dict[str, Any]) -> Iterator[Row]:
    logging.disable(logging.INFO)  # a line for each request would be measured too
    rows: list[Row] = []
    own = {"ROOT_URLCONF": "chuangxian.bench.urls", "ALLOWED_HOSTS": ["testserver"], "DEBUG": False}
    with override_settings(**own, STORAGES=storages()):
        for scale in options["scale"]:
            with own_database():
                for row in _scale(scale, options["repeats"], options["items"]):
                    rows.append(row)
                    yield row
    yield from verdicts_on_pledges(rows)


def _scale(scale: str, repeats: int, items: int) -> Iterator[Row]:
    scales.build(scale, say=lambda text: None)
    phase = current_phase(timezone.localdate())
    assert phase is not None  # noqa: S101 -- for mypy
    bench = Bench(scale, repeats)
    yield from _public(bench)
    yield from _hints(bench, phase)
    yield from _ledger(bench, phase)
    yield from _branch(bench, phase, max(items, FEW * ITEMS_EACH))


def _once(bench: Bench, name: str, work: Callable[[], object], **more: Any) -> Row:
    """What cannot be done twice."""
    ms, sql_ms, queries = sample(work)
    return {
        "name": name,
        "scale": bench.scale,
        "ms": round(ms, 2),
        "queries": queries,
        "ratio_to_bare": round(ms / bench.bare, 1),
        "sql_ms": round(sql_ms, 2),
        **more,
    }


# -- what anyone reads --------------------------------------------------------------------


def _public(bench: Bench) -> Iterator[Row]:
    """Organizations' by their page, members' by the same two questions: how many, and which twenty."""
    client = Client()
    yield bench.row("/pledges/", partial(get, client, "/pledges/"))
    for word in WORDS:
        yield bench.row(f"/pledges/?q={word}", partial(get, client, f"/pledges/?{urlencode({'q': word})}"))
    published = Publication.objects.published()
    for whose, rows in (
        ("organizations", published.of_organizations()),
        ("members", published.of_members()),
    ):
        yield bench.row(f"list of {whose}' publications", partial(_listed, rows))
        for word in WORDS:
            found = matching(rows, word)
            yield bench.row(f"search {word}, {whose}' ({_shown(found)})", partial(_listed, found))
    branch = published.of_members().latest("pk").organization_id
    of_branch = published.of_members().filter(organization=branch)
    yield bench.row("list of one branch's members' publications", partial(_listed, of_branch))


def _listed(rows: QuerySet[Publication]) -> None:
    _, few = capped(rows)
    keyset(few.for_cards(), "published_at", {})


def _shown(rows: QuerySet[Publication]) -> str:
    count, _ = capped(rows)
    return "1000+" if count > 1000 else str(count)


# -- hints ----------------------------------------------------------------------------------


def _hints(bench: Bench, phase: Phase) -> Iterator[Row]:
    """All of the running round in the background, then one new item among them."""
    count = PledgeItem.objects.filter(pledge__phase=phase).exclude(state="draft").count()
    yield _once(bench, f"sketch {count} items", lambda: services.hints.sketch_missing(phase))
    for name in ("first time", "again"):
        row = _once(bench, f"compare {count} items, {name}", lambda: services.compare(phase), items=count)
        yield row | {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}
    took = []
    for each in _new_items(phase):
        ms, _, queries = sample(partial(nearest, [each]))
        took.append(ms)
    yield {
        "name": f"the twin of one new item among {count}, the median of {len(took)}",
        "scale": bench.scale,
        "ms": round(statistics.median(took), 2),
        "queries": queries,
        "ratio_to_bare": round(statistics.median(took) / bench.bare, 1),
        "slowest_ms": round(max(took), 2),
        "items": count,
    }


def _new_items(phase: Phase) -> list[Asked]:
    """As many are typed: texts of others with a clause more, in places near the root and far from it."""
    pks = PledgeItem.objects.filter(pledge__phase=phase).order_by("pk").values_list("pk", flat=True)
    step = max(1, pks.count() // NEW_ITEMS)
    asked = asked_of(list(pks)[::step][:NEW_ITEMS])
    return [each._replace(own=0, text=f"在全体党员中{each.text}，每季度公布一次") for each in asked]


# -- the ledger ---------------------------------------------------------------------------


def _ledger(bench: Bench, phase: Phase) -> Iterator[Row]:
    """The round's whole ledger as the top office exports it, against the same statement with nothing done to its rows."""
    office = User.objects.get(username=WHO["root"])
    count = exporting.fetch_ledger(office, phase.pk)
    fetch = _median_of(3, partial(exporting.fetch_ledger, office, phase.pk))
    export = _median_of(3, partial(exporting.export_whole_ledger, office, phase.pk))
    memory = peak_alone("export_whole_ledger", office.pk, phase.pk)
    yield _whole(bench, f"bare fetch of a ledger of {count} rows", fetch)
    yield (
        _whole(bench, f"export of a ledger of {count} rows", export)
        | memory
        | {"ratio_to_fetch": round(export / fetch, 2)}
    )


def _whole(bench: Bench, name: str, ms: float) -> Row:
    bare = round(ms / bench.bare, 1)
    return {"name": name, "scale": bench.scale, "ms": round(ms), "queries": None, "ratio_to_bare": bare}


def _median_of(times: int, work: Callable[[], object]) -> float:
    """Milliseconds."""
    return statistics.median(sample(work)[0] for _ in range(times))


# -- a branch's year --------------------------------------------------------------------------


def _branch(bench: Bench, phase: Phase, items: int) -> Iterator[Row]:
    """The secretary enters and files for members without an account, approves, proposes and publishes."""
    place = Organization.objects.filter(kind=Kind.BRANCH, members=None).latest("pk")
    secretary, superior = (User.objects.get(pk=pk) for pk in (place.pk, place.parent_id))
    rest = max(0, items // ITEMS_EACH - MANY)
    few, many, more = (list(islice(_enrolled(place), count)) for count in (FEW, MANY, rest))
    for members in (few, many):
        yield _once(
            bench,
            f"entry of {len(members)} members: draft and text",
            partial(_enter, members, phase, secretary),
        )
        yield _once(bench, f"submit_all, {len(members)} members", partial(_file, members, secretary))
    _enter(more, phase, secretary)
    _file(more, secretary)
    yield _once(bench, f"twins of {services.hints.AT_ONCE} newly filed items at most", services.check_new)
    for members in (few, many + more):
        rows = PledgeItem.objects.filter(pledge__in=_pledges(members))
        count = rows.count()
        approve = partial(services.vet_all, rows, "approve", by=secretary)
        yield _once(bench, f"vet_all, {count} items", partial(_all, approve, count))
    for members in (few, many):
        rows, count = _pledges(members), len(members)
        propose = partial(services.propose_all, rows, by=secretary, scope="outside")
        yield _once(bench, f"propose_all, {count} pledges", partial(_all, propose, count))
        clear = partial(services.clear_all, rows, by=superior)
        yield _once(bench, f"clear_all, {count} pledges", partial(_all, clear, count))
        publish = partial(services.publish_all, rows, by=secretary)
        yield _once(bench, f"publish_all, {count} pledges", partial(_all, publish, count))


def _enrolled(place: Organization) -> Iterator[Member]:
    for name, sex in people(Random(Member.objects.count())):  # noqa: S311 -- the same every time
        yield Member.objects.create(
            organization=place,
            name=name,
            sex=sex,
            birth_month=dt.date(1975, 3, 1),
            joined_on=dt.date(2001, 7, 1),
        )


def _enter(members: list[Member], phase: Phase, by: Any) -> None:
    """Row by row, as the page saves them."""
    category = phase.campaign.rubric.filter(subject=Subject.MEMBER).values_list("pk", flat=True)[0]
    random = Random(len(members))  # noqa: S311 -- the same every time
    for member in members:
        items = [_item(random, phase) for _ in range(ITEMS_EACH)]
        draft = services.create_member_draft(member, phase, by=by)
        text = blank_text(category=category, aim="学好本职业务，带头服务群众", items=items)
        services.save(draft, text | {"directions": draft.directions}, version=draft.version, by=by)


def _item(random: Random, phase: Phase) -> dict[str, str]:
    phrase = random.choice(GENERAL[random.choice(list(GENERAL))])
    content = phrase.content.format(**{name: random.randint(*among) for name, among in phrase.ranges.items()})
    blank = dict.fromkeys(("measures", "responsible", "baseline", "target", "unit"), "")
    due_on = phase.ends_on or timezone.localdate()
    return {"key": f"{random.getrandbits(48):012x}", "content": content, "due_on": str(due_on), **blank}


def _pledges(members: list[Member]) -> QuerySet[Pledge]:
    return Pledge.objects.filter(member__in=members)


def _file(members: list[Member], by: Any) -> None:
    _all(partial(services.submit_all, _pledges(members), by=by), len(members))


def _all(work: Callable[[], Any], count: int) -> None:
    """A batch that leaves some undone has not been measured."""
    taken = work()
    if len(taken.done) != count:
        raise RuntimeError(f"{len(taken.done)} of {count}: {[why for _, why in taken.refused[:3]]}")
