"""The road map in the chat, the matrix of benefit and investment, and placing steps in it oneself."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.assessment.advice import Recommendation
from bot.assessment.plans import Horizon
from bot.assessment.records import Button, Picture
from bot.assessment.roadmap import PlacedStep, matrix, road_map, step_key
from bot.service import rounds, wording
from bot.service.approval import waits, withheld
from bot.service.asking import ask
from bot.service.ports import MatrixFacts, MatrixStep
from bot.service.signed import made_by, told, with_plan
from bot.service.turn import Running, Turn
from bot.understanding.aims import reads_done
from bot.understanding.efforts import Asked, Efforts, asks_to_see, read_efforts
from bot.understanding.requests import read_change

# So many steps of a horizon are told in the chat; the report has them all.
_TOLD = 3
# So many steps are gone through by who places them.
_PLACED = 6
_PATIENCE = 3
_SKIPS = ("dont_know", "not_applicable", "skip")
_UNREAD = ("take_answer", "place_steps", "affirm", "greet", "difference", "repeat")
_HEADS: dict[Horizon, str] = {"now": "road.now", "next": "road.next", "later": "road.later"}
_BENEFITS = ("road.benefit_1", "road.benefit_2", "road.benefit_3")
_INVESTMENTS = ("road.investment_1", "road.investment_2", "road.investment_3")


@dataclass(frozen=True)
class _Step:
    """One step of the road map with its number there, and where it stands in the matrix.

    Every word is in the person's language. `dimension` is None, and `move` ('2 → 3') empty, where a step of a
    consultant has none.
    """

    number: int
    horizon: Horizon
    key: str
    dimension: str | None
    subject: str
    move: str
    begin: str
    benefit: int
    investment: int

    @property
    def tag(self) -> str:
        """The same, short enough for a button."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:8]


def show_road_map(turn: Turn) -> None:
    """Now, next and later in short, and the matrix of the steps that are named."""
    running = _ready(turn)
    if running is None:
        return
    steps = _steps(turn.language, running)
    shown: list[_Step] = []
    blocks = []
    for horizon, head in _HEADS.items():
        here = [one for one in steps if one.horizon == horizon]
        if not here:
            continue
        lines = [turn.say(head), *(_line(turn, one) for one in here[:_TOLD])]
        if len(here) > _TOLD:
            lines.append(turn.say("road.more", count=len(here) - _TOLD))
        blocks.append("\n".join(lines))
        shown += here[:_TOLD]
    indication = turn.say("road.indication") if running.result.indication else None
    turn.tell(
        wording.paragraphs(_made_by(turn, running), turn.say("road.intro"), indication, *blocks),
        picture_id=_picture(turn, running, shown),
    )
    _what_now(turn, turn.say("road.what_now"), road=False)


def place_steps(turn: Turn) -> None:
    """Go through the first steps, asking what each brings and takes; or show the matrix, if that is asked."""
    running = _ready(turn)
    if running is None:
        return
    if asks_to_see(turn.words):
        _show_matrix(turn, running, None)
    else:
        _ask(turn, running, _to_place(turn, running)[0], None)


def press_place(turn: Turn, run_id: str, tag: str, what: str = "") -> None:
    """A button of a step was tapped: 'b3' (benefit), '31' (benefit and investment), skip, or stop."""
    running = turn.running
    if running is None or run_id != running.assessment.id:
        ask(turn, turn.say("stale.other_run"))
        return
    running = _ready(turn)
    if running is None:
        return
    pending = turn.conversation.pending or {}
    if tag == "x":
        _end(turn, running) if pending.get("ask") == "place" else ask(turn, None)
        return
    step = next((one for one in _to_place(turn, running) if one.tag == tag), None)
    if step is None:
        # The answers or the targets have changed since.
        ask(turn, turn.say("stale.unknown"))
        return
    asked = pending if pending.get("ask") == "place" and pending["tag"] == tag else {}
    if what == "s":
        _next(turn, running, step, turn.say("road.skipped"))
    elif what.startswith("b"):
        _take(turn, running, step, Efforts(int(what[1]), asked.get("investment")))
    else:
        _take(turn, running, step, Efforts(int(what[0]), int(what[1])))


