"""The measuring data's members: a roster in some branches, their pledges of the last two rounds, exemptions.

Set-wise like the organizations' (``chuangxian.demo.scale``), from the same texts. Of a round 85 in a hundred pledge,
one to three items each, 10 are exempt or pledged orally, 5 owe it still; 60 in a hundred pledges are public.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from random import Random
from typing import Any

from django.db import connection

from campaigns.models import Phase
from chuangxian.demo.names import people
from chuangxian.demo.phrases import GENERAL
from common.search import searchable
from common.text import tokens

COUNTS = {"s": 3000, "m": 30_000, "l": 60_000}
IN_A_BRANCH, ROUNDS, NAMES, TEXTS = 20, 2, 2000, 4000
AIM = "学好本职业务，带头服务群众"
Copy = Callable[[str, str, Iterable[tuple[Any, ...]]], None]

# The branches are dealt out evenly, from the last one on: the demo's liaison sits there.
MEMBERS = f"""
CREATE TEMPORARY TABLE scale_member AS
SELECT nextval(pg_get_serial_sequence('organizations_member', 'id')) AS id, b.id AS organization_id,
    (b.n * {IN_A_BRANCH} + g.n) AS number
FROM (
    SELECT id, row_number() OVER (ORDER BY id DESC) - 1 AS n, count(*) OVER () AS total
    FROM organizations_organization WHERE kind = 'branch'
) b
CROSS JOIN generate_series(0, {IN_A_BRANCH - 1}) AS g(n)
WHERE b.n %% greatest(1, b.total * {IN_A_BRANCH} / %s) = 0 ORDER BY b.n, g.n LIMIT %s
"""  # noqa: S608 -- constants of this module
INSERT_MEMBERS = f"""
INSERT INTO organizations_member (id, organization_id, name, sex, ethnicity, birth_month, joined_on, standing, service,
    is_mobile, post_title, phone, left_reason)
SELECT s.id, s.organization_id, n.name, n.sex, '汉族', date '1950-01-01' + (s.number % 480)::int * interval '1 month',
    date '1988-07-01' + (s.number % 7000)::int, 'full', CASE WHEN s.number % 5 = 0 THEN 'retired' ELSE 'serving' END,
    false, '', '', ''
FROM scale_member s JOIN scale_person n ON n.id = s.number % {NAMES}
"""  # noqa: S608 -- constants of this module
PLEDGES = f"""
CREATE TEMPORARY TABLE scale_member_pledge AS
SELECT CASE WHEN d.dice < 85 THEN nextval(pg_get_serial_sequence('pledges_pledge', 'id')) END AS id,
    m.id AS member_id, m.organization_id, m.number % {NAMES} AS person_id, p.id AS phase_id, r.id AS category_id,
    r.name AS category, r.central_name AS central, d.dice,
    CASE WHEN d.die % 100 < 60 THEN 'published' WHEN d.die % 100 < 75 THEN 'submitted'
        WHEN d.die % 100 < 80 THEN 'returned' WHEN d.die % 100 < 95 THEN 'approved' ELSE 'draft' END AS state,
    1 + (d.die / 100 % 10 > 5)::int + (d.die / 100 % 10 > 8)::int AS items, d.die / 1000 % {TEXTS} AS text_id,
    p.starts_on + time '09:00' + d.die % 5000000 * interval '1 second' AS moment, p.ends_on
FROM scale_member m
JOIN scale_phase s ON true
JOIN campaigns_phase p ON p.id = s.id
CROSS JOIN LATERAL (SELECT abs(hashint8(m.id * 7907 + p.id)::bigint) % 100 AS dice,
    abs(hashint8(m.id * 104723 + p.id)::bigint) AS die) d
JOIN campaigns_rubricitem r ON r.campaign_id = p.campaign_id AND r.subject = 'member' AND r.number = 1 + d.die % 5
"""  # noqa: S608 -- constants of this module
# Up to three texts that stand some way apart in the pool; what there is to search of them, in one row a pledge.
WORDS = f"""
CREATE TEMPORARY TABLE scale_member_words AS
SELECT s.id, a.tokens || coalesce(b.tokens, '{{}}') || coalesce(c.tokens, '{{}}') AS tokens,
    concat_ws(E'\\n', a.folded, b.folded, c.folded) AS folded, ARRAY[a.content, b.content, c.content] AS contents
FROM scale_member_pledge s
JOIN scale_item a ON a.id = s.text_id
LEFT JOIN scale_item b ON b.id = (s.text_id + 1499) % {TEXTS} AND s.items > 1
LEFT JOIN scale_item c ON c.id = (s.text_id + 2741) % {TEXTS} AND s.items > 2
WHERE s.id IS NOT NULL
"""  # noqa: S608 -- constants of this module
INSERT_PLEDGES = """
INSERT INTO pledges_pledge (id, member_id, organization_id, phase_id, category_id, title, directions, aim, state, version,
    vetted_version, scope, return_reason, return_grounds, hands, is_leading, body, tokens, created_at, changed_at,
    submitted_at, submitted_by_id)
