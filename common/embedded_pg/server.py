"""One server and its folder: start, stop, databases."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psycopg2

from common.embedded_pg import account as account_module
from common.embedded_pg.account import Account
from common.embedded_pg.binaries import MAJOR, reachable_binaries
from common.embedded_pg.errors import FolderUnusable, OtherVersion, StartFailed

SUPERUSER = "postgres"
SOCKET_PATH_LIMIT = 100  # the kernel's sun_path holds 108 bytes, 104 on macOS
START_SECONDS = 60

INITDB = [
    "--auth=trust",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--no-instructions",
]
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "unix_socket_permissions": "0700",
    "log_min_messages": "warning",
}
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Server:
    """One embedded server and its folder.

    ``place`` is the folder asked for; :attr:`folder` the one in use, which differs when the account that runs the
    server cannot reach ``place``. ``throw_away`` trades safety against power loss for speed: tests only.
    """

    def __init__(self, place: Path, *, throw_away: bool = False) -> None:
        self.place = place.resolve()
        self.throw_away = throw_away
        self.account = Account.choose()

    @cached_property
    def folder(self) -> Path:
        parent = self.place.parent
        try:
            parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FolderUnusable(
                f"无法创建数据文件夹 {parent}（{error.strerror}），请用 --data 另选可写的位置。"
                f" / The data folder {parent} cannot be made ({error.strerror}): choose another with --data."
            ) from error
        return (
            self.place
            if self.account.reaches(parent)
            else account_module.FALLBACK / f"chuangxian-pg-{short_key(self.place)}"
        )

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @cached_property
    def socket_folder(self) -> Path:
        inside = self.folder / "run"
        if len(bytes(inside)) + len("/.s.PGSQL.5432") <= SOCKET_PATH_LIMIT:
            return inside
        return Path(tempfile.gettempdir()) / f"cx-{short_key(self.folder)}"

    @cached_property
    def bins(self) -> Path:
        return reachable_binaries(self.account)

    def url(self, database: str = "portal") -> str:
        """What ``DATABASE_URL`` has to be for this server."""
        return f"postgres://{SUPERUSER}@{quote(str(self.socket_folder), safe='')}/{database}"

    def start(self) -> Server:
        """Start unless it runs already; several may call at once.

        :raises EmbeddedPostgresError: with the way out in its message.
        """
        with self._locked():
            self._start()
        return self

    def stop(self) -> None:
        """Stop and wait: a clean shutdown, then a hard one. Nothing running is fine."""
        if self.data.exists():
            with self._locked():
                self._stop()

    @contextlib.contextmanager
    def in_use(self) -> Iterator[Server]:
        """Started, and stopped again by the last of those who use it.

        A user is a lock on the file ``users``, so one that was killed no longer counts.
        """
        with self._locked():
            self._start()
            users = self._open("users")
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield self
        finally:
            with self._locked(), contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._stop()
            os.close(users)

    def _start(self) -> None:
        self._check_version()
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        self.account.own(self.socket_folder)
        if not self.is_up() and not self._recovers():
            self._pg_ctl_start()

    def _stop(self) -> None:
        for mode in ("fast", "immediate"):
            if (self.data / "postmaster.pid").exists():
                self._pg_ctl("stop", "-m", mode, "-t", "20")
        # the file goes a moment before the process does
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and processes_in(self.data):
            time.sleep(0.02)

    def destroy(self) -> None:
        """Stop it and remove the folder with all its data."""
        if self.folder.exists():
            self.stop()
            shutil.rmtree(self.folder, ignore_errors=True)
        if self.folder not in self.socket_folder.parents:
            shutil.rmtree(self.socket_folder, ignore_errors=True)

    def is_up(self) -> bool:
        """Does it accept connections?"""
        try:
            self.connect().close()
        except psycopg2.OperationalError:
            return False
        return True

    def connect(self, database: str = "postgres") -> psycopg2.extensions.connection:
        host = str(self.socket_folder)
        return psycopg2.connect(host=host, user=SUPERUSER, dbname=database, connect_timeout=5)

    def has_database(self, name: str) -> bool:
        return bool(self._one("SELECT 1 FROM pg_database WHERE datname = %s", [name]))

    def create_database(self, name: str) -> None:
        if not self.has_database(name):
            self._one(f'CREATE DATABASE "{name}"')

    def drop_database(self, name: str) -> None:
        self._one(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _one(self, sql: str, values: list[str] | None = None) -> tuple[object, ...] | None:
        connection = self.connect()
        try:
            connection.autocommit = True  # CREATE DATABASE refuses to run inside a transaction
            with connection.cursor() as cursor:
                cursor.execute(sql, values)
                return cursor.fetchone() if cursor.description else None
        finally:
            connection.close()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.account.own(self.folder)
        descriptor = self._open("lock")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _open(self, name: str) -> int:
        return os.open(self.folder / name, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)

    def _check_version(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            found = (self.data / "PG_VERSION").read_text().strip()
            if found != MAJOR:
                raise OtherVersion(
                    f"{self.data} 由 PostgreSQL {found} 建立，本程序使用 {MAJOR}；可用 --fresh 重建演示数据。"
                    f" / {self.data} was made by PostgreSQL {found}, this is {MAJOR}: rebuild it with --fresh."
                )

    def _initdb(self) -> None:
        """Make the cluster beside its place and move it there, so that a killed attempt leaves nothing behind."""
        half = self.folder / "data.new"
        shutil.rmtree(half, ignore_errors=True)
        words = [*INITDB, *(["--no-sync", "--no-data-checksums"] if self.throw_away else [])]
        made = self.account.run(self.bins / "initdb", "-D", half, "-U", SUPERUSER, *words)
        if made.returncode:
            raise self._failed("初始化数据库", "initdb", made.stderr)
        half.rename(self.data)

    def _recovers(self) -> bool:
        """Is a server of an earlier life coming up? Otherwise its remains are cleared away after a kill -9.

        PostgreSQL clears stale files itself unless the process number in them lives on: as a zombie, which is common
        in containers, or as somebody else's process. On systems without /proc the decision stays PostgreSQL's.
        """
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists() or not Path("/proc/self/cwd").exists():
            return False
        deadline = time.monotonic() + START_SECONDS
        while processes_in(self.data):
            if self.is_up():
                return True
            if time.monotonic() > deadline:
                raise self._failed("数据库未响应", "an earlier server does not answer", str(pid_file))
            time.sleep(0.1)
        for stale in (pid_file, self.socket_folder / ".s.PGSQL.5432.lock"):
            stale.unlink(missing_ok=True)
        return False

    def _pg_ctl_start(self) -> None:
        settings = {**SETTINGS, **(THROW_AWAY if self.throw_away else {})}
        options = " ".join(f"-c {key}={value}" for key, value in settings.items())
        options += f' -c "unix_socket_directories={self.socket_folder}"'
        started = self._pg_ctl("start", "-w", "-t", str(START_SECONDS), "-l", self.log, "-o", options)
        if started.returncode:
            raise self._failed("启动数据库", "starting PostgreSQL", self._last_words() or started.stderr)

    def _pg_ctl(self, verb: str, *words: object) -> subprocess.CompletedProcess[str]:
        # The server keeps the descriptors it is started with: a pipe of ours would never end.
        with tempfile.TemporaryFile("w+") as errors:
            done = self.account.run(
                self.bins / "pg_ctl",
                verb,
                "-s",
                "-D",
                self.data,
                *words,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
            errors.seek(0)
            done.stderr = errors.read()
        return done

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            return " ".join(self.log.read_text(errors="replace").splitlines()[-3:])
        return ""

    def _failed(self, chinese: str, english: str, detail: str) -> StartFailed:
        detail = " ".join(detail.split())[-400:]
        return StartFailed(
            f"{chinese}失败，详见 {self.log}；磁盘已满或数据损坏时可用 --fresh 重建，或设 DATABASE_URL 使用现有数据库。"
            f" / {english} failed, see {self.log}: rebuild with --fresh, or set DATABASE_URL. [{detail}]"
        )


def short_key(path: Path) -> str:
    return hashlib.sha256(bytes(path)).hexdigest()[:12]


def processes_in(folder: Path) -> list[int]:
    """Processes whose current folder is ``folder``: the postmaster and its children. Zombies have none.

    Always empty on systems without /proc.
    """
    wanted, found = str(folder.resolve()), []
    for entry in Path("/proc").iterdir() if Path("/proc/self/cwd").exists() else ():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if os.readlink(entry / "cwd") == wanted:
                    found.append(int(entry.name))
    return found