def type_place(turn: Turn, pending: Mapping[str, Any], text: str, meaning: str) -> bool:
    """Something was typed while a step is placed; False when it is about something else."""
    running = turn.running
    if running is None or not running.completed or pending["run"] != running.assessment.id:
        return False
    if withheld(turn):
        return False
    running = turn.running = with_plan(turn.work, running)
    step = next((one for one in _to_place(turn, running) if one.tag == pending["tag"]), None)
    if step is None or read_change(text, running.model, running.item_ids, turn.language).plain:
        return False
    benefit, investment = pending["benefit"], pending["investment"]
    asked: Asked = "benefit" if benefit is None else "investment"
    read = _title(turn, text, asked) or read_efforts(text, asked, turn.language)
    if turn.is_title(text, "question.skip") or (read is None and meaning in _SKIPS):
        _next(turn, running, step, turn.say("road.skipped"))
    elif turn.is_title(text, "road.stop") or (read is None and (reads_done(text) or meaning == "deny")):
        _end(turn, running)
    elif read is not None:
        _take(turn, running, step, Efforts(read.benefit or benefit, read.investment or investment))
    elif meaning in _UNREAD:
        _unread(turn, running, step, Efforts(benefit, investment))
    else:
        return False
    return True


def _title(turn: Turn, text: str, asked: Asked) -> Efforts | None:
    """The amount whose button says this."""
    keys = _BENEFITS if asked == "benefit" else _INVESTMENTS
    for value, key in enumerate(keys, 1):
        if turn.is_title(text, key):
            return Efforts(value, None) if asked == "benefit" else Efforts(None, value)
    return None


def _ready(turn: Turn) -> Running | None:
    """The assessment whose steps are planned; None once it was said why there are none."""
    running = turn.running
    if running is None or not running.completed:
        ask(turn, turn.say("road.too_early"))
        return None
    if waits(turn):
        return None
    running = turn.running = with_plan(turn.work, running)
    if running.signed is None and not running.first_steps:
        ask(turn, wording.no_steps(turn.language, running.result))
        return None
    return running


def _made_by(turn: Turn, running: Running) -> str | None:
    return None if running.signed is None else made_by(turn.language, running.signed)


def _steps(language: str, running: Running) -> list[_Step]:
    """All steps of the road map, numbered, each where the respondent or else the definition puts it.

    Of signed advice those of the consultant.
    """
    if running.signed is not None:
        return [
            _Step(
                number=one.number,
                horizon=one.horizon,
                key=one.key,
                dimension=one.dimension,
                subject=one.title,
                move=one.levels,
                begin=one.begin,
                benefit=one.benefit,
                investment=one.investment,
            )
            for one in told(language, running)
        ]
    road = road_map(
        running.model,
        running.answers,
        running.result,
        targets_chosen=bool(running.assessment.targets),
    )
    places = {key: (place[0], place[1]) for key, place in (running.assessment.placed or {}).items()}
    standing = {one.key: one for cell in matrix(road, places).cells for one in cell.steps}
    listed: list[tuple[Horizon, Recommendation]] = [
        *(("now", one) for one in road.now),
        *(("next", one) for one in road.next),
        *(("later", one) for one in road.later),
    ]
    return [
        _step(language, running, number, horizon, standing[step_key(step)])
        for number, (horizon, step) in enumerate(listed, 1)
    ]


def _step(language: str, running: Running, number: int, horizon: Horizon, placed: PlacedStep) -> _Step:
    dimension, item = running.model.item(placed.step.item_id)
    return _Step(
        number=number,
        horizon=horizon,
        key=placed.key,
        dimension=dimension.title[language],
        subject=wording.step_subject(language, item, placed.step),
        move=wording.step_short(language, placed.step),
        begin=placed.step.action.step[language],
        benefit=placed.benefit,
        investment=placed.investment,
    )


