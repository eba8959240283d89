import pytest
from django.core.cache import caches
from rest_framework.test import APIClient

from integrations.models import Scope
from integrations.services import create_token


@pytest.fixture(autouse=True)
def fresh_counts():
    """Calls of one test do not count against the next."""
    caches["throttle"].clear()


@pytest.fixture
def call():
    """A client of the API that uses a token of `user`; `raw` gives the bare secret's header."""

    def client_of(user, *scopes, **options) -> APIClient:
        _token, secret = create_token(
            user=user, name="test", scopes=scopes or Scope.values, actor=None, **options
        )
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client

    return client_of
