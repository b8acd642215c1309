"""A bundle: one assessment as a file that can be checked without the house that it comes from.

It holds the definition, the answers, and what follows from them; whoever has the file can compute all of it
anew (`check`). docs/bundle.md describes the format. The hashes find damage, not a forger: who changes an
answer, the result and every hash alike has made another bundle that is as it says. A bundle is not signed.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, get_args

from jsonschema import Draft202012Validator, FormatChecker

from bot.assessment.advice import Recommendation, advise, first_steps, steps_to_show
from bot.assessment.answers import Answer, AnswerKind
from bot.assessment.definitions import MaturityModel
from bot.assessment.kinds import fits
from bot.assessment.records import Assessment, Snapshot, StoredAnswer
from bot.assessment.scoring import Result, score
from bot.service.anonymity import TOLD, NotTold, Veil
from bot.service.ports import Parser, Store

NAME = "peil bundle"
VERSION = 1
"""Of the format; goes up when a reader of the former one would take a file for something that it is not."""
RULES = 1
"""Of the rules by which answers become scores and advice (docs/scoring.md); goes up when one changes."""

LARGEST = 20_000_000
"""In bytes. The largest bundle of our own models has some 300 kB."""

PARTS = ("format", "definition", "assessment", "answers", "targets", "result", "advice", "first_steps")
"""What has a hash of its own."""


class NoBundle(Exception):
    """The file cannot be checked: no bundle, not whole, or of another version; a sentence says which."""


@dataclass(frozen=True)
class Checked:
    """What came of a check: `problems`, a line each, none when all is as it says; `about`: its facts."""

    problems: tuple[str, ...]
    about: str


# --- making -----------------------------------------------------------------------------------------


def of_assessment(
    store: Store,
    parse: Parser,
    assessment_id: str,
    *,
    with_words: bool = False,
    with_reference: bool = False,
) -> dict[str, Any] | None:
    """The bundle of an assessment; None when there is none with this id.

    `with_reference`: with what the site calls the respondent, where it calls them anything, and the names of
    what the company's server has signed, if it has anything.
    Of an anonymous campaign it tells no time but the month (as its first moment, in UTC), and never what was
    typed: raises NotTold where that is asked for.
    """
    with store.read() as work:
        assessment = work.assessment(assessment_id)
        if assessment is None:
            return None
        snapshot = work.snapshot(assessment.definition_hash)
        stored = work.answers(assessment_id)
        conversation = work.conversation(assessment.conversation_id)
        hidden = Veil(work).anonymous(conversation)
    if hidden and with_words:
        raise NotTold(f"assessment {assessment_id} is of an anonymous campaign: what was typed is not told")
    if hidden:
        assessment, stored = _without_times(assessment, stored)
    if snapshot is None:
        raise KeyError(f"assessment {assessment_id!r} names a definition that was never published")
    reference, signed = None, tuple[str, ...]()
    if with_reference and conversation is not None and not hidden:
        reference, signed = conversation.reference, conversation.signed
    return make(
        snapshot,
        parse(snapshot.content),
        assessment,
        stored,
        with_words=with_words,
        reference=reference,
        signed=signed,
    )


def _without_times(
    assessment: Assessment, stored: Sequence[StoredAnswer]
) -> tuple[Assessment, list[StoredAnswer]]:
    """The same, with the beginning of the month in which it was begun for every time, and no customers.

    Which customers it is about may be said by few, and would tell who.
    """
    begun = assessment.started_at.astimezone(UTC)
    month = begun.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    completed = None if assessment.completed_at is None else month
    return (
        replace(assessment, started_at=month, completed_at=completed, business_line=None),
        [replace(one, at=month) for one in stored],
    )


def make(
    snapshot: Snapshot,
    model: MaturityModel,
    assessment: Assessment,
    stored: Sequence[StoredAnswer],
    *,
    with_words: bool = False,
    reference: str | None = None,
    signed: Sequence[str] = (),
) -> dict[str, Any]:
    """The bundle as JSON has it. `model`: the one in `snapshot`. `stored`: all answers, in order.

    Left out is who answered (conversation, role, department), and every id that opens something or counts
    more than this assessment: answers are numbered from 1.
    """
    numbers = {one.id: number for number, one in enumerate(stored, start=1)}
    parts: dict[str, Any] = {
        "format": {"name": NAME, "version": VERSION, "rules": RULES, "words": with_words},
        "definition": {"hash": snapshot.hash, "text": snapshot.content},
        "assessment": {
            "id": assessment.id,
            "model": assessment.model_id,
            "version": assessment.model_version,
            "definition": assessment.definition_hash,
            "depth": assessment.depth,
            "business_line": assessment.business_line,
            "status": assessment.status,
            "started_at": assessment.started_at.isoformat(),
            "completed_at": assessment.completed_at.isoformat() if assessment.completed_at else None,
        }
        | ({} if reference is None else {"reference": reference})
        | ({"signed": list(signed)} if signed else {}),
        "answers": [
            {
                "number": numbers[one.id],
                "item": one.answer.item_id,
                "kind": one.answer.kind,
                "level": one.answer.value,
                "given": one.answer.given or None,
                "at": one.at.isoformat(),
                "supersedes": None if one.supersedes is None else numbers[one.supersedes],
            }
            | ({"words": one.own_words} if with_words else {})
            for one in stored
        ],
        "targets": {},
    }
    answers = {one.answer.item_id: one.answer for one in stored}
    return sealed(parts | outcome(model, answers, assessment.depth, {}))


def outcome(
    model: MaturityModel, answers: Mapping[str, Answer], depth: str, targets: Mapping[str, int]
) -> dict[str, Any]:
    """Result, advice and first steps as a bundle has them."""
    asked = model.quick_ids() if depth == "quick" else None
    result = score(model, answers, targets=targets, asked=asked)
    steps = advise(model, answers, result, targets_chosen=bool(targets))
    return {
        "result": _result(result),
        "advice": [_advice(step) for step in steps],
        "first_steps": [_advice(step) for step in first_steps(steps, steps_to_show(result))],
    }


def sealed(parts: Mapping[str, Any]) -> dict[str, Any]:
    """These parts with the hash of each, and that of the whole."""
    bundle = {name: parts[name] for name in PARTS}
    hashes = {name: digest(bundle[name]) for name in PARTS}
    return {**bundle, "sha256": {**hashes, "whole": digest({**bundle, "sha256": hashes})}}


def to_text(bundle: Mapping[str, Any]) -> str:
    """The bundle as a file has it."""
    return json.dumps(bundle, ensure_ascii=False, sort_keys=True, indent=2) + "\n"


def digest(value: Any) -> str:
    """The SHA-256, in hex, of a value as JSON on one line: sorted keys, no spaces, UTF-8, 2.0 as 2."""
    line = json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(line.encode("utf-8")).hexdigest()


def _plain(value: Any) -> Any:
    """The value with whole numbers as such: JavaScript, which knows one kind of number, writes 2.0 as 2."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _result(result: Result) -> dict[str, Any]:
    balance = result.balance
    return {
        "overall": result.overall,
        "indication": result.indication,
        "dimensions": [
            {
                "id": one.dimension_id,
                "status": one.status,
                "score": one.score,
                "staged": one.staged,
                "coverage": one.coverage,
                "lowest": one.lowest,
                "highest": one.highest,
                "target": one.target,
                "gap": one.gap,
            }
            for one in result.dimensions
        ],
        "elements": [
            {
                "id": one.item_id,
                "score": one.score,
                "stage": one.stage,
                "in_place": one.in_place,
                "applicable": one.applicable,
                "coverage": one.coverage,
                "lowest": one.lowest,
                "highest": one.highest,
            }
            for one in result.elements
        ],
        "balance": None
        if balance is None
        else {
            "spread": balance.spread,
            "unbalanced": balance.unbalanced,
            "highest": balance.highest_id,
            "lowest": balance.lowest_id,
        },
        "implausible": [{"high": pair.high, "low": pair.low} for pair in result.implausible],
    }


