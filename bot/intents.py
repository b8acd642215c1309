"""How well side talk is told from answers: lines of a known intent, judged by what Peil does with them.

What is judged is the dialogue model (Rasa's NLU, in its own environment) together with the words of ours
around it (`bot.service.meanings`), with the first question of a maturity model open and nothing pending.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot import dialogue_model
from bot.assessment.definitions import MaturityModel
from bot.service.meanings import at_question
from bot.settings import Settings
from bot.texts import LANGUAGES

ANSWER = "answer"
"""The intent of what is no side talk."""
_ANSWERED = "take_answer"
# Rasa's own word for what it is not sure of, and the intent of a tapped button, which no text has.
_NO_LABEL = ("nlu_fallback", "button")
# Meanings that words of ours give, each with the intent whose reply it is: the same kind, said otherwise.
_SAME = {"welcome_back": "greet", "annoyed": "insult", "huh": "explain", "signs": ANSWER}


class IntentsError(Exception):
    """The lines cannot be judged; the message is one sentence."""


@dataclass(frozen=True)
class Line:
    """What somebody typed, and what it should be taken for."""

    language: str
    intent: str
    text: str


@dataclass(frozen=True)
class Judged:
    """A line, and the intent that Peil takes it for ('answer' for own words)."""

    line: Line
    got: str

    @property
    def right(self) -> bool:
        """Whether it is taken for what it is."""
        return self.line.intent == self.got


def meanings_by_intent(root: Path) -> dict[str, str]:
    """Each intent that a text can have -> the meaning of its action, by the rules of the dialogue model."""
    rules = yaml.safe_load((root / "data/rules/rules.yml").read_text(encoding="utf-8"))["rules"]
    found = {}
    for rule in rules:
        intent, action = rule["steps"]
        found[intent["intent"]] = action["action"].removeprefix("action_")
    return {intent: meaning for intent, meaning in found.items() if intent not in _NO_LABEL}


def read_lines(path: Path, known: Iterable[str]) -> list[Line]:
    """The lines of a file of `{"lang", "intent", "text"}` objects. Raises IntentsError: file, line, key."""
    intents = sorted(known)
    allowed = {"lang": LANGUAGES, "intent": [*intents, "nlu_fallback"]}
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise IntentsError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error}).") from None
    found = []
    for number, raw in enumerate(content.split("\n"), 1):
        if not raw.strip():
            continue
        where = f"{path}, line {number}"
        try:
            data = json.loads(raw)
        except ValueError as error:
            raise IntentsError(f"{where}: no JSON ({error}).") from None
        if not isinstance(data, dict):
            raise IntentsError(f'{where}: expected an object with "lang", "intent" and "text".')
        for key in ("lang", "intent", "text"):
            value = data.get(key)
            if not isinstance(value, str) or not value.strip():
                raise IntentsError(f"{where}: {key}: expected a text that is not empty.")
            if key in allowed and value not in allowed[key]:
                raise IntentsError(f"{where}: {key}: {value!r} is unknown; known: {', '.join(allowed[key])}.")
        intent = ANSWER if data["intent"] == "nlu_fallback" else data["intent"]
        found.append(Line(data["lang"], intent, data["text"]))
    if not found:
        raise IntentsError(f"{path}: there is no line in it.")
    return found


def guess(settings: Settings, model: Path, texts: Sequence[str]) -> list[str]:
    """The intent that the dialogue model guesses for each text. Raises IntentsError."""
    command = [str(dialogue_model.rasa_python(settings)), "-m", "bot.dialogue.reading", str(model)]
    asked = "".join(json.dumps(text) + "\n" for text in texts)
    done = subprocess.run(
        command,
        cwd=settings.root,
        env=dialogue_model.rasa_environment(),
        input=asked,
        capture_output=True,
        encoding="utf-8",
    )
    told = done.stdout.splitlines()
    if done.returncode != 0 or len(told) != len(texts):
        complaint = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise IntentsError(f"The dialogue model could not read the lines: {complaint}.")
    return [json.loads(one)["intent"] for one in told]


def judge(
    lines: Sequence[Line],
    guesses: Sequence[str],
    meanings: Mapping[str, str],
    model: MaturityModel,
) -> list[Judged]:
    """What Peil takes each line for. `guesses`: the NLU's intents; `meanings`: intent -> meaning."""
    intents = {meaning: intent for intent, meaning in meanings.items()} | _SAME
    judged = []
    for line, guessed in zip(lines, guesses, strict=True):
        meaning = at_question(line.text, meanings.get(guessed, _ANSWERED), line.language, model)
        judged.append(Judged(line, intents.get(meaning, meaning)))
    return judged


def _share(judged: Sequence[Judged]) -> float:
    return sum(one.right for one in judged) / len(judged) if judged else 0.0


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """All figures, as `--json` prints them; shares from 0 to 1."""
    side = [one for one in judged if one.line.intent != ANSWER]
    answers = [one for one in judged if one.line.intent == ANSWER]
    wrong = Counter((one.line.intent, one.got) for one in judged if not one.right)
    per_intent: dict[str, dict[str, Any]] = {}
    for intent in sorted({one.line.intent for one in judged}):
        of_intent = [one for one in judged if one.line.intent == intent]
        per_intent[intent] = {"n": len(of_intent), "right": sum(one.right for one in of_intent)} | {
            language: {"n": len(spoken), "right": sum(one.right for one in spoken)}
            for language in LANGUAGES
            for spoken in [[one for one in of_intent if one.line.language == language]]
        }
    return {
        "n": len(judged),
        "right": _share(judged),
        "side_talk_as_answer": sum(one.got == ANSWER for one in side) / len(side) if side else 0.0,
        "answer_as_side_talk": 1 - _share(answers) if answers else 0.0,
        "per_language": {
            language: {"n": len(spoken), "right": _share(spoken)}
            for language in LANGUAGES
            for spoken in [[one for one in judged if one.line.language == language]]
        },
        "per_intent": per_intent,
        "confusions": [
            {"intent": intent, "taken_for": got, "n": count}
            for (intent, got), count in sorted(wrong.items(), key=lambda one: (-one[1], one[0]))
        ],
    }


def table(found: Mapping[str, Any]) -> str:
    """The figures, to be read in a terminal."""
    width = max(len(intent) for intent in found["per_intent"])
    lines = [f"{'intent':{width}}  {'both':>9}  " + "  ".join(f"{code:>9}" for code in LANGUAGES)]
    for intent, counts in found["per_intent"].items():
        shown = [counts, *(counts[code] for code in LANGUAGES)]
        cells = (f"{one['right']}/{one['n']}" if one["n"] else "-" for one in shown)
        lines.append(f"{intent:{width}}  " + "  ".join(f"{cell:>9}" for cell in cells))
    lines += ["", f"{found['n']} lines, {found['right']:.1%} right"]
    for code, spoken in found["per_language"].items():
        if spoken["n"]:
            lines.append(f"  {code}: {spoken['n']} lines, {spoken['right']:.1%} right")
    lines.append(f"Side talk taken for an answer: {found['side_talk_as_answer']:.1%}")
    lines.append(f"Answers taken for side talk: {found['answer_as_side_talk']:.1%}")
    if found["confusions"]:
        lines += ["", "Taken for something else:"]
        lines += [f"  {one['n']:3} {one['intent']} -> {one['taken_for']}" for one in found["confusions"]]
    return "\n".join(lines)
