"""Exact meanings: a digit, a number word, a label or a level name, yes or no, as the whole message."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import yaml

from bot.assessment.definitions import Item, MaturityModel


@dataclass(frozen=True)
class Words:
    """One language's exact words. `numbers`: word -> number; the rest as in the file."""

    numbers: Mapping[str, int]
    ordinals: Mapping[str, int]
    before_ordinal: frozenset[str]
    romans: Mapping[str, int]
    letters: Mapping[str, int]
    letter_fillers: frozenset[str]
    highest: frozenset[str]
    lowest: frozenset[str]
    last: frozenset[str]
    last_but_one: frozenset[str]
    middle: frozenset[str]
    place_fillers: frozenset[str]
    asides: frozenset[str]
    out_of: frozenset[str]
    half: frozenset[str]
    half_endings: frozenset[str]
    halves: Mapping[str, int]
    next_one: frozenset[str]
    next_fillers: frozenset[str]
    but: frozenset[str]
    either: frozenset[str]
    stands_for: frozenset[str]
    thumbs_up: frozenset[str]
    thumbs_down: frozenset[str]
    huh: frozenset[str]
    erase_words: frozenset[str]
    erase_all: frozenset[str]
    erase_hints: frozenset[str]
    orders_us: frozenset[str]
    everywhere_fillers: frozenset[str]
    everywhere: frozenset[str]
    none_of_these: frozenset[str]
    all_of_these: frozenset[str]
    certain: frozenset[str]
    certain_fillers: frozenset[str]
    certain_phrases: Mapping[str, frozenset[str]]
    certain_words: Mapping[str, frozenset[str]]
    certain_opens: Mapping[str, frozenset[str]]
    before: frozenset[str]
    after: frozenset[str]
    yes: frozenset[str]
    no: frozenset[str]
    opens_yes: frozenset[str]
    opens_no: frozenset[str]
    languages: Mapping[str, frozenset[str]]
    articles: frozenset[str]
    question: frozenset[str]
    change: frozenset[str]
    change_weakly: frozenset[str]
    number_words: frozenset[str]
    request_opens: frozenset[str]
    answer: frozenset[str]
    company: frozenset[str]
    not_this: frozenset[str]
    instead: frozenset[str]
    not_only: frozenset[str]
    begins: frozenset[str]
    compare: frozenset[str]
    between: frozenset[str]
    not_numbers: frozenset[str]
    short_names: frozenset[str]
    asks: frozenset[str]
    wavers: frozenset[str]
    contact: frozenset[str]
    remove: frozenset[str]
    rounds: frozenset[str]
    targets: frozenset[str]
    arrives: frozenset[str]
    moves: frozenset[str]
    places: Mapping[str, frozenset[str]]
    hellos: frozenset[str]
    annoyed: frozenset[str]
    annoyed_signs: frozenset[str]
    sees: frozenset[str]
    links: frozenset[str]
    same_again: frozenset[str]
    depths: Mapping[str, frozenset[str]]
    depth_fillers: frozenset[str]
    goes_on: frozenset[str]
    reminders: frozenset[str]
    option_takes: frozenset[str]
    segment_names: Mapping[str, frozenset[str]]
    segments: Mapping[str, Mapping[str, frozenset[str]]]
    segment_endings: Mapping[str, Mapping[str, tuple[str, ...]]]
    segment_beginnings: Mapping[str, Mapping[str, tuple[str, ...]]]
    i_am: frozenset[str]


