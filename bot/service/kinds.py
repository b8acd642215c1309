"""From what was tapped or typed to an answer, by kind of item. A sixth kind would be one more entry here.

Each kind reads a text (`read`) and what a button says (`press`). Both may give an answer, a refusal (the key
of a sentence that says why not, with its values), or None where it is no answer at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.assessment.answers import Answer, AnswerKind, given
from bot.assessment.definitions import Item, MaturityModel, Text
from bot.assessment.kinds import LEFT_OPEN, POSITIONS, REST, open_part
from bot.service.buttons import MARKS
from bot.understanding.adding import read_edit
from bot.understanding.choices import read_between, read_then
from bot.understanding.exact import NoSuchLevel, read_level, read_number, read_yes_no
from bot.understanding.requests import goes_on
from bot.understanding.settled import read_corrected
from bot.understanding.several import NoSuchPart, read_one, read_parts, read_positions, read_states

# Letters, not words: a token has to fit into the 64 bytes of a Telegram button.
KIND_LETTERS: dict[AnswerKind, str] = {"dont_know": "d", "not_applicable": "n", "skipped": "s"}
_KINDS_BY_LETTER = {letter: kind for kind, letter in KIND_LETTERS.items()}

STATE_MARKS = {"p": "planned", "f": "not_fitting", "d": "dont_know"}
"""What can be marked of a practice that is not in place; unmarked it is 'not yet'."""
CHOSEN = "1"
"""The mark of an entry that was chosen."""
IN_PLACE_FORM, REST_FORM = "f", "r"
"""Which form it is whose marks come back."""


@dataclass(frozen=True)
class Refusal:
    """An answer that cannot be: the key of the sentence that says why, or the definition's own words."""

    key: str | None
    words: Text | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


Reading = Answer | Refusal | None


def names(item: Item) -> list[list[str]]:
    """What people can call each numbered part of an item: its label in every language, and its examples."""
    listed = []
    for part in item.parts:
        brands = getattr(part, "brands", ())
        listed.append([*dict.fromkeys(part.label.values()), *brands])
    return listed


def part_to_ask(item: Item, held: Answer | None) -> str:
    """The part of an item that is put now; of a complete answer, which is looked at again, the first."""
    part = open_part(item, held)
    if part is None:
        part = open_part(item, None) or ""
    return part


def read(model: MaturityModel, item_id: str, held: Answer | None, text: str, language: str) -> Reading:
    """The answer that a text gives to the open part of an item."""
    item = model.item(item_id)[1]
    if item.kind == "rubric":
        highest = len(item.levels)
        corrected = read_corrected(text)
        if corrected is not None:
            return _leveled(item_id, highest, corrected)
        plain = read_number(text, language, model.languages, count=highest, levels=True)
        if plain is None and (read_between(text, highest, language) or read_then(text, language)):
            return None
        level = read_level(text, model, item, language)
        if level is None:
            return None
        return _leveled(item_id, highest, level.number if isinstance(level, NoSuchLevel) else level)
    part = part_to_ask(item, held)
    edited = _read_edit(item_id, item, held, text, language, rest=part == REST)
    if edited is not None:
        return edited
    if item.kind == "checklist":
        return _read_checklist(item_id, item, held, text, language, rest=part == REST)
    if item.kind == "choice":
        return _checked(item, read_one(text, names(item), language), lambda n: _option(item_id, item, n))
    if item.kind == "signals":
        return _checked(
            item, read_parts(text, names(item), language), lambda chosen: _signals(item_id, item, chosen)
        )
    return _read_positions(item_id, item, held, part, text, language)


def _leveled(item_id: str, highest: int, level: int) -> Reading:
    if 1 <= level <= highest:
        return Answer(item_id, "level", level)
    return Refusal("unclear.number", values={"number": level, "highest": highest})


def press(item_id: str, item: Item, held: Answer | None, what: str) -> Reading:
    """The answer behind a button; None for what no button of this item says.

    '3' is a level or an option, a letter one of the ways to give none (of a later part with its number),
    'p03' the third aspect in the first of POSITIONS, 'f~1-1' and 'r~-p-' what was marked in a form.
    """
    if what[:1] in _KINDS_BY_LETTER and what[1:] in ("", *map(str, range(1, len(POSITIONS)))):
        if what[1:] != _part_number(part_to_ask(item, held)):
            return None
        return otherwise(item_id, item, held, _KINDS_BY_LETTER[what[0]])
    if item.kind == "rubric":
        number = _number(what, len(item.levels))
        return None if number is None else Answer(item_id, "level", number)
    if item.kind == "choice":
        number = _number(what, len(item.options))
        return None if number is None else _option(item_id, item, number)
    if item.kind == "positioning":
        return _press_position(item_id, item, held, what)
    form, tilde, marked = what.partition(MARKS)
    if not tilde or len(marked) != len(item.parts):
        return None
    if form == REST_FORM and item.kind == "checklist":
        if held is None or any(mark not in (*STATE_MARKS, "-") for mark in marked):
            return None
        states = {n: STATE_MARKS[mark] for n, mark in enumerate(marked, 1) if mark in STATE_MARKS}
        return _rest(item_id, item, held, states)
    if set(marked) <= {CHOSEN, "-"}:
        chosen = frozenset(n for n, mark in enumerate(marked, 1) if mark == CHOSEN)
        return _listed(item_id, item, held, chosen)
    return None


