"""README.md says what is so."""

import re
from pathlib import Path

from chuangxian.demo import ACCOUNTS, PASSWORD

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_the_accounts_are_those_of_the_demo():
    table = README.partition("<!-- accounts")[2].partition("-->")[2].partition("<!-- /accounts -->")[0]
    rows = [tuple(cell.strip() for cell in line.split("|")[1:-1]) for line in table.strip().splitlines()[2:]]
    assert rows == [(f"`{each.username}`", each.name, each.posts, each.hint) for each in ACCOUNTS]
    assert f"`{PASSWORD}`" in README


def test_every_link_into_the_repository_leads_somewhere():
    for page in [ROOT / "README.md", *ROOT.glob("docs/*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} → {target}"


def test_every_verb_of_run_is_explained():
    verbs = re.search(r"^VERBS = \{(.+)\}", (ROOT / "run").read_text(), re.MULTILINE)
    assert all(f"`./run {verb}" in README for verb in re.findall(r'"(\w+)":', verbs[1]))
