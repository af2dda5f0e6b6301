"""The first hour of a new server: the top of the tree, and the person who builds the rest of it in the browser."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from organizations import services
from organizations.forms.posts import AccountForm
from organizations.kinds import HAS_SUBORDINATES, Kind
from organizations.posts import Post


class Command(BaseCommand):
    help = (
        "Found the topmost Party organization (最上级党组织) and open the account of its office's director."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="全称，与印章一致")
        parser.add_argument("--code", required=True, help="代码")
        parser.add_argument("--kind", choices=sorted(HAS_SUBORDINATES), default=Kind.COMMITTEE.value)
        parser.add_argument("--founded", type=dt.date.fromisoformat, metavar="YYYY-MM-DD", help="today")
        parser.add_argument("--director", required=True, help="领导小组办公室主任的姓名")
        parser.add_argument("--username", required=True, help="主任的登录名")

    @transaction.atomic
    def handle(self, *args: Any, **asked: Any) -> None:
        today = timezone.localdate()
        try:
            root = services.found(
                name=asked["name"],
                kind=asked["kind"],
                code=asked["code"],
                parent=None,
                on=asked["founded"] or today,
            )
            form = AccountForm(
                root,
                None,
                {
                    "name": asked["director"],
                    "username": asked["username"],
                    "post": Post.OFFICE_DIRECTOR,
                    "on": today,
                },
            )
            if not form.is_valid():
                raise CommandError("；".join(str(text) for texts in form.errors.values() for text in texts))
            director, password = form.apply()
        except services.OrganizationRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"已成立“{root}”。{director}的登录名 {director.username}，首次密码 {password}")
        self.stdout.write("密码只在这里显示一次，首次登录时须改为自己的密码。")
