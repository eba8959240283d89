"""Indexes that several apps have alike."""

from django.contrib.postgres.indexes import GinIndex
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


def trigrams(column: str, *, name: str) -> GinIndex:
    """
    An index that finds text anywhere in a column.

    What is new waits in a list that every search has to read as well, until so many kB of it
    are put in order at once: PostgreSQL's 4 MB would make searches twice as slow.
    """
    return GinIndex(
        fields=[column], name=name, opclasses=["gin_trgm_ops"], gin_pending_list_limit=256
    )
