"""Answering: recording, changing, going back. Answers are only ever added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.assessment.answers import Answer, AnswerKind
from bot.assessment.kinds import is_complete
from bot.assessment.records import Button
from bot.assessment.segments import SEGMENTS
from bot.assessment.session import previous_item
from bot.service import kind_words, kinds, wording
from bot.service.approval import withheld
from bot.service.asking import ask, ask_model, cut
from bot.service.effects import changes_result, effect
from bot.service.placing import said_before
from bot.service.results import finish
from bot.service.segmenting import ask_again, type_segment
from bot.service.turn import Running, Turn
from bot.understanding.changing import Given, read_changes
from bot.understanding.exact import read_beginning, read_number
from bot.understanding.requests import ChangeRequest, read_change, read_segment


def record(turn: Turn, running: Running, answer: Answer, *, words: str | None) -> None:
    """Write the answer to the open question and go on to the next one, or to the result.

    `words`: what the person typed; None for a button.
    """
    dimension, item = running.model.item(answer.item_id)
    held = running.stored.get(answer.item_id)
    if held is not None and answer.kind == "skipped":
        # Who skips a question that they look at again leaves its answer as it is.
        go_on(turn, running)
        return
    if held is None or held.answer != answer or said_before(turn, running, answer.item_id) is not None:
        # The same answer again is kept where own words led to it: those are new.
        running = _write(turn, running, answer, words)
    # An item of several parts is answered for the first time until the last of them was had.
    first = held is None or not is_complete(item, held.answer)
    if held is not None and first and held.answer == answer:
        # The second tap of a double tap, while the next part is open.
        ask(turn, turn.say("answered.same"))
        return
    if first or (held is not None and held.answer == answer):
        before = kind_words.noted(
            turn.language, item, answer, held.answer if held is not None and first else None
        )
    elif held is not None:
        before = _changed(turn, [(held.answer, answer)])
    turn.state["misunderstood"] = 0
    following = running.following
    if following is None:
        _end(turn, running, before, [] if held is None else [held.answer])
        return
    turn.running = _at(turn, running, following)
    next_dimension = running.model.item(following)[0]
    done_here = all(
        is_complete(one, running.answers.get(f"{dimension.id}.{one.id}"))
        for one in dimension.items
        if f"{dimension.id}.{one.id}" in running.item_ids
    )
    if first and done_here and next_dimension.id != dimension.id:
        done = [one.id for one in running.model.dimensions].index(dimension.id) + 1
        crossed = turn.say(
            "answered.dimension_done",
            done=dimension.title[turn.language],
            number=done,
            total=len(running.model.dimensions),
            next=next_dimension.title[turn.language],
        )
        before = f"{before} {crossed}"
    ask(turn, before)


def _end(turn: Turn, running: Running, said: str, old: Sequence[Answer]) -> None:
    """Say this and show the result; only this where it stood already and is as with the `old` answers."""
    # Of a result that waits nothing is told, so not that it is another one either.
    shows = not withheld(turn) and (not old or changes_result(running, old))
    if not running.completed or shows:
        finish(turn, running, said)
        return
    turn.work.update_assessment(running.assessment.id, current_item=None)
    turn.running = replace(running, assessment=replace(running.assessment, current_item=None))
    ask(turn, said)


def go_on(turn: Turn, running: Running) -> None:
    """Leave an answer that is being looked at again as it is, and go on where one was."""
    said = turn.say("change.kept")
    turn.state["misunderstood"] = 0
    following = running.following
    if following is None and running.completed:
        # Nothing changed, so the result has not either.
        turn.work.update_assessment(running.assessment.id, current_item=None)
        turn.running = replace(running, assessment=replace(running.assessment, current_item=None))
        ask(turn, said)
    elif following is None:
        finish(turn, running, said)
    else:
        turn.running = _at(turn, running, following)
        ask(turn, said)


def _write(turn: Turn, running: Running, answer: Answer, words: str | None) -> Running:
    held = running.stored.get(answer.item_id)
    stored = turn.work.add_answer(
        running.assessment.id,
        answer,
        supersedes=None if held is None else held.id,
        turn_id=turn.inbound.turn_id,
        words=words,
        at=turn.now,
        placement=said_before(turn, running, answer.item_id),
    )
    turn.running = replace(running, stored={**running.stored, answer.item_id: stored})
    return turn.running


def _at(turn: Turn, running: Running, item_id: str) -> Running:
    """The assessment with this question open; a complete one stays so while an answer is looked at again."""
    turn.work.update_assessment(running.assessment.id, current_item=item_id)
    return replace(running, assessment=replace(running.assessment, current_item=item_id))


def _changed(turn: Turn, changes: Sequence[tuple[Answer, Answer]]) -> str:
    running = turn.running
    assert running is not None
    lines = []
    for old, new in changes:
        item = running.model.item(new.item_id)[1]
        lines.append(
            turn.say(
                "answered.changed",
                item=item.title[turn.language],
                old=kind_words.answer_name(turn.language, item, old),
                new=kind_words.answer_name(turn.language, item, new),
            )
        )
    told = None if withheld(turn) else effect(turn.language, running, [old for old, _ in changes])
    if told is not None:
        lines.append(told)
    return " ".join(lines) if len(changes) == 1 else "\n".join(lines)


def press_answer(turn: Turn, run_id: str, number: str, what: str) -> None:
    """The button of an answer was tapped; of a question that has passed, it offers to change that answer."""
    running = turn.running
    if running is None or run_id != running.assessment.id:
        ask(turn, turn.say("stale.other_run"))
        return
    answer = _pressed(turn, running, number, what)
    if answer is None:
        return
    held = running.answers.get(answer.item_id)
    if answer.item_id == running.assessment.current_item and not kinds.replaces(held, answer, what):
        record(turn, running, answer, words=None)
    elif answer.item_id in running.stored:
        offer_change(turn, running, answer, number, what)
    else:
        ask(turn, turn.say("stale.unknown"))


def offer_change(turn: Turn, running: Running, answer: Answer, number: str, what: str) -> None:
    """Ask whether to change an answer that was given to this one, the one that button `what` says."""
    held = running.stored[answer.item_id].answer
    if held == answer:
        # The second tap of a double tap ends here.
        ask(turn, turn.say("answered.same"))
        return
    item = running.model.item(answer.item_id)[1]
    old = kind_words.answer_name(turn.language, item, held)
    new = kind_words.answer_name(turn.language, item, answer)
    if old == new:
        # What is in place is the same, and something else was said of the rest.
        new = f"{new}. {kind_words.answer_text(turn.language, item, answer) or ''}".rstrip(". ")
    run_id = running.assessment.id
    turn.state["pending"] = {"ask": "change", "run": run_id, "number": number, "what": what}
    turn.tell(
        turn.say(
            "change.ask",
            item=item.title[turn.language],
            old=old,
            new=new,
        ),
        (
            turn.choice("change.yes", "c", run_id, number, what),
            turn.choice("change.no", "keep"),
        ),
    )


def offer_meant(turn: Turn, text: str) -> bool:
    """Ask whether the one level, or option, is meant that a telling word points to; False where none is."""
    running = turn.running
    item_id = None if running is None else running.assessment.current_item
    if running is None or item_id is None:
        return False
    item = running.model.item(item_id)[1]
    if item.kind != "rubric":
        return False
    value = read_beginning(text, item, running.model.languages)
    if value is None:
        return False
    run_id, number = running.assessment.id, str(running.model.item_ids().index(item_id))
    turn.state["misunderstood"] = 0
    turn.state["pending"] = {"ask": "mean", "run": run_id, "number": number, "what": str(value)}
    turn.tell(
        turn.say("mean.ask", answer=wording.level_title(turn.language, item, value)),
        (
            turn.choice("mean.yes", "a", run_id, number, str(value)),
            turn.choice("mean.no", "do", "repeat"),
        ),
    )
    return True


def change(turn: Turn, run_id: str, number: str, what: str) -> None:
    """Change an earlier answer, as was offered; after the end the result comes anew."""
    running = turn.running
    if running is None or run_id != running.assessment.id:
        ask(turn, turn.say("stale.other_run"))
        return
    answer = _pressed(turn, running, number, what)
    if answer is None:
        return
    held = running.stored.get(answer.item_id)
    if held is None or held.answer == answer:
        ask(turn, turn.say("answered.same"))
        return
    running = _write(turn, running, answer, None)
    _show_change(turn, running, [(held.answer, answer)])


def answer_otherwise(turn: Turn, item_id: str, kind: AnswerKind) -> None:
    """Don't know, does not apply or skipped was typed for the open question."""
    running = turn.running
    assert running is not None
    answer = kinds.otherwise(item_id, running.model.item(item_id)[1], running.answers.get(item_id), kind)
    record(turn, running, answer, words=turn.inbound.text)


