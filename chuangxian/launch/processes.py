"""Child processes that end with their launcher, whatever ends it."""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from chuangxian.launch.console import LaunchError, say

PR_SET_PDEATHSIG = 1
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOG_LIMIT = 5 * 1024 * 1024
RESTARTS, RESTART_WINDOW = 5, 60.0
TENDED_EVERY = 5  # rounds


def _die_with_parent() -> None:
    """Runs in the child: a launcher that is killed outright still takes its children along."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


DIE_WITH_PARENT = _die_with_parent if sys.platform == "linux" else None


class Stopped(Exception):
    """A signal asked us to end."""


class StopRequest:
    """Remembers that a signal came; whoever waits asks.

    The handler raises nothing: an exception out of it would be lost inside a fork, or leave a child behind that
    nobody knows yet. A second signal changes nothing, so stopping in order cannot be broken off.
    """

    def __init__(self) -> None:
        self.is_made = False

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        kept = {number: signal.signal(number, self._note) for number in STOPPING}
        try:
            yield
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)

    def check(self) -> None:
        """:raises Stopped: it was made."""
        if self.is_made:
            raise Stopped

    def _note(self, number: int, frame: object) -> None:
        self.is_made = True


class Child:
    """One program in a process group of its own, its output in a log file."""

    def __init__(
        self, name: str, command: Sequence[str], env: Mapping[str, str], log: Path, cwd: Path
    ) -> None:
        self.name, self.command, self.env, self.log, self.cwd = name, list(command), dict(env), log, cwd
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with _open_log(self.log) as output:
            self.process = subprocess.Popen(  # noqa: S603
                self.command,
                cwd=self.cwd,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the launcher alone, which ends its children in order
                preexec_fn=DIE_WITH_PARENT,  # noqa: PLW1509
            )

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self.process.poll() if self.process else None

    def stop(self, patience: float = 15.0) -> None:
        """Ask, wait, then insist; what it started goes with it."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        self._kill_group()
        self.process.wait()
        self.process = None

    def _kill_group(self) -> None:
        """The group outlives its leader: a killed worker leaves its pool behind."""
        assert self.process is not None  # noqa: S101 -- only called from stop()
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
            return

    def last_words(self, lines: int = 3) -> str:
        try:
            return " ".join(" ".join(self.log.read_text(errors="replace").splitlines()[-lines:]).split())[
                -300:
            ]
        except OSError:
            return ""


class Supervisor:
    """Keeps children running: the death of an essential one ends everything, the others are started again."""

    def __init__(self, stop_request: StopRequest) -> None:
        self.stop_request = stop_request
        self.essential: list[Child] = []
        self.restarted: list[Child] = []
        self._deaths: deque[float] = deque(maxlen=RESTARTS)

    def start(self, child: Child, *, is_essential: bool) -> None:
        (self.essential if is_essential else self.restarted).append(child)
        child.start()

    def check(self) -> None:
        """Start again what may be.

        :raises Stopped: a signal came.
        :raises LaunchError: an essential child has ended, or another one keeps dying.
        """
        self.stop_request.check()
        for child in self.essential:
            if child.exit_code is not None:
                raise _ended(child)
        for child in self.restarted:
            if child.exit_code is not None:
                self._start_again(child)

    def watch(self, tend: Callable[[], None] | None = None, interval: float = 0.3) -> None:
        """Until a signal or a death. ``tend`` looks after what is no child of ours, every few rounds."""
        for turn in itertools.count():
            self.check()
            if tend is not None and turn % TENDED_EVERY == 0:
                tend()
            time.sleep(interval)

    def until(self, is_ready: Callable[[], bool], child: Child, patience: float) -> None:
        """Wait for ``is_ready``.

        :raises LaunchError: ``child`` ended or took too long.
        """
        deadline = time.monotonic() + patience
        while not is_ready():
            self.check()
            if time.monotonic() > deadline:
                raise LaunchError(
                    f"{child.name} 在 {patience:.0f} 秒内没有就绪，详见 {child.log}",
                    f"{child.name} was not ready within {patience:.0f} s, see {child.log}",
                )
            time.sleep(0.05)

    def stop(self) -> None:
        """In order: first what people speak to, then what works behind."""
        for child in [*self.essential, *self.restarted]:
            child.stop()

    def _start_again(self, child: Child) -> None:
        now = time.monotonic()
        if len(self._deaths) == RESTARTS and now - self._deaths[0] < RESTART_WINDOW:
            raise _ended(child)
        self._deaths.append(now)
        say(
            f"{child.name} 意外退出（{child.exit_code}），正在重新启动",
            f"{child.name} ended unexpectedly ({child.exit_code}), starting it again",
        )
        child.stop()
        child.start()


def _ended(child: Child) -> LaunchError:
    return LaunchError(
        f"{child.name} 已退出（{child.exit_code}），全部停止；详见 {child.log}",
        f"{child.name} ended ({child.exit_code}), stopping everything; see {child.log} [{child.last_words()}]",
    )


def _open_log(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(".old.log"))
    return path.open("ab")
