"""The end of an assessment: radar and table, what stands out, first steps, and where to go from here."""

from __future__ import annotations

import secrets
from dataclasses import replace

from bot.assessment.advice import insights
from bot.assessment.definitions import MaturityModel
from bot.assessment.records import Button, Picture
from bot.assessment.scoring import Result
from bot.service import kind_words, quoting, rounds, wording
from bot.service.approval import waits, withheld
from bot.service.asking import another_button, answer_button, ask, offer_other_line
from bot.service.changes import Compared, compared
from bot.service.earlier import local_day, next_time
from bot.service.linking import back_link, result_link
from bot.service.signed import in_chat, with_plan
from bot.service.turn import Running, Turn


def finish(turn: Turn, running: Running, before: str) -> None:
    """Complete the assessment, or end a look back into a complete one, and show its result."""
    completed_at = running.assessment.completed_at or turn.now
    turn.work.update_assessment(
        running.assessment.id, current_item=None, status="completed", completed_at=completed_at
    )
    turn.running = replace(
        running,
        assessment=replace(
            running.assessment, current_item=None, status="completed", completed_at=completed_at
        ),
    )
    if withheld(turn):
        _thank(turn, turn.running, before)
        return
    show_result(
        turn,
        turn.running,
        wording.paragraphs(before, turn.say("result.intro", **_scale(running.model))),
    )


def _thank(turn: Turn, running: Running, before: str) -> None:
    """Say that it is complete, and that a consultant looks at the result first."""
    buttons = [
        turn.choice("menu.change", "do", "change_answer"),
        *another_button(turn),
        *answer_button(turn),
        turn.choice("menu.more", "do", "menu"),
    ]
    line = offer_other_line(turn, running)
    offer = None if line is None else _offer_line(turn, running, line, buttons)
    turn.tell(
        wording.paragraphs(before, turn.say("consultant.finished"), offer),
        tuple(buttons),
        links=(back_link(turn),),
        completed=_known_as(turn, running),
    )


def show_approved(turn: Turn, running: Running) -> None:
    """A result that may be seen now, by itself; what was open stands again behind it."""
    intro = turn.say("consultant.approved", **_scale(running.model))
    if turn.runs(running.assessment.id) and running.open_item is None:
        show_result(turn, running, intro)
        return
    _show_facts(turn, with_plan(turn.work, running), intro)
    turn.tell(
        turn.say("result.caution", caution=running.model.caution[turn.language]),
        links=(result_link(turn, running.assessment.id),),
    )
    ask(turn, None)


def show_result(turn: Turn, running: Running, intro: str) -> None:
    """The picture with its facts, elements, what stands out, first steps, what else was chosen, what now.

    Where a consultant looks at it first, nothing but that.
    """
    if waits(turn):
        return
    running = with_plan(turn.work, running)
    _show_facts(turn, running, intro)
    _what_now(turn, running)


def _show_facts(turn: Turn, running: Running, intro: str) -> None:
    """The result itself, without what can be done with it."""
    model, language = running.model, turn.language
    result = running.result
    about = wording.line_name(language, running.assessment)
    lines = wording.result_lines(language, model, result)
    if about is not None:
        intro = f"{intro} {turn.say('result.about', about=about)}"
    if result.indication:
        intro = wording.paragraphs(intro, wording.not_asked(language, model, running.item_ids))
    facts = wording.paragraphs("\n".join(lines), wording.overall(language, model, result))
    since = compared(turn, running)
    turn.tell(
        wording.paragraphs(intro, facts),
        picture_id=radar_picture(turn, running, result, facts, since),
        table=wording.result_table(language, model, result, paragraph=len(intro.split("\n\n"))),
        completed=_known_as(turn, running),
    )
    if since is not None:
        turn.tell(since.text)
    if result.elements:
        said = turn.say("result.elements")
        turn.tell(
            wording.paragraphs(said, "\n".join(wording.element_lines(language, model, result))),
            table=wording.element_table(language, model, result, paragraph=1),
        )
    looks = tuple(
        turn.choice("result.look", "look", running.assessment.id, str(model.implausible.index(pair)))
        for pair in result.implausible
    )
    said = wording.paragraphs(
        " ".join(wording.what_stands_out(language, model, result)),
        " ".join(wording.open_questions(language, model, result)),
    )
    # Where nothing has a score, nothing stands out either.
    if said:
        turn.tell(said, looks)
    if running.signed is not None:
        turn.tell(in_chat(language, running))
    else:
        turn.tell(wording.steps(language, model, running.first_steps, result))
    _show_insights(turn, running)


def _known_as(turn: Turn, running: Running) -> str:
    """What stands for a complete assessment outside, where a site counts them.

    In an anonymous campaign it is no id: whoever has both that site's log and the database could otherwise
    tell whose answers are whose.
    """
    anonymous = turn.campaign is not None and turn.campaign.anonymous
    return turn.knowledge.codes.alias(running.assessment.id) if anonymous else running.assessment.id


