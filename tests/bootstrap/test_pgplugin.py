"""A test run has a server of its own, and leaves neither process nor folder, however it ends."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from common.embedded_pg.server import processes_in
from tests import pgplugin

ROOT = Path(__file__).parents[2]
PATIENCE = 240  # seconds; the inner runs start Python up to three times over, beside the rest of the suite
INNER = """
import os, time
from urllib.parse import unquote, urlsplit
import psycopg2
def test_inner():
    url = os.environ["DATABASE_URL"]
    psycopg2.connect(url.rpartition("/")[0] + "/postgres").close()
    print("SOCKET", unquote(urlsplit(url).netloc.partition("@")[2]), flush=True)
    time.sleep({seconds})
"""


@pytest.fixture
def inner(tmp_path):
    started = []

    def start(seconds, *words, **variables):
        (tmp_path / "test_inner.py").write_text(INNER.format(seconds=seconds))
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", pgplugin.PROVIDED))}
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-c",
            ROOT / "pyproject.toml",
            "-q",
            "-s",
            *words,
            tmp_path,
        ]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**clean, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def folder_told_by(process):
    for line in process.stdout:
        if "SOCKET" in line:
            return Path(line.partition("SOCKET ")[2].strip()).parents[1]
    raise AssertionError(f"the inner run ended early: {process.wait()}")


def test_the_server_goes_with_its_run(inner):
    process = inner(0)
    folder = folder_told_by(process)
    assert "1 passed" in process.communicate(timeout=PATIENCE)[0]
    assert folder.name.startswith(pgplugin.PREFIX)
    assert not folder.exists()
    assert not processes_in(folder / "pg" / "data")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_server_goes_when_the_run_is_interrupted(inner, number):
    process = inner(300)
    folder = folder_told_by(process)
    process.send_signal(number)
    process.communicate(timeout=PATIENCE)
    assert not folder.exists()
    assert not processes_in(folder / "pg" / "data")


def test_what_a_killed_run_left_goes_with_the_next(inner):
    process = inner(300)
    folder = folder_told_by(process)
    process.kill()
    process.communicate()
    pgplugin.sweep()
    assert folder.exists(), "a young folder may belong to a run that is just starting"
    os.utime(folder, (time.time() - 120,) * 2)
    pgplugin.sweep()
    assert not folder.exists()
    assert not processes_in(folder / "pg" / "data")


def test_a_given_database_takes_over(inner):
    process = inner(0, TEST_DATABASE_URL=os.environ["DATABASE_URL"])
    assert "1 passed" in process.communicate(timeout=PATIENCE)[0]


def test_the_workers_share_the_server_of_their_run(inner):
    process = inner(0, "-n", "1")
    assert "1 passed" in process.communicate(timeout=PATIENCE)[0]


def test_data_of_tests_are_kept_apart_from_the_demo():
    assert Path(os.environ["PORTAL_DATA"]).is_relative_to(tempfile.gettempdir())