def _advice(step: Recommendation) -> dict[str, Any]:
    return {
        "item": step.item_id,
        "practice": None if step.practice is None else step.practice.id,
        "planned": step.planned,
        "from": step.current,
        "to": step.to,
        "reason": step.reason,
    }


# --- checking ---------------------------------------------------------------------------------------

DefinitionParser = Callable[[str], MaturityModel]
"""Makes a maturity model of a text; raises ValueError with a sentence when it is none."""


def check(raw: bytes, parse: DefinitionParser) -> Checked:
    """Compute everything in this file anew, from the file alone, and hold it against what the file says.

    Raises NoBundle when it cannot be checked at all.
    """
    bundle = _read(raw)
    _check_format(bundle)
    try:
        return _checked(bundle, parse)
    except RecursionError:
        raise NoBundle("it has lists in lists without end, which no bundle has") from None


def _checked(bundle: dict[str, Any], parse: DefinitionParser) -> Checked:
    problems = list(dict.fromkeys(_shape(bundle)))
    if problems:
        return Checked(tuple(problems), "")
    problems += _hashes(bundle)
    facts = bundle["assessment"]
    about = (
        f"Assessment {_key(facts['id'])}, {_key(facts['model'])} {_key(facts['version'])}, "
        f"{len(bundle['answers'])} answers, definition {bundle['definition']['hash']}"
    )
    model, found = _definition(bundle, parse)
    problems += found
    answers, found = _answers(bundle, model)
    problems += found
    if model is None or answers is None:
        problems.append("result: cannot be computed, for what is said above")
        return Checked(tuple(problems), about)
    unknown = sorted(set(bundle["targets"]) - {one.id for one in model.dimensions})
    wrong = [
        name
        for name, level in bundle["targets"].items()
        if name not in unknown and not model.lowest <= level <= model.highest
    ]
    if unknown or wrong:
        problems += [f"{_joined('targets', name)}: the definition has no such dimension" for name in unknown]
        problems += [f"{_joined('targets', name)}: the definition has no such level" for name in wrong]
        return Checked(tuple(problems), about)
    computed = outcome(model, answers, facts["depth"], bundle["targets"])
    for name in ("result", "advice", "first_steps"):
        problems += _apart(name, bundle[name], _as_json(computed[name]))
    return Checked(tuple(problems), about)


