"""Why a level, what is the quickest way to one, what if an answer were another: asked in words or by button.

Nothing is guessed: what names no dimension or item is asked first. Nothing is changed either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from bot.assessment.definitions import Item
from bot.assessment.explaining import Explanation, explain, preview, quickest_way
from bot.assessment.records import Button
from bot.service import kind_words, why_words, wording, words_told
from bot.service.approval import waits, withheld
from bot.service.asking import ask, cut
from bot.service.kind_words import in_state
from bot.service.kinds import names
from bot.service.turn import Running, Turn
from bot.understanding.exact import NoSuchLevel, normalise, read_level, read_number, read_yes_no
from bot.understanding.several import read_parts
from bot.understanding.subjects import (
    names_only,
    practice_ids,
    read_dimension,
    read_goal,
    read_levels_named,
    read_overall,
    read_supposed,
)

# How many dimensions are explained in one reply; of more it is asked which.
_AT_ONCE = 2
# What leaves the question which area or item is meant.
_LEAVES = ("deny", "dont_know", "not_applicable", "skip")
# For a pending question, what may hold the answer to it; anything else is about something else.
_OPEN_TO = ("take_answer", "affirm", "why", "why_asked", "explain")
_ALL = "all"

_Changes = Mapping[str, int | Collection[str]]


# --- why this level --------------------------------------------------------------------------------


def why_level(turn: Turn) -> None:
    """Why does this area stand at this level?"""
    running = _answered(turn)
    if running is None:
        return
    text, model = turn.words, running.model
    # 'Why no score for strategy' denies the score and not the area.
    named = read_dimension(text, model, turn.language) or read_dimension(
        text, model, turn.language, denied=True
    )
    levels = read_levels_named(text, model, turn.language)
    said = levels.stated[0] if levels.stated else None
    if 1 <= len(named) <= _AT_ONCE:
        _tell_why(turn, running, named, said, levels.denied)
    elif named:
        _ask_dimension(turn, running, "why_level", named, None)
    elif read_overall(text):
        _tell_overall(turn, running)
    elif said is not None:
        there = tuple(one.dimension_id for one in running.result.dimensions if one.staged == said)
        if len(there) == 1:
            _tell_why(turn, running, there, said, ())
        elif there:
            _ask_dimension(turn, running, "why_level", there, turn.say("why.several_there", level=said))
        else:
            _ask_dimension(turn, running, "why_level", None, turn.say("why.none_there", level=said))
    else:
        _ask_dimension(turn, running, "why_level", None, None)


def press_why(turn: Turn, run_id: str, place: str) -> None:
    """The button of an area was tapped, or the one for all of them."""
    running = _same_run(turn, run_id)
    if running is None:
        return
    if place == _ALL:
        _tell_overall(turn, running)
    else:
        _tell_why(turn, running, (running.model.dimensions[int(place)].id,), None, ())


def _tell_why(
    turn: Turn, running: Running, named: Iterable[str], said: int | None, denied: Collection[int]
) -> None:
    told = []
    for dimension_id in named:
        found = _explain(running, dimension_id)
        way = None
        if found.next_level is not None:
            way = quickest_way(
                running.model, running.answers, dimension_id, found.next_level, asked=running.asked
            )
        told.append(_corrected(turn, running, found, said, denied))
        told.append(why_words.why(turn.language, running.model, found, way, _said(turn, running)))
    ask(turn, wording.paragraphs(*told, _provisional(turn, running)))


def _said(turn: Turn, running: Running) -> dict[str, str]:
    """Item id -> the own words behind its answer, in short; only of those that were described so."""
    told = {
        item_id: words_told.beside(turn.language, running.model.item(item_id)[1], stored)
        for item_id, stored in running.stored.items()
    }
    return {item_id: one for item_id, one in told.items() if one is not None}


def _corrected(
    turn: Turn, running: Running, found: Explanation, said: int | None, denied: Collection[int]
) -> str | None:
    """That the level is another than was said; None when it is not."""
    title = running.model.dimension(found.dimension_id).title[turn.language]
    if found.level is None:
        return None
    if said is None:
        if found.level in denied:
            return turn.say("why.is_that", dimension=title, said=found.level)
        return None
    if said == found.level:
        return None
    told = turn.say("why.not_that", dimension=title, said=said, level=found.level)
    if found.result.score is not None and int(found.result.score + 0.5) == said:
        told = f"{told} {turn.say('why.score_not_level', said=said)}"
    return told


def _tell_overall(turn: Turn, running: Running) -> None:
    said = why_words.overall(turn.language, running.model, running.result)
    ask(turn, wording.paragraphs(said, _provisional(turn, running)))


# --- the quickest way ------------------------------------------------------------------------------


def quickest(turn: Turn) -> None:
    """What is the quickest way to a level?"""
    running = _running(turn)
    if running is None:
        return
    named = read_dimension(turn.words, running.model, turn.language)
    if len(named) == 1:
        _tell_way(turn, running, named[0], _goal(turn, running, turn.words, named[0]))
    else:
        level = read_goal(turn.words, running.model, turn.language)
        if level is not None and not running.model.lowest <= level <= running.model.highest:
            ask(turn, _no_level(turn, running, level))
            return
        _ask_dimension(turn, running, "quickest", named or None, None, level=level)


def press_way(turn: Turn, run_id: str, place: str, level: str) -> None:
    """The button of an area was tapped; `level`: where to, 'n' for one higher."""
    running = _same_run(turn, run_id)
    if running is not None:
        dimension_id = running.model.dimensions[int(place)].id
        _tell_way(turn, running, dimension_id, int(level) if level.isdigit() else None)


def _goal(turn: Turn, running: Running, text: str, dimension_id: str) -> int | None:
    current = running.result.dimension(dimension_id).staged
    return read_goal(text, running.model, turn.language, current)


def _tell_way(turn: Turn, running: Running, dimension_id: str, level: int | None) -> None:
    ask(
        turn,
        wording.paragraphs(_way(turn, running, dimension_id, level), _provisional(turn, running)),
    )


def _way(turn: Turn, running: Running, dimension_id: str, level: int | None) -> str:
    """The way to a level, one higher without one, or why there is none."""
    model, language = running.model, turn.language
    title = model.dimension(dimension_id).title[language]
    found = _explain(running, dimension_id)
    if level is not None and not model.lowest <= level <= model.highest:
        if found.at_highest and level == model.highest + 1:
            return turn.say("why.way_highest", dimension=title, level=model.highest)
        return _no_level(turn, running, level)
    open_items = why_words.open_items(language, model, found, running.item_ids)
    if found.level is None:
        if found.basis == "mean" or found.basis == "not_asked":
            return turn.say("why.way_quick", dimension=title)
        if found.basis == "not_applicable":
            return turn.say("why.way_not_applicable", dimension=title)
        return turn.say("why.way_unknown", dimension=title, items=open_items, count=found.answers_needed)
    if level is None and found.at_highest:
        return turn.say("why.way_highest", dimension=title, level=found.level)
    goal = found.level + 1 if level is None else level
    way = quickest_way(model, running.answers, dimension_id, goal, asked=running.asked)
    if way is None and open_items:
        return turn.say("why.way_none_open", dimension=title, level=goal, items=open_items)
    if way is None:
        return turn.say("why.way_none", dimension=title, level=goal)
    if way.already:
        return turn.say("why.way_already", dimension=title, level=found.level)
    still = turn.say("why.way_open", items=open_items) if open_items else None
    return wording.paragraphs(why_words.quickest(language, model, way), still)


def _no_level(turn: Turn, running: Running, level: int) -> str:
    model = running.model
    return turn.say("why.no_level", level=level, lowest=model.lowest, highest=model.highest)


# --- what if ---------------------------------------------------------------------------------------


def what_if(turn: Turn) -> None:
    """What would it do if answers were others?"""
    running = _running(turn)
    if running is not None:
        _suppose(turn, running, turn.words, {})


def _suppose(turn: Turn, running: Running, text: str, known: _Changes) -> None:
    """Show what the text supposes, beside what is `known` of it; ask for what is lacking."""
    model = running.model
    said = read_supposed(text, model, running.item_ids, turn.language)
    changes: dict[str, int | Collection[str]] = {**known, **said.practices}
    unclear = list(said.unclear)
    for item_id, level in said.levels.items():
        item = model.item(item_id)[1]
        if item.kind == "checklist" or not item.scored:
            unclear.append(item_id)
        elif not 1 <= level <= len(item.levels):
            _ask_level(turn, running, item_id, changes, _no_such_level(turn, item, level))
            return
        else:
            changes[item_id] = level
    for item_id in (*said.levels, *said.practices, *unclear):
        if _refused(turn, running, item_id):
            return
    if said.choose:
        _ask_choice(turn, running, said.choose, changes)
    elif unclear:
        _ask_level(turn, running, unclear[0], changes, None)
    elif changes and not said.dimensions:
        _show(turn, running, changes)
    else:
        _ask_item(turn, running, said.dimensions, said.level, changes)


def _refused(turn: Turn, running: Running, item_id: str) -> bool:
    """Whether an item cannot be reckoned with; then it was said why."""
    item = running.model.item(item_id)[1]
    if not item.scored:
        ask(turn, turn.say("why.if_unscored", item=item.title[turn.language]))
    elif item_id not in running.item_ids:
        ask(turn, turn.say("why.if_not_asked", item=item.title[turn.language]))
    else:
        return False
    return True


def press_if(turn: Turn, run_id: str, place: str, what: str) -> None:
    """The button of an item ('i'), a level ('4') or a practice ('p0', by its place) was tapped."""
    running = _same_run(turn, run_id)
    if running is None:
        return
    item_id = running.model.item_ids()[int(place)]
    pending = turn.conversation.pending or {}
    changes: dict[str, int | Collection[str]] = {}
    # Below the question that is open, the tap adds to what was said before it; else it stands alone.
    meant = pending.get("ask") == "what_if" and pending.get("item", item_id) == item_id
    if meant and pending.get("run") == run_id:
        changes = dict(pending["changes"])
    if _refused(turn, running, item_id):
        return
    if what == "i":
        _ask_level(turn, running, item_id, changes, None)
    elif what.startswith("p"):
        practice = running.model.item(item_id)[1].practices[int(what[1:])]
        held = changes.get(item_id, ())
        others = () if isinstance(held, int) else tuple(held)
        _show(turn, running, {**changes, item_id: (*others, practice.id)})
    else:
        _show(turn, running, {**changes, item_id: int(what)})


def _show(turn: Turn, running: Running, changes: _Changes) -> None:
    """What these changes would do; of what is so already, that it is."""
    model, language, answers = running.model, turn.language, running.answers
    new: dict[str, int | Collection[str]] = {}
    for item_id, change in changes.items():
        held = answers.get(item_id)
        if isinstance(change, int):
            if held is None or held.value != change:
                new[item_id] = change
            continue
        states = {} if held is None else held.given
        missing = tuple(dict.fromkeys(one for one in change if states.get(one) != "in_place"))
        if missing:
            new[item_id] = missing
    same = [model.item(item_id)[1].title[language] for item_id in changes if item_id not in new]
    told = [turn.say("why.if_same", items=kind_words.joined(language, same))] if same else []
    if new:
        seen = preview(model, answers, new, asked=running.asked, targets=running.assessment.targets)
        told.append(why_words.what_if(language, model, answers, new, seen))
    ask(turn, wording.paragraphs(*told, _provisional(turn, running)))


def _ask_item(
    turn: Turn, running: Running, dimensions: Sequence[str], level: int | None, changes: _Changes
) -> None:
    """Ask which item is meant, of these dimensions only where some are named."""
    model = running.model
    listed = [
        item_id
        for item_id in running.item_ids
        if model.item(item_id)[1].scored and (not dimensions or item_id.partition(".")[0] in dimensions)
    ]
    if not listed:
        # A quick scan asks nothing of what was named.
        listed = [item_id for item_id in running.item_ids if model.item(item_id)[1].scored]
    if dimensions and len(listed) == 1 and listed[0].partition(".")[0] in dimensions:
        # There is but one that can be meant.
        _suppose_one(turn, running, listed[0], level, changes)
        return
    lines, buttons = [], []
    for item_id in listed:
        item = model.item(item_id)[1]
        number = running.item_ids.index(item_id) + 1
        title = turn.say("why.line", number=number, title=item.title[turn.language])
        fits = level is not None and item.kind == "rubric" and 1 <= level <= len(item.levels)
        lines.append(title)
        buttons.append(_if_button(turn, running, title, item_id, str(level) if fits else "i"))
    _wait(turn, running, "item", changes, level=level)
    text = wording.paragraphs(turn.say("why.if_which"), "\n".join(lines))
    turn.tell(text, (*buttons, _leave(turn)))


def _ask_level(turn: Turn, running: Running, item_id: str, changes: _Changes, before: str | None) -> None:
    """Ask which level an item would have; of a checklist, which practices would be in place too."""
    if _refused(turn, running, item_id):
        return
    language, item = turn.language, running.model.item(item_id)[1]
    title = item.title[language]
    if item.kind == "checklist":
        held = running.answers.get(item_id)
        there = set() if held is None else {one.id for one in in_state(item, held, "in_place")}
        left = [n for n, practice in enumerate(item.practices, 1) if practice.id not in there]
        if not left:
            ask(turn, turn.say("why.if_all_done", item=title))
            return
        titles = [kind_words.part_title(language, item, number) for number in left]
        buttons = [
            _if_button(turn, running, name, item_id, f"p{number - 1}")
            for number, name in zip(left, titles, strict=True)
        ]
        question, lines = turn.say("why.if_practices", item=title), "\n".join(titles)
    else:
        buttons = [
            _if_button(turn, running, wording.level_title(language, item, one.value), item_id, str(one.value))
            for one in item.levels
        ]
        question, lines = turn.say("why.if_level", item=title), kind_words.level_lines(language, item)
    _wait(turn, running, "level", changes, item=item_id)
    turn.tell(wording.paragraphs(before, question, lines), (*buttons, _leave(turn)))


def _ask_choice(turn: Turn, running: Running, choose: Sequence[tuple[str, str]], changes: _Changes) -> None:
    """Ask which of several practices of the same name is meant."""
    model, language = running.model, turn.language
    order = model.item_ids()
    listed = sorted(
        (pair for pair in choose if pair[0] in running.item_ids),
        key=lambda pair: (
            order.index(pair[0]),
            [one.id for one in model.item(pair[0])[1].practices].index(pair[1]),
        ),
    )
    if not listed:
        _refused(turn, running, choose[0][0])
        return
    lines, buttons = [], []
    for number, (item_id, practice_id) in enumerate(listed, 1):
        item = model.item(item_id)[1]
        place = [one.id for one in item.practices].index(practice_id)
        label = turn.say("why.line", number=number, title=item.practices[place].label[language])
        lines.append(f"{label} ({item.title[language]})")
        buttons.append(_if_button(turn, running, label, item_id, f"p{place}"))
    _wait(turn, running, "choice", changes, of=[list(pair) for pair in listed])
    text = wording.paragraphs(turn.say("why.if_choose"), "\n".join(lines))
    turn.tell(text, (*buttons, _leave(turn)))


def _if_button(turn: Turn, running: Running, title: str, item_id: str, what: str) -> Button:
    place = str(running.model.item_ids().index(item_id))
    return Button(cut(title), turn.token("wi", running.assessment.id, place, what), "level")


def _wait(turn: Turn, running: Running, step: str, changes: _Changes, **more: Any) -> None:
    kept = {
        item_id: change if isinstance(change, int) else list(change) for item_id, change in changes.items()
    }
    turn.state["pending"] = {
        "ask": "what_if",
        "run": running.assessment.id,
        "step": step,
        "changes": kept,
        **more,
    }


def _no_such_level(turn: Turn, item: Item, level: int) -> str:
    return turn.say("unclear.number", number=level, highest=len(item.levels))


def type_if(turn: Turn, pending: Mapping[str, Any], text: str, meaning: str) -> bool:
    """The answer to which item, level or practice; False when the text says something else."""
    running = turn.running
    if running is None or not turn.runs(pending["run"]) or withheld(turn):
        return False
    changes: dict[str, int | Collection[str]] = dict(pending["changes"])
    # A label such as 'Nee, nooit' is an answer here, so it is read before a no is.
    if pending["step"] == "level" and _type_level(turn, running, pending["item"], text, changes):
        return True
    if _leaves(turn, running, text, meaning):
        return True
    items = [running.model.item(one)[1] for one in running.item_ids]
    titles = {number: item.title[turn.language] for number, item in enumerate(items, 1)}
    number = _listed(turn, text, titles if pending["step"] == "item" else {})
    said = read_supposed(text, running.model, running.item_ids, turn.language)
    named = bool(said.levels or said.practices)
    if pending["step"] != "item" and named and _open_to(running, text, meaning, "what_if"):
        # Instead of an answer the whole of it once more: 'draagvlak op 4'.
        _suppose(turn, running, text, changes)
        return True
    if pending["step"] == "item":
        return _type_item(turn, running, pending, text, meaning, number, changes)
    if pending["step"] == "choice":
        if number is None:
            return False
        if not 1 <= number <= len(pending["of"]):
            pairs = [(item_id, practice_id) for item_id, practice_id in pending["of"]]
            _ask_choice(turn, running, pairs, changes)
            return True
        item_id, practice_id = pending["of"][number - 1]
        held = changes.get(item_id, ())
        others = () if isinstance(held, int) else tuple(held)
        _show(turn, running, {**changes, item_id: (*others, practice_id)})
        return True
    return False


def _type_item(
    turn: Turn,
    running: Running,
    pending: Mapping[str, Any],
    text: str,
    meaning: str,
    number: int | None,
    changes: _Changes,
) -> bool:
    """Which item was typed: its number, its title, or its title with the level."""
    model, level = running.model, pending["level"]
    said = read_supposed(text, model, running.item_ids, turn.language)
    if number is not None:
        if not 1 <= number <= len(running.item_ids):
            _ask_item(turn, running, (), level, changes)
            return True
        item_id = running.item_ids[number - 1]
    elif not _open_to(running, text, meaning, "what_if"):
        return False
    elif said.levels or said.practices or said.choose or len(said.unclear) > 1:
        _suppose(turn, running, text, changes)
        return True
    elif said.unclear:
        item_id = said.unclear[0]
    elif said.dimensions:
        _ask_item(turn, running, said.dimensions, level, changes)
        return True
    else:
        return False
    _suppose_one(turn, running, item_id, level, changes)
    return True


def _suppose_one(turn: Turn, running: Running, item_id: str, level: int | None, changes: _Changes) -> None:
    """Show what it would do if this one were at the level that was named; ask for the level without one."""
    item = running.model.item(item_id)[1]
    if level is not None and item.kind == "rubric" and 1 <= level <= len(item.levels):
        if not _refused(turn, running, item_id):
            _show(turn, running, {**changes, item_id: level})
    else:
        _ask_level(turn, running, item_id, changes, None)


def _type_level(
    turn: Turn,
    running: Running,
    item_id: str,
    text: str,
    changes: _Changes,
) -> bool:
    item = running.model.item(item_id)[1]
    if item.kind == "checklist":
        chosen = read_parts(text, names(item), turn.language)
        if chosen is None:
            return False
        if not isinstance(chosen, frozenset):
            _ask_level(turn, running, item_id, changes, turn.say("why.no_such"))
        elif chosen:
            _show(turn, running, {**changes, item_id: practice_ids(item, chosen)})
        else:
            ask(turn, turn.say("why.left"))
        return True
    level = read_level(text, running.model, item, turn.language)
    if level is None:
        return False
    if isinstance(level, NoSuchLevel):
        _ask_level(turn, running, item_id, changes, _no_such_level(turn, item, level.number))
    else:
        _show(turn, running, {**changes, item_id: level})
    return True


# --- which area ------------------------------------------------------------------------------------


def _ask_dimension(
    turn: Turn,
    running: Running,
    about: str,
    named: Sequence[str] | None,
    before: str | None,
    *,
    level: int | None = None,
) -> None:
    """Ask which area is meant, of these only where some are named."""
    model, language = running.model, turn.language
    order = [dimension.id for dimension in model.dimensions]
    listed = [one for one in order if named is None or one in named]
    run_id = running.assessment.id
    lines, buttons = [], []
    for number, dimension_id in enumerate(listed, 1):
        title = turn.say("why.line", number=number, title=model.dimension(dimension_id).title[language])
        place = str(order.index(dimension_id))
        if about == "why_level":
            token = turn.token("wl", run_id, place)
        else:
            token = turn.token("wq", run_id, place, "n" if level is None else str(level))
        lines.append(title)
        buttons.append(Button(cut(title), token, "level"))
    if about == "why_level" and named is None:
        buttons.append(turn.choice("why.all", "wl", run_id, _ALL))
    turn.state["pending"] = {"ask": about, "run": run_id, "of": listed, "level": level}
    text = wording.paragraphs(before, turn.say("why.which"), "\n".join(lines))
    turn.tell(text, (*buttons, _leave(turn)))


def type_dimension(turn: Turn, pending: Mapping[str, Any], text: str, meaning: str) -> bool:
    """Which area was typed: its number in the list or its title; False when the text says something else."""
    running = turn.running
    if running is None or not turn.runs(pending["run"]) or withheld(turn):
        return False
    if _leaves(turn, running, text, meaning):
        return True
    about, listed, level = pending["ask"], pending["of"], pending["level"]
    titles = [running.model.dimension(one).title[turn.language] for one in listed]
    number = _listed(turn, text, dict(enumerate(titles, 1)))
    if number is not None:
        if not 1 <= number <= len(listed):
            said = turn.say("why.no_such")
            _ask_dimension(turn, running, about, listed, said, level=level)
            return True
        named: tuple[str, ...] = (listed[number - 1],)
    elif not _open_to(running, text, meaning, about):
        return False
    else:
        named = read_dimension(text, running.model, turn.language)
        everything = turn.is_title(text, "why.all") or (not named and read_overall(text))
        if about == "why_level" and everything:
            _tell_overall(turn, running)
            return True
    if not named:
        return False
    if about == "why_level":
        levels = read_levels_named(text, running.model, turn.language) if number is None else None
        said_level = levels.stated[0] if levels is not None and levels.stated else None
        if len(named) > _AT_ONCE:
            _ask_dimension(turn, running, about, named, None)
        else:
            _tell_why(turn, running, named, said_level, ())
    elif len(named) > 1:
        _ask_dimension(turn, running, about, named, None, level=level)
    else:
        goal = None if number is not None else _goal(turn, running, text, named[0])
        _tell_way(turn, running, named[0], level if goal is None else goal)
    return True


# --- what they share -------------------------------------------------------------------------------


def _running(turn: Turn) -> Running | None:
    """The assessment under way; None once it was said that there is none."""
    if turn.running is None:
        ask(turn, turn.say("why.nothing_yet"))
    return None if waits(turn) else turn.running


def _answered(turn: Turn) -> Running | None:
    """The assessment under way, when something of it was answered."""
    running = turn.running
    if running is None or not running.stored:
        ask(turn, turn.say("why.nothing_yet"))
        return None
    return None if waits(turn) else running


def _same_run(turn: Turn, run_id: str) -> Running | None:
    """The assessment that a button belongs to; None once it was said that it is another's."""
    if not turn.runs(run_id):
        ask(turn, turn.say("stale.other_run"))
        return None
    return None if waits(turn) else turn.running


