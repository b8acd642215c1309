"""What came in that was neither said nor tapped: an attachment, an edit, a command of the channel's menu.

Nothing of it is ever taken as an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from bot.service.advisers_questions import recall
from bot.service.again import ask_as_it_stands
from bot.service.asking import ask
from bot.service.consent import before_consent, still_to_agree, switch_language
from bot.service.earlier import day
from bot.service.editing import take_edit
from bot.service.moving import welcome_here
from bot.service.side_talk import side_talk
from bot.service.turn import Turn
from bot.texts import LANGUAGES, say

Event = Mapping[str, Any]

# What was sent -> how it stands in the transcript, and what is said to it.
_ATTACHMENTS = {
    "voice": ("event.voice", "event.voice_reply"),
    "sticker": ("event.sticker", "event.sticker_reply"),
    "photo": ("event.photo", "event.photo_reply"),
    "video": ("event.video", "event.video_reply"),
    "document": ("event.document", "event.document_reply"),
    "location": ("event.location", "event.location_reply"),
    "contact": ("event.contact", "event.contact_reply"),
    "poll": ("event.poll", "event.poll_reply"),
    "other": ("event.other", "event.other_reply"),
}
# A command -> the title of the button that does the same.
_COMMANDS = {
    "menu": "menu.more",
    "back": "question.back",
    "skip": "question.skip",
    "progress": "menu.progress",
    "switch_language": "language.other",
    "pause": "menu.pause",
    "my_data": "menu.my_data",
    "erase": "menu.erase",
    "human": "menu.human",
    "report": "menu.report",
    "help": "menu.help",
    "elsewhere": "menu.elsewhere",
    "privacy": "menu.privacy",
    "my_data_file": "menu.my_data_file",
    "resume": "menu.come_back",
    "start_over": "menu.start_over",
    "result": "menu.result",
}
# A command -> the language that it asks for by name; it stands in the transcript in that language.
_LANGUAGES = {f"language_{language}": language for language in LANGUAGES}
COMMANDS = frozenset({*_COMMANDS, *_LANGUAGES})
"""What can be asked for without words, by a menu of the channel or of a page."""
# Commands that are called otherwise in bot.service.side_talk.
_MEANINGS = {"resume": "come_back"}
# Why a code opens nothing -> the sentence that says so.
_CODES = {
    "unknown": "code.unknown",
    "used": "code.used",
    "expired": "code.expired",
    "revoked": "code.revoked",
    "closed": "code.closed",
    "early": "code.early",
    "tries": "code.tries",
}


def said(language: str, event: Event) -> str:
    """How the person's line stands in the transcript: what was sent or asked for, in words."""
    kind = event.get("kind")
    if kind == "attachment":
        return say(language, _attachment(event)[0])
    if kind == "edit":
        return say(language, "event.edited", text=event.get("text", ""))
    if kind == "do" and event.get("what") in _COMMANDS:
        return say(language, _COMMANDS[event["what"]])
    if kind == "do" and event.get("what") in _LANGUAGES:
        return say(_LANGUAGES[event["what"]], "language.this")
    if kind == "start":
        return say(language, "event.start")
    if kind == "here":
        return str(event.get("text") or say(language, "event.here"))
    if kind == "code":
        # Never the code itself: it may open something one day, or have been a good guess.
        return say(language, "event.code")
    if kind == "moved":
        return say(language, "event.moved")
    return say(language, "event.other")


def take_event(turn: Turn, event: Event) -> None:
    """Decide what an event asks for, and do it."""
    _KINDS.get(str(event.get("kind")), _attached)(turn, event)


def _attachment(event: Event) -> tuple[str, str]:
    return _ATTACHMENTS.get(str(event.get("what")), _ATTACHMENTS["other"])


def _attached(turn: Turn, event: Event) -> None:
    ask_as_it_stands(turn, turn.say(_attachment(event)[1]))


def _edited(turn: Turn, event: Event) -> None:
    if turn.conversation.consent != "given":
        still_to_agree(turn, turn.say("edit.nothing"))
    else:
        take_edit(turn, str(event.get("of", "")), str(event.get("text", "")))


def _commanded(turn: Turn, event: Event) -> None:
    """A command of the channel's menu does what the button of that name does."""
    what = str(event.get("what"))
    what = _MEANINGS.get(what, what)
    if what in _LANGUAGES:
        _set_language(turn, _LANGUAGES[what])
    elif turn.conversation.consent != "given":
        before_consent(turn, "", what)
    elif what in _COMMANDS.keys() | _MEANINGS.values():
        # Like a tap, it answers whatever was pending, or leaves it behind.
        turn.state["pending"] = None
        side_talk(turn, what)
    else:
        _attached(turn, event)


def _set_language(turn: Turn, language: str) -> None:
    """A language was chosen by name; in the one that is spoken already, what is open is only put again."""
    if language == turn.language:
        ask_as_it_stands(turn, None)
    elif turn.conversation.consent != "given":
        still_to_agree(turn, None, language)
    else:
        turn.state["pending"] = None
        switch_language(turn, language)


def _started(turn: Turn, event: Event) -> None:
    if turn.conversation.consent != "given":
        still_to_agree(turn, None)
        return
    # Whoever begins anew answers the question that is shown now, and nothing that was asked in between.
    turn.state["pending"] = None
    ask(turn, turn.say("event.start_reply"))
    recall(turn)


def _here(turn: Turn, event: Event) -> None:
    if turn.conversation.consent != "given":
        still_to_agree(turn, turn.say("event.here_reply"))
        return
    turn.state["pending"] = None
    ask(turn, turn.say("event.here_reply"))
    recall(turn)


def _moved(turn: Turn, event: Event) -> None:
    turn.state["pending"] = None
    welcome_here(turn, turn.inbound.channel)


def _refused_code(turn: Turn, event: Event) -> None:
    values = {name: value for name, value in event.items() if name not in ("kind", "why")}
    if "date" in values:
        values["date"] = _date(turn.language, str(values["date"]))
    ask_as_it_stands(turn, turn.say(_CODES.get(str(event.get("why")), "code.unknown"), **values))


def _date(language: str, text: str) -> str:
    """'2026-04-01' in words; anything else as it is."""
    try:
        return day(language, date.fromisoformat(text))
    except ValueError:
        return text


_KINDS: dict[str, Callable[[Turn, Event], None]] = {
    "attachment": _attached,
    "edit": _edited,
    "do": _commanded,
    "start": _started,
    "here": _here,
    "code": _refused_code,
    "moved": _moved,
}