def _read(raw: bytes) -> Any:
    if len(raw) > LARGEST:
        raise NoBundle(f"it has more than {LARGEST // 1_000_000} MB, which no bundle has")
    begun, ended = raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{", raw.rstrip()[-1:] == b"}"
    try:
        bundle = json.loads(
            raw.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_finite, parse_float=_finite
        )
        # Half of a pair of surrogates is fine JSON, but no text that has a hash.
        json.dumps(bundle, ensure_ascii=False).encode("utf-8")
    except _Twice as error:
        raise NoBundle(
            f"the key {_key(str(error))} stands in it twice, so that readers could differ"
        ) from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, json.JSONDecodeError):
            stops = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string")
            ended = ended and not stops
        if begun and not ended:
            raise NoBundle("it is not whole: it stops in the middle") from None
        if isinstance(error, json.JSONDecodeError):
            raise NoBundle(f"line {error.lineno} is no JSON, so it is no bundle, or was damaged") from None
        raise NoBundle("it is no text that a bundle could be, or was damaged") from None
    return bundle


class _Twice(Exception):
    """A key stands twice in one object."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Twice(key)
        found[key] = value
    return found


def _finite(digits: str) -> float:
    """The number; raises ValueError for NaN, Infinity and what is too large for a float."""
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits} is no number")
    return number


def _check_format(bundle: Any) -> None:
    said = bundle.get("format") if isinstance(bundle, dict) else None
    if not isinstance(said, dict) or said.get("name") != NAME:
        raise NoBundle("it is no bundle of Peil")
    for name, ours, made in (
        ("version", VERSION, "is of a {} format"),
        ("rules", RULES, "was scored by {} rules"),
    ):
        theirs = said.get(name)
        if isinstance(theirs, bool) or not isinstance(theirs, int) or theirs < 1:
            raise NoBundle(f"it does not say by which {name} it was made")
        if theirs != ours:
            age = "newer" if theirs > ours else "older"
            raise NoBundle(
                f"it {made.format(age)} ({_shown(theirs)}, and this Peil has {ours}): it takes another Peil"
            )


def _shape(bundle: Any) -> Iterator[str]:
    """What is missing, unknown or not of the format's kind; what is computed has only to be there."""
    for error in _validator().iter_errors(bundle):
        where = _path(bundle, error.absolute_path)
        if error.validator == "required":
            for name in error.validator_value:
                if name not in error.instance:
                    yield f"{_joined(where, name)}: is missing"
        elif error.validator == "additionalProperties":
            for name in sorted(set(error.instance) - set(error.schema["properties"])):
                yield f"{_joined(where, name)}: is not part of this format"
        else:
            yield f"{where}: the file says {_shown(error.instance)}, which is not what the format has there"
    if not isinstance(bundle.get("answers"), list) or not isinstance(bundle["format"].get("words"), bool):
        return
    for number, answer in enumerate(bundle["answers"], start=1):
        if isinstance(answer, dict) and ("words" in answer) != bundle["format"]["words"]:
            says = "with" if bundle["format"]["words"] else "without"
            yield f"answers[#{number}].words: the file says that it is {says} words"