def back(turn: Turn) -> None:
    """Open the question before this one again; after the end the last one, at the start what came before."""
    running = turn.running
    if running is None:
        if (turn.conversation.pending or {}).get("ask") == "depth" and len(turn.fitting_offers) > 1:
            ask_model(turn, None)
        else:
            _back_to_segment(turn)
        return
    here = running.assessment.current_item
    before = running.item_ids[-1] if here is None else previous_item(running.model, here, running.asked)
    if before is None:
        _back_to_segment(turn)
    elif before not in running.stored:
        ask(turn, turn.say("side.no_back"))
    else:
        reopen(turn, running, before)


def _back_to_segment(turn: Turn) -> None:
    """Open what was asked last before the first question again: of the person, not of who invited them."""
    beforehand = (turn.conversation.prefill.get("segments") or "").split()
    asked = [one for one in SEGMENTS if one in turn.conversation.segments and one not in beforehand]
    here = (turn.conversation.pending or {}).get("which")
    if here in asked:
        # It was opened again already: back once more.
        asked = asked[: asked.index(here)]
    if not asked:
        ask(turn, turn.say("side.no_back"))
    elif asked[-1] == "first_line":
        # Which of the two comes first is asked together with the customers, unless those are signed.
        ask_again(turn, "first_line" if "business_line" in turn.conversation.signed else "business_line")
    else:
        ask_again(turn, asked[-1])


