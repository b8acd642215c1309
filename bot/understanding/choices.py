"""Choices that are not one plain number: between two, one now and one for the next, none of them, all."""

from __future__ import annotations

import re

from bot.understanding.exact import Words, is_question, normalise, number_of, without_markup, words

_LANGUAGES = ("nl", "en")
# '2,5' and '3½' lie between two levels; the decimals do not matter.
_FRACTION = re.compile(r"(?<!\d)(\d)\s*[.,]\s*\d+(?!\d)")
_HALF_SIGN = re.compile(r"(?<=\d)\s*½")
# In words: who hesitates between two says so in a few.
_LONGEST_DOUBT = 12


def read_between(text: str, highest: int, language: str) -> tuple[int, int] | None:
    """The two of 1 to `highest` between which somebody hesitates, the lower first; None for anything else.

    'Tussen 3 en 4', '2 a 3', '2,5', 'ik denk 2, misschien 3', 'drie en een half'. A text that says more than
    that is none, and neither is one with a number that is not there.
    """
    bare = _HALF_SIGN.sub(",5", without_markup(text))
    fractions = _FRACTION.findall(bare)
    tokens = normalise(_FRACTION.sub(" ", bare)).replace("-", " ").split()
    if len(tokens) > _LONGEST_DOUBT or len(fractions) > 1:
        return None
    for code in _in_order(language):
        known = words(code)
        halved = _half_in_a_word(tokens, known)
        numbers, others = _numbers(halved or tokens, known)
        small = known.wavers | known.before | known.after | known.between
        if fractions or halved or _and_a_half(numbers, others, known):
            low = int(fractions[0]) if fractions else numbers[0]
            alone = all(token in small or token in _of(known.half) for token in others)
            alone = alone and len(numbers) == (0 if fractions else 1)
            found = (low, low + 1) if alone else None
        else:
            apart = len(numbers) == 2 and numbers[0] != numbers[1] and all(one in small for one in others)
            found = (min(numbers), max(numbers)) if apart else None
        if found is not None:
            return found if found[0] >= 1 and found[1] <= highest else None
    return None


def _numbers(tokens: list[str], known: Words) -> tuple[list[int], list[str]]:
    """The numbers in a text and its other words; an article is a number where it is one of the two."""
    numbers: list[int] = []
    others: list[str] = []
    for place, token in enumerate(tokens):
        ahead = tokens[place - 1] if place else ""
        number = number_of(token, known.numbers)
        behind = tokens[place + 1] if place + 1 < len(tokens) else ""
        if token in known.articles and ahead not in known.between and behind not in known.either:
            number = None
        if token in known.stands_for and ahead in known.next_one:
            number = None  # 'the next one'
        if number is None and token not in known.articles:
            number = known.ordinals.get(token)
        if number is None:
            others.append(token)
        else:
            numbers.append(number)
    return numbers, others


def _half_in_a_word(tokens: list[str], known: Words) -> list[str] | None:
    """The tokens with the number alone where one word holds it and its half ('drieenhalf'); None for none."""
    for place, token in enumerate(tokens):
        ending = next(
            (one for one in sorted(known.half_endings, key=len, reverse=True) if token.endswith(one)), ""
        )
        number = known.halves.get(token)
        if number is None and ending:
            number = number_of(token[: -len(ending)], known.numbers)
        if number is not None:
            return [*tokens[:place], str(number), *tokens[place + 1 :]]
    return None


def _and_a_half(numbers: list[int], others: list[str], known: Words) -> bool:
    """'Drie en een half'."""
    return len(numbers) == 1 and any(" ".join(others).endswith(phrase) for phrase in known.half)


def _of(phrases: frozenset[str]) -> frozenset[str]:
    return frozenset(word for phrase in phrases for word in phrase.split())


def read_then(text: str, language: str) -> tuple[int, int] | None:
    """A number for this question and one for the next ('3, en de volgende een 4'); None for anything else."""
    if is_question(text, _LANGUAGES):
        return None
    tokens = normalise(without_markup(text)).replace("-", " ").split()
    if len(tokens) > _LONGEST_DOUBT:
        return None
    for code in _in_order(language):
        known = words(code)
        numbers, others = _numbers(tokens, known)
        small = known.next_one | known.next_fillers | known.before | known.after | known.question
        first = next((at for at, token in enumerate(tokens) if number_of(token, known.numbers)), None)
        then = [at for at, token in enumerate(tokens) if token in known.next_one]
        if len(numbers) == 2 and then and first is not None and first < then[0] and set(others) <= small:
            return numbers[0], numbers[1]
    return None


def chooses_none(text: str, language: str) -> bool:
    """Whether the whole message says that none of the options fits ('geen van deze')."""
    return _is_one_of(text, language, "none_of_these")


def chooses_all(text: str, language: str) -> bool:
    """Whether the whole message says that all of the options fit ('allemaal')."""
    return _is_one_of(text, language, "all_of_these")


def _is_one_of(text: str, language: str, kind: str) -> bool:
    if is_question(text, _LANGUAGES):
        return False
    plain = normalise(text)
    return any(plain in getattr(words(code), kind) for code in _in_order(language))


def _in_order(first: str) -> tuple[str, ...]:
    return (first, *(code for code in _LANGUAGES if code != first))
