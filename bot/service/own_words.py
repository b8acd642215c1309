"""Own words at a rubric question: a level is proposed, and what the person says to that decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.assessment.answers import Answer
from bot.assessment.records import StoredPlacement
from bot.service import kinds, meanings, placing, wording
from bot.service.answering import record, refuse
from bot.service.asking import ask
from bot.service.comparing import show
from bot.service.rethinking import rethink_too
from bot.service.turn import Running, Turn, Wanted
from bot.service.words_told import quote
from bot.understanding.exact import asks_which, denies, read_yes_no
from bot.understanding.plainly import says_dont_know
from bot.understanding.replies import Reply, read_reply
from bot.understanding.requests import compares

OWN = ("take_answer", "affirm", "deny")
"""What the NLU makes of own words at a question: a yes or no is none where nothing waits for one."""

# So many proposals in a row at one question; then the person chooses.
_MOST_ROUNDS = 3
# In words. Who says yes or no in more says something else with it.
_SHORT = 4


def to_read(turn: Turn, guess: str) -> Wanted | None:
    """What of the message is worth reading before it is taken: own words at a rubric question, as it seems.

    Reading takes long; nothing is decided here. What this misses is read when it is taken. `guess`: the
    NLU's meaning.
    """
    running, text = turn.running, turn.words
    if running is None or running.open_item is None or turn.conversation.consent != "given" or not text:
        return None
    words = placing.said_so_far(turn, running, text)
    about = None if words is None else placing.wanted(running, words)
    meaning = meanings.worded(text, meanings.trusted(text, guess, turn.language), turn.inbound.channel)
    if about is None or meaning not in OWN:
        return None
    said = kinds.read(running.model, about.item_id, running.answers.get(about.item_id), text, turn.language)
    return about if said is None else None


def offer_level(turn: Turn, text: str) -> bool:
    """Place own words at the open question and propose what they sound like; False where nothing does."""
    running = turn.running
    if running is None:
        return False
    before = placing.proposed(turn, running)
    if before is not None:
        return _more(turn, running, before)
    if read_yes_no(text, turn.language) is not None:
        return False  # to nothing that was asked
    declined = placing.declined(turn, running)
    if any(placing.same_words(one.words, text) for one in declined):
        _choose(turn, running, None, "own.choose_same")
        return True
    if len(declined) >= _MOST_ROUNDS:
        return False
    placed = placing.place(turn, running, text)
    if placed is None or not placed.proposed:
        return False
    _propose(turn, running, placed)
    return True


def _propose(turn: Turn, running: Running, placed: StoredPlacement, rounds: int = 1) -> None:
    """Say what the words sound like, and wait for a yes."""
    shown = placing.shown_levels(placed)
    item = running.model.item(placed.item_id)[1]
    turn.state["misunderstood"] = 0
    _tell(turn, running, placed, shown, placing.in_words(turn, item, placed, shown), rounds)


def _tell(
    turn: Turn, running: Running, placed: StoredPlacement, shown: Sequence[int], said: str, rounds: int
) -> None:
    placing.waits(turn, running, placed, shown, rounds)
    turn.tell(said, placing.buttons(turn, running, placed.item_id, shown))


def press_pick(turn: Turn, run_id: str, number: str) -> None:
    """'Another level' was tapped."""
    running = turn.running
    if running is None or run_id != running.assessment.id:
        ask(turn, turn.say("stale.other_run"))
        return
    item_id = running.model.item_ids()[int(number)]
    if item_id != running.assessment.current_item:
        ask(turn, turn.say("stale.passed"))
        return
    _choose(turn, running, placing.said_before(turn, running, item_id), "own.choose")


def _choose(turn: Turn, running: Running, placed: StoredPlacement | None, key: str) -> None:
    """Show all choices: what was proposed is not it."""
    if placed is not None:
        placing.decline(turn, placed)
    turn.state["misunderstood"] = 0
    ask(turn, turn.say(key))


def type_proposed(turn: Turn, pending: Mapping[str, Any], text: str, meaning: str) -> bool:
    """Something was typed while a proposal waits for a yes; False when it is about something else."""
    running = turn.running
    placed = None if running is None else placing.proposed(turn, running)
    if running is None or placed is None:
        return False
    if meaning == "dont_know" and says_dont_know(text):
        return False  # 'neither, I mean I don't know'
    item = running.model.item(placed.item_id)[1]
    shown, rounds = list(pending["shown"]), int(pending["round"])
    if turn.is_title(text, "own.yes"):
        reply: Reply | None = Reply("yes")
    elif turn.is_title(text, "own.other"):
        reply = Reply("no")
    else:
        reply = read_reply(text, shown, running.model, item, turn.language)
    if reply is None:
        return False
    if reply.kind == "words" and reply.opened and len(shown) == 1:
        answer = Answer(placed.item_id, "level", shown[0])
        if rethink_too(turn, running, answer, reply.rest):
            return True
        if compares(text, turn.language):
            reply = Reply("waver", shown[0] + 1 if shown[0] < len(item.levels) else shown[0] - 1)
    if reply.kind == "words":
        short = len(text.split()) <= _SHORT
        if (meaning == "affirm" and short) or (reply.opened and meaning not in OWN):
            reply = Reply("yes")
        elif meaning == "dont_know" and not asks_which(text):
            return False  # as anywhere else: who does not know has no answer
        elif (meaning == "deny" and short) or meaning == "dont_know":
            reply = Reply("no")
        elif meaning in ("why", "why_level") and "?" in text:
            reply = Reply("why")
    return _take(turn, running, placed, shown, rounds, reply, text, meaning)


def _take(
    turn: Turn,
    running: Running,
    placed: StoredPlacement,
    shown: list[int],
    rounds: int,
    reply: Reply,
    text: str,
    meaning: str,
) -> bool:
    kind = reply.kind
    if kind == "words":
        # Own words come last, as everywhere (`offer_level`): they may also be a request. Except for a no with
        # words behind it to what is looked at again: there, a no alone leaves it as it was.
        again = reply.opened is False and placed.item_id in running.stored and meaning in OWN
        return again and _more(turn, running, placed)
    if kind == "level":
        record(turn, running, Answer(placed.item_id, "level", reply.level), words=text)
    elif kind == "yes" and len(shown) == 1:
        record(turn, running, Answer(placed.item_id, "level", shown[0]), words=None)
    elif kind == "no_such":
        highest = len(running.model.item(placed.item_id)[1].levels)
        refuse(turn, kinds.Refusal("unclear.number", values={"number": reply.level, "highest": highest}))
    elif kind == "waver" and reply.level is not None:
        show(turn, min(shown[0], reply.level), max(shown[0], reply.level), hesitating=True)
    elif kind == "why":
        _explain(turn, running, placed, shown, rounds)
    elif kind in ("higher", "lower"):
        _step(turn, running, placed, shown, rounds, 1 if kind == "higher" else -1)
    elif kind in ("yes", "both") and rounds < _MOST_ROUNDS:
        # Of two, neither was named.
        said = turn.say("own.both" if kind == "both" else "own.which_two")
        _tell(turn, running, placed, shown, said, _MOST_ROUNDS)
    else:
        _choose(turn, running, placed, "own.choose_neither" if kind == "neither" else "own.choose")
    return True


def _more(turn: Turn, running: Running, placed: StoredPlacement) -> bool:
    """More own words came: placed together with those before, or instead of them after a no."""
    pending = turn.conversation.pending or {}
    shown, rounds = list(pending["shown"]), int(pending["round"])
    item = running.model.item(placed.item_id)[1]
    reply = read_reply(turn.words, shown, running.model, item, turn.language)
    if reply is None or reply.kind != "words":
        return False
    if placing.same_words(placed.words, reply.rest):
        _choose(turn, running, placed, "own.choose_same")
        return True
    again = placing.place(turn, running, placing.said_so_far(turn, running, turn.words) or turn.words)
    if again is None or not again.proposed:
        # Nothing is lost by a yes with words behind it that say nothing more.
        if reply.opened and len(shown) == 1:
            record(turn, running, Answer(placed.item_id, "level", shown[0]), words=turn.words)
            return True
        if reply.opened is False:
            _choose(turn, running, placed, "own.choose")
            return True
        return False
    levels = placing.shown_levels(again)
    if reply.opened and levels == shown and len(levels) == 1:
        record(turn, running, Answer(placed.item_id, "level", levels[0]), words=turn.words)
    elif rounds >= _MOST_ROUNDS or ((reply.opened is False or denies(turn.words)) and levels == shown):
        _choose(turn, running, again, "own.choose_same")
    else:
        _propose(turn, running, again, rounds + 1)
    return True


def _explain(
    turn: Turn, running: Running, placed: StoredPlacement, shown: Sequence[int], rounds: int
) -> None:
    """Where the proposal comes from: the words that were telling, beside what the level says."""
    item = running.model.item(placed.item_id)[1]
    said = quote(placed)
    lines = placing.level_lines(turn.language, item, shown)
    head = turn.say("own.why" if said else "own.why_bare", quote=said)
    sure = turn.say("own.sure" if placed.certainty == "clear" else "own.unsure")
    question = turn.say("own.why_ask" if len(shown) == 1 else "own.doubt_ask")
    _tell(turn, running, placed, shown, wording.paragraphs(head, lines, f"{sure} {question}"), rounds)


def _step(
    turn: Turn,
    running: Running,
    placed: StoredPlacement,
    shown: Sequence[int],
    rounds: int,
    direction: int,
) -> None:
    """'A bit higher': the next level with what it says, to be confirmed like any other."""
    item = running.model.item(placed.item_id)[1]
    level = (max(shown) if direction > 0 else min(shown)) + direction
    if not 1 <= level <= len(item.levels):
        key = "own.no_higher" if direction > 0 else "own.no_lower"
        last = wording.level_title(turn.language, item, level - direction)
        said = turn.say(key, level=last)
        _tell(turn, running, placed, shown, said, rounds)
        return
    said = turn.say("own.step", level=wording.level_line(turn.language, item, level))
    _tell(turn, running, placed, [level], said, rounds)
