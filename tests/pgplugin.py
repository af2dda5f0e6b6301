"""A throw-away PostgreSQL for each test run. Loaded by ``-p tests.pgplugin``, before the settings are read.

``TEST_DATABASE_URL`` takes over when set. The workers of pytest-xdist inherit the server of the run that started
them. The server goes when the run ends, also after Ctrl-C; what a killed run left behind goes with the next run.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

import pytest

from common.embedded_pg import EmbeddedPostgresError, Server

PREFIX = "cx-test-"
PROVIDED = "CX_TEST_SERVER"  # set for the workers: the server is there already


class ThrowAway:
    """A folder under the system's temporary one, with a lock held as long as the run lives."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.folder.chmod(0o711)  # the account that runs the server must be able to pass through
        self.lock = _lock(self.folder)
        self.server = Server(self.folder / "pg", throw_away=True)

    def announce(self) -> None:
        os.environ["DATABASE_URL"] = self.server.url()
        os.environ["PORTAL_DATA"] = str(self.folder / "portal")
        os.environ[PROVIDED] = "1"

    def remove(self) -> None:
        _remove(self.folder, self.server)
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None


def _lock(folder: Path) -> int | None:
    """The lock of a run's folder, or None while its run lives."""
    descriptor = os.open(folder / "alive", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _remove(folder: Path, server: Server) -> None:
    with contextlib.suppress(EmbeddedPostgresError):
        server.destroy()
    shutil.rmtree(folder, ignore_errors=True)


def sweep() -> None:
    """Remove what runs that were killed have left; very young folders may be about to be locked."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            is_settled = time.time() - folder.stat().st_mtime > 60
            lock = _lock(folder) if is_settled else None
            if lock is not None:
                _remove(folder, Server(folder / "pg", throw_away=True))
                os.close(lock)


def _announce() -> ThrowAway | None:
    if os.environ.get(PROVIDED):
        return None
    if os.environ.get("TEST_DATABASE_URL"):
        os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
        return None
    throw_away = ThrowAway()
    throw_away.announce()
    atexit.register(throw_away.remove)  # when pytest does not come as far as pytest_unconfigure
    return throw_away


_mine = _announce()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    if _mine is None or session.config.option.collectonly:
        return
    signal.signal(signal.SIGTERM, _as_interrupt)
    sweep()
    try:
        _mine.server.start()
    except EmbeddedPostgresError as error:
        _mine.remove()
        pytest.exit(str(error), returncode=3)


def _as_interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    if _mine is not None:
        _mine.remove()
