"""Choosing targets: which level each dimension is to get to; staying where it is, is one of the choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.assessment.definitions import Item
from bot.assessment.records import Button
from bot.assessment.roadmap import TO_DO, target_hint
from bot.assessment.scoring import DimensionResult, format_score
from bot.service import rounds, wording
from bot.service.approval import waits, withheld
from bot.service.asking import ask, cut
from bot.service.choosing import deepen
from bot.service.kind_words import joined
from bot.service.results import radar_picture
from bot.service.signed import in_short, with_plan
from bot.service.turn import Running, Turn
from bot.understanding.aims import EVERYTHING, Aim, Aims, read_aims, reads_done
from bot.understanding.exact import is_question, normalise, opens_yes_no, read_number, read_yes_no
from bot.understanding.requests import read_change

# So many practices of the next stage are named; the others are counted.
_MOST_PRACTICES = 4
# After so many texts in a row that could not be read, the question is left.
_PATIENCE = 3
_LEAVES_IT = ("dont_know", "not_applicable", "skip", "deny")
# What the NLU makes of words that are neither a target nor plainly anything else.
_UNREAD = ("take_answer", "target", "affirm", "greet", "difference", "repeat")
# What is wanted then goes before a target, whatever levels and areas the words hold ('wis alles').
_ELSEWHERE = (
    *("erase", "start_over", "my_data", "my_data_file", "privacy", "switch_language", "human", "share"),
    *("unshare", "report", "result", "why_level", "quickest", "what_if", "road_map", "place_steps"),
    *("measure_again", "another", "change_answer", "stop", "pause", "menu", "help"),
    *("remind_me", "no_reminders"),
)


def choose_targets(turn: Turn) -> None:
    """Take the targets that the words name; ask which dimension, or which level, where they leave it open."""
    running = _ready(turn)
    if running is not None and not _take(turn, running, _read(turn, running, turn.words), walk=False):
        _ask_which(turn, running, None)


def type_target(turn: Turn, pending: Mapping[str, Any], text: str, meaning: str) -> bool:
    """Something was typed while a target is asked; False when it is about something else."""
    running = turn.running
    if running is None or not _can(running) or pending["run"] != running.assessment.id or withheld(turn):
        return False
    if _is_elsewhere(running, text, meaning, turn.language):
        return False
    dimension_id, level = pending["dimension"], pending["level"]
    if turn.is_title(text, "target.default"):
        _apply(turn, running, Aims({EVERYTHING: "default"}), walk=pending["walk"])
        return True
    if turn.is_title(text, "target.done", "target.stop"):
        _done(turn, running)
        return True
    aims = _read(turn, running, text)
    aim = None if dimension_id is None else _typed_level(turn, running, dimension_id, text, aims)
    if aim is not None and dimension_id is not None:
        aims = Aims({dimension_id: aim})
    elif level is not None and aims.named and not aims.aims:
        aims = Aims(dict.fromkeys(aims.named, level))
    elif not aims.aims and (reads_done(text) or meaning in _LEAVES_IT):
        _leave_it(turn, running, pending)
        return True
    if _take(turn, running, aims, walk=pending["walk"], dimension_id=dimension_id):
        return True
    if meaning not in _UNREAD:
        return False
    return _unread(turn, running, pending)


def press_target(turn: Turn, run_id: str, *what: str) -> None:
    """A button about targets was tapped: of a dimension, a level, the default, or the end of it."""
    running = turn.running
    if running is None or run_id != running.assessment.id:
        ask(turn, turn.say("stale.other_run"))
        return
    if _ready(turn) is None:
        return
    pending = turn.conversation.pending or {}
    asked = pending.get("ask") == "target"
    walk = bool(asked and pending.get("walk"))
    if not what:
        _ask_which(turn, running, None)
    elif what[0] == "x":
        if asked:
            _done(turn, running)
        else:
            ask(turn, None)
    elif what[0] == "d":
        _apply(turn, running, Aims({EVERYTHING: "default"}), walk=walk)
    else:
        dimension_id = running.model.dimensions[int(what[0])].id
        level = pending.get("level") if asked else None
        if len(what) > 1:
            _apply(turn, running, Aims({dimension_id: int(what[1])}), walk=walk)
        elif level is not None:
            _apply(turn, running, Aims({dimension_id: level}), walk=walk)
        else:
            _ask_level(turn, running, dimension_id, None, walk=walk)


def type_complete(turn: Turn, pending: Mapping[str, Any], text: str, meaning: str) -> bool:
    """Yes or no to completing the quick scan first; False when something else was said."""
    said = read_yes_no(text, turn.language)
    if said is None:
        said = opens_yes_no(text, turn.language)
    if said is None and meaning in ("affirm", "deny"):
        said = meaning == "affirm"
    if said is None:
        return False
    if said:
        deepen(turn, pending["run"])
    else:
        ask(turn, turn.say("target.kept"))
    return True


def _is_elsewhere(running: Running, text: str, meaning: str, language: str) -> bool:
    """Whether the words ask for something else: a question, a request in more than a word or two."""
    if meaning in _ELSEWHERE and (is_question(text) or len(text.split()) > 1) and not reads_done(text):
        named = read_aims(text, running.model, language)
        # 'Data 4' is a target, whatever the NLU makes of it.
        return len(text.split()) > 3 or not (named.aims or named.named) or named.named == (EVERYTHING,)
    return read_change(text, running.model, running.item_ids, language).plain


def _can(running: Running) -> bool:
    return running.completed and not running.result.indication


def _ready(turn: Turn) -> Running | None:
    """The assessment to choose targets for; None once it was said why there is none."""
    running = turn.running
    if running is None or not running.completed:
        ask(turn, turn.say("target.too_early"))
        return None
    if waits(turn):
        return None
    if rounds.targets_fixed(turn, running):
        ask(turn, turn.say("target.fixed_all"))
        return None
    if running.result.indication and not rounds.may_deepen(turn):
        ask(turn, turn.say("target.quick_only"))
        return None
    if running.result.indication:
        turn.state["pending"] = {"ask": "complete", "run": running.assessment.id}
        ask(turn, turn.say("target.quick"))
        turn.offer_first(turn.choice("depth.deepen", "deepen", running.assessment.id))
        return None
    if all(found.score is None for found in running.result.dimensions):
        ask(turn, turn.say("target.nothing"))
        return None
    return running


def _read(turn: Turn, running: Running, text: str) -> Aims:
    return read_aims(text, running.model, turn.language)


def _typed_level(turn: Turn, running: Running, dimension_id: str, text: str, aims: Aims) -> Aim | None:
    """The level that was typed for the dimension that is asked; None when it is none, or another's."""
    plain = normalise(text)
    for title, value in _levels(turn, running, running.result.dimension(dimension_id)):
        if plain == normalise(title):
            return value
    if aims.aims or aims.named:
        return None
    # 'Een' alone is no article here.
    number = read_number(text, turn.language) if aims.loose is None and aims.no_level is None else None
    return number if number is not None and _exists(running, number) else aims.loose


