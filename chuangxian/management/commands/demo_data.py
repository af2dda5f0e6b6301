from __future__ import annotations

import time

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from chuangxian.demo import ACCOUNTS, PASSWORD
from chuangxian.demo.build import build, is_built


class Command(BaseCommand):
    help = "Load the demo city once. Running it again changes nothing."

    def handle(self, *args: object, **options: object) -> None:
        if is_built():
            self.stdout.write("演示数据已经载入 / the demo data are there already")
            return
        settings.DEBUG = False  # it would keep the text of every query
        began = time.monotonic()
        build(timezone.localdate())
        self.stdout.write(f"演示数据已载入，用时 {time.monotonic() - began:.1f} 秒 / demo data loaded")
        for account in ACCOUNTS:
            self.stdout.write(f"  {account.username}\t{PASSWORD}\t{account.name}\t{account.posts}")
