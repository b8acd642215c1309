"""What a reader finds in the PDF of a report: its pages as text, and what of the report is not among it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from pypdf import PdfReader

from bot.render.report import render
from bot.render.report.pdf import shown
from bot.service.report import report
from bot.service.report_view import Report
from tests.made_up_reports import MODELS, Kind, model, running

NAMES = tuple(path.stem for path in MODELS)
A4 = (595, 842)


class Pages:
    """A PDF as it can be read: its pages as text, and what of it lies outside of the margins."""

    def __init__(self, data: bytes) -> None:
        self.reader = PdfReader(io.BytesIO(data))
        self.outside: list[str] = []
        self.texts = [page.extract_text(visitor_text=self._look) for page in self.reader.pages]
        self.text = "".join(self.texts)

    def _look(self, text: str, page: list[float], line: list[float], _font: Any, _size: float) -> None:
        x = line[4] * page[0] + line[5] * page[2] + page[4]
        y = line[4] * page[1] + line[5] * page[3] + page[5]
        if text.strip() and not (20 < x < A4[0] - 20 and 20 < y < A4[1] - 20):
            self.outside.append(text)


@cache
def made(
    name: str = "cemm", language: str = "nl", kind: Kind = "mixed", depth: str = "full"
) -> tuple[Report, Pages]:
    made_up = report(running(model(name), kind, depth), language)  # type: ignore[arg-type]
    return made_up, Pages(render(made_up))


def body(made_up: Report, pages: Pages) -> str:
    """All letters of all pages, without what stands above and below each of them."""
    words, told = made_up.words, ""
    title = ("·" if made_up.about else "").join(filter(None, (made_up.title, made_up.about)))
    badge = f"·{words['badge']}" if made_up.indication else ""
    for number, page in enumerate(pages.texts, start=1):
        text = letters(page)
        above = letters(shown(title) + made_up.date)
        below = letters(
            f"{words['author']}{badge}{words['page']}{number}{words['page_of']}{len(pages.texts)}"
        )
        assert below in text
        told += text.replace(below, "", 1).replace(above, "", 1 if number > 1 else 0)
    return told


def letters(text: str) -> str:
    """Without blanks and breaks, so that it does not matter where a line ends."""
    return re.sub(r"[\s\u00ad\u200b\u2010-]", "", text)


def strings(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a report with the name of its field."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from strings(one, f"{path}.{key}")
    elif isinstance(value, tuple | list):
        for one in value:
            yield from strings(one, path)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            # Of a step further on it is shown in short.
            if name != "why" or getattr(value, "horizon", "") != "later":
                yield from strings(getattr(value, name), f"{path}.{name}")


# What is no text on the page: labels that not every report needs, pictures in words, ids.
UNSEEN = re.compile(
    r"\.(words\..*|alt|language|scale\.text|dimension_id|horizon|state|matrix\.(benefits|investments))$"
)


def check_nothing_is_missing_or_cut(made_up: Report, pages: Pages) -> None:
    told = body(made_up, pages)
    assert pages.outside == []
    fields = [(path, text) for path, text in strings(made_up) if not UNSEEN.search(path)]
    if made_up.indication:
        fields.remove((".radar.target", made_up.radar.target))
    assert len(fields) > 50
    assert [(path, text) for path, text in fields if letters(shown(text)) not in told] == []
