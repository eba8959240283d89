"""The keys with which programs act as a user."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from knox.models import AbstractAuthToken, AuthTokenManager

from crm.permissions import ADMIN, CONVERT, READ, WRITE
from integrations.permissions import administers_people
from people.reach import Action


class Scope(models.TextChoices):
    READ = READ, "Read"
    WRITE = WRITE, "Write"
    CONVERT = CONVERT, "Convert"
    ADMIN = ADMIN, "Administer"


class ApiTokenQuerySet(models.QuerySet):
    def visible_to(self, user, action=Action.VIEW):
        """One's own tokens; everybody's for those who administer people."""
        if not user.is_authenticated:
            return self.none()
        return self if administers_people(user) else self.filter(user=user)

    def for_list(self):
        return self.select_related("user").order_by("-created", "-pk")


class ApiToken(AbstractAuthToken):
    """A key with which a program acts as a user, within its scopes. Only its hash is kept."""

    # An own key instead of knox's digest, which has no place in an address.
    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=128, unique=True)
    name = models.CharField(max_length=100)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope))
    created = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)

    objects = AuthTokenManager.from_queryset(ApiTokenQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="apitoken_scopes_known",
                condition=Q(scopes__contained_by=Scope.values) & ~Q(scopes=[]),
                violation_error_message="A token has one or more of the known scopes.",
            )
        ]

    def __str__(self):
        return f"{self.name} ({self.token_key}…)"
