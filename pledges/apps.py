from django.apps import AppConfig


class PledgesConfig(AppConfig):
    name = "pledges"

    def ready(self) -> None:
        from pledges import (  # noqa: F401, PLC0415 -- app ready
            closing,
            columns,
            duties,
            obligations,
            receivers,
            sentences,
        )
