"""Reading the files people upload: which encoding, which separator, which columns and rows."""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.core.exceptions import ValidationError

from crm.text import clean_text, csv_unsafe
from integrations.workbooks import Row, is_workbook, read_sheet

MAX_BYTES = 50 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_NAME_LENGTH = 200

# In the place of the encoding of a text.
WORKBOOK = "xlsx"
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_LINES_TO_GUESS_BY = 50
# Put behind the text: if it is not read back as a row, a quotation mark was left open.
_END = "relay end of file"
_SEPARATOR_HINT = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)

_AS_CSV = "Save it as “CSV UTF-8” and choose that file."
_OTHER_KINDS = {
    b"\xd0\xcf\x11\xe0": (
        "an old Excel workbook, or one with a password. Open it in a spreadsheet program. "
        f"{_AS_CSV}"
    ),
    b"%PDF-": f"a PDF document, not a table. Export the table as CSV. {_AS_CSV}",
    b"\x1f\x8b": "a compressed file. Unpack it and choose the CSV file in it.",
    b"7z\xbc\xaf": "a compressed file. Unpack it and choose the CSV file in it.",
    b"Rar!": "a compressed file. Unpack it and choose the CSV file in it.",
}
# What stands in a first row only when the row with the names is missing.
_DATA = re.compile(r"\S+@\S+\.\w+|https?://\S+|\+?[\d ()./-]{6,}|\d{1,4}[-./]\d{1,2}[-./]\d{1,4}")


@dataclass(frozen=True)
class Table:
    """
    A file as it was understood. A row is (its number in the file, its cells).

    `sheet` is the one of several in a workbook that was read.
    """

    columns: list[str]
    rows: list[Row]
    encoding: str
    delimiter: str = ""
    sheet: str = ""


def read_table(data: bytes, name: str) -> Table:
    """
    The columns and rows of a CSV file, or of a sheet of an Excel workbook. Empty rows are left
    out; the others keep their numbers.

    Raises ValidationError, which says what is wrong and what to do about it.
    """
    if not data.strip():
        raise ValidationError(f"{name} is empty.", code="empty")
    if len(data) > MAX_BYTES:
        limit = MAX_BYTES // 1024**2
        raise ValidationError(
            f"{name} is larger than {limit} MB. Split it into several files.", code="too_large"
        )
    if is_workbook(data):
        encoding, delimiter = WORKBOOK, ""
        sheet, records = read_sheet(data, name, most_columns=MAX_COLUMNS)
    else:
        sheet = ""
        encoding, delimiter, records = read_csv(data, name)
    first = next(records, None)
    if first is None:
        raise ValidationError(f"{name} is empty.", code="empty")
    header = first[1]
    rows = list(islice(records, MAX_ROWS + 1))
    if len(rows) > MAX_ROWS:
        raise ValidationError(
            f"{name} has more than {MAX_ROWS:,} rows. Split it into several files.",
            code="too_many_rows",
        )
    if not rows:
        raise ValidationError(
            f"{name} has the names of columns, but no row below them.", code="no_rows"
        )
    return Table(name_columns(header), rows, encoding, delimiter, sheet)


def read_csv(data: bytes, name: str) -> tuple[str, str, Iterator[Row]]:
    """The encoding and the separator of a text, and its rows. Raises ValidationError."""
    refuse_other_kinds(data, name)
    text, encoding = decode(data, name)
    if hint := _SEPARATOR_HINT.match(text):
        text, delimiter = text[hint.end() :], hint[1]
    else:
        delimiter = guess_delimiter(text)
    return encoding, delimiter, read_records(text, delimiter, name)


def refuse_other_kinds(data: bytes, name: str) -> None:
    """Raises ValidationError for a file that is no text, naming what it is."""
    if data.startswith(b"PK\x03\x04"):
        raise ValidationError(f"{name} is {describe_zip(data)}", code="wrong_kind")
    for magic, what in _OTHER_KINDS.items():
        if data.startswith(magic):
            raise ValidationError(f"{name} is {what}", code="wrong_kind")


