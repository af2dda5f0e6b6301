"""The portal as ``bench lists`` serves it: production's way of answering, with the bare view beside it."""

from chuangxian.settings.base import *  # noqa: F403

SECRET_KEY = "bench-" + "0" * 50
ALLOWED_HOSTS = ["127.0.0.1", "testserver"]
ROOT_URLCONF = "chuangxian.bench.urls"
STORAGES = {
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
