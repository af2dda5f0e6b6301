import os
import sys

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from chuangxian.demo.scale import LEVELS


class Command(BaseCommand):
    help = "Start the portal with its demo data, as ./run demo does; with --scale, fill a database for measuring."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", default="8000")
        parser.add_argument("--fresh", action="store_true", help="rebuild the demo data")
        parser.add_argument(
            "--scale", choices=LEVELS, help="3,021 (s), 30,211 (m) or 200,001 (l) organizations"
        )

    def handle(self, *args: object, **options: object) -> None:
        if options["scale"]:
            call_command("migrate", "--noinput", verbosity=0)
            call_command("demo_scale", options["scale"], stdout=self.stdout)
            return
        words = ["--port", str(options["port"]), *(["--fresh"] if options["fresh"] else [])]
        os.execv(sys.executable, [sys.executable, "-m", "chuangxian.launch", "demo", *words])  # noqa: S606
