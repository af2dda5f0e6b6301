"""What a work needs of memory when a process does nothing else."""

from __future__ import annotations

import subprocess
import sys

from django.db import connection

# VmHWM begins anew with a new program; ru_maxrss would still know the peak of whoever started it.
_ALONE = """
import re, sys
from pathlib import Path
import django
django.setup()
import chuangxian.urls  # all pages, as a web process has them
from django.contrib.auth import get_user_model
from django.db import connection
from chuangxian.bench import exporting

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024

database, user, work, *rest = sys.argv[1:]
connection.settings_dict["NAME"] = database
person = get_user_model().objects.get(pk=user)
started = peak()
getattr(exporting, work)(person, *rest)
print(started, peak())
"""


def peak_alone(work: str, user_pk: int, *arguments: object) -> dict[str, int]:
    """The peak in MB of a process that calls this function of ``chuangxian.bench.exporting``, and what it was before."""
    database = connection.settings_dict["NAME"]
    command = [sys.executable, "-c", _ALONE, database, str(user_pk), work, *map(str, arguments)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-2:]  # noqa: S603
    started, peak = map(int, told)
    return {"process_peak_mb": peak, "process_start_mb": started}
