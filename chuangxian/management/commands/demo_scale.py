from __future__ import annotations

import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chuangxian.demo.build import is_built
from chuangxian.demo.scale import LEVELS, build


class Command(BaseCommand):
    help = "Fill an empty database for measuring: 3,021 (s), 30,211 (m) or 200,001 (l) organizations."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("scale", choices=LEVELS)

    def handle(self, *args: object, **options: object) -> None:
        if is_built():
            raise CommandError(
                "数据库不是空的；请用 PORTAL_DATA 指定另一个数据文件夹 / not empty: set PORTAL_DATA to another folder"
            )
        settings.DEBUG = False  # it would keep the text of every query
        began = time.monotonic()
        build(str(options["scale"]), say=self.stdout.write)
        self.stdout.write(f"done in {time.monotonic() - began:.0f} s")
