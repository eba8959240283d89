"""What tests of the kernel's API start from: the small resource, its caller and a row."""

import pytest
from django.test import override_settings
from rest_framework.test import APIClient

from accounts.models import Account


@pytest.fixture
def probe_urls():
    """The addresses of the small resource, in front of Relay's own."""
    with override_settings(ROOT_URLCONF="tests.crm.probe"):
        yield


@pytest.fixture
def manager(nadia):
    """A client of the manager, who may change the accounts of her team."""
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(nadia)
    return client


@pytest.fixture
def account(rita):
    return Account.objects.create(name="Halcyon", owner=rita)
