"""What can be tapped below a message, fitted to a channel: buttons in rows, lists, forms that are ticked.

A form that is ticked remembers nothing but what stands in its own keyboard:

    [☑ 1 · Email              ]   +1~None of these|1
    [☐ 2 · Chat on the site   ]   +2~None of these|1
    [Done                     ]   <token of the form>~1-

The last one sends the form as it stands (records.Form). The others begin with '+': their channel keeps them
to itself and shows the keyboard that `toggle` makes of it. Behind '+' stand the number of the entry, '~', the
title that the sending button does not have now but gets when the first mark comes or the last one goes, and,
each behind a '|', the marks; where there are several, each with its title.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bot.channels.contract import Button, Capabilities, Choice, Form, Outgoing
from bot.channels.cutting import ELLIPSIS, Units, length, shorten
from bot.texts import LANGUAGES, say

TOGGLE = "+"
"""What a button sends that ticks an entry of a form begins so; no token does."""
MARKS = "~"
_NEXT = "|"
_NONE = "-"
_EMPTY, _TICKED = "☐", "☑"

_NUMBERED = re.compile(r"(\d{1,2}) · (\S.*)")
# More buttons than this in a row cannot be read, whatever their titles.
_WIDEST = 8
# How much of a row a button takes besides its title, in characters.
_EDGES = 2

Row = tuple[Choice, ...]


@dataclass(frozen=True)
class Keyboard:
    """The buttons below one message: in rows, or as the choices of a list."""

    rows: tuple[Row, ...] = ()
    choices: Row = ()
    list_button: str = ""


def lay_out(outgoing: Outgoing, can: Capabilities, text: str) -> list[Keyboard]:
    """The keyboards for a message with this text, one a part; the first belongs below the text.

    What sends more than the channel can hold is left out: it can be typed. Of more buttons than a list has
    rows, the last quiet ones are left out where there is a button for the menu, which has all of them, and
    where everything else stays; otherwise more lists follow.
    """
    form = _form_rows(outgoing.message.form, can) if can.inline else []
    buttons = _sendable(outgoing, can, with_form=not form)
    if can.inline:
        return _boards([*form, *_rows(buttons, can, text)], can.buttons)
    if not can.rows:
        titles = _distinct([button.title for button in buttons], can.button_title, can.units)
        rows = [(Choice(title, one.token),) for title, one in zip(titles, buttons, strict=True)]
        return _boards(rows, can.buttons)
    if len(buttons) > max(can.rows, can.buttons):
        buttons = _without_what_the_menu_has(buttons, can.rows, outgoing.message.language)
    boards = []
    while buttons:
        board = _reply_buttons(buttons, can)
        if board is None:
            board = _list(buttons[: can.rows], outgoing, can, text)
            buttons = buttons[can.rows :]
        else:
            buttons = []
        boards.append(board)
    return boards


def _sendable(outgoing: Outgoing, can: Capabilities, *, with_form: bool) -> list[Button]:
    """The buttons that the channel can send, each once; `with_form`: before them one that sends the form.

    Where nothing is marked that button says that nothing is to be; marks are typed.
    """
    message = outgoing.message
    found = list(message.buttons)
    if with_form and message.form is not None:
        form = message.form
        sent = _sent(form)
        title = form.none if set(sent) <= {_NONE} else form.send
        found.insert(0, Button(title, f"{form.token}{MARKS}{sent}", "level"))
    most = min(can.button_data, can.row_data) if can.rows and not can.inline else can.button_data
    once = {button.token: button for button in reversed(found) if 0 < len(button.token.encode()) <= most}
    return [button for button in found if once.get(button.token) is button]


def _boards(rows: Sequence[Row], most: int) -> list[Keyboard]:
    """The rows on keyboards of at most so many buttons; none where the channel has no buttons at all."""
    boards: list[list[Row]] = []
    room = 0
    for row in rows if most else ():
        if len(row) > room:
            boards.append([])
            room = most
        boards[-1].append(row)
        room -= len(row)
    return [Keyboard(rows=tuple(board)) for board in boards]


# --- buttons in rows ---


def _rows(buttons: Sequence[Button], can: Capabilities, text: str) -> list[Row]:
    """Buttons side by side, in the order in which they came.

    Those of a numbered list that stands in the text are numbers, the other ones have their titles.
    """
    widest = max(1, min(_WIDEST, can.buttons))
    numbers = _numbers(buttons, text)
    rows: list[Row] = []
    for (style, numbered), some in groupby(buttons, lambda one: (one.style, one.token in numbers)):
        run = list(some)
        choices = [
            Choice(numbers.get(one.token) or shorten(one.title, can.button_title, can.units), one.token)
            for one in run
        ]
        if numbered:
            rows += _equal_rows(choices, widest, can.row_width)
        elif style == "level":
            rows += _even_rows(choices, min(widest, 3), can.row_width)
        else:
            rows += _packed(choices, widest, can.row_width)
    return rows


def _numbers(buttons: Sequence[Button], text: str) -> dict[str, str]:
    """Token -> number of each button of a numbered list in the text; none where two share a number.

    Number and label stand in a line before any colon: '3 · Label: wording', 'Question 3, Label: answer'.
    """
    heads = [line.partition(":")[0] for line in text.split("\n")]
    numbers = {}
    for button in buttons:
        found = _NUMBERED.fullmatch(button.title)
        if found is None:
            continue
        number, label = found.groups()
        stem = label.removesuffix(ELLIPSIS)
        if any(_lists(head, number, stem, whole=stem == label) for head in heads if number in head):
            numbers[button.token] = number
    return numbers if len(set(numbers.values())) == len(numbers) else {}


def _lists(head: str, number: str, label: str, *, whole: bool) -> bool:
    """Whether the head of a line has this number and then this label, `whole` or only the start of one."""
    place = head.find(label)
    before = re.search(r"(?<!\d)\d+(?=\W{1,3}$)", head[:place]) if place > 0 else None
    behind = head[place + len(label) : place + len(label) + 1]
    return before is not None and before[0] == number and not (whole and behind.isalnum())


def _line_of(title: str, lines: Sequence[str]) -> str | None:
    """The line that begins with this title, whether it was cut or not."""
    stem = title.removesuffix(ELLIPSIS)
    for line in lines:
        if line.startswith(stem) and (stem != title or not line[len(stem) : len(stem) + 1].isalnum()):
            return line
    return None


def _side_by_side(choices: Sequence[Choice], widest: int, width: int) -> bool:
    """Whether these fit into one row; all buttons of a row are equally wide."""
    if len(choices) > widest:
        return False
    longest = max(len(choice.title) for choice in choices)
    return len(choices) == 1 or len(choices) * (longest + _EDGES) <= width


def _equal_rows(choices: Sequence[Choice], widest: int, width: int) -> list[Row]:
    """As few rows as there can be, and as equal as they can be."""
    longest = max(len(choice.title) for choice in choices)
    most = max(1, min(widest, width // (longest + _EDGES)))
    count = -(-len(choices) // most)
    each = -(-len(choices) // count)
    return [tuple(choices[place : place + each]) for place in range(0, len(choices), each)]


def _even_rows(choices: Sequence[Choice], widest: int, width: int) -> list[Row]:
    """Rows that are all alike, so that a scale does not look as if it had parts."""
    longest = max(len(choice.title) for choice in choices)
    each = next(
        each
        for each in range(widest, 0, -1)
        if each == 1 or (len(choices) % each == 0 and each * (longest + _EDGES) <= width)
    )
    return [tuple(choices[place : place + each]) for place in range(0, len(choices), each)]


def _packed(choices: Sequence[Choice], widest: int, width: int) -> list[Row]:
    """As few rows as their titles allow, and those as equal as they can be; the order stays."""
    # The best way to set the first n: rows, sum of the squares of how many stand in each, start of the last.
    best: list[tuple[int, int, int]] = [(0, 0, 0)]
    for stop in range(1, len(choices) + 1):
        ways = []
        for start in range(stop - 1, max(-1, stop - widest - 1), -1):
            if not _side_by_side(choices[start:stop], widest, width):
                break
            rows, squares, _ = best[start]
            ways.append((rows + 1, squares + (stop - start) ** 2, start))
        best.append(min(ways))
    found: list[Row] = []
    stop = len(choices)
    while stop:
        start = best[stop][2]
        found.append(tuple(choices[start:stop]))
        stop = start
    return found[::-1]


# --- reply buttons and lists ---


def _reply_buttons(buttons: Sequence[Button], can: Capabilities) -> Keyboard | None:
    """These as buttons below the text; None where they are too many, or a title is too long or doubled."""
    titles = [" ".join(button.title.split()) for button in buttons]
    if len(buttons) > can.buttons or len(set(titles)) < len(titles):
        return None
    if any(shorten(title, can.button_title, can.units) != title for title in titles):
        return None
    return Keyboard(
        rows=tuple((Choice(title, one.token),) for title, one in zip(titles, buttons, strict=True))
    )


def _list(buttons: Sequence[Button], outgoing: Outgoing, can: Capabilities, text: str) -> Keyboard:
    """These as a list; levels have their wording below them, where the text has it and all of them fit."""
    lines = text.split("\n")
    titles = _distinct([button.title for button in buttons], can.row_title, can.units)
    wordings = [_wording(one.title, lines) if one.style == "level" else "" for one in buttons]
    if any(length(wording, can.units) > can.row_description for wording in wordings):
        # An answer with more words below it than its neighbours would be chosen for that.
        wordings = [""] * len(buttons)
    choices = tuple(
        Choice(title, button.token, wording)
        for title, button, wording in zip(titles, buttons, wordings, strict=True)
    )
    return Keyboard(choices=choices, list_button=shorten(outgoing.open_list, can.list_button, can.units))


def _wording(title: str, lines: Sequence[str]) -> str:
    """What the text says behind this title and a colon; empty where it does not."""
    line = _line_of(title, lines)
    if line is None:
        return ""
    return " ".join(line[len(title.removesuffix(ELLIPSIS)) :].partition(": ")[2].split())


def _distinct(titles: Sequence[str], limit: int, units: Units) -> list[str]:
    """The titles shortened; what then is there twice gets a number, since channels refuse doubles."""
    found: list[str] = []
    for title in titles:
        short = shorten(title, limit, units)
        number = 1
        while short in found:
            number += 1
            behind = f" {number}"
            short = shorten(title, max(1, limit - len(behind)), units) + behind
        found.append(short)
    return found


def _without_what_the_menu_has(buttons: list[Button], rows: int, language: str) -> list[Button]:
    """As many as there are rows, without the last quiet ones; all of them where that cannot be.

    The menu repeats all buttons of its question, so nothing gets lost while its button stays.
    """
    if language not in LANGUAGES:
        return buttons
    title = say(language, "menu.more")
    menu = [button for button in buttons if button.title == title]
    needed = [button for button in buttons if button.style != "quiet" or button in menu]
    quiet = [button for button in buttons if button not in needed]
    if not menu or len(needed) > rows:
        return buttons
    kept = quiet[: rows - len(needed)]
    return [button for button in buttons if button in needed or button in kept]


# --- forms that are ticked ---


@dataclass(frozen=True)
class _Entry:
    """What the button of an entry carries: its number, the sending button's other title, the marks.

    `marks`: character and title of each, in the order in which taps go through them; a single one is a tick,
    and has no title.
    """

    number: int
    other: str
    marks: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, data: str) -> _Entry | None:
        """The entry behind what a button sends; None when it is another button."""
        number, tilde, words = data.removeprefix(TOGGLE).partition(MARKS)
        other, *marks = words.split(_NEXT)
        if not (data.startswith(TOGGLE) and tilde and number.isdecimal() and marks and all(marks)):
            return None
        return cls(int(number), other, tuple((word[0], word[1:]) for word in marks))

    @property
    def data(self) -> str:
        words = (self.other, *(f"{mark}{title}" for mark, title in self.marks))
        return f"{TOGGLE}{self.number}{MARKS}{_NEXT.join(words)}"

    def before(self, mark: str) -> str:
        """What stands before its label with this mark, or with none."""
        title = dict(self.marks).get(mark)
        if title is None:
            return f"{_EMPTY} {self.number} · "
        return f"{_TICKED} {self.number} · {title} — " if title else f"{_TICKED} {self.number} · "

    def following(self, mark: str) -> str:
        """The mark that a tap puts in the place of this one."""
        turn = [_NONE, *(mark for mark, _ in self.marks), _NONE]
        return turn[turn.index(mark) + 1] if mark in turn else _NONE


def _sent(form: Form) -> str:
    """What is marked in a form: a character for each of its entries."""
    marks = [_NONE] * form.of
    for number, mark in form.marked:
        if 1 <= number <= form.of and mark in form.marks:
            marks[number - 1] = mark
    return "".join(marks)


def _none_marked(sent: str) -> bool:
    return set(sent) <= {_NONE}


def _form_rows(form: Form | None, can: Capabilities) -> list[Row]:
    """A row for each entry and one to send; none where its words do not fit into what buttons can carry."""
    if form is None or not form.marks or len(form.entries) >= can.buttons:
        return []
    sent = _sent(form)
    titles = [shorten(title, can.button_title, can.units) for title in (form.none, form.send)]
    now, other = titles if _none_marked(sent) else titles[::-1]
    marks = tuple(
        (mark, " ".join(title.split()) if len(form.marks) > 1 else "") for mark, title in form.marks.items()
    )
    carried = "".join((*titles, *(mark + title for mark, title in marks)))
    if (
        _NEXT in carried
        or _NONE in form.marks
        or not all(number in range(1, form.of + 1) for number, _ in form.entries)
    ):
        return []
    rows: list[Row] = []
    longest = f"{form.token}{MARKS}{sent}"
    for number, title in form.entries:
        entry = _Entry(number, other, marks)
        # Room for the longest mark is kept, so that the label never has to change.
        room = min(
            can.row_width - len(entry.before(_NONE)),
            *(can.button_title - length(entry.before(mark), can.units) for mark in (_NONE, *form.marks)),
        )
        if room < 1:
            return []
        label = shorten(title, room, can.units)
        rows.append((Choice(f"{entry.before(sent[number - 1])}{label}", entry.data),))
        longest = max(
            longest, entry.data, replace(entry, other=now).data, key=lambda data: len(data.encode())
        )
    if len(longest.encode()) > can.button_data:
        return []
    return [*rows, (Choice(now, f"{form.token}{MARKS}{sent}"),)]


def toggle(rows: Sequence[Row], data: str) -> tuple[Row, ...]:
    """The keyboard after a tap on the entry of a form, from the keyboard as it stands and what the tap sent.

    One mark is put and taken away; several are gone through in turn, and their title stands on the button. A
    tap that belongs to no entry of this keyboard changes nothing.
    """
    before = tuple(rows)
    tapped = _Entry.read(data)
    sends = [choice for row in rows for choice in row if _sends(choice)]
    here = [
        (choice, entry)
        for row in rows
        for choice in row
        if (entry := _Entry.read(choice.data)) is not None
        and tapped is not None
        and entry.number == tapped.number
    ]
    if len(sends) != 1 or len(here) != 1:
        return before
    (choice, entry), token, marks = here[0], *sends[0].data.rsplit(MARKS, 1)
    if not 1 <= entry.number <= len(marks):
        return before
    old = marks[entry.number - 1]
    new = entry.following(old)
    if not choice.title.startswith(entry.before(old)):
        return before
    after = marks[: entry.number - 1] + new + marks[entry.number :]
    turned = _none_marked(marks) != _none_marked(after)

    def changed(one: Choice) -> Choice:
        if one is sends[0]:
            return Choice(entry.other if turned else one.title, f"{token}{MARKS}{after}")
        carried = _Entry.read(one.data)
        if carried is None:
            return one
        if turned:
            carried = replace(carried, other=sends[0].title)
        title = one.title
        if one is choice:
            title = entry.before(new) + title.removeprefix(entry.before(old))
        return Choice(title, carried.data)

    return tuple(tuple(changed(one) for one in row) for row in rows)


def carry(rows: Sequence[Row], former: Sequence[Row]) -> tuple[Row, ...]:
    """The keyboard of a form that is put again, with what was marked in it before and not sent.

    A keyboard of anything else stays as it is.
    """
    now, then = tuple(rows), {choice.data.rsplit(MARKS, 1)[0]: choice for row in former for choice in row}
    sends = [choice for row in now for choice in row if _sends(choice)]
    if len(sends) != 1 or sends[0].data.rsplit(MARKS, 1)[0] not in then:
        return now
    wanted = then[sends[0].data.rsplit(MARKS, 1)[0]].data.rsplit(MARKS, 1)[1]
    for row in rows:
        for choice in row:
            entry = _Entry.read(choice.data)
            if entry is None or not 1 <= entry.number <= len(wanted):
                continue
            for _ in range(len(entry.marks) + 1):
                marks = next(one.data.rsplit(MARKS, 1)[1] for line in now for one in line if _sends(one))
                if marks[entry.number - 1] == wanted[entry.number - 1]:
                    break
                now = toggle(now, choice.data)
    return now


def _sends(choice: Choice) -> bool:
    """Whether this button sends a form."""
    return MARKS in choice.data and not choice.data.startswith(TOGGLE)
