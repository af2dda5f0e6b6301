"""The one Celery application. The beat table is in settings; tasks live in each app's ``tasks.py``."""

import os

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuangxian.settings.demo")

app = Celery("chuangxian")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def _keep_ours(**kwargs: object) -> None:
    """Being connected is enough: Celery then leaves the logging of the settings alone."""