def as_pressed(item_id: str, item: Item, held: Answer | None, answer: Answer) -> str | None:
    """What a button would have to say, as of `press`, for this answer; None where none says all of it."""
    options = range(1, len(item.parts) + 1)
    listed = "".join(
        CHOSEN if answer.given.get(part.id) in ("in_place", "yes") else "-" for part in item.parts
    )
    says = [
        *KIND_LETTERS.values(),
        *(str(number) for number in range(1, max(len(item.levels), len(item.parts)) + 1)),
        *(f"p{step}{number}" for step in range(len(POSITIONS)) for number in options),
        f"{IN_PLACE_FORM}{MARKS}{listed}",
    ]
    return next((what for what in says if press(item_id, item, held, what) == answer), None)


def _number(what: str, highest: int) -> int | None:
    return int(what) if what.isascii() and what.isdigit() and 1 <= int(what) <= highest else None


def _part_number(part: str) -> str:
    """What stands behind a letter: nothing for the first part of an item, else the part's number."""
    number = POSITIONS.index(part) if part in POSITIONS else int(part == REST)
    return str(number) if number else ""


def letter(kind: AnswerKind, item: Item, held: Answer | None) -> str:
    """What the button says that gives no answer to the open part."""
    return KIND_LETTERS[kind] + _part_number(part_to_ask(item, held))


def replaces(held: Answer | None, answer: Answer, what: str) -> bool:
    """Whether a button of an earlier part would change what was said there, while a later part is open."""
    if held is None or held.kind != "given" or not what.startswith("p"):
        return False
    key = POSITIONS[int(what[1])]
    return len(held.detail) < len(POSITIONS) and held.given.get(
        key, answer.given.get(key)
    ) != answer.given.get(key)


def otherwise(item_id: str, item: Item, held: Answer | None, kind: AnswerKind) -> Answer:
    """Don't know, does not apply or skipped, of the part that is open; of the first part it is of all."""
    part = open_part(item, held)
    if held is not None and part == REST:
        rest = {"not_applicable": "not_fitting", "dont_know": "dont_know"}.get(kind, "not_yet")
        left = {key: rest if state == "not_in_place" else state for key, state in held.given.items()}
        return given(item_id, left)
    if held is not None and held.kind == "given" and part in POSITIONS:
        return given(item_id, _with_position(held.given, part, LEFT_OPEN))
    return Answer(item_id, kind)


def _checked(item: Item, found: Any, make: Any) -> Reading:
    if isinstance(found, NoSuchPart):
        return Refusal("unclear.number", values={"number": found.number, "highest": len(item.parts)})
    return None if found is None else make(found)


def _option(item_id: str, item: Item, number: int) -> Answer:
    return given(item_id, {"option": item.options[number - 1].id})


def _signals(item_id: str, item: Item, chosen: frozenset[int]) -> Answer:
    return given(item_id, {item.signals[number - 1].id: "yes" for number in chosen})


def _listed(item_id: str, item: Item, held: Answer | None, chosen: frozenset[int]) -> Answer:
    """These entries and no others; of the others what was said before still holds (`held`)."""
    if item.kind == "signals":
        return _signals(item_id, item, chosen)
    known = held.given if held is not None else {}
    states = {}
    for number, practice in enumerate(item.practices, 1):
        before = known.get(practice.id, "not_in_place")
        states[practice.id] = (
            "in_place" if number in chosen else "not_in_place" if before == "in_place" else before
        )
    return given(item_id, states)


def _read_edit(
    item_id: str, item: Item, held: Answer | None, text: str, language: str, *, rest: bool
) -> Reading:
    """What is added to a list that was answered before, or taken from it; None where nothing is.

    `rest`: what is not in place is being asked about; then only what was said to be can be taken away.
    """
    if held is None or held.kind != "given" or item.kind not in ("checklist", "signals"):
        return None
    edit = read_edit(text, names(item), language)
    if edit is None or isinstance(edit, NoSuchPart):
        return _checked(item, edit, None)
    holds = frozenset(number for number, _ in marked(item, held))
    if rest and not edit.taken <= holds:
        return None
    return _listed(item_id, item, held, (holds | edit.added) - edit.taken)


