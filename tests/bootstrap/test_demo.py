"""``./run demo`` from an empty folder to the last process gone: the real database, pages, worker and data."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from chuangxian.demo import ACCOUNTS
from chuangxian.launch.__main__ import HOST
from common.embedded_pg import Server
from tests import pgplugin

ROOT = Path(__file__).parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def status(port, path):
    asked = http.client.HTTPConnection(HOST, port, timeout=30)
    try:
        asked.request("GET", path)
        return asked.getresponse().status
    finally:
        asked.close()


def processes_of(folder):
    """Everything that was started for this data folder, by its environment or its command line."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes() if entry.name.isdigit() else b""
            known_by = command + (entry / "environ").read_bytes() if command else b""
        except OSError:
            continue
        if bytes(folder) in known_by and int(entry.name) != os.getpid():
            found[int(entry.name)] = command.replace(b"\0", b" ").decode()
    return found


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="cx-demo-") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


@pytest.fixture
def start(folder):
    started = []

    def start(port, *words):
        env = {
            k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "PORTAL_DATA", pgplugin.PROVIDED)
        }
        command = [
            sys.executable,
            "-m",
            "chuangxian.launch",
            "demo",
            "--port",
            str(port),
            "--data",
            folder,
            *words,
        ]
        env["DJANGO_SETTINGS_MODULE"] = "chuangxian.settings.demo"
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.wait(120)
        process.stdout.close()


def told_until_ready(process):
    told = []
    for line in process.stdout:
        told.append(line)
        if re.search(r"ready in [\d.]+ s", line):
            return "".join(told)
    raise AssertionError(f"exit {process.wait()}: {''.join(told)}")


def ended_by(process, number):
    process.send_signal(number)
    process.communicate(timeout=120)
    return process.returncode


def test_from_an_empty_folder_to_the_last_process_gone(start, folder):
    port = free_port()
    demo = start(port)
    told = told_until_ready(demo)
    assert f"http://{HOST}:{port}/" in told
    assert all(account.username in told for account in ACCOUNTS)
    assert [status(port, path) for path in ("/", "/pledges/", "/accounts/login/", "/readyz")] == [200] * 4
    assert status(port, "/desk/") == 302

    second = start(free_port())
    assert f"http://{HOST}:{port}/" in second.communicate(timeout=120)[0]
    assert second.returncode == 2

    worker = next(pid for pid, command in processes_of(folder).items() if "celery" in command)
    os.kill(worker, signal.SIGKILL)
    assert "worker ended unexpectedly (-9)" in demo.stdout.readline()

    assert ended_by(demo, signal.SIGTERM) == 0
    assert processes_of(folder) == {}

    began = time.monotonic()
    again = start(port)
    assert "first start" not in told_until_ready(again)
    print(f"second start: {time.monotonic() - began:.1f} s")
    assert ended_by(again, signal.SIGINT) == 0
    assert processes_of(folder) == {}


def test_a_database_killed_outright_is_started_again(start, folder):
    port = free_port()
    demo = start(port)
    told_until_ready(demo)
    assert status(port, "/readyz") == 200
    postmaster = (Server(folder / "pg").data / "postmaster.pid").read_text().split()[0]
    os.kill(int(postmaster), signal.SIGKILL)
    assert "the database does not answer, starting it again" in demo.stdout.readline()
    assert "the database is back" in demo.stdout.readline()
    assert [status(port, path) for path in ("/pledges/", "/readyz")] == [200, 200]
    assert ended_by(demo, signal.SIGTERM) == 0
    assert processes_of(folder) == {}


def test_a_first_start_that_was_killed_outright_is_made_good(start, folder):
    demo = start(free_port())
    for line in demo.stdout:
        if "first start" in line:
            break
    time.sleep(3)
    demo.kill()
    demo.communicate(timeout=120)
    port = free_port()
    again = start(port)
    assert "interrupted, loading again" in told_until_ready(again)
    assert status(port, "/pledges/") == 200
    assert ended_by(again, signal.SIGINT) == 0
    assert processes_of(folder) == {}