@cache
def words(language: str) -> Words:
    """The words of a language, read once. Raises FileNotFoundError for a language without a file."""
    path = Path(__file__).parent / f"{language}.yml"
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return Words(
        numbers={word: number for number, all_words in data["numbers"].items() for word in all_words},
        ordinals={word: number for number, all_words in data["ordinals"].items() for word in all_words},
        before_ordinal=frozenset(data["before_ordinal"]),
        romans={word: number for number, all_words in data["romans"].items() for word in all_words},
        letters={letter: number for number, letter in enumerate(data["letters"], start=1)},
        letter_fillers=frozenset(data["letter_fillers"]),
        highest=frozenset(data["choice_highest"]),
        lowest=frozenset(data["choice_lowest"]),
        last=frozenset(data["choice_last"]),
        last_but_one=frozenset(data["choice_last_but_one"]),
        middle=frozenset(data["choice_middle"]),
        place_fillers=frozenset(data["choice_fillers"]),
        asides=frozenset(data["asides"]),
        out_of=frozenset(data["out_of"]),
        half=frozenset(data["half"]),
        half_endings=frozenset(data["half_endings"]),
        halves={word: number for number, all_words in data["halves"].items() for word in all_words},
        next_one=frozenset(data["next_one"]),
        next_fillers=frozenset(data["next_fillers"]),
        but=frozenset(data["several_but"]),
        either=frozenset(data["several_or"]),
        stands_for=frozenset(data["stands_for"]),
        thumbs_up=frozenset(data["thumbs_up"]),
        thumbs_down=frozenset(data["thumbs_down"]),
        huh=frozenset(data["huh"]),
        erase_words=frozenset(data["erase_words"]),
        erase_all=frozenset(data["erase_all"]),
        erase_hints=frozenset(data["erase_hints"]),
        orders_us=frozenset(data["orders_us"]),
        everywhere_fillers=frozenset(data["everywhere_fillers"]),
        everywhere=frozenset(data["everywhere"]),
        none_of_these=frozenset(data["none_of_these"]),
        all_of_these=frozenset(data["all_of_these"]),
        certain=frozenset(data["certain"]),
        certain_fillers=frozenset(data["certain_fillers"]),
        certain_phrases={asked: frozenset(listed) for asked, listed in data["certain_phrases"].items()},
        certain_words={asked: frozenset(all_words) for asked, all_words in data["certain_words"].items()},
        certain_opens={asked: frozenset(all_words) for asked, all_words in data["certain_opens"].items()},
        before=frozenset(data["before"]),
        after=frozenset(data["after"]),
        yes=frozenset(data["affirm"]),
        no=frozenset(data["deny"]),
        opens_yes=frozenset(data["affirm_opens"]),
        opens_no=frozenset(data["deny_opens"]),
        languages={code: frozenset(names) for code, names in data["languages"].items()},
        articles=frozenset(data["articles"]),
        question=frozenset(data["question"]),
        change=frozenset(data["change"]),
        change_weakly=frozenset(data["change_weakly"]),
        number_words=frozenset(data["number_words"]),
        request_opens=frozenset(data["request_opens"]),
        answer=frozenset(data["answer"]),
        company=frozenset(data["company"]),
        not_this=frozenset(data["not_this"]),
        instead=frozenset(data["instead"]),
        not_only=frozenset(data["not_only"]),
        begins=frozenset(data["begins"]),
        compare=frozenset(data["compare"]),
        between=frozenset(data["between"]),
        not_numbers=frozenset(data["not_numbers"]),
        short_names=frozenset(data["short_names"]),
        asks=frozenset(data["asks"]),
        wavers=frozenset(data["wavers"]),
        contact=frozenset(data["contact"]),
        remove=frozenset(data["remove"]),
        rounds=frozenset(data["rounds"]),
        targets=frozenset(data["targets"]),
        arrives=frozenset(data["arrives"]),
        moves=frozenset(data["moves"]),
        places={channel: frozenset(names) for channel, names in data["places"].items()},
        hellos=frozenset(data["hellos"]),
        annoyed=frozenset(data["annoyed"]),
        annoyed_signs=frozenset(data["annoyed_signs"]),
        sees=frozenset(data["sees"]),
        links=frozenset(data["links"]),
        same_again=frozenset(data["same_again"]),
        depth_fillers=frozenset(data["depth_fillers"]),
        goes_on=frozenset(data["goes_on"]),
        reminders=frozenset(data["reminders"]),
        depths={depth: frozenset(listed) for depth, listed in data["depths"].items()},
        option_takes=frozenset(data["option_takes"]),
        segment_names={name: frozenset(all_words) for name, all_words in data["segment_names"].items()},
        segments={
            name: {option: frozenset(all_words) for option, all_words in options.items()}
            for name, options in data["segments"].items()
        },
        segment_endings=_parts_of_words(data["segment_endings"]),
        segment_beginnings=_parts_of_words(data["segment_beginnings"]),
        i_am=frozenset(data["i_am"]),
    )


def _parts_of_words(data: Mapping[str, Mapping[str, list[str]]]) -> dict[str, dict[str, tuple[str, ...]]]:
    return {
        name: {option: tuple(parts) for option, parts in options.items()} for name, options in data.items()
    }


def normalise(text: str) -> str:
    """Lower case, accents and punctuation gone, one space between words ('Eén!' -> 'een')."""
    # Twice: some letters have a lower case only once they are plain, others are plain only in lower case.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.sub(r"['’`]", "", letters).translate(_TO_SPACE).split())


