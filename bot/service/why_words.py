"""Why a level, the quickest way and what if, in the person's language. What is said, not when."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from math import ceil
from types import MappingProxyType

from bot.assessment.answers import Answer
from bot.assessment.definitions import Action, MaturityModel
from bot.assessment.explaining import Counted, ElementExplanation, Explanation, Preview, Raise, Way
from bot.assessment.measuring import Change, DimensionChange, ItemChange
from bot.assessment.scoring import STAGED_SHARE, Result, format_score
from bot.service import wording
from bot.service.kind_words import answer_name, joined
from bot.texts import say

_REASONS = {
    "dont_know": "name.dont_know",
    "skipped": "name.skipped",
    "not_applicable": "name.not_applicable",
    "not_answered": "why.not_answered",
    "not_asked": "why.not_asked",
    "too_little": "why.too_little_known",
}
_NOTHING_SAID: Mapping[str, str] = MappingProxyType({})
_BENEFIT = {1: "step.benefit_1", 2: "step.benefit_2", 3: "step.benefit_3"}
_INVESTMENT = {1: "step.investment_1", 2: "step.investment_2", 3: "step.investment_3"}


def why(
    language: str,
    model: MaturityModel,
    found: Explanation,
    way: Way | None,
    said: Mapping[str, str] = _NOTHING_SAID,
) -> str:
    """Why a dimension stands where it stands; `way`: what brings it to the next level, None without one.

    `said`: item id -> the own words that led to its answer, as they stand behind it.
    """
    title = model.dimension(found.dimension_id).title[language]
    left = left_out(language, model, found)
    if found.basis == "staged" and found.level is not None:
        return wording.paragraphs(
            say(
                language,
                "why.stands",
                dimension=title,
                level=found.level,
                name=model.level_name(found.level).name[language],
                score=format_score(found.result.score or 0.0, language),
            ),
            _decided(language, model, found, said),
            _next(language, model, found, way),
            left,
        )
    lines = "\n".join(_line(language, model, found, one, said) for one in found.counted)
    if found.basis == "mean":
        score = format_score(found.result.score or 0.0, language)
        one = len(found.counted) == 1
        head = say(language, "why.mean_one" if one else "why.mean_several", dimension=title, score=score)
        return wording.paragraphs(f"{head}\n{lines}", say(language, "why.mean_no_level"), left)
    if found.basis == "not_asked":
        return say(language, "why.none_asked", dimension=title)
    if found.basis == "not_applicable":
        return say(language, "why.none_applies", dimension=title)
    head = say(language, "why.too_little", dimension=title, count=found.answers_needed)
    return wording.paragraphs(head, lines, left)


def _decided(language: str, model: MaturityModel, found: Explanation, said: Mapping[str, str]) -> str:
    """The answers that decide the level, a line each, and the others that count."""
    deciding = found.deciding or tuple(one.item_id for one in found.counted)
    lines = [_line(language, model, found, one, said) for one in found.counted if one.item_id in deciding]
    others = [
        _line(language, model, found, one, said) for one in found.counted if one.item_id not in deciding
    ]
    told = "\n".join([say(language, "why.decided"), *lines])
    if others:
        told = "\n".join([told, say(language, "why.others"), *others])
    return told


def _line(
    language: str, model: MaturityModel, found: Explanation, one: Counted, said: Mapping[str, str]
) -> str:
    item = model.item(one.item_id)[1]
    title = item.title[language]
    element = next((element for element in found.elements if element.item_id == one.item_id), None)
    if element is None:
        answer = say(language, "name.level", value=one.level, label=item.level(one.level).label[language])
        line = say(language, "why.answer", item=title, answer=answer)
        return " ".join(part for part in (line, said.get(one.item_id)) if part)
    told = say(language, "why.answer", item=title, answer=wording.stage_name(language, model, one.level))
    return " ".join(part for part in (f"{told}.", _element(language, model, element)) if part)


def _element(language: str, model: MaturityModel, element: ElementExplanation) -> str:
    """What the next stage of a checklist lacks."""
    stage = element.open_stage
    if stage is None:
        return ""
    item = model.item(element.item_id)[1]

    def labels(ids: Sequence[str]) -> str:
        return joined(language, (item.part(one).label[language] for one in ids))

    told = [
        say(
            language,
            "why.element",
            stage=stage.stage,
            there=len(stage.in_place),
            needed=stage.needed,
        )
    ]
    if stage.missing:
        told.append(say(language, "why.element_missing", labels=labels(stage.missing)))
    if stage.unknown:
        told.append(say(language, "why.element_unknown", labels=labels(stage.unknown)))
    return " ".join(told)


def _next(language: str, model: MaturityModel, found: Explanation, way: Way | None) -> str:
    """The rule for the next level, what of it is lacking, and what would have made it."""
    above = found.next_level
    if above is None:
        return say(language, "why.highest")
    if above - 1 <= model.lowest:
        told = [say(language, "why.rule_lowest", level=above)]
    else:
        told = [say(language, "why.rule", level=above, below=above - 1)]
    if len({one.weight for one in found.counted}) == 1:
        total = len(found.counted)
        there = sum(1 for one in found.counted if one.level >= above)
        needed = ceil(STAGED_SHARE * total)
        told.append(say(language, "why.share_count", there=there, total=total, needed=needed))
    else:
        told.append(
            say(
                language,
                "why.share_percent",
                percent=_percent(found.share_at_next or 0.0),
                needed=_percent(found.share_needed),
            )
        )
    if found.by_gate:
        items = joined(language, (model.item(one)[1].title[language] for one in found.held_by_gate))
        told.append(say(language, "why.gate", items=items, below=above - 1))
    rule = " ".join(told)
    if way is None or way.already:
        return rule
    changes = joined(language, (_change(language, model, change) for change in way.changes))
    return wording.paragraphs(rule, say(language, "why.next", level=above, changes=changes))


def _percent(share: float) -> int:
    """In whole percents, half up."""
    return int(Fraction(share) * 100 + Fraction(1, 2))


def _change(language: str, model: MaturityModel, change: Raise) -> str:
    item = model.item(change.item_id)[1]
    title = item.title[language]
    if change.practices:
        labels = joined(language, (practice.label[language] for practice in change.practices))
        return say(language, "why.change_practice", item=title, practices=labels)
    answer = say(language, "name.level", value=change.to, label=item.level(change.to).label[language])
    return say(language, "why.change", item=title, answer=answer)


def left_out(language: str, model: MaturityModel, found: Explanation) -> str | None:
    """What does not count, with its reason; None when everything does."""
    if not found.left_out:
        return None
    items = ", ".join(
        say(
            language,
            "why.left_item",
            item=model.item(one.item_id)[1].title[language],
            reason=say(language, _REASONS[one.reason]),
        )
        for one in found.left_out
    )
    return say(language, "why.left_out", items=items)


def overall(language: str, model: MaturityModel, result: Result) -> str:
    """How the average comes about."""
    equal = len({dimension.weight for dimension in model.dimensions}) == 1
    rule = say(language, "why.overall") if equal else say(language, "why.overall_weighed")
    return wording.paragraphs(
        f"{wording.overall(language, model, result)} {rule}",
        "\n".join(wording.result_lines(language, model, result)),
        None if result.indication else say(language, "why.overall_no_level"),
    )


def open_items(language: str, model: MaturityModel, found: Explanation, order: Sequence[str]) -> str:
    """The items that could still be answered, with the numbers of their questions."""
    return joined(
        language,
        (
            say(
                language,
                "why.open_item",
                number=order.index(one.item_id) + 1,
                item=model.item(one.item_id)[1].title[language],
            )
            for one in found.left_out
            if one.item_id in order and one.reason != "not_applicable"
        ),
    )


def quickest(language: str, model: MaturityModel, way: Way) -> str:
    """The steps of a way, least investment first, each with how to begin and what it brings and takes."""
    steps: list[tuple[int, str, str, Sequence[Action]]] = []
    for change in way.changes:
        item = model.item(change.item_id)[1]
        title = item.title[language]
        for practice in change.practices:
            label = practice.label[language]
            steps.append((practice.action.investment, title, label, (practice.action,)))
        if not change.practices:
            move = say(
                language,
                "step.move",
                old=wording.level_title(language, item, change.current),
                new=wording.level_title(language, item, change.to),
            )
            steps.append((change.investment, title, move, change.actions))
    steps.sort(key=lambda step: step[0])
    blocks = [
        say(
            language,
            "why.way",
            dimension=model.dimension(way.dimension_id).title[language],
            current=way.current,
            level=way.level,
        )
    ]
    for number, (_, title, move, actions) in enumerate(steps, 1):
        first, *others = actions
        lines = [
            say(language, "why.way_step", number=number, item=title, move=move),
            say(language, "why.way_begin", step=first.step[language], brings=_brings(language, first)),
        ]
        lines += [
            say(language, "why.way_then", step=one.step[language], brings=_brings(language, one))
            for one in others
        ]
        blocks.append("\n".join(lines))
    if way.reaches > way.level:
        blocks.append(say(language, "why.way_reaches", level=way.reaches))
    return wording.paragraphs(*blocks)


def _brings(language: str, action: Action) -> str:
    return say(
        language,
        "step.brings",
        benefit=say(language, _BENEFIT[action.benefit]),
        investment=say(language, _INVESTMENT[action.investment]),
    )


def what_if(
    language: str,
    model: MaturityModel,
    answers: Mapping[str, Answer],
    changes: Mapping[str, int | Collection[str]],
    seen: Preview,
) -> str:
    """What a change would do, and that it was not made."""
    supposed = []
    elements = []
    for item_id, change in changes.items():
        item = model.item(item_id)[1]
        title = item.title[language]
        if isinstance(change, int):
            held = answers.get(item_id)
            old = say(language, "why.not_answered")
            if held is not None:
                old = answer_name(language, item, held)
            new = say(language, "name.level", value=change, label=item.level(change).label[language])
            supposed.append(say(language, "why.if_item", item=title, old=old, new=new))
            continue
        labels = joined(language, (item.part(one).label[language] for one in sorted(change)))
        supposed.append(say(language, "why.if_practice", item=title, practices=labels))
        moved = next(one for one in seen.change.items if one.item_id == item_id)
        elements.append(_element_change(language, model, title, moved))
    touched = {item_id.partition(".")[0] for item_id in changes}
    lines = [
        _dimension(language, model, one) for one in seen.change.dimensions if one.dimension_id in touched
    ]
    lines.append(_overall(language, seen.change))
    head = "\n".join([say(language, "why.if_head"), *supposed])
    return wording.paragraphs(
        head, "\n".join([say(language, "why.if_then"), *elements, *lines]), say(language, "why.if_nothing")
    )


def _element_change(language: str, model: MaturityModel, title: str, moved: ItemChange) -> str:
    old, new = _stage(language, model, moved.level_before), _stage(language, model, moved.level_after)
    if old == new:
        return say(language, "why.if_element_stays", item=title, stage=new)
    return say(language, "why.if_element", item=title, old=old, new=new)


def _overall(language: str, change: Change) -> str:
    old, new = _score(language, change.overall_before), _score(language, change.overall_after)
    if old == new:
        return say(language, "why.if_overall_stays", score=new)
    return say(language, "why.if_overall", old=old, new=new)


def _dimension(language: str, model: MaturityModel, one: DimensionChange) -> str:
    title = model.dimension(one.dimension_id).title[language]
    old, new = _score(language, one.score_before), _score(language, one.score_after)
    if one.level_before is None and one.level_after is None:
        return say(language, "why.if_score", dimension=title, old=old, new=new)
    if one.level_before == one.level_after:
        return say(language, "why.if_level_stays", dimension=title, old=old, new=new, level=one.level_after)
    return say(
        language,
        "why.if_level_moves",
        dimension=title,
        old=old,
        new=new,
        low="–" if one.level_before is None else one.level_before,
        high="–" if one.level_after is None else one.level_after,
    )


def _score(language: str, value: float | None) -> str:
    return "–" if value is None else format_score(value, language)


def _stage(language: str, model: MaturityModel, stage: int | None) -> str:
    return "–" if stage is None else wording.stage_name(language, model, stage)
