"""What people ask of a result in plain words: is it any good, how sure is it, what does it come down to."""

from __future__ import annotations

from bot.assessment.scoring import format_score
from bot.service import wording
from bot.service.approval import waits
from bot.service.asking import ask
from bot.service.signed import in_short, with_plan
from bot.service.turn import Running, Turn
from bot.understanding.plainly import read_about_result
from bot.understanding.subjects import read_dimension

# What the NLU is sure enough of to go before: these have words of their own for it.
_ELSEWHERE = (
    *("road_map", "place_steps", "target", "share", "unshare", "report", "quickest", "what_if"),
    *("change_answer", "my_data", "my_data_file", "erase", "human", "start_over", "switch_language"),
    *("remind_me", "no_reminders", "elsewhere", "come_back", "privacy"),
)


def tell_about(turn: Turn, running: Running, text: str, meaning: str) -> bool:
    """Answer what is asked about the result as a whole; False where nothing of this is."""
    about = read_about_result(text)
    if about is None or meaning in _ELSEWHERE:
        return False
    if about != "sure" and read_dimension(text, running.model, turn.language):
        return False
    if waits(turn):
        return True
    told = {
        "verdict": (_level(turn, running), _compared(turn, running), _begin(turn, running)),
        "sure": (_compared(turn, running), turn.say("verdict.sure")),
        "in_short": (_level(turn, running), _stands_out(turn, running), _begin(turn, running)),
        "begin": (_begin(turn, running) or wording.no_steps(turn.language, running.result),),
    }[about]
    turn.state["misunderstood"] = 0
    ask(turn, wording.paragraphs(*told))
    return True


def _level(turn: Turn, running: Running) -> str:
    """The average in the words of the level that it is nearest to."""
    model, language, overall = running.model, turn.language, running.result.overall
    if overall is None:
        return turn.say("result.no_overall")
    level = model.level_name(max(model.lowest, min(model.highest, int(overall + 0.5))))
    return turn.say(
        "verdict.level",
        score=format_score(overall, language),
        highest=model.highest,
        level=level.value,
        name=level.name[language],
        meaning=level.meaning[language],
    )


def _compared(turn: Turn, running: Running) -> str:
    """What it rests on, and what to lay it beside."""
    counted = sum(1 for one in running.item_ids if one in running.stored and _counts(running, one))
    return turn.say("verdict.indication", count=counted)


def _counts(running: Running, item_id: str) -> bool:
    return running.model.item(item_id)[1].scored and running.stored[item_id].answer.kind in ("level", "given")


def _stands_out(turn: Turn, running: Running) -> str:
    return " ".join(wording.what_stands_out(turn.language, running.model, running.result))


def _begin(turn: Turn, running: Running) -> str | None:
    """The first of the first steps; None where there is none."""
    running = with_plan(turn.work, running)
    if running.signed is not None:
        return in_short(turn.language, running)
    if not running.first_steps:
        return None
    step, language = running.first_steps[0], turn.language
    dimension, item = running.model.item(step.item_id)
    return turn.say(
        "verdict.begin",
        dimension=dimension.title[language],
        item=wording.step_subject(language, item, step),
        step=step.action.step[language],
    )
