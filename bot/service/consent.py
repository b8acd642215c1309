"""Consent, the language, and erasing: what a person decides about the conversation as a whole."""

from __future__ import annotations

from dataclasses import replace

from bot.assessment.records import CLOSED
from bot.service import people, rounds, wording
from bot.service.asking import ask, ask_consent, greet
from bot.service.choosing import start
from bot.service.turn import Turn
from bot.texts import LANGUAGES, say
from bot.understanding.consenting import consents
from bot.understanding.exact import opens_yes_no, read_language, read_yes_no
from bot.understanding.requests import asks_who_sees


def before_consent(turn: Turn, text: str, meaning: str) -> None:
    """Something was typed before consent was given: only consent and questions about it are answered."""
    agreed = _agreed(turn, text, meaning)
    if turn.conversation.consent == "refused" and not agreed:
        # Who refused has not been asked again yet: what is typed meanwhile is not kept either.
        _wipe(turn)
    if agreed is not None:
        # 'Yes, although I should like to know who reads this': that is told with it.
        asks = agreed and meaning == "privacy" and asks_who_sees(text)
        decide(turn, given=agreed, told=people.privacy(turn) if asks else None)
    elif meaning == "switch_language":
        switch_language(turn, wanted_language(turn))
    elif meaning == "human":
        ask_consent(turn, people.before_consent(turn))
    elif meaning in ("my_data", "my_data_file") or (meaning == "erase" and "?" in text):
        ask_consent(turn, turn.say("my_data.nothing"))
    elif meaning in ("privacy", "help", "why", "explain"):
        ask_consent(turn, people.privacy(turn), explained=True)
    elif meaning in ("bot_challenge", "greet", "off_topic"):
        ask_consent(turn, turn.say(f"side.{meaning}"))
    elif meaning in ("progress", "repeat"):
        # How long it takes is said in the greeting.
        _greet_again(turn)
    else:
        ask_consent(turn, turn.say("consent.again"))


def still_to_agree(turn: Turn, before: str | None, language: str | None = None) -> None:
    """What came before consent was no words and no tap: say this (None: the greeting), and ask for it.

    `language`: go on in this one instead, with the greeting.
    """
    if turn.conversation.consent == "refused":
        # As of what is typed then, nothing of it is kept.
        _wipe(turn)
    if language is not None:
        switch_language(turn, language)
    elif before is None:
        _greet_again(turn)
    else:
        ask_consent(turn, before)


def _agreed(turn: Turn, text: str, meaning: str) -> bool | None:
    """Consent or refusal; None for neither.

    Consent takes a yes in so many words, never a guess and never a question back. A refusal is taken from
    a plain or a short no, and from who asks to erase: it keeps less, and can be taken back.
    """
    if text.lstrip().startswith("/"):
        return None  # a slash command, as '/start' of a chat that is opened once more
    if turn.is_title(text, "consent.yes", "consent.reconsider") or consents(text, turn.language):
        return True
    if turn.is_title(text, "consent.no") or (meaning == "erase" and "?" not in text):
        return False
    plainly = read_yes_no(text, turn.language)
    if plainly is not None:
        return plainly
    short = len(text.split()) <= 3
    return False if short and opens_yes_no(text, turn.language) is False else None


def decide(turn: Turn, *, given: bool, told: str | None = None) -> None:
    """Consent was given, refused, or is withdrawn. `told`: what was asked beside a yes."""
    if turn.conversation.consent == "given":
        # An old button: consent stands. Taking it back means erasing, so that is what is asked.
        if given:
            ask(turn, None)
        else:
            ask_to_erase(turn)
    elif given:
        turn.state["consent"] = "given"
        turn.conversation = replace(turn.conversation, consent="given")
        start(turn, wording.paragraphs(turn.say("consent.given"), told))
    else:
        _wipe(turn)
        turn.state["consent"] = "refused"
        turn.tell(turn.say("consent.refused"), (turn.choice("consent.reconsider", "consent", "yes"),))


def ask_to_erase(turn: Turn) -> None:
    """Ask whether to erase everything."""
    pending = turn.conversation.pending or {}
    # Who decides not to, is asked again how much of the model that was chosen.
    chosen = {"model": pending["model"]} if pending.get("ask") == "depth" else {}
    turn.state["pending"] = {"ask": "erase", **chosen}
    turn.tell(
        turn.say("erase.ask"),
        (turn.choice("erase.yes", "erase", "yes"), turn.choice("erase.no", "erase", "no")),
    )


def erase(turn: Turn, agreed: bool) -> None:
    """Erase everything, or not."""
    if not agreed:
        ask(turn, turn.say("erase.kept"))
        return
    _wipe(turn)
    if turn.inbound.account_id is not None:
        # Another round that was held in this same chat is no less about this person.
        turn.work.delete_others_of(turn.inbound.account_id)
    turn.state["consent"] = "open"
    done = turn.say("erase.done")
    if turn.in_chat_app:
        done = wording.paragraphs(done, turn.say("erase.done_here"))
    turn.tell(done, (turn.choice("consent.reconsider", "consent", "yes"),))


def _wipe(turn: Turn) -> None:
    turn.work.erase_content(turn.conversation.id, but_turn=turn.inbound.turn_id)
    # Every other place is let go: none of them shows, or can bring back, what is said from now on.
    turn.work.delete_accounts(turn.conversation.id, but=turn.inbound.account_id)
    turn.state.clear()
    if turn.inbound.account_id is not None:
        turn.state["web_until"] = CLOSED
    # The browser's token still opens this conversation; when it first began is nobody's business any more.
    turn.state["created_at"] = turn.now
    # What was known beforehand is gone, and what is said from now on nobody has signed.
    gone = ("segments", "signed")
    prefill = {name: value for name, value in turn.conversation.prefill.items() if name not in gone}
    turn.state["prefill"] = prefill
    # What the campaign says of everybody was not said by the person.
    known = {} if turn.campaign is None else dict(turn.campaign.segments)
    turn.conversation = replace(
        turn.conversation, segments=known, prefill=prefill, reference=None, quoting=None
    )
    if known:
        turn.state["segments"] = known
    turn.running = None
    turn.erased = True


def wanted_language(turn: Turn) -> str:
    """The language that the message names, else the other one."""
    named = read_language(turn.words)
    return named or next(code for code in LANGUAGES if code != turn.language)


def switch_language(turn: Turn, language: str) -> None:
    """Go on in this language, if it is spoken here; all that was answered stays."""
    if language not in rounds.languages(turn.campaign):
        # In the words of who asks for it: the other language may be none of theirs.
        ask(turn, say(language, "language.only"))
        return
    turn.language = language
    turn.conversation = replace(turn.conversation, language=language)
    turn.state["language"] = language
    if turn.conversation.consent == "given":
        ask(turn, turn.say("language.switched"))
    else:
        _greet_again(turn)


def _greet_again(turn: Turn) -> None:
    draft = greet(turn.knowledge, turn.conversation, turn.fitting_offers, turn.campaign, turn.organisation)
    turn.tell(draft.text, draft.buttons)
