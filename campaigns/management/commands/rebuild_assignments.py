"""./run manage rebuild_assignments [--phase 3] [--check]: the rows of 办理情况 made anew from the facts, or compared."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaigns.models import Obligation
from campaigns.services.assignments import open_obligations, refresh
from campaigns.services.checks import compare


class Command(BaseCommand):
    help = "按报送、名册等记录重新计算办理情况；已归档的时段不动。"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--phase", type=int, help="只算这个时段（页面地址里的数字），缺省为所有没有归档的时段"
        )
        parser.add_argument("--check", action="store_true", help="只核对、不改动；有不一致时以 1 结束")

    def handle(self, *args: Any, phase: int | None, check: bool, **options: Any) -> None:
        chosen = self._chosen(phase)
        if not check:
            self.stdout.write(f"{len(chosen)} 项应办事项，更正 {sum(refresh(each) for each in chosen)} 行")
            return
        found = compare(chosen)
        for sample in found.samples:
            self.stdout.write(str(sample))
        if found.count:
            raise CommandError(f"{found.count} 行与事实不一致。")
        self.stdout.write(f"{len(chosen)} 项应办事项，全部一致")

    def _chosen(self, phase: int | None) -> list[Obligation]:
        if phase is None:
            return list(open_obligations())
        chosen = list(Obligation.objects.tracked().filter(phase=phase).select_related("phase"))
        if chosen and chosen[0].phase.frozen_at is not None:
            raise CommandError("这个时段已经归档，办理情况不再变动；需要更正的，先在页面上重新开启。")
        if not chosen:
            raise CommandError(f"没有 id 是 {phase} 的时段，或其中没有统计的应办事项。")
        return chosen
