"""The settings, all from the environment that the originals read."""

import hashlib
import os

environment = os.environ.get

SECRET_KEY = hashlib.sha256(f"sessions {environment('PGPASSWORD', '')}".encode()).hexdigest()
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "ominicontacto.urls"
WSGI_APPLICATION = "ominicontacto.wsgi.application"
AUTH_USER_MODEL = "ominicontacto_app.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_REDIRECT_URL = "/"
TIME_ZONE = environment("TZ", "UTC")
USE_TZ = True
SESSION_COOKIE_AGE = int(environment("SESSION_COOKIE_AGE", "3600"))
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
STATIC_URL = "/static/"
STATIC_ROOT = f"{environment('INSTALL_PREFIX', '/opt/omnileads/')}static"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "ominicontacto_app",
    "reportes_app",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": environment("PGHOST", "localhost"),
        "PORT": environment("PGPORT", "5432"),
        "NAME": environment("PGDATABASE", "omnileads"),
        "USER": environment("PGUSER", "omnileads"),
        # libpq reads PGPASSWORD itself
        "OPTIONS": {"connect_timeout": 5},
    }
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
