from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import receivers, sentences  # noqa: F401, PLC0415 -- receivers need the models
