"""Tables as files: CSV and XLSX, in which no cell is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

import xlsxwriter  # type: ignore[import-untyped]

Cell = str | int | float | bool | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def plain(cell: Cell) -> Cell:
    """The cell; a text that a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def csv_file(rows: Sequence[Sequence[Cell]]) -> bytes:
    """Comma-separated, UTF-8 with a byte order mark, since spreadsheets look for that. None is an empty
    cell."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([[plain(cell) for cell in row] for row in rows])
    return text.getvalue().encode("utf-8-sig")


def xlsx_file(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> bytes:
    """A workbook: name of the sheet (at most 31 characters) -> its rows, the first of which names the
    columns."""
    made = io.BytesIO()
    # Nothing that is written is read as something else: no formulas, no links, no numbers in texts.
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(made, options) as book:
        bold = book.add_format({"bold": True})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name[:31])
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(number, place, str(plain(cell)), bold if number == 0 else None)
                    elif cell is not None:
                        sheet.write(number, place, cell)
            sheet.freeze_panes(1, 0)
            if rows:
                sheet.autofilter(0, 0, max(len(rows) - 1, 0), max(len(rows[0]) - 1, 0))
    return made.getvalue()
