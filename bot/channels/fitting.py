"""Fitting a message to a channel: the one place where its published limits are kept.

Text that is too long becomes several parts, cut where it reads best and never inside a word, an address, an
emoji or what is emphasised, as long as there is another way. Buttons stand below the part that holds the end
of the text, so the question is the newest thing on the screen.
"""

from __future__ import annotations

import re
import string
from dataclasses import replace
from functools import cache

from bot.channels.contract import Capabilities, Message, Outgoing, Part
from bot.channels.cutting import Passage, says_something, shorten
from bot.channels.keyboards import TOGGLE, Keyboard, carry, lay_out, toggle
from bot.texts import LANGUAGES, texts

__all__ = ["TELEGRAM", "TOGGLE", "WHATSAPP", "carry", "fit", "toggle"]

# Telegram's Bot API (sendMessage, sendPhoto, InlineKeyboardButton). Texts are counted as entities are, in
# UTF-16 code units, which is the stricter reading of 'characters'. No limit is published for titles; rows of
# this width can be read on a telephone.
TELEGRAM = Capabilities(
    units="utf16",
    text=4096,
    caption=1024,
    body_with_buttons=4096,
    body_with_list=4096,
    buttons=100,
    button_title=64,
    button_data=64,
    rows=0,
    row_title=0,
    row_description=0,
    row_data=0,
    list_button=0,
    inline=True,
    row_width=42,
)
# Interactive reply buttons and list messages of the Cloud API. Sources differ on the body above a list (4,096
# or 1,024) and none says what a character is: the stricter reading is kept.
WHATSAPP = Capabilities(
    units="utf16",
    text=4096,
    caption=1024,
    body_with_buttons=1024,
    body_with_list=1024,
    buttons=3,
    button_title=20,
    button_data=256,
    rows=10,
    row_title=24,
    row_description=72,
    row_data=200,
    list_button=20,
    inline=False,
    row_width=20,
)

# 'N · Label' at the start of a line, before a colon and the wording.
_LABEL = re.compile(r"^(\d{1,2} · [^:\s](?:[^:\n]{0,58}[^:\s])?): (?=\S)", re.MULTILINE)
# Paragraphs that begin what is asked, by the sentences that they are made from: the heads of questions, and
# what is said in the place of a question after the last one.
_OPENINGS = ("question.header", "segment.header", "road.step_header", "side.done_hint")
_SENTENCE = re.compile(r"(?<=[.!?])\s")
_ASKS = ("?", "？", "؟")


def fit(outgoing: Outgoing, can: Capabilities) -> list[Part]:
    """The parts in which this message goes to a channel that can do so much, in order.

    Documents come before the part with the first buttons, or last where there are none. Nothing is said twice
    but what a picture shows, where no paragraph fits below it. A message with nothing in it has no parts.
    """
    message = outgoing.message
    text = _with_links(outgoing)
    passage = Passage(text, can.units, [match.span(1) for match in _LABEL.finditer(text)])
    boards = lay_out(outgoing, can, text)
    parts: list[Part] = []
    start = 0
    if message.picture_id is not None:
        # Where no buttons can stand below a picture, something has to be left to stand above them.
        picture, start = _picture(message, passage, can, whole=can.inline or not boards)
        parts.append(picture)
    complete = start == len(text) and (not boards or (bool(parts) and can.inline))
    if not complete:
        parts += _texts(outgoing, passage, start, can, boards[0] if boards else None)
    documents = [Part("document", "", source=document) for document in outgoing.documents]
    if not boards:
        return [*parts, *documents]
    bodies = [parts.pop(), *(_filler(outgoing, board, can) for board in boards[1:])]
    asking = [
        replace(body, rows=board.rows, choices=board.choices, list_button=board.list_button)
        for body, board in zip(bodies, boards, strict=True)
    ]
    return [*parts, *documents, *asking]


