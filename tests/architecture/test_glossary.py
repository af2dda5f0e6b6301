"""The glossary names what the code names."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APPS = [
    "accounts",
    "notifications",
    "organizations",
    "campaigns",
    "pledges",
    "portal",
    "common",
    "chuangxian",
]
SOURCE = "\n".join(path.read_text() for app in APPS for path in (ROOT / app).rglob("*.py"))
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in (ROOT / "docs/glossary.md").read_text().splitlines()
    if line.startswith("|") and not line.startswith(("| 中文", "| ---"))
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_identifier_of_the_glossary_is_in_the_code(row):
    assert len(row) == 3
    identifiers = re.findall(r"`(\w+)`", row[2])
    assert identifiers
    assert [name for name in identifiers if not re.search(rf"\b{name}\b", SOURCE)] == []


def test_a_chinese_word_stands_in_it_once():
    words = [row[0] for row in ROWS]
    assert len(words) == len(set(words))