def _exists(running: Running, level: int) -> bool:
    return running.model.lowest <= level <= running.model.highest


def _take(turn: Turn, running: Running, aims: Aims, *, walk: bool, dimension_id: str | None = None) -> bool:
    """Do what was read; False when nothing was. `dimension_id`: the one that was being asked."""
    named = [one for one in aims.named if one != EVERYTHING]
    if aims.no_level is not None:
        said = turn.say(
            "target.no_level",
            number=aims.no_level,
            lowest=running.model.lowest,
            highest=running.model.highest,
        )
        about = named[0] if named else dimension_id
        if about is not None:
            _ask_level(turn, running, about, said, walk=walk)
        else:
            _ask_which(turn, running, said)
    elif aims.aims:
        _apply(turn, running, aims, walk=walk)
    elif named:
        _ask_level(turn, running, named[0], None, walk=walk or len(named) > 1)
    elif aims.loose == "default":
        _apply(turn, running, Aims({EVERYTHING: "default"}), walk=walk)
    elif aims.loose is not None:
        _ask_which(turn, running, None, level=aims.loose)
    else:
        return False
    return True


def _apply(turn: Turn, running: Running, aims: Aims, *, walk: bool) -> None:
    """Store what was chosen, say it back, and show what follows from it."""
    turn.state["misunderstood"] = 0
    result, model = running.result, running.model
    fixed = rounds.fixed_targets(turn.campaign, model)
    before = dict(running.assessment.targets or {})
    everything = aims.aims.get(EVERYTHING)
    chosen: dict[str, int] = {}
    refused: list[str] = []
    touched: list[str] = []
    for dimension in model.dimensions:
        found = result.dimension(dimension.id)
        aim = aims.aims.get(dimension.id, everything if found.score is not None else None)
        if dimension.id in before:
            chosen[dimension.id] = before[dimension.id]
        if dimension.id in fixed:
            if dimension.id in aims.aims:
                refused.append(_fixed_line(turn, running, dimension.id))
        elif aim == "default":
            chosen.pop(dimension.id, None)
        elif aim is not None and found.staged is None:
            refused.append(turn.say("target.no_score", dimension=dimension.title[turn.language]))
        elif isinstance(aim, int) and found.staged is not None and aim < found.staged:
            refused.append(
                turn.say("target.below", dimension=dimension.title[turn.language], staged=found.staged)
            )
        elif aim is not None and found.staged is not None:
            chosen[dimension.id] = aim if isinstance(aim, int) else found.staged
        if chosen.get(dimension.id) != before.get(dimension.id):
            touched.append(dimension.id)
    if touched:
        turn.work.update_assessment(running.assessment.id, targets=chosen or None)
        assessment = replace(running.assessment, targets=chosen or None)
        running = turn.running = replace(running, assessment=assessment)
    same = "target.none_chosen" if everything == "default" else "target.same"
    said = [] if touched or refused else [turn.say(same)]
    if touched and not chosen.keys() - fixed.keys():
        said.append(turn.say("target.all_back"))
    else:
        said += _all_said_back(turn, running, touched)
    said += refused
    if touched and (hint := _hint(turn, running, touched)) is not None:
        said.append(hint)
    told = "\n".join(said)
    rest = [one for one in aims.named if one != EVERYTHING]
    if rest:
        _ask_level(turn, running, rest[0], told, walk=walk)
    elif refused and not touched:
        _again(turn, running, aims, told, walk=walk)
    elif walk:
        _ask_which(turn, running, told)
    elif touched:
        _show(turn, running, told)
    else:
        ask(turn, told)


