"""Benchmarks: figures as ratios measured in one run, because machines differ.

Each module here is one sub-command of ``./run manage bench``: NAME, HELP, ``add_arguments(parser)`` and
``run(options) -> Iterator[dict]``. The rows are printed as a table, or with ``--json`` one object per line.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from django.contrib.contenttypes.models import ContentType
from django.db import connection


def benches() -> dict[str, ModuleType]:
    """name of the sub-command -> its module."""
    found = [
        importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)
    ]
    return {module.NAME: module for module in found if hasattr(module, "NAME")}


@contextmanager
def own_database() -> Iterator[None]:
    """A fresh migrated database beside the real one, dropped afterwards: real commits, nobody's data."""
    old = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = f"{old}_bench"  # not the one in which the tests run
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    ContentType.objects.clear_cache()  # its keys are those of the database before
    try:
        yield
    finally:
        connection.creation.destroy_test_db(old, verbosity=0)
