"""What is sold, and what a currency is worth."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from crm.fields import CurrencyField, MoneyField


class ProductQuerySet(models.QuerySet):
    def live(self):
        """The price list: a deleted product is on it no more."""
        return self.filter(deleted_at__isnull=True)

    def active(self):
        """What can be sold, in its order."""
        return self.live().filter(is_active=True).order_by("name", "pk")


class Product(models.Model):
    """Something on the price list."""

    name = models.CharField(max_length=200)
    code = models.CharField(max_length=60, blank=True)
    description = models.TextField(blank=True)
    unit_price = MoneyField(default=0)
    currency = CurrencyField(default="EUR")
    is_active = models.BooleanField(default=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    objects = ProductQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="product_name_unique",
                condition=Q(deleted_at__isnull=True),
                violation_error_message="There is a product of this name already.",
            ),
            models.CheckConstraint(
                name="product_price_not_negative",
                condition=Q(unit_price__gte=0),
                violation_error_message="A price cannot be negative.",
            ),
        ]

    def __str__(self):
        return self.name


class ExchangeRate(models.Model):
    """What one unit of a currency is worth in the company's currency from a day on."""

    currency = CurrencyField()
    starts_on = models.DateField()
    rate = models.DecimalField(max_digits=18, decimal_places=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["currency", "starts_on"], name="exchangerate_once"),
            models.CheckConstraint(name="exchangerate_positive", condition=Q(rate__gt=0)),
        ]

    def __str__(self):
        return f"{self.currency} {self.rate} from {self.starts_on}"