def _again(turn: Turn, running: Running, aims: Aims, told: str, *, walk: bool) -> None:
    """None of what was wanted can be: ask once more, about the dimension that can have a target."""
    fixed = rounds.fixed_targets(turn.campaign, running.model)
    named = [
        one
        for one in aims.aims
        if one != EVERYTHING and one not in fixed and running.result.dimension(one).staged is not None
    ]
    if len(named) == 1:
        _ask_level(turn, running, named[0], told, walk=walk)
    else:
        _ask_which(turn, running, told)


def _all_said_back(turn: Turn, running: Running, dimension_ids: Sequence[str]) -> list[str]:
    """What was noted: a line for each, those that stay at one level together."""
    targets = running.assessment.targets or {}
    staying: dict[int, list[str]] = {}
    lines = []
    for one in dimension_ids:
        target = targets.get(one)
        if target is not None and target == running.result.dimension(one).staged:
            staying.setdefault(target, []).append(running.model.dimension(one).title[turn.language])
        else:
            lines.append(_said_back(turn, running, one))
    for target, titles in staying.items():
        level = wording.stage_name(turn.language, running.model, target)
        lines.append(turn.say("target.stays", dimension=joined(turn.language, titles), level=level))
    return lines


def _fixed_line(turn: Turn, running: Running, dimension_id: str) -> str:
    """That the target of this dimension was set by the consultant, and what it is."""
    level = rounds.fixed_targets(turn.campaign, running.model)[dimension_id]
    return turn.say(
        "target.fixed",
        dimension=running.model.dimension(dimension_id).title[turn.language],
        level=wording.stage_name(turn.language, running.model, level),
    )


