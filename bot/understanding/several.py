"""Several at once: which of a numbered list are meant, what holds of each, and where a company leads.

A text becomes a row of signs (`_Sign`): a number or a name of the list, 'all', 'not', 'and', a state. The
kind of a sign is one letter, so that a row can be rewritten and cut up by regular expressions. Our own rule
throughout: what cannot be read as a whole is not read at all; to ask again costs less than a wrong answer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import yaml

from bot.understanding.exact import read_number
from bot.understanding.exact import words as exact_words

_LANGUAGES = ("nl", "en")

# The kinds of signs and the key of their words. Besides these: g (what is meant: numbers of the list),
# # (a number), ^ (an ordinal), u (any other word), c , h ; e and d - as punctuation, and ':'.
_KINDS = {
    "f": "several_fillers",
    "a": "several_all",
    "A": "several_all_of",
    "B": "several_both",
    "r": "several_rest",
    "R": "several_rest_none",
    "z": "several_none",
    "Z": "several_none_yet",
    "v": "several_any",
    "N": "several_not",
    "W": "several_present",
    "x": "several_except",
    "O": "several_save_open",
    "C": "several_save_close",
    "w": "several_all_but",
    "o": "several_only",
    "e": "several_and",
    "b": "several_but",
    "q": "several_or",
    "U": "several_up_to",
    "V": "several_of",
    "E": "several_from",
    "l": "several_last",
    "k": "several_one_before_last",
    "y": "several_yes",
    "n": "several_no",
    "F": "several_fits",
    "K": "several_knows",
    "T": "several_units",
    "t": "several_time",
    "H": "several_halt",
    "M": "several_doubt",
    "S": "several_also",
}
_STATES = {"I": "in_place", "P": "planned", "Y": "not_yet", "X": "not_fitting", "D": "dont_know"}
_ROLES = {"1": "several_leads", "2": "several_above", "3": "several_then"}
_SIGNS = {",": "c", "/": "e", "|": "e", "\\": "e", ";": "h", "\n": "h", ".": "h", "!": "h", ":": ":"}
_SIGNS |= {"-": "d", "+": "e", "&": "e", "?": "Q"} | dict.fromkeys("%€$£<≤≥~±@", "H")

# Longer than this, a text is a story (in characters; a list of twelve states fits well).
_LONGEST = 600
# As many words may stand around a name that have nothing to do with it.
_WORDS_AROUND = 4
# So many words a text about positions may have, and one that chooses one entry.
_LONGEST_STORY = 25
_LONGEST_CHOICE = 14
# Shorter words are no part of a name that may stand for it, and shorter ones still are not mended.
_NAME_WORD = 5
_MENDED_NAME = 6
_MENDED_WORD = 5


@dataclass(frozen=True)
class NoSuchPart:
    """A number was given, but the list has no such entry."""

    number: int


@dataclass(frozen=True)
class Positions:
    """Where a company stands out, as numbers of the list of aspects.

    `first`: on which it dominates; `second`: on which it is above average; None where the text does not say.
    `everything`: it claims all of them, or three or more; then `first` and `second` are None.
    """

    first: int | None
    second: int | None
    everything: bool


@dataclass(frozen=True)
class _Sign:
    """One sign. `how` a number was said: digits, word, article, ordinal, name or part (of a name).

    `value`: of a number or an ordinal. `parts`: what is meant; `less`: what of it is taken out again.
    """

    kind: str
    value: int = 0
    how: str = ""
    parts: frozenset[int] = frozenset()
    less: frozenset[int] = frozenset()


@dataclass(frozen=True)
class SeveralWords:
    """The words for several at once, of one language and behind it the other.

    `phrases`: the words of a phrase -> its sign, and `roles` likewise, for positions only. `verbs`: with one
    in front a number is asked about ('is 2 gepland'). `known`: each word in a phrase. `glued`: words that may
    be stuck to a number. `mended`: words of which a typo is taken.
    """

    phrases: Mapping[tuple[str, ...], _Sign]
    roles: Mapping[tuple[str, ...], _Sign]
    articles: frozenset[str]
    asks: frozenset[str]
    verbs: frozenset[str]
    company: frozenset[str]
    known: frozenset[str]
    glued: frozenset[str]
    mended: tuple[str, ...]


@cache
def several_words(language: str) -> SeveralWords:
    """The words, read once; where a word means two things, `language` decides.

    Raises FileNotFoundError for a language without a file.
    """
    phrases: dict[tuple[str, ...], _Sign] = {}
    roles: dict[tuple[str, ...], _Sign] = {}
    articles: set[str] = set()
    verbs: set[str] = set()
    for code in (language, *(other for other in _LANGUAGES if other != language)):
        path = Path(__file__).parent / f"{code}.yml"
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        articles |= set(data["several_articles"])
        verbs |= set(data["several_verbs"])
        for kind, key in _KINDS.items():
            _add(phrases, data[key], _Sign(kind))
        for kind, state in _STATES.items():
            _add(phrases, data["several_states"][state], _Sign(kind))
        for kind, key in _ROLES.items():
            _add(roles, data[key], _Sign(kind))
        for key in ("ordinals", "several_ordinals"):
            for number, of_number in data[key].items():
                _add(phrases, of_number, _Sign("^", number, "ordinal"))
        for key in ("numbers", "several_numbers"):
            for number, of_number in data[key].items():
                for word in of_number:
                    how = "article" if word in data["articles"] else "word"
                    _add(phrases, [word], _Sign("#", number, how))
    known = frozenset(word for phrase in (*phrases, *roles) for word in phrase)
    glued = {word for word in known if len(word) > 1 and word.isalpha()}
    up_to = {word for phrase, sign in phrases.items() if sign.kind == "U" for word in phrase}
    mended = [
        phrase[0]
        for phrase, sign in phrases.items()
        if len(phrase) == 1 and len(phrase[0]) >= _MENDED_WORD and sign.kind in "aABrzxolk^PXYDI"
    ]
    return SeveralWords(
        phrases=phrases,
        roles=roles,
        articles=frozenset(articles),
        # A short word of the other language means another thing here: 'is' opens an answer in Dutch.
        asks=exact_words(language).asks
        | {word for code in _LANGUAGES for word in exact_words(code).asks if len(word) > 2},
        verbs=frozenset(verbs),
        company=frozenset[str]().union(*(exact_words(code).company for code in _LANGUAGES)),
        known=known,
        glued=frozenset(glued | up_to),
        mended=tuple(mended),
    )


def _add(phrases: dict[tuple[str, ...], _Sign], texts: Iterable[str], sign: _Sign) -> None:
    for text in texts:
        phrases.setdefault(tuple(_tokens(text)), sign)


# --- From a text to signs ---


def _tokens(text: str) -> list[str]:
    """Words, numbers and punctuation, in lower case and without accents ('3, één!' -> '3' ',' 'een' '!')."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = re.sub(r"['’‘`´]", "", plain.replace("\u20e3", " "))
    plain = "".join(c for c in plain if unicodedata.category(c) not in ("Mn", "Mc", "Me", "Cf"))
    plain = re.sub(r"(?<=\d)\s*\.{2,}\s*(?=\d)", " - ", re.sub("[‐-―−]", "-", plain))  # '1...3'
    plain = re.sub(r"\b(?:[^\W\d_]\.){2,}", lambda found: found[0].replace(".", " "), plain)  # 'n.v.t.'
    plain = re.sub(r"(?<=[^\W\d_])[./-](?=[^\W\d_])", " ", plain)  # 't/m', 'e-mail'
    return re.findall(r"[^\W_]+|\n|[^\w\s]", plain)


@dataclass(frozen=True)
class _Names:
    """The names of a list. `whole`, `parts`: a name, or a word of one, without spaces -> what it names.

    `words`: each word in a name. `marks`: punctuation in names. `asking`: names that end in a question mark.
    `longest`: how many words the longest has.
    """

    whole: Mapping[str, frozenset[int]]
    parts: Mapping[str, frozenset[int]]
    asking: frozenset[str]
    words: frozenset[str]
    marks: frozenset[str]
    longest: int
    ours: SeveralWords

    def at(self, tokens: Sequence[str], start: int) -> tuple[int, frozenset[int]] | None:
        """Where the name that begins at `start` ends, and what it names; None without one."""
        found: tuple[int, frozenset[int]] | None = None
        likely: tuple[int, frozenset[int]] | None = None
        taken: list[str] = []
        for end in range(start, min(len(tokens), start + 2 * self.longest + 4)):
            token = tokens[end]
            if not token[0].isalnum():
                if not taken or token not in self.marks:
                    break
                continue
            taken.append(token)
            bare = "".join(word for word in taken if word not in self.ours.articles)
            ours = all(word in self.ours.known for word in taken)
            for joined in ("".join(taken), "" if token in self.ours.articles else bare):
                if joined in self.whole:
                    asks = joined in self.asking and tokens[end + 1 : end + 2] == ["?"]
                    found = (end + 1 + asks, self.whole[joined])
                elif len(joined) >= _MENDED_NAME and likely is None and not ours:
                    near = [one for one in self.whole if len(one) >= _MENDED_NAME and is_slip(joined, one)]
                    named = frozenset[int]().union(*(self.whole[one] for one in near))
                    likely = (end + 1, named) if len(named) == 1 else None
        return found or likely


def _names(names: Sequence[Sequence[str]], known: SeveralWords) -> _Names:
    whole: dict[str, set[int]] = {}
    parts: dict[str, set[int]] = {}
    asking: set[str] = set()
    all_words: set[str] = set()
    marks = {"/", "-", ".", "&", "+"}
    longest = 1
    for number, of_entry in enumerate(names, start=1):
        for name in of_entry:
            tokens = _tokens(name)
            said = [token for token in tokens if token[0].isalnum()]
            marks |= {token for token in tokens if not token[0].isalnum() and token not in "\n?"}
            bare = [word for word in said if word not in known.articles]
            longest = max(longest, len(said))
            all_words |= set(said)
            for joined in ("".join(said), "".join(bare)):
                if joined:
                    whole.setdefault(joined, set()).add(number)
                    asking |= {joined} if tokens[-1] == "?" else set()
            for word in bare:
                if len(bare) > 1 and len(word) >= _NAME_WORD and word not in known.known:
                    parts.setdefault(word, set()).add(number)
    return _Names(
        {name: frozenset(entries) for name, entries in whole.items()},
        {word: frozenset(entries) for word, entries in parts.items() if len(entries) == 1},
        frozenset(asking),
        frozenset(all_words),
        frozenset(marks),
        longest,
        known,
    )


def is_slip(said: str, meant: str) -> bool:
    """Whether one slip of the keys lies between: a letter too many, too few, swapped, in long words wrong."""
    if said[:1] != meant[:1] or abs(len(said) - len(meant)) > 1 or said == meant:
        return False
    same = next((i for i, (a, b) in enumerate(zip(said, meant, strict=False)) if a != b), None)
    if same is None:
        return True
    if len(said) != len(meant):
        return said[same + 1 :] == meant[same:] or said[same:] == meant[same + 1 :]
    swapped = said[same : same + 2] == meant[same : same + 2][::-1] and said[same + 2 :] == meant[same + 2 :]
    return swapped or (len(said) >= 8 and said[same + 1 :] == meant[same + 1 :])


def _read(
    text: str, names: Sequence[Sequence[str]], language: str, *, roles: bool = False
) -> list[_Sign] | None:
    """The signs of a text, fillers left out; None for a question and for what is too long for an answer."""
    if len(text) > _LONGEST or re.match(r"\s*[-–−][0-9][^\n]*$", text):
        return None
    known = several_words(language)
    named = _names(names, known)
    tokens = [part for token in _tokens(text) for part in _unglued(token, known, named)]
    signs = list(_lex(tokens, known, named, roles=roles))
    opening = next((token for token in tokens if token[0].isalnum()), "")
    asked = opening in known.asks and not (signs and signs[0].how in ("name", "part"))
    asked = asked or (opening in known.verbs and bool(re.match("f+[#^gl12]", _row(signs))))
    if asked or any(sign.kind == "Q" for sign in signs):
        return None
    # One sign of separation between two words, and none at the ends.
    signs = _rewrite([sign for sign in signs if sign.kind != "f"], "[chd]*h[chd]*", _one("h"))
    signs = _rewrite(signs, "d?c[cd]*", _one("c"))
    return _without(signs, "^[chd]+|[chd]+$")


def _unglued(token: str, known: SeveralWords, named: _Names) -> list[str]:
    """'1en3' as '1', 'en', '3'; a token that means something itself stays whole."""
    if token in known.known or token in named.words or not re.search(r"\d", token):
        return [token]
    pieces = re.findall(r"[0-9]+|[^0-9]+", token)
    return pieces if all(piece.isdigit() or piece in known.glued for piece in pieces) else [token]


def _lex(tokens: Sequence[str], known: SeveralWords, named: _Names, *, roles: bool) -> Iterator[_Sign]:
    place = 0
    while place < len(tokens):
        name = named.at(tokens, place)
        size, sign = _phrase(tokens, place, known, roles=roles)
        # A name of the list is that name, also where it has words of ours in it ('Tweede leven').
        if name is not None and name[0] - place >= size:
            place, entries = name
            yield _Sign("g", 0, "name", entries) if len(entries) == 1 else _Sign("H")
            continue
        token = tokens[place]
        if sign is None and token in named.parts:
            sign = _Sign("g", 0, "part", named.parts[token])
        if sign is None and token not in named.words:
            mended = [word for word in known.mended if is_slip(token, word)] if len(token) > 3 else []
            near = {known.phrases[(word,)] for word in mended if token not in known.known}
            sign = near.pop() if len(near) == 1 else None
        if sign is None and re.fullmatch("[0-9]{1,3}", token):
            sign = _Sign("#", int(token), "digits")
        if sign is None and re.fullmatch("20[0-9]{2}", token):
            sign = _Sign("t")
        if sign is not None:
            yield sign
        elif token[0].isalnum():
            yield _Sign("u")
        elif token in _SIGNS:
            yield _Sign(_SIGNS[token])
        place += max(size, 1)


def _phrase(
    tokens: Sequence[str], place: int, known: SeveralWords, *, roles: bool
) -> tuple[int, _Sign | None]:
    """How many tokens the longest phrase at a place has, and its sign; (0, None) without one."""
    for size in range(min(6, len(tokens) - place), 0, -1):
        phrase = tuple(tokens[place : place + size])
        if roles and phrase in known.roles:
            return size, known.roles[phrase]
        if phrase in known.phrases:
            return size, known.phrases[phrase]
    return 0, None


def _row(signs: Iterable[_Sign]) -> str:
    return "".join(sign.kind for sign in signs)


def _rewrite(
    signs: list[_Sign], pattern: str, change: Callable[[list[_Sign]], Iterable[_Sign]]
) -> list[_Sign]:
    """The signs, where each stretch whose kinds match the pattern is changed."""
    changed: list[_Sign] = []
    done = 0
    for match in re.finditer(pattern, _row(signs)):
        changed += [*signs[done : match.start()], *change(signs[match.start() : match.end()])]
        done = match.end()
    return changed + signs[done:]


def _one(kind: str) -> Callable[[list[_Sign]], Iterable[_Sign]]:
    return lambda _: [_Sign(kind)]


def _without(signs: list[_Sign], pattern: str) -> list[_Sign]:
    return _rewrite(signs, pattern, lambda _: [])


def _of_kind(signs: Iterable[_Sign], kinds: str) -> list[_Sign]:
    return [sign for sign in signs if sign.kind in kinds]


# --- What is meant by numbers and ordinals ---


def _combined(signs: list[_Sign], count: int) -> list[_Sign]:
    """The signs with what is meant worked out: counts, ordinals, ranges become g, or H where they clash."""

    def counted(found: list[_Sign]) -> list[_Sign]:
        """'eerste twee', 'laatste 3'; of 'the second one' the last word says nothing."""
        number = next(sign.value for sign in found if sign.kind == "#")
        place = next(sign for sign in found if sign.kind != "#")
        if number == 1 and found[-1].kind == "#":
            return [place]
        if place.kind == "^" and place.value != 1:
            return found
        if number > count or not number:
            return [_meant(number)]
        chosen = range(1, number + 1) if place.kind == "^" else range(count - number + 1, count + 1)
        return [_Sign("g", 0, "ordinal", frozenset(chosen))]

    def article(found: list[_Sign]) -> list[_Sign]:
        """An 'een' before a word is an article, before anything else the number."""
        return [] if _is_article(found[0]) else found

    def single(found: list[_Sign]) -> list[_Sign]:
        (sign,) = found
        value = {"l": count, "k": count - 1}.get(sign.kind, sign.value)
        return [_meant(value, sign.how or "ordinal")]

    def span(found: list[_Sign]) -> list[_Sign]:
        first, last = found[-3], found[-1]
        named = found[-2].kind == "d" and any(sign.how in ("name", "part") for sign in (first, last))
        ends = [*first.parts, *last.parts]
        if named or len(ends) != 2:
            return [first, _Sign("c"), last] if named else [_Sign("H")]
        start, end = ends
        if start >= end:
            return [_Sign("H")]
        beyond = {end} if end > count else set()
        return [_Sign("g", 0, first.how, frozenset(range(start, min(end, count) + 1)) | beyond)]

    def own_name(found: list[_Sign]) -> list[_Sign]:
        """'1. Chatbot' is one entry, where that is its number."""
        number, name = found[0], found[-1]
        same = number.how == "digits" and name.how in ("name", "part") and number.parts == name.parts
        return [name] if same else found

    def how_many(found: list[_Sign]) -> list[_Sign]:
        """'twee van deze' or '3 dingen' do not say which; 'de eerste twee punten' do."""
        how = found[0].how
        return {"ordinal": found[:1], "name": [found[0], _Sign("u")]}.get(how, [_Sign("H")])

    def one_of_them(found: list[_Sign]) -> list[_Sign]:
        """'everything except one' does not say which."""
        return [_Sign("H")] if found[1].value == 1 and _is_count(found[1:]) else found

    def excepted(found: list[_Sign]) -> list[_Sign]:
        """'alles op 2 na' leaves number 2 out; of 'alles op een na' nobody can tell which."""
        inner = found[1:-1]
        return [_Sign("H")] if _is_count(inner) else [_Sign("x"), *inner]

    def all_but(found: list[_Sign]) -> list[_Sign]:
        if found[-1].kind == "N":
            return [_Sign("a"), _Sign("b"), found[-1]]
        return [_Sign("H")] if _is_count(found[1:]) else [_Sign("a"), _Sign("x"), *found[1:]]

    signs = _without(signs, "S(?=[^chb])")
    signs = _rewrite(signs, "[#^]T", _one("t"))
    signs = _rewrite(signs, "#(?=[guTMH])", article)
    signs = _rewrite(
        signs, "##", lambda two: two[1:] if _is_article(two[0]) and two[1].how == "digits" else two
    )
    signs = _rewrite(signs, "r#(?!U|d[#^l])", lambda found: [_Sign("r", found[1].value)])  # 'de andere twee'
    signs = _without(signs, r"A(?=[\^l])")
    signs = _rewrite(signs, "A#", lambda found: [_Sign("a", found[1].value)])
    signs = _rewrite(signs, "A(?=g)", _one("u"))
    signs = _rewrite(signs, "A", _one("a"))
    signs = _rewrite(signs, "B", lambda _: [_Sign("a", 2)])
    signs = _rewrite(signs, r"z#(?![\^l])", lambda found: found[: 1 if found[1].value == count else 2])
    signs = _rewrite(signs, "x#(?![#cedU])", one_of_them)
    signs = _rewrite(signs, r"[\^l]#|(?<!#)#[\^l]", counted)
    signs = _rewrite(signs, r"[#\^lk]", single)
    signs = _rewrite(signs, "g[chd:]?g", own_name)
    signs = _rewrite(signs, "gdg(dg)+", lambda found: [s if s.kind == "g" else _Sign("c") for s in found])
    signs = _rewrite(signs, "[VE]?g[Ud]g", span)
    signs = _without(signs, "a(?=E)")
    signs = _rewrite(signs, "Eg", lambda found: span([found[1], _Sign("U"), _meant(count)]))  # 'vanaf 4'
    signs = _rewrite(signs, "O(g[ec]?)+C", excepted)
    signs = _rewrite(signs, "w(N|g(?![ec]?g)|)", all_but)
    signs = _rewrite(signs, "gV", how_many)
    signs = _rewrite(signs, "g:g", _one("H"))
    signs = _rewrite(signs, "ad(?=g)", lambda found: [found[0], _Sign("x")])  # 'alles - 3'
    signs = _rewrite(signs, "d", _one("c"))
    signs = _rewrite(signs, "vN|[NY]v", _one("z"))
    signs = _rewrite(signs, "[vCTUE]", _one("u"))
    signs = _without(_without(signs, "[OV]"), "W(?=[zZ])")
    # 'both 1 and 3', '1 en 3 allebei'
    pair = _row(signs).count("g") == 2 and count != 2
    return [sign for sign in signs if not (pair and sign.kind == "a" and sign.value == 2)]


def _meant(number: int, how: str = "digits") -> _Sign:
    return _Sign("g", 0, how, frozenset((number,)))


def _is_article(sign: _Sign) -> bool:
    return sign.how == "article"


def _is_count(signs: list[_Sign]) -> bool:
    """Whether this is one number in letters: 'op twee na' is how many, 'op 2 na' which."""
    return len(signs) == 1 and signs[0].how in ("word", "article")


# --- What is said of it: clauses ---

_TARGETS = "[garz](?:e?[garz])*"
_MARKS = "NWPYXDI"


@dataclass(frozen=True)
class _Said:
    """Of what is meant (nothing: of all that is open) a mark: a state, N not, W so, or '' without one."""

    targets: tuple[_Sign, ...]
    mark: str
    before: bool = False  # the mark stands before what it is about


def _excepted(signs: list[_Sign]) -> list[_Sign]:
    """'a x g e g' as one sign a, from which the others are taken out; with commas where nothing follows."""
    signs = _rewrite(signs, f"(?<![garz{_MARKS}cheb])x", lambda _: [_Sign("a"), _Sign("x")])
    signs = _rewrite(signs, f"^[{_MARKS}]c?x", lambda found: [_Sign("a"), *found])

    def taken_out(found: list[_Sign]) -> list[_Sign]:
        at = next(place for place, sign in enumerate(found) if sign.kind == "x")
        return [replace(found[0], less=_all_parts(found[at:])), *_of_kind(found[1:at], _MARKS)]

    opening = f"[garz][{_MARKS}]?[chb]?x:?"
    signs = _rewrite(signs, f"{opening}g(?:[ec]*g)*(?=[{_MARKS}]?(?:$|[hb]))", taken_out)
    return _rewrite(signs, f"{opening}g(?:e?g)*", taken_out)


def _all_parts(signs: Iterable[_Sign]) -> frozenset[int]:
    return frozenset[int]().union(*(sign.parts | sign.less for sign in signs))


def _tidied(signs: list[_Sign]) -> list[_Sign]:
    """Without what changes nothing: 'alleen', and an 'allemaal' behind what it is about."""
    signs = _rewrite(signs, "aa+", lambda found: [max(found, key=lambda sign: sign.value)])
    # 'we hebben 2 gepland', '1 en 3 en de rest niet'
    signs = _without(signs, f"(?<![garz])W(?={_TARGETS}[{_MARKS}](?:$|[chb]))")
    signs = _rewrite(signs, "e(?=r)", _one("c"))
    signs = _rewrite(signs, "[gr]a", lambda found: found[:1])
    signs = _rewrite(signs, "ao?(?=g)", lambda found: [found[0], _Sign("c")])
    signs = _rewrite(signs, "Ngqg", lambda found: [*found[:2], _Sign("e"), found[3]])
    return _without(signs, "(?<!N)o")


def _statements(signs: list[_Sign], joins: str) -> list[_Said] | None:
    """What the text says, in clauses; None when it cannot be cut up into them.

    `joins`: what becomes of a list before a comma ('1, 3' in '1, 3 niet') to which no mark belongs: 'next',
    it shares the mark behind it; 'apart', it has none; 'sure', as 'apart', but None if it could be either. A
    list that closes with 'en' ('1, 2 en 3 niet') is one list always; one that had its 'en' ('1 en 2, 3 niet')
    is done.
    """
    clauses = _Clauses(joins)
    for segment in _cut(signs, "hb"):
        clauses.goes_on = False
        if not all(clauses.take(clause) for clause in _cut(segment, "c")):
            return None
        if joins != "next":
            clauses.release()
    clauses.release()
    return clauses.said


class _Clauses:
    """The statements so far, and the lists that wait for a mark. A method says whether it could read on."""

    def __init__(self, joins: str) -> None:
        self.joins = joins
        self.said: list[_Said] = []
        self.waiting: list[list[_Sign]] = []
        # The last mark stood before its list, so that a comma may go on with it; `sure` after a colon.
        self.goes_on = False
        self.sure = False

    def take(self, clause: list[_Sign]) -> bool:
        sure = bool(re.search(f"[{_MARKS}]:", _row(clause)))
        clause = _without(clause, ":")
        linked = _row(clause).startswith("e")
        clause = _without(clause, "^e+|e+$")
        row = _row(clause)
        if re.fullmatch(f"(?:{_TARGETS})?", row):
            return self._bare(clause)
        if row in _MARKS:
            targets = [sign for one in self.waiting for sign in one]
            self.waiting = []
            self._say([[*targets, *clause]], before=not targets, sure=sure)
            return True
        if re.fullmatch(f"(?:{_TARGETS}[{_MARKS}]e?)+", row):
            return self._marked_behind(clause, linked=linked)
        joint = "e?" if self.goes_on else "e"
        if re.fullmatch(f"(?:{_TARGETS}{joint})?(?:[{_MARKS}]{_TARGETS}e?)+", row):
            return self._marked_before(clause, sure=sure)
        return False

    def release(self) -> None:
        """Let what waits go without a mark."""
        self._say(self.waiting)
        self.waiting = []

    def _say(self, pieces: list[list[_Sign]], *, before: bool = False, sure: bool = False) -> None:
        for piece in pieces:
            self.said.append(_Said(tuple(_of_kind(piece, "garz")), _row(_of_kind(piece, _MARKS)), before))
        if pieces:
            self.goes_on, self.sure = before, sure

    def _bare(self, clause: list[_Sign]) -> bool:
        if not clause:
            return True
        if not self.goes_on:
            self.waiting.append(clause)
            return True
        last = self.said[-1]
        self.said[-1] = replace(last, targets=(*last.targets, *_of_kind(clause, "garz")))
        return self.sure or self.joins != "sure" or last.mark != "N"

    def _marked_before(self, clause: list[_Sign], *, sure: bool) -> bool:
        """'niet 2 en wel 3'; what stands before the first mark goes on with the list ahead, or has none."""
        at = next(place for place, sign in enumerate(clause) if sign.kind in _MARKS)
        if self.goes_on and not self._bare(clause[:at]):
            return False
        if at and not self.goes_on:
            self.waiting.append(clause[:at])
        self.release()
        self._say(_found(clause[at:], f"[{_MARKS}]{_TARGETS}"), before=True, sure=sure)
        return True

    def _marked_behind(self, clause: list[_Sign], *, linked: bool) -> bool:
        first, *others = _found(clause, f"{_TARGETS}[{_MARKS}]")
        simple = set(_row([*first, *(sign for one in self.waiting for sign in one)])) <= {*_MARKS, "g", "e"}
        closes = linked or "e" in _row(first)
        done = any("e" in _row(one) for one in self.waiting)
        if self.waiting and (self.joins == "next" or (simple and closes and not done)):
            first = [*(sign for one in self.waiting for sign in one), *first]
            self.waiting = []
        elif self.waiting and simple and not done and self.joins == "sure" and first[-1].kind == "N":
            return False
        self.release()
        self._say([first, *others])
        return True


def _cut(signs: list[_Sign], kinds: str) -> list[list[_Sign]]:
    """The stretches between signs of these kinds."""
    pieces: list[list[_Sign]] = [[]]
    for sign in signs:
        if sign.kind in kinds:
            pieces.append([])
        else:
            pieces[-1].append(sign)
    return [piece for piece in pieces if piece]


def _found(signs: list[_Sign], pattern: str) -> list[list[_Sign]]:
    """The stretches whose kinds match the pattern."""
    return [signs[match.start() : match.end()] for match in re.finditer(pattern, _row(signs))]


# --- What can be asked for ---


def read_parts(
    text: str, names: Sequence[Sequence[str]], language: str
) -> frozenset[int] | NoSuchPart | None:
    """Which entries of a numbered list a text means: '1, 3 en 4', 'alles behalve de laatste', 'not 2'.

    `names`: of each entry, in order of its number (from 1), what it is called. A text that only takes away
    ('2 niet') means all others. None when it says something else: a question, a story, another state than in
    place or not, or what could be meant in two ways. NoSuchPart for a number that the list does not have.
    """
    signs = _read(text, names, language)
    if signs is None:
        return None
    signs = _without(signs, "R")
    opened = _row(signs)[:1] if _row(signs)[:1] in "yn" else ""
    if opened == "n" and re.match("n[#^g]", _row(signs)):
        return None  # 'no 2': number 2, or not 2
    signs = _without(_without(signs, "^[yn][chb]*"), "^[yn][chb]*")
    if not signs:
        return frozenset() if opened == "n" else None
    signs = _without(_combined(signs, len(names)), "S")
    row = _row(signs)
    if "u" in row:
        return None if opened == "n" else _named_in_sentence(signs)
    if row == "g" and signs[0].parts == {0}:
        return frozenset()
    signs = _rewrite(signs, "[WIy]+", _one("W"))
    signs = _rewrite(signs, "W?[NYn]W?", _one("N"))
    signs = _rewrite(signs, "Z", _one("z"))
    # 'We hebben nog geen chatbot' says nothing of all others; 'alleen 2 niet' does, and so does '2 niet'.
    named = any(sign.how in ("name", "part") for sign in signs)
    hollow = bool(re.search("[zZ]g", row)) or (named and "o" not in row)
    signs = _tidied(_excepted(_rewrite(signs, "z(?=g)|oN", _one("N"))))
    said = _statements(signs, "sure")
    return _chosen(said, len(names), hollow=hollow) if said else None


def _named_in_sentence(signs: list[_Sign]) -> frozenset[int] | None:
    """The names in a short sentence with other words in it; None when more than names is in it."""
    row = _row(signs)
    named = _of_kind(signs, "g")
    if not named or set(row) - set("guWIechby:") or any(sign.how != "name" for sign in named):
        return None
    return _all_parts(named) if row.count("u") <= _WORDS_AROUND else None


def _chosen(said: list[_Said], count: int, *, hollow: bool) -> frozenset[int] | NoSuchPart | None:
    """The entries that statements of yes and no leave; with `hollow`, a no says nothing of all others."""
    everything = frozenset(range(1, count + 1))
    yes, no, alone = frozenset[int](), frozenset[int](), frozenset[int]()
    whole: set[bool] = set()
    rest: set[bool] = set()
    for one in said:
        so = one.mark != "N"
        for target in one.targets or (_Sign("H"),):
            if one.mark not in ("", "W", "N") or not _can_be(target, one, (count,)):
                return None
            if target.kind == "g":
                yes, no = (yes | target.parts, no) if so else (yes, no | target.parts)
                yes, no = yes - target.less, no | target.less
                alone |= target.parts if so and len(target.parts) == 1 else frozenset()
            elif target.kind == "a":
                whole, no = whole | {so}, no | target.less
            elif target.kind == "r":
                rest.add(so)
            elif target.less:  # 'niets behalve 2'
                yes, rest = yes | target.less, rest | {False}
            else:
                whole.add(False)
    if not _rest_has(said, len(everything - yes - no)):
        return None
    if alone & no or len(whole | rest) > 1 or (whole and rest) or (whole == {False} and yes):
        return None
    if (yes | no) - everything:
        return NoSuchPart(min((yes | no) - everything))
    yes -= no  # '1 t/m 5, maar 3 niet'
    if whole:
        return everything - no if True in whole else frozenset()
    if rest:
        return (everything - no if no else None) if True in rest else (yes or None)
    return yes or (everything - no if no and not hollow else None)


def _rest_has(said: list[_Said], count: int) -> bool:
    """Whether 'de andere twee' are so many."""
    rest = [target for one in said for target in one.targets if target.kind == "r"]
    return all(target.value in (0, count) for target in rest)


def _can_be(target: _Sign, said: _Said, sizes: Collection[int]) -> bool:
    """Whether this can be said of that target. `sizes`: how many 'alle drie' may be."""
    if target.kind == "a":
        denied = said.mark == "N" and (said.before or bool(target.less))
        return target.value in (0, *sizes) and not denied
    if target.kind == "g":
        return not (target.less and said.mark == "N")
    if target.kind == "r":
        return bool(said.mark) and not target.less
    return target.kind == "z" and not said.mark and len(said.targets) == 1


def read_states(
    text: str,
    names: Sequence[Sequence[str]],
    language: str,
    *,
    open: Collection[int],
    default: str | None,
) -> dict[int, str] | NoSuchPart | None:
    """What holds of which entries: number -> state, for those of which the text says it, in order of number.

    A state is 'in_place', 'planned', 'not_yet', 'not_fitting' or 'dont_know'. `open`: the numbers that
    'alles', 'de rest' and a state alone are about. `default`: the state of numbers without one ('1 en 3, 2
    gepland'); with None they take that of the next clause ('2, 3 gepland'). None where no state is named (a
    plain 'wel' or 'niet' is none, a 'nee' alone is not_yet), where a number is left without one, or gets two.
    NoSuchPart for a number that the list does not have.
    """
    signs = _read(text, names, language)
    if signs is None:
        return None
    signs = _without(_without(signs, "^y[chb]*"), "(?<=.)[chb]$")
    if _row(signs) == "n":
        return dict.fromkeys(sorted(open), "not_yet") or None
    if re.match("n[#^g]", _row(signs)):
        return None
    signs = _combined(_without(signs, "^n[chb]*"), len(names))
    named = set(_row(signs)) & set("PYXDIFKZ") or (not default and "rN" in _row(signs))
    signs = _excepted(_with_states(signs))
    said = _statements(_tidied(signs), "apart" if default else "next")
    if not named or not said:
        return None
    return _stated(said, len(names), frozenset(open), default)


def _with_states(signs: list[_Sign]) -> list[_Sign]:
    """The halves of states put together: 'past' and 'niet', 'weet' and 'niet', 'niets' and 'gepland'."""

    def none_of_it(found: list[_Sign]) -> list[_Sign]:
        """'niets gepland behalve 2': number 2 is planned, and the rest is not yet."""
        others = [_Sign("c"), *_of_kind(found, "ge"), _Sign("P")] if _of_kind(found, "x") else []
        return [_Sign("r"), _Sign("Y"), *others]

    timed = "P" in _row(signs)
    signs = _rewrite(signs, "t", lambda found: [] if timed else [_Sign("u")])
    signs = _rewrite(signs, "y", _one("W"))
    signs = _rewrite(signs, "n", _one("N"))
    signs = _alike(signs)
    signs = _rewrite(signs, "zF(?!N)", lambda _: [_Sign("r"), _Sign("X")])

    def behind(kind: str) -> Callable[[list[_Sign]], Iterable[_Sign]]:
        return lambda found: [*_of_kind(found, "gare"), _Sign(kind)]

    for half, state in ("F", "X"), ("K", "D"):
        signs = _rewrite(signs, f"W?{half}[gare]*N|NW?{half}", behind(state))
        signs = _rewrite(signs, f"W?{half}{state}|{state}{half}", _one(state))
    signs = _rewrite(signs, "[zZ](?:Pxg(?:eg)*|xg(?:eg)*P)", none_of_it)
    signs = _rewrite(signs, "[RzZ][PI]|P:?[zZ]|RN?", none_of_it)
    signs = _rewrite(signs, "Z|N[PI]", _one("Y"))
    signs = _rewrite(signs, "[YN][cb]*WP|[YN][cb]+P(?=$|[hc](?!g))", _one("P"))  # 'nog niet, wel gepland'
    signs = _rewrite(signs, "YI", _one("Y"))
    signs = _rewrite(signs, "P[cb]*Y(?=$|[chb])", _one("P"))  # 'gepland, nog niet in gebruik'
    signs = _rewrite(signs, "WN|NW", _one("N"))
    signs = _rewrite(signs, "W?[PI]W?", lambda found: _of_kind(found, "PI"))
    return _same_again(_alike(signs))


def _same_again(signs: list[_Sign]) -> list[_Sign]:
    """'2 gepland, 3 ook': the state of the one before."""
    mark: list[_Sign] = []
    again: list[_Sign] = []
    for sign in signs:
        mark = [sign] if sign.kind in _MARKS else mark
        again += mark if sign.kind == "S" else [sign]
    return again


def _alike(signs: list[_Sign]) -> list[_Sign]:
    """Without doubles: 'gepland voor volgend jaar' says it twice."""
    return _rewrite(signs, r"([PYXDIWNFK])\1+", lambda found: found[:1])


def _stated(
    said: list[_Said], count: int, still_open: frozenset[int], default: str | None
) -> dict[int, str] | NoSuchPart | None:
    """The state of each number of which the statements say one; `default` and the rest as in read_states."""
    marks = dict(_STATES) | {"N": "not_yet"} | ({"W": "in_place", "": default} if default else {})
    own: dict[int, str] = {}
    ranged: dict[int, str] = {}
    whole: set[str] = set()
    rest: set[str] = set()
    left = frozenset[int]()
    sizes = (count, len(still_open))
    for one in said:
        if one.mark not in marks or not (one.targets or one is said[0]):
            return None
        state = marks[one.mark]
        for target in one.targets or (_Sign("a"),):
            if target.kind == "z" or not _can_be(target, one, sizes):
                return None
            if target.kind == "g":
                of_these = own if len(target.parts) == 1 else ranged
                for number in target.parts - target.less:
                    if of_these.setdefault(number, state) != state:
                        return None
            else:
                (whole if target.kind == "a" else rest).add(state)
            left |= target.less
    own = ranged | own
    if len(whole | rest) > 1 or (whole and rest) or not _rest_has(said, len(still_open - set(own) - left)):
        return None
    beyond = (left | set(own)) - set(range(1, count + 1))
    if beyond:
        return NoSuchPart(min(beyond))
    others = dict.fromkeys(still_open - left, next(iter(whole | rest))) if whole or rest else {}
    return dict(sorted((others | own).items())) or None


def read_positions(text: str, names: Sequence[Sequence[str]], language: str) -> Positions | None:
    """On which aspect a company dominates and on which it is above average, in the order or words of a text.

    'prijs en service', 'above average on service, we dominate on price'. `names`: of each aspect, in order of
    its number, what it is called; each longer word of a name stands for it too. None for a question, for a
    story of more than 25 words, for a denial, and where it cannot be told which of two is meant. The same
    aspect twice is returned as it was said.
    """
    if sum(token[0].isalnum() for token in _tokens(text)) > _LONGEST_STORY:
        return None
    plain = _read(text, names, language)
    if plain is None:
        return None
    plain = _without(_combined(_without(plain, "^y[chb]*"), len(names)), "S")
    if set(_row(plain)) <= set("gecho") and all(sign.how not in ("name", "part") for sign in plain):
        ordered = [number for sign in _of_kind(plain, "g") for number in sorted(sign.parts)]
        return _in_order(ordered, len(names))
    signs = _ranked(_without(_read(text, names, language, roles=True) or [], "^y[chb]*"))
    return _placed(_not_denied(_combined(signs, len(names))), len(names))


def _in_order(numbers: Sequence[int], count: int) -> Positions | None:
    """The first one named is the first, the second the second; three or more are everything."""
    if not numbers or any(not 1 <= number <= count for number in numbers):
        return None
    if len(set(numbers)) > 2:
        return Positions(None, None, True)
    return (
        Positions(numbers[0], numbers[1] if len(numbers) > 1 else None, False) if len(numbers) < 3 else None
    )


def _not_denied(signs: list[_Sign]) -> list[_Sign]:
    """Without what is denied in so many words ('niet op prijs, maar op service')."""
    signs = _rewrite(signs, "g[ec]?g", lambda two: two[:1] if _of_one_name(two[0], two[-1]) else two)
    return _without(_without(signs, "[oWS]"), "Ng(?=[chb])[chb]*|[chbe]*Ng$")


def _of_one_name(one: _Sign, other: _Sign) -> bool:
    """Whether these are two words of the same name ('bereik & levering')."""
    return one.how == other.how == "part" and one.parts == other.parts


def _ranked(signs: list[_Sign]) -> list[_Sign]:
    """'1: service, 2: prijs': two names with these numbers before them are put in order by them."""
    pair = "#[:chd]?g"
    numbers = [sign.value for sign in _of_kind(signs, "#") if sign.how == "digits"]
    if sorted(numbers) != [1, 2] or len(_found(signs, pair)) != 2:
        return signs
    return _rewrite(signs, pair, lambda found: [_Sign(str(found[0].value)), found[-1]])


@dataclass(frozen=True)
class _Place:
    """One aspect and its role ('' for none). `before`: the role is said first; `then`: after a 'daarna'.

    `vague`: other things are said of it as well.
    """

    number: int
    role: str
    before: bool
    then: bool
    vague: bool


def _placed(signs: list[_Sign], count: int) -> Positions | None:
    """The positions that the signs of a text give, the words for first and second included."""
    row = _row(signs)
    named = _of_kind(signs, "g")
    others = re.sub("[gechb:a123]", "", row)
    numbers = [number for sign in named for number in sorted(sign.parts)]
    if set(others) & set("HqzZnNxKD") or any(not 1 <= number <= count for number in numbers):
        return None
    if "a" in row:
        sized = all(sign.value in (0, count) for sign in _of_kind(signs, "a"))
        return Positions(None, None, True) if sized and not others else None
    if others and any(sign.how not in ("name", "part") for sign in named):
        return None
    if len(set(numbers)) > 2:
        return Positions(None, None, True)
    if not set(row) & set("12"):
        return _in_order(numbers, count) if len(others) <= _WORDS_AROUND else None
    places = _places([s if s.kind in "gechb:123" else _Sign("u") for s in signs])
    return _by_role(places) if places else None


def _places(signs: list[_Sign]) -> list[_Place] | None:
    """Each aspect with the role in its own clause, or in one beside it that holds nothing else."""
    places: list[_Place] = []
    ahead = ""
    for match in re.finditer("([echb:3]*)([g12u]+)", _row(signs)):
        then = "3" in match[1]
        clause = signs[match.start(2) : match.end(2)]
        row = re.sub(r"([12])\1+", r"\1", match[2].replace("u", ""))
        entries = [min(sign.parts) for sign in _of_kind(clause, "g")]
        if not row:
            continue
        if row in "12":
            if places and not places[-1].role:
                places[-1] = replace(places[-1], role=row)
            elif not places or places[-1].role != row:
                ahead = row
            continue
        if re.fullmatch("(g[12])+|([12]g)+|g+", row):
            roles = [kind for kind in row if kind != "g"] or [""] * len(entries)
            before = row[0] != "g"
        else:
            return None
        if ahead and not any(roles):
            roles, before = [ahead, *roles[1:]], True
        elif ahead and ahead not in roles:
            return None
        ahead = ""
        places += [
            _Place(number, role, before, then, "u" in match[2])
            for number, role in zip(entries, roles, strict=True)
        ]
    return None if ahead else places


def _by_role(places: list[_Place]) -> Positions | None:
    """What has no role of its own gets the one that is left, unless it shares that of the one before."""
    by_role: dict[str, int] = {}
    for place in places:
        if place.role and by_role.setdefault(place.role, place.number) != place.number:
            return None
    left = [place for place in places if not place.role and (place.then or not place.vague)]
    left = [place for place in left if place.number not in by_role.values()]
    free = [role for role in "12" if role not in by_role]
    if len(left) > len(free):
        return None
    for place in left:
        at = places.index(place)
        if at and places[at - 1].before and places[at - 1].role and not place.then:
            return None  # 'we domineren op prijs en service'
        by_role[free[0]] = place.number
    return Positions(by_role.get("1"), by_role.get("2"), False)


def read_one(text: str, names: Sequence[Sequence[str]], language: str) -> int | NoSuchPart | None:
    """The one entry that a text chooses: '2', 'de tweede', '2 · Held', 'zoals Nike', 'meer een ontdekker'.

    `names`: of each entry, in order of its number, what it is called; brand names may be among them. None for
    a question, a denial, a longer story, and where none or more than one is named. NoSuchPart for a number
    that the list does not have.
    """
    signs = _read(text, names, language)
    tokens = [token for token in _tokens(text) if token[0].isalnum()]
    if signs is None or len(tokens) > _LONGEST_CHOICE:
        return None
    signs = _without(_combined(_without(signs, "^y[chb]*"), len(names)), "[oWS]")
    row = _row(signs)
    chosen = _of_kind(signs, "g")
    meant = _all_parts(chosen)
    by_name = any(sign.how in ("name", "part") for sign in chosen)
    if not by_name:
        number = read_number(text, language)
        if number is not None and "H" not in row:
            return number if 1 <= number <= len(names) else NoSuchPart(number)
        # 'wij zijn de eerste' is no choice, 'de eerste past bij ons' is.
        boasts = "F" not in row and any(sign.how == "ordinal" for sign in chosen)
        boasts = boasts and bool(set(tokens) & several_words(language).company)
        if boasts or set(row) - set("gchebF"):
            return None
    elif set(row) - set("guMtcheb:") or len(re.findall("[uMt]", row)) > _WORDS_AROUND:
        return None
    if by_name and "u" in row and any(sign.how not in ("name", "part") for sign in chosen):
        return None
    if len(meant) != 1:
        return None
    (number,) = meant
    return number if 1 <= number <= len(names) else NoSuchPart(number)
