"""Side talk: what people say in the middle that is no answer. After each, the open question stands again."""

from __future__ import annotations

from collections.abc import Callable

from bot.assessment.answers import AnswerKind
from bot.assessment.definitions import Item
from bot.assessment.segments import SKIPPED, next_segment
from bot.service import quoting, reminding, wording
from bot.service.advisers_questions import recall
from bot.service.again import ask_as_it_stands
from bot.service.answering import answer_otherwise, ask_which, back, change_earlier, reopen, reopen_part
from bot.service.asking import ask, ask_segment
from bot.service.choosing import another, ask_to_start_over, deepen, explain_depth, recommend
from bot.service.comparing import difference
from bot.service.consent import ask_to_erase, switch_language, wanted_language
from bot.service.embedding import REFERENCE
from bot.service.explaining import quickest, what_if, why_level
from bot.service.kind_words import joined
from bot.service.linking import back_link, come_back, my_data_file, report, share, unshare
from bot.service.measuring import measure_again, show_or_look
from bot.service.moving import elsewhere, place_name
from bot.service.people import ask_for_person, privacy
from bot.service.planning import place_steps, show_road_map
from bot.service.targets import choose_targets
from bot.service.turn import Running, Turn
from bot.understanding.exact import read_number, read_yes_no
from bot.understanding.requests import asks_for_link, goes_on

_DECIDES_NOTHING = frozenset(
    {
        "progress",
        "explain",
        "why",
        "example",
        "difference",
        "repeat",
        "help",
        "menu",
        "privacy",
        "greet",
        "welcome_back",
        "annoyed",
        "insult",
        "off_topic",
        "huh",
        "signs",
        "thanks",
        "bot_challenge",
        "my_data",
        "human",
    }
)

# Who says this wants the question itself, or has been away from it.
_WANTS_THE_QUESTION = frozenset({"repeat", "explain", "difference", "welcome_back", "menu", "huh"})

# Where one is asked how much of a model, 'how long is that?' is about the two that are on offer.
_ABOUT_THE_ROUND = frozenset({"progress", "why_level", "quickest", "what_if"})

PLAIN = {
    "greet": "side.greet",
    "thanks": "side.thanks",
    "welcome_back": "side.welcome_back",
    "bot_challenge": "side.bot_challenge",
    "off_topic": "side.off_topic",
}
"""Meaning -> the sentence that answers it, wherever one is in the conversation."""


def side_talk(turn: Turn, meaning: str) -> None:
    """Answer side talk; what is none counts as own words that could not be placed."""
    handler = _HANDLERS.get(meaning)
    if handler is None:
        not_understood(turn)
        return
    turn.state["misunderstood"] = 0
    # What was offered stands again behind side talk that decides nothing, and for who goes for now.
    turn.keeps_offer = meaning in _DECIDES_NOTHING or meaning in ("pause", "come_back")
    turn.is_aside = meaning in _DECIDES_NOTHING - _WANTS_THE_QUESTION
    if meaning in _ABOUT_THE_ROUND and turn.running is None and explain_depth(turn):
        return
    handler(turn)


def not_understood(turn: Turn) -> None:
    """What could not be placed: each time in a row another way out, never a dead end."""
    if turn.running is not None and turn.running.open_item is None:
        said_little = read_yes_no(turn.words, turn.language) is not None or goes_on(turn.words, turn.language)
        little = said_little or read_number(turn.words, turn.language) is not None
        ask(turn, turn.say("unclear.after_end" if little else "unclear.done"))
        return
    count = turn.conversation.misunderstood + 1
    turn.state["misunderstood"] = count
    if turn.running is None:
        _not_an_option(turn, count)
    elif count == 1:
        ask(turn, _unclear(turn))
    elif count == 2:
        ask(turn, _once_more(turn, turn.running))
    else:
        ask(turn, turn.say("unclear.third"))
        skip = turn.choice("question.skip", "do", "skip")
        person = turn.choice("menu.human", "do", "human")
        turn.offer_first(skip, person)


def _unclear(turn: Turn) -> str:
    """What was typed is no answer to the open question, said for the first time."""
    item = None if turn.running is None else turn.running.open_item
    lists = item is not None and item.kind in ("checklist", "signals")
    return turn.say("unclear.second_list") if lists else turn.say("unclear.first")


