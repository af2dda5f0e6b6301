"""What the portal would do with guardian alone: a row per person and descendant, and its stock list.

``StockOrganization`` is the organizations' table under another name, because guardian would otherwise choose our
own table of posts. Nothing outside the benchmark imports this module.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.db.models import QuerySet
from guardian.core import ObjectPermissionChecker
from guardian.shortcuts import get_objects_for_user

from organizations.access import holdings
from pledges.models import Pledge

CODENAME = "view_stock"


class StockOrganization(models.Model):
    name = models.CharField(max_length=120)
    path = models.CharField(max_length=255)

    class Meta:
        app_label = "chuangxian"
        managed = False
        db_table = "organizations_organization"

    def __str__(self) -> str:
        return self.name


def fill(users: list[Any]) -> int:
    """A row for each secretary and everything below, and the same for ``users``; returns how many."""
    content_type = ContentType.objects.get_for_model(StockOrganization)
    permission = Permission.objects.create(codename=CODENAME, name=CODENAME, content_type=content_type)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO guardian_userobjectpermission (permission_id, content_type_id, object_pk, user_id)"
            " SELECT %s, %s, o.id::text, a::bigint FROM organizations_organization o"
            " CROSS JOIN LATERAL string_to_table(rtrim(o.path, '.'), '.') AS a",
            [permission.pk, content_type.pk],
        )
        rows = cursor.rowcount
        for user in users:
            for path in {holding.path for holding in holdings(user)}:
                cursor.execute(
                    "INSERT INTO guardian_userobjectpermission (permission_id, content_type_id, object_pk, user_id)"
                    " SELECT %s, %s, id::text, %s FROM organizations_organization WHERE starts_with(path, %s)"
                    " ON CONFLICT DO NOTHING",
                    [permission.pk, content_type.pk, user.pk, path],
                )
                rows += cursor.rowcount
    _analyse()
    return rows


def _analyse() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE guardian_userobjectpermission")


def visible(user: Any) -> QuerySet[Pledge]:
    """The pledges of every organization the person has a row for."""
    places = get_objects_for_user(
        user, f"chuangxian.{CODENAME}", StockOrganization, accept_global_perms=False
    )
    return (
        Pledge.objects.of_organizations()
        .exclude(state="draft")
        .filter(organization_id__in=places.values("pk"))
    )


def may(user: Any, organization_id: int) -> bool:
    return ObjectPermissionChecker(user).has_perm(CODENAME, StockOrganization(pk=organization_id))
