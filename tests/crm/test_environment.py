"""What stands wrong in the environment is told by its name, before anything runs."""

import os
import subprocess
import sys

import pytest

MISTAKES = {
    "CACHE_URL": "localhost:6379",
    "DATABASE_URL": "mysql://relay:hush@localhost/relay",
    "RELAY_API_RATE": "plenty",
    "RELAY_ATTACHMENT_MAX_MB": "-1",
    "RELAY_DEBUG": "yes",
    "RELAY_LOG_LEVEL": "LOUD",
    "SENTRY_DSN": "hush",
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_variable_that_cannot_be_understood_is_named(name):
    settled = {"RELAY_SECRET_KEY": "for this test", "DJANGO_SETTINGS_MODULE": "crm.settings"}
    result = subprocess.run(
        [sys.executable, "-c", "from django.conf import settings; settings.DEBUG"],
        env=os.environ | settled | {name: MISTAKES[name]},
        capture_output=True,
        text=True,
    )
    last = result.stderr.splitlines()[-1]
    assert last.startswith("django.core.exceptions.ImproperlyConfigured: ")
    assert name in last
    assert "hush" not in result.stderr