def _once_more(turn: Turn, running: Running) -> str:
    """How the open question can be answered, in other words."""
    item = running.open_item
    assert item is not None
    if item.kind in ("checklist", "signals"):
        return turn.say("unclear.second_list")
    return turn.say("unclear.second", highest=len(item.levels or item.parts))


def _not_an_option(turn: Turn, count: int) -> None:
    """Before the first question: what was typed is none of the options, for the first, second, third time."""
    if count == 1:
        ask(turn, turn.say("choose.unclear"))
    elif count == 2:
        ask(turn, turn.say("choose.unclear_again"))
    else:
        ask(turn, turn.say("choose.unclear_third"))
        turn.offer_first(turn.choice("menu.human", "do", "human"))


def _plain(key: str) -> Callable[[Turn], None]:
    return lambda turn: ask(turn, turn.say(key))


def _otherwise(kind: AnswerKind) -> Callable[[Turn], None]:
    def handle(turn: Turn) -> None:
        current = None if turn.running is None else turn.running.assessment.current_item
        if current is None:
            not_understood(turn)
        else:
            answer_otherwise(turn, current, kind)

    return handle


def _about(part: Callable[[str, Item], str]) -> Callable[[Turn], None]:
    def handle(turn: Turn) -> None:
        item = None if turn.running is None else turn.running.open_item
        pending = turn.conversation.pending or {}
        segment = next_segment(turn.conversation.segments)
        if turn.running is not None and pending.get("ask") == "segment":
            # A segment is being asked again, so that is what it is about; it stays open.
            turn.state["pending"] = dict(pending)
            ask_segment(turn, pending["which"], _why_segment(turn, pending["which"]))
        elif item is not None:
            ask(turn, part(turn.language, item))
        elif explain_depth(turn):
            pass
        elif turn.running is None and segment is not None:
            ask(turn, _why_segment(turn, segment))
        elif turn.running is not None:
            # After the end it is the result that is asked about.
            ask(turn, wording.levels_explained(turn.language, turn.running.model))
        else:
            # With several to choose from, it is these that are asked about.
            ask(turn, turn.say("choose.help" if len(turn.offers) > 1 else "side.nothing_to_repeat"))

    return handle


def _why_segment(turn: Turn, segment: str) -> str:
    """Why this is asked of the person's own place, or of the customers."""
    customers = segment in ("business_line", "first_line")
    return turn.say("segment.why_customers") if customers else turn.say("segment.why")


def _annoyed(turn: Turn) -> None:
    """Somebody is bored or angry: how much is left, and the ways out."""
    running = turn.running
    if running is None or running.open_item is None:
        ask(turn, turn.say("side.annoyed_else"))
        return
    done, total = running.progress
    left = total - done
    if left > 1:
        ask(turn, turn.say("side.annoyed", left=left, minutes=running.minutes_left))
    else:
        ask(turn, turn.say("side.annoyed_last" if left == 1 else "side.annoyed_else"))
    turn.offer_first(turn.choice("question.skip", "do", "skip"), turn.choice("menu.stop", "do", "stop"))


def _insult(turn: Turn) -> None:
    """Somebody calls names: a calm line, and the ways out; no word about the names."""
    ask(turn, turn.say("side.insult"))
    out = [turn.choice("menu.stop", "do", "stop"), turn.choice("menu.human", "do", "human")]
    if turn.running is not None and turn.running.open_item is not None:
        out.insert(0, turn.choice("question.skip", "do", "skip"))
    turn.offer_first(*out)


def _huh(turn: Turn) -> None:
    """What was asked was not understood: what is pending once more, or what the open question means."""
    pending = turn.conversation.pending
    if pending is not None and pending["ask"] in _EXPLAINED_BY_ITSELF:
        turn.state.pop("pending", None)
        ask_as_it_stands(turn, turn.say("side.huh"))
    elif (
        turn.running is None
        and next_segment(turn.conversation.segments) is None
        and (pending or {}).get("ask") != "depth"
    ):
        ask(turn, turn.say("side.huh"))
    else:
        _HANDLERS["explain"](turn)


# What is pending beside these is explained with the question that is open, or with the depths.
_EXPLAINED_BY_ITSELF = (
    *("change", "erase", "start_over", "second_line", "again", "mean", "which", "difference", "level"),
    *("look", "done", "need", "model"),
)


