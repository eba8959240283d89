"""Django and nothing else: answers with as many bytes as it is asked for."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, LOGGING_CONFIG=None)


def answer(request: HttpRequest, size: int = 2) -> HttpResponse:
    # Read what was sent, as every view that changes something has to.
    return HttpResponse(b"x" * (size + 0 * len(request.body)))


urlpatterns = [path("livez", answer), path("<int:size>", answer)]
application = get_wsgi_application()