def reopen(turn: Turn, running: Running, item_id: str) -> None:
    """Open a question that has an answer again; whoever answers it goes on where they were."""
    turn.running = _at(turn, running, item_id)
    held = running.stored[item_id].answer
    item = running.model.item(item_id)[1]
    ask(turn, turn.say("side.back", old=kind_words.answer_name(turn.language, item, held)))


def reopen_part(turn: Turn, running: Running, item_id: str) -> None:
    """Ask what is missing of an answer before the result can be shown."""
    turn.running = _at(turn, running, item_id)
    ask(turn, turn.say("result.part_missing"))


def press_open(turn: Turn, run_id: str, number: str) -> None:
    """The button of a question in a list of earlier answers was tapped."""
    running = turn.running
    if running is None or run_id != running.assessment.id:
        ask(turn, turn.say("stale.other_run"))
        return
    item_id = running.model.item_ids()[int(number)]
    if item_id in running.stored:
        reopen(turn, running, item_id)
    else:
        ask(turn, turn.say("stale.unknown"))


def type_question(turn: Turn, pending: Mapping[str, Any], text: str) -> bool:
    """The question to change was typed after the list of them; False when the text names none."""
    running = turn.running
    number = read_number(text, turn.language)
    if running is None or number is None:
        return False
    items = running.item_ids
    if not 1 <= number <= len(items) or items[number - 1] not in running.stored:
        ask_which(turn, running, turn.say("change.no_such", number=number))
    elif pending.get("value") is not None:
        _change_to(turn, running, items[number - 1], pending["value"], plainly=True)
    else:
        reopen(turn, running, items[number - 1])
    return True


