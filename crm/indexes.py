"""Indexes that several apps have alike."""

from django.db import models
from django.db.models import F, Q


def either_way(column: str, *, name: str) -> list[models.Index]:
    """
    Two indexes, so that a list of live records can run up and down a column with NULLs.

    NULLs come last both ways (crm.keyset), which no single index read backward can give.
    """
    live = Q(deleted_at__isnull=True)
    up = [F(column).asc(nulls_last=True), F("id").asc()]
    down = [F(column).desc(nulls_last=True), F("id").desc()]
    return [
        models.Index(*up, name=f"{name}_up", condition=live),
        models.Index(*down, name=f"{name}_down", condition=live),
    ]
