"""From a report to the bytes of its PDF."""

from __future__ import annotations

import importlib.util
import json
import threading
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from bot.service.desk.organisation_view import OrganisationReport
from bot.service.report_view import Report

FOLDER = Path(__file__).parent
TEMPLATE = FOLDER / "template.typ"
ORGANISATION = FOLDER / "organisation.typ"
FONTS = FOLDER / "fonts"

_ACCESSIBLE = ("ua-1",)

# A word without a place to break it, longer than any that hyphenation is good at, may break anywhere.
_LONG_WORD = 32
_BREAK = "\u200b"
# Controls, halves of pairs, what has no meaning (yet) or one of its own in some firm.
_NEVER_SHOWN = frozenset(("Cc", "Cs", "Cn", "Co", "Zl", "Zp"))
# Of the invisible marks, those that belong to a word: the soft hyphen and the joiners. Others turn the
# direction of what follows, or may not stand in an accessible PDF.
_JOINERS = frozenset("\u00ad\u200b\u200c\u200d")

# After how many other documents Typst lets go of what it laid out. (Ten; it counts the first as well.)
_FORGETS_AFTER = 11

# One document at a time: the compiler keeps what it laid out, and is not made to be shared.
_lock = threading.Lock()


class ReportError(Exception):
    """The report could not be laid out; the message is the typesetter's, which holds no answers."""


def render(report: Report) -> bytes:
    """The report as a PDF. Safe to call from several threads. Raises ReportError."""
    return _made(TEMPLATE, report)


def render_organisation(report: OrganisationReport) -> bytes:
    """The organisation's report as a PDF, in the same way. Raises ReportError."""
    return _made(ORGANISATION, report)


def _made(template: Path, report: Report | OrganisationReport) -> bytes:
    import typst

    fields = asdict(report)
    made_at = fields.pop("made_at")
    data = json.dumps(_shown(fields), ensure_ascii=False)
    with _lock:
        try:
            pdf = _compiled(template, data, made_at, _ACCESSIBLE)
        except typst.TypstError:
            # A letter that no font has may not stand in an accessible PDF; there is a report all the same.
            try:
                pdf = _compiled(template, data, made_at, ())
            except typst.TypstError as error:
                raise ReportError(error.message) from None
        finally:
            _forget()
    return pdf


def _compiled(template: Path, data: str, made_at: datetime, standards: Sequence[str]) -> bytes:
    pdf = _compiler().compile(
        str(template),  # said each time: _forget says something else
        format="pdf",
        sys_inputs={"report": data},
        pdf_standards=list(standards),
        timestamp=int(made_at.timestamp()),
    )
    assert isinstance(pdf, bytes)
    return pdf


def warm_up() -> None:
    """Load the typesetter and its fonts, so that nobody's first report waits for it."""
    with _lock:
        _compiler()


def _forget() -> None:
    """Make the compiler let go of the report, which nobody will ask for again soon.

    What it keeps for the next ones is some 300 MB after ten reports, with everybody's answers in it.
    """
    for _ in range(_FORGETS_AFTER):
        _compiler().compile(b" ", format="svg", sys_inputs={})


@cache
def _compiler() -> Any:
    import typst

    fonts = [FONTS]
    # The second choice, for letters that ours lacks, comes with matplotlib; without loading that.
    found = importlib.util.find_spec("matplotlib")
    if found is not None and found.origin is not None:
        fonts.append(Path(found.origin).parent / "mpl-data" / "fonts" / "ttf")
    return typst.Compiler(
        str(TEMPLATE), root=str(FOLDER), font_paths=[str(one) for one in fonts], ignore_system_fonts=True
    )


def _shown(value: Any) -> Any:
    """The same with every text as it can be shown."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, Mapping):
        return {key: _shown(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(one) for one in value]
    return value


def shown(text: str) -> str:
    """The text without what no font shows, its line breaks kept, its longest words breakable anywhere."""
    kept = "".join(
        char if char == "\n" or unicodedata.category(char) not in _NEVER_SHOWN else " "
        for char in text.replace("\r\n", "\n").replace("\r", "\n")
        if unicodedata.category(char) != "Cf" or char in _JOINERS
    )
    return "\n".join(" ".join(map(_breakable, line.split(" "))) for line in kept.split("\n"))


def _breakable(word: str) -> str:
    if len(word) <= _LONG_WORD:
        return word
    return _BREAK.join(word[start : start + 4] for start in range(0, len(word), 4))