def _to_place(turn: Turn, running: Running) -> list[_Step]:
    """The steps that are gone through: the first of now and next; where there are none, of later."""
    steps = _steps(turn.language, running)
    return ([one for one in steps if one.horizon != "later"] or steps)[:_PLACED]


def _line(turn: Turn, one: _Step) -> str:
    brings = wording.step_brings(turn.language, one.benefit, one.investment)
    if one.dimension is None or not one.move:
        return turn.say("signed.road_step", number=one.number, title=_name(turn, one), brings=brings)
    return turn.say(
        "road.step",
        number=one.number,
        dimension=one.dimension,
        item=one.subject,
        move=one.move,
        brings=brings,
    )


def _name(turn: Turn, one: _Step) -> str:
    """What the step is about, with its dimension."""
    if one.dimension is None:
        return one.subject
    if not one.move:
        return f"{one.dimension}: {one.subject}"
    return turn.say("road.title", dimension=one.dimension, item=one.subject, move=one.move)


def _header(turn: Turn, one: _Step, number: int, total: int) -> str:
    if one.dimension is None:
        return turn.say("signed.road_header", number=number, total=total, title=one.subject)
    return turn.say("road.step_header", number=number, total=total, dimension=one.dimension, item=one.subject)


def _ask(turn: Turn, running: Running, one: _Step, before: str | None, said: Efforts | None = None) -> None:
    """Say this, and ask what the step brings, or what it takes; `said`: what is known of it."""
    said = said or Efforts()
    run_id = running.assessment.id
    turn.state["pending"] = {
        "ask": "place",
        "run": run_id,
        "tag": one.tag,
        "benefit": said.benefit,
        "investment": said.investment,
    }
    listed = _to_place(turn, running)
    if said.benefit is None:
        place = [other.key for other in listed].index(one.key) + 1
        header = _header(turn, one, place, len(listed))
        text = wording.paragraphs(
            before,
            header,
            turn.say("road.begin", step=one.begin),
            turn.say("road.stands", brings=wording.step_brings(turn.language, one.benefit, one.investment)),
            turn.say("road.ask_benefit"),
        )
        buttons = [
            Button(turn.say(key), turn.token("put", run_id, one.tag, f"b{value}"), "level")
            for value, key in enumerate(_BENEFITS, 1)
        ]
    else:
        text = wording.paragraphs(before, _name(turn, one), turn.say("road.ask_investment"))
        buttons = [
            Button(turn.say(key), turn.token("put", run_id, one.tag, f"{said.benefit}{value}"), "level")
            for value, key in enumerate(_INVESTMENTS, 1)
        ]
    buttons.append(Button(turn.say("question.skip"), turn.token("put", run_id, one.tag, "s"), "quiet"))
    buttons.append(Button(turn.say("road.stop"), turn.token("put", run_id, "x"), "quiet"))
    turn.tell(text, tuple(buttons))


def _take(turn: Turn, running: Running, one: _Step, said: Efforts) -> None:
    """Store where the step is placed once both are known; ask for the other half until then."""
    turn.state["misunderstood"] = 0
    if said.benefit is None or said.investment is None:
        half = None
        if said.investment is not None:
            # What was typed before it was asked; what was asked stands in the conversation.
            half = turn.say("road.half", investment=turn.say(_INVESTMENTS[said.investment - 1]).lower())
        _ask(turn, running, one, half, said)
        return
    placed = {key: list(place) for key, place in (running.assessment.placed or {}).items()}
    placed[one.key] = [said.benefit, said.investment]
    turn.work.update_assessment(running.assessment.id, placed=placed)
    running = turn.running = replace(running, assessment=replace(running.assessment, placed=placed))
    brings = wording.step_brings(turn.language, said.benefit, said.investment)
    _next(turn, running, one, turn.say("road.placed", item=_name(turn, one), brings=brings))