def change_earlier(turn: Turn) -> None:
    """Change an earlier answer: at once when question and level are named, else by way of the question."""
    running = turn.running
    if running is None:
        _change_segment(turn)
        return
    asked = read_change(turn.words, running.model, running.item_ids, turn.language)
    if asked.segment is None and not asked.item_ids:
        asked = _named_loosely(turn, running) or asked
    if asked.segment is not None:
        if not type_segment(turn, asked.segment, turn.words, "change_answer"):
            ask_again(turn, asked.segment)
        return
    named = [item_id for item_id in asked.item_ids if item_id in running.stored]
    if asked.item_ids and not named:
        item = running.model.item(asked.item_ids[0])[1]
        ask(turn, turn.say("change.not_yet", item=item.title[turn.language]))
    elif len(named) == 1 and asked.value is not None:
        _change_to(turn, running, named[0], asked.value, plainly=asked.plain)
    elif len(named) == 1:
        reopen(turn, running, named[0])
    elif not running.stored:
        _change_segment(turn)
    else:
        ask_which(turn, running, None, tuple(named) or None, value=asked.value if named else None)


def _named_loosely(turn: Turn, running: Running) -> ChangeRequest | None:
    """The answer that a request names with a typo, by a part of its title or as the last one; else None."""
    found = read_changes(
        turn.words, running.model, running.item_ids, turn.language, given(running), loosely=True
    )
    if len(found) != 1:
        return None
    return ChangeRequest(found[0].item_ids, None, found[0].value, plain=False)


def given(running: Running) -> Given:
    """What a text can speak of: the answers in the order in which they were given, and their levels."""
    listed = sorted(running.stored.values(), key=lambda one: one.id)
    order = tuple(one.answer.item_id for one in listed if one.answer.item_id in running.item_ids)
    levels = {one.answer.item_id: one.answer.value for one in listed if one.answer.value is not None}
    return Given(order, levels)


def _change_segment(turn: Turn) -> None:
    """Before the first question there is only what was said of the own place in the organisation."""
    known = [segment for segment in SEGMENTS if segment in turn.conversation.segments]
    named = read_segment(turn.words, turn.language)
    if named in known and type_segment(turn, named, turn.words, "change_answer"):
        return
    if named in known:
        ask_again(turn, named)
    elif known:
        # One that can be changed, if there is any; else it is told why none can.
        free = [segment for segment in known if segment not in turn.conversation.signed]
        ask_again(turn, (free or known)[-1])
    else:
        ask(turn, turn.say("change.nothing"))


def _change_to(turn: Turn, running: Running, item_id: str, value: int, *, plainly: bool) -> None:
    item = running.model.item(item_id)[1]
    if item.kind != "rubric":
        reopen(turn, running, item_id)
        return
    if not 1 <= value <= len(item.levels):
        ask(turn, turn.say("unclear.number", number=value, highest=len(item.levels)))
        return
    held, answer = running.stored[item_id].answer, Answer(item_id, "level", value)
    if held == answer:
        ask(turn, turn.say("answered.same"))
        return
    if item_id == running.assessment.current_item:
        # It was being looked at again: this is its answer.
        record(turn, running, answer, words=turn.words)
        return
    if not plainly:
        # A guess: good enough to offer it, never to change an answer that was given.
        number = str(running.model.item_ids().index(item_id))
        offer_change(turn, running, answer, number, str(value))
        return
    change_all(turn, running, [answer])


def change_all(turn: Turn, running: Running, answers: Sequence[Answer]) -> None:
    """Write these over the answers that hold, each another one than before, and say what became of it."""
    running, changes = _rewrite(turn, running, answers)
    _show_change(turn, running, changes)


def change_quietly(turn: Turn, running: Running, answers: Sequence[Answer]) -> tuple[Running, str]:
    """Write these over the answers that hold; what is to be said of it is left to the caller."""
    running, changes = _rewrite(turn, running, answers)
    return running, _changed(turn, changes)


