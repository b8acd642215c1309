"""Segments in the conversation: taking an answer, skipping, explaining, changing one later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from bot.assessment.segments import SKIPPED, first_line, next_segment, with_option
from bot.service import wording
from bot.service.asking import ask, ask_segment
from bot.service.choosing import start
from bot.service.kind_words import joined
from bot.service.turn import Turn
from bot.understanding.exact import is_question, read_number
from bot.understanding.requests import asks_who_sees, objects, read_option, read_segment

# What is wanted then is not kept waiting for an option, whatever words it holds.
_NEVER_AN_OPTION = ("erase", "my_data", "my_data_file", "switch_language")


def press_segment(turn: Turn, segment: str, option: str) -> None:
    """The button of a segment's option was tapped, perhaps of one that was answered before."""
    if turn.conversation.segments.get(segment) == option:
        ask(turn, turn.say("answered.same"))
    else:
        take_segment(turn, segment, option)


def type_segment(turn: Turn, segment: str, text: str, meaning: str) -> bool:
    """Something was typed while this segment was asked; False when it is no answer to it."""
    if meaning == "change_answer" and _names_another(turn, segment, text):
        return False
    titles = wording.segment_options(turn.language, segment)
    option = read_option(text, segment, titles, turn.language)
    never = meaning in _NEVER_AN_OPTION or (meaning == "privacy" and asks_who_sees(text))
    if is_question(text) or (never and len(text.split()) > 2):
        # 'wat is e-commerce?' and 'my data as a file' name a department, but ask for something else.
        option = None
    if option is None and (
        meaning in ("skip", "dont_know", "not_applicable") or turn.is_title(text, "question.skip")
    ):
        # 'Overslaan' at the question with which line to begin: then both in one run.
        option = "together" if segment == "first_line" else SKIPPED
    also = _own_place(turn, segment, text) if meaning in _TELLS and not is_question(text) else {}
    if option is None and also:
        # 'Ik werk op marketing', where the role is asked: that is noted, and the role asked once more.
        take_segment(turn, *also.popitem())
        return True
    if option is None:
        return False
    # A single word is what was asked for: a 'marketeer' need not be of that department.
    take_segment(turn, segment, option, also if len(text.split()) > 1 else {})
    return True


def _names_another(turn: Turn, asked: str, text: str) -> bool:
    """Whether 'change my role to board' is about a segment that is known, and not about the one asked."""
    named = read_segment(text, turn.language)
    return named is not None and named != asked and named in turn.conversation.segments


# What the NLU makes of who tells of the own place; any other guess is no reason to note more than was asked.
_TELLS = ("take_answer", "affirm")
# What one tells of oneself in one breath: 'leidinggevende bij marketing'. Customers are another subject.
_OWN_PLACE = ("role_layer", "department")


def _own_place(turn: Turn, asked: str, text: str) -> dict[str, str]:
    """What a text says of the own place beside what is asked: segment -> option; only at the start."""
    if turn.running is not None or asked not in _OWN_PLACE or read_number(text, turn.language) is not None:
        return {}
    found = {}
    for segment in _OWN_PLACE:
        if segment == asked or segment in turn.conversation.segments:
            continue
        option = read_option(text, segment, wording.segment_options(turn.language, segment), turn.language)
        # 'Iets anders' is an answer to what is asked.
        if option is not None and option != "other":
            found[segment] = option
    return found


def take_segment(
    turn: Turn, segment: str, option: str, also: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Remember the option and go on: with the next segment, the assessment, or the open question.

    `also`: what was said of other segments with it.
    """
    old = turn.conversation.segments.get(segment)
    if segment in turn.conversation.signed and option != old:
        _vouched(turn, segment)
        return
    turn.keep_segments({**with_option(turn.conversation.segments, segment, option), **also})
    turn.state["misunderstood"] = 0
    said = None
    # Who tapped sees what was tapped; who typed has to see what was made of it.
    if turn.words:
        names = [wording.option_name(turn.language, one) for one in (option, *also.values())]
        said = turn.say("answered.segment", option=joined(turn.language, names))
    if option == SKIPPED:
        said = turn.say("answered.segment_skipped")
    if old is not None and old != option:
        said = turn.say(
            "answered.changed",
            item=wording.segment_title(turn.language, segment),
            old=wording.option_name(turn.language, old),
            new=wording.option_name(turn.language, option),
        )
    running = turn.running
    # The same as before changes nothing: it may be the second run that is under way.
    if running is not None and segment in ("business_line", "first_line") and option != old:
        line = first_line(turn.conversation.segments)
        turn.work.update_assessment(running.assessment.id, business_line=line)
        turn.running = replace(running, assessment=replace(running.assessment, business_line=line))
    following = next_segment(turn.conversation.segments)
    if following is not None:
        if running is not None:
            turn.state["pending"] = {"ask": "segment", "which": following}
        ask_segment(turn, following, said)
    elif running is None:
        start(turn, said)
    else:
        ask(turn, said or turn.say("answered.same"))


def _vouched(turn: Turn, segment: str) -> None:
    """Say that this came signed, so that it is not changed here, and go on with the open question."""
    turn.state["misunderstood"] = 0
    said = turn.say(
        "answered.signed",
        item=wording.segment_title(turn.language, segment),
        option=wording.option_name(turn.language, turn.conversation.segments[segment]),
    )
    contact = None if turn.campaign is None else turn.campaign.contact
    whom = turn.say("answered.signed_contact", contact=contact) if contact else None
    ask(turn, wording.paragraphs(said, whom))


def ask_again(turn: Turn, segment: str) -> None:
    """Somebody wants to change what was said of this segment; the assessment waits meanwhile."""
    if segment in turn.conversation.signed:
        _vouched(turn, segment)
        return
    turn.state["pending"] = {"ask": "segment", "which": segment}
    old = turn.conversation.segments.get(segment)
    before = None
    if old is not None:
        before = turn.say("side.back", old=wording.option_name(turn.language, old))
    ask_segment(turn, segment, before)


def other_customers(turn: Turn, text: str) -> bool:
    """At the first question: 'ik zei toch beide' is about the customers; True when it was taken up."""
    running = turn.running
    if running is None or running.stored or len(text.split()) > 8:
        return False
    if len(turn.work.assessments(conversation_id=turn.conversation.id)) > 1:
        return False
    titles = wording.segment_options(turn.language, "business_line")
    option = read_option(text, "business_line", titles, turn.language)
    if option is None or option == turn.conversation.segments.get("business_line"):
        return False
    if len(text.split()) > 2 and not objects(text, turn.language):
        # 'Vooral zakelijke klanten' may well be about the question.
        return False
    ask_again(turn, "business_line")
    return True