def _next(turn: Turn, running: Running, one: _Step, said: str) -> None:
    """Go on with the step after this one; after the last the matrix."""
    turn.state["misunderstood"] = 0
    listed = _to_place(turn, running)
    place = [other.key for other in listed].index(one.key) + 1
    if place < len(listed):
        _ask(turn, running, listed[place], said)
    else:
        _show_matrix(turn, running, said)


def _end(turn: Turn, running: Running) -> None:
    """Somebody stops placing: the matrix as it is, or nothing if nothing was placed."""
    turn.state["misunderstood"] = 0
    if running.assessment.placed:
        _show_matrix(turn, running, None)
    else:
        _what_now(turn, turn.say("road.kept"))


def _unread(turn: Turn, running: Running, one: _Step, said: Efforts) -> None:
    """Ask once more; after some times leave it."""
    count = turn.conversation.misunderstood + 1
    turn.state["misunderstood"] = count
    if count >= _PATIENCE:
        turn.state["misunderstood"] = 0
        _what_now(turn, turn.say("road.left"))
    else:
        _ask(turn, running, one, turn.say("road.unclear"), said)


def _show_matrix(turn: Turn, running: Running, said: str | None) -> None:
    """The matrix as a picture, and the same in words."""
    steps = _to_place(turn, running)
    own = any(one.key in (running.assessment.placed or {}) for one in steps)
    text = wording.paragraphs(
        said, turn.say("road.matrix_placed" if own else "road.matrix"), _in_words(turn, steps)
    )
    turn.tell(text, picture_id=_picture(turn, running, steps))
    _what_now(turn, None)


def _what_now(turn: Turn, said: str | None, *, road: bool = True) -> None:
    """Say this, and what can be done with the steps; `road`: the road map was not just shown."""
    ask(turn, said)
    turn.offer_first(
        *((turn.choice("road.button", "do", "road_map"),) if road else ()),
        turn.choice("road.place", "do", "place_steps"),
        *(
            (turn.choice("target.button", "do", "target"),)
            if turn.running is None or not rounds.targets_fixed(turn, turn.running)
            else ()
        ),
    )


def _in_words(turn: Turn, steps: Sequence[_Step]) -> str:
    """The matrix in words: each cell that holds anything, what brings most for least first."""
    cells = sorted({(-one.benefit, one.investment) for one in steps})
    return wording.paragraphs(
        *(
            turn.say(
                "road.cell",
                brings=wording.step_brings(turn.language, -benefit, investment),
                steps="\n".join(
                    turn.say("road.cell_step", number=one.number, title=_name(turn, one))
                    for one in steps
                    if (one.benefit, one.investment) == (-benefit, investment)
                ),
            )
            for benefit, investment in cells
        )
    )


def _picture(turn: Turn, running: Running, steps: Sequence[_Step]) -> str:
    """Keep what the matrix shows; its id. It is drawn when somebody looks at it."""
    about = wording.line_name(turn.language, running.assessment)
    name = running.model.name[turn.language]
    title = name if about is None else f"{name} · {about}"
    sizes = (turn.say("report.size_1"), turn.say("report.size_2"), turn.say("report.size_3"))
    facts = MatrixFacts(
        language=turn.language,
        title=title,
        subtitle=turn.say("road.subtitle"),
        steps=tuple(
            MatrixStep(one.number, _name(turn, one), one.benefit, one.investment, one.horizon)
            for one in steps
        ),
        benefit=turn.say("report.benefit"),
        benefits=sizes,
        investment=turn.say("report.investment"),
        investments=sizes,
        horizons=(turn.say("report.now"), turn.say("report.next"), turn.say("report.later")),
    )
    picture = Picture(
        id=secrets.token_hex(16),
        conversation_id=turn.conversation.id,
        assessment_id=running.assessment.id,
        spec=turn.knowledge.matrix(facts),
        alt=turn.say("road.alt", name=title, facts=" ".join(_in_words(turn, steps).split())),
    )
    turn.work.add_picture(picture)
    return picture.id
