"""What becomes of an opinion on a published pledge (群众意见): answered in time, or closed with a reason told.

domain.md 4.5, 7 (民情工作单): the visitor holds a code to look it up, the responsible organization answers.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from common.states import Flow, Step

# 答复期限: working days after the day of receipt (issue 3). Forwarding does not prolong it.
TERM_WORKDAYS = 10
# How long a visitor's name and phone are kept after the matter is settled.
CONTACT_KEPT_DAYS = 90


class OpinionState(models.TextChoices):
    RECEIVED = "received", "待答复"
    ANSWERED = "answered", "已答复"
    ANSWER_PUBLISHED = "answer_published", "答复已公布"
    CLOSED = "closed", "不予答复"


_S = OpinionState
_RECEIVED, _ANSWERED = frozenset({_S.RECEIVED}), frozenset({_S.ANSWERED})


def not_corrected_yet(user: Any, opinion: Any) -> str | None:
    """Once: an answer that keeps changing is none."""
    return "这条答复已经更正过一次，不能再次更正。" if opinion.corrected_at is not None else None


def pledge_is_public(user: Any, opinion: Any) -> str | None:
    return None if opinion.publication.is_open_to_all else "这份承诺已不在公开页面上，答复不能公布。"


OPINION_FLOW = Flow(
    Step("answer", "发出答复", _RECEIVED, _S.ANSWERED, "pledges.answer_opinion"),
    Step("forward", "转其他党组织", _RECEIVED, _S.RECEIVED, "pledges.answer_opinion", needs_reason=True),
    Step("close", "不予答复", _RECEIVED, _S.CLOSED, "pledges.answer_opinion", needs_reason=True),
    Step("correct", "更正答复", _ANSWERED, _S.ANSWERED, "pledges.answer_opinion",
         needs_reason=True, guards=(not_corrected_yet,)),
    Step("publish", "公布答复", _ANSWERED, _S.ANSWER_PUBLISHED, "pledges.answer_opinion",
         guards=(pledge_is_public,)),
    # Taking down what should not be public waits for nobody.
    Step("withdraw", "撤下公布的答复", frozenset({_S.ANSWER_PUBLISHED}), _S.ANSWERED,
         "pledges.withdraw_answer", needs_reason=True),
    # Whoever is above sees what was closed, and may have it answered after all.
    Step("reopen", "恢复办理", frozenset({_S.CLOSED}), _S.RECEIVED, "pledges.reopen_opinion", needs_reason=True),
)  # fmt: skip
