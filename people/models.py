"""Users, teams, roles, and what a role may reach: the facts behind every permission."""

import datetime as dt
import zoneinfo

from babel import Locale, UnknownLocaleError
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from crm.fields import CurrencyField
from people.reach import Action, Reach, ReachLevel, RecordType, load_reach


def validate_time_zone(name: str) -> None:
    """Accept only a name of the IANA time zone database."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError("%(name)s is not a time zone.", params={"name": name})


def validate_locale(name: str) -> None:
    """Accept only a language, or language and country, whose conventions are known."""
    try:
        Locale.parse(name, sep="-")
    except (UnknownLocaleError, ValueError):
        raise ValidationError(
            "%(name)s is no language we know; use en, en-GB or de.", params={"name": name}
        ) from None


def monday_to_friday() -> list[int]:
    """ISO weekdays of the usual working week."""
    return [1, 2, 3, 4, 5]


class Workspace(models.Model):
    """The company that uses this installation: one row, kept by an admin."""

    name = models.CharField(max_length=200, default="Relay")
    currency = CurrencyField(default="EUR")
    region = models.CharField(
        max_length=2,
        default="US",
        help_text="Country assumed for phone numbers without a prefix.",
    )
    fiscal_year_start_month = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    extra_free_mail_domains = ArrayField(
        models.CharField(max_length=253),
        default=list,
        blank=True,
        help_text="Mail domains that say nothing about the company, beside the built-in list.",
    )
    credit_window_days = models.PositiveSmallIntegerField(
        default=180,
        help_text="How long a later opportunity may be linked to a conversion for credit.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(name="workspace_is_single", condition=Q(pk=1)),
            models.CheckConstraint(
                name="workspace_fiscal_month_known",
                condition=Q(fiscal_year_start_month__range=(1, 12)),
            ),
        ]

    def __str__(self):
        return self.name

    @classmethod
    def load(cls) -> "Workspace":
        """The one row, or an unsaved one with the defaults before it was first saved."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class TeamQuerySet(models.QuerySet):
    def visible_to(self, user, action=Action.VIEW):
        """The teams within the user's reach; everybody may see the names of all teams."""
        if not user.is_authenticated:
            return self.none()
        level = user.reach.level(RecordType.TEAM, action)
        if level == ReachLevel.ALL:
            return self
        return self.filter(pk__in=user.reach.team_ids(level))

    def for_list(self):
        return self.select_related("parent").order_by("name", "pk")


class Team(models.Model):
    """A node of the company's tree of teams, with the hours in which its clocks run."""

    name = models.CharField(max_length=120)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    workday_start = models.TimeField(default=dt.time(9))
    workday_end = models.TimeField(default=dt.time(18))
    workdays = ArrayField(
        models.PositiveSmallIntegerField(),
        default=monday_to_friday,
        help_text="ISO weekdays, Monday is 1.",
    )
    request_sla_hours = models.PositiveSmallIntegerField(
        default=8,
        help_text="Business hours in which a conversion request must be decided.",
    )

    objects = TeamQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="team_name_unique"),
            models.CheckConstraint(
                name="team_not_its_own_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                violation_error_message="A team cannot be above itself.",
            ),
            models.CheckConstraint(
                name="team_workday_ends_after_start",
                condition=Q(workday_end__gt=F("workday_start")),
                violation_error_message="The working day must end after it starts.",
            ),
            models.CheckConstraint(
                name="team_works_on_days_of_the_week",
                condition=Q(workdays__contained_by=[1, 2, 3, 4, 5, 6, 7]) & ~Q(workdays=[]),
                violation_error_message="A team works on at least one day of the week.",
            ),
        ]

    def __str__(self):
        return self.name


class TeamClosure(models.Model):
    """One row for every team and each team above it, itself included (depth 0)."""

    ancestor = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    descendant = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    depth = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ancestor", "descendant"], name="teamclosure_unique"),
        ]

    def __str__(self):
        return f"{self.ancestor_id} above {self.descendant_id} by {self.depth}"


class RoleQuerySet(models.QuerySet):
    def visible_to(self, user, action=Action.VIEW):
        """Every role, for those who may see the settings."""
        if not (user.is_authenticated and user.can(RecordType.SETTINGS, action)):
            return self.none()
        return self

    def administering(self):
        """Those whose people may let others in and change every setting."""
        return self.alias(
            administered=Count(
                "permissions",
                filter=Q(
                    permissions__record_type__in=(RecordType.USER, RecordType.SETTINGS),
                    permissions__action=Action.EDIT,
                    permissions__level=ReachLevel.ALL,
                ),
            )
        ).filter(administered=2)

    def for_list(self):
        return self.prefetch_related("permissions").order_by("name", "pk")


