"""Rules every template, style sheet and script of the house keeps: strict CSP, an old browser, no Node."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted((ROOT / "static").rglob("*.css"))
SCRIPTS = sorted((ROOT / "static").rglob("*.js"))
# Features of CSS and the first Chromium that knows them; the floor is 86.
TOO_NEW = {
    ":has(": 105,
    ":is(": 88,
    ":where(": 88,
    "@layer": 99,
    "@container": 105,
    "@property": 85.1,
    "@scope": 118,
    "color-mix(": 111,
    "oklch(": 111,
    "light-dark(": 123,
    "inset:": 87,
    "aspect-ratio": 88,
    "dvh": 108,
    "accent-color": 93,
    "text-wrap": 114,
    "&:": 112,
}
GRACEFUL = {"accent-color", "text-wrap"}  # an older browser loses a nicety, not the page
TOO_NEW_SCRIPT = (
    ".replaceAll(",
    ".at(",
    "structuredClone",
    "??=",
    "||=",
    "&&=",
    "Object.hasOwn",
    "innerHTML +=",
)


def _relative(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", STYLES, ids=_relative)
def test_style_sheets_stay_on_the_browser_floor(path):
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    assert [word for word in TOO_NEW if word in text and word not in GRACEFUL] == []
    assert not re.search(r"url\(\s*[\"']?(https?:)?//", text)
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", SCRIPTS, ids=_relative)
def test_scripts_stay_on_the_browser_floor_and_need_no_eval(path):
    text = path.read_text()
    assert [
        word for word in (*TOO_NEW_SCRIPT, "eval(", "new Function", "document.write") if word in text
    ] == []
    assert not re.search(r"https?://", text)
    assert len(text.splitlines()) <= 400


INLINE = re.compile(
    r"\sstyle=|<style|\son[a-z]+=[\"']|javascript:|<script(?![^>]*\ssrc=)|hx-on|hx-vals=[\"']js:"
)
ELSEWHERE = re.compile(r"(?:src|href|action|hx-get|hx-post)=[\"'](?:https?:)?//")


@pytest.mark.parametrize("path", TEMPLATES, ids=_relative)
def test_templates_keep_to_the_content_security_policy_and_are_short(path):
    text = path.read_text()
    assert INLINE.findall(text) == []
    assert ELSEWHERE.findall(text) == []
    assert len(text.splitlines()) < 120
    assert "T" + "ODO" not in text


@pytest.mark.parametrize("path", TEMPLATES, ids=_relative)
def test_every_template_compiles(path):
    get_template(str(path.relative_to(ROOT / "templates")))


@pytest.mark.parametrize("path", TEMPLATES, ids=_relative)
def test_every_icon_named_in_a_template_is_drawn(path):
    drawn = set(re.findall(r'<symbol id="(\w+)"', (ROOT / "static/cx/icons.svg").read_text()))
    assert set(re.findall(r'{% icon "(\w+)"', path.read_text())) <= drawn


@pytest.mark.parametrize("path", [p for p in TEMPLATES if p.parent.name == "cotton"], ids=_relative)
def test_components_declare_what_they_take(path):
    """Without <c-vars> a missing attribute would silently read the page's variable of that name."""
    text = path.read_text()
    assert "<c-vars" in text or path.stem in {"messages", "crumbs"}


def _contrast(one, other):
    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_text_colours_have_the_contrast_of_wcag_aa():
    tokens = dict(re.findall(r"--([\w-]+): (#\w{3,6});", (ROOT / "static/cx/tokens.css").read_text()))
    tokens = {k: "#" + "".join(c * 2 for c in v[1:]) if len(v) == 4 else v for k, v in tokens.items()}
    pairs = [
        (ink, ground)
        for ink in ("ink", "ink-2", "ink-3", "red", "link")
        for ground in ("card", "ground", "hover")
    ]
    pairs += [(tone, f"{tone}-wash") for tone in ("ok", "warn", "bad", "info")] + [("gold-ink", "gold-wash")]
    faint = {pair: round(_contrast(tokens[pair[0]], tokens[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 4.5} == {}
    assert _contrast(tokens["edge"], tokens["card"]) >= 3
