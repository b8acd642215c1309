"""Second thoughts: which earlier answers are to change, and to what.

'Maak van de vorige toch een 4', 'the data one should be a 2', 'vraag 2 een 3 en vraag 5 een 4', 'allebei een
lager', 'I said 3 for KPIs, that is wrong'. A text becomes a row of answers that are meant and what they are
to be; our own rule throughout: what does not say so in so many words is no request, whatever it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from bot.assessment.definitions import Item, MaturityModel
from bot.understanding.exact import normalise, number_of, words
from bot.understanding.requests import is_about_target
from bot.understanding.subjects import named_items, subject_words

_LANGUAGES = ("nl", "en")
# In words: who wants something changed says so in a sentence or two.
_LONGEST = 24
_LONGEST_SLIP = 10
# In words: beyond these, the word 'answer' somewhere in a text makes no request of it.
_LONGEST_PLAIN = 14
# In letters: a shorter word of a question tells nothing of which one is meant.
_TELLING = 4
# As many answers may be meant by a word that stands in their questions.
_CHOICE = 4
# Who means an answer names one or two; a story has a word of many a question in it.
_MOST_BY_WORDS = 2
# In words: beyond these, 'allebei' and a loose word for a change are part of a story.
_LONGEST_LOOSE = 8


@dataclass(frozen=True)
class ChangeWords:
    """The words of both languages for second thoughts; see the files for what each stands for."""

    question: frozenset[str]
    questions: frozenset[str]
    number_words: frozenset[str]
    previous: frozenset[str]
    last: frozenset[str]
    both: frozenset[str]
    said: frozenset[str]
    where: frozenset[str]
    wrong: frozenset[str]
    marks_before: frozenset[str]
    marks_after: frozenset[str]
    up: frozenset[str]
    down: frozenset[str]
    fillers: frozenset[str]
    sure: frozenset[str]
    maybe: frozenset[str]
    slip_fillers: frozenset[str]
    change: frozenset[str]
    weakly: frozenset[str]
    answer: frozenset[str]
    company: frozenset[str]
    opens: frozenset[str]
    denies: frozenset[str]
    instead: frozenset[str]
    but: frozenset[str]
    and_: frozenset[str]


@cache
def change_words() -> ChangeWords:
    """The words, read once. A word of the other language does no harm here."""
    known = [words(language) for language in _LANGUAGES]
    folder = Path(__file__).parent
    files = [
        yaml.load((folder / f"{language}.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for language in _LANGUAGES
    ]

    def listed(*keys: str) -> frozenset[str]:
        return frozenset(word for file in files for key in keys for word in file[key])

    return ChangeWords(
        question=listed("question"),
        questions=listed("questions"),
        number_words=listed("number_words"),
        previous=listed("change_previous"),
        last=listed("choice_last"),
        both=listed("change_both"),
        said=listed("change_said"),
        where=listed("change_where"),
        wrong=listed("change_wrong"),
        marks_before=listed("change_marks_before"),
        marks_after=listed("change_marks_after"),
        up=listed("change_up"),
        down=listed("change_down"),
        fillers=listed("change_fillers"),
        sure=listed("slip_sure"),
        maybe=listed("slip_maybe"),
        slip_fillers=listed("slip_fillers"),
        change=listed("change"),
        weakly=listed("change_weakly"),
        answer=listed("answer"),
        company=listed("company"),
        opens=listed("request_opens"),
        denies=frozenset().union(*(one.not_this for one in known)),
        instead=listed("instead"),
        but=listed("several_but"),
        and_=listed("several_and"),
    )


@dataclass(frozen=True)
class Change:
    """One change that is asked for.

    `item_ids`: the answer that is meant, or those of which one is. `value`: the level it is to get, as it
    was said; `step`: by how many levels it is to go up (below 0: down). None and 0 where only the answer was
    named.
    """

    item_ids: tuple[str, ...]
    value: int | None = None
    step: int = 0


@dataclass(frozen=True)
class Given:
    """What was answered so far, as far as a text can speak of it.

    `order`: item ids, the one answered last at the end. `levels`: item id -> level, of those that have one.
    """

    order: tuple[str, ...] = ()
    levels: Mapping[str, int] | None = None


@dataclass(frozen=True)
class _Ref:
    """Words that name an answer: tokens `start` to `end`. `explicit`: as an answer, not as a subject."""

    start: int
    end: int
    item_ids: tuple[str, ...]
    explicit: bool
    both: bool = False


@dataclass(frozen=True)
class _Amount:
    """A level, or a number of levels up or down (`step`), at a place in the text."""

    start: int
    end: int
    value: int | None
    step: int = 0


def read_changes(
    text: str,
    model: MaturityModel,
    item_ids: Sequence[str],
    language: str,
    given: Given | None = None,
    *,
    loosely: bool = False,
) -> tuple[Change, ...]:
    """The changes that a text asks for in so many words; empty where it does not.

    `item_ids`: the items that are asked, in the order of their numbers. An item of it that has no answer yet
    may be among those found. `loosely`: it is known to be a request, and only what it names is wanted.
    """
    known = change_words()
    tokens = _tokens(text)
    if not tokens or len(tokens) > _LONGEST or any(token in known.company for token in tokens):
        return ()
    if is_about_target(text, language) or not (loosely or _speaks_of_change(tokens, known)):
        return ()
    refs, taken, corrects = _refs(tokens, model, tuple(item_ids), given or Given())
    if not refs:
        return ()
    amounts = _amounts(tokens, taken)
    if not (loosely or corrects or _plainly(text, tokens, refs, amounts, taken)):
        return ()
    return _paired(tokens, refs, amounts)


def _speaks_of_change(tokens: Sequence[str], known: ChangeWords) -> bool:
    """Whether any word could make this a request: reading names takes time."""
    telling = known.change | known.weakly | known.said | known.up | known.down | known.answer
    plain = f" {' '.join(tokens)} "
    return (
        any(token in telling or token in known.question | known.questions for token in tokens)
        or any(f" {phrase} " in plain for phrase in known.wrong | known.opens)
        or any(re.fullmatch(r"\d", token) for token in tokens)
    )


def _tokens(text: str) -> list[str]:
    """Plain words; 'vraag2' and 'q3' are two."""
    question = change_words().question
    found: list[str] = []
    for token in normalise(text).replace("-", " ").split():
        glued = re.fullmatch(r"([^\W\d]+)(\d{1,2})", token)
        found += [glued[1], glued[2]] if glued and glued[1] in question else [token]
    return found


def _number(token: str) -> int | None:
    """The number that a word is; 'een' and 'a' are articles, 'one' may stand for a thing."""
    for language in _LANGUAGES:
        known = words(language)
        if token in known.articles or token in known.stands_for:
            return None
    return next((n for code in _LANGUAGES if (n := number_of(token, words(code).numbers)) is not None), None)


def _ordinal(token: str) -> int | None:
    return next((words(code).ordinals[token] for code in _LANGUAGES if token in words(code).ordinals), None)


# --- which answers ---


def _refs(
    tokens: Sequence[str], model: MaturityModel, item_ids: tuple[str, ...], given: Given
) -> tuple[list[_Ref], set[int], bool]:
    """The answers that are named, in the order of the text, and the places of names; also of denied ones.

    The last is True where one is denied and another named instead: 'niet vraag 3 maar 4'.
    """
    known = change_words()
    refs: list[_Ref] = []
    denied: list[_Ref] = []
    place = 0
    while place < len(tokens):
        found = _numbered(tokens, place, item_ids) or _by_value(tokens, place, given, known)
        found = found or _previous(tokens, place, item_ids, given, known)
        if found is None:
            place += 1
            continue
        (denied if _is_denied(tokens, found[0].start) else refs).extend(found)
        place = found[-1].end
    taken = {at for ref in (*refs, *denied) for at in range(ref.start, ref.end)}
    others = [one for ref in denied for one in _instead(tokens, ref.end, item_ids, taken)]
    corrects = bool(denied) and (bool(others) or any(ref.start > denied[0].start for ref in refs))
    refs += others
    taken |= {at for ref in refs for at in range(ref.start, ref.end)}
    for name in named_items(tokens, model):
        if taken & set(range(name.start, name.end)) or _is_denied(tokens, name.start):
            continue
        asked = tuple(one for one in name.item_ids if one in item_ids)
        if asked and not (refs and name.weak):
            refs.append(_marked(tokens, name.start, name.end, asked, known, by_title=not name.weak))
    if not refs:
        refs = _by_words(tokens, model, item_ids, known)
    refs.sort(key=lambda ref: ref.start)
    return refs, taken | {at for ref in refs for at in range(ref.start, ref.end)}, corrects


def _numbered(tokens: Sequence[str], place: int, item_ids: tuple[str, ...]) -> list[_Ref] | None:
    """'Vraag 4', 'de vierde vraag', 'vragen 2 en 5'."""
    known = change_words()

    def ref(start: int, end: int, number: int) -> _Ref:
        return _Ref(start, end, item_ids[number - 1 : number] if number >= 1 else (), True)

    behind = place + 1
    if tokens[place] in known.questions:
        found: list[_Ref] = []
        while behind < len(tokens) and (tokens[behind] in known.and_ or _number(tokens[behind]) is not None):
            number = _number(tokens[behind])
            if number is not None:
                found.append(ref(place if not found else behind, behind + 1, number))
            behind += 1
        return found or None
    ordinal = _ordinal(tokens[place])
    if ordinal is not None and tokens[behind : behind + 1] and tokens[behind] in known.question:
        return [ref(place, behind + 1, ordinal)]
    if tokens[place] not in known.question and not _counts_questions(tokens, place):
        return None
    while behind < len(tokens) and tokens[behind] in known.number_words:
        behind += 1
    number = _number(tokens[behind]) if behind < len(tokens) else None
    if number is None or not _ends_a_name(tokens, behind + 1):
        return None
    return [ref(place, behind + 1, number)]


def _counts_questions(tokens: Sequence[str], place: int) -> bool:
    """'Make number 3 a five': 'number' stands for a question where a level is said of it."""
    known = change_words()
    if tokens[place] not in known.number_words or not any(token in known.change for token in tokens[:place]):
        return False
    near = range(place + 1, min(place + 6, len(tokens)))
    levels = [at for at in near if _number(tokens[at]) is not None or _a_one(tokens, at) is not None]
    return len(levels) > 1 and levels[0] == place + 1


def _ends_a_name(tokens: Sequence[str], place: int) -> bool:
    """Whether what follows leaves 'vraag vijf' a question: 'vraag vijf mensen' does not."""
    known = change_words()
    if place >= len(tokens):
        return True
    token = tokens[place]
    goes_on = known.fillers | known.change | known.weakly | known.said | known.answer | known.up | known.down
    goes_on |= (
        known.denies | known.but | known.and_ | known.where | subject_words().level | subject_words().to
    )
    goes_on |= {word for phrase in known.wrong | known.instead for word in phrase.split()}
    return token in goes_on or _number(token) is not None


def _instead(tokens: Sequence[str], end: int, item_ids: tuple[str, ...], taken: set[int]) -> list[_Ref]:
    """'Niet vraag 3 maar 4': behind what was denied, the number is that of another question."""
    if tokens[end : end + 1] and tokens[end] in change_words().but and end + 1 < len(tokens):
        number = _number(tokens[end + 1])
        if number is not None and end + 1 not in taken and 1 <= number <= len(item_ids):
            return [_Ref(end, end + 2, (item_ids[number - 1],), True)]
    return []


def _by_value(tokens: Sequence[str], place: int, given: Given, known: ChangeWords) -> list[_Ref] | None:
    """'Die waar ik 2 zei', 'the one where I gave a 2': those that were answered so."""
    if tokens[place] not in known.where:
        return None
    near = range(place + 1, min(place + 6, len(tokens)))
    numbers = [at for at in near if _number(tokens[at]) is not None]
    said = [at for at in near if tokens[at] in known.said]
    if not numbers or not said or given.levels is None:
        return None
    value = _number(tokens[numbers[0]])
    named = tuple(item_id for item_id in given.order if given.levels.get(item_id) == value)
    return [_Ref(place, max(numbers[0], said[0]) + 1, named, True)]


def _previous(
    tokens: Sequence[str], place: int, item_ids: tuple[str, ...], given: Given, known: ChangeWords
) -> list[_Ref] | None:
    """'De vorige', 'the last one', and 'allebei': the last answer, and the last two."""
    token = tokens[place]
    after = tokens[place + 1] if place + 1 < len(tokens) else ""
    if token in known.both:
        return [_Ref(place, place + 1, given.order[-2:], True, both=True)]
    if token not in known.previous:
        return None
    # 'De vorige keer' and 'last year' are no answers.
    named = known.question | known.answer | known.marks_after | known.change | known.weakly | known.fillers
    if after and after not in named and _number(after) is None and after not in known.up | known.down:
        return None
    end = place + 2 if after in known.question | known.answer | known.marks_after else place + 1
    if token in known.last and after in known.question and set(item_ids) <= set(given.order):
        # With none left to come, 'the last question' is the one at the end of the list.
        return [_Ref(place, end, item_ids[-1:], True)]
    return [_Ref(place, end, given.order[-1:], True)]


def _marked(
    tokens: Sequence[str],
    start: int,
    end: int,
    item_ids: tuple[str, ...],
    known: ChangeWords,
    *,
    by_title: bool = True,
) -> _Ref:
    """A title, with the words around it that make an answer of it: 'de kpi vraag', 'die van data'.

    `by_title`: not by another word of its question.
    """
    articles = subject_words().articles
    back = start
    while back > 0 and tokens[back - 1] in articles:
        back -= 1
    ahead = f" {' '.join(tokens[max(0, back - 3) : back])}"
    before = any(ahead.endswith(f" {mark}") for mark in known.marks_before)
    behind = end < len(tokens) and tokens[end] in known.marks_after
    # 'I said 3 for KPIs': of a weaker name right behind the number only.
    said = any(token in known.said for token in tokens)
    close = back > 1 and tokens[back - 1] in subject_words().behind and _number(tokens[back - 2]) is not None
    told = said and (close or (by_title and any(map(_number, tokens))))
    answer = by_title and len(tokens) <= _LONGEST_PLAIN and any(token in known.answer for token in tokens)
    explicit = before or behind or told or answer
    return _Ref(start, end + behind, item_ids, explicit)


def _by_words(
    tokens: Sequence[str], model: MaturityModel, item_ids: tuple[str, ...], known: ChangeWords
) -> list[_Ref]:
    """The items in whose title or question a telling word of the text stands ('die van dashboard')."""
    small = known.fillers | known.change | known.weakly | known.answer | known.question | known.said
    small |= known.up | known.down | known.previous | subject_words().common | subject_words().articles
    small |= (
        known.slip_fillers | known.sure | known.maybe | {word for one in known.wrong for word in one.split()}
    )
    telling = [
        (place, token)
        for place, token in enumerate(tokens)
        if token not in small
        and _number(token) is None
        and (len(token) >= _TELLING or _is_name(token, model))
    ]
    for texts in (_titles, _questions, _levels):
        found: list[_Ref] = []
        for place, token in telling:
            named = tuple(one for one in item_ids if _stands_in(token, texts(model, one)))
            if 1 <= len(named) <= _CHOICE:
                found.append(_marked(tokens, place, place + 1, named, known, by_title=False))
        if found:
            return found if len(found) <= _MOST_BY_WORDS else []
    return []


def _is_name(token: str, model: MaturityModel) -> bool:
    """Whether a short word is one of an id: 'kpi'."""
    return len(token) >= 3 and any(
        part.startswith(token) for item_id in model.item_ids() for part in re.split(r"[._]", item_id)
    )


def _titles(model: MaturityModel, item_id: str) -> set[str]:
    item: Item = model.item(item_id)[1]
    return _bag((*item.title.values(), item.id.replace("_", " ")))


def _questions(model: MaturityModel, item_id: str) -> set[str]:
    item: Item = model.item(item_id)[1]
    labels = [label for level in item.levels for label in level.label.values()]
    return _titles(model, item_id) | _bag((*item.question.values(), *labels))


def _levels(model: MaturityModel, item_id: str) -> set[str]:
    item: Item = model.item(item_id)[1]
    told = [text for level in item.levels for text in level.text.values()]
    return _bag((*item.explanation.values(), *told))


def _bag(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in normalise(text).replace("-", " ").split()}


def _stands_in(token: str, bag: set[str]) -> bool:
    """Whether a word, or the beginning of one, is there; a longer one also with a letter too many."""
    return token in bag or any(
        word.startswith(token)
        or (len(word) >= _TELLING and token.startswith(word) and len(token) - len(word) < 3)
        for word in bag
        if len(word) >= 3
    )


# --- what they are to be ---


def _amounts(tokens: Sequence[str], taken: set[int]) -> list[_Amount]:
    """The levels, and the steps up and down, that stand outside the names; none that is denied."""
    known = change_words()
    articles = subject_words().articles
    levels = subject_words().level
    found: list[_Amount] = []
    used: set[int] = set()
    for place, token in enumerate(tokens):
        direction = 1 if token in known.up else -1 if token in known.down else 0
        if place in taken or not direction:
            continue
        ahead = tokens[place + 1] if place + 1 < len(tokens) else ""
        back = place - 1
        while back >= 0 and tokens[back] in levels:
            back -= 1
        count, start, end = 1, place, place + 1
        if back >= 0 and _number(tokens[back]) is not None and back not in taken:
            count, start = _number(tokens[back]) or 1, back
        elif back >= 0 and tokens[back] in articles | _stands_for() and back not in taken:
            start = back
        elif ahead in _stands_for() or ahead in articles:
            end = place + 2
        used |= set(range(start, end))
        found.append(_Amount(start, end, None, direction * count))
    for place, token in enumerate(tokens):
        value = _number(token)
        if value is None:
            value = _a_one(tokens, place)
        if value is None or place in taken or place in used or _is_denied(tokens, place):
            continue
        behind = tokens[place + 1] if place + 1 < len(tokens) else ""
        if behind not in subject_words().units:
            found.append(_Amount(place, place + 1, value))
    # 'Een omhoog naar 4': the level says it all.
    if any(one.value is not None for one in found) and len({one.step for one in found if one.step}) == 1:
        found = [one for one in found if one.value is not None or _stands_alone(one, found)]
    return sorted(found, key=lambda one: one.start)


def _a_one(tokens: Sequence[str], place: int) -> int | None:
    """The number of a word that may also stand for a thing, behind an article: 'make it a one'."""
    for language in _LANGUAGES:
        known = words(language)
        if place and tokens[place] in known.stands_for and tokens[place - 1] in known.articles:
            return known.numbers.get(tokens[place])
    return None


def _stands_alone(step: _Amount, amounts: Sequence[_Amount]) -> bool:
    """Whether no level comes right behind a step."""
    return not any(one.value is not None and 0 <= one.start - step.end <= 2 for one in amounts)


@cache
def _stands_for() -> frozenset[str]:
    return frozenset().union(*(words(language).stands_for for language in _LANGUAGES))


def _is_denied(tokens: Sequence[str], place: int) -> bool:
    """Whether the words before a place say that it is not this one: 'niet vraag 3', 'ipv 2'."""
    known = change_words()
    back = place - 1
    while back >= 0 and tokens[back] in subject_words().articles:
        back -= 1
    ahead = f" {' '.join(tokens[max(0, back - 2) : back + 1])}"
    return any(ahead.endswith(f" {one}") for one in known.denies | known.instead)


# --- whether it is a request, and what belongs to what ---


def _plainly(
    text: str, tokens: Sequence[str], refs: Sequence[_Ref], amounts: Sequence[_Amount], taken: set[int]
) -> bool:
    """Whether this can only be about answers that were given. A title alone is an ordinary word."""
    known = change_words()
    plain = f" {' '.join(tokens)} "
    strong = any(token in known.change for token in tokens)
    opened = any(plain.startswith(f" {phrase} ") for phrase in known.opens) or tokens[0] in known.change
    if "?" in text and not (strong and opened):
        return False
    asked = strong and opened
    if not all(ref.explicit for ref in refs):
        return asked and (bool(amounts) or any(token in known.answer for token in tokens))
    wrong = any(f" {phrase} " in plain for phrase in known.wrong)
    weak = any(token in known.weakly for token in tokens) and bool(amounts)
    if any(ref.both for ref in refs) and len(tokens) > _LONGEST_LOOSE:
        weak = False
    said_so = any(token in known.said for token in tokens) and bool(amounts)
    if strong or wrong or weak or (said_so and len(refs) == 1 and len(amounts) > 1):
        return True
    used = taken | {at for one in amounts for at in range(one.start, one.end)}
    rest = [token for at, token in enumerate(tokens) if at not in used]
    small = known.fillers | known.marks_after | {word for mark in known.marks_before for word in mark.split()}
    return bool(amounts) and all(token in small for token in rest)


def _paired(tokens: Sequence[str], refs: Sequence[_Ref], amounts: Sequence[_Amount]) -> tuple[Change, ...]:
    """Each answer with what it is to be: what stands behind it, or before it where the text begins so."""
    known = change_words()
    plain = f" {' '.join(tokens)} "
    steps = [one for one in amounts if one.step]
    levels = [one for one in amounts if not one.step]
    wrong = any(f" {phrase} " in plain for phrase in known.wrong)
    if wrong and len(levels) == 1 and any(token in known.said for token in tokens):
        # 'I said 3 for KPIs, that is wrong': what it was.
        levels = []
    chosen: list[Change] = []
    groups = [[ref] for ref in refs]
    ahead = bool(amounts) and amounts[0].start < refs[0].start and amounts[-1].start < refs[-1].start
    for place, group in enumerate(groups):
        (ref,) = group
        if len(refs) == 1:
            mine = [*levels, *steps]
        elif ahead:
            before = refs[place - 1].end if place else 0
            mine = [one for one in amounts if before <= one.start < ref.start]
        else:
            until = refs[place + 1].start if place + 1 < len(refs) else len(tokens)
            mine = [one for one in amounts if ref.start < one.start < until]
        wanted = mine[-1] if mine else None
        items = [(one,) for one in ref.item_ids] if ref.both else [ref.item_ids]
        chosen += [Change(one, wanted.value, wanted.step) if wanted else Change(one) for one in items]
    if not ahead and len(chosen) > 1:
        # 'Vraag 2 en 5 naar een 4': what is said behind the last holds for those before it.
        for place in range(len(chosen) - 2, -1, -1):
            later = chosen[place + 1]
            if chosen[place].value is None and not chosen[place].step:
                chosen[place] = Change(chosen[place].item_ids, later.value, later.step)
    return tuple(chosen)


# --- a slip of the hand ---


@dataclass(frozen=True)
class Slip:
    """A level that was meant instead of the one just given; `sure`: it is said to have been a slip."""

    value: int
    sure: bool


def read_slip(text: str) -> Slip | None:
    """'Sorry typo, 4', 'ik bedoelde 2', 'nee wacht, 3': nothing but a level that another one is to be."""
    known = change_words()
    tokens = normalise(text).replace("-", " ").split()
    if not tokens or len(tokens) > _LONGEST_SLIP or "?" in text:
        return None
    plain = f" {' '.join(tokens)} "
    phrases = [one for one in known.sure | known.maybe if f" {one} " in plain]
    sure = any(one in known.sure for one in phrases)
    if not phrases:
        return None
    small = known.slip_fillers | {word for one in phrases for word in one.split()}
    values: list[int] = []
    for place, token in enumerate(tokens):
        value = _number(token)
        if value is not None and not _denied_level(tokens, place):
            values.append(value)
        elif value is None and token not in small:
            return None
    return Slip(values[0], sure) if len(values) == 1 else None


def _denied_level(tokens: Sequence[str], place: int) -> bool:
    """'Niet 3' within a slip; 'nee' and 'no' deny what was said before, not what follows."""
    known = change_words()
    back = place - 1
    while back >= 0 and tokens[back] in subject_words().articles:
        back -= 1
    ahead = f" {' '.join(tokens[max(0, back - 2) : back + 1])}"
    denies = known.denies - known.maybe
    return any(ahead.endswith(f" {one}") for one in denies | known.instead)
