"""Whatever is put on record can be read: every kind of event that the code writes has a Chinese sentence.

The kinds are read from the source: each ``record(subject, "verb", …)`` and ``record_each(Model, "verb", …)``, each
``Event(kind=…)``, and the calls of small helpers around them; and from the workflows' tables, whose every step can be
taken. What cannot be read so is refused.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

from campaigns.flow import SUMMARY_FLOW
from chuangxian.matrix import MATRIX
from common import sentences
from common.models import Event
from common.states import Flow
from pledges import flow
from pledges.flow import (
    APPRAISAL_FLOWS,
    ITEM_FLOWS,
    LEADER_FLOW,
    MEMBER_CHANGE_FLOW,
    MEMBER_FLOW,
    OPINION_FLOW,
    ORGANIZATION_CHANGE_FLOW,
    ORGANIZATION_FLOW,
    PLAN_FLOW,
)

ROOT = Path(__file__).parents[2]
PACKAGES = sorted({permission.split(".")[0] for permission in MATRIX} | {
    "accounts", "awards", "chuangxian", "common", "evaluations", "notifications", "portal", "reviews",
})  # fmt: skip
# these write for their callers, who are looked at themselves
MACHINERY = {
    ("common/events.py", "record"),
    ("common/events.py", "record_all"),
    ("common/events.py", "record_each"),
    ("common/states.py", "take"),
    ("common/states.py", "take_all"),
    # the demo city writes what the tables' steps would have written
    ("chuangxian/demo/members.py", "_events"),
    ("chuangxian/demo/planning.py", "_events"),
    ("chuangxian/demo/summing_up.py", "_events"),
}
FLOWS: dict[str, list[Flow]] = {
    "pledge": [ORGANIZATION_FLOW, MEMBER_FLOW, LEADER_FLOW],
    "change": [ORGANIZATION_CHANGE_FLOW, MEMBER_CHANGE_FLOW],
    "opinion": [OPINION_FLOW],
    "pledgeitem": [*ITEM_FLOWS.values()],
    "plan": [PLAN_FLOW],
    "summary": [SUMMARY_FLOW],
    "appraisal": [*APPRAISAL_FLOWS.values()],
}


class Source:
    """All functions of the portal, and what can be told from their annotations."""

    def __init__(self) -> None:
        self.models = {model.__name__: model._meta.model_name for model in apps.get_models()}
        self.functions: dict[str, list[tuple[Path, ast.FunctionDef]]] = {}
        for package in PACKAGES:
            for path in sorted((ROOT / package).rglob("*.py")):
                if "migrations" in path.parts:
                    continue
                for node in ast.walk(ast.parse(path.read_text())):
                    if isinstance(node, ast.FunctionDef):
                        self.functions.setdefault(node.name, []).append((path, node))

    def kinds(self) -> Iterator[tuple[str, str]]:
        """(where, kind) of every event."""
        for subject, flows in FLOWS.items():
            yield from (
                (f"the table of {subject}", f"{subject}.{step.name}") for flow in flows for step in flow
            )
        for path, function in [one for found in self.functions.values() for one in found]:
            if (str(path.relative_to(ROOT)), function.name) in MACHINERY:
                continue
            for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                for kind in self._kinds_of(path, function, call):
                    yield f"{path.relative_to(ROOT)}:{call.lineno}", kind

    def _kinds_of(self, path: Path, function: ast.FunctionDef, call: ast.Call) -> Iterator[str]:
        name = called(call)
        if name in ("record", "record_all") and len(call.args) == 2:
            subject = self.model_of(call.args[0], path, function) or "?"
            yield from (f"{subject}.{verb}" for verb in self._texts(call.args[1], path, function))
        elif name == "record_each":
            subject = self.models.get(root_of(call.args[0]) or "", "?")
            yield from (f"{subject}.{verb}" for verb in self._texts(call.args[1], path, function))
        elif "Event" in (name, root_of(call.func)):
            for keyword in call.keywords:
                if keyword.arg == "kind":
                    yield from self._texts(keyword.value, path, function)

    def model_of(self, value: ast.expr, path: Path, function: ast.FunctionDef, depth: int = 0) -> str | None:
        """The model of a value, by a parameter's annotation, an assignment, or what a function returns."""
        if depth > 5:
            return None
        if isinstance(value, ast.Name):
            arguments = [*function.args.args, *function.args.kwonlyargs]
            said = [self._named(a.annotation) for a in arguments if a.arg == value.id]
            said += [
                self.model_of(each, path, function, depth + 1)
                for each in assigned(value.id, function)
                if value.id not in {node.id for node in ast.walk(each) if isinstance(node, ast.Name)}
            ]
            return next(filter(None, said), None)
        if isinstance(value, ast.BoolOp):
            found = (self.model_of(each, path, function, depth + 1) for each in value.values)
            return next(filter(None, found), None)
        if isinstance(value, ast.Call):
            if called(value) == "list":
                return self.model_of(value.args[0], path, function, depth + 1)
            root = root_of(value.func)
            if root in self.models:
                return self.models[root]
            found = self.functions.get(called(value), [])
            near = [node for at, node in found if at == path] or [node for _, node in found]
            said = [self._named(node.returns) for node in near]
            if isinstance(value.func, ast.Attribute) and root is not None:  # a queryset with a name
                said.append(self.model_of(ast.Name(root), path, function, depth + 1))
            return next(filter(None, said), None)
        return None

    def _named(self, annotation: ast.expr | None) -> str | None:
        names = [node.id for node in ast.walk(annotation or ast.Tuple([])) if isinstance(node, ast.Name)]
        return next((self.models[name] for name in names if name in self.models), None)

    def _texts(self, value: ast.expr, path: Path, function: ast.FunctionDef) -> list[str]:
        """What a string can be: itself, or what the function's callers in the same file hand in."""
        if isinstance(value, ast.Constant):
            return [str(value.value)]
        if isinstance(value, ast.JoinedStr):
            first, last = value.values
            assert isinstance(first, ast.Constant)
            assert isinstance(last, ast.FormattedValue)
            return [f"{first.value}{text}" for text in self._texts(last.value, path, function)]
        names = [argument.arg for argument in function.args.args]
        if not isinstance(value, ast.Name) or value.id not in names:
            return ["?"]
        place, texts = names.index(value.id), []
        for at, caller in [one for found in self.functions.values() for one in found]:
            for call in (node for node in ast.walk(caller) if isinstance(node, ast.Call)):
                if at == path and called(call) == function.name:
                    texts += self._texts(call.args[place], path, caller)
        return texts or ["?"]


