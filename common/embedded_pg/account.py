"""Under which account the server runs, and which folders it may use."""

from __future__ import annotations

import contextlib
import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from common.embedded_pg.errors import FolderUnusable

ORDINARY_ACCOUNTS = ("postgres", "nobody")
# For what that account cannot reach elsewhere. Whose it is is checked before anything there is used.
FALLBACK = Path("/var/tmp")  # noqa: S108


@dataclass(frozen=True)
class Account:
    """Who runs the server: the ordinary account we drop to as root, or ourselves."""

    uid: int
    gid: int
    is_dropped: bool

    @classmethod
    def choose(cls) -> Account:
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), is_dropped=False)
        for name in ORDINARY_ACCOUNTS:
            with contextlib.suppress(KeyError):
                entry = pwd.getpwnam(name)
                return cls(entry.pw_uid, entry.pw_gid, is_dropped=True)
        return cls(65534, 65534, is_dropped=True)

    def run(self, *words: object, **more: object) -> subprocess.CompletedProcess[str]:
        """Run one command as this account, from ``/`` because the current folder may be closed to it."""
        options: dict[str, object] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
        if self.is_dropped:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return subprocess.run(  # type: ignore[call-overload]  # noqa: S603
            [str(word) for word in words],
            cwd="/",
            stdin=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
            **options,
        )

    def reaches(self, path: Path) -> bool:
        return not self.is_dropped or self.run("/bin/sh", "-c", 'test -x "$1"', "sh", path).returncode == 0

    def own(self, path: Path) -> None:
        """Make ``path`` a folder of this account, closed to others; never take over somebody else's.

        :raises FolderUnusable: it cannot be made, or belongs to a third account, or is a link.
        """
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = path.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {self.uid, os.geteuid()}:
                raise FolderUnusable(
                    f"文件夹 {path} 属于其他帐户，请删除它，或用 --data 另选位置。"
                    f" / {path} belongs to another account: remove it, or choose another place with --data."
                )
            if self.is_dropped:
                os.chown(path, self.uid, self.gid)
            path.chmod(0o700)
        except OSError as error:
            raise FolderUnusable(
                f"无法使用文件夹 {path}（{error.strerror}），请用 --data 另选可写的位置。"
                f" / {path} cannot be used ({error.strerror}): choose a writable place with --data."
            ) from error


def is_ours(folder: Path) -> bool:
    """A real folder, and our own: what lies in a folder open to all may be somebody else's trap."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