def _chosen(turn: Turn, running: Running) -> list[str]:
    """The dimensions for which the person, not the consultant, chose a target."""
    fixed = rounds.fixed_targets(turn.campaign, running.model)
    return [one for one in running.assessment.targets or {} if one not in fixed]


def _said_back(turn: Turn, running: Running, dimension_id: str) -> str:
    """What was noted for one dimension, and how far it is from there."""
    found = running.result.dimension(dimension_id)
    title = running.model.dimension(dimension_id).title[turn.language]
    target = (running.assessment.targets or {}).get(dimension_id)
    if target is None:
        return turn.say("target.back", dimension=title, target=found.target)
    level = wording.stage_name(turn.language, running.model, target)
    return turn.say(
        "target.set" if found.gap else "target.set_even",
        dimension=title,
        level=level,
        score=format_score(found.score or 0.0, turn.language),
        staged=found.staged,
        gap=format_score(found.gap or 0.0, turn.language),
    )


def _hint(turn: Turn, running: Running, touched: Sequence[str]) -> str | None:
    """That chosen targets lie far apart; None when they do not, or not by what was chosen now."""
    targets = running.assessment.targets or {}
    hint = target_hint(running.model, targets)
    if hint is None or not set(touched) & {*hint.highest_ids, *hint.lowest_ids}:
        return None

    def titles(ids: tuple[str, ...]) -> str:
        return joined(turn.language, (running.model.dimension(one).title[turn.language] for one in ids))

    return turn.say(
        "target.hint",
        highest=titles(hint.highest_ids),
        top=targets[hint.highest_ids[0]],
        lowest=titles(hint.lowest_ids),
        bottom=targets[hint.lowest_ids[0]],
    )


def _show(turn: Turn, running: Running, said: str) -> None:
    """What was said back, the radar with these targets in picture and words, and the steps in short."""
    language, model, result = turn.language, running.model, running.result
    chosen = bool(running.assessment.targets)
    facts = wording.paragraphs(
        "\n".join(wording.result_lines(language, model, result)), wording.overall(language, model, result)
    )
    intro = wording.paragraphs(said, turn.say("target.result" if chosen else "target.result_default"))
    turn.tell(
        wording.paragraphs(intro, facts),
        picture_id=radar_picture(turn, running, result, facts),
        table=wording.result_table(language, model, result, paragraph=len(intro.split("\n\n"))),
    )
    ask(turn, _steps(turn, running))
    turn.offer_first(
        turn.choice("target.button", "tgt", running.assessment.id),
        *_default_button(turn, running),
        turn.choice("road.button", "do", "road_map"),
    )


def _steps(turn: Turn, running: Running) -> str:
    """The first steps in short, a line each."""
    running = with_plan(turn.work, running)
    if running.signed is not None:
        # What was signed stays as it is, whatever target is chosen.
        return in_short(turn.language, running)
    steps = running.first_steps
    if not steps:
        return turn.say("target.no_steps")
    lines = []
    for number, step in enumerate(steps, 1):
        dimension, item = running.model.item(step.item_id)
        lines.append(
            turn.say(
                "target.step",
                number=number,
                dimension=dimension.title[turn.language],
                item=wording.step_subject(turn.language, item, step),
                move=wording.step_short(turn.language, step),
            )
        )
    return "\n".join([turn.say("target.steps"), *lines])


