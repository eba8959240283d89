"""
Every setting of Relay, read from the environment and safe by default.

`.env.example` lists the variables. With none set, Relay runs on the embedded database with
everything else as in production. A variable that is misspelled or forgotten stops it.
"""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

import pghistory
import sentry_sdk
from django.core.exceptions import ImproperlyConfigured
from psycopg2 import ProgrammingError
from psycopg2.extensions import parse_dsn
from whitenoise.compress import Compressor

from crm import policies
from crm.api_description import API_DESCRIPTION
from crm.environment import env_bool, env_int, env_list, env_matching
from crm.logs import logging_settings
from crm.speculation import say_what_rules_are

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = env_bool("RELAY_DEBUG", default=False)
ALLOWED_HOSTS = env_list("RELAY_ALLOWED_HOSTS", default="localhost,127.0.0.1,[::1]")

# The sign-in page offers the people that `seed_demo` makes. Never on where data is real.
DEMO = env_bool("RELAY_DEMO", default=False)

# Where people reach this site: the beginning of the links in mails.
SITE_URL = (os.environ.get("RELAY_SITE_URL") or "http://localhost:8000").rstrip("/")

# Where the embedded database and uploaded files live.
DATA_DIR = Path(os.environ.get("RELAY_DATA_DIR", BASE_DIR / ".data")).resolve()


def kept_secret_key() -> str:
    """The key of an installation on the embedded database: made once, kept beside the data."""
    path = DATA_DIR / "secret_key"
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=DATA_DIR) as unfinished:
            unfinished.write(secrets.token_urlsafe(50))
            unfinished.flush()
            # Whoever else is starting for the first time may have been quicker.
            with contextlib.suppress(FileExistsError):
                os.link(unfinished.name, path)
    return path.read_text()


SECRET_KEY = os.environ.get("RELAY_SECRET_KEY", "")
if not SECRET_KEY:
    if os.environ.get("DATABASE_URL"):
        raise ImproperlyConfigured(
            "RELAY_SECRET_KEY is not set: .env.example says how to make one."
        )
    SECRET_KEY = kept_secret_key()

# --- What the project is made of ---

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    # Before staticfiles, so that `runserver` serves static files as production does.
    "whitenoise.runserver_nostatic",
    "crm.apps.RelayStaticFilesConfig",
    # Its templates, under those of ours that replace them.
    "django.forms",
    "allauth",
    "allauth.account",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "django_tasks",
    "django_tasks_db",
    "pgtrigger",
    "pghistory",
    "django_htmx",
    "template_partials",
    "django_prometheus",
    "django_structlog",
    "csp",
    "people",
    "activities",
    "accounts",
    "opportunities",
    "leads",
    "conversion",
    "reporting",
    "integrations",
    "crm",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    # Outside whatever may refuse a request, since the API answers that in its own way too.
    "crm.api_middleware.ApiMiddleware",
    "crm.storable.StorableAddressMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    # Outside everything that may answer with a redirect, the sign-in page above all.
    "django_htmx.middleware.HtmxMiddleware",
    "crm.middleware.HtmxRedirectMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Field history learns who is asking; the API tells it once it has read the token.
    "pghistory.middleware.HistoryMiddleware",
    "crm.middleware.SignInMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "crm.middleware.PrivatePagesMiddleware",
    "crm.speculation.SpeculationRulesMiddleware",
    "crm.middleware.ReaderMiddleware",
    "crm.middleware.NoPageMiddleware",
    "crm.middleware.DomainErrorMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "crm.urls"
WSGI_APPLICATION = "crm.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["crm.templatetags.components"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crm.navigation.navigation",
                "crm.settings_pages.settings_groups",
            ],
        },
    }
]
FORM_RENDERER = "crm.form_renderer.FormRenderer"

# --- Database ---


def database(url: str) -> dict[str, object]:
    """One entry of DATABASES from a PostgreSQL address, as libpq understands it."""
    try:
        parts = parse_dsn(url)
    except ProgrammingError:
        raise ImproperlyConfigured(
            "DATABASE_URL or MIGRATION_DATABASE_URL is not the address of a PostgreSQL server. "
            "Give it like this: postgresql://relay_app:password@localhost:5432/relay"
        ) from None
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "OPTIONS": parts,
    }


def embedded_database(role: str) -> dict[str, object]:
    """One entry of DATABASES on the embedded server, which starts when first connected to."""
    return {"ENGINE": "crm.embedded", "NAME": "relay", "USER": role}


# `default` is the application role, which owns nothing and cannot touch what is final.
# `owner` owns the tables: `migrate` uses it, and nothing else does.
if application_url := os.environ.get("DATABASE_URL"):
    owner_url = os.environ.get("MIGRATION_DATABASE_URL", application_url)
    DATABASES = {"default": database(application_url), "owner": database(owner_url)}
else:
    DATABASES = {
        "default": embedded_database("relay_app"),
        "owner": embedded_database("relay_owner"),
    }
