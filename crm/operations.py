"""What migrations do that Django has no operation for."""

from typing import Any

from django.db.migrations.operations.base import Operation


class DropForeignKeyIndexes(Operation):
    """
    Take the index from foreign keys that say `db_index=False` from now on.

    AlterField would make each foreign key anew, work out all models again for each of them,
    and drop a unique index of the same column too, taking it for the key's own.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, model_name: str, names: list[str]):
        self.model_name = model_name
        self.names = names

    def state_forwards(self, app_label: str, state: Any) -> None:
        fields = state.models[app_label, self.model_name].fields
        for name in self.names:
            fields[name] = fields[name].clone()
            fields[name].db_index = False
        state.reload_model(app_label, self.model_name, delay=True)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        for _table, _column, index in self.indexes(app_label, schema_editor, to_state):
            schema_editor.execute(f"DROP INDEX {index}")

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        for table, column, index in self.indexes(app_label, schema_editor, to_state):
            schema_editor.execute(f"CREATE INDEX {index} ON {table} ({column})")

    def indexes(self, app_label: str, schema_editor: Any, state: Any) -> list[tuple[str, ...]]:
        """Table, column and index of each, all quoted; Django's names for indexes are stable."""
        model = state.apps.get_model(app_label, self.model_name)._meta
        quote = schema_editor.quote_name
        columns = [model.get_field(name).column for name in self.names]
        return [
            (
                quote(model.db_table),
                quote(column),
                quote(schema_editor._create_index_name(model.db_table, [column])),
            )
            for column in columns
        ]

    def describe(self) -> str:
        return f"Drop the indexes of {', '.join(self.names)} on {self.model_name}"

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [], {"model_name": self.model_name, "names": self.names}
