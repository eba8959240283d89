"""Shapes of tokens and imports."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from activities.models import Reason, ReasonKind
from activities.serializers import ReasonField
from crm.serializers import (
    CleanCharField,
    RelaySerializer,
    ShapeSerializer,
    StrictDateTimeField,
    StrictIntegerField,
    VisibleRelatedField,
)
from integrations.models import ApiToken, Import, ImportRow, Scope
from integrations.queries import PROBLEMS_SHOWN, problem_rows
from integrations.services import NEW, OPTIONS
from integrations.targets import target_choices
from people.models import User


class TokenSerializer(RelaySerializer):
    """A token as its owner sees it afterwards: without its secret."""

    user = VisibleRelatedField(queryset=User.objects.all(), required=False)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=Scope.choices), allow_empty=False, max_length=4
    )
    expires_at = StrictDateTimeField(source="expiry", required=False, allow_null=True)
    created_at = serializers.DateTimeField(source="created", read_only=True)
    starts_with = serializers.CharField(source="token_key", read_only=True)

    class Meta:
        model = ApiToken
        fields: tuple[str, ...] = (
            "id",
            "name",
            "scopes",
            "user",
            "starts_with",
            "expires_at",
            "created_at",
            "last_used_at",
        )
        read_only_fields = ("id", "last_used_at")


class NewTokenSerializer(TokenSerializer):
    """A token just made, with its secret, this once."""

    token = CleanCharField(read_only=True)

    class Meta(TokenSerializer.Meta):
        fields = (*TokenSerializer.Meta.fields, "token")


class ImportSerializer(RelaySerializer):
    """A file of leads, how far it is, and what came of it."""

    kept_count = serializers.IntegerField(
        read_only=True, help_text="Leads of it that are not deleted by undoing it."
    )
    settled_count = serializers.IntegerField(
        read_only=True, help_text="Rows that the present check or run is through with."
    )
    seconds_left = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="How long it will take at this speed."
    )
    is_stalled = serializers.BooleanField(
        read_only=True, help_text="Nobody works at it any more: `go-on` starts it again."
    )

    class Meta:
        model = Import
        fields: tuple[str, ...] = (
            "id",
            "file_name",
            "state",
            "row_count",
            "settled_count",
            "good_count",
            "refused_count",
            "alike_count",
            "corrected_count",
            "undone_count",
            "kept_count",
            "seconds_left",
            "is_stalled",
            "created_at",
            "created_by",
            "finished_at",
        )
        read_only_fields: tuple[str, ...] = fields


class ProblemRowSerializer(ShapeSerializer):
    """A row that becomes no lead for what it says."""

    row = serializers.IntegerField(
        source="number", help_text="As a spreadsheet counts: the names are row 1."
    )
    problem = serializers.CharField()
    faults = serializers.SerializerMethodField(
        help_text="What is wrong with the value of each column that is to blame."
    )

    def get_faults(self, row: ImportRow) -> dict[str, str]:
        return row.faults or {}


class WholeImportSerializer(ImportSerializer):
    """An import with its columns, what is chosen for them, and the first problems."""

    problems = serializers.SerializerMethodField(
        help_text="The first rows that the last check or run refused for what they say."
    )

    class Meta(ImportSerializer.Meta):
        fields = (
            *ImportSerializer.Meta.fields,
            "columns",
            "mapping",
            "values",
            *OPTIONS,
            "problems",
        )
        read_only_fields = fields

    @extend_schema_field(ProblemRowSerializer(many=True))
    def get_problems(self, batch: Import) -> Any:
        return ProblemRowSerializer(problem_rows(batch), many=True).data


class NewImportSerializer(WholeImportSerializer):
    """A file that is uploaded; everything that can be guessed about it is in the answer."""

    file = serializers.FileField(
        write_only=True,
        max_length=250,
        help_text=(
            "CSV, or an Excel workbook (XLSX), with the names of the columns in its first row; "
            "at most 50 MB and 100,000 rows."
        ),
    )

    class Meta(WholeImportSerializer.Meta):
        fields = (*WholeImportSerializer.Meta.fields, "file")


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string", "const": NEW}]})
class SourceOrNewField(serializers.Field):
    """The id of a source, or "new" for one to be made."""

    default_error_messages = {"invalid": "Give the id of a source, or “new”."}

    def to_internal_value(self, data: Any) -> int | str:
        if type(data) is not int and data != NEW:
            self.fail("invalid")
        return data

    def to_representation(self, value: int | str) -> int | str:
        return value


class ValuesSerializer(ShapeSerializer):
    """What texts of the file are here, by the texts as the import shows them."""

    source = serializers.DictField(
        child=SourceOrNewField(),
        required=False,
        help_text="One of `lead-sources` for each text, or `new` for one to be made.",
    )
    status = serializers.DictField(
        child=StrictIntegerField(),
        required=False,
        help_text="One of `lead-statuses` for each text; never one of the kind converted.",
    )


class CorrectionSerializer(ShapeSerializer):
    """Values to be read in place of what the file says in one row."""

    row = StrictIntegerField(min_value=1, help_text="A row that the last check refused.")
    values = serializers.DictField(
        child=CleanCharField(allow_blank=True),
        help_text="The text for each column; as the file has it takes a correction back.",
    )


class ImportChangesSerializer(RelaySerializer):
    """What is chosen for an import. All of it is optional; what is left out stays."""

    mapping = serializers.DictField(
        child=serializers.ChoiceField(choices=target_choices()),
        required=False,
        help_text=(
            "The field that each column becomes, `keep` to keep it beside the lead, or `skip`. "
            "Columns that are not named stay as they are."
        ),
    )
    values = ValuesSerializer(required=False)
    corrections = CorrectionSerializer(many=True, required=False, max_length=PROBLEMS_SHOWN)
    reason = ReasonField(
        queryset=Reason.objects.all(),
        kind=ReasonKind.DISQUALIFY,
        required=False,
        allow_null=True,
        help_text="Why those are disqualified that the file says are.",
    )

    class Meta:
        model = Import
        fields = ("mapping", "values", "corrections", *OPTIONS)
        extra_kwargs = {name: {"required": False} for name in OPTIONS}

    def validate_corrections(self, rows: list[dict[str, Any]]) -> dict[int, dict[str, str]]:
        return {each["row"]: each["values"] for each in rows}