def describe_zip(data: bytes) -> str:
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except zipfile.BadZipFile:
        names = []
    if any(name.startswith("xl/") for name in names):
        return f"a binary Excel workbook. Open it in a spreadsheet program. {_AS_CSV}"
    if "content.xml" in names:
        return f"an OpenDocument file. Open it in a spreadsheet program. {_AS_CSV}"
    return "a ZIP archive. Unpack it and choose the CSV file in it."


def decode(data: bytes, name: str) -> tuple[str, str]:
    """The text of a file, and the name of its encoding."""
    for encoding in guess_encodings(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text, encoding
    raise ValidationError(
        f"{name} is no text that Relay can read. {_AS_CSV}", code="unknown_encoding"
    )


def guess_encodings(data: bytes) -> Sequence[str]:
    """What the text may be encoded in, the likeliest first."""
    if data.startswith(codecs.BOM_UTF8):
        return ["utf-8-sig"]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ["utf-16"]
    # Every other byte of Latin letters in UTF-16 is zero.
    head = data[:1000]
    if head[1::2].count(0) > len(head) / 4:
        return ["utf-16-le"]
    if head[::2].count(0) > len(head) / 4:
        return ["utf-16-be"]
    return ["utf-8", "cp1252"]


def guess_delimiter(text: str) -> str:
    """The separator with which the first rows have the most columns, and all as many."""
    head = "".join(islice(io.StringIO(text, newline=""), _LINES_TO_GUESS_BY))

    def score(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(head), delimiter=delimiter) if row]
        except csv.Error:
            return 0, 0
        if not widths or widths[0] == 1:
            return 0, 0
        return widths.count(widths[0]) / len(widths), widths[0]

    return max(DELIMITERS, key=score)


def read_records(text: str, delimiter: str, name: str) -> Iterator[Row]:
    """
    The rows that are not empty, with their numbers as a spreadsheet shows them (from 1).

    Raises ValidationError for a cell that is too long, and a quotation mark left open.
    """
    source = io.StringIO(f"{text}\n{_END}\n", newline="")
    reader = csv.reader(source, delimiter=delimiter)
    started = 1
    try:
        for number, cells in enumerate(reader, start=1):
            if cells == [_END]:
                return
            if cells and _END in cells[-1]:
                break
            if any(cell.strip() for cell in cells):
                yield number, [clean_cell(cell) for cell in cells]
            started = reader.line_num + 1
    except csv.Error:
        pass
    raise ValidationError(
        f"Line {started} of {name}: a quotation mark is opened and never closed, or a cell is "
        "far too long. Correct that line.",
        code="open_quote",
    )


def clean_cell(cell: str) -> str:
    """A cell as it is kept: normalized, and without the guard of an export against formulas."""
    return csv_unsafe(clean_text(cell))


def name_columns(header: list[str]) -> list[str]:
    """The names of the columns; one without a name is called by its place."""
    while len(header) > 1 and not header[-1]:
        header = header[:-1]
    if len(header) > MAX_COLUMNS:
        raise ValidationError(
            f"The file has more than {MAX_COLUMNS} columns. Remove those you do not need.",
            code="too_many_columns",
        )
    data = next((cell for cell in header if _DATA.fullmatch(cell)), None)
    if data or max(map(len, header)) > MAX_NAME_LENGTH:
        found = f" (it has “{data}”)" if data else ""
        raise ValidationError(
            f"The first row must hold the names of the columns, but looks like data{found}. "
            "Put a row with names such as “Last name” and “Email” above it.",
            code="no_header",
        )
    names = [name or f"Column {place}" for place, name in enumerate(header, start=1)]
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise ValidationError(
                f"Two columns are called “{name}”. Give one of them another name.",
                code="duplicate_header",
            )
        seen.add(name.casefold())
    return names