def called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def root_of(value: ast.expr) -> str | None:
    """Organization in Organization.objects.filter(…).get."""
    while isinstance(value, ast.Attribute | ast.Call):
        value = value.value if isinstance(value, ast.Attribute) else value.func
    return value.id if isinstance(value, ast.Name) else None


def assigned(name: str, function: ast.FunctionDef) -> Iterator[ast.expr]:
    """What the function binds ``name`` to: name = value, for name in values."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and name in {t.id for t in node.targets if isinstance(t, ast.Name)}:
            yield node.value
        elif isinstance(node, ast.For) and isinstance(node.target, ast.Name) and node.target.id == name:
            yield node.iter


RECORDED = sorted(Source().kinds())


def test_the_source_was_read():
    kinds = {kind for _, kind in RECORDED}
    assert {
        "pledge.submit",  # through the flow
        "organization.reset_password",  # through a helper
        "organization.export_members",
        "user.revoke_session",
        "mail.dismiss",
        "delivery.revive",
        "pledge.hand_over",
        "rosterimport.apply",
    } <= kinds
    assert {kind for where, kind in RECORDED if where.startswith("organizations/imports/trail.py:")} == {
        "organization.found", "organization.rename", "organization.amend", "organization.reorder",
        "member.add", "member.transfer", "member.confirm", "member.edit",
    }  # fmt: skip
    assert [(where, kind) for where, kind in RECORDED if "?" in kind] == []


@pytest.mark.parametrize("kind", sorted({kind for _, kind in RECORDED}))
def test_a_kind_has_a_label_and_a_sentence_in_chinese(kind):
    where = [place for place, one in RECORDED if one == kind]
    assert sentences.is_worded(kind), f"{kind} is written at {where}: word it in its app's sentences.py"
    assert any("一" <= sign <= "鿿" for sign in sentences.label_of(kind))


def test_nothing_is_worded_that_never_happens():
    assert {kind for kind in sentences.labels() if kind.partition(".")[0] in Source().models.values()} <= {
        kind for _, kind in RECORDED
    }


def test_what_happens_nowhere_is_not_offered_where_places_are_listed():
    offered = {kind.partition(".")[0] for kind in sentences.labels()}
    assert offered & {"user", "mail", "delivery"} == set()
    assert sentences.sentence(Event(kind="user.sign_in", subject_name="张明")) == "登录：张明"


def test_every_table_of_a_workflow_is_here():
    named = [table for tables in FLOWS.values() for table in tables]
    modules = [
        importlib.import_module(f"pledges.flow.{found.name}") for found in pkgutil.iter_modules(flow.__path__)
    ]
    tables = [each for module in modules for each in vars(module).values() if isinstance(each, Flow)]
    assert [sorted(step.name for step in table) for table in tables if table not in named] == []
