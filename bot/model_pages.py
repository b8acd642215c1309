"""A page in Markdown per maturity model, made of its definition: what is asked, scored and advised."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.assessment.definitions import Action, Dimension, Item, MaturityModel, Option, Practice, Signal, Text

_LANGUAGES = {"nl": "Nederlands", "en": "English"}
_KINDS = {
    "rubric": "one of the levels",
    "checklist": "which practices are in place",
    "choice": "one of these; not scored",
    "positioning": "leading on one, above average on another, today and later; not scored",
    "signals": "any of these; not scored",
}


_MADE = "by `peil definitions pages`; do not edit by hand."
"""Stands on every page: only pages that have it are ours to remove."""


def page(model: MaturityModel) -> str:
    """The page of one model: every text in every language of it, with its source.

    Left out is what nobody is told: the example answers, and the words that point to the model.
    """
    return (
        "\n".join([*_head(model), *(line for one in model.dimensions for line in _dimension(model, one))])
        + "\n"
    )


def pages(models: Iterable[MaturityModel]) -> dict[str, str]:
    """File name -> content of every page, the table of contents among them."""
    listed = list(models)
    found = {f"{model.id}.md": page(model) for model in listed}
    lines = [
        "# The maturity models",
        "",
        f"Made of the definitions in `models/maturity/` {_MADE}",
        "",
        "| model | version | items | quick scan | minutes | source |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        _row(
            f"[{_heading(model, model.name)}]({model.id}.md) (`{model.id}`)",
            model.version,
            len(model.item_ids()),
            "none" if model.quick_minutes is None else len(model.quick_ids()),
            model.minutes,
            model.document,
        )
        for model in listed
    ]
    found["README.md"] = "\n".join(lines) + "\n"
    return found


def stale(models: Iterable[MaturityModel], folder: Path) -> list[str]:
    """What is wrong with the pages in a folder, a line each; [] when they are as the definitions are."""
    wanted = pages(models)
    found = {
        file.name: file.read_text(encoding="utf-8", errors="replace") for file in sorted(folder.glob("*.md"))
    }
    problems = [f"{folder / name} is missing" for name in wanted if name not in found]
    problems += [
        f"{folder / name} is not as its definition is now"
        for name in wanted
        if name in found and found[name] != wanted[name]
    ]
    problems += [f"{folder / name} belongs to no definition" for name in found if name not in wanted]
    return problems


def write(models: Iterable[MaturityModel], folder: Path) -> int:
    """Write all pages, and remove those of models that are gone; how many were written.

    What this did not write is left alone, also where it is in the same folder.
    """
    wanted = pages(models)
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.md"):
        if file.name not in wanted and _MADE in file.read_text(encoding="utf-8", errors="replace"):
            file.unlink()
    for name, content in wanted.items():
        (folder / name).write_text(content, encoding="utf-8")
    return len(wanted)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _row(*cells: object) -> str:
    return f"| {' | '.join(_cell(str(cell)) for cell in cells)} |"


def _table(columns: list[str], rows: Iterable[tuple[object, ...]]) -> list[str]:
    return [_row(*columns), f"|{'---|' * len(columns)}", *(_row(*row) for row in rows), ""]


def _names(model: MaturityModel) -> list[str]:
    return [_LANGUAGES[code] for code in model.languages]


def _heading(model: MaturityModel, text: Text) -> str:
    """The text once: in English, where the model has that."""
    return text.get("en", text[model.languages[0]])


def _source(part: Practice | Option | Signal) -> str:
    return part.source if part.derived_from is None else f"derived: {part.derived_from}"


def _head(model: MaturityModel) -> Iterator[str]:
    yield f"# {_heading(model, model.name)} (`{model.id}` {model.version})"
    yield ""
    yield f"Made of the definition {_MADE}"
    yield ""
    rows: list[tuple[object, ...]] = [
        ("name", *(model.name[code] for code in model.languages)),
        ("what and for whom", *(model.summary[code] for code in model.languages)),
    ]
    if model.recommend is not None:
        rows.append(("subject", *(model.recommend.label[code] for code in model.languages)))
        rows.append(("fits when", *(model.recommend.need[code] for code in model.languages)))
        rows.append(("because", *(model.recommend.reason[code] for code in model.languages)))
    rows.append(("caution", *(model.caution[code] for code in model.languages)))
    yield from _table(["", *_names(model)], rows)
    quick = (
        ""
        if model.quick_minutes is None
        else (f", quick scan {len(model.quick_ids())} items in {model.quick_minutes} minutes")
    )
    aim = "the highest level" if model.target_rule == "highest" else "the level after the one it has"
    yield (
        f"Source: `{model.document}`. {len(model.item_ids())} items, {model.minutes} minutes{quick}. "
        f"A dimension's target is {aim}, unless somebody chooses another."
    )
    yield ""
    yield "## Levels"
    yield ""
    yield from _table(
        ["level", *_names(model)],
        (
            (level.value, *(f"**{level.name[code]}** {level.meaning[code]}" for code in model.languages))
            for level in model.levels
        ),
    )
    for pair in model.implausible:
        high, low = (_heading(model, model.dimension(name).title) for name in (pair.high, pair.low))
        yield f"Implausible: {high} far above {low} (source: {pair.source})."
        yield ""
        yield from (f"- {pair.text[code]}" for code in model.languages)
        yield ""


def _dimension(model: MaturityModel, dimension: Dimension) -> Iterator[str]:
    yield f"## {' / '.join(dimension.title[code] for code in model.languages)} (`{dimension.id}`)"
    yield ""
    yield from (f"{dimension.explanation[code]}  " for code in model.languages)
    yield f"Source: {dimension.source}. Weight {dimension.weight:g}."
    yield ""
    if dimension.case is not None:
        yield f"Case: **{dimension.case.name}** (source: {dimension.case.source})"
        yield ""
        yield from (f"- {dimension.case.text[code]}" for code in model.languages)
        yield ""
    for item in dimension.items:
        yield from _item(model, item)


def _item(model: MaturityModel, item: Item) -> Iterator[str]:
    quick = ", in the quick scan" if item.quick else ""
    weight = f", weight {item.weight:g}" if item.scored else ""
    yield f"### {' / '.join(item.title[code] for code in model.languages)} (`{item.id}`)"
    yield ""
    yield f"Answer: {_KINDS[item.kind]}{weight}{quick}."
    yield ""
    rows: list[tuple[object, ...]] = [
        (name, *(text[code] for code in model.languages))
        for name, text in (
            ("question", item.question),
            ("explanation", item.explanation),
            ("why", item.why),
            ("example", item.example),
        )
    ]
    if item.positioning is not None:
        rows += [
            (name, *(text[code] for code in model.languages))
            for name, text in (
                ("later", item.positioning.intended),
                ("competitor", item.positioning.competitor),
                ("not all of them", item.positioning.everything),
            )
        ]
    yield from _table(["", *_names(model)], rows)
    if item.levels:
        yield from _table(
            ["level", *_names(model), "source"],
            (
                (
                    level.value,
                    *(f"**{level.label[code]}** {level.text[code]}" for code in model.languages),
                    level.source if level.derived_from is None else f"derived: {level.derived_from}",
                )
                for level in item.levels
            ),
        )
        yield from _actions(model, ((f"to {one.to}", one.action) for one in item.advice))
    elif item.options:
        yield from _table(
            ["", *_names(model), "examples", "source"],
            (
                (
                    number,
                    *(
                        f"**{one.label[code]}** {one.text[code]} {one.consequence[code]}"
                        for code in model.languages
                    ),
                    ", ".join(one.brands),
                    _source(one),
                )
                for number, one in enumerate(item.options, 1)
            ),
        )
    else:
        stages = {one.id: str(one.stage) for one in item.practices}
        yield from _table(
            ["", *(["stage"] if stages else []), *_names(model), "source"],
            (
                (
                    number,
                    *([stages[one.id]] if stages else []),
                    *(f"**{one.label[code]}** {one.text[code]}" for code in model.languages),
                    _source(one),
                )
                for number, one in enumerate(item.parts, 1)
            ),
        )
        acting: list[Practice | Signal] = [*item.practices, *item.signals]
        yield from _actions(model, ((str(number), one.action) for number, one in enumerate(acting, 1)))


def _actions(model: MaturityModel, listed: Iterable[tuple[str, Action]]) -> Iterator[str]:
    yield from _table(
        ["advice", *_names(model), "benefit", "investment"],
        (
            (
                name,
                *(f"{action.step[code]} *{action.measure[code]}*" for code in model.languages),
                action.benefit,
                action.investment,
            )
            for name, action in listed
        ),
    )
