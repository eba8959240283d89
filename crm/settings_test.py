"""The settings tests run with: the real ones, whatever is set in this shell, made fast."""

import os

os.environ.update(
    RELAY_SECRET_KEY="only-for-tests",
    RELAY_DEBUG="false",
    # Test clients speak plain HTTP.
    RELAY_HTTPS="false",
    RELAY_ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
    DATABASE_URL="",
    CACHE_URL="",
    SENTRY_DSN="",
)

from crm.settings import *  # noqa: E402, F403  # after the environment is what we want
from crm.settings import STORAGES, database  # noqa: E402

# Without an address nothing can be reached by mistake; tests/database.py fills it in.
DATABASES = {"default": database(""), "owner": database("")}
CACHES = {
    alias: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": alias}
    for alias in ("default", "throttle")
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
