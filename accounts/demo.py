"""The accounts that the demo's sign-in page offers. Empty everywhere else."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class DemoAccount:
    username: str
    who: str
    posts: str
    hint: str = ""  # what to try with it
    password: str = ""


def demo_accounts() -> list[DemoAccount]:
    if not (settings.DEMO and settings.DEMO_ACCOUNTS):
        return []
    password = import_string(settings.DEMO_PASSWORD)
    return [replace(DemoAccount(*row), password=password) for row in import_string(settings.DEMO_ACCOUNTS)]
