"""Permissions in plain Chinese, by area, as chuangxian.matrix words them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string


def _beside_the_matrix(name: str) -> Any:
    """The words stand on the same page as the table they explain."""
    return import_string(f"{settings.PERMISSION_MATRIX.rpartition('.')[0]}.{name}")


# permission -> what it allows; app, or permission -> the area it is shown in
LABELS: Any = SimpleLazyObject(lambda: _beside_the_matrix("LABELS"))
AREAS: Any = SimpleLazyObject(lambda: _beside_the_matrix("AREAS"))


def label_of(permission: str) -> str:
    return LABELS.get(permission, permission)


def area_of(permission: str) -> str:
    """By the longest name that fits: ``organizations.view_member`` may stand apart from its app."""
    app = permission.partition(".")[0]
    return AREAS.get(permission, AREAS.get(app, app))
