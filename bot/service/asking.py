"""Asking: for consent, for segments, which maturity model, the open question. Each ends a reply."""

from __future__ import annotations

from bot.assessment.answers import AnswerKind
from bot.assessment.records import Button, Conversation, Draft, MessageLink
from bot.assessment.segments import SEGMENTS, SKIPPED, next_segment, other_line
from bot.assessment.session import previous_item
from bot.service import wording
from bot.service.turn import Knowledge, Offer, Running, Turn
from bot.texts import LANGUAGES, say

# Letters, not words: a token has to fit into the 64 bytes of a Telegram button.
KIND_LETTERS: dict[AnswerKind, str] = {"dont_know": "d", "not_applicable": "n", "skipped": "s"}

# What the menu below a question offers besides the usual buttons: title -> what 'do' is to be done.
_MENU = (
    ("menu.why", "why"),
    ("menu.example", "example"),
    ("menu.difference", "difference"),
    ("menu.change", "change_answer"),
    ("menu.progress", "progress"),
    ("menu.pause", "pause"),
    ("menu.stop", "stop"),
    ("menu.come_back", "come_back"),
    ("language.other", "switch_language"),
    ("menu.privacy", "privacy"),
    ("menu.my_data", "my_data"),
    ("menu.my_data_file", "my_data_file"),
    ("menu.human", "human"),
    ("menu.start_over", "start_over"),
    ("menu.erase", "erase"),
)
# What makes no sense while no question of an assessment is open.
_ABOUT_A_QUESTION = ("why", "example", "difference", "progress", "pause", "stop")
_ABOUT_A_RUN = ("change_answer", "start_over", *_ABOUT_A_QUESTION)


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


def ask_segment(
    turn: Turn,
    segment: str,
    before: str | None,
    *,
    menu: bool = False,
    links: tuple[MessageLink, ...] = (),
) -> None:
    """Say this, and ask where in the organisation the person stands; every such question can be skipped."""
    options = wording.segment_options(turn.language, segment)
    buttons = [
        Button(f"{number} · {title}", turn.token("seg", segment, option), "level")
        for number, (option, title) in enumerate(options.items(), start=1)
    ]
    if segment != "first_line":
        buttons.append(
            Button(turn.say("question.skip"), turn.token("seg", segment, SKIPPED), "quiet"),
        )
        buttons.append(Button(turn.say("menu.why"), turn.token("do", "why"), "quiet"))
    buttons.extend(_more(turn, menu))
    number = list(SEGMENTS).index(segment) + 1
    text = wording.segment_question(turn.language, segment, min(number, 3))
    turn.tell(wording.paragraphs(before, text), tuple(buttons), links=links)


def ask_model(
    turn: Turn, before: str | None, *, menu: bool = False, links: tuple[MessageLink, ...] = ()
) -> None:
    """Say this, and ask which maturity model to begin with."""
    offers = turn.offers
    text = wording.model_choice(turn.language, [offer.model for offer in offers])
    buttons = tuple(
        # 24 hexadecimal digits of the hash: the token stays short, and two snapshots never meet.
        Button(cut(offer.model.name[turn.language]), turn.token("model", offer.hash[:24]), "level")
        for offer in offers
    )
    turn.tell(wording.paragraphs(before, text), (*buttons, *_more(turn, menu)), links=links)


def ask(
    turn: Turn,
    before: str | None,
    *,
    menu: bool = False,
    links: tuple[MessageLink, ...] = (),
) -> None:
    """Say this, and put the open question again in the same message; after the end, what is possible.

    `menu`: with a button for everything that can be asked for here, not for the usual things only.
    """
    running = turn.running
    if running is None:
        if turn.conversation.consent != "given":
            ask_consent(turn, before or turn.say("consent.again"))
            return
        segment = next_segment(turn.conversation.segments)
        if segment is not None:
            ask_segment(turn, segment, before, menu=menu, links=links)
        else:
            ask_model(turn, before, menu=menu, links=links)
        return
    item_id = running.assessment.current_item
    if item_id is None:
        text = wording.paragraphs(before, turn.say("side.done_hint"))
        turn.tell(text, _after_the_end(turn, menu), links=links)
        return
    question = wording.question(turn.language, running.model, item_id, about=_about(turn, running))
    buttons = wording.question_buttons(
        turn.language, running.model, item_id, _question_tokens(turn, running, item_id)
    )
    turn.tell(wording.paragraphs(before, question), (*buttons, *_more(turn, menu)), links=links)


def _about(turn: Turn, running: Running) -> str | None:
    """Which customers a question is about, where there are rounds about two kinds; else everybody knows."""
    apart = turn.conversation.segments.get("business_line") == "both"
    return wording.line_name(turn.language, running.assessment) if apart else None


def _more(turn: Turn, menu: bool) -> tuple[Button, ...]:
    """The button that opens the menu, or the menu itself."""
    if not menu:
        return (Button(turn.say("menu.more"), turn.token("do", "menu"), "quiet"),)
    running = turn.running
    without: tuple[str, ...] = ()
    if running is None:
        without = _ABOUT_A_RUN
    elif running.open_item is None:
        without = _ABOUT_A_QUESTION
    return tuple(
        Button(turn.say(key), turn.token("do", what), "quiet") for key, what in _MENU if what not in without
    )


def _after_the_end(turn: Turn, menu: bool) -> tuple[Button, ...]:
    again: tuple[Button, ...] = ()
    if turn.running is not None and offer_other_line(turn, turn.running) is not None:
        again = (turn.choice("second_line.yes", "line", turn.running.assessment.id),)
    return (
        *again,
        Button(turn.say("menu.result"), turn.token("do", "result"), "choice"),
        Button(turn.say("menu.share"), turn.token("do", "share"), "choice"),
        *_more(turn, menu),
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


def offer_other_line(turn: Turn, running: Running) -> str | None:
    """The business line of a second run with the same model, if it was agreed on and is still to come."""
    wanted = other_line(turn.conversation.segments, running.assessment.business_line)
    if wanted is None:
        return None
    had = {
        one.business_line
        for one in turn.work.assessments(conversation_id=turn.conversation.id)
        if one.model_id == running.model.id and one.status == "completed"
    }
    return None if wanted in had else wanted


def cut(title: str) -> str:
    """At most the 24 characters that a button may have; the full name stands in the message."""
    return title if len(title) <= 24 else title[:23].rstrip() + "…"
