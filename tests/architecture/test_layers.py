"""The house as DESIGN draws it: apps stand on each other in one direction, checked by import-linter."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINT = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]


def test_every_import_contract_is_kept():
    done = subprocess.run(LINT, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_contracts_bite(tmp_path):
    """A copy of the house in which the lowest app imports the highest must be refused."""
    for package in ["chuangxian", "portal", "awards", "reviews", "evaluations", "pledges"]:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    for package in ["campaigns", "organizations", "notifications", "accounts", "common"]:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / "common/wrong.py").write_text("import portal\n")
    contract = (ROOT / "pyproject.toml").read_text().split("[[tool.importlinter.contracts]]")[1]
    head = (ROOT / "pyproject.toml").read_text().split("[tool.importlinter]")[1].split("[[")[0]
    (tmp_path / "pyproject.toml").write_text(
        f"[tool.importlinter]{head}[[tool.importlinter.contracts]]{contract}"
    )
    done = subprocess.run(LINT, cwd=tmp_path, capture_output=True, text=True)
    assert "common.wrong -> portal" in done.stdout
    assert done.returncode == 1