def _rewrite(
    turn: Turn, running: Running, answers: Sequence[Answer]
) -> tuple[Running, list[tuple[Answer, Answer]]]:
    changes = []
    for answer in answers:
        changes.append((running.stored[answer.item_id].answer, answer))
        running = _write(turn, running, answer, turn.words)
    return running, changes


def _show_change(turn: Turn, running: Running, changes: Sequence[tuple[Answer, Answer]]) -> None:
    said = _changed(turn, changes)
    turn.state["misunderstood"] = 0
    turn.is_aside = True
    following = running.following
    if running.assessment.current_item is not None:
        ask(turn, said)
    elif following is None:
        _end(turn, running, said, [old for old, _ in changes])
    else:
        # Of the answer that was changed a part is still to be asked.
        turn.running = _at(turn, running, following)
        ask(turn, said)


def ask_which(
    turn: Turn,
    running: Running,
    before: str | None,
    item_ids: tuple[str, ...] | None = None,
    *,
    value: int | None = None,
) -> None:
    """Ask which answer to look at again; `item_ids`: of these only, else of all that were given.

    `value`: the level that the one is to get, which is changed to it at once.
    """
    order = running.item_ids
    listed = [one for one in item_ids or order if one in running.stored]
    turn.state["pending"] = {"ask": "which"} if value is None else {"ask": "which", "value": value}
    said = wording.answers_to_change(turn.language, running.model, running.answers, listed, order)
    numbers = {item_id: number for number, item_id in enumerate(order)}
    buttons = [
        Button(
            cut(f"{numbers[one] + 1} · {running.model.item(one)[1].title[turn.language]}"),
            _token_of(turn, running, one, value),
            "quiet",
        )
        for one in listed
    ]
    if item_ids is None:
        buttons += [
            Button(wording.segment_title(turn.language, segment), turn.token("again", segment), "quiet")
            for segment in SEGMENTS
            if segment in turn.conversation.segments and segment not in turn.conversation.signed
        ]
    turn.tell(wording.paragraphs(before, said), (*buttons, turn.choice("change.no", "keep")))


def _token_of(turn: Turn, running: Running, item_id: str, value: int | None) -> str:
    """Of the button for one of several answers: opens it, or changes it to the level that was named."""
    number = str(running.model.item_ids().index(item_id))
    if value is None or not 1 <= value <= len(running.model.item(item_id)[1].levels):
        return turn.token("open", running.assessment.id, number)
    return turn.token("c", running.assessment.id, number, str(value))


def second_look(turn: Turn, run_id: str, number: str) -> None:
    """Look again at the answers behind an implausible pair, the pair's number from 0."""
    running = turn.running
    if running is None or run_id != running.assessment.id:
        ask(turn, turn.say("stale.other_run"))
        return
    pair = running.model.implausible[int(number)]
    items = [
        f"{dimension.id}.{item.id}"
        for dimension, item in running.model.walk()
        if dimension.id in (pair.high, pair.low)
    ]
    ask_which(turn, running, pair.text[turn.language], tuple(items))


def _pressed(turn: Turn, running: Running, number: str, what: str) -> Answer | None:
    """The answer behind a button; None once it has been said why it is none."""
    item_id = running.model.item_ids()[int(number)]
    item = running.model.item(item_id)[1]
    found = kinds.press(item_id, item, running.answers.get(item_id), what)
    if isinstance(found, Answer):
        return found
    if found is None:
        ask(turn, turn.say("stale.passed"))
    else:
        refuse(turn, found)
    return None


def refuse(turn: Turn, refusal: kinds.Refusal) -> None:
    """Say why this cannot be the answer, and ask again."""
    turn.state["misunderstood"] = 0
    if refusal.words is not None:
        ask(turn, refusal.words[turn.language])
    elif refusal.key is not None:
        ask(turn, turn.say(refusal.key, **refusal.values))