def _explain(running: Running, dimension_id: str) -> Explanation:
    return explain(
        running.model,
        running.answers,
        dimension_id,
        asked=running.asked,
        targets=running.assessment.targets,
    )


def _provisional(turn: Turn, running: Running) -> str | None:
    """That not everything has been asked yet; None once it has."""
    if running.completed:
        return None
    done, total = running.progress
    return turn.say("why.provisional", done=done, total=total)


def _listed(turn: Turn, text: str, titles: Mapping[int, str]) -> int | None:
    """The number of an entry in a list that was typed, alone or with its title as on the button."""
    for number, title in titles.items():
        if normalise(text) == normalise(turn.say("why.line", number=number, title=title)):
            return number
    return read_number(text, turn.language)


def _leave(turn: Turn) -> Button:
    return Button(turn.say("why.leave"), turn.token("do", "repeat"), "quiet")


def _leaves(turn: Turn, running: Running, text: str, meaning: str) -> bool:
    """Whether somebody leaves it, which was then said; the open question is not answered by that."""
    no = turn.is_title(text, "why.leave") or read_yes_no(text, turn.language) is False
    guessed = meaning in _LEAVES and read_number(text, turn.language) is None
    if no or (guessed and not names_only(text, running.model)):
        ask(turn, turn.say("why.left"))
        return True
    return False


def _open_to(running: Running, text: str, meaning: str, about: str) -> bool:
    """Whether a text can be the answer to a pending question, and no request for something else."""
    return meaning in (*_OPEN_TO, about) or names_only(text, running.model)