SELECT s.id, s.member_id, s.organization_id, s.phase_id, s.category_id, '', '{organization,masses}', %s, s.state, 2, 2,
    CASE WHEN s.state = 'published' THEN 'outside' ELSE '' END,
    CASE WHEN s.state = 'returned' THEN '请写明数量和时限。' ELSE '' END, '{}', ARRAY[s.organization_id], false,
    concat_ws(E'\n', n.name, o.folded, %s::text, w.folded), array_to_tsvector(n.tokens || o.tokens || %s::text[] || w.tokens),
    s.moment, s.moment, CASE WHEN s.state <> 'draft' THEN s.moment END,
    CASE WHEN s.state <> 'draft' THEN s.organization_id END
FROM scale_member_pledge s
JOIN scale_member_words w ON w.id = s.id
JOIN scale_person n ON n.id = s.person_id
JOIN scale_member_place o ON o.id = s.organization_id
"""
INSERT_ITEMS = """
INSERT INTO pledges_pledgeitem (key, number, content, measures, responsible, due_on, baseline, target, unit, remark,
    pledge_id, state, grounds)
SELECT lpad(to_hex(s.id * 4 + t.n), 12, '0'), t.n, t.content, '', '', coalesce(s.ends_on, s.moment::date + 180),
    '', '', '', '', s.id, CASE WHEN s.state IN ('draft', 'submitted', 'returned') THEN s.state ELSE 'approved' END, '{}'
FROM scale_member_pledge s
JOIN scale_member_words w ON w.id = s.id
CROSS JOIN LATERAL unnest(w.contents) WITH ORDINALITY AS t(content, n)
WHERE t.n <= s.items
"""
INSERT_PUBLICATIONS = """
INSERT INTO pledges_publication (matter, member_id, organization_name, scope, title, text, body, tokens, published_at,
    withdraw_reason, category_id, organization_id, phase_id, pledge_id, published_by_id, version, change_reason)
SELECT 'member', s.member_id, o.name, 'outside', n.name || '同志的公开承诺',
    jsonb_build_object('title', n.name || '同志的公开承诺', 'person', n.name, 'aim', p.aim, 'category', s.category,
        'central', s.central, 'directions', '["向党组织", "向群众"]'::jsonb, 'items', (
            SELECT jsonb_agg(jsonb_build_object('number', i.number, 'content', i.content, 'measures', '', 'responsible',
                '', 'due_on', i.due_on, 'baseline', '', 'target', '', 'unit', '') ORDER BY i.number)
            FROM pledges_pledgeitem i WHERE i.pledge_id = s.id)),
    p.body, p.tokens, s.moment, '', s.category_id, s.organization_id, s.phase_id, s.id, s.organization_id, 1, ''
FROM scale_member_pledge s
JOIN pledges_pledge p ON p.id = s.id
JOIN organizations_organization o ON o.id = s.organization_id
JOIN scale_person n ON n.id = s.person_id
WHERE s.state = 'published'
"""
INSERT_EXEMPTIONS = """
INSERT INTO pledges_exemption (member_id, organization_id, phase_id, kind, reason, recorded_at, recorded_by_id)
SELECT member_id, organization_id, phase_id, CASE WHEN dice < 90 THEN 'oral' ELSE 'frail' END,
    CASE WHEN dice < 90 THEN '口头承诺：带头参加支部活动' ELSE '年老体弱' END, moment, organization_id
FROM scale_member_pledge WHERE dice BETWEEN 85 AND 94
"""


def insert(count: int, phases: list[Phase], random: Random, copy: Copy) -> None:
    """``count`` members and what they promised in the last of ``phases``. ``scale_name`` must be there."""
    _run(MEMBERS, [count, count])
    _copy_pools(phases[-ROUNDS:], random, copy)
    _run(INSERT_MEMBERS)
    _run("ANALYZE scale_member")
    for statement in (PLEDGES, WORDS):
        _run(statement)
    aim = searchable([AIM])
    _run(INSERT_PLEDGES, [AIM, aim, tokens(aim)])
    for statement in (INSERT_ITEMS, INSERT_PUBLICATIONS, INSERT_EXEMPTIONS):
        _run(statement)


def _copy_pools(phases: list[Phase], random: Random, copy: Copy) -> None:
    """What is drawn from: names, items, the rounds, and what the organizations' names are searched by."""
    _run("CREATE TEMPORARY TABLE scale_phase (id bigint)")
    copy("scale_phase", "id", ((phase.pk,) for phase in phases))
    _run("CREATE TEMPORARY TABLE scale_person (id int, name text, sex text, tokens text[])")
    names = enumerate(islice(people(random), NAMES))
    copy("scale_person", "id, name, sex, tokens", ((n, name, sex, _array(name)) for n, (name, sex) in names))
    _run("CREATE TEMPORARY TABLE scale_item (id int, content text, folded text, tokens text[])")
    copy("scale_item", "id, content, folded, tokens", (_item(n, random) for n in range(TEXTS)))
    _run(
        "CREATE TEMPORARY TABLE scale_member_place AS SELECT o.id, n.tokens,"
        " lower(normalize(o.name, NFKC)) AS folded FROM organizations_organization o JOIN scale_name n ON n.id = o.id"
        " WHERE o.id IN (SELECT organization_id FROM scale_member)"
    )


def _item(number: int, random: Random) -> tuple[Any, ...]:
    phrase = random.choice(GENERAL[1 + number % len(GENERAL)])
    content = phrase.content.format(**{name: random.randint(*among) for name, among in phrase.ranges.items()})
    return number, content, searchable([content]), _array(content)


def _array(words: str) -> str:
    return "{" + ",".join(tokens(searchable([words]))) + "}"


def _run(sql: str, params: list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
