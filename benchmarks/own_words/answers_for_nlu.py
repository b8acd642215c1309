"""A sample of own words for the NLU, so that it takes none of them for side talk: data/nlu/own_words.yml.

`python -m benchmarks.own_words.answers_for_nlu` writes the file, `--check` says whether it is as it would be
written. Drawn by hash from the example answers in the maturity models: the same lines always, and one answer
more or less changes a line at most.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "data/nlu/own_words.yml"
LANGUAGES = ("nl", "en")

# For each maturity model and language.
_SHORT, _LONG = 60, 60
# In words. Shorter ones ('geen idee') may be side talk as well: data/nlu/nl.yml and en.yml decide.
_LEAST, _SHORT_UP_TO = 4, 9
# In characters; a longer text is never taken for side talk (bot/service/meanings.py).
_MOST = 200

_HEAD = """\
# Own words, drawn from the maturity models. Do not edit: python -m benchmarks.own_words.answers_for_nlu
version: "3.1"

nlu:
  - intent: answer
    examples: |
"""


def content(root: Path = ROOT) -> str:
    """The whole file, as it is to be."""
    lines: dict[str, None] = {}
    taken = _taught(root)
    for model in sorted((root / "models/maturity").glob("*.yml")):
        for language in LANGUAGES:
            told = sorted(
                {text for text in _own_words(model, language) if text.casefold() not in taken},
                key=lambda text: hashlib.sha256(text.encode()).hexdigest(),
            )
            short = [text for text in told if _LEAST <= len(text.split()) <= _SHORT_UP_TO]
            long = [text for text in told if len(text.split()) > _SHORT_UP_TO and len(text) <= _MOST]
            lines |= dict.fromkeys(short[:_SHORT] + long[:_LONG])
    return _HEAD + "".join(f"      - {text}\n" for text in lines)


def _own_words(model: Path, language: str) -> Iterator[str]:
    """Everything that stands as an example answer of this model in this language, on one line each."""
    for dimension in yaml.load(model.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["dimensions"]:
        for item in dimension["items"]:
            for level in item.get("levels", ()):
                yield from map(_line, level.get("answers", {}).get(language, ()))


def _line(text: str) -> str:
    return " ".join(text.split())


def _taught(root: Path) -> set[str]:
    """What the NLU is taught by hand, in lower case."""
    files = (root / f"data/nlu/{language}.yml" for language in LANGUAGES)
    found: Iterable[dict[str, str]] = (
        entry for file in files for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]
    )
    return {
        line.removeprefix("- ").strip().casefold()
        for entry in found
        for line in entry["examples"].splitlines()
    }


def main(arguments: list[str] | None = None) -> int:
    """Write the file, or check it. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the file is stale")
    wanted = content()
    if not parser.parse_args(arguments).check:
        TARGET.write_text(wanted, encoding="utf-8")
        print(
            f"{wanted.count(chr(10) + '      - ')} lines of own words written to {TARGET.relative_to(ROOT)}."
        )
        return 0
    if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != wanted:
        print(f"{TARGET.relative_to(ROOT)} is stale: run this without --check.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
