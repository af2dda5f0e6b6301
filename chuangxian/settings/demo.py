"""./run demo and ./run manage on one's own machine: no server to install, nothing to configure."""

import os

from chuangxian.settings.base import *  # noqa: F403

DEMO = True
DEMO_ACCOUNTS, DEMO_PASSWORD = "chuangxian.demo.ACCOUNTS", "chuangxian.demo.PASSWORD"
DEBUG = False
SECRET_KEY = os.environ.get("SECRET_KEY", "demo-only-" + "0" * 50)  # noqa: S105 -- never used in production
ALLOWED_HOSTS = [
    "127.0.0.1",
    "localhost",
    "[::1]",
    *filter(None, os.environ.get("DEMO_HOSTS", "").split(",")),
]
STATIC_ROOT = DATA_DIR / "static"  # noqa: F405 -- the checkout may be read-only
# "http://127.0.0.1:8200": a stand-in for a group robot on this machine
ROBOT_ORIGINS = [*ROBOT_ORIGINS, *filter(None, os.environ.get("DEMO_ROBOTS", "").split(","))]  # noqa: F405
