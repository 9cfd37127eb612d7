"""Django's settings, made of what settings.py read from the environment."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from redis.backoff import NoBackoff
from redis.retry import Retry

from rest_demo import settings as environment

told = environment.read()
_database = urlsplit(told.database)

SECRET_KEY = told.secret
DEBUG = False
ALLOWED_HOSTS = ["*"]  # reached by many names, all on this machine; no link here is built of Host
ROOT_URLCONF = "rest_demo.urls"
WSGI_APPLICATION = "rest_demo.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "import_export",
    "rest_demo.contacts",
    "rest_demo.notifications",
    "rest_demo.rules",
    "rest_demo.csrf",
]

MIDDLEWARE = [
    "rest_demo.middleware.Identified",
    "rest_demo.problems.Sheltered",
    "rest_demo.contacts.uploads.BoundedBody",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": "rest_demo.database",
        "HOST": _database.hostname,
        "PORT": _database.port or 5432,
        "USER": unquote(_database.username or ""),
        "PASSWORD": unquote(_database.password or ""),
        "NAME": _database.path.strip("/"),
        # A connection of its own for each thread, kept as long as it works: what measures best under WSGI.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # The tables of each demo are its own: this one's stand in the schema `rest`.
        "OPTIONS": {"options": "-c search_path=rest", "connect_timeout": 2, "application_name": told.instance},
    }
}

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": told.cache,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1, "retry": Retry(NoBackoff(), 1)},
    }
}
SESSION_COOKIE_NAME = "rest_session"
SESSION_COOKIE_SAMESITE = told.options.session_cookie_samesite
CSRF_TRUSTED_ORIGINS = list(told.options.csrf_trusted_origins)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if told.options.behind_tls_proxy else None
CSRF_COOKIE_SAMESITE = SESSION_COOKIE_SAMESITE
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SESSION_COOKIE_SAMESITE == "None"  # browsers refuse None without it
CSRF_FAILURE_VIEW = "rest_demo.csrf.refusal.refusal"
LOGIN_URL, LOGIN_REDIRECT_URL = "/csrf/login/", "/csrf/"

IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "import"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export"
IMPORT_EXPORT_TMP_STORAGE_CLASS = {
    "cache": "import_export.tmp_storages.CacheStorage",  # whichever instance gets the confirmation finds the upload
    "folder": "import_export.tmp_storages.TempFolderStorage",
}[told.options.import_storage]

STATIC_URL = "/static/"
STATICFILES_DIRS = [Path(__file__).parent / "static"]
WHITENOISE_USE_FINDERS = True  # no collectstatic before the first start: the files are few and stay in memory
WHITENOISE_AUTOREFRESH = False

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_demo.parsers.BoundedJSONParser"],
    # Who is logged in is checked for a CSRF token; who is nobody needs none, and nothing here asks who one is.
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "EXCEPTION_HANDLER": "rest_demo.problems.answer",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Messaging Lab: the hub's REST service",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,  # what a client may send is not what it is given
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "rest_demo.schema.with_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        "Kind": "rest_demo.rules.versions.KINDS",
        "Priority": "rest_demo.rules.versions.PRIORITIES",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
