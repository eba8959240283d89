"""From the cells of a row to the fields of a lead, by what was chosen for its import."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from accounts.keys import search_key
from accounts.models import Campaign, LeadSource
from crm.errors import DomainError
from integrations.cells import (
    read_amount,
    read_day,
    read_number,
    read_rating,
    read_yes_no,
    split_name,
)
from integrations.models import BadValues, Import
from integrations.targets import TARGETS, Keep, Kind
from leads.cleaning import salvage
from leads.models import LeadStatus, StatusKind
from leads.services import LeadMaker, NewLead
from people.models import User
from people.reach import Action, RecordType

READERS: dict[Kind, Callable[[str], Any]] = {
    Kind.TEXT: str,
    Kind.NUMBER: read_number,
    Kind.AMOUNT: read_amount,
    Kind.DAY: read_day,
    Kind.YES_NO: read_yes_no,
    Kind.RATING: read_rating,
}
# Whatever is wrong with these leaves no lead to keep the value beside.
NEEDED = ("last_name", "source", "status", "reason", "wake_up_on")


class RefusedRow(Exception):
    """
    A row that becomes no lead; `str()` tells whoever uploaded it why, column by column.

    `faults` says it for each column whose value is to blame.
    """

    def __init__(self, why: str = "", faults: Mapping[str, str] | None = None):
        self.faults = dict(faults or {})
        super().__init__(why or " ".join(f"{name}: {what}" for name, what in self.faults.items()))


@dataclass
class Draft:
    """What a row says, as far as it was read."""

    fields: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    owner: User | None = None


class RowReader:
    """
    Makes leads of the rows of one import, without writing any.

    Lists that rows refer to are read once; use a new one for each transaction.
    """

    def __init__(self, batch: Import):
        self.batch = batch
        self.maker = LeadMaker(batch.created_by)
        self.sources = LeadSource.objects.in_bulk()
        self.statuses = LeadStatus.objects.in_bulk()
        self.campaigns = {
            search_key(campaign.name): campaign for campaign in Campaign.objects.active()
        }
        self.people = People()
        self.column_of = {target: column for column, target in batch.mapping.items()}

    def make(self, number: int, cells: Sequence[str]) -> NewLead:
        """The lead that a row describes. Raises RefusedRow."""
        if len(cells) > len(self.batch.columns) and any(cells[len(self.batch.columns) :]):
            raise RefusedRow(
                f"The row has {len(cells)} cells for {len(self.batch.columns)} columns. Put "
                "quotation marks around values that hold the separator."
            )
        draft = self.read(cells)
        if draft.faults:
            raise RefusedRow(faults=draft.faults)
        draft.fields.setdefault("source", self.batch.source)
        if draft.kept:
            draft.fields["imported_values"] = draft.kept
        why = f"Imported from {self.batch.file_name}, row {number}."
        queue = None if draft.owner else self.batch.queue
        owner = draft.owner or (None if queue else self.batch.created_by)
        try:
            return self.maker.make(draft.fields, owner=owner, queue=queue, why=why)
        except ValidationError as error:
            if not self.keeps_bad_values or not self.can_do_without(error):
                raise self.refusal(error) from None
        except PermissionDenied:
            refusal = f"You may not give a lead to {f'the queue {queue}' if queue else owner}."
            by_row = {self.column_name("owner"): refusal} if draft.owner else None
            raise RefusedRow(refusal, by_row) from None
        except DomainError as error:
            raise RefusedRow(str(error)) from None
        return self.maker.make(self.without_bad(draft.fields), owner=owner, queue=queue, why=why)

    def read(self, cells: Sequence[str]) -> Draft:
        """Every cell that holds something, read as its column says."""
        draft = Draft()
        for column, text in zip(self.batch.columns, cells, strict=False):
            target = self.batch.mapping[column]
            if not text or target == Keep.DECLINED:
                continue
            if target == Keep.BESIDE:
                draft.kept[column] = text
                continue
            try:
                self.read_cell(draft, column, target, text)
            except ValidationError as error:
                if self.keeps_bad_values:
                    draft.kept[column] = text
                else:
                    draft.faults[column] = " ".join(error.messages)
        return draft

    def read_cell(self, draft: Draft, column: str, target: str, text: str) -> None:
        """Put what one cell says into the draft. Raises ValidationError."""
        kind = TARGETS[target].kind
        if kind == Kind.FULL_NAME:
            draft.fields["first_name"], draft.fields["last_name"] = split_name(text)
        elif kind == Kind.OWNER:
            draft.owner = self.people.find(text)
            if draft.owner is None:
                draft.fields["imported_owner"] = text
        elif kind == Kind.SOURCE:
            source = self.sources.get(self.batch.values["source"].get(text), self.batch.source)
            draft.fields["source"] = source
            self.keep_unlike(draft, column, text, source.name)
        elif kind == Kind.STATUS:
            self.read_status(draft, column, text)
        elif kind == Kind.CAMPAIGN:
            if (campaign := self.campaigns.get(search_key(text))) is None:
                raise ValidationError(f"There is no campaign “{text}”.")
            draft.fields["campaign"] = campaign
        else:
            draft.fields[target] = READERS[kind](text)

    def read_status(self, draft: Draft, column: str, text: str) -> None:
        status = self.statuses.get(self.batch.values["status"].get(text))
        if status is None:
            raise ValidationError(f"No status is chosen for “{text}”.")
        draft.fields["status"] = status
        if status.kind == StatusKind.DISQUALIFIED:
            draft.fields["disqualified_reason"] = self.batch.reason
        elif status.kind == StatusKind.NURTURING:
            draft.fields["wake_up_on"] = self.batch.wake_up_on
        self.keep_unlike(draft, column, text, status.name)

    def keep_unlike(self, draft: Draft, column: str, text: str, name: str) -> None:
        """Keep what the file says where Relay's word for it is another one."""
        if search_key(text) != search_key(name):
            draft.kept[column] = text

    @property
    def keeps_bad_values(self) -> bool:
        return self.batch.bad_values == BadValues.KEEP_BESIDE

    def can_do_without(self, error: ValidationError) -> bool:
        return hasattr(error, "error_dict") and not set(error.error_dict) & set(NEEDED)

    def without_bad(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The fields without those that cannot be stored, which go beside the lead."""
        aside = {name: fields[name] for name in ("status", "disqualified_reason", "wake_up_on")
                 if name in fields}  # fmt: skip
        saved = salvage({name: value for name, value in fields.items() if name not in aside})
        saved["imported_values"] = {
            name if name in self.batch.columns else self.column_name(name): value
            for name, value in saved["imported_values"].items()
        }
        return saved | aside

    def refusal(self, error: ValidationError) -> RefusedRow:
        """What is wrong with a row, in the words of its columns."""
        if not hasattr(error, "error_dict"):
            return RefusedRow(" ".join(error.messages))
        faults: dict[str, list[str]] = {}
        for name, messages in error.message_dict.items():
            faults.setdefault(self.column_name(name), []).extend(messages)
        return RefusedRow(faults={name: " ".join(found) for name, found in faults.items()})

    def column_name(self, name: str) -> str:
        if name in ("first_name", "last_name") and name not in self.column_of:
            name = "full_name"
        if name in ("reason", "wake_up_on"):
            name = "status"
        if name in ("imported_owner", "owner"):
            name = "owner"
        label = TARGETS[name].label if name in TARGETS else name.replace("_", " ").capitalize()
        return self.column_of.get(name, label)


class People:
    """The colleagues that a file may name, by address or by a full name that only one has."""

    def __init__(self) -> None:
        people = list(User.objects.active().select_related("role", "team"))
        names = Counter(search_key(person.full_name) for person in people)
        self._by_name = {
            key: person for person in people if names[key := search_key(person.full_name)] == 1
        }
        self._by_email = {person.email: person for person in people}

    def find(self, text: str) -> User | None:
        """Who is meant, if it is somebody who may own leads."""
        person = self._by_email.get(text.lower()) or self._by_name.get(search_key(text))
        return person if person and person.can(RecordType.LEAD, Action.VIEW) else None
