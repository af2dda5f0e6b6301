"""``python -m chuangxian.launch demo|manage``; started by ``./run``."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

from chuangxian.launch import prepare
from chuangxian.launch.accounts import account_table
from chuangxian.launch.console import LaunchError, say
from chuangxian.launch.database import Database, database
from chuangxian.launch.prepare import ROOT
from chuangxian.launch.processes import STOPPING, Child, Stopped, StopRequest, Supervisor
from common.embedded_pg import EmbeddedPostgresError

HOST = "127.0.0.1"
WEB_WORKERS, WEB_THREADS = 2, 4  # each thread keeps a database connection
SETTINGS = "chuangxian.settings.demo"


def main(words: Sequence[str]) -> int:
    stop_request = StopRequest()
    try:
        return manage(words[1:]) if words[:1] == ["manage"] else demo(_options(words[1:]), stop_request)
    except (LaunchError, EmbeddedPostgresError) as error:
        if stop_request.is_made:  # Ctrl-C reaches the helpers of the moment too: their end is no failure
            return 0
        sys.stderr.write(f"[run] {error}\n")
        return 2
    except Stopped:  # asked for, and done in order: no failure
        return 0


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run demo")
    parser.add_argument("--port", type=int, default=8000, help="端口 / port (8000)")
    parser.add_argument("--fresh", action="store_true", help="重建演示数据 / rebuild the demo data")
    parser.add_argument("--data", type=Path, help="数据文件夹 / data folder (PORTAL_DATA, or .data)")
    return parser.parse_args(words)


def _folder(chosen: Path | None) -> Path:
    return (chosen or Path(os.environ.get("PORTAL_DATA") or ROOT / ".data")).expanduser().resolve()


def _environment(folder: Path, base: Database) -> dict[str, str]:
    given = {"DATABASE_URL": base.url, "PORTAL_DATA": str(folder), "PYTHONUNBUFFERED": "1"}
    return {"DJANGO_SETTINGS_MODULE": SETTINGS, **os.environ, **given}


# --- demo ------------------------------------------------------------------------------------------------------


def demo(options: argparse.Namespace, stop_request: StopRequest) -> int:
    """Everything up, in order; everything down, in the opposite order, on a signal or a death."""
    began = time.monotonic()
    folder = _folder(options.data)
    prepare.writable(folder)
    supervisor = Supervisor(stop_request)
    with stop_request.listening(), _only_one(folder, options.port):
        _check_port(options.port)
        with database(folder) as base:
            env = _environment(folder, base)
            try:
                prepare.folders(folder)
                prepare.forget_beat(folder)
                manage_py = prepare.manager(env, stop_request)
                prepare.static(folder, manage_py)
                prepare.data(base, manage_py, is_fresh=options.fresh)
                _start(supervisor, folder, env, options.port)
                _greet(folder, options.port, time.monotonic() - began)
                supervisor.watch(base.keep_up)
            finally:
                say("正在停止", "stopping")
                supervisor.stop()
    return 0


def _start(supervisor: Supervisor, folder: Path, env: dict[str, str], port: int) -> None:
    web = Child("web", web_command(port), env, folder / "log" / "web.log", ROOT)
    worker = Child("worker", worker_command(folder), env, folder / "log" / "worker.log", ROOT)
    supervisor.start(web, is_essential=True)
    supervisor.until(lambda: _answers(port), web, patience=60)
    supervisor.start(worker, is_essential=False)  # second: people wait for the pages, not for it


def web_command(port: int) -> list[str]:
    server = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)]
    size = ["--workers", str(WEB_WORKERS), "--blocking-threads", str(WEB_THREADS), "--backpressure", "64"]
    lasting = ["--respawn-failed-workers", "--workers-kill-timeout", "3"]
    quiet = ["--no-ws", "--no-access-log", "--log-level", "warning"]
    return [*server, *size, *lasting, *quiet, "chuangxian.wsgi:application"]


def worker_command(folder: Path) -> list[str]:
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]
    beat = ["--beat", "--schedule", str(folder / "beat" / "schedule")]
    return [sys.executable, "-m", "celery", "-A", "chuangxian", "worker", "--concurrency", "1", *beat, *quiet]


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _greet(folder: Path, port: int, seconds: float) -> None:
    sys.stdout.write(account_table())
    sys.stdout.flush()
    say(f"日志在 {folder / 'log'}；按 Ctrl-C 停止", f"logs in {folder / 'log'}; Ctrl-C stops")
    say(
        f"创先争优活动管理平台：http://{HOST}:{port}/ （启动用时 {seconds:.1f} 秒）",
        f"ready in {seconds:.1f} s",
    )


@contextlib.contextmanager
def _only_one(folder: Path, port: int) -> Iterator[None]:
    """One demo per data folder; the kernel frees the lock of a killed one."""
    with (folder / "demo.lock").open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.seek(0)
            other = json.loads(handle.read() or "{}").get("port", "?")
            raise LaunchError(
                f"演示已在运行：http://{HOST}:{other}/ ；先停止它，或用 --data 与 --port 另开一个",
                f"the demo already runs at port {other}: stop it, or start another with --data and --port",
            ) from None
        handle.truncate(0)
        handle.write(json.dumps({"port": port}))
        handle.flush()
        yield


def _check_port(port: int) -> None:
    """:raises LaunchError: it is taken, with one that is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            free = _free_port()
            raise LaunchError(
                f"端口 {port} 不能使用（{getattr(error, 'strerror', error)}），请换一个：./run demo --port {free}",
                f"port {port} cannot be used, take another: ./run demo --port {free}",
            ) from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


# --- manage ----------------------------------------------------------------------------------------------------


def manage(words: Sequence[str]) -> int:
    """A Django command on the demo's database, which is started for it when it is not up."""
    folder = _folder(None)
    prepare.writable(folder)
    with database(folder) as base:
        prepare.folders(folder)
        command = [sys.executable, "manage.py", *words]
        child = subprocess.Popen(command, cwd=ROOT, env=_environment(folder, base))  # noqa: S603
        for number in STOPPING:  # Ctrl-C reaches the command by itself, a signal to us alone is passed on
            signal.signal(number, lambda n, _: None if n == signal.SIGINT else child.send_signal(n))
        code = child.wait()
        return code if code >= 0 else 128 - code  # as a shell says that a signal ended it


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
