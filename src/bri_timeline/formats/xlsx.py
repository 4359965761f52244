"""Excel: write logs as workbooks of one sheet, with the columns of CSV.

All cells are text, so that no formula runs and no digit is lost. A cell has at most
32,767 characters and a sheet 1,048,576 rows (Microsoft, Excel specifications and
limits). To read a workbook, declare its columns: see `bri_timeline.formats.tables`.
"""

from __future__ import annotations

from csv import reader
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bri_timeline import EventLog, Vocabulary
from bri_timeline.errors import EntryError
from bri_timeline.extend import needing, replaced
from bri_timeline.formats import csv
from bri_timeline.formats._files import Loss, Progress, guarded, no_progress
from bri_timeline.formats._flat import plain


__all__ = ["dump"]


# The suffixes of its files.
NAMES = (".xlsx",)
_LONGEST, _MOST_ROWS = 32_767, 1_048_576
_EPOCH = datetime(1980, 1, 1, tzinfo=UTC)


@guarded
def dump(
    log: EventLog,
    path: str | Path,
    vocabulary: Vocabulary,
    *,
    progress: Progress = no_progress,
) -> tuple[Loss, ...]:
    """Write a log to a file, which is replaced as a whole or left as it was.

    Args:
        log: The log.
        path: The file.
        vocabulary: The payload classes.
        progress: Called now and then with the number of entries in rows.

    Returns:
        The losses: the queue of proposals, and the positions of a log that is part of
        another.

    Raises:
        VocabularyError: The vocabulary lacks the class of a payload, or JSON cannot
            hold the payload.
        EntryError: Another part of an entry cannot be written, or is too long for a
            cell; or there are more rows than a sheet can have.
        MissingExtraError: XlsxWriter is not installed.
        OutputError: The file cannot be written.
    """
    with needing("sheets"):
        import xlsxwriter

    with TemporaryDirectory() as folder:
        file = Path(folder, "log.csv")
        losses = csv.dump(log, file, vocabulary, progress=progress)
        with file.open(encoding="utf-8", newline="") as lines:
            rows = [[*map(plain, row)] for row in reader(lines)]
    if len(rows) > _MOST_ROWS:
        problem = f"makes {len(rows):,} rows, and a sheet has at most {_MOST_ROWS:,}"
        raise EntryError(len(rows), f"the log {problem}: write CSV, or Parquet")
    for number, row in enumerate(rows, 1):
        if (length := max(map(len, row))) > _LONGEST:
            problem = f"{length:,} characters in a cell, and at most {_LONGEST:,} are"
            raise EntryError(number, f"row {number} has {problem} kept: write CSV")
    with replaced(Path(path)) as book_file:
        # The same log gives the same bytes: no time of writing is kept.
        book = xlsxwriter.Workbook(book_file, {"in_memory": True})
        book.set_properties({"created": _EPOCH})
        sheet = book.add_worksheet("entries")
        sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{_MOST_ROWS}"})
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if cell:
                    sheet.write_string(number, place, cell)
        book.close()
    return losses
