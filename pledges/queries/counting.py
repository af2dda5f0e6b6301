"""The counts of a round (domain.md 11c-2, 11c-4) as one statement, over a tree and a roster of one's choice.

A tree is (id, name, path, order_path, superior_id, owes, founded_on), a roster (phase_id, organization_id, member_id, standing,
status). Today's, a past day's and an archive's are counted by the same words, so that they can be compared.

应承诺 is whoever pledges here (a mobile member at the receiving organization) less the exemptions other than oral;
已承诺 is what is filed, no draft. Dissolved organizations are in the tree as long as the round has something of theirs.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from pledges.models import COUNTS

_HAS_PLEDGES = """EXISTS (SELECT 1 FROM pledges_pledge p
    WHERE p.organization_id = o.id AND p.phase_id = ANY(%(phases)s))"""
_OWES = "o.parent_id IS NOT NULL AND o.kind = ANY(%(kinds)s)"

TREE_TODAY = f"""
    SELECT o.id, o.name, o.path, o.order_path, o.parent_id AS superior_id,
           o.dissolved_on IS NULL AND {_OWES} AS owes, o.founded_on
    FROM organizations_organization o
    JOIN unnest(%(from)s::text[], %(until)s::text[]) AS reach(low, high) ON o.path >= reach.low AND o.path < reach.high
    WHERE o.dissolved_on IS NULL OR {_HAS_PLEDGES}
"""  # noqa: S608 -- the module's own words
# Of an organization that was gone by then, where it stood last.
TREE_ON_A_DAY = f"""
    SELECT o.id, COALESCE(former.name, o.name) AS name, at.path, at.order_path, at.superior_id,
           (o.dissolved_on IS NULL OR o.dissolved_on > %(day)s) AND {_OWES} AS owes, o.founded_on
    FROM placed at JOIN organizations_organization o ON o.id = at.id
    LEFT JOIN LATERAL (
        SELECT f.name FROM organizations_formername f
        WHERE f.organization_id = o.id AND f.used_until >= %(day)s ORDER BY f.used_until, f.id LIMIT 1
    ) AS former ON true
    WHERE o.dissolved_on IS NULL OR o.dissolved_on > %(day)s OR {_HAS_PLEDGES}
"""  # noqa: S608
PLACED_ON_A_DAY = """
    affiliated AS (
        SELECT DISTINCT ON (a.organization_id) a.organization_id AS id, a.superior_id
        FROM organizations_affiliation a WHERE a.starts_on <= %(day)s
        ORDER BY a.organization_id, a.starts_on DESC, a.id DESC
    ),
    placed AS (
        SELECT a.id, a.superior_id, (a.id || '.') COLLATE "C" AS path, o.order_path::text COLLATE "C" AS order_path
        FROM affiliated a JOIN organizations_organization o ON o.id = a.id WHERE a.superior_id IS NULL
        UNION ALL
        SELECT a.id, a.superior_id, above.path || a.id || '.',
               above.order_path || lpad(o."order"::text, 5, '0') || lpad(o.id::text, 10, '0') || '.'
        FROM placed above JOIN affiliated a ON a.superior_id = above.id
        JOIN organizations_organization o ON o.id = a.id
    ),
"""
TREE_OF_AN_ARCHIVE = """
    SELECT f.organization_id AS id, f.name, f.path, f.order_path, f.superior_id,
           f.organizations_owing = 1 AS owes, NULL::date AS founded_on
    FROM pledges_roundfigure f WHERE f.archive_id = %(archive)s
"""

_STATUS = """
    CASE WHEN e.kind <> 'oral' THEN 'exempt' WHEN p.id IS NOT NULL THEN 'written'
         WHEN e.kind = 'oral' THEN 'oral' ELSE 'open' END AS status
