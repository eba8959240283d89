"""What a lead asked about."""

from django.db import models
from django.db.models import Q

from leads.models.lead import Lead


class ProductInterest(models.Model):
    """A product a lead asked about."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="product_interests")
    product = models.ForeignKey("opportunities.Product", on_delete=models.PROTECT, related_name="+")
    quantity = models.DecimalField(max_digits=12, decimal_places=2, default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lead", "product"], name="productinterest_once"),
            models.CheckConstraint(
                name="productinterest_quantity_positive", condition=Q(quantity__gt=0)
            ),
        ]

    def __str__(self):
        return f"{self.product_id} for {self.lead_id}"
