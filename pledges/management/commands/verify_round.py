"""./run manage verify_round 3: does a closed round still add up to what was sealed? Ends with 1 when it does not."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pledges.models import RoundArchive
from pledges.queries.archives import verify


class Command(BaseCommand):
    help = "核对已归档的一轮承诺：按留存的记录重算，并与封存的数字和校验码比较。"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("archive", type=int, help="归档的 id（页面地址里的数字）")

    def handle(self, *args: Any, archive: int, **options: Any) -> None:
        found = RoundArchive.objects.select_related("phase__campaign").filter(pk=archive).first()
        if found is None:
            raise CommandError(f"没有 id 是 {archive} 的归档。")
        if faults := verify(found):
            raise CommandError(f"{found} 与封存时不一致：\n" + "\n".join(faults))
        self.stdout.write(f"{found} 核对一致，校验码 {found.digest}")