def _scale(model: MaturityModel) -> dict[str, int]:
    return {"lowest": model.lowest, "highest": model.highest}


def _show_insights(turn: Turn, running: Running) -> None:
    """What was chosen beside the scores, and what follows from it."""
    told = [
        f"{kind_words.insight_title(turn.language, one)}\n{kind_words.insight_text(turn.language, one)}"
        for one in insights(running.model, running.answers)
    ]
    if told:
        turn.tell(wording.paragraphs(turn.say("result.insights"), *told))


def _what_now(turn: Turn, running: Running) -> None:
    """The result page, a colleague, the second run: what can be done with the result."""
    run_id = running.assessment.id
    caution = turn.say("result.caution", caution=running.model.caution[turn.language])
    buttons = [
        turn.choice("road.button", "do", "road_map"),
        turn.choice("menu.share", "do", "share"),
        turn.choice("menu.change", "do", "change_answer"),
        *another_button(turn),
        turn.choice("menu.more", "do", "menu"),
    ]
    if running.assessment.depth == "quick" and rounds.may_deepen(turn):
        buttons.insert(0, turn.choice("depth.deepen", "deepen", run_id))
    completed = running.assessment.completed_at or turn.now
    if local_day(completed) < local_day(turn.now):
        buttons.insert(-1, turn.choice("again.button", "remeasure", run_id))
    line = offer_other_line(turn, running)
    offer = None
    if line is not None:
        offer = _offer_line(turn, running, line, buttons)
    quoted = quoting.offer(turn, running)
    if quoted is not None:
        offer, buttons[:0] = quoted
    buttons[-1:-1] = answer_button(turn)
    earlier = _other_run(turn, running)
    links = [result_link(turn, run_id)]
    beside = None
    # While the other line is still to come again, what there is of it is of an earlier time.
    if earlier is not None and line is None:
        links = [result_link(turn, run_id, wording.line_name(turn.language, running.assessment))]
        links.append(
            result_link(turn, earlier.assessment.id, wording.line_name(turn.language, earlier.assessment))
        )
        beside = _beside(turn, earlier, running)
    turn.tell(
        wording.paragraphs(
            beside, caution, next_time(turn.language, running), turn.say("result.next"), offer
        ),
        tuple(buttons),
        links=(*links, back_link(turn)),
    )


def _offer_line(turn: Turn, running: Running, line: str, buttons: list[Button]) -> str:
    """Offer a second run about the other customers, with its buttons before the others."""
    run_id = running.assessment.id
    buttons[:0] = [
        turn.choice("second_line.yes", "line", run_id),
        turn.choice("second_line.no", "later"),
    ]
    turn.state["pending"] = {"ask": "second_line", "run": run_id}
    return turn.say("second_line.ask", line=wording.option_name(turn.language, line))


def _other_run(turn: Turn, running: Running) -> Running | None:
    """The newest finished run of the same version about the other business line, if there is one."""
    other = {"b2c": "b2b", "b2b": "b2c"}.get(running.assessment.business_line or "")
    if other is None:
        return None
    for one in reversed(turn.work.assessments(conversation_id=turn.conversation.id)):
        same = (one.definition_hash, one.depth) == (
            running.assessment.definition_hash,
            running.assessment.depth,
        )
        if withheld(turn, one):
            continue
        if same and one.status == "completed" and one.business_line == other:
            stored = {answer.answer.item_id: answer for answer in turn.work.answers(one.id)}
            return Running(one, running.model, stored)
    return None


def _beside(turn: Turn, earlier: Running, running: Running) -> str:
    """Both rounds dimension by dimension, the earlier one first."""
    return turn.say(
        "result.both",
        first=wording.line_name(turn.language, earlier.assessment),
        second=wording.line_name(turn.language, running.assessment),
        scores=wording.side_by_side(
            turn.language,
            running.model,
            earlier.result,
            running.result,
        ),
    )


def radar_picture(
    turn: Turn, running: Running, result: Result, facts: str, since: Compared | None = None
) -> str:
    """Keep what the radar shows; its id. It is drawn when somebody looks at it.

    `since`: the earlier result, whose shape lies below this one where the two can be compared.
    """
    model, language = running.model, turn.language
    about = wording.line_name(language, running.assessment)
    shown = wording.radar_facts(language, model, result, about)
    if since is not None and since.before is not None:
        shown = replace(shown, before=since.before, before_label=turn.say("again.before"))
        facts = wording.paragraphs(facts, since.alt)
    picture = Picture(
        id=secrets.token_hex(16),
        conversation_id=turn.conversation.id,
        assessment_id=running.assessment.id,
        spec=turn.knowledge.radar(shown),
        alt=wording.radar_alt(language, model, facts, about),
    )
    turn.work.add_picture(picture)
    return picture.id