def _picture(message: Message, passage: Passage, can: Capabilities, *, whole: bool) -> tuple[Part, int]:
    """The picture with words beside it, and where the rest of the text starts.

    `whole`: its caption may be all of the text. Where no paragraph fits, it is what the picture shows.
    """
    assert message.picture_id is not None
    text, stop = passage.text, len(passage.text)
    end, start = passage.caption(can.caption, whole=whole)
    alt = message.alt or ""
    if end == 0 and says_something(alt):
        # Its facts follow in the text, where there is one.
        caption = shorten(_first_sentence(alt) if text else alt, can.caption, can.units)
        return Part("picture", caption, source=(message.picture_id,)), 0
    if end == 0 and whole and text:
        end, start = passage.head(0, stop, can.caption)
    piece = passage.piece(0, end, can.caption)
    return Part("picture", piece.text, piece.strong, source=(message.picture_id,)), start


def _first_sentence(text: str) -> str:
    return _SENTENCE.split(text, 1)[0]


def _texts(
    outgoing: Outgoing, passage: Passage, start: int, can: Capabilities, board: Keyboard | None
) -> list[Part]:
    """The text from here on in parts. The last one fits above the keyboard, and is there if that is."""
    last = None if board is None else _room(board, can)
    whole = passage.fits(start, len(passage.text), last or can.text)
    question = None if whole else _question(outgoing.message.language, passage.text)
    stretches = passage.pieces(start, can.text, last, question)
    limits = [can.text] * (len(stretches) - 1) + [last or can.text]
    pieces = [passage.piece(*one, limit) for one, limit in zip(stretches, limits, strict=True)]
    parts = [Part("text", piece.text, piece.strong) for piece in pieces]
    if board is not None and not (parts and says_something(parts[-1].text)):
        parts[-1:] = [_filler(outgoing, board, can)]
    return [part for part in parts if says_something(part.text)]


def _room(board: Keyboard, can: Capabilities) -> int:
    """How long the text above these buttons may be."""
    return can.body_with_list if board.choices else can.body_with_buttons


def _filler(outgoing: Outgoing, board: Keyboard, can: Capabilities) -> Part:
    """A part for buttons that have no text of their own above them."""
    return Part("text", shorten(outgoing.more, _room(board, can), can.units))


def _with_links(outgoing: Outgoing) -> str:
    """The message's text with a line for each link, before the question that it ends with, if it does."""
    message = outgoing.message
    text = message.text.strip()
    block = "\n".join(f"{title}: {address}" if title else address for title, address in outgoing.links)
    if not block:
        return text
    paragraphs = text.split("\n\n") if text else []
    question = _question(message.language, text)
    if question:
        place = text[:question].count("\n\n")
    elif message.form is not None or any(button.style == "level" for button in message.buttons):
        place = 1
    else:
        place = len(paragraphs) - 1 if len(paragraphs) > 1 and text.endswith(_ASKS) else len(paragraphs)
    paragraphs.insert(place, block)
    return "\n\n".join(paragraphs)


def _question(language: str, text: str) -> int | None:
    """Where the question begins that a text ends with: at the last paragraph that opens one."""
    if language not in LANGUAGES:
        return None
    found = [
        match.start()
        for match in _openings(language).finditer(text)
        if match.start() == 0 or text.endswith("\n\n", 0, match.start())
    ]
    return found[-1] if found else None


@cache
def _openings(language: str) -> re.Pattern[str]:
    """The paragraphs that open questions, such as 'Question 3 of 17 · Data'."""
    patterns = []
    for key in _OPENINGS:
        pattern = ""
        for words, name, _, _ in string.Formatter().parse(texts(language)[key]):
            pattern += re.escape(words)
            if name is not None:
                pattern += r"\d+" if name in ("number", "total") else ".+"
        patterns.append(pattern)
    return re.compile(f"^(?:{'|'.join(patterns)})$", re.MULTILINE)