def _read_checklist(
    item_id: str, item: Item, held: Answer | None, text: str, language: str, *, rest: bool
) -> Reading:
    """`rest`: what is not in place is being asked about; else what is."""
    listed = names(item)
    if (not rest or held is None) and len(listed) == 1 and read_yes_no(text, language) is True:
        return _listed(item_id, item, held, frozenset({1}))
    if not rest or held is None:
        every = range(1, len(listed) + 1)
        states = read_states(text, listed, language, open=every, default="in_place")
        if isinstance(states, dict) and "in_place" in states.values():
            chosen = frozenset(number for number, state in states.items() if state == "in_place")
            found = _listed(item_id, item, held, chosen)
            said = {number: state for number, state in states.items() if state != "in_place"}
            return _rest(item_id, item, found, said, others=None)
        return _checked(
            item, read_parts(text, listed, language), lambda some: _listed(item_id, item, held, some)
        )
    still = [n for n, one in enumerate(item.practices, 1) if held.given.get(one.id) == "not_in_place"]
    states = read_states(text, listed, language, open=still, default=None)
    if states is None:
        numbers = read_parts(text, listed, language)
        if goes_on(text, language) or (isinstance(numbers, frozenset) and not numbers):
            states = {}
        elif isinstance(numbers, NoSuchPart):
            return Refusal("unclear.number", values={"number": numbers.number, "highest": len(listed)})
        elif numbers is not None:
            return Refusal("checklist.which_state", values={"number": still[0]})
    return _checked(item, states, lambda found: _rest(item_id, item, held, found))


def _rest(
    item_id: str, item: Item, held: Answer, states: Mapping[int, str], *, others: str | None = "not_yet"
) -> Answer:
    """What was said of the practices that are not in place; of which nothing was said gets `others`.

    None: those stay open. What is in place stays so: it was not asked about.
    """
    found = {}
    for number, practice in enumerate(item.practices, 1):
        before = held.given.get(practice.id, "not_in_place")
        if before == "in_place":
            found[practice.id] = before
        elif before == "not_in_place":
            found[practice.id] = states.get(number, others or before)
        else:
            found[practice.id] = states.get(number, before)
    return given(item_id, found)


_PARTNER = {
    "today_first": "today_second",
    "today_second": "today_first",
    "intended_first": "intended_second",
    "intended_second": "intended_first",
}


def _with_position(detail: Mapping[str, str], key: str, aspect: str) -> dict[str, str]:
    """The positions with one more; who leads on nothing is not above average on a second thing either."""
    found = {**detail, key: aspect}
    if aspect == LEFT_OPEN and key.endswith("_first"):
        found[_PARTNER[key]] = LEFT_OPEN
    return found


def _press_position(item_id: str, item: Item, held: Answer | None, what: str) -> Reading:
    """'p03' is aspect 3 for the first of POSITIONS."""
    if len(what) != 3 or what[0] != "p" or not what[1:].isdigit():
        return None
    step, number = int(what[1]), int(what[2])
    if step >= len(POSITIONS) or not 1 <= number <= len(item.options):
        return None
    return _place(item_id, item, held, POSITIONS[step], number)


def _place(item_id: str, item: Item, held: Answer | None, key: str, number: int) -> Reading:
    detail = {} if held is None or held.kind != "given" else held.given
    aspect = item.options[number - 1].id
    partner = _PARTNER.get(key)
    if partner is not None and detail.get(partner) == aspect:
        if key.endswith("_second"):
            return Refusal("positioning.same")
        detail = {name: value for name, value in detail.items() if name != partner}
    return given(item_id, _with_position(detail, key, aspect))


def _read_positions(
    item_id: str, item: Item, held: Answer | None, part: str, text: str, language: str
) -> Reading:
    found = read_positions(text, names(item), language)
    if found is None:
        number = read_number(text, language)
        if number is not None and not 1 <= number <= len(item.options):
            return Refusal("unclear.number", values={"number": number, "highest": len(item.options)})
        return None
    if found.everything:
        return Refusal(None, None if item.positioning is None else item.positioning.everything)
    if found.first is None and found.second is None:
        return None
    if found.first is not None and found.first == found.second:
        return Refusal("positioning.same")
    if found.first is None or not part.endswith("_first"):
        number = found.second if found.first is None else found.first
        if part.endswith("_first") or (found.second is not None and found.first is not None):
            return Refusal("positioning.one")
        return _place(item_id, item, held, part, number or 0)
    placed = _place(item_id, item, held, part, found.first)
    if found.second is None or not isinstance(placed, Answer):
        return placed
    return _place(item_id, item, placed, _PARTNER[part], found.second)


def choices(item: Item, held: Answer | None) -> Sequence[int]:
    """The numbers of the entries that the open part still offers."""
    part = part_to_ask(item, held)
    detail = {} if held is None else held.given
    every = range(1, len(item.parts) + 1)
    if part == REST:
        return [n for n in every if detail.get(item.parts[n - 1].id) == "not_in_place"]
    if part.endswith("_second"):
        return [n for n in every if item.parts[n - 1].id != detail.get(_PARTNER[part])]
    return every


def marked(item: Item, held: Answer | None) -> tuple[tuple[int, str], ...]:
    """What of a list was chosen before: number and mark of each entry."""
    detail = {} if held is None else held.given
    return tuple(
        (number, CHOSEN)
        for number, part in enumerate(item.parts, 1)
        if detail.get(part.id) in ("in_place", "yes")
    )
