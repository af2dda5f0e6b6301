"""A city, a prefecture or a province for measuring: 3,021, 30,211 or 200,001 organizations, 4 pledges each, and
members' pledges besides (``scale_members``).

Set-wise: organizations and people go in by COPY, pledges and publications are made by the database from a pool
of texts. 70 % of the pledges are published. The accounts of ``people`` are those of the demo, in like places.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission
from django.db import connection, transaction

from campaigns.models import Campaign, Phase
from campaigns.services import create_from_template
from campaigns.template_files import find
from chuangxian.demo import PASSWORD, scale_members
from chuangxian.demo.filing import categories_of
from chuangxian.demo.phrases import GENERAL, TITLES
from common.search import searchable
from common.text import initials, tokens
from organizations.kinds import Kind
from organizations.models import Organization
from organizations.posts import CODENAME, Post
from organizations.services import appoint, order_segment

User = get_user_model()
SEED = 20100819
# How many organizations on each level, from the root down.
LEVELS = {
    "s": (1, 20, 300, 2700),
    "m": (1, 12, 160, 2600, 27438),
    "l": (1, 13, 110, 1500, 18000, 180377),
}
BUREAUS = 0.08  # hang one level higher than their kind would
PLEDGES_EACH = 4
TEXTS = 4000  # different texts; with the organization's name every body is different
FOUNDED = dt.date(1992, 5, 4)
# Large loads are quicker without the search index, and with room to build it.
GIN = ("pledge_tokens", "publication_tokens")


@dataclass(slots=True)
class Node:
    pk: int
    parent: int  # 0 for the root
    level: int
    path: str
    order_path: str
    children: int = 0


def build(scale: str, *, say: Any = print) -> None:
    """Fill an empty database. ``say`` is told what is being done."""
    random = Random(SEED)  # noqa: S311 -- the same every time
    nodes = outline(LEVELS[scale], random)
    with transaction.atomic():
        say(f"{len(nodes)} organizations")
        _copy_organizations(nodes)
        _copy_secretaries(nodes)
        office = _people(nodes)
        phases = _phases(office)
        say(f"{len(nodes) * PLEDGES_EACH} pledges")
        definitions = _drop_indexes()
        _copy_texts(random)
        _insert_pledges(phases)
        say(f"{scale_members.COUNTS[scale]} members")
        scale_members.insert(scale_members.COUNTS[scale], phases, random, _copy)
        say("search indexes")
        _build_indexes(definitions)
    _analyse()


def outline(levels: tuple[int, ...], random: Random) -> list[Node]:
    """The tree, level by level. Fan-out is log-normal: a few large ones, many small ones."""
    nodes = [Node(1, 0, 0, "1.", order_segment(0, 1))]
    above = [nodes]
    for level, count in enumerate(levels[1:], 1):
        row: list[Node] = []
        for parent in _parents(above, count, random):
            pk = len(nodes) + len(row) + 1
            parent.children += 1
            row.append(
                Node(
                    pk,
                    parent.pk,
                    level,
                    f"{parent.path}{pk}.",
                    f"{parent.order_path}{order_segment(parent.children % 99999, pk)}",
                )
            )
        nodes = nodes + row
        above.append(row)
    return nodes


def _parents(above: list[list[Node]], count: int, random: Random) -> Iterable[Node]:
    direct = above[-1]
    weights = [random.lognormvariate(0, 1) for _ in direct]
    higher = above[-2] if len(above) > 2 else direct
    bureaus = int(count * BUREAUS)
    yield from random.choices(direct, weights, k=count - bureaus)
    yield from random.choices(higher, k=bureaus)


def _copy(table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """COPY, tab-separated. Values hold no tab, newline or backslash."""
    buffer = io.StringIO()
    for row in rows:
        buffer.write("\t".join(r"\N" if value is None else str(value) for value in row))
        buffer.write("\n")
    buffer.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", buffer)


def _kind(node: Node) -> str:
    if node.children == 0:
        return Kind.BRANCH
    return (
        (Kind.COMMITTEE, Kind.COMMITTEE, Kind.PRIMARY_COMMITTEE)[node.level]
        if node.level < 3
        else Kind.GENERAL_BRANCH
    )


def _copy_organizations(nodes: list[Node]) -> None:
    titles = {kind: (kind.label, initials(kind.label)) for kind in Kind}
    places = [(f"{place}{trade}", initials(f"{place}{trade}")) for place in _PLACES for trade in _TRADES]

    def rows() -> Iterable[tuple[Any, ...]]:
        for node in nodes:
            kind = Kind(_kind(node))
            place, letters = places[node.pk % len(places)]
            title, short = titles[kind]
            yield (
                node.pk, kind, f"{place}第{node.pk}{title}", "", f"S{node.pk:07d}", node.children % 99999,
                node.path, node.order_path, f"{letters}d{node.pk}{short}", "", FOUNDED, node.parent or None,
            )  # fmt: skip

    _copy(
        "organizations_organization",
        'id, kind, name, short_name, code, "order", path, order_path, initials, hotline, founded_on, parent_id',
        rows(),
    )
    _run(
        "INSERT INTO organizations_affiliation (organization_id, superior_id, starts_on)"
        " SELECT id, parent_id, founded_on FROM organizations_organization"
    )
    _run("SELECT setval(pg_get_serial_sequence('organizations_organization', 'id'), %s)", [len(nodes)])


_PLACES = (
    "东湖",
    "西塘",
    "南浦",
    "北桥",
    "运河",
    "鲈乡",
    "垂虹",
    "同心",
    "长桥",
    "松江",
    "太湖",
    "平川",
    "梅堰",
)
_TRADES = ("财政", "水利", "卫生", "教育", "交通", "农业", "民政", "建设", "环保", "商务", "税务")


def _copy_secretaries(nodes: list[Node]) -> None:
    """One secretary an organization; user id = organization id. Nobody can sign in as them."""
    columns = (
        "id, password, is_superuser, username, email, is_staff, is_active, date_joined, name,"
        " must_change_password, wants_mail"
    )
    joined = "2009-03-01 00:00:00+08"
    _copy(
        "accounts_user",
        columns,
        ((n.pk, "!", "f", f"s{n.pk}", "", "f", "t", joined, f"书记{n.pk}", "f", "f") for n in nodes),
    )
    _run("SELECT setval(pg_get_serial_sequence('accounts_user', 'id'), %s)", [len(nodes)])
    _run(
        "INSERT INTO organizations_appointment (post, starts_on, user_id, organization_id)"
        " SELECT %s, '2009-03-01', id, id FROM organizations_organization",
        [Post.SECRETARY],
    )
    _run(
        "INSERT INTO organizations_organizationuserpost (content_object_id, permission_id, user_id)"
        " SELECT id, %s, id FROM organizations_organization",
        [Permission.objects.get(codename=CODENAME.format(Post.SECRETARY.value)).pk],
    )


def _people(nodes: list[Node]) -> Any:
    """The demo's accounts in like places: a leaf, one half-way down, the root, nine posts of mixed depth."""
    leaf = next(n for n in reversed(nodes) if n.children == 0)
    middle = max((n for n in nodes if n.level == max(1, leaf.level - 2)), key=lambda n: n.children)
    county = [n for n in nodes if n.level == 1 and n.children]
    nine = [county[0], middle, *[n for n in nodes if n.level == leaf.level - 1][:3], *nodes[-5:-1]]
    places = Organization.objects.in_bulk({n.pk for n in (nodes[0], leaf, middle, *county[-1:], *nine)})
    password = make_password(PASSWORD)
    holds = {
        "zhishu": [(Post.LIAISON, leaf)],
        "jushuji": [(Post.DEPUTY_SECRETARY, middle)],
        "jiguan": [(Post.DEPUTY_SECRETARY, county[-1])],
        "bangong": [(Post.OFFICE, nodes[0])],
        "zhuren": [(Post.OFFICE_DIRECTOR, nodes[0])],
        "duozhi": [(Post.GROUP_MEMBER, node) for node in nine],
    }
    for username, posts in holds.items():
        user = User.objects.create(username=username, name=username, password=password)
        for post, node in posts:
            appoint(user=user, post=post, organization=places[node.pk], on=FOUNDED, by=None)
    return User.objects.get(username="bangong")


