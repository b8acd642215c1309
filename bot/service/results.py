"""The end of an assessment: radar, the same facts in words, what stands out, first steps."""

from __future__ import annotations

import secrets
from dataclasses import replace

from bot.assessment.advice import advise, first_steps
from bot.assessment.records import Picture
from bot.assessment.scoring import Result, format_score, score
from bot.service import wording
from bot.service.ports import RadarFacts
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
    show_result(
        turn,
        turn.running,
        wording.paragraphs(before, turn.say("result.intro", highest=running.model.highest)),
    )


def show_result(turn: Turn, running: Running, intro: str) -> None:
    """Three messages: the picture with its facts, what stands out and first steps, what one should know."""
    model, language = running.model, turn.language
    result = score(model, running.answers)
    facts = wording.result_facts(language, model, result)
    turn.tell(wording.paragraphs(intro, facts), picture_id=_picture(turn, running, result, facts))
    chosen = first_steps(advise(model, running.answers, result))
    turn.tell(
        wording.paragraphs(
            wording.what_stands_out(language, model, result),
            wording.steps(language, model, chosen, result),
        )
    )
    turn.tell(
        wording.paragraphs(
            turn.say("result.caution", caution=model.caution[language]), turn.say("result.next")
        )
    )


def _picture(turn: Turn, running: Running, result: Result, facts: str) -> str:
    """Keep what the radar shows; its id. It is drawn when somebody looks at it."""
    model, language = running.model, turn.language
    title = turn.say("result.title", name=model.name[language])
    picture = Picture(
        id=secrets.token_hex(16),
        conversation_id=turn.conversation.id,
        assessment_id=running.assessment.id,
        spec=turn.knowledge.radar(
            RadarFacts(
                model=model,
                result=result,
                language=language,
                title=title,
                subtitle=turn.say("result.subtitle", highest=model.highest),
                today=turn.say("result.today"),
                target=turn.say("result.target"),
                scores={
                    found.dimension_id: format_score(found.score, language)
                    for found in result.dimensions
                    if found.score is not None
                },
            )
        ),
        alt=turn.say("result.alt", name=model.name[language], facts=" ".join(facts.split())),
    )
    turn.work.add_picture(picture)
    return picture.id
