"""The one settings module. What differs between machines comes from the environment; see .env.example."""

from __future__ import annotations

from pathlib import Path

import django_stubs_ext
import environ

from config import environment
from config.database import database
from config.logging import logging_settings
from payments.currencies import EXPONENTS

django_stubs_ext.monkeypatch()  # lets ModelAdmin[Payment] and its like be written as the type checker reads them

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEPLOYMENT = environment.read(env)
environment.refuse_unsafe(DEPLOYMENT)

DEBUG = DEPLOYMENT.debug
SITE_URL = DEPLOYMENT.site_url
SECRET_KEY = DEPLOYMENT.secret_key
AUDIT_SEAL_KEY = DEPLOYMENT.audit_seal_key
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[DEPLOYMENT.host])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])

INSTALLED_APPS = [
    "config",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "rest_framework",
    "django_countries",
    "catalog",
    "checkout",
    "payments",
]

MIDDLEWARE = [
    "config.middleware.trusted_proxies.TrustedProxies",
    "config.middleware.request_log.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.content_security_policy.ContentSecurityPolicy",
    "config.middleware.private_pages.PrivatePages",
    "config.middleware.probes.Probes",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.unreadable.Unreadable",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "checkout.context_processors.cart_count",
            ],
        },
    },
]

DATABASES = {"default": database(env)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = "config.formats"
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Tillgate <shop@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Cookies, headers and redirects follow the scheme of SITE_URL: a loopback shop speaks plain http.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = DEPLOYMENT.https
SESSION_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31_536_000 if DEPLOYMENT.https else 0
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]  # probes come over plain http, from inside
# Only a proxy named in TRUSTED_PROXIES gets this header past the first middleware.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# HSTS for subdomains and preloading are promises about hosts that are not this shop's to make.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

LOGGING = logging_settings(level=env.str("LOG_LEVEL", default="INFO"), plain=DEBUG)
LOGGING_CONFIG = "logging.config.dictConfig"

# Jobs are hints to look at rows, so none is kept. A stop waits for the longest call to a gateway, with its retries.
# Each queue has a lane of its own in each worker, with a thread and a database connection for each job: writes at the
# gateway, questions to it, and what needs no gateway. So a slow gateway holds up neither mails nor seals, and sees at
# most the first two lanes' calls at once from each worker.
WORKER_LANES = {"money": 8, "asking": 4, "default": 4}
PROCRASTINATE_WORKER_DEFAULTS = {
    "delete_jobs": "always",
    "shutdown_graceful_timeout": 90.0,
}

SHOP_CURRENCY = env.str("SHOP_CURRENCY", default="EUR")
CURRENCY_DECIMALS = EXPONENTS

# "automatic" takes the money with the order; "manual" holds it until staff capture it.
CAPTURE_METHOD = env.str("CAPTURE_METHOD", default="automatic")

# An order that nobody paid by then is given up: its goods are free again once the gateway canceled the payment.
ORDER_EXPIRES_AFTER_MINUTES = env.int("ORDER_EXPIRES_AFTER_MINUTES", default=120)

PAYMENT_GATEWAY = "stripe"
PAYMENT_GATEWAYS = {"stripe": "payments.gateways.stripe.from_settings"}
STRIPE_SECRET_KEY = DEPLOYMENT.stripe.secret_key
STRIPE_PUBLISHABLE_KEY = DEPLOYMENT.stripe.publishable_key
STRIPE_WEBHOOK_SECRETS = list(DEPLOYMENT.stripe.webhook_secrets)
STRIPE_API_BASE = DEPLOYMENT.stripe.api_base
STRIPE_JS_URL = DEPLOYMENT.stripe.js_url