def _progress(turn: Turn, before: str | None = None) -> None:
    running = turn.running
    if running is None or running.assessment.current_item is None:
        ask(turn, None)
        return
    done, total = running.progress
    said = turn.say("side.progress", done=done, total=total, minutes=running.minutes_left)
    ask(turn, said if before is None else f"{before} {said}")


def _pause(turn: Turn) -> None:
    if turn.running is not None and turn.running.open_item is None:
        ask(turn, None)
    elif turn.in_chat_app:
        _leave_here(turn, turn.say("side.pause_here"))
    else:
        _leave(turn, turn.say("side.pause"))


def _stop(turn: Turn) -> None:
    running = turn.running
    if running is not None and running.assessment.current_item is None:
        ask(turn, None)
        return
    here = turn.in_chat_app
    said = turn.say("side.pause_here" if here else "side.pause")
    if running is not None:
        done, total = running.progress
        said = turn.say("side.stop_here" if here else "side.stop", done=done, total=total)
    if reminding.end(turn):
        # Who stops is not to be reminded of it either, unless it is wished for again.
        said = f"{said} {turn.say('reminding.ended_too')}"
    if here:
        _leave_here(turn, said)
    else:
        _leave(turn, said)


def say_goodbye(turn: Turn) -> None:
    """Say this behind what was answered with it, to who goes for now."""
    if turn.in_chat_app:
        turn.tell(turn.say("side.pause_here"))
    else:
        turn.tell(turn.say("side.pause"), links=(back_link(turn),))
    reminding.offer(turn)


def _skipped_ones(turn: Turn) -> None:
    """The questions that were skipped, to be answered after all."""
    running = turn.running
    if running is None:
        ask(turn, None)
        return
    skipped = [
        one
        for one in running.item_ids
        if one in running.stored and running.stored[one].answer.kind == "skipped"
    ]
    if not skipped:
        ask(turn, turn.say("skipped.none"))
    elif len(skipped) == 1:
        reopen(turn, running, skipped[0])
    else:
        ask_which(turn, running, turn.say("skipped.these"), tuple(skipped))


def _leave_here(turn: Turn, said: str) -> None:
    """Say this to who goes for now and comes back by writing: short, with a reminder where one can come."""
    turn.tell(said, (turn.choice("side.continue", "do", "repeat"),))
    reminding.offer(turn)


def _leave(turn: Turn, said: str) -> None:
    """Say this to who goes for now, with the way back and, where there can be one, a reminder."""
    ask(turn, said, links=(back_link(turn),))
    reminding.offer(turn)


def _come_back(turn: Turn) -> None:
    if turn.in_chat_app and not asks_for_link(turn.words):
        _pause(turn)
        return
    come_back(turn)
    if turn.running is None or turn.running.open_item is not None:
        reminding.offer(turn)


def _my_data(turn: Turn) -> None:
    rounds = []
    for assessment in turn.work.assessments(conversation_id=turn.conversation.id):
        model = turn.knowledge.model(turn.work, assessment.definition_hash)
        rounds.append((model, {one.answer.item_id: one.answer for one in turn.work.answers(assessment.id)}))
    requests = turn.work.help_requests(turn.conversation.id)
    contacts = [one.contact for one in requests if one.contact is not None]
    said = _segments_said(turn)
    more = _agreed_and_shared(turn)
    ask(turn, wording.my_data(turn.language, said, rounds, contacts, more))
    quoting.offer_change(turn)


def _segments_said(turn: Turn) -> dict[str, str]:
    """What was said of the own place; what the campaign does not ask was not skipped by the person."""
    asked_not = (turn.conversation.prefill.get("segments") or "").split()
    return {
        segment: option
        for segment, option in turn.conversation.segments.items()
        if option != SKIPPED or segment not in asked_not
    }


