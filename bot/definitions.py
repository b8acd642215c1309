"""Maturity models from YAML: read, checked, refused with file, line, key and what was expected.

A definition is one YAML file. It is checked in three rounds: YAML itself, the shape
(`models/maturity/schema.json`) and the meaning (what a shape cannot say: every language filled, levels 1
to n, unique ids). All problems of a file come back at once; a file with a problem gives no maturity model
at all.

A snapshot is the canonical JSON of a definition, defaults filled in, and is named by its hash.
"""

from __future__ import annotations

import difflib
import hashlib
import itertools
import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from bot.assessment.definitions import (
    SCORED,
    Action,
    Case,
    Dimension,
    ImplausiblePair,
    Item,
    Level,
    MaturityModel,
    Option,
    Positioning,
    Practice,
    Recommend,
    Signal,
    StagedName,
    Transition,
)
from bot.assessment.kinds import LEFT_OPEN

SCHEMA = Path(__file__).resolve().parent.parent / "models" / "maturity" / "schema.json"

BUTTON_LENGTH = 24
"""The longest row of a WhatsApp list; a level's button reads 'N · label'."""

_DEEPEST = 30
_YAML_TAGS = "tag:yaml.org,2002:"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LANGUAGES = {"nl": "Dutch", "en": "English"}
_KINDS = {
    "object": "keys with values under it",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
_PATTERNS = {
    r"^[a-z][a-z0-9_]{0,39}$": "lower-case letters, digits and underscores, beginning with a letter, at most "
    "40 characters (such as customer_journey)",
    r"^\d+\.\d+\.\d+$": "a version of three numbers (such as 1.0.0)",
    r"\S": "a text",
}
_ONE_LINE = frozenset({"name", "title", "label", "question", "need", "intended", "competitor"})
_OF_KIND = {
    "rubric": ("levels", "advice"),
    "checklist": ("practices",),
    "choice": ("options",),
    "positioning": ("aspects", "intended", "competitor", "everything"),
    "signals": ("signals",),
}
"""Item kind -> the keys that it has and other kinds have not."""

Step = str | int
Spot = tuple[Step, ...]
"""The way to a value in a file: keys and list positions, such as ('dimensions', 0, 'title', 'nl')."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in a file; `line` counts from 1, `key` is empty for the file as a whole."""

    file: str
    line: int
    key: str
    expected: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: "
        return f"{where}{self.key}: {self.expected}" if self.key else where + self.expected


class DefinitionError(Exception):
    """One or more definitions are refused; `problems` says why, by file and line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def load(path: str | Path, *, schema: Path = SCHEMA) -> MaturityModel:
    """The maturity model in this file, whose name has to be its id.

    Raises DefinitionError with all problems of the file, also when it cannot be read.
    """
    return load_all([path], schema=schema)[0]


def load_all(paths: Iterable[str | Path], *, schema: Path = SCHEMA) -> tuple[MaturityModel, ...]:
    """The maturity models in these files, and in the .yml and .yaml files of these folders, by file name.

    Raises DefinitionError with the problems of all files together: one broken file refuses all.
    """
    sources, problems = _read(paths, schema)
    if problems:
        raise DefinitionError(problems)
    return tuple(_build(source.data) for source in sources)


def check(paths: Iterable[str | Path], *, schema: Path = SCHEMA) -> list[Problem]:
    """All problems in these files and folders, by file as given, then by line; [] when all is well."""
    return _read(paths, schema)[1]


def parse(text: str, name: str, *, schema: Path = SCHEMA) -> MaturityModel:
    """The maturity model in this YAML (or JSON) text; `name` stands for the file in messages.

    Raises DefinitionError with all problems of the text.
    """
    source = _examine(text, name, schema)
    problems = source.problems()
    if problems:
        raise DefinitionError(problems)
    return _build(source.data)


def canonical(text: str, name: str = "definition") -> str:
    """The canonical JSON of the definition in this text; raises DefinitionError when it is broken."""
    return to_canonical(parse(text, name))


def to_canonical(model: MaturityModel) -> str:
    """The model as one line of JSON with sorted keys: equal models give equal text, however it was written.

    Defaults are written out, so that a snapshot keeps its meaning when a default changes.
    """
    return json.dumps(_data(model), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_canonical(text: str) -> MaturityModel:
    """The model in a snapshot. Quick: it was checked before it became one, and is not checked again."""
    return _build(json.loads(text))


def content_hash(canonical: str) -> str:
    """The name of a snapshot: the SHA-256 of its UTF-8 bytes, in hex."""
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


# --- reading ---------------------------------------------------------------------------------------


class _TooDeep(Exception):
    """Lists and keys inside each other beyond all reason, which no definition needs."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class _Source:
    """One file: its plain data, where each value stands, and what is wrong with it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.data: Any = None
        self._problems: set[tuple[int, Spot, str]] = set()
        self._lines: dict[Spot, int] = {}
        self._key_lines: dict[Spot, int] = {}
        self._written: dict[Spot, str] = {}
        self._blamed: set[Spot] = set()

    def compose(self, text: str) -> None:
        """Fill `data` from YAML. Numbers keep how they were written, and every value its line.

        From the parser's events and not from its nodes: its own way to nodes runs out of stack, and takes
        the process with it, on a file of nothing but brackets. We stop reading such a file early.
        """
        loader = _LOADER(text)
        try:
            loader.get_event()  # start of the stream
            if not loader.check_event(yaml.StreamEndEvent):
                loader.get_event()  # start of the document
                self.data = self._value(loader, loader.get_event(), ())
                loader.get_event()  # end of the document
            if not loader.check_event(yaml.StreamEndEvent):
                line = loader.peek_event().start_mark.line + 1
                self.blame_file(line, "expected one maturity model in a file, found a second one after '---'")
        except yaml.YAMLError as error:
            self.data = None
            self._problems.clear()
            words = _parser_words(error)
            self.blame_file(_line_of(error, text), f"expected valid YAML; the parser says: {words}")
        except _TooDeep as error:
            self.data = None
            self._problems.clear()
            self.blame_file(
                error.line, f"expected at most {_DEEPEST} levels of lists and keys inside each other"
            )
        finally:
            loader.dispose()
        if self.data is None and not self._problems:
            self.blame_file(1, "expected a maturity model, found an empty file")

    def _value(self, loader: Any, event: Any, spot: Spot) -> Any:
        self._lines[spot] = event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(loader, event, spot)
        if isinstance(event, yaml.AliasEvent):
            self.blame(
                spot, "expected the words themselves; references to another place (*) are not used here"
            )
            return None
        if event.tag not in (None, "!", f"{_YAML_TAGS}map", f"{_YAML_TAGS}seq"):
            self.blame(spot, f"expected a value without a YAML tag, found {event.tag!r}")
        if len(spot) > _DEEPEST:
            raise _TooDeep(event.start_mark.line + 1)
        if isinstance(event, yaml.SequenceStartEvent):
            entries: list[Any] = []
            while not isinstance(event := loader.get_event(), yaml.SequenceEndEvent):
                entries.append(self._value(loader, event, (*spot, len(entries))))
            return entries
        result: dict[str, Any] = {}
        while not isinstance(event := loader.get_event(), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent):
                self._add(line, spot, "expected a plain word as the key")
                _skip(loader, event)
                _skip(loader, loader.get_event())
                continue
            key, place = event.value, (*spot, event.value)
            if key in result:
                first = self._key_lines[place]
                self._add(line, place, f"expected each key once; it is already on line {first}")
                _skip(loader, loader.get_event())
                continue
            self._key_lines[place] = line
            result[key] = self._value(loader, loader.get_event(), place)
        return result

    def _scalar(self, loader: Any, event: Any, spot: Spot) -> Any:
        tag = event.tag
        if tag is None or tag == "!":
            tag = loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        kind = tag.removeprefix(_YAML_TAGS)
        if kind == "str":
            return unicodedata.normalize("NFC", event.value.strip())
        self._written[spot] = event.value
        try:
            if kind == "int":
                return yaml.constructor.SafeConstructor().construct_yaml_int(
                    yaml.ScalarNode(tag, event.value)
                )
            if kind == "float":
                node = yaml.ScalarNode(tag, event.value)
                number = yaml.constructor.SafeConstructor().construct_yaml_float(node)
                return number if math.isfinite(number) else event.value
            if kind == "bool":
                return yaml.constructor.SafeConstructor.bool_values[event.value.lower()]
        except (ValueError, KeyError):
            return event.value
        if kind == "null":
            return None
        if kind != "timestamp":
            self.blame(spot, f"expected a value without a YAML tag, found {tag!r}")
        return event.value

    def line(self, spot: Spot) -> int:
        """The line where someone looks for the value: that of its key, or of its dash in a list."""
        while spot and spot not in self._lines:
            spot = spot[:-1]
        value = self.at(spot)
        if isinstance(value, str | int | float):
            return self._lines[spot]
        return self._key_lines.get(spot, self._lines.get(spot, 1))

    def at(self, spot: Spot) -> Any:
        """The value at this spot; None when there is none."""
        value = self.data
        for step in spot:
            if isinstance(value, dict) and isinstance(step, str):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def entries(self, spot: Spot) -> Iterator[tuple[Spot, dict[str, Any]]]:
        """The mappings in the list at this spot, with their own spots; nothing when it is no list."""
        value = self.at(spot)
        if isinstance(value, list):
            for number, entry in enumerate(value):
                if isinstance(entry, dict):
                    yield (*spot, number), entry

    def key(self, spot: Spot) -> str:
        """The spot in words: dimensions[people].items[skills].levels[3].label.nl."""
        words = ""
        for depth, step in enumerate(spot):
            if isinstance(step, str):
                words += f".{step}" if words else step
            else:
                words += f"[{self._entry_name(spot[: depth + 1])}]"
        return words

    def _entry_name(self, spot: Spot) -> str:
        entry = self.at(spot)
        if isinstance(entry, dict):
            for key in ("id", "value", "to"):
                if isinstance(entry.get(key), str | int):
                    return str(entry[key])
        return f"#{int(spot[-1]) + 1}"

    def found(self, spot: Spot) -> str:
        """What stands at this spot, in words."""
        value = self.at(spot)
        if value is None:
            return "nothing"
        if isinstance(value, dict):
            return "keys with values under it"
        if isinstance(value, list):
            return "a list"
        written = self._written.get(spot, str(value))
        if isinstance(value, bool):
            plain = "true" if value else "false"
            return plain if written == plain else f"{written}, which YAML reads as {plain}"
        if isinstance(value, int | float):
            return f"the number {written}"
        if not value:
            return "an empty text"
        return f"'{written}'" if len(written) <= 40 else f"'{written[:37]}...'"

    def blame(self, spot: Spot, expected: str) -> None:
        """Note a problem with the value at this spot."""
        self._add(self.line(spot), spot, expected)

    def blame_once(self, spot: Spot, expected: str) -> None:
        """The same, unless something is already wrong with this very value."""
        if not self.is_blamed(spot):
            self.blame(spot, expected)

    def is_blamed(self, spot: Spot) -> bool:
        """Whether something is already wrong with this very value."""
        return spot in self._blamed

    def blame_key(self, spot: Spot, expected: str) -> None:
        """Note a problem with the key itself, at its own line."""
        self._add(self._key_lines.get(spot, self.line(spot)), spot, expected)

    def blame_file(self, line: int, expected: str) -> None:
        """Note a problem with the file as a whole."""
        self._add(line, (), expected)

    def _add(self, line: int, spot: Spot, expected: str) -> None:
        self._blamed.add(spot)
        self._problems.add((line, spot, expected))

    def problems(self) -> list[Problem]:
        """All problems noted so far, by line."""
        return sorted(Problem(self.name, line, self.key(spot), text) for line, spot, text in self._problems)


def _skip(loader: Any, event: Any) -> None:
    """Read past the value that begins with this event."""
    depth = int(isinstance(event, yaml.CollectionStartEvent))
    while depth:
        event = loader.get_event()
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)


def _read(paths: Iterable[str | Path], schema: Path) -> tuple[list[_Source], list[Problem]]:
    sources = []
    ids: dict[str, str] = {}
    for path in _files(paths):
        source = _read_file(path, schema)
        sources.append(source)
        own_id = source.at(("id",))
        if not isinstance(own_id, str):
            continue
        if own_id != path.stem:
            source.blame_once(
                ("id",), f"expected {path.stem!r}, since the file's name is the model's id; found {own_id!r}"
            )
        if own_id in ids:
            source.blame(("id",), f"expected an id of its own; {own_id!r} is already that of {ids[own_id]}")
        ids.setdefault(own_id, str(path))
    return sources, [problem for source in sources for problem in source.problems()]


def _files(paths: Iterable[str | Path]) -> Iterator[Path]:
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if file.suffix in (".yml", ".yaml"))
            # An empty folder goes on as a file, and is then refused as one.
            yield from inside or [path]
        else:
            yield path


def _read_file(path: Path, schema: Path) -> _Source:
    name = str(path)
    try:
        raw = path.read_bytes()
        return _examine(raw.decode("utf-8-sig"), name, schema)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        expected = "expected a file saved as UTF-8; here is a character in another encoding"
    except IsADirectoryError:
        line, expected = 1, "expected a .yml file, found a folder without one"
    except OSError as error:
        line, expected = 1, f"expected a file that can be read: {error.strerror}"
    source = _Source(name)
    source.blame_file(line, expected)
    return source


def _examine(text: str, name: str, schema_path: Path) -> _Source:
    source = _Source(name)
    source.compose(text)
    if source.data is None:
        return source
    schema, validator, translated = _schema(schema_path)
    for violation in validator.iter_errors(source.data):
        _explain(source, violation)
    if isinstance(source.data, dict):
        _check_meaning(source, translated, schema["$defs"]["text"]["propertyNames"]["enum"])
    return source


def _line_of(error: yaml.YAMLError, text: str) -> int:
    last = max(1, len(text.splitlines()))
    for mark in (getattr(error, "problem_mark", None), getattr(error, "context_mark", None)):
        if mark is not None:
            return min(int(mark.line) + 1, last)  # at the end of the text the parser counts one on
    position = getattr(error, "position", 0)
    return text.encode("utf-8")[:position].count(b"\n") + 1


def _parser_words(error: yaml.YAMLError) -> str:
    parts = [getattr(error, name, None) for name in ("context", "problem", "reason")]
    return " ".join(part for part in parts if part) or "it cannot be read"


# --- the shape -------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _schema(path: Path) -> tuple[Mapping[str, Any], Draft202012Validator, frozenset[str]]:
    """The schema, its validator, and the keys that hold one text (or list) per language."""
    schema = json.loads(path.read_text(encoding="utf-8"))
    translated: set[str] = set()
    parts = [schema]
    while parts:
        part = parts.pop()
        for name, below in part.get("properties", {}).items():
            if _per_language(schema, below):
                translated.add(name)
        parts.extend(child for value in part.values() for child in _schemas_in(value))
    return schema, Draft202012Validator(schema), frozenset(translated)


def _schemas_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        yield from (entry for entry in value if isinstance(entry, dict))


def _per_language(schema: Mapping[str, Any], part: Mapping[str, Any]) -> bool:
    if "propertyNames" in part:
        return True
    name = str(part.get("$ref", "")).rpartition("/")[2]
    return name in schema["$defs"] and _per_language(schema, schema["$defs"][name])


def _explain(source: _Source, error: ValidationError) -> None:
    """Put one violation of the schema into words."""
    if "propertyNames" in error.absolute_schema_path or error.validator == "uniqueItems":
        return  # the check of meaning knows the model's own languages, and which examples are the same
    spot: Spot = tuple(error.absolute_path)
    shape: Mapping[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    wanted: Any = error.validator_value
    rule = str(error.validator)
    found = source.found(spot)
    if rule == "required":
        for name in wanted:
            if name not in source.at(spot):
                about = shape.get("properties", {}).get(name, {}).get("description")
                source.blame(
                    (*spot, name), "expected this key; it is missing" + (f" ({about})" if about else "")
                )
    elif rule == "additionalProperties":
        known = list(shape.get("properties", {}))
        for name in source.at(spot):
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"expected one of: {', '.join(known)}"
                source.blame_key((*spot, name), f"unknown key; {hint}")
    elif rule == "type":
        kind = "a text per language" if wanted == "object" and "propertyNames" in shape else _KINDS[wanted]
        quotes = "; put it between quotes" if wanted == "string" and source.at(spot) is not None else ""
        if isinstance(source.at(spot), dict | list):
            quotes = ""
        source.blame_once(spot, f"expected {kind}, found {found}{quotes}")
    elif rule == "enum":
        source.blame(spot, f"expected {' or '.join(map(str, wanted))}, found {found}")
    elif rule == "maxLength":
        source.blame(spot, f"expected a text of at most {wanted} characters, found {len(source.at(spot))}")
    elif rule == "minLength" or (rule == "pattern" and not source.at(spot)):
        source.blame(spot, "expected a text, found an empty text")
    elif rule == "pattern":
        source.blame(spot, f"expected {_PATTERNS.get(wanted, f'a text like {wanted}')}, found {found}")
    elif rule in ("minimum", "maximum", "exclusiveMinimum"):
        source.blame(spot, f"expected {_limits(shape)}, found {found}")
    elif rule in ("minItems", "maxItems"):
        bound = "at least" if rule == "minItems" else "at most"
        source.blame(spot, f"expected {bound} {wanted} of these, found {len(source.at(spot))}")
    elif rule == "minProperties":
        source.blame_once(spot, "expected a text per language, found nothing")
    else:
        source.blame(spot, f"expected something else: {error.message}")


def _limits(shape: Mapping[str, Any]) -> str:
    kind = _KINDS.get(shape.get("type", ""), "a number")
    most = shape.get("maximum")
    if "minimum" in shape:
        return f"{kind} from {shape['minimum']}" + (f" to {most}" if most is not None else "")
    return f"{kind} above {shape.get('exclusiveMinimum')}" + (
        f" and at most {most}" if most is not None else ""
    )


# --- the meaning -----------------------------------------------------------------------------------


def _check_meaning(source: _Source, translated: frozenset[str], known: Sequence[str]) -> None:
    languages = source.at(("languages",))
    if isinstance(languages, list):
        _check_repeats(source, [(("languages", n), name) for n, name in enumerate(languages)], "language")
        languages = [name for name in known if name in languages]
    else:
        languages = None
    _check_texts(source, (), source.data, translated, languages or None, known)
    staged = _check_kinds(source)
    highest = _check_own_levels(source, 0 if staged else 1)
    _check_repeats(source, _ids(source, ("dimensions",)), "dimension")
    for spot, _ in source.entries(("dimensions",)):
        items = (*spot, "items")
        _check_repeats(source, _ids(source, items), "item of this dimension")
        _check_quick(source, items)
        for place, item in source.entries(items):
            if highest and not staged and _kind(item) == "rubric":
                _check_sequence(source, (*place, "levels"), "value", "level", 1, highest)
                _check_sequence(source, (*place, "advice"), "to", "advice to level", 2, highest)
            _check_item_levels(source, (*place, "levels"))
            for name in ("practices", "options", "aspects", "signals"):
                _check_parts(source, (*place, name))
            for name in ("options", "aspects"):
                _check_buttons(source, (*place, name))
            for aspect, entry in source.entries((*place, "aspects")):
                if entry.get("id") == LEFT_OPEN:
                    source.blame(
                        (*aspect, "id"), f"expected another id; {LEFT_OPEN!r} stands for what was left open"
                    )
            if highest and item.get("kind") == "checklist":
                _check_stages(source, (*place, "practices"), highest)
    _check_implausible(source)


def _check_texts(
    source: _Source,
    spot: Spot,
    value: Any,
    translated: frozenset[str],
    languages: Sequence[str] | None,
    known: Sequence[str],
) -> None:
    """Every text has all languages of the model and no other; names are of one line."""
    if isinstance(value, list):
        for number, entry in enumerate(value):
            _check_texts(source, (*spot, number), entry, translated, languages, known)
    if not isinstance(value, dict):
        return
    if spot and spot[-1] in translated:
        for name in value:
            if name not in (languages or known):
                choice = " or ".join(languages or known)
                source.blame_key(
                    (*spot, name), f"expected a language of this model ({choice}), found {name!r}"
                )
        for name in languages or ():
            if name not in value:
                language = _LANGUAGES.get(name, name)
                source.blame((*spot, name), f"expected the text in {language} ({name}); it is missing")
        for name, words in value.items():
            if spot[-1] in _ONE_LINE and isinstance(words, str) and "\n" in words:
                source.blame((*spot, name), "expected a text of one line, found a line break")
        return
    for name, below in value.items():
        _check_texts(source, (*spot, name), below, translated, languages, known)


def _kind(item: Mapping[str, Any]) -> str:
    return str(item.get("kind", "rubric"))


def _check_kinds(source: _Source) -> bool:
    """Every item has the keys of its kind and no others; whether the scored items are checklists."""
    scored: list[tuple[Spot, str]] = []
    for spot, _ in source.entries(("dimensions",)):
        for place, item in source.entries((*spot, "items")):
            kind = _kind(item)
            if kind not in _OF_KIND:
                continue  # the shape has refused it
            if kind in SCORED:
                scored.append((place, kind))
            for name in _OF_KIND[kind]:
                if name not in item:
                    source.blame(
                        (*place, name), f"expected this key in an item of kind {kind}; it is missing"
                    )
            others = {name for names in _OF_KIND.values() for name in names} - set(_OF_KIND[kind])
            for name in others & set(item):
                source.blame_key(
                    (*place, name),
                    f"unknown key in an item of kind {kind}; expected: {', '.join(_OF_KIND[kind])}",
                )
    kinds = {kind for _, kind in scored}
    if len(kinds) > 1:
        first = scored[0][1]
        for place, kind in scored:
            if kind != first:
                source.blame(
                    (*place, "kind"), f"expected {first}, like the others: one model scores one kind of item"
                )
    return bool(scored) and scored[0][1] == "checklist"


def _check_quick(source: _Source, items: Spot) -> None:
    """A quick scan asks one item of these, and it scores."""
    quick = [place for place, item in source.entries(items) if item.get("quick") is True]
    if not quick and isinstance(source.at(items), list):
        source.blame(items, "expected 'quick: true' at exactly one item of this dimension, found none")
    unscored = [place for place in quick if _kind(source.at(place)) in set(_OF_KIND) - set(SCORED)]
    for place in unscored:
        kinds = " or ".join(SCORED)
        source.blame((*place, "quick"), f"expected at an item of kind {kinds} only, since these score")
    for place in [place for place in quick if place not in unscored][1:]:
        source.blame(
            (*place, "quick"), "expected 'quick: true' at exactly one item of this dimension; another has it"
        )


def _check_own_levels(source: _Source, lowest: int) -> int | None:
    """The model's highest level, when its list of levels says so clearly."""
    entries = source.at(("levels",))
    if not isinstance(entries, list):
        return None
    # Numbers that the shape already refuses (0, 99) say nothing about how many levels were meant.
    values: list[int] = [
        entry["value"]
        for spot, entry in source.entries(("levels",))
        if _is_level(entry.get("value")) and not source.is_blamed((*spot, "value"))
    ]
    if not values:
        return None
    # With a number missing in the middle, the highest one says best what was meant.
    highest = max(values)
    _check_sequence(source, ("levels",), "value", "level", lowest, highest)
    return highest


def _check_sequence(source: _Source, spot: Spot, key: str, what: str, lowest: int, highest: int) -> None:
    """The list has an entry for each number from `lowest` to `highest`, once, in order."""
    if not isinstance(source.at(spot), list):
        return
    entries = list(source.entries(spot))
    numbers = [(place, entry[key]) for place, entry in entries if _is_level(entry.get(key))]
    counted = Counter(number for _, number in numbers)
    every = f"{what} {lowest} to {highest}"
    wrong = False
    if len(numbers) == len(entries):  # otherwise the entry without a number is the problem, and it is named
        for number in range(lowest, highest + 1):
            if number not in counted:
                wrong = True
                source.blame(spot, f"expected {every}, each once; {number} is missing")
    seen = set()
    for place, number in numbers:
        if number in seen:
            source.blame_once((*place, key), f"expected {every}, each once; {number} is there already")
        elif not lowest <= number <= highest:
            source.blame_once((*place, key), f"expected {every} (the model's own levels), found {number}")
        wrong = wrong or number in seen or not lowest <= number <= highest
        seen.add(number)
    if not wrong:
        for before, (place, number) in itertools.pairwise(numbers):
            if number < before[1]:
                source.blame(
                    (*place, key), f"expected {every} in this order; {number} comes after {before[1]}"
                )


def _check_source(source: _Source, place: Spot, entry: Mapping[str, Any]) -> None:
    """What is derived says from what, and nothing else does."""
    derived = entry.get("source") == "derived"
    if derived and "derived_from" not in entry:
        source.blame((*place, "derived_from"), "expected one line: from what, since the source is 'derived'")
    if not derived and "derived_from" in entry and isinstance(entry.get("source"), str):
        source.blame_key((*place, "derived_from"), "expected only with 'source: derived'")


def _check_parts(source: _Source, spot: Spot) -> None:
    """Sources, ids and labels of the practices, options, aspects or signals of one item."""
    _check_repeats(source, _ids(source, spot), "id in this item")
    labels: dict[str, list[tuple[Spot, Any]]] = {}
    for place, part in source.entries(spot):
        _check_source(source, place, part)
        for language, label in _dict(part.get("label")).items():
            labels.setdefault(language, []).append(((*place, "label", language), label))
    for found in labels.values():
        _check_repeats(source, found, "label in this item")


def _check_stages(source: _Source, spot: Spot, highest: int) -> None:
    """Practices stand in order of their stages, which are the model's own."""
    before = 0
    for place, practice in source.entries(spot):
        stage: Any = practice.get("stage")
        if not _is_level(stage):
            continue
        if not 1 <= stage <= highest:
            source.blame_once(
                (*place, "stage"), f"expected a stage from 1 to {highest} (the model's own), found {stage}"
            )
            continue
        if stage < before:
            source.blame_once(
                (*place, "stage"), f"expected practices in order of stage; {stage} comes after {before}"
            )
        before = max(before, stage)


def _check_buttons(source: _Source, spot: Spot) -> None:
    """The entries of this list fit their buttons, which read 'N · label'."""
    for number, (place, part) in enumerate(source.entries(spot), 1):
        for language, label in _dict(part.get("label")).items():
            _check_button(source, (*place, "label", language), number, label)


def _check_button(source: _Source, spot: Spot, number: int, label: Any) -> None:
    button = f"{number} · {label}"
    if isinstance(label, str) and len(button) > BUTTON_LENGTH:
        most = f"a button of at most {BUTTON_LENGTH} characters"
        source.blame_once(spot, f"expected {most}, found {len(button)} in {button!r}")


def _check_item_levels(source: _Source, spot: Spot) -> None:
    """Sources, labels and example answers of one item's levels."""
    labels: dict[str, list[tuple[Spot, Any]]] = {}
    examples: dict[str, list[tuple[Spot, Any]]] = {}
    for place, level in source.entries(spot):
        _check_source(source, place, level)
        for language, label in _dict(level.get("label")).items():
            here = (*place, "label", language)
            labels.setdefault(language, []).append((here, label))
            if _is_level(level.get("value")):
                _check_button(source, here, level["value"], label)
        for language, given in _dict(level.get("answers")).items():
            if isinstance(given, list):
                places = [
                    ((*place, "answers", language, number), words) for number, words in enumerate(given)
                ]
                examples.setdefault(language, []).extend(places)
    for found in labels.values():
        _check_repeats(source, found, "label in this item")
    for found in examples.values():
        _check_repeats(source, found, "example answer in this item")


def _check_implausible(source: _Source) -> None:
    dimensions = [name for _, name in _ids(source, ("dimensions",))]
    for spot, pair in source.entries(("implausible",)):
        for end in ("high", "low"):
            name = pair.get(end)
            if isinstance(name, str) and name not in dimensions:
                source.blame_once(
                    (*spot, end), f"expected the id of a dimension of this model, found {name!r}"
                )
        if isinstance(pair.get("low"), str) and pair["low"] == pair.get("high"):
            source.blame((*spot, "low"), "expected another dimension than 'high'")


def _check_repeats(source: _Source, found: Iterable[tuple[Spot, Any]], what: str) -> None:
    """No two texts are the same; capitals and spacing make no difference."""
    first: dict[str, Spot] = {}
    for spot, words in found:
        if not isinstance(words, str) or not words:
            continue
        plain = re.sub(r"\s+", " ", words).casefold()
        if plain in first:
            line = source.line(first[plain])
            source.blame(spot, f"expected every {what} to differ; {source.found(spot)} is on line {line} too")
        else:
            first[plain] = spot


def _ids(source: _Source, spot: Spot) -> list[tuple[Spot, Any]]:
    return [((*place, "id"), entry.get("id")) for place, entry in source.entries(spot)]


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_level(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


# --- data <-> dataclasses --------------------------------------------------------------------------


def _build(data: Mapping[str, Any]) -> MaturityModel:
    return MaturityModel(
        id=data["id"],
        version=data["version"],
        languages=tuple(data["languages"]),
        name=data["name"],
        summary=data["summary"],
        minutes=int(data["minutes"]),
        quick_minutes=int(data["quick_minutes"]) if "quick_minutes" in data else None,
        recommend=_build_recommend(data["recommend"]) if "recommend" in data else None,
        document=data["document"],
        caution=data["caution"],
        target_rule=data["target"],
        levels=tuple(StagedName(int(row["value"]), row["name"], row["meaning"]) for row in data["levels"]),
        dimensions=tuple(_build_dimension(dimension) for dimension in data["dimensions"]),
        implausible=tuple(
            ImplausiblePair(pair["high"], pair["low"], pair["text"], pair["source"])
            for pair in data.get("implausible", ())
        ),
    )


def _build_recommend(data: Mapping[str, Any]) -> Recommend:
    words = {language: tuple(listed) for language, listed in data["words"].items()}
    return Recommend(data["label"], data["need"], data["reason"], words)


def _build_dimension(data: Mapping[str, Any]) -> Dimension:
    case = data.get("case")
    return Dimension(
        id=data["id"],
        weight=float(data.get("weight", 1)),
        title=data["title"],
        explanation=data["explanation"],
        source=data["source"],
        case=None if case is None else Case(case["name"], case["text"], case["source"]),
        items=tuple(_build_item(item) for item in data["items"]),
    )


def _build_item(data: Mapping[str, Any]) -> Item:
    return Item(
        id=data["id"],
        kind=data.get("kind", "rubric"),
        weight=float(data.get("weight", 1)),
        quick=data.get("quick", False),
        title=data["title"],
        question=data["question"],
        explanation=data["explanation"],
        why=data["why"],
        example=data["example"],
        levels=tuple(_build_level(level) for level in data.get("levels", ())),
        advice=tuple(Transition(int(step["to"]), _build_action(step)) for step in data.get("advice", ())),
        practices=tuple(
            Practice(stage=int(part["stage"]), action=_build_action(part["advice"]), **_named(part))
            for part in data.get("practices", ())
        ),
        options=tuple(
            Option(brands=tuple(part.get("brands", ())), consequence=part["consequence"], **_named(part))
            for part in (*data.get("options", ()), *data.get("aspects", ()))
        ),
        signals=tuple(
            Signal(action=_build_action(part["advice"]), **_named(part)) for part in data.get("signals", ())
        ),
        positioning=Positioning(data["intended"], data["competitor"], data["everything"])
        if "intended" in data
        else None,
    )


def _build_level(data: Mapping[str, Any]) -> Level:
    return Level(
        value=int(data["value"]),
        label=data["label"],
        text=data["text"],
        source=data["source"],
        derived_from=data.get("derived_from"),
        answers={language: tuple(words) for language, words in data.get("answers", {}).items()},
    )


def _build_action(data: Mapping[str, Any]) -> Action:
    return Action(data["step"], data["measure"], int(data["benefit"]), int(data["investment"]))


def _named(part: Mapping[str, Any]) -> dict[str, Any]:
    """What practices, options, aspects and signals have in common."""
    found = {name: part[name] for name in ("id", "label", "text", "source")}
    return {**found, "derived_from": part.get("derived_from")}


def _data(model: MaturityModel) -> dict[str, Any]:
    """The inverse of `_build`: what the YAML would say, with every default written out."""
    data: dict[str, Any] = {
        "id": model.id,
        "version": model.version,
        "languages": list(model.languages),
        "name": dict(model.name),
        "summary": dict(model.summary),
        "minutes": model.minutes,
        "document": model.document,
        "caution": dict(model.caution),
        "target": model.target_rule,
        "levels": [
            {"value": row.value, "name": dict(row.name), "meaning": dict(row.meaning)} for row in model.levels
        ],
        "dimensions": [_dimension_data(dimension) for dimension in model.dimensions],
        "implausible": [
            {"high": pair.high, "low": pair.low, "text": dict(pair.text), "source": pair.source}
            for pair in model.implausible
        ],
    }
    if model.quick_minutes is not None:
        data["quick_minutes"] = model.quick_minutes
    if model.recommend is not None:
        wanted = model.recommend
        data["recommend"] = {
            "label": dict(wanted.label),
            "need": dict(wanted.need),
            "reason": dict(wanted.reason),
            "words": {language: list(words) for language, words in wanted.words.items()},
        }
    return data


def _dimension_data(dimension: Dimension) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": dimension.id,
        "weight": dimension.weight,
        "title": dict(dimension.title),
        "explanation": dict(dimension.explanation),
        "source": dimension.source,
        "items": [_item_data(item) for item in dimension.items],
    }
    if dimension.case is not None:
        case = dimension.case
        data["case"] = {"name": case.name, "text": dict(case.text), "source": case.source}
    return data


def _item_data(item: Item) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": item.id,
        "kind": item.kind,
        "weight": item.weight,
        "quick": item.quick,
        "title": dict(item.title),
        "question": dict(item.question),
        "explanation": dict(item.explanation),
        "why": dict(item.why),
        "example": dict(item.example),
    }
    if item.kind == "rubric":
        data["levels"] = [_level_data(level) for level in item.levels]
        data["advice"] = [{"to": one.to, **_action_data(one.action)} for one in item.advice]
    elif item.kind == "checklist":
        data["practices"] = [
            {**_named_data(part), "stage": part.stage, "advice": _action_data(part.action)}
            for part in item.practices
        ]
    elif item.kind == "signals":
        data["signals"] = [
            {**_named_data(part), "advice": _action_data(part.action)} for part in item.signals
        ]
    else:
        data["options" if item.kind == "choice" else "aspects"] = [
            {**_named_data(part), "consequence": dict(part.consequence), "brands": list(part.brands)}
            for part in item.options
        ]
    if item.positioning is not None:
        data["intended"] = dict(item.positioning.intended)
        data["competitor"] = dict(item.positioning.competitor)
        data["everything"] = dict(item.positioning.everything)
    return data


def _action_data(action: Action) -> dict[str, Any]:
    return {
        "step": dict(action.step),
        "measure": dict(action.measure),
        "benefit": action.benefit,
        "investment": action.investment,
    }


def _named_data(part: Practice | Option | Signal) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": part.id,
        "label": dict(part.label),
        "text": dict(part.text),
        "source": part.source,
    }
    if part.derived_from is not None:
        data["derived_from"] = part.derived_from
    return data


def _level_data(level: Level) -> dict[str, Any]:
    data: dict[str, Any] = {
        "value": level.value,
        "label": dict(level.label),
        "text": dict(level.text),
        "source": level.source,
    }
    if level.derived_from is not None:
        data["derived_from"] = level.derived_from
    if level.answers:
        data["answers"] = {language: list(words) for language, words in level.answers.items()}
    return data
