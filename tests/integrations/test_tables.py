"""Files as people have them: every encoding and separator, and what is no table at all."""

import codecs
import gzip
import io
import zipfile

import pytest
from django.core.exceptions import ValidationError

from crm.text import csv_safe
from integrations import tables
from integrations.tables import read_table

TEXT = "Last name,City\nMüller,Köln\nŁuczak,Łódź\n"
WESTERN = "Last name,City\nMüller,Köln\n"


def read(data):
    return read_table(data, "leads.csv")


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
    ],
    ids=["utf-8", "bom", "utf-16", "utf-16-be", "bare le", "bare be", "windows", "old mac"],
)
def test_every_usual_encoding_is_read(data):
    table = read(data)
    assert table.columns == ["Last name", "City"]
    assert table.rows == [(2, ["Müller", "Köln"]), (3, ["Łuczak", "Łódź"])]


def test_windows_1252_is_read_where_it_is_no_utf_8():
    table = read(WESTERN.encode("cp1252"))
    assert (table.rows, table.encoding) == ([(2, ["Müller", "Köln"])], "cp1252")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_separator_is_guessed(delimiter):
    lines = [["Name", "Notes", "City"], ["Ana", "one, two; three", "Bonn"], ["Bo", "x", "Ulm"]]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    table = read(text.encode())
    assert table.delimiter == delimiter
    assert table.rows[0] == (2, ["Ana", "one, two; three", "Bonn"])


def test_the_hint_of_excel_is_followed():
    assert read(b"sep=;\r\nName;City\r\nAna;Bonn\r\n").columns == ["Name", "City"]


def test_quoted_cells_may_hold_separators_quotes_and_lines():
    table = read(b'Name,Notes\n"Smith, Ann","She said ""yes""\r\nand left"\nBo,x\n')
    assert table.rows == [(2, ["Smith, Ann", 'She said "yes"\nand left']), (3, ["Bo", "x"])]


def test_empty_rows_are_left_out_and_the_others_keep_their_numbers():
    assert read(b"Name,City\n\nAna,Bonn\n,,\n , \nBo,Ulm\n").rows == [
        (3, ["Ana", "Bonn"]),
        (6, ["Bo", "Ulm"]),
    ]


def test_ragged_rows_are_kept_as_they_are():
    assert read(b"Name,City\nAna\nBo,Ulm,extra\n").rows == [
        (2, ["Ana"]),
        (3, ["Bo", "Ulm", "extra"]),
    ]


def test_a_column_without_a_name_is_called_by_its_place():
    assert read(b"Name,,City\nAna,x,Bonn\n").columns == ["Name", "Column 2", "City"]


def test_a_guarded_formula_comes_back_as_it_was():
    formulas = ["=1+1", "@import", "-x", "+49 30 901820", "'quoted"]
    data = "Name\n" + "\n".join(csv_safe(text) for text in formulas)
    assert [cells[0] for _, cells in read(data.encode()).rows] == formulas


def zipped(*names):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (b"", "empty", "is empty"),
        (b" \n\n", "empty", "is empty"),
        (codecs.BOM_UTF8 + b"\n,\n", "empty", "is empty"),
        (b"Name,City\n", "no_rows", "no row below"),
        (b"Name,City,name\nAna,Bonn,x\n", "duplicate_header", "Two columns are called “name”"),
        (b"Ana,ana@firm.com,Bonn\nBo,bo@firm.com,Ulm\n", "no_header", "“ana@firm.com”"),
        (b"1,2024-05-06,Bonn\n2,2024-05-07,Ulm\n", "no_header", "names of the columns"),
        (b'Name,City\n"Ana,Bonn\nBo,Ulm\n', "open_quote", "Line 2"),
        (b"Name\n" + b"x" * 200_000, "open_quote", "far too long"),
        (b"Name\nA\x00na\n", "unknown_encoding", "no text"),
        (b"Name\n\x81\x8d\n", "unknown_encoding", "CSV UTF-8"),
        (zipped("xl/workbook.xml"), "wrong_kind", "Excel workbook"),
        (zipped("content.xml"), "wrong_kind", "OpenDocument"),
        (zipped("leads.csv"), "wrong_kind", "ZIP archive. Unpack it"),
        (b"PK\x03\x04 torn", "wrong_kind", "ZIP archive"),
        (gzip.compress(b"Name\nAna\n", mtime=0), "wrong_kind", "Unpack it"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "wrong_kind", "old Excel"),
        (b"%PDF-1.7\n", "wrong_kind", "PDF"),
        (b",".join(b"c%d" % n for n in range(201)) + b"\nx\n", "too_many_columns", "200"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(data, code, says):
    with pytest.raises(ValidationError) as refusal:
        read(data)
    assert refusal.value.code == code
    assert says in refusal.value.message


def test_limits_are_told(monkeypatch):
    monkeypatch.setattr(tables, "MAX_ROWS", 2)
    with pytest.raises(ValidationError, match=r"more than 2 rows. Split it"):
        read(b"Name\n1\n2\n3\n")
    monkeypatch.setattr(tables, "MAX_BYTES", 3)
    with pytest.raises(ValidationError, match=r"larger than 0 MB. Split it"):
        read(b"Name\n1\n")
