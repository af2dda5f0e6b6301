"""Real servers and processes on this test's database. Redis comes from Debian's package, PostgreSQL from the run's own."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

ROOT = Path(__file__).parents[2]
MISSING = "apt-get install redis-server"


def wait_until(is_so, seconds=40):
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "took too long"
        time.sleep(0.02)


class Redis:
    """On a free loopback port, its messages on disk or not, as asked."""

    def __init__(self, program, folder):
        self.program, self.folder, self.process = program, folder, None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self):
        command = [self.program, "--bind", "127.0.0.1", "--port", str(self.port), "--save", ""]
        command += ["--dir", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_until(self.is_up, 10)

    def is_up(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def stop(self):
        """What was in it is lost."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def redis(tmp_path):
    program = shutil.which("redis-server")
    if program is None:
        if os.environ.get("REQUIRE_REDIS") == "1":
            pytest.fail(f"REQUIRE_REDIS=1: {MISSING}")
        pytest.skip(MISSING)
    server = Redis(program, tmp_path)
    server.start()
    yield server
    server.stop()


class Parts:
    """Worker and beat processes, and the clock they look at."""

    def __init__(self, folder, broker):
        url = urlsplit(os.environ["DATABASE_URL"])
        self.folder, self.started = folder, []
        (folder / "queue" / "control").mkdir(parents=True)
        self.env = {
            **os.environ,
            "DATABASE_URL": urlunsplit(url._replace(path="/" + connection.settings_dict["NAME"])),
            "DJANGO_SETTINGS_MODULE": "chuangxian.settings.demo",
            "PORTAL_DATA": str(folder),
            "REDIS_URL": broker,
            "PROOF_CLOCK": str(folder / "clock"),
        }

    def set_clock(self, moment):
        half = self.folder / "clock.half"
        half.write_text(moment.isoformat())
        half.replace(self.folder / "clock")

    def _start(self, *words, **more):
        number = len(self.started)
        command = [sys.executable, "-m", "celery", "-A", "tests.integration.proof", *words]
        with (self.folder / f"{words[0]}-{number}.log").open("ab") as log:
            process = subprocess.Popen(
                [*command, "--loglevel", "WARNING"],
                cwd=ROOT,
                env=self.env | more,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def worker(self, concurrency=2, has_beat=False, **more):
        """``has_beat``: beat inside it, as the demo starts it."""
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        quiet += ["--beat", "--schedule", str(self.folder / f"inner-{len(self.started)}")] if has_beat else []
        name = ["-n", f"w{len(self.started)}@localhost"]
        return self._start("worker", "--concurrency", str(concurrency), *name, *quiet, **more)

    def beat(self):
        return self._start("beat", "--schedule", str(self.folder / f"schedule-{len(self.started)}"))

    def kill(self, process):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self):
        for process in self.started:
            self.kill(process)

    def log(self):
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("*.log")))


@pytest.fixture
def parts_on(tmp_path):
    made = []

    def make(broker):
        made.append(Parts(tmp_path, broker))
        return made[-1]

    yield make
    for parts in made:
        parts.stop()
    sys.stdout.write(made[-1].log()[-4000:] if made else "")
