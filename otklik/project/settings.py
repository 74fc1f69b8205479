"""Django's settings, made from `core.settings.config`. Nothing here is a choice of the operator."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from otklik.core.settings import config, secrets
from otklik.project.databases import databases
from otklik.project.plugins import list_plugins

PACKAGE = Path(__file__).resolve().parent.parent

_config = config()
_url = urlsplit(_config.public_url)
_IS_HTTPS = _url.scheme == "https"

DEBUG = False
SECRET_KEY, SECRET_KEY_FALLBACKS = secrets.django_secret_keys()
ALLOWED_HOSTS = [
    "localhost",
    "127.0.0.1",
    "[::1]",
    *([_url.hostname] if _url.hostname else []),
    *_config.allowed_hosts,
]
CSRF_TRUSTED_ORIGINS = [f"{_url.scheme}://{_url.netloc}"]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "otklik.ui",
    "otklik.core.db",
    "otklik.core.settings",
    "otklik.core.access",
    "otklik.core.events",
    "otklik.core.jobs",
    "otklik.core.outbox",
    "otklik.core.realtime",
    "otklik.core.operations",
    "otklik.core.vocabulary",
    "otklik.core.fields",
    "otklik.core.files",
    "otklik.core.search",
    "otklik.core.web",
    "otklik.core.rest",
    "otklik.desk",
    "otklik.people",
    "otklik.notify",
    "otklik.tickets",
    "otklik.channels",
    "otklik.workspace",
    "otklik.portal",
    *list_plugins(),
    "otklik.project",
]

MIDDLEWARE = [
    "otklik.core.web.middleware.RequestMiddleware",
    "otklik.core.web.middleware.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "otklik.people.middleware.ActorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "otklik.core.web.middleware.RefusalMiddleware",
    "otklik.core.rest.middleware.RestMiddleware",
]

ROOT_URLCONF = "otklik.project.urls"
WSGI_APPLICATION = "otklik.project.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "loaders": [
                (
                    "otklik.ui.folding.Loader",
                    ["django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "otklik.ui.templatetags.ui",
            ],
        },
    }
]

DATABASES = databases(_config.database)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["otklik.people.backends.EmailBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"

SESSION_ENGINE = "otklik.core.web.sessions"
SESSION_COOKIE_NAME = "otklik_session"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _IS_HTTPS
SESSION_SAVE_EVERY_REQUEST = False
CSRF_FAILURE_VIEW = "otklik.core.web.errors.csrf_failure"
CSRF_COOKIE_NAME = "otklik_csrf"
CSRF_COOKIE_SECURE = _IS_HTTPS
CSRF_COOKIE_HTTPONLY = False  # htmx sends it back as a header
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if _IS_HTTPS:
    SECURE_HSTS_SECONDS = 180 * 24 * 3600

CACHES: dict[str, dict[str, Any]] = {
    "default": (
        {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": _config.redis_url,
            "KEY_PREFIX": "otklik",
        }
        if _config.redis_url
        else {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 20_000},
        }
    )
}

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LARGEST_FILE = _config.max_upload  # bytes, for pages that say so before a file is sent
LANGUAGE_CODE = _config.language
LANGUAGES = [("en", _("English")), ("ru", _("Russian"))]
LANGUAGE_COOKIE_NAME = "otklik_language"
LOCALE_PATHS = [PACKAGE / "locale"]
FORMAT_MODULE_PATH = "otklik.ui.formats"

STATIC_URL = "/static/"
STATICFILES_DIRS = [path for path in [PACKAGE / "ui" / "dist"] if path.is_dir()]

DATA_UPLOAD_MAX_MEMORY_SIZE = None  # the shell bounds bodies before a thread sees them
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 50
FILE_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
FILE_UPLOAD_TEMP_DIR = None

LOGGING_CONFIG = None  # core.web.logs sets it up for every process of ours
TEST_RUNNER = "django.test.runner.DiscoverRunner"
SILENCED_SYSTEM_CHECKS: list[str] = []