class Role(models.Model):
    """A named set of permissions; five are seeded, an admin may edit them and add more."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=200, blank=True)

    objects = RoleQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="role_name_unique")]

    def __str__(self):
        return self.name

    def levels(self) -> dict[str, str]:
        """What the role grants, as {"lead:view": "team"}."""
        return {
            f"{granted.record_type}:{granted.action}": granted.level
            for granted in self.permissions.all()
        }


class RolePermission(models.Model):
    """How far one action of a role reaches among records of one type."""

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="permissions")
    record_type = models.CharField(max_length=20, choices=RecordType)
    action = models.CharField(max_length=20, choices=Action)
    level = models.CharField(max_length=10, choices=ReachLevel)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["role", "record_type", "action"], name="rolepermission_unique"
            ),
            models.CheckConstraint(
                name="rolepermission_type_known",
                condition=Q(record_type__in=RecordType.values),
            ),
            models.CheckConstraint(
                name="rolepermission_action_known",
                condition=Q(action__in=Action.values),
            ),
            models.CheckConstraint(
                name="rolepermission_level_known",
                condition=Q(level__in=ReachLevel.values),
            ),
        ]

    def __str__(self):
        return f"{self.role_id}: {self.action} {self.record_type}: {self.level}"


class UserManager(BaseUserManager):
    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        """A saved user; without a password they cannot sign in until they set one."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        """
        An administrator: what `manage.py createsuperuser` makes on a new installation.

        Raises Role.DoesNotExist if every role that administers everybody was deleted.
        """
        role = Role.objects.administering().earliest("pk")
        return self.create_user(email, password, role=role, **fields)

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email=email.lower())


class UserQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)

    def visible_to(self, user, action=Action.VIEW):
        """The colleagues a user may pick, filter by, or administer."""
        if not user.is_authenticated:
            return self.none()
        level = user.reach.level(RecordType.USER, action)
        if level == ReachLevel.ALL:
            return self
        return self.filter(pk__in=user.reach.user_ids(level))

    def for_list(self):
        return self.select_related("role", "team").order_by("full_name", "pk")


class Theme(models.TextChoices):
    SYSTEM = "system", "Same as the system"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class Density(models.TextChoices):
    COMFORTABLE = "comfortable", "Comfortable"
    COMPACT = "compact", "Compact"


class User(AbstractBaseUser):
    """Somebody (or an integration) who signs in; people are deactivated, never deleted."""

    email = models.EmailField(max_length=254, unique=True)
    full_name = models.CharField(max_length=150)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, null=True, related_name="users")
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="users"
    )
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    locale = models.CharField(
        max_length=12,
        default="en",
        validators=[validate_locale],
        help_text="How numbers and dates are written: en, en-GB or de.",
    )
    theme = models.CharField(max_length=10, choices=Theme, default=Theme.SYSTEM)
    density = models.CharField(max_length=12, choices=Density, default=Density.COMFORTABLE)
    keyboard_shortcuts = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager.from_queryset(UserQuerySet)()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        constraints = [
            models.CheckConstraint(name="user_email_lower_case", condition=Q(email=Lower("email"))),
            models.CheckConstraint(name="user_theme_known", condition=Q(theme__in=Theme.values)),
            models.CheckConstraint(
                name="user_density_known", condition=Q(density__in=Density.values)
            ),
        ]

    def __str__(self):
        return self.full_name

    def get_absolute_url(self):
        return reverse("people:user", args=[self.pk])

    @property
    def reach(self) -> Reach:
        """What this person may do and to whose records: read once, kept while the object lives."""
        if "_reach" not in self.__dict__:
            self._reach = load_reach(self)
        return self._reach

    def can(self, record_type: str, action: str) -> bool:
        """Whether the role allows this action on at least the user's own records."""
        return self.reach.level(record_type, action) != ReachLevel.NONE

    def refresh_from_db(self, *args, **kwargs):
        """Also forgets the reach, so that a change of role or team counts at once."""
        self.__dict__.pop("_reach", None)
        super().refresh_from_db(*args, **kwargs)


class Delegation(models.Model):
    """Between two dates, requests for an absent approver go to a delegate."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="delegations"
    )
    delegate = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="delegation_to_somebody_else",
                condition=~Q(user=F("delegate")),
                violation_error_message="A delegate must be somebody else.",
            ),
            models.CheckConstraint(
                name="delegation_ends_after_start",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message="The last day cannot be before the first.",
            ),
        ]

    def __str__(self):
        return f"{self.user_id} to {self.delegate_id}, {self.starts_on} to {self.ends_on}"
