"""Zip files that are the same for the same content: no moment of the clock is written into them."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

_FIRST = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can name


@contextmanager
def timeless_entry(archive: zipfile.ZipFile, name: str) -> Iterator[IO[bytes]]:
    """To write one file of ``archive``, of any size."""
    entry = zipfile.ZipInfo(name, _FIRST)
    entry.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(entry, "w", force_zip64=False) as into:
        yield into


def timeless(source: IO[bytes], into: IO[bytes]) -> None:
    """The zip ``source`` (a workbook, a Word file) with the same entries, without their moments."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(into, "w") as new:
        for name in old.namelist():
            with old.open(name) as content, timeless_entry(new, name) as entry:
                shutil.copyfileobj(content, entry)
