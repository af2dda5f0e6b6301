"""Settings shared by every way of running. What differs is in demo.py, test.py and production.py."""

import os
from datetime import timedelta
from pathlib import Path

import dj_database_url
from celery.schedules import crontab
from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parents[2]
DATA_DIR = Path(os.environ.get("PORTAL_DATA", BASE_DIR / ".data"))

DEBUG = False
DEMO = False
DEMO_ACCOUNTS = DEMO_PASSWORD = ""  # where the demo's sign-in page finds what it offers
ALLOWED_HOSTS: list[str] = []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_linear_migrations",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "guardian",
    "import_export",
    "allauth",
    "allauth.account",
    "axes",
    "common",
    "accounts",
    "notifications",
    "organizations",
    "campaigns",
    "pledges",
    "reviews",
    "evaluations",
    "awards",
    "portal",
    "chuangxian",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "common.middleware.RequestIdMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SignInRequiredMiddleware",
    "accounts.middleware.IdleTimeoutMiddleware",
    "accounts.middleware.FirstPasswordMiddleware",
    "organizations.middleware.ActingPostMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.middleware.FormsOnlyMiddleware",
    "common.middleware.CacheLawMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "chuangxian.urls"
WSGI_APPLICATION = "chuangxian.wsgi.application"

# django-cotton and django-template-partials both want to wrap the loaders: listed here by hand.
_LOADERS = [
    "django_cotton.cotton_loader.Loader",
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "common.templatetags.cn",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.frame",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [("django.template.loaders.cached.Loader", _LOADERS)],
                )
            ],
        },
    }
]
COTTON_DIR = "cotton"

DATABASES = {
    "default": dj_database_url.config(default="postgres:///portal", conn_max_age=600, conn_health_checks=True)
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "organizations.access.AffiliationBackend",
]
PERMISSION_MATRIX = "chuangxian.matrix.MATRIX"
PERMISSIONS_OF_ONES_OWN = "chuangxian.matrix.ONES_OWN"
ACTED_AS = "organizations.access.acted_as"
ANONYMOUS_USER_NAME = None  # guardian: no row for visitors
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]  # AffiliationBackend is the only authority
GUARDIAN_RAISE_403 = False

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:desk"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.Adapter"
ACCOUNT_FORMS = {"login": "accounts.forms.SignInForm", "change_password": "accounts.forms.PasswordForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = False  # django-axes counts failures
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.ThreeClassesValidator"},
]
# 5 failures for one account from one address; 15 minutes, as reliability.md 5.2 reads 等保 身份鉴别 b.
AXES_FAILURE_LIMIT = 5
LOCKOUT_LIMIT_EVERYWHERE = 20  # for one account from all addresses together, in the same minutes
AXES_HANDLER = "accounts.lockout.Handler"
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the minutes that the page names stay true
AXES_USERNAME_CALLABLE = "accounts.lockout.username"
AXES_CLIENT_IP_CALLABLE = "common.middleware.client_address"
AXES_DISABLE_ACCESS_LOG = True  # sign-ins are events of ours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "accounts.lockout.locked"
AXES_VERBOSE = False

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600  # in all, whatever is done in between
SESSION_IDLE_SECONDS = 30 * 60
CSRF_COOKIE_HTTPONLY = True  # htmx reads the token from the page
CSRF_COOKIE_SAMESITE = "Lax"
# The header in which a trusted proxy says who asks; without one the peer's own address counts.
CLIENT_ADDRESS_HEADER = ""

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "style-src": [SELF],
        "script-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "portal.views.errors.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "files"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Room for the networks and the answered questions of a busy day (common.challenge): beyond it a third is forgotten.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# The portal speaks to a broker from the worker and beat only, never inside a request:
# the short time-outs are what reliability.md 4 measured against a frozen Redis.
REDIS_URL = os.environ.get("REDIS_URL", "")
_SPOOL = DATA_DIR / "queue"
CELERY_BROKER_URL = REDIS_URL or "filesystem://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = (
    {
        "visibility_timeout": 600,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 2,
        "socket_connect_timeout": 1,
        "max_retries": 0,
    }
    if REDIS_URL
    else {
        "data_folder_in": str(_SPOOL),
        "data_folder_out": str(_SPOOL),
        "control_folder": str(_SPOOL / "control"),
        "store_processed": False,
    }
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BEAT_SCHEDULE = {
    "relay-events": {"task": "common.relay_events", "schedule": 2.0, "options": {"expires": 10}},
    "deliver-notices": {"task": "notifications.deliver", "schedule": 5.0, "options": {"expires": 30}},
    "deliver-robots": {"task": "campaigns.deliver_robots", "schedule": 10.0, "options": {"expires": 60}},
    "run-imports": {"task": "organizations.run_imports", "schedule": 2.0, "options": {"expires": 10}},
    "sweep-imports": {"task": "organizations.sweep_imports", "schedule": 3600.0},
    "check-new-items": {"task": "pledges.check_new_items", "schedule": 20.0, "options": {"expires": 60}},
    "compare-items": {"task": "pledges.compare_items", "schedule": crontab(hour=2, minute=30)},
    "heartbeat": {"task": "common.beat", "schedule": 60.0, "options": {"expires": 60}},
    "tend-opinions": {"task": "pledges.tend_opinions", "schedule": 900.0},
    "tidy-accounts": {"task": "accounts.tidy", "schedule": 3600.0},
    "remind": {"task": "campaigns.remind", "schedule": crontab(minute="*/10"), "options": {"expires": 600}},
    "fold-tallies": {"task": "campaigns.fold_tallies", "schedule": 60.0, "options": {"expires": 60}},
    "check-assignments": {"task": "campaigns.check", "schedule": crontab(hour=3, minute=10)},
    "apply-appointments": {"task": "organizations.apply_appointments", "schedule": 600.0},
}

LOGGING_CONFIG = "common.logging.configure"
LOGGING = {"level": os.environ.get("LOG_LEVEL", "INFO")}

EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "创先争优活动办公室 <noreply@example.invalid>")
SITE_URL = os.environ.get("SITE_URL", "").rstrip("/")  # "https://host", for links in mail; none when not set

# The only servers that messages to group robots (群机器人) are posted to; an address elsewhere is refused.
ROBOT_ORIGINS = ["https://qyapi.weixin.qq.com", "https://oapi.dingtalk.com"]

# The footer of a government site (政府网站发展指引): organizer and record numbers, filled in by the owner.
SITE = {
    "name": "创先争优活动管理平台",
    "short_name": "创先争优平台",
    "organizer": os.environ.get("SITE_ORGANIZER", "全市创先争优活动领导小组办公室"),
    "contact": os.environ.get("SITE_CONTACT", ""),
    "site_code": os.environ.get("SITE_CODE", ""),
    "icp": os.environ.get("SITE_ICP", ""),
    "police": os.environ.get("SITE_POLICE", ""),
}
# How long nginx and browsers may keep a public page, in seconds; withdrawal is seen after at most this long.
PUBLIC_CACHE_SECONDS = 10