def _phases(office: Any) -> list[Phase]:
    template = find("chuangxian-2010")
    if template is None:
        raise LookupError("campaign template chuangxian-2010 is missing")
    for year in (2010, 2026):
        create_from_template(template, name=f"{year}年活动", starts_on=dt.date(year, 6, 1), by=office)
    phases = Phase.objects.filter(campaign__in=Campaign.objects.all()).order_by("starts_on")
    return list(phases.select_related("campaign"))[:PLEDGES_EACH]


def _copy_texts(random: Random) -> None:
    """The pool of texts with their tokens, and the tokens of every organization's name."""
    _run(
        "CREATE TEMPORARY TABLE scale_text (id int, number int, title text, body text, tokens text[], item jsonb)"
    )
    _copy("scale_text", "id, number, title, body, tokens, item", (_text(i, random) for i in range(TEXTS)))
    _run("CREATE TEMPORARY TABLE scale_name (id bigint, tokens text[])")
    names = Organization.objects.values_list("pk", "name").iterator(chunk_size=5000)
    _copy("scale_name", "id, tokens", ((pk, _array(tokens(name))) for pk, name in names))
    _run("CREATE UNIQUE INDEX ON scale_text (id)")
    _run("CREATE UNIQUE INDEX ON scale_name (id)")
    _run("ANALYZE scale_text")
    _run("ANALYZE scale_name")


