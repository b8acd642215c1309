"""What a request names: an earlier question, levels to compare, an option, a way to be reached."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.assessment.definitions import Item, MaturityModel
from bot.assessment.segments import SEGMENTS
from bot.understanding.exact import Words, is_question, levels_by_label, normalise, read_number, words
from bot.understanding.settled import behind_correction

_LANGUAGES = ("nl", "en")


@dataclass(frozen=True)
class ChangeRequest:
    """Which answers a request to change is about, and the level that they are to get, if it names one.

    `plain`: it says in so many words that something is to be changed, and what. `about_target`: that
    this is a target; then it is no answer.
    """

    item_ids: tuple[str, ...]
    segment: str | None
    value: int | None
    plain: bool
    about_target: bool = False


def read_change(text: str, model: MaturityModel, item_ids: Iterable[str], language: str) -> ChangeRequest:
    """What of a request to change can be read: 'maak van vraag 2 een 4', 'mijn antwoord bij visie'.

    `item_ids`: the items in question, in the order of their numbers. A question is named by its number
    ('vraag 2', 'de tweede vraag'), by its title, or by the title of its dimension, which names them all.
    """
    known = tuple(item_ids)
    tokens = normalise(text).replace("-", " ").split()
    found = [words(code) for code in _in_order(language)]
    rest, numbered = _question_number(tokens, found)
    chosen: tuple[str, ...] = ()
    if numbered is not None:
        chosen = known[numbered - 1 : numbered] if numbered >= 1 else ()
    else:
        rest, chosen = _by_title(rest, model, known)
    segment = None if chosen else _segment(rest, found)
    value = None if segment else _last_number(rest, found)
    numbers = numbered is not None
    about_target = not numbers and _is_about_target(tokens, found)
    plain = (
        bool(chosen)
        and not about_target
        and _asks_plainly(tokens, found, numbered=numbers, asked="?" in text)
    )
    return ChangeRequest(chosen, segment, value, plain, about_target)


def is_about_target(text: str, language: str) -> bool:
    """Whether this asks to change a level to get to, and no answer."""
    tokens = normalise(text).replace("-", " ").split()
    return bool(tokens) and _is_about_target(tokens, [words(code) for code in _in_order(language)])


def _is_about_target(tokens: list[str], known: list[Words]) -> bool:
    """Whether this asks to change a target: it is named, and no answer or question is."""

    def any_of(kind: str) -> bool:
        return any(token in getattr(one, kind) for one in known for token in tokens)

    if not any_of("targets") or any_of("answer") or any_of("question") or len(tokens) > 14:
        return False
    opened = any(
        " ".join(tokens[:size]) in one.request_opens or tokens[0] in one.change
        for one in known
        for size in (1, 2)
    )
    return opened and any_of("change")


def _asks_plainly(tokens: list[str], known: list[Words], *, numbered: bool, asked: bool) -> bool:
    """Whether this can only be a request. A title is an ordinary word: 'onze visie moet anders' is none."""

    def any_of(kind: str) -> bool:
        return any(token in getattr(one, kind) for one in known for token in tokens)

    strong = any_of("change")
    if numbered:
        return len(tokens) <= 14 and (strong or (any_of("change_weakly") and len(tokens) <= 8 and not asked))
    if not (strong or (any_of("answer") and any_of("change_weakly"))) or any_of("company"):
        return False
    opened = any(tokens[0] in one.change for one in known) or any(
        " ".join(tokens[:size]) in one.request_opens for one in known for size in (1, 2)
    )
    return len(tokens) <= 14 and (opened or any_of("answer"))


def read_levels(text: str, item: Item, language: str) -> tuple[int, ...]:
    """The levels of an item that a text names, by label or else by number, as they come; no doubles."""
    labelled = levels_by_label(text, item, _LANGUAGES)
    if labelled:
        return tuple(labelled)
    # 'b2b' holds no level 2, but '2vs3' holds two.
    found = [words(code) for code in _in_order(language)]
    plain = [
        token
        for token in normalise(text).replace("-", " ").split()
        if not any(token in one.not_numbers for one in found)
    ]
    tokens = re.sub(r"(?<=\d)(?=\D)|(?<=\D)(?=\d)", " ", " ".join(plain)).split()
    named: dict[int, None] = {}
    for place, token in enumerate(tokens):
        number = _number(token, found)
        ahead = tokens[place - 1] if place else ""
        if number is None and any(token in one.articles and ahead in one.between for one in found):
            number = 1  # 'tussen een en twee': here the article is a number
        if number is None:
            number = next((one.ordinals[token] for one in found if token in one.ordinals), None)
        if number is not None and 1 <= number <= len(item.levels):
            named[number] = None
    return tuple(named)


def compares(text: str, language: str) -> bool:
    """Whether a text asks in so many words for a comparison ('verschil', 'versus')."""
    tokens = set(normalise(text).replace("-", " ").split())
    return any(tokens & words(code).compare for code in _in_order(language))


def read_segment(text: str, language: str) -> str | None:
    """The question of the start that a text names ('mijn afdeling'); None when it names none."""
    tokens = normalise(text).replace("-", " ").split()
    return _segment(tokens, [words(code) for code in _in_order(language)])


def read_option(text: str, segment: str, titles: Mapping[str, str], language: str) -> str | None:
    """The one option of a segment that a text names: by number, by title, or by a word for it.

    `titles`: option -> its title on the button, in the order of the numbers. None when it names none, or
    several of which none is plainly meant.
    """
    # 'Businesses, no, consumers': what is taken back is not meant.
    text = behind_correction(text)
    plain = normalise(text)
    by_title = [option for option, title in titles.items() if plain == normalise(title)]
    if by_title:
        return by_title[0]
    number = read_number(text, language, count=len(titles))
    if number is not None:
        return list(titles)[number - 1] if 1 <= number <= len(titles) else None
    tokens = plain.replace("-", " ").split()
    for code in _in_order(language):
        known = words(code)
        # A short word of the other language means another thing here: 'what is it for?' names no department.
        shortest = 1 if code == language else 4
        phrases = {
            option: frozenset(one for one in of_option if len(one) >= shortest or one == " ".join(tokens))
            for option, of_option in known.segments.get(segment, {}).items()
            if option in titles
        }
        for option, compounds in _compounds(tokens, segment, known).items():
            phrases[option] = phrases.get(option, frozenset()) | compounds
        named = _named_options(tokens, known, phrases)
        if len(named) == 1:
            return next(iter(named))
        if named:
            return _taken(text, known, phrases) or _among(segment, named, tokens, known)
    return None


def _compounds(tokens: Iterable[str], segment: str, known: Words) -> dict[str, frozenset[str]]:
    """Option -> the words of a text that hold a word for it: 'verkoopdirecteur'."""
    ends = known.segment_endings.get(segment, {})
    begins = known.segment_beginnings.get(segment, {})
    return {
        option: frozenset(
            token
            for token in tokens
            if token.endswith(ends.get(option, ())) or token.startswith(begins.get(option, ()))
        )
        for option in (*ends, *begins)
    }


_PARTS = re.compile(r"[.,;:!\n]+")
# From so many on it counts people: '40 staff' is no role of who says it.
_A_CROWD = 10


def _taken(text: str, known: Words, phrases: Mapping[str, frozenset[str]]) -> str | None:
    """The one option that the last part of a text chooses in so many words: 'both, but take consumers'."""
    parts = [part for part in map(normalise, _PARTS.split(text)) if part]
    last = f" {parts[-1].replace('-', ' ')} " if parts else ""
    if not any(f" {take} " in last for take in known.option_takes):
        return None
    named = _named_options(last.split(), known, phrases)
    return next(iter(named)) if len(named) == 1 else None


def _named_options(tokens: list[str], known: Words, phrases: Mapping[str, frozenset[str]]) -> dict[str, int]:
    """The options that a text names, each with the place where it does.

    A phrase within a longer one counts for nothing, and neither does one that is denied ('geen consumenten').
    """
    denies = frozenset[str]().union(*(words(code).not_this for code in _LANGUAGES))
    found = [
        (place, place + len(part), option)
        for option, of_option in phrases.items()
        for phrase in of_option
        for part in [phrase.split()]
        for place in range(len(tokens) - len(part) + 1)
        if tokens[place : place + len(part)] == part
    ]
    named: dict[str, int] = {}
    for start, end, option in sorted(found):
        longer = any(
            other_start <= start and end <= other_end and other_end - other_start > end - start
            for other_start, other_end, _ in found
        )
        ahead = tokens[max(0, start - 2) : start]
        denied = any(token in denies for token in ahead) and not any(
            token in known.not_only for token in ahead
        )
        counted = start > 0 and tokens[start - 1].isdecimal() and int(tokens[start - 1]) >= _A_CROWD
        if not longer and not denied and not counted:
            named.setdefault(option, start)
    return named


# In words.
_FIRST = 3


def _among(segment: str, named: Mapping[str, int], tokens: list[str], known: Words) -> str | None:
    """Which of several options is meant, where that can be told."""
    if segment == "business_line":
        return "both"
    if segment == "first_line":
        begun = [
            option
            for option, place in named.items()
            if any(token in known.begins for token in tokens[max(0, place - 2) : place])
        ]
        return begun[0] if len(begun) == 1 else None
    if segment == "role_layer":
        # 'Ik ben de eigenaar en sta zelf ook achter de kassa.'
        plain = [" ".join(tokens[max(0, place - 4) : place]) for place in named.values()]
        own = [
            option
            for option, ahead in zip(named, plain, strict=True)
            if any(f" {one} " in f" {ahead} " for one in known.i_am)
        ]
        if len(own) != 1:
            # 'Sales manager, 40 staff': who says what they are says it first.
            own = [option for option, place in named.items() if place < _FIRST]
        return own[0] if len(own) == 1 else None
    return None


_MAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>.]{2,}")
_PHONE = re.compile(r"\+?\(?\d[\d\s()./-]{7,}\d")


# In digits: more than a date or two years have, fewer than a number within a country.
_SHORTEST_PHONE = 9


def read_contact(text: str) -> str | None:
    """What was left to be reached by: the text, when it holds a mail address or a telephone number."""
    if len(text) > 200:
        return None
    phones = (sum(c.isdigit() for c in found) for found in _PHONE.findall(text))
    reached = _MAIL.search(text) or any(digits >= _SHORTEST_PHONE for digits in phones)
    return text.strip() if reached else None


def removes_contact(text: str, language: str) -> bool:
    """Whether a text asks to forget a number or an address ('haal mijn nummer weg')."""
    tokens = set(normalise(text).split())
    return removes(text, language) and any(tokens & words(code).contact for code in _in_order(language))


def removes(text: str, language: str) -> bool:
    """Whether a text says in so many words that something has to go ('trek de link in')."""
    tokens = set(normalise(text).split())
    return any(tokens & words(code).remove for code in _in_order(language))


def objects(text: str, language: str) -> bool:
    """Whether a text says that something was taken wrongly ('nee, ik bedoelde beide')."""
    tokens = set(normalise(text).split())
    known = [words(code) for code in _in_order(language)]
    return any(tokens & (one.change_weakly | one.not_this | one.opens_no) for one in known)


def comes_back(text: str, channel: str) -> bool:
    """Whether a text says that one is back, and does not name another place than this channel to go to."""
    plain = f" {normalise(text).replace('-', ' ')} "

    def has(listed: Iterable[str]) -> bool:
        return any(f" {word} " in plain for word in listed)

    known = [words(code) for code in _LANGUAGES]
    away = any(has(names) for one in known for place, names in one.places.items() if place != channel)
    return (
        "?" not in text
        and not away
        and any(has(one.arrives) for one in known)
        and not any(has(one.moves) for one in known)
    )


def says_hello(text: str) -> bool:
    """Whether the whole message is a word to begin with, which is a hello once one is talking: 'start'."""
    return any(normalise(text) in words(code).hellos for code in _LANGUAGES)


# In words. Who is bored or angry says so in a few; a longer text is about the company.
_LONGEST_ANGER = 9


def is_annoyed(text: str) -> bool:
    """Whether a short text says that one is bored or angry with this, in words or with a face."""
    known = [words(code) for code in _LANGUAGES]
    plain = f" {normalise(text).replace('-', ' ')} "
    tokens = plain.split()
    if (
        "?" in text
        or len(tokens) > _LONGEST_ANGER
        or any(token in one.company for one in known for token in tokens)
    ):
        return False
    if any(sign in text for one in known for sign in one.annoyed_signs) and len(tokens) <= 3:
        return True
    return any(f" {word} " in plain for one in known for word in one.annoyed)


def asks_for_link(text: str) -> bool:
    """Whether a text has a word in it for a link."""
    tokens = set(normalise(text).split())
    return any(tokens & words(code).links for code in _LANGUAGES)


def asks_who_sees(text: str) -> bool:
    """Whether a text has a word in it for what others get to see."""
    tokens = set(normalise(text).split())
    return any(tokens & words(code).sees for code in _LANGUAGES)


def asks_for_round(text: str, language: str) -> bool:
    """Whether a short text is about another round ('doe de tweede ronde maar')."""
    tokens = normalise(text).split()
    return len(tokens) <= 8 and any(
        token in words(code).rounds for token in tokens for code in _in_order(language)
    )


def _in_order(first: str) -> tuple[str, ...]:
    return (first, *(code for code in _LANGUAGES if code != first))


def _number(token: str, known: list[Words]) -> int | None:
    if token.isascii() and token.isdigit() and len(token) < 4:
        return int(token)
    for one in known:
        # 'een' and 'a' are articles far more often than the number one.
        if token in one.numbers and token not in one.articles:
            return one.numbers[token]
    return None


def _question_number(tokens: list[str], known: list[Words]) -> tuple[list[str], int | None]:
    """'vraag 2' or 'de tweede vraag': what is left of the text without it, and the number."""
    for place, token in enumerate(tokens):
        if not any(token in one.question for one in known):
            joined = re.fullmatch(r"(\D+)(\d{1,2})", token)  # 'vraag2', 'q3'
            if joined and any(joined[1] in one.question for one in known):
                return tokens[:place] + tokens[place + 1 :], int(joined[2])
            continue
        for at in (place + 1, place + 2):
            number = _number(tokens[at], known) if at < len(tokens) else None
            if number is not None:
                return tokens[:place] + tokens[at + 1 :], number
            if at < len(tokens) and not any(tokens[at] in one.number_words for one in known):
                break
        ahead = tokens[place - 1] if place else ""
        for one in known:
            if ahead in one.ordinals:
                return tokens[: place - 1] + tokens[place + 1 :], one.ordinals[ahead]
    return tokens, None


def _by_title(
    tokens: list[str], model: MaturityModel, item_ids: tuple[str, ...]
) -> tuple[list[str], tuple[str, ...]]:
    """The items whose title stands in the text, else those of the dimension whose title does."""
    for of_dimension in (False, True):
        best: tuple[int, int, tuple[str, ...]] | None = None
        for item_id in item_ids:
            dimension, item = model.item(item_id)
            titled = dimension.title if of_dimension else item.title
            for code in model.languages:
                title = normalise(titled[code]).replace("-", " ").split()
                place = _find(tokens, title)
                if place is None:
                    continue
                if best is None or len(title) > best[1]:
                    best = (place, len(title), (item_id,))
                elif len(title) == best[1] and item_id not in best[2]:
                    best = (best[0], best[1], (*best[2], item_id))
        if best is not None:
            place, length, chosen = best
            return tokens[:place] + tokens[place + length :], chosen
    return tokens, ()


def _find(tokens: list[str], part: list[str]) -> int | None:
    for place in range(len(tokens) - len(part) + 1):
        if part and tokens[place : place + len(part)] == part:
            return place
    return None


def _segment(tokens: list[str], known: list[Words]) -> str | None:
    for segment in SEGMENTS:
        for one in known:
            if any(token in one.segment_names.get(segment, ()) for token in tokens):
                return segment
    return None


def _last_number(tokens: list[str], known: list[Words]) -> int | None:
    """The number that is wanted: the last one, but not that behind 'ipv' or 'not'."""
    wanted = None
    for place, token in enumerate(tokens):
        number = _number(token, known)
        if number is not None and not _denied(tokens[:place], known):
            wanted = number
    return wanted


def _denied(ahead: list[str], known: list[Words]) -> bool:
    """Whether the words before a number say that it is the one not to take."""
    last = f" {' '.join(ahead[-3:])}"
    return any(last.endswith(f" {one}") for words_of in known for one in words_of.not_this | words_of.instead)


def read_depth(text: str, language: str) -> str | None:
    """'quick' or 'full' where a text says no more than that: a short or a complete round; else None.

    'Wis alles' and 'niet snel' hold such a word and mean something else.
    """
    if "?" in text:
        return None
    tokens = set(normalise(text).replace("-", " ").split())
    for code in _in_order(language):
        known = words(code)
        found = {depth for depth, listed in known.depths.items() if tokens & listed}
        every = frozenset().union(*known.depths.values())
        if len(found) == 1 and not tokens - every - known.depth_fillers:
            return found.pop()
    return None


def opens_depth(text: str, language: str) -> str | None:
    """The depth that a part of a text asks for, and nothing else: 'quick. got 5 mins'; else None."""
    if is_question(text):
        return None
    parts = re.split(r"[.,;:!\n]+|\s[-–—]\s", text)
    found = {depth for part in parts if (depth := read_depth(part, language)) is not None}
    return found.pop() if len(found) == 1 else None


def points_to(text: str, known: Mapping[str, Mapping[str, Iterable[str]]]) -> str | None:
    """Which of several subjects a text is about; None for none, or for two that fit equally well.

    `known`: subject -> language -> its words, or beginnings of words; a phrase counts as a whole.
    """
    plain = f" {normalise(text).replace('-', ' ')} "
    hits = {
        subject: sum(
            1
            for listed in by_language.values()
            for word in dict.fromkeys(listed)
            if f" {normalise(word).replace('-', ' ')}" in plain
        )
        for subject, by_language in known.items()
    }
    most = max(hits.values(), default=0)
    best = [subject for subject, count in hits.items() if count == most]
    return best[0] if most and len(best) == 1 else None


# From this length on a word may have a typo in it; below, another word is too near.
_LONG_WORD = 5
_NEAR = 0.85


def says_same(text: str, language: str) -> bool:
    """Whether the whole message takes over an answer of last time: 'hetzelfde', 'same as last time'."""
    if "?" in text:
        return False
    tokens = normalise(text).replace("-", " ").split()
    return any(
        len(tokens) == len(phrase) and all(map(_nearly, tokens, phrase))
        for code in _in_order(language)
        for phrase in (one.split() for one in words(code).same_again)
    )


def _nearly(token: str, word: str) -> bool:
    """Whether these are one word, of the longer ones with a slip of the finger."""
    if token == word:
        return True
    return min(len(token), len(word)) >= _LONG_WORD and SequenceMatcher(None, token, word).ratio() >= _NEAR


def goes_on(text: str, language: str) -> bool:
    """Whether a text says no more than that one wants to go on: 'verder', 'nog niets, verder'."""
    plain = normalise(text)
    return any(plain in words(code).goes_on for code in _in_order(language))


def speaks_of_reminders(text: str, language: str) -> bool:
    """Whether a text has a word in it for a reminder, of anybody to anybody."""
    tokens = normalise(text).replace("-", " ").split()
    return any(
        _nearly(token, word)
        for code in _in_order(language)
        for word in words(code).reminders
        for token in tokens
    )


def asks_for_quick(text: str, language: str) -> bool:
    """Whether a text speaks of the short round and not of the complete one ('liever de snelle scan')."""
    tokens = set(normalise(text).replace("-", " ").split())
    found = {
        depth
        for code in _in_order(language)
        for depth, listed in words(code).depths.items()
        if tokens & listed
    }
    return found == {"quick"}