for alias, connection_age in {"default": 60, "owner": 0}.items():
    DATABASES[alias] |= {
        "CONN_MAX_AGE": connection_age,
        "CONN_HEALTH_CHECKS": True,
        # PgBouncer in transaction mode gives each transaction another connection.
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache, sessions, background work ---

CACHES: dict[str, dict[str, object]]
if cache_url := env_matching(
    "CACHE_URL", r"(rediss?|unix)://.+", example="redis://localhost:6379/0"
):
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": cache_url}
    }
    SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "crm_cache",
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
    }
    # A cache in the database would only double the queries of a session in the database.
    SESSION_ENGINE = "django.contrib.sessions.backends.db"

# Counts of API calls: in memory without CACHE_URL, so that counting costs no query.
CACHES["throttle"] = (
    CACHES["default"]
    if cache_url
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "throttle",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
)

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Field history is looked up by its record, and an index on every other column that names
# something would make each change pay for twenty of them.
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)
# What only reads leaves no history.
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

# Who writes the event log, for the app that lies below it.
EVENT_LOG = "activities.events"

# --- Signing in ---

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["people.hashers.RelayArgon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "people.adapters.AccountAdapter"
ACCOUNT_FORMS = {"login": "people.forms.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# People are invited by an administrator, who knows their address.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
# Counted before the password is hashed, so that guessing costs the guesser more than us.
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}

# --- Hardening ---

# Off only to try production settings over plain HTTP on this machine.
HTTPS = env_bool("RELAY_HTTPS", default=not DEBUG)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
# Machines of this network ask for these over plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
SECURE_REFERRER_POLICY = "same-origin"
# A browser takes a __Host- cookie only over HTTPS, for this host alone and its whole path.
SESSION_COOKIE_NAME = "__Host-relay-session" if HTTPS else "relay-session"
CSRF_COOKIE_NAME = "__Host-relay-csrf" if HTTPS else "relay-csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"

# How many reverse proxies stand in front. They must set X-Forwarded-For and -Proto.
TRUSTED_PROXIES = env_int("RELAY_TRUSTED_PROXIES", default=0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = policies.CONTENT_SECURITY_POLICY
PERMISSIONS_POLICY = policies.PERMISSIONS_POLICY

# --- Language, time, files ---

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("RELAY_STATIC_ROOT", BASE_DIR / "staticfiles")).resolve()
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/htmx", NODE_MODULES / "htmx.org" / "dist"),
    ("vendor/sortable", NODE_MODULES / "sortablejs"),
    ("vendor/inter", NODE_MODULES / "@fontsource-variable" / "inter"),
]
MEDIA_ROOT = DATA_DIR / "media"
ATTACHMENT_MAX_BYTES = env_int("RELAY_ATTACHMENT_MAX_MB", default=25) * 1024 * 1024
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Only a debugger asks for a source map, and they take longest to compress.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
WHITENOISE_ADD_HEADERS_FUNCTION = say_what_rules_are

# --- Mail ---

EMAIL_BACKEND = os.environ.get(
    "RELAY_EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend"
)
EMAIL_HOST = os.environ.get("RELAY_EMAIL_HOST", "localhost")
EMAIL_PORT = env_int("RELAY_EMAIL_PORT", default=25)
EMAIL_HOST_USER = os.environ.get("RELAY_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("RELAY_EMAIL_PASSWORD", "")
EMAIL_USE_TLS = env_bool("RELAY_EMAIL_TLS", default=False)
DEFAULT_FROM_EMAIL = os.environ.get("RELAY_EMAIL_FROM", "Relay <relay@localhost>")

# --- REST API ---

API_MAX_BODY_BYTES = env_int("RELAY_API_MAX_BODY_KB", default=1024) * 1024
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "integrations.authentication.TokenAuthentication",
        "integrations.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["crm.permissions.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["crm.throttles.ApiThrottle"],
    # Empty for no limit.
    "DEFAULT_THROTTLE_RATES": {
        "calls": env_matching(
            "RELAY_API_RATE",
            r"[1-9]\d*/(s|sec|m|min|h|hour|d|day)",
            example="600/min",
            default="6000/min",
        )
        or None
    },
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["crm.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "crm.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["crm.filters.StrictFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "crm.api_schema.RelaySchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "crm.problems.problem_exception_handler",
    "UNICODE_JSON": True,
    "URL_FORMAT_OVERRIDE": None,
    "NUM_PROXIES": TRUSTED_PROXIES,
}
KNOX_TOKEN_MODEL = "integrations.ApiToken"  # noqa: S105 - a model, not a secret
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_TTL": None}
SPECTACULAR_SETTINGS = API_DESCRIPTION

# --- Watching ---

# Scrapers of /metrics present it as a bearer token. Empty: there is no such page.
METRICS_TOKEN = os.environ.get("RELAY_METRICS_TOKEN", "")

LOG_LEVEL = env_matching(
    "RELAY_LOG_LEVEL", r"DEBUG|INFO|WARNING|ERROR|CRITICAL", example="INFO", default="INFO"
)
LOGGING = logging_settings(readable=DEBUG, level=LOG_LEVEL or "INFO")

if sentry_dsn := env_matching(
    "SENTRY_DSN", r"https?://\S+@\S+/\d+", example="https://key@sentry.example/1"
):
    sentry_sdk.init(dsn=sentry_dsn, send_default_pii=False)
