"""``./run manage bench …`` runs, small: figures that nobody can take again are worth nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SMALL = {
    "progress": (
        ["--scale", "s", "--repeats", "1"],
        {"reminders written", "level of all obligations, root"},
    ),
    "reminders": (["--scale", "s"], {"reminders written", "told in chunks of 1,000"}),
    "import": (["--organizations", "60", "--members", "120"], {"dry run", "confirm"}),
    "pledges": (
        ["--scale", "s", "--repeats", "1", "--items", "110"],
        {"publish_all, 50 pledges", "vet_all, 110 items"},
    ),
    "lists": (["--scale", "s", "--repeats", "1", "--no-served"], {"list, nine: page", "permission check"}),
}


@pytest.mark.parametrize("name", SMALL)
def test_a_benchmark_prints_its_rows(name, tmp_path):
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "chuangxian.settings.demo", "PORTAL_DATA": str(tmp_path)}
    options, expected = SMALL[name]
    command = [sys.executable, "manage.py", "bench", name, "--json", *options]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert expected <= {row["name"] for row in rows}
