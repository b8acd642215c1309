"""Own words placed at the levels of a question: read, kept, and what waits for a yes."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot.assessment.definitions import Item
from bot.assessment.kinds import is_complete
from bot.assessment.records import Button, StoredPlacement
from bot.service import kinds, wording
from bot.service.ports import Placer
from bot.service.turn import Running, Turn, Wanted
from bot.service.words_told import quote
from bot.understanding.exact import is_question, normalise, read_yes_no
from bot.understanding.proposals import Placement, Reading
from bot.understanding.replies import read_reply
from bot.understanding.signs import is_code

logger = logging.getLogger(__name__)

PENDING = "level"
"""The pending question after a proposal: whether it is right."""


def read(placer: Placer | None, wanted: Wanted) -> Reading | None:
    """What these words say; None where nothing can read them. Never fails, and logs no words."""
    if placer is None:
        return None
    try:
        return placer.read(
            wanted.definition_hash, wanted.model, wanted.item_id, wanted.text, also=wanted.also
        )
    except Exception as error:
        # The choices are shown then. Whatever an encoder may say in its error could hold what was typed.
        logger.error("Own words could not be placed: %s", type(error).__name__)
        return None


def wanted(running: Running, text: str) -> Wanted | None:
    """What is to be read of own words at the open question; None where it takes none."""
    item_id = running.assessment.current_item
    if item_id is None or running.model.item(item_id)[1].kind != "rubric" or not _says_something(text):
        return None
    return Wanted(
        running.assessment.definition_hash, running.model, item_id, text, following_rubric(running, item_id)
    )


def _says_something(text: str) -> bool:
    """Whether there are letters in it, and no question to us: no signs, faces or code describe a company."""
    if is_code(text):
        return False
    asks = text.rstrip().endswith("?") and is_question(text.rstrip(" ?"))
    return not asks and sum(character.isalpha() for character in text) >= 2


def following_rubric(running: Running, item_id: str) -> str | None:
    """The question that is asked after this one, where own words can answer it too."""
    order = running.item_ids
    if item_id not in order:
        return None
    for other in order:
        item = running.model.item(other)[1]
        if other != item_id and not is_complete(item, running.answers.get(other)):
            return other if item.kind == "rubric" else None
    return None


def said_so_far(turn: Turn, running: Running, text: str) -> str | None:
    """What is placed when this is typed: after a proposal the words before it belong to it.

    Not where it begins with a no: then it corrects what was read in those. None for what is no own words but
    says something to the proposal, or is a plain yes or no.
    """
    before = proposed(turn, running)
    if before is None:
        return text if read_yes_no(text, turn.language) is None else None
    item = running.model.item(before.item_id)[1]
    reply = read_reply(text, shown_levels(before), running.model, item, turn.language)
    if reply is None or reply.kind != "words":
        return None
    if reply.opened is False or same_words(before.words, reply.rest) or before.ahead:
        return reply.rest
    return f"{before.words.rstrip(' .;,')}. {reply.rest}"


def same_words(one: str, other: str) -> bool:
    """Whether two texts say the same, but for signs and capitals."""
    return normalise(one) == normalise(other)


def proposed(turn: Turn, running: Running) -> StoredPlacement | None:
    """The own words at the open question for which a proposal waits for a yes; None for none."""
    pending = turn.conversation.pending or {}
    if pending.get("ask") != PENDING or pending.get("run") != running.assessment.id:
        return None
    if pending.get("item") != running.assessment.current_item:
        return None
    found = _all(turn, running)
    return next((one for one in found if one.id == pending["placement"]), None)


def place(turn: Turn, running: Running, text: str) -> StoredPlacement | None:
    """Own words at the open question, placed and kept; None where nothing can place them.

    What they plainly say of the next question is kept as well, for when it is asked.
    """
    about = wanted(running, text)
    if about is None:
        return None
    ready = turn.ready
    if ready is not None and ready.wanted == about:
        reading = ready.reading
    else:
        reading = read(turn.knowledge.placer, about)
    if reading is None:
        return None
    if reading.ahead is not None and reading.ahead.certainty != "unclear":
        _keep(turn, running, reading.ahead, text, ahead=True)
    return _keep(turn, running, reading.here, text, ahead=False)


def _keep(turn: Turn, running: Running, found: Placement, text: str, *, ahead: bool) -> StoredPlacement:
    stored = turn.work.add_placement(
        running.assessment.id,
        found.item_id,
        turn_id=turn.inbound.turn_id,
        words=text,
        certainty=found.certainty,
        likely=found.likely,
        quote=found.quote,
        ahead=ahead,
        at=turn.now,
    )
    turn.described.pop(running.assessment.id, None)
    return stored


def _all(turn: Turn, running: Running) -> list[StoredPlacement]:
    """All own words of this assessment that were placed, oldest first; read once a turn."""
    run_id = running.assessment.id
    if run_id not in turn.described:
        turn.described[run_id] = turn.work.placements(run_id)
    return turn.described[run_id]


def decline(turn: Turn, placed: StoredPlacement) -> None:
    """Note that the person said no to what was proposed for these words."""
    turn.work.decline_placement(placed.id)
    turn.described.pop(placed.assessment_id, None)


def put_ahead(turn: Turn, running: Running, level: int, words: str) -> bool:
    """Keep a level that was named for the next question ('3, en de volgende een 4'), to be confirmed there.

    False where the next question has no such level, or none comes.
    """
    item_id = running.assessment.current_item
    following = None if item_id is None else following_rubric(running, item_id)
    if following is None:
        return False
    values = [one.value for one in running.model.item(following)[1].levels]
    if level not in values:
        return False
    likely = ((level, 1.0), *((value, 0.0) for value in values if value != level))
    _keep(turn, running, Placement(following, "clear", likely, words), words, ahead=True)
    return True


def said_before(turn: Turn, running: Running, item_id: str) -> StoredPlacement | None:
    """The own words that went before a choice: the newest since the last answer.

    Those that were proposed go before those of which nothing could be made; None for none.
    """
    found = _since(turn, running, item_id)
    telling = [one for one in found if one.certainty != "unclear"]
    return next(reversed(telling or found), None)


def declined(turn: Turn, running: Running) -> list[StoredPlacement]:
    """The own words at the open question to which no was said since its last answer, oldest first."""
    item_id = running.assessment.current_item
    return [] if item_id is None else [one for one in _since(turn, running, item_id) if one.declined]


def _since(turn: Turn, running: Running, item_id: str) -> list[StoredPlacement]:
    """The own words at a question that came after its answer, if it has one; oldest first."""
    held = running.stored.get(item_id)
    placed = [one for one in _all(turn, running) if one.item_id == item_id]
    return [one for one in placed if held is None or one.at > held.at]


def waiting_ahead(turn: Turn, running: Running, item_id: str) -> StoredPlacement | None:
    """What was said of this question at an earlier one, and was neither taken nor declined since."""
    if item_id in running.stored or running.model.item(item_id)[1].kind != "rubric":
        return None
    found = said_before(turn, running, item_id)
    return found if found is not None and found.ahead and not found.declined else None


# --- in words -----------------------------------------------------------------------------------------


def in_words(turn: Turn, item: Item, placed: StoredPlacement, shown: Sequence[int]) -> str:
    """The proposal: one level and whether it is right, or two side by side and which it is."""
    language, said = turn.language, quote(placed)
    titles = [wording.level_title(language, item, level) for level in shown]
    if placed.ahead and placed.likely[0][1] == 1.0:
        return turn.say("own.ahead_named", level=titles[0])
    if placed.ahead:
        key = "own.ahead" if len(shown) == 1 else "own.ahead_two"
        return turn.say(key, quote=said, level=titles[0], other=titles[-1])
    if len(shown) == 1:
        if not said:
            return turn.say("own.clear_bare", level=titles[0])
        return turn.say("own.clear", level=titles[0], quote=said)
    low, high = shown[0], shown[-1]
    head = turn.say("own.doubt" if said else "own.doubt_bare", low=low, high=high, quote=said)
    return wording.paragraphs(head, turn.say("own.doubt_ask"), level_lines(language, item, shown))


def level_lines(language: str, item: Item, shown: Sequence[int]) -> str:
    """Each of these levels in a line, with its label and the sentence that tells it from the others."""
    return "\n".join(wording.level_line(language, item, level) for level in shown)


def buttons(turn: Turn, running: Running, item_id: str, shown: Sequence[int]) -> tuple[Button, ...]:
    """The buttons below a proposal: yes, or the two levels, and another."""
    item = running.model.item(item_id)[1]
    run_id, number = running.assessment.id, str(running.model.item_ids().index(item_id))
    if len(shown) == 1:
        taken = [turn.choice("own.yes", "a", run_id, number, str(shown[0]))]
    else:
        taken = [
            Button(
                wording.level_title(turn.language, item, level),
                turn.token("a", run_id, number, str(level)),
                "level",
            )
            for level in shown
        ]
    other = turn.choice("own.other", "pick", run_id, number)
    if len(shown) == 1 or turn.in_chat_app:
        # In a chat app a fourth button would turn them into a list to open; 'I don't know' can be typed.
        return (*taken, other)
    letter = kinds.letter("dont_know", item, None)
    return (
        *taken,
        other,
        Button(turn.say("question.dont_know"), turn.token("a", run_id, number, letter), "quiet"),
    )


def shown_levels(placed: StoredPlacement) -> list[int]:
    """The levels that are proposed, as they are shown: the lower one first."""
    return sorted(placed.proposed)


def waits(
    turn: Turn, running: Running, placed: StoredPlacement, shown: Sequence[int], rounds: int = 1
) -> None:
    """Remember that this proposal waits for a yes; `rounds`: the how manieth in a row at this question."""
    turn.state["pending"] = {
        "ask": PENDING,
        "run": running.assessment.id,
        "item": placed.item_id,
        "placement": placed.id,
        "shown": list(shown),
        "round": rounds,
    }