def _agreed_and_shared(turn: Turn) -> list[str]:
    """What else is kept: as whom one was invited or is known, targets, reminders, open views, channels."""
    told = []
    campaign, conversation = turn.campaign, turn.conversation
    if campaign is not None and not campaign.anonymous:
        labels = {one.id: one.label for one in turn.work.invitations(campaign.id)}
        label = labels.get(conversation.invitation_id or "")
        if label:
            told.append(turn.say("my_data.invited_as", label=label))
        if conversation.reference is not None:
            told.append(turn.say("my_data.reference", reference=conversation.reference))
    if conversation.signed:
        names = [
            turn.say("my_data.signed_reference")
            if one == REFERENCE
            else f"'{wording.segment_title(turn.language, one)}'"
            for one in conversation.signed
        ]
        told.append(turn.say("my_data.signed", fields=joined(turn.language, names)))
    for assessment in turn.work.assessments(conversation_id=conversation.id):
        targets = assessment.targets or {}
        model = turn.knowledge.model(turn.work, assessment.definition_hash)
        chosen = [
            turn.say("my_data.target", dimension=one.title[turn.language], level=targets[one.id])
            for one in model.dimensions
            if one.id in targets
        ]
        if chosen:
            told.append(turn.say("my_data.targets", targets=", ".join(chosen)))
    placed = [
        one
        for assessment in turn.work.assessments(conversation_id=conversation.id)
        for one in turn.work.placements(assessment.id)
    ]
    if placed:
        told.append(turn.say("my_data.own_words", count=len(placed)))
    if reminding.agreed(conversation) is not None:
        told.append(turn.say("my_data.reminders"))
    about_quotes = quoting.told(turn)
    if about_quotes is not None:
        told.append(about_quotes)
    asked = turn.work.questions_in(conversation.id)
    if asked:
        answered = sum(1 for one in asked if one.status == "answered")
        told.append(turn.say("my_data.questions", count=len(asked), answered=answered))
    if any(link.ended_at is None for link in turn.work.links(conversation.id, "share")):
        told.append(turn.say("my_data.shared"))
    channels = {conversation.channel: None}
    channels |= dict.fromkeys(one.channel for one in turn.work.accounts_of(conversation.id))
    places = [place_name(turn, channel) for channel in channels]
    told.append(turn.say("my_data.channels", channels=joined(turn.language, places)))
    return told


def _result(turn: Turn) -> None:
    following = None if turn.running is None else turn.running.following
    if turn.running is not None and turn.running.completed and following is not None:
        # An answer was looked at again, and a part of it is still to be asked.
        reopen_part(turn, turn.running, following)
    elif turn.running is not None and turn.running.completed:
        show_or_look(turn, turn.running)
    else:
        _progress(turn, turn.say("result.not_yet"))


def _privacy(turn: Turn) -> None:
    ask(turn, wording.paragraphs(privacy(turn), quoting.told(turn)))
    quoting.offer_change(turn)


def _welcome_back(turn: Turn) -> None:
    ask(turn, turn.say(PLAIN["welcome_back"]))
    recall(turn)


_HANDLERS: dict[str, Callable[[Turn], None]] = {
    "dont_know": _otherwise("dont_know"),
    "not_applicable": _otherwise("not_applicable"),
    "skip": _otherwise("skipped"),
    "explain": _about(wording.explanation),
    "why": _about(lambda language, item: item.why[language]),
    "example": _about(lambda language, item: item.example[language]),
    "back": back,
    "repeat": lambda turn: ask(turn, None),
    "progress": _progress,
    "privacy": _privacy,
    "pause": _pause,
    "annoyed": _annoyed,
    "insult": _insult,
    "huh": _huh,
    "signs": _plain("side.signs"),
    "stop": _stop,
    "recommend": recommend,
    "another": another,
    "deepen": deepen,
    "menu": lambda turn: ask(turn, None, menu=True),
    "help": lambda turn: ask(turn, turn.say("side.help"), menu=True),
    "difference": difference,
    "change_answer": change_earlier,
    "skipped_ones": _skipped_ones,
    "human": ask_for_person,
    "report": report,
    "share": share,
    "unshare": unshare,
    "come_back": _come_back,
    "remind_me": reminding.remind_me,
    "no_reminders": reminding.no_reminders,
    "elsewhere": elsewhere,
    "my_data_file": my_data_file,
    "start_over": ask_to_start_over,
    "switch_language": lambda turn: switch_language(turn, wanted_language(turn)),
    "my_data": _my_data,
    "erase": ask_to_erase,
    "result": _result,
    "measure_again": measure_again,
    "why_level": why_level,
    "quickest": quickest,
    "what_if": what_if,
    "target": choose_targets,
    "road_map": show_road_map,
    "place_steps": place_steps,
    **{meaning: _plain(key) for meaning, key in PLAIN.items()},
    "welcome_back": _welcome_back,
}
"""Meaning -> what is done about it, wherever one is in the conversation."""