def _default_button(turn: Turn, running: Running) -> tuple[Button, ...]:
    if not _chosen(turn, running):
        return ()
    return (turn.choice("target.default", "tgt", running.assessment.id, "d"),)


def _ask_which(turn: Turn, running: Running, before: str | None, *, level: Aim | None = None) -> None:
    """Say this, and ask for which dimension a target is chosen; `level`: the one that was named already."""
    targets = running.assessment.targets or {}
    run_id = running.assessment.id
    scored = [
        (number, dimension, running.result.dimension(dimension.id))
        for number, dimension in enumerate(running.model.dimensions)
        if running.result.dimension(dimension.id).staged is not None
    ]
    turn.state["pending"] = {
        "ask": "target",
        "run": run_id,
        "dimension": None,
        "level": level,
        "walk": True,
    }
    fixed = rounds.fixed_targets(turn.campaign, running.model)
    lines = [
        turn.say(
            "target.line_fixed"
            if dimension.id in fixed
            else "target.line_chosen"
            if dimension.id in targets
            else "target.line",
            dimension=dimension.title[turn.language],
            staged=found.staged,
            target=found.target,
        )
        for _, dimension, found in scored
    ]
    if level is not None:
        turn.state["pending"]["walk"] = False
        named = (
            wording.stage_name(turn.language, running.model, level)
            if isinstance(level, int)
            else turn.say("target.stay")
        )
        question = turn.say("target.which_for", level=named)
    else:
        # Who has just chosen one knows by now how it goes.
        first = before is None
        question = (
            turn.say("target.which", example=_example(turn, running))
            if first
            else turn.say("target.which_else")
        )
    buttons = [
        Button(cut(dimension.title[turn.language]), turn.token("tgt", run_id, str(number)), "level")
        for number, dimension, _ in scored
        if dimension.id not in fixed
    ]
    end = turn.choice("target.done" if _chosen(turn, running) else "target.stop", "tgt", run_id, "x")
    turn.tell(
        wording.paragraphs(before, question, "\n".join(lines)),
        (*buttons, end, *_default_button(turn, running)),
    )


def _example(turn: Turn, running: Running) -> str:
    """What typing several at once looks like, with dimensions of this model."""
    fixed = rounds.fixed_targets(turn.campaign, running.model)
    scored = [
        one for one in running.result.dimensions if one.target is not None and one.dimension_id not in fixed
    ]
    first, second = scored[0], scored[-1]
    titles = [
        running.model.dimension(one.dimension_id).title[turn.language].lower() for one in (first, second)
    ]
    return turn.say(
        "target.example",
        first=titles[0],
        first_level=first.target,
        second=titles[1],
        second_level=second.target,
    )


def _levels(turn: Turn, running: Running, found: DimensionResult) -> list[tuple[str, int]]:
    """Title and value of each level that can be a target: the one of today, and those above."""
    if found.staged is None:
        return []
    names = {one.value: one.name[turn.language] for one in running.model.levels if one.value >= found.staged}
    return [
        (turn.say("target.stay"), value)
        if value == found.staged
        else (cut(turn.say("question.button", value=value, label=name)), value)
        for value, name in names.items()
    ]


