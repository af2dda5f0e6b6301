"""The events of 践诺 and 评诺 that was written in bulk: those the services record, told from the rows themselves.

A round has some ten thousand taps, results and grades; one statement each puts them on record.
"""

from __future__ import annotations

from django.db import connection

from campaigns.models import Phase
from common.models import Event
from organizations.models import FormerName, Member, Organization
from pledges.models import Appraisal, Judgement, Pledge, PledgeItem, Progress

_WRITTEN = f"""
    INSERT INTO {Event._meta.db_table}
        (kind, subject_label, subject_id, subject_name, place_id, actor_id, post, request_id,
         before, after, reason, detail, created_at)
    SELECT said.kind, said.label, said.subject::text, said.name, o.id, said.actor,
           CASE WHEN said.is_own THEN '本人'
                ELSE COALESCE(former.name, at.name) || ' 书记' END,
           '', said.before, said.after, '', said.detail, said.moment
    FROM ({{rows}}) AS said
    JOIN organizations_organization o ON o.id = said.place
    JOIN organizations_organization at ON at.id = CASE WHEN said.is_from_above THEN o.parent_id ELSE o.id END
    LEFT JOIN LATERAL (
        SELECT f.name FROM organizations_formername f
        WHERE f.organization_id = at.id AND f.used_until >= said.moment::date ORDER BY f.used_until, f.id LIMIT 1
    ) AS former ON true
    ORDER BY said.moment, said.step, said.subject
"""  # noqa: S608 -- the module's own words
_COUNTED = "ANALYZE " + ", ".join(
    model._meta.db_table
    for model in (Organization, FormerName, Member, Pledge, PledgeItem, Progress, Judgement, Appraisal)
)
_NAME = "CASE WHEN m.id IS NULL THEN p.title ELSE m.name || '同志的公开承诺' END"
_PLEDGE = """
    JOIN pledges_pledge p ON p.id = {of}.pledge_id
    LEFT JOIN organizations_member m ON m.id = p.member_id
    WHERE p.phase_id = %(phase)s
"""
_OF_ITEM = "JOIN pledges_pledgeitem i ON i.id = x.item_id" + _PLEDGE.format(of="i")
_FROM_ABOVE = "(p.member_id IS NULL OR p.is_leading)"

_PROGRESS = f"""
    SELECT 'pledgeitem.progress' AS kind, 'pledges.pledgeitem' AS label, i.id AS subject, 1 AS step,
           {_NAME} || '第' || i.number || '项' AS name, p.organization_id AS place, x.recorded_by_id AS actor,
           COALESCE(m.user_id = x.recorded_by_id AND NOT p.is_leading, false) AS is_own, false AS is_from_above,
           '{{"status": "", "note": "", "is_note_public": false, "attachment": ""}}'::jsonb AS before,
           jsonb_build_object('status', x.status, 'note', x.note, 'is_note_public', x.is_note_public,
                              'attachment', '') AS after,
           jsonb_build_object('quarter', x.quarter) AS detail, x.recorded_at AS moment
    FROM {Progress._meta.db_table} x {_OF_ITEM}
"""  # noqa: S608
_JUDGED = f"""
    SELECT 'pledgeitem.judge' AS kind, 'pledges.pledgeitem' AS label, i.id AS subject, 2 AS step,
           {_NAME} || '第' || i.number || '项' AS name, p.organization_id AS place, x.recorded_by_id AS actor,
           false AS is_own, x.source = 'superior' AND {_FROM_ABOVE} AS is_from_above, '{{}}'::jsonb AS before,
           jsonb_strip_nulls(jsonb_build_object(
               'result', NULLIF(x.result, ''), 'cause', NULLIF(x.cause, ''),
               'explanation', NULLIF(x.explanation, ''), 'held_on', x.held_on, 'present', x.present,
               'said_fulfilled', x.said_fulfilled, 'said_partly', x.said_partly,
               'said_unfulfilled', x.said_unfulfilled, 'said_ended', x.said_ended)) AS after,
           jsonb_build_object('source', x.source) AS detail, x.recorded_at AS moment
    FROM {Judgement._meta.db_table} x {_OF_ITEM}
"""  # noqa: S608

_MET = "(x.peers_held_on + time '16:10') AT TIME ZONE 'Asia/Shanghai'"
# (verb, state before, state after, said, who, from above?, when, which rows)
_STEPS = (
    (
        "self_appraise", "open", "self_appraised",
        "'self_band', x.self_band, 'self_text', x.self_text", "p.submitted_by_id", "false",
        f"COALESCE({_MET}, x.appraised_at) - interval '7 days'", "true",
    ),
    (
        "peer_appraise", "self_appraised", "peer_appraised",
        "'peers', x.peers, 'peers_present', x.peers_present, 'peers_held_on', x.peers_held_on",
        "p.submitted_by_id", "false", _MET, "x.peers_held_on IS NOT NULL",
    ),
    (
        "appraise", None, "appraised",
        "'score', x.score, 'band', x.band, 'comment', x.comment", "x.appraised_by_id", _FROM_ABOVE,
        "x.appraised_at", "x.appraised_at IS NOT NULL",
    ),
)  # fmt: skip


def put_on_record(phase: Phase) -> None:
    """For rows of the round that have no events yet: called once, right after they were written."""
    rows = [_PROGRESS, _JUDGED, *(_step(number, *step) for number, step in enumerate(_STEPS, 3))]
    with connection.cursor() as cursor:
        # all of it was written in this transaction: autovacuum has seen empty tables, and such a plan takes hours
        cursor.execute(_COUNTED)
        cursor.execute(_WRITTEN.format(rows=" UNION ALL ".join(rows)), {"phase": phase.pk})


def _step(
    number: int, verb: str, before: str | None, after: str, said: str, who: str, above: str, when: str, which: str
) -> str:  # fmt: skip
    came_from = f"'{before}'" if before else (
        "CASE WHEN p.member_id IS NULL THEN 'self_appraised' ELSE 'peer_appraised' END"
    )  # fmt: skip
    return f"""
        SELECT 'appraisal.{verb}' AS kind, 'pledges.appraisal' AS label, x.id AS subject, {number} AS step,
               {_NAME} || '的评诺' AS name, p.organization_id AS place, {who} AS actor, false AS is_own,
               {above} AS is_from_above, jsonb_build_object('state', {came_from}) AS before,
               jsonb_build_object('state', '{after}') AS after,
               jsonb_build_object('said', jsonb_build_object({said})) AS detail, {when} AS moment
        FROM {Appraisal._meta.db_table} x {_PLEDGE.format(of="x")} AND {which}
    """  # noqa: S608