"""
_OF_THE_ROUND = """
    CROSS JOIN unnest(%(phases)s::bigint[]) AS round(id)
    LEFT JOIN pledges_pledge p ON p.member_id = m.id AND p.phase_id = round.id AND p.state <> 'draft'
    LEFT JOIN pledges_exemption e ON e.member_id = m.id AND e.phase_id = round.id
"""
ROSTER_TODAY = f"""
    SELECT round.id AS phase_id, tree.id AS organization_id, m.id AS member_id, m.standing, {_STATUS}
    FROM organizations_member m JOIN tree ON tree.id =
        CASE WHEN m.is_mobile AND m.receiving_id IS NOT NULL THEN m.receiving_id ELSE m.organization_id END
    {_OF_THE_ROUND} WHERE m.left_on IS NULL
"""  # noqa: S608
# The receiving organization of a mobile member is not dated: it is today's.
ROSTER_ON_A_DAY = f"""
    SELECT round.id AS phase_id,
           CASE WHEN m.is_mobile AND m.receiving_id IS NOT NULL THEN m.receiving_id ELSE s.organization_id END
               AS organization_id,
           m.id AS member_id,
           CASE WHEN m.confirmed_on > %(day)s THEN 'probationary' ELSE m.standing END AS standing, {_STATUS}
    FROM organizations_membership s JOIN organizations_member m ON m.id = s.member_id
    {_OF_THE_ROUND}
    WHERE s.starts_on <= %(day)s AND (s.ends_on IS NULL OR s.ends_on > %(day)s)
      AND (m.left_on IS NULL OR m.left_on > %(day)s) AND m.left_reason <> 'entered_in_error'
"""  # noqa: S608
ROSTER_OF_AN_ARCHIVE = """
    SELECT a.phase_id, r.organization_id, r.member_id, r.standing, r.status
    FROM pledges_roundmember r JOIN pledges_roundarchive a ON a.id = r.archive_id WHERE r.archive_id = %(archive)s