def _text(number: int, random: Random) -> tuple[Any, ...]:
    category = 1 + number % 5
    phrase = random.choice(GENERAL[category])
    figures = {letter: random.randint(*bounds) for letter, bounds in phrase.ranges.items()}
    title = random.choice(TITLES[category])
    item = {
        "number": 1,
        "content": phrase.content.format(**figures),
        "measures": phrase.measures.format(**figures),
        "responsible": "书记",
        "due_on": "2026-12-31",
        "baseline": "",
        "target": "",
        "unit": "",
    }
    body = searchable([title, item["content"], item["measures"]])
    return (
        number,
        category,
        title,
        body.replace("\n", r"\n"),
        _array(tokens(body)),
        json.dumps(item, ensure_ascii=False),
    )


def _array(words: list[str]) -> str:
    return "{" + ",".join(words) + "}"


# One row a pledge. The dice decide its state: 70 % published, 10 % drafts, 5 % each of the others.
PLEDGES = f"""
CREATE TEMPORARY TABLE scale_pledge AS
SELECT nextval(pg_get_serial_sequence('pledges_pledge', 'id')) AS id, o.id AS organization_id, g.k,
    d.die % {TEXTS} AS text_id, o.folded,
    CASE WHEN d.dice < 70 THEN 'published' WHEN d.dice < 75 THEN 'submitted' WHEN d.dice < 80 THEN 'returned'
        WHEN d.dice < 85 THEN 'approved' WHEN d.dice < 90 THEN 'proposed' ELSE 'draft' END AS state,
    timestamptz '2010-08-19 09:00+08' + g.k * interval '180 days' + d.die % 15000000 * interval '1 second' AS moment
FROM (SELECT id, lower(normalize(name, NFKC)) AS folded FROM organizations_organization ORDER BY id) o
CROSS JOIN generate_series(0, {PLEDGES_EACH - 1}) AS g(k)
CROSS JOIN LATERAL (SELECT abs(hashint8(o.id * 7919 + g.k)::bigint) % 100 AS dice,
    abs(hashint8(o.id * 104729 + g.k)::bigint) AS die) d
"""  # noqa: S608 -- constants of this module
INSERT_PLEDGES = """
INSERT INTO pledges_pledge (id, title, directions, state, version, scope, return_reason, return_grounds, hands, body,
    tokens, created_at, changed_at, submitted_at, category_id, organization_id, phase_id, submitted_by_id,
    is_leading, aim, vetted_version)
SELECT s.id, t.title, '{superior,masses}', s.state, 2,
    CASE WHEN s.state IN ('proposed', 'published') THEN 'outside' ELSE '' END,
    CASE WHEN s.state = 'returned' THEN '请写明数量和时限。' ELSE '' END, '{}', ARRAY[s.organization_id],
    s.folded || E'\n' || t.body, array_to_tsvector(t.tokens || n.tokens), s.moment, s.moment,
    CASE WHEN s.state <> 'draft' THEN s.moment END, c.category_id, s.organization_id, c.phase_id,
    CASE WHEN s.state <> 'draft' THEN s.organization_id END, false, '', 2
FROM scale_pledge s
JOIN scale_text t ON t.id = s.text_id
JOIN scale_name n ON n.id = s.organization_id
JOIN scale_category c ON c.k = s.k AND c.number = t.number
"""
INSERT_ITEMS = """
INSERT INTO pledges_pledgeitem (key, number, content, measures, responsible, due_on, baseline, target, unit, remark,
    pledge_id, state, grounds)
SELECT lpad(to_hex(s.id), 12, '0'), 1, t.item->>'content', t.item->>'measures', t.item->>'responsible', '2026-12-31',
    '', '', '', '', s.id, CASE WHEN s.state IN ('draft', 'submitted', 'returned') THEN s.state ELSE 'approved' END, '{}'
FROM scale_pledge s JOIN scale_text t ON t.id = s.text_id
"""
INSERT_PUBLICATIONS = """
INSERT INTO pledges_publication (organization_name, scope, title, text, body, tokens, published_at, withdraw_reason,
    category_id, organization_id, phase_id, pledge_id, published_by_id, matter, version, change_reason)
SELECT o.name, 'outside', p.title, jsonb_build_object('title', p.title, 'category', r.name, 'central', r.central_name,
    'person', '', 'aim', '', 'directions', '["向上级党组织", "向群众"]'::jsonb, 'items', jsonb_build_array(t.item)),
    p.body, p.tokens, p.changed_at, '', p.category_id, p.organization_id, p.phase_id, p.id,
    (SELECT id FROM accounts_user WHERE username = 'zhuren'), 'organization', 1, ''
FROM scale_pledge s
JOIN pledges_pledge p ON p.id = s.id
JOIN scale_text t ON t.id = s.text_id
JOIN organizations_organization o ON o.id = p.organization_id
JOIN campaigns_rubricitem r ON r.id = p.category_id
WHERE p.state = 'published'
"""


def _insert_pledges(phases: list[Phase]) -> None:
    categories = [
        (k, number, phase.pk, pk)
        for k, phase in enumerate(phases)
        for number, pk in categories_of(phase).items()
    ]
    _run("CREATE TEMPORARY TABLE scale_category (k int, number int, phase_id bigint, category_id bigint)")
    _copy("scale_category", "k, number, phase_id, category_id", categories)
    for statement in (PLEDGES, INSERT_PLEDGES, INSERT_ITEMS, INSERT_PUBLICATIONS):
        _run(statement)


def _drop_indexes() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE indexname = ANY(%s)", [list(GIN)])
        found = dict(cursor.fetchall())
    for name in found:
        _run(f"DROP INDEX {name}")
    return list(found.values())


def _build_indexes(definitions: list[str]) -> None:
    _run("SET CONSTRAINTS ALL IMMEDIATE")  # what is left to check would keep the tables from being altered
    _run("SET LOCAL maintenance_work_mem = '512MB'")
    for definition in definitions:
        _run(definition)


def _analyse() -> None:
    _run("VACUUM ANALYZE")


def _run(sql: str, params: list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
