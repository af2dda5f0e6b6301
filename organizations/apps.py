from importlib import import_module

from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "organizations"

    def ready(self) -> None:
        import_module("organizations.receivers")
        import_module("organizations.sentences")