def _hashes(bundle: dict[str, Any]) -> Iterator[str]:
    computed = sealed(bundle)["sha256"]
    # The whole is over the hashes as the file says them, so that one wrong hash is one problem.
    said = bundle["sha256"]
    inner = {name: said[name] for name in PARTS}
    computed["whole"] = digest({**{name: bundle[name] for name in PARTS}, "sha256": inner})
    for name, hash_ in computed.items():
        if said[name] != hash_:
            yield f"sha256.{name}: the file says {said[name][:12]}, its content gives {hash_[:12]}"


def _definition(bundle: dict[str, Any], parse: DefinitionParser) -> tuple[MaturityModel | None, list[str]]:
    text, named = bundle["definition"]["text"], bundle["definition"]["hash"]
    facts = bundle["assessment"]
    problems = []
    hash_ = hashlib.sha256(text.encode("utf-8")).hexdigest()
    if named != hash_:
        problems.append(f"definition.hash: the file says {named[:12]}, the text gives {hash_[:12]}")
    if facts["definition"] != named:
        problems.append(
            f"assessment.definition: the file says {facts['definition'][:12]}, the definition is {named[:12]}"
        )
    try:
        model = parse(text)
    except ValueError as error:
        reason = _cut(_printable(str(error)), 200)
        if not problems:
            raise NoBundle(f"its definition is not one that this Peil reads: {reason}") from None
        return None, [*problems, f"definition.text: is no definition: {reason}"]
    for key, value in (("model", model.id), ("version", model.version)):
        if facts[key] != value:
            problems.append(_differs(f"assessment.{key}", facts[key], value, "the definition says"))
    return model, problems


def _answers(
    bundle: dict[str, Any], model: MaturityModel | None
) -> tuple[dict[str, Answer] | None, list[str]]:
    """The answers that hold; None when one of all that were given cannot be one."""
    problems: list[str] = []
    held: dict[str, int] = {}
    answers: dict[str, Answer] = {}
    sound = model is not None
    items = {} if model is None else {f"{one.id}.{item.id}": item for one, item in model.walk()}
    for number, given in enumerate(bundle["answers"], start=1):
        where = f"answers[#{number}]"
        item_id = given["item"]
        if given["number"] != number:
            problems.append(_differs(f"{where}.number", given["number"], number, "its place is"))
        before = held.get(item_id)
        if given["supersedes"] != before:
            problems.append(
                _differs(f"{where}.supersedes", given["supersedes"], before, "the answers before it give")
            )
        held[item_id] = number
        try:
            detail = tuple(sorted((given["given"] or {}).items()))
            answer = Answer(item_id, given["kind"], given["level"], detail)
        except ValueError:
            answer = None
        if model is not None and item_id not in items:
            problems.append(f"{where}.item: the definition has no {_shown(item_id)}")
            sound = False
        elif answer is None or (model is not None and not fits(items[item_id], answer)):
            problems.append(f"{where}: is no answer that {_shown(item_id)} can have")
            sound = False
        else:
            answers[item_id] = answer
    facts = bundle["assessment"]
    ended = facts["completed_at"] is not None
    # One that was left may have been complete before.
    if facts["status"] != "abandoned" and ended != (facts["status"] == "completed"):
        problems.append(_differs("assessment.completed_at", facts["completed_at"], facts["status"], "it is"))
    return (answers if sound else None), problems


def _apart(where: str, said: Any, computed: Any) -> Iterator[str]:
    """Each value that the file says otherwise than it was computed."""
    if isinstance(said, dict) and isinstance(computed, dict):
        for key in computed:
            if key not in said:
                yield f"{_joined(where, key)}: is missing"
            else:
                yield from _apart(_joined(where, key), said[key], computed[key])
        for key in sorted(set(said) - set(computed)):
            yield f"{_joined(where, key)}: is not part of this format"
    elif isinstance(said, list) and isinstance(computed, list):
        if [_name_of(one) for one in said] != [_name_of(one) for one in computed] or len(said) != len(
            computed
        ):
            yield _differs(where, [_name_of(one) for one in said], [_name_of(one) for one in computed])
            return
        for number, (one, other) in enumerate(zip(said, computed, strict=True), start=1):
            name = other.get("id", f"#{number}")
            yield from _apart(f"{where}[{name}]", one, other)
    elif _kind(said) != _kind(computed) or said != computed:
        yield _differs(where, said, computed)