def _ask_level(turn: Turn, running: Running, dimension_id: str, before: str | None, *, walk: bool) -> None:
    """Say this, where the dimension stands and what each level from there means; ask for its target."""
    language, model = turn.language, running.model
    found = running.result.dimension(dimension_id)
    title = model.dimension(dimension_id).title[language]
    if dimension_id in rounds.fixed_targets(turn.campaign, model):
        told = _fixed_line(turn, running, dimension_id)
        _ask_which(turn, running, wording.paragraphs(before, told))
        return
    if found.score is None or found.staged is None:
        told = turn.say("target.no_score", dimension=title)
        _ask_which(turn, running, wording.paragraphs(before, told))
        return
    turn.state["pending"] = {
        "ask": "target",
        "run": running.assessment.id,
        "dimension": dimension_id,
        "level": None,
        "walk": walk,
    }
    today = turn.say(
        "target.today",
        dimension=title,
        score=format_score(found.score, language),
        staged=found.staged,
        level=model.level_name(found.staged).name[language],
        target=found.target,
    )
    meanings = [
        turn.say(
            "target.here" if one.value == found.staged else "target.level",
            value=one.value,
            name=one.name[language],
            meaning=one.meaning[language],
        )
        for one in model.levels
        if one.value >= found.staged
    ]
    number = str([one.id for one in model.dimensions].index(dimension_id))
    run_id = running.assessment.id
    buttons = [
        Button(name, turn.token("tgt", run_id, number, str(value)), "level")
        for name, value in _levels(turn, running, found)
    ]
    buttons.append(turn.choice("target.stop", "tgt", run_id, "x"))
    turn.tell(
        wording.paragraphs(
            before,
            today,
            "\n".join(meanings),
            _next_level(turn, running, dimension_id, found.staged + 1),
            turn.say("target.ask"),
        ),
        tuple(buttons),
    )


def _next_level(turn: Turn, running: Running, dimension_id: str, level: int) -> str | None:
    """What the next level looks like for the items that are below it; None where there is no such thing."""
    if level > running.model.highest:
        return None
    lines = [
        turn.say("target.item", item=item.title[turn.language], text=text)
        for item in running.model.dimension(dimension_id).items
        if (text := _at_level(turn, running, f"{dimension_id}.{item.id}", item, level)) is not None
    ]
    if not lines:
        return None
    key = "target.next_practices" if running.model.stages else "target.next"
    return turn.say(key, value=level, items="\n".join(lines))


def _at_level(turn: Turn, running: Running, item_id: str, item: Item, level: int) -> str | None:
    """The item at this level in words; None for one that is there, that never scores, or that is open."""
    answer = running.answers.get(item_id)
    if item.kind == "rubric":
        below = answer is not None and answer.value is not None and answer.value < level
        return item.level(level).text[turn.language] if below else None
    element = next((one for one in running.result.elements if one.item_id == item_id), None)
    if answer is None or element is None or element.stage is None or element.stage >= level:
        return None
    states = answer.given
    left = [
        one.label[turn.language]
        for one in item.practices
        if one.stage == level and states.get(one.id) in TO_DO
    ]
    if not left:
        return None
    named = ", ".join(left[:_MOST_PRACTICES])
    more = len(left) - _MOST_PRACTICES
    return turn.say("target.and_more", items=named, count=more) if more > 0 else named


def _done(turn: Turn, running: Running) -> None:
    """The choosing is over: what it comes down to, or that nothing has changed."""
    turn.state["misunderstood"] = 0
    if chosen := _chosen(turn, running):
        _show(turn, running, "\n".join(_all_said_back(turn, running, chosen)))
    else:
        ask(turn, turn.say("target.kept"))


def _leave_it(turn: Turn, running: Running, pending: Mapping[str, Any]) -> None:
    """Who does not know leaves this dimension as it is; where none is open, the choosing is over."""
    if pending["dimension"] is not None and pending["walk"]:
        _ask_which(turn, running, turn.say("target.kept"))
    else:
        _done(turn, running)


def _unread(turn: Turn, running: Running, pending: Mapping[str, Any]) -> bool:
    """Ask once more; after some times leave it, for nobody is to be kept."""
    count = turn.conversation.misunderstood + 1
    turn.state["misunderstood"] = count
    if count >= _PATIENCE:
        turn.state["misunderstood"] = 0
        ask(turn, turn.say("target.kept"))
    elif pending["dimension"] is not None:
        told = turn.say("target.unclear")
        _ask_level(turn, running, pending["dimension"], told, walk=pending["walk"])
    else:
        _ask_which(turn, running, turn.say("target.unclear"), level=pending["level"])
    return True
