"""A view never reads a table whole: the desk says visible_to(), the public says published() or public()."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APPS = ["accounts", "notifications", "organizations", "campaigns", "pledges", "portal"]
DESK = {"visible_to", "none"}
PUBLIC = {"published", "public", "none"}
VIEWS = [p for app in APPS for p in sorted((ROOT / app).glob("views/*.py")) if p.name != "__init__.py"]


def unscoped(source: str, allowed: set[str]) -> list[int]:
    tree = ast.parse(source)
    parent = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"objects", "_default_manager", "_base_manager"}
        and getattr(parent[node], "attr", None) not in allowed
    ]


@pytest.mark.parametrize("path", VIEWS, ids=lambda p: "/".join(p.parts[-3:]))
def test_every_query_of_a_view_is_scoped_first(path):
    allowed = PUBLIC if path.stem.split("_")[0] == "public" else DESK
    assert unscoped(path.read_text(), allowed) == []


def test_the_check_itself_bites():
    assert unscoped("Pledge.objects.filter(pk=1)", DESK) == [1]
    assert unscoped("Pledge.objects.visible_to(u).filter(pk=1)", DESK) == []
    assert unscoped("Pledge.objects.visible_to(u)", PUBLIC) == [1]


def test_every_app_with_views_is_checked():
    with_views = {p.parts[-3] for p in ROOT.glob("*/views/*.py")} | {
        p.parts[-2] for p in ROOT.glob("*/views.py")
    }
    assert with_views <= set(APPS)
