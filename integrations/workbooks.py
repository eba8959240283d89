"""Reading Excel workbooks: the first sheet that has anything in it, cell by cell as text."""

import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from itertools import chain
from typing import Any

import openpyxl
from django.core.exceptions import ValidationError

from crm.text import clean_text, csv_unsafe

# What 50 MB of a workbook may be unpacked: a small file can hold a very large one.
MAX_UNPACKED_BYTES = 500 * 1024 * 1024
# As many digits as Excel keeps of a number.
DIGITS = 15

Row = tuple[int, list[str]]


def is_workbook(data: bytes) -> bool:
    """Whether these bytes are a workbook of Excel 2007 or later."""
    if not data.startswith(b"PK\x03\x04"):
        return False
    try:
        return "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(data)).namelist()
    except zipfile.BadZipFile:
        return False


def read_sheet(data: bytes, name: str, *, most_columns: int) -> tuple[str, Iterator[Row]]:
    """
    The first visible sheet of a workbook that is not empty: what it is called, where there are
    others beside it, and its rows, which are read one by one.

    A row is its number and the text of its cells: numbers and days as a program writes them,
    formulas as what they came to when the workbook was saved. Empty rows are left out.

    Raises ValidationError, in the course of the rows too, for what is no sound workbook.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > MAX_UNPACKED_BYTES:
        raise ValidationError(
            f"{name} is too large unpacked. Split it into several files.", code="too_large"
        )
    sheets = visible_sheets(data, name)
    for sheet in sheets:
        rows = rows_of(sheet, name, most_columns)
        if (first := next(rows, None)) is not None:
            return sheet.title if len(sheets) > 1 else "", chain([first], rows)
    raise ValidationError(f"{name} is empty.", code="empty")


def visible_sheets(data: bytes, name: str) -> list[Any]:
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        return [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    except Exception:  # openpyxl raises whatever it stumbles over.
        raise damaged(name) from None


def rows_of(sheet: Any, name: str, most_columns: int) -> Iterator[Row]:
    for number, values in enumerate(values_of(sheet, name), start=1):
        cells = [csv_unsafe(clean_text(text_of(value))) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > most_columns:
            raise ValidationError(
                f"Row {number} of {name} has more than {most_columns} columns. Remove those you "
                "do not need.",
                code="too_many_columns",
            )
        if cells:
            yield number, cells


def values_of(sheet: Any, name: str) -> Iterator[tuple[Any, ...]]:
    # Some programs write a size of the sheet that is not its own.
    sheet.reset_dimensions()
    try:
        yield from sheet.iter_rows(values_only=True)
    except Exception:  # As above.
        raise damaged(name) from None


def text_of(value: Any) -> str:
    """The value of a cell as a CSV file would have it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return number_text(value)
        case dt.datetime():
            # A day without a time is midnight to Excel.
            return value.date().isoformat() if value.time() == dt.time() else str(value)
        case _:
            return str(value)


def number_text(number: float) -> str:
    """A number in digits. Three decimals would pass for a group of thousands: they get a fourth."""
    if number.is_integer():
        return str(int(number))
    text = f"{number:.{DIGITS}g}"
    decimals = text.partition(".")[2]
    return f"{text}0" if len(decimals) == 3 else text


def damaged(name: str) -> ValidationError:
    return ValidationError(
        f"{name} is a damaged Excel workbook. Open it in a spreadsheet program and save it anew.",
        code="wrong_kind",
    )
