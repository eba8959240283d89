"""Field history: a row for every insert, update and delete of a record, also by bulk SQL."""

from collections.abc import Callable

import pghistory
from django.db import models

# Derived from other columns, or bookkeeping that would only repeat the history itself.
DERIVED = frozenset(
    {
        "search_text",
        "company_amount",
        "total",
        "updated_at",
        "last_activity_at",
        "name_key",
        "domain_key",
        "phone_key",
        "mobile_key",
        "email_key",
        "other_email_key",
        "company_key",
        "person_key",
        "score",
        "score_explanation",
    }
)


def field_history(model: type[models.Model]) -> type[models.Model]:
    """Class decorator: keep the old and new values of every column that is not derived."""
    track: Callable = pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        exclude=[field.name for field in model._meta.fields if field.name in DERIVED],
        model_name=f"{model.__name__}History",
        # What a row was at a time is asked by the record alone (PGHISTORY_FOREIGN_KEY_FIELD).
        obj_field=pghistory.ObjForeignKey(
            related_name="history", related_query_name="history", db_index=True
        ),
    )
    return track(model)