"""

# Public is what was so at that moment, told by the dates of its publication: what is taken down later was public then.
_COUNTED = """
said AS (
    SELECT p.id, p.phase_id, p.organization_id, p.member_id, p.is_leading, p.member_id IS NULL AS is_own,
           p.state <> 'draft' AS is_filed, p.directions, p.title, p.aim, p.category_id,
           CASE WHEN p.state = 'withdrawn' THEN 'published' ELSE p.state END AS state,
           EXISTS (SELECT 1 FROM pledges_publication n WHERE n.pledge_id = p.id AND n.published_at <= %(at)s
                   AND (n.withdrawn_at IS NULL OR n.withdrawn_at > %(at)s)) AS is_public
    FROM pledges_pledge p JOIN tree ON tree.id = p.organization_id WHERE p.phase_id = ANY(%(phases)s)
),
items AS (
    SELECT i.pledge_id, count(*) AS n{item_texts}
    FROM pledges_pledgeitem i WHERE i.pledge_id IN (SELECT id FROM said) GROUP BY i.pledge_id
),
by_pledge AS (
    SELECT phase_id, organization_id,
        bool_or(is_own AND is_filed) AS has_filed, bool_or(is_own AND is_public) AS has_published,
        count(*) FILTER (WHERE is_own AND is_filed) AS organization_pledges,
        sum(n) FILTER (WHERE is_own AND is_filed) AS organization_items,
        sum(n) FILTER (WHERE NOT is_own AND is_filed) AS member_items,
        count(*) FILTER (WHERE is_filed AND 'superior' = ANY(directions)) AS to_superior,
        count(*) FILTER (WHERE is_filed AND 'organization' = ANY(directions)) AS to_organization,
        count(*) FILTER (WHERE is_filed AND 'masses' = ANY(directions)) AS to_masses,
        count(*) FILTER (WHERE state = 'draft') AS drafts,
        count(*) FILTER (WHERE state = 'submitted') AS waiting,
        count(*) FILTER (WHERE state = 'returned') AS returned,
        count(*) FILTER (WHERE state IN ('approved', 'proposed', 'cleared')) AS unpublished,
        count(*) FILTER (WHERE is_public) AS published{pledge_facts}
    FROM said LEFT JOIN items ON items.pledge_id = said.id GROUP BY phase_id, organization_id
),
by_person AS (
    SELECT phase_id, organization_id, count(*) AS members,
        count(*) FILTER (WHERE status <> 'exempt') AS members_due,
        count(*) FILTER (WHERE status = 'written') AS members_written,
        count(*) FILTER (WHERE status = 'oral') AS members_oral,
        count(*) FILTER (WHERE status = 'exempt') AS members_exempt,
        count(*) FILTER (WHERE status = 'open') AS members_open{person_facts}
    FROM roster GROUP BY phase_id, organization_id
)
"""
_FACTS = {
    "item_texts": """,
        string_agg(concat_ws(E'\\x1f', i.number, i.key, i.content, i.measures, i.responsible,
                   COALESCE(to_char(i.due_on, 'YYYY-MM-DD'), ''), i.baseline,
                   i.target, i.unit, i.state, i.remark), E'\\x1e' ORDER BY i.number, i.key) AS texts""",
    "pledge_facts": """,
        string_agg(concat_ws(E'\\x1f', said.id, COALESCE(member_id, 0), is_leading, state, is_public,
                   COALESCE(category_id, 0), title,
                   array_to_string(directions, ','), aim, COALESCE(texts, '')), E'\\x1d' ORDER BY said.id) AS facts""",
    "person_facts": """,
        string_agg(concat_ws(E'\\x1f', member_id, status, standing), E'\\x1d' ORDER BY member_id) AS facts""",
}
_NO_FACTS = dict.fromkeys(_FACTS, "")

# Whoever was founded after the round had ended owes nothing in it; an archive knows already who owed.
_OWED = "tree.owes AND (tree.founded_on <= phase.ends_on) IS NOT FALSE"
_OWN = {
    "organizations_owing": f"({_OWED})::int",
    "organizations_filed": f"({_OWED} AND COALESCE(has_filed, false))::int",
    "organizations_published": f"({_OWED} AND COALESCE(has_published, false))::int",
}
_SEALED = (
    "encode(sha256(convert_to(concat(by_pledge.facts, E'\\x1c', by_person.facts), 'UTF8')), 'hex') AS facts"
)


def own_counts(tree: str, roster: str, *, placed: str = "", with_facts: bool = False) -> str:
    """One row an organization and round: phase_id, the tree's columns, COUNTS, and with facts their seal."""
    facts = _FACTS if with_facts else _NO_FACTS
    columns = [f"{_OWN.get(name) or f'COALESCE({name}, 0)::int'} AS {name}" for name in COUNTS]
    return f"""
        WITH RECURSIVE {placed} tree AS ({tree}), roster AS ({roster}), {_COUNTED.format(**facts)}
        SELECT phase.id AS phase_id, tree.id, tree.name, tree.path, tree.order_path, tree.superior_id,
               {", ".join([*columns, _SEALED] if with_facts else columns)}
        FROM tree JOIN campaigns_phase phase ON phase.id = ANY(%(phases)s)
        LEFT JOIN by_pledge ON by_pledge.organization_id = tree.id AND by_pledge.phase_id = phase.id
        LEFT JOIN by_person ON by_person.organization_id = tree.id AND by_person.phase_id = phase.id
    """  # noqa: S608


def summed(own: str, key: str) -> str:
    """The same rows added up by ``key``; ``below`` is how many organizations went into each sum."""
    sums = ", ".join(f"sum({name})::int AS {name}" for name in COUNTS)
    return f"SELECT {key} AS key, count(*)::int AS below, {sums} FROM ({own}) AS own GROUP BY 1"  # noqa: S608


def fetch(sql: str, params: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