class _Punctuation(dict[int, str]):
    """str.translate table: everything but letters, digits and signs of a number becomes a space."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = character if character.isalnum() or character == "-" else " "
        return self[code]


_TO_SPACE = _Punctuation()


@dataclass(frozen=True)
class NoSuchLevel:
    """A number was given, but the item has no such level."""

    number: int


def read_level(text: str, model: MaturityModel, item: Item, language: str) -> int | NoSuchLevel | None:
    """The level that the message names exactly, or None when it says something else.

    Understands a digit, a number word or an ordinal (with words around it that change nothing), the
    short label (also within a short sentence), the full wording, the button's title and the model's own level
    name, in each language of the model; `language` is tried first. A decimal or a minus sign makes it no
    exact answer.
    """
    plain = normalise(text)
    if not plain:
        return None
    for code in _in_order(language, model.languages):
        for level in item.levels:
            label = normalise(level.label[code])
            if plain in (label, normalise(level.text[code]), f"{level.value} {label}"):
                return level.value
        for staged in model.levels:
            if plain == normalise(staged.name[code]):
                return staged.value
    number = read_number(text, language, model.languages, count=len(item.levels), levels=True)
    if number is None:
        number = _number_ahead(text)
    if number is None:
        number = _number_behind(text, language, item, model.languages)
    if number is None:
        return _label_within(text, item, language, model.languages)
    return number if 1 <= number <= len(item.levels) else NoSuchLevel(number)


# '2 - there was a presentation once', '3: een visie en een plan': an answer, and why.
_NUMBER_AHEAD = re.compile(r"^\s*(\d)\s*(?:[-–—:;)=]\s*|[.,]\s+)(?=[^\W\d])")


# '1) shorter waits 2) the same nurse': a list.
_LISTED = re.compile(r"(?<!\w)\d\s*[).:]")


def _number_ahead(text: str) -> int | None:
    """The digit that a text begins with, where a sign sets it apart from the words behind it."""
    if "?" in text:
        return None
    found = _NUMBER_AHEAD.match(text)
    if found is not None and _LISTED.search(text[found.end() :]):
        return None
    return _number_and_why(text) if found is None else int(found[1])


# In words. What stands before the comma is a number with little around it.
_LONGEST_AHEAD = 6


def _number_and_why(text: str) -> int | None:
    """'3 then, dashboards', 'doe maar een 2, we hebben niets': a number, a comma and no number."""
    ahead, _, behind = text.partition(",")
    tokens = without_asides(normalise(ahead).replace("-", " ").split())
    known = [words(code) for code in ("nl", "en")]
    if _NOT_JUST_A_NUMBER.search(text) or len(tokens) > _LONGEST_AHEAD or not normalise(behind):
        return None
    if any(number_of(word, one.numbers) for word in normalise(behind).split() for one in known):
        return None
    numbers = [word for word in tokens if word.isascii() and word.isdigit()]
    small = frozenset[str]().union(*(one.before | one.after | one.articles for one in known))
    alone = len(numbers) == 1 and all(word in small for word in tokens if word not in numbers)
    return int(numbers[0]) if alone and len(numbers[0]) == 1 else None


_SENTENCE_END = re.compile(r"(?<=[.!;…])\s+")
# In words. What stands before a number in a sentence of its own is no more than an aside.
_LONGEST_ASIDE = 9


def _number_behind(text: str, language: str, item: Item, languages: tuple[str, ...]) -> int | None:
    """'Sorry, ik praat te veel. Een 2 dus': a level in a last sentence of its own, behind an aside.

    None where what stands before it has a number in it or may be about another question or answer.
    """
    *aside, last = _SENTENCE_END.split(text.strip())
    before = normalise(" ".join(aside)).split()
    if not before or len(before) > _LONGEST_ASIDE or "?" in text:
        return None
    for code in languages:
        known = words(code)
        other = known.question | known.answer | known.change | known.change_weakly
        if any(token in other or number_of(token, known.numbers) is not None for token in before):
            return None
    number = read_number(last, language, languages, count=len(item.levels), levels=True)
    return number if number is not None and 1 <= number <= len(item.levels) else None


# Beyond so many words around a label, the text tells a story: then the label may stand for its opposite.
_WORDS_AROUND = 5


def _label_within(text: str, item: Item, language: str, languages: tuple[str, ...]) -> int | None:
    """The one level whose label stands in a short sentence ('rommelig bestand dus'); None for a denial."""
    named = set(levels_by_label(text, item, languages))
    if len(named) != 1 or is_question(text, languages):
        return None
    (value,) = named
    tokens = normalise(text).replace("-", " ").split()
    for code in _in_order(language, languages):
        label = normalise(item.level(value).label[code]).replace("-", " ").split()
        if _place(tokens, label) is not None:
            start = _place(tokens, label) or 0
            others = tokens[:start] + tokens[start + len(label) :]
            denials = [words(one).not_this | words(one).opens_no for one in languages]
            denied = any(word in denial for word in others for denial in denials)
            return None if denied or len(others) > _WORDS_AROUND else value
    return None


# In letters: a shorter word, or beginning of one, may mean anything.
_TELLING = 5


def read_beginning(text: str, item: Item, languages: tuple[str, ...]) -> int | None:
    """The one level whose label begins with a short text, or has it as a word of its own ('rommelig').

    Not sure enough to be taken, good enough to be proposed. None for a question, for a denial, and for more
    than three words.
    """
    tokens = normalise(text).replace("-", " ").split()
    plain = " ".join(tokens)
    denials = frozenset[str]().union(*(words(one).not_this | words(one).opens_no for one in languages))
    if len(tokens) > 3 or len(plain) < _TELLING or is_question(text, languages) or denials & set(tokens):
        return None
    found = set()
    for level in item.levels:
        for code in languages:
            label = normalise(level.label[code]).replace("-", " ")
            telling = {word for word in label.split() if len(word) >= _TELLING}
            if label.startswith(plain) or telling & set(tokens):
                found.add(level.value)
    return found.pop() if len(found) == 1 else None


# In words. A longer text tells what is not so of something else.
_LONGEST_DENIAL = 10


def denies(text: str, languages: tuple[str, ...] = ("nl", "en")) -> bool:
    """Whether a short text says that something is not so: 'it is not every contact'."""
    tokens = normalise(text).split()
    denials = frozenset[str]().union(*(words(one).not_this for one in languages))
    return len(tokens) <= _LONGEST_DENIAL and any(token in denials for token in tokens)


def is_short_name(word: str, languages: tuple[str, ...] = ("nl", "en")) -> bool:
    """Whether a maturity model is known by this word, short as it is ('crm')."""
    return any(word in words(code).short_names for code in languages)


def is_question(text: str, languages: tuple[str, ...] = ("nl", "en")) -> bool:
    """Whether a text asks something: by its sign, or by the word it opens with ('wat is een routekaart')."""
    first = normalise(text).partition(" ")[0]
    return "?" in text or any(first in words(code).asks for code in languages)


def asks_which(text: str, languages: tuple[str, ...] = ("nl", "en")) -> bool:
    """Whether a word that asks stands anywhere in a text ('geen idee welke van de twee')."""
    return any(token in words(code).asks for code in languages for token in normalise(text).split())


def levels_by_label(text: str, item: Item, languages: tuple[str, ...]) -> list[int]:
    """The levels whose label (of two words or more) stands in the text, in the order in which they do."""
    tokens = normalise(text).replace("-", " ").split()
    places: dict[int, int] = {}
    for level in item.levels:
        for code in languages:
            label = normalise(level.label[code]).replace("-", " ").split()
            place = _place(tokens, label)
            if place is not None and len(label) > 1:
                places[level.value] = min(place, places.get(level.value, place))
    return sorted(places, key=lambda value: places[value])


def _place(tokens: list[str], part: list[str]) -> int | None:
    """Where a part begins within tokens; None when it is not there as a whole."""
    for place in range(len(tokens) - len(part) + 1):
        if part and tokens[place : place + len(part)] == part:
            return place
    return None


def read_number(
    text: str,
    language: str,
    languages: tuple[str, ...] = ("nl", "en"),
    *,
    count: int | None = None,
    levels: bool = False,
) -> int | None:
    """The one whole number that the message is about ('4', 'de tweede', 'doe maar 3', 'option b'), or None.

    `count`: how many numbered options there are; then 'de laatste', 'the middle one' and '4 van de 5' are
    understood too. `levels`: the options go up, so 'de hoogste' and 'min' name one of them.
    """
    bare = without_markup(text)
    if _NOT_JUST_A_NUMBER.search(bare):
        return None
    plain = normalise(bare).replace("-", " ")
    number = _read_number(plain, language, languages, count, levels=levels)
    without = " ".join(without_asides(plain.split()))
    if number is None and without not in ("", plain):
        number = _read_number(without, language, languages, count, levels=levels)
    return number


@cache
def _asides() -> tuple[list[str], ...]:
    """The words of each aside of every language, the longest first."""
    listed = {phrase for code in ("nl", "en") for phrase in words(code).asides}
    return tuple(sorted((phrase.split() for phrase in listed), key=len, reverse=True))


def without_asides(tokens: list[str]) -> list[str]:
    """The words without what only says how they are meant: 'to be fair', 'in grote lijnen'."""
    left: list[str] = []
    place = 0
    while place < len(tokens):
        aside = next((one for one in _asides() if tokens[place : place + len(one)] == one), None)
        if aside is None:
            left.append(tokens[place])
        place += 1 if aside is None else len(aside)
    return left


def _read_number(
    plain: str, language: str, languages: tuple[str, ...], count: int | None, *, levels: bool
) -> int | None:
    for code in _in_order(language, languages):
        known = words(code)
        tokens = _not_that_but(plain.split(), known)
        number = _number(tokens, known)
        if number is None:
            number = _letter(tokens, known, count)
        if number is None and count is not None:
            number = _placed(tokens, known, count, levels=levels)
        if number is not None:
            return number
    return next(
        (
            number
            for code in _in_order(language, languages)
            if (number := _number(plain.split(), _mixed(code, languages))) is not None
        ),
        None,
    )


@cache
def _mixed(language: str, languages: tuple[str, ...]) -> Words:
    """One language's numbers, with every language's words around them: 'doe maar a 3'."""
    known = [words(code) for code in languages]
    return replace(
        words(language),
        before=frozenset().union(*(one.before for one in known)),
        after=frozenset().union(*(one.after for one in known)),
    )


# A range, a fraction, a sign, a comparison, a percentage: it has a number in it, but is none.
_NOT_JUST_A_NUMBER = re.compile(r"^\s*/|\d\s*[.,:/-]\s*\d|[-<>≤≥~±]\s*\d|\d\s*[%+<>]|\d\s*-\s*$|\d\s*[½¼¾]")
# '<b>3</b>', '**4**', '`2`', '_3_'.
_TAG = re.compile(r"</?(?:b|i|u|s|em|strong|mark|code|pre|p|br|div|span|h[1-6])\b[^<>]{0,60}>", re.IGNORECASE)
_MARKS = re.compile(r"[*_`~#]+")


def without_markup(text: str) -> str:
    """The text without tags and signs that only say how it is to look ('<b>3</b>', '**4**')."""
    return _MARKS.sub(" ", _TAG.sub("", text)) if _TAG.search(text) or _MARKS.search(text) else text


# In letters: from so many times the same one on, somebody leaned on the key ('drieeee').
_LEANED = re.compile(r"(.)\1{2,}")
# Longer numbers are years and the like.
_LONGEST_NUMBER = 3


def number_of(token: str, numbers: Mapping[str, int]) -> int | None:
    """The number that a word is, in digits or letters, also where a letter was held down ('drieeee')."""
    if token.isascii() and token.isdigit():
        return int(token) if len(token) <= _LONGEST_NUMBER else None
    for form in (token, _LEANED.sub(r"\1", token), _LEANED.sub(r"\1\1", token)):
        if form in numbers:
            return numbers[form]
    return None


def _number(tokens: list[str], known: Words) -> int | None:
    if len(tokens) > 6:
        return None
    for place, token in enumerate(tokens):
        number, before = number_of(token, known.numbers), known.before
        if number is None:
            number = known.romans.get(token)
        if number is None:
            number, before = known.ordinals.get(token), known.before_ordinal
        if number is None:
            continue
        ahead, behind = tokens[:place], tokens[place + 1 :]
        if all(t in before for t in ahead) and all(t in known.after for t in behind):
            return number
    return None


def _not_that_but(tokens: list[str], known: Words) -> list[str]:
    """'Niet 3 maar 4' without what is denied: '4'."""
    for place, token in enumerate(tokens):
        denied = [word for word in tokens[:place] if word in known.not_this or word in known.opens_no]
        if token in known.but and denied and place <= 4 and tokens[0] in (*known.not_this, *known.opens_no):
            numbers = [word for word in tokens[:place] if number_of(word, known.numbers) is not None]
            others = set(tokens[:place]) - set(denied) - set(numbers)
            if numbers and others <= known.before | known.articles:
                return tokens[place + 1 :]
    return tokens


def _letter(tokens: list[str], known: Words, count: int | None) -> int | None:
    """'b', 'option b' and 'c)': the second and the third, where there are so many."""
    letters = [token for token in tokens if token in known.letters]
    others = [token for token in tokens if token not in known.letters]
    if len(letters) == 2 and letters[0] in known.articles:
        letters = letters[1:]  # 'a b'
    if len(letters) != 1 or not all(token in known.letter_fillers for token in others):
        return None
    number = known.letters[letters[0]]
    return number if count is None or number <= count else None


def _placed(tokens: list[str], known: Words, count: int, *, levels: bool) -> int | None:
    """Of so many numbered options the one at a named place: 'de laatste', 'max', '4 van de 5'."""
    if len(tokens) > 7:
        return None
    phrase = " ".join(token for token in tokens if token not in known.place_fillers)
    places = {
        count: known.last | (known.highest if levels else frozenset()),
        count - 1: known.last_but_one,
        1: known.lowest if levels else frozenset(),
    }
    if count % 2:
        places[(count + 1) // 2] = places.get((count + 1) // 2, frozenset()) | known.middle
    found = [place for place, named in places.items() if phrase in named]
    if found:
        return found[0] if found[0] >= 1 else None
    # '4 van de 5': behind the number only how many there are.
    for place in range(1, len(tokens) - 1):
        behind = tokens[place:]
        whole = number_of(behind[-1], known.numbers)
        if whole == count and " ".join(behind[:-1]) in known.out_of:
            return _number(tokens[:place], known)
    return None


def confirms(text: str, asked: str, language: str, languages: tuple[str, ...] = ("nl", "en")) -> bool:
    """Whether this is a yes in so many words to what was asked ('consent', 'erase', 'start_over').

    A yes alone, or one with none but words of the question behind it: 'ja, wis alles', but not 'ja bewaren',
    'goed' or 'ja?'. Doubt means no: these are the answers that cannot be taken back.
    """
    if "?" in text:
        return False
    plain = normalise(text)
    for code in _in_order(language, languages):
        known = words(code)
        if plain in known.certain or plain in known.certain_phrases[asked]:
            return True
        first, *others = plain.split() or [""]
        opens = known.opens_yes | known.certain_opens.get(asked, frozenset())
        if first in opens and all(
            word in known.certain_fillers or word in known.certain_words[asked] for word in others
        ):
            return True
    return False


def read_yes_no(text: str, language: str, languages: tuple[str, ...] = ("nl", "en")) -> bool | None:
    """True for a plain yes, False for a plain no, None for anything else, such as 'akkoord?'."""
    known = [(words(code).yes, words(code).no) for code in _in_order(language, languages)]
    if not normalise(text) and text.strip():
        return _thumb(text, languages)
    return None if "?" in text else _side(normalise(text), known)


# What makes a sign look another way: variation selectors, colours of the skin.
_LOOKS = re.compile("[\ufe0e\ufe0f\u200d♀♂\U0001f3fb-\U0001f3ff]")


def _thumb(text: str, languages: tuple[str, ...]) -> bool | None:
    """True where a message is nothing but thumbs up, False for thumbs down."""
    signs = set(_LOOKS.sub("", "".join(text.split())))
    up = {_LOOKS.sub("", sign) for code in languages for sign in words(code).thumbs_up}
    down = {_LOOKS.sub("", sign) for code in languages for sign in words(code).thumbs_down}
    if not signs or not (signs <= up or signs <= down):
        return None
    return signs <= up


def opens_yes_no(text: str, language: str, languages: tuple[str, ...] = ("nl", "en")) -> bool | None:
    """True for what begins with a yes ('ja, wis alles'), False with a no; None for neither or a question."""
    known = [(words(code).opens_yes, words(code).opens_no) for code in _in_order(language, languages)]
    return None if "?" in text else _side(normalise(text).partition(" ")[0], known)


def _side(said: str, known: list[tuple[frozenset[str], frozenset[str]]]) -> bool | None:
    for yes, no in known:
        if said in yes:
            return True
        if said in no:
            return False
    return None


def read_language(text: str, languages: tuple[str, ...] = ("nl", "en")) -> str | None:
    """The language that a message names ('in het Engels graag' -> 'en'); None for none or more than one."""
    tokens = set(normalise(text).split())
    named = {
        code for spoken in languages for code, names in words(spoken).languages.items() if names & tokens
    }
    return named.pop() if len(named) == 1 else None


def _in_order(first: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    return (first, *(code for code in languages if code != first))
