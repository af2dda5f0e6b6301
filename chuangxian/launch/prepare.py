"""What has to be there before the servers start. Each step is skipped when nothing changed since."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from chuangxian.launch.console import LaunchError, say
from chuangxian.launch.database import LOADING, READY, Database
from chuangxian.launch.processes import DIE_WITH_PARENT, StopRequest

ROOT = Path(__file__).resolve().parents[2]
Manage = Callable[..., None]


def manager(env: Mapping[str, str], stop_request: StopRequest) -> Manage:
    """``manage("migrate", "--noinput")`` in a child process; its last line goes into the error it may raise."""

    def manage(*words: str) -> None:
        command = [sys.executable, "manage.py", *words]
        with tempfile.TemporaryFile() as output:
            child = subprocess.Popen(  # noqa: S603
                command,
                cwd=ROOT,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=DIE_WITH_PARENT,  # noqa: PLW1509 -- else it goes on beside the next start
            )
            _wait(child, stop_request)
            output.seek(0)
            said = output.read().decode(errors="replace").strip()
        if child.returncode:
            raise LaunchError(
                f"manage.py {words[0]} 失败（{(said or str(child.returncode)).splitlines()[-1]}）；"
                "再次运行会重试，或用 --fresh 重建演示数据",
                f"manage.py {words[0]} failed: run again, or rebuild the demo with --fresh",
            )

    return manage


def _wait(child: subprocess.Popen[bytes], stop_request: StopRequest) -> None:
    """:raises Stopped: a signal came meanwhile; the child is gone then."""
    while child.poll() is None and not stop_request.is_made:
        time.sleep(0.05)
    if stop_request.is_made:
        child.kill()  # whatever it was at is a transaction, or done again by the next start
        child.wait()
    stop_request.check()


def writable(folder: Path) -> None:
    """:raises LaunchError: the data folder cannot be made or written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise LaunchError(
            f"数据文件夹 {folder} 无法写入（{error.strerror}）；用 --data 另选位置，或设 PORTAL_DATA",
            f"the data folder {folder} cannot be written ({error.strerror}): choose another with --data",
        ) from error


def data(database: Database, manage: Manage, *, is_fresh: bool) -> None:
    """Schema and demo data, loaded once. A start that was interrupted here is made good by the next."""
    ready = READY + _digest(_migrations())
    mark = database.mark()
    if is_fresh or (mark == LOADING and database.server is not None):
        if not is_fresh:
            say("上次载入未完成，重新载入", "the last loading was interrupted, loading again")
        database.rebuild()
        mark = ""
    if mark == LOADING:
        raise LaunchError(
            "DATABASE_URL 指向的数据库中有未载完的演示数据；用 --fresh 清空该数据库后重新载入",
            "your database holds half-loaded demo data: --fresh empties that database and loads it again",
        )
    if mark == ready:
        return
    if mark.startswith(READY) or database.has_people():
        say("更新数据库结构", "migrating")
        manage("migrate", "--noinput")
    else:
        say("首次启动：建立数据库并载入演示数据", "first start: making the database and its demo data")
        database.set_mark(LOADING)
        manage("migrate", "--noinput")
        manage("demo_data")
    database.set_mark(ready)


def static(folder: Path, manage: Manage) -> None:
    """Static files with hashed names, collected anew only when one of them changed."""
    digest, stamp = _digest(_static_sources()), folder / "static.digest"
    if stamp.exists() and stamp.read_text() == digest:
        return
    say("整理静态文件", "collecting static files")
    stamp.unlink(missing_ok=True)
    manage("collectstatic", "--noinput", "--clear")
    stamp.write_text(digest)


def folders(folder: Path) -> None:
    """The folders of the file-system broker, of uploads and of logs."""
    for part in ("queue", "queue/control", "beat", "files", "log"):
        (folder / part).mkdir(parents=True, exist_ok=True)


def forget_beat(folder: Path) -> None:
    """Drop beat's own memory, which a kill may have torn: what is due is decided in the database."""
    for torn in (folder / "beat").iterdir():
        torn.unlink()


def _migrations() -> Iterable[Path]:
    return sorted([*ROOT.glob("*/migrations/*.py"), ROOT / "requirements.txt"])


def _static_sources() -> Iterable[Path]:
    found = (path for folder in ("static", "*/static") for path in ROOT.glob(f"{folder}/**/*"))
    own = [path for path in found if path.is_file() and not path.relative_to(ROOT).parts[0].startswith(".")]
    return sorted([*own, ROOT / "requirements.txt", ROOT / "chuangxian/settings/base.py"])


def _digest(paths: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return total.hexdigest()
