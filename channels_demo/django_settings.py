"""Django's settings, made of what settings.py read from the environment."""

from urllib.parse import unquote, urlsplit

from channels_demo import settings as environment
from channels_demo.layers import channel_layers

told = environment.read()
_database = urlsplit(told.database)

SECRET_KEY = told.secret
DEBUG = False
# The names under which we are reached on this machine and in the stack's network. A page whose name merely points to
# 127.0.0.1 (DNS rebinding) is none of them.
ALLOWED_HOSTS = [
    "localhost",
    "live.localhost",
    "127.0.0.1",
    "[::1]",
    "nginx",
    "channels-1",
    "channels-2",
    "channels-uvicorn",
]
ROOT_URLCONF = "channels_demo.urls"
ASGI_APPLICATION = "channels_demo.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
LOGIN_URL = "/login/"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "channels_demo.pages",
]

MIDDLEWARE = [
    "channels_demo.middleware.Identified",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": _database.hostname,
        "PORT": _database.port or 5432,
        "USER": unquote(_database.username or ""),
        "PASSWORD": unquote(_database.password or ""),
        "NAME": _database.path.strip("/"),
        # Under ASGI a kept connection (CONN_MAX_AGE) leaks: a request may come from any context. A pool does not.
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            # The tables of each demo are its own: this one's stand in the schema `channels`.
            "options": "-c search_path=channels",
            "connect_timeout": 2,
            "pool": {"min_size": 0, "max_size": 4, "timeout": 5, "max_idle": 60},
        },
    }
}

CHANNEL_LAYERS = channel_layers(told.redis, told.options)
# Cookies know no ports: with names of our own we do not overwrite those of other services on this machine.
SESSION_COOKIE_NAME = "channels_session"
SESSION_COOKIE_SAMESITE = told.options.session_cookie_samesite
CSRF_COOKIE_NAME = "channels_csrf"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
