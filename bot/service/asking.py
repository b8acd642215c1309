"""Asking: for consent, which maturity model, the open question. Each ends a reply with what is wanted now."""

from __future__ import annotations

from bot.assessment.answers import AnswerKind
from bot.assessment.records import Button, Conversation, Draft
from bot.assessment.session import previous_item
from bot.service import wording
from bot.service.turn import Knowledge, Offer, Running, Turn
from bot.texts import LANGUAGES, say

# Letters, not words: a token has to fit into the 64 bytes of a Telegram button.
KIND_LETTERS: dict[AnswerKind, str] = {"dont_know": "d", "not_applicable": "n", "skipped": "s"}


def greet(knowledge: Knowledge, conversation: Conversation, offers: list[Offer]) -> Draft:
    """The first message of a conversation: who speaks, what happens, and the question for consent."""
    text = wording.greeting(conversation.language, [offer.model for offer in offers])
    buttons = _consent_buttons(knowledge, conversation) if offers else ()
    return Draft(text, conversation.language, buttons, kind="greeting")


def _consent_buttons(knowledge: Knowledge, conversation: Conversation) -> tuple[Button, ...]:
    """Yes, no, and the other language."""
    language = conversation.language
    other = next(code for code in LANGUAGES if code != language)

    def token(*parts: str) -> str:
        return knowledge.buttons.token(conversation.id, *parts)

    return (
        Button(say(language, "consent.yes"), token("consent", "yes"), "choice"),
        Button(say(language, "consent.no"), token("consent", "no"), "choice"),
        Button(say(language, "language.other"), token("lang", other), "quiet"),
    )


def ask_consent(turn: Turn, before: str, *, explained: bool = False) -> None:
    """Say this, and ask for consent; `explained`: what is kept has just been said."""
    question = turn.say("consent.question") if explained else wording.consent(turn.language)
    turn.tell(
        wording.paragraphs(before, question),
        _consent_buttons(turn.knowledge, turn.conversation),
    )


def ask_model(turn: Turn, before: str | None) -> None:
    """Say this, and ask which maturity model to begin with."""
    offers = turn.offers
    text = wording.model_choice(turn.language, [offer.model for offer in offers])
    buttons = tuple(
        # 24 hexadecimal digits of the hash: the token stays short, and two snapshots never meet.
        Button(_cut(offer.model.name[turn.language]), turn.token("model", offer.hash[:24]), "level")
        for offer in offers
    )
    turn.tell(wording.paragraphs(before, text), buttons)


def ask(turn: Turn, before: str | None) -> None:
    """Say this, and put the open question again in the same message; after the end, what is possible."""
    if turn.running is None:
        if turn.conversation.consent == "given":
            ask_model(turn, before)
        else:
            ask_consent(turn, before or turn.say("consent.again"))
        return
    item_id = turn.running.assessment.current_item
    if item_id is None:
        turn.tell(wording.paragraphs(before, turn.say("side.done_hint")))
        return
    turn.tell(
        wording.paragraphs(before, wording.question(turn.language, turn.running.model, item_id)),
        wording.question_buttons(
            turn.language, turn.running.model, item_id, _question_tokens(turn, turn.running, item_id)
        ),
    )


def _question_tokens(turn: Turn, running: Running, item_id: str) -> dict[str, str]:
    """What a button below a question does -> its token; 'back' is missing at the first question."""
    model = running.model
    number = str(model.item_ids().index(item_id))
    does = {str(level.value): str(level.value) for level in model.item(item_id)[1].levels}
    does.update((str(kind), letter) for kind, letter in KIND_LETTERS.items())
    tokens = {name: turn.token("a", running.assessment.id, number, what) for name, what in does.items()}
    tokens["explain"] = turn.token("do", "explain")
    if previous_item(model, item_id) is not None:
        tokens["back"] = turn.token("do", "back")
    return tokens


def _cut(title: str) -> str:
    """At most the 24 characters that a button may have; the full name stands in the message."""
    return title if len(title) <= 24 else title[:23].rstrip() + "…"
