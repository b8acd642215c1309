"""Messages that are hardly words: only signs, half a question, or a wish that needs no guess."""

from __future__ import annotations

import re
import unicodedata

from bot.understanding.exact import Words, normalise, number_of, without_markup, words

_LANGUAGES = ("nl", "en")
# In words. Who wants all of it gone says so in a few; a longer text is about the company's own data.
_LONGEST_ERASING = 7


def is_huh(text: str) -> bool:
    """Whether the whole message says that something was not understood: '?', 'huh', 'wat'."""
    plain = normalise(text)
    if not plain:
        return "?" in text
    return any(plain in words(code).huh for code in _LANGUAGES)


def is_only_signs(text: str) -> bool:
    """Whether there is nothing but emoji and the like in it, and perhaps dots between them."""
    return not any(one.isalnum() for one in text) and any(unicodedata.category(one) == "So" for one in text)


# What nobody writes about a company: tags that do something, placeholders, calls, SQL, a slash command.
_CODE = re.compile(
    r"<[/!?]?[a-z][^<>]*>|\{\{|\$\{|\w\([^()]*\)\s*;|;\s*--|'\s*or\s*'|^\s*/[a-z]\w*|^\s*[\[{]\s*[\[{\"]"
    r"|^\s*(?:select\s.*\sfrom|insert\s+into|delete\s+from|drop\s+table|update\s+\w+\s+set)\s",
    re.IGNORECASE | re.DOTALL,
)


def is_code(text: str) -> bool:
    """Whether a message looks like something for a machine, once what only says how it is to look is gone."""
    return _CODE.search(without_markup(text)) is not None


def wants_all_gone(text: str) -> bool:
    """Whether a short text asks to remove all that is kept of the person: 'delete the lot'."""
    tokens = normalise(text).replace("-", " ").split()
    if not tokens or len(tokens) > _LONGEST_ERASING or "?" in text:
        return False
    known = [words(code) for code in _LANGUAGES]
    plain = f" {' '.join(tokens)} "
    removes = any(token in one.erase_words for one in known for token in tokens)
    everything = any(f" {phrase} " in plain for one in known for phrase in one.erase_all)
    others = any(token in one.company | one.not_this | one.opens_no for one in known for token in tokens)
    return removes and everything and not others


def speaks_of_erasing(text: str) -> bool:
    """Whether a text has a word in it for taking away, or for what is kept, of the person's own."""
    plain = f" {normalise(text).replace('-', ' ')} "
    known = [words(code) for code in _LANGUAGES]
    return any(
        f" {one} " in plain for each in known for one in each.erase_words | each.remove | each.erase_hints
    )


def orders_us(text: str) -> bool:
    """Whether a text tells the assistant what to be or what to forget: 'ignore all previous instructions'."""
    plain = f" {normalise(text).replace('-', ' ')} "
    return any(f" {phrase} " in plain for code in _LANGUAGES for phrase in words(code).orders_us)


# In words. Who fills in everything at once says so in a few.
_LONGEST_EVERYWHERE = 10


def fills_everything(text: str) -> bool:
    """Whether a text wants one number at all questions: 'vul overal een 3 in', 'all 1s'."""
    tokens = normalise(text).replace("-", " ").split()
    if not tokens or len(tokens) > _LONGEST_EVERYWHERE:
        return False
    for code in _LANGUAGES:
        known = words(code)
        small = known.everywhere_fillers | known.before | known.after | known.not_this
        for phrase in known.everywhere:
            before, found, after = f" {' '.join(tokens)} ".partition(f" {phrase} ")
            around = f"{before} {after}".split()
            values = [one for one in around if _is_level(one, known)]
            if found and values and all(one in values or one in small for one in around):
                return True
    return False


def _is_level(token: str, known: Words) -> bool:
    """Whether a word is a number ('5', '1s'), and neither an article nor 'one', which may be a thing."""
    return (
        token not in known.articles | known.stands_for
        and number_of(token.removesuffix("s"), known.numbers) is not None
    )
