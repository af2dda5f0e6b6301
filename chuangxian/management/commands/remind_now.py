from django.core.management.base import BaseCommand

from campaigns.services import reminders


class Command(BaseCommand):
    help = "Write and tell the reminders that are due, whatever the hour; nobody gets two digests of one day"

    def handle(self, *args: object, **options: object) -> None:
        written, told = reminders.run_now()
        self.stdout.write(f"写入提醒 {written} 条，发出 {told} 条（同一人同一天只发一份）。")