def _name_of(entry: Any) -> Any:
    """What an entry of a list of the result or the advice is about."""
    if not isinstance(entry, dict):
        return entry
    names = [
        entry.get(key) for key in ("id", "item", "practice", "high", "low") if entry.get(key) is not None
    ]
    return ".".join(map(str, names))


def _kind(value: Any) -> str:
    """The kind of a JSON value; whole or not, a number is a number, but true is none."""
    if isinstance(value, bool) or value is None:
        return str(value)
    return "number" if isinstance(value, int | float) else type(value).__name__


def _as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _differs(where: str, said: Any, computed: Any, how: str = "the answers give") -> str:
    return f"{where}: the file says {_shown(said)}, {how} {_shown(computed)}"


def _joined(where: str, name: str) -> str:
    return f"{where}.{_key(name)}".lstrip(".")


def _path(bundle: Any, steps: Sequence[Any]) -> str:
    where = ""
    for step in steps:
        where = f"{where}[#{step + 1}]" if isinstance(step, int) else _joined(where, step)
    return where or "the file"


def _key(name: str) -> str:
    """A name from the file, short, and nothing in it that a terminal would obey."""
    return _cut(_printable(name), 40)


def _shown(value: Any) -> str:
    """A value from the file as JSON, short, and nothing in it that a terminal would obey."""
    return _cut(_printable(json.dumps(value, ensure_ascii=False)), 80)


def _printable(words: str) -> str:
    return "".join(one if one.isprintable() else "?" for one in words)


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 3]}..."


# --- the shape --------------------------------------------------------------------------------------


def _record(properties: Mapping[str, Any], optional: Mapping[str, Any] | None = None) -> dict[str, Any]:
    every = {**properties, **(optional or {})}
    return {
        "type": "object",
        "properties": every,
        "required": list(properties),
        "additionalProperties": False,
    }


@cache
def _validator() -> Draft202012Validator:
    """What the format says of its parts; what is computed (result, advice) is compared instead."""
    text, whole = {"type": "string"}, {"type": "integer"}
    hash_ = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    anything: dict[str, Any] = {}
    schema = _record(
        {
            "format": _record({"name": text, "version": whole, "rules": whole, "words": {"type": "boolean"}}),
            "definition": _record({"hash": hash_, "text": text}),
            "assessment": _record(
                {
                    "id": text,
                    "model": text,
                    "version": text,
                    "definition": hash_,
                    "depth": {"enum": ["full", "quick"]},
                    "business_line": {"enum": ["b2c", "b2b", "both", None]},
                    "status": {"enum": ["active", "completed", "abandoned"]},
                    "started_at": {"type": "string", "format": "time"},
                    "completed_at": {"type": ["string", "null"], "format": "time"},
                },
                {
                    "reference": text,
                    "signed": {
                        "type": "array",
                        "items": {"enum": [*TOLD, "reference"]},
                        "minItems": 1,
                        "uniqueItems": True,
                    },
                },
            ),
            "answers": {
                "type": "array",
                "items": _record(
                    {
                        "number": whole,
                        "item": text,
                        "kind": {"enum": list(get_args(AnswerKind))},
                        "level": {"type": ["integer", "null"]},
                        "given": {"type": ["object", "null"], "additionalProperties": text},
                        "at": {"type": "string", "format": "time"},
                        "supersedes": {"type": ["integer", "null"]},
                    },
                    {"words": {"type": ["string", "null"]}},
                ),
            },
            "targets": {"type": "object", "additionalProperties": whole},
            "result": anything,
            "advice": anything,
            "first_steps": anything,
            "sha256": _record({name: hash_ for name in (*PARTS, "whole")}),
        }
    )
    checker = FormatChecker(formats=())
    checker.checks("time", raises=ValueError)(_is_time)
    return Draft202012Validator(schema, format_checker=checker)


def _is_time(value: object) -> bool:
    """A point in time in ISO 8601, with its zone."""
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None
