import json
from collections.abc import Iterable

from django.core.management.base import BaseCommand, CommandParser

from chuangxian.bench import benches


class Command(BaseCommand):
    help = "Measure the portal on this machine: bench import, bench lists, …"

    def add_arguments(self, parser: CommandParser) -> None:
        names = parser.add_subparsers(dest="bench", required=True)
        for name, module in sorted(benches().items()):
            sub = names.add_parser(name, help=module.HELP)
            sub.add_argument("--json", action="store_true", help="one JSON object per row")
            module.add_arguments(sub)

    def handle(self, *args: object, **options: object) -> None:
        rows = benches()[str(options["bench"])].run(options)
        if options["json"]:
            for row in rows:
                self.stdout.write(json.dumps(row, ensure_ascii=False))
                self.stdout.flush()
        else:
            self._print_table(list(rows))

    def _print_table(self, rows: Iterable[dict[str, object]]) -> None:
        rows = list(rows)
        heads = list(dict.fromkeys(key for row in rows for key in row))
        cells = [heads] + [
            ["" if row.get(head) is None else str(row.get(head)) for head in heads] for row in rows
        ]
        widths = [max(len(line[at]) for line in cells) for at in range(len(heads))]
        for line in cells:
            self.stdout.write(
                "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            )
