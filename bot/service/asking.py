"""Asking: for consent, for segments, which maturity model, the open question. Each ends a reply."""

from __future__ import annotations

from bot.assessment.answers import Answer, AnswerKind
from bot.assessment.definitions import Item
from bot.assessment.kinds import POSITIONS, REST
from bot.assessment.records import Button, Campaign, Conversation, Draft, Form, MessageLink
from bot.assessment.segments import SEGMENTS, SKIPPED, next_segment, other_line
from bot.assessment.session import previous_item
from bot.service import kind_words, kinds, placing, rounds, wording
from bot.service.earlier import earlier_answer, earlier_line, offer_old
from bot.service.turn import Knowledge, Offer, Running, Turn
from bot.service.withholding import is_withheld
from bot.texts import say

# What the menu below a question offers besides the usual buttons: title -> what 'do' is to be done.
_MENU = (
    ("menu.why", "why"),
    ("menu.example", "example"),
    ("menu.difference", "difference"),
    ("menu.change", "change_answer"),
    ("target.button", "target"),
    ("road.button", "road_map"),
    ("menu.report", "report"),
    ("menu.progress", "progress"),
    ("menu.another", "another"),
    ("menu.pause", "pause"),
    ("menu.stop", "stop"),
    ("menu.come_back", "come_back"),
    ("menu.elsewhere", "elsewhere"),
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
# What makes no sense before the end.
_ABOUT_A_RESULT = ("target", "road_map")
_ABOUT_A_RUN = ("change_answer", "start_over", "another", "report", *_ABOUT_A_QUESTION)


def greet(
    knowledge: Knowledge,
    conversation: Conversation,
    offers: list[Offer],
    campaign: Campaign | None,
    organisation: str,
) -> Draft:
    """The first message of a conversation: who speaks, what happens, and the question for consent.

    In a campaign its own welcome goes first. `organisation`: whose campaign it is.
    """
    language = conversation.language
    text = wording.greeting(
        language,
        [offer.model for offer in offers],
        kept=rounds.kept(conversation, campaign, organisation),
        quick=rounds.known_depth(campaign, conversation) == "quick",
    )
    welcome = None if campaign is None else campaign.welcome.get(language)
    buttons = _consent_buttons(knowledge, conversation, campaign) if offers else ()
    return Draft(wording.paragraphs(welcome, text), language, buttons, kind="greeting")


def _consent_buttons(
    knowledge: Knowledge, conversation: Conversation, campaign: Campaign | None
) -> tuple[Button, ...]:
    """Yes, no, and the other language, where it is spoken."""
    language = conversation.language

    def token(*parts: str) -> str:
        return knowledge.buttons.token(conversation.id, *parts)

    return (
        Button(say(language, "consent.yes"), token("consent", "yes"), "choice"),
        Button(say(language, "consent.no"), token("consent", "no"), "choice"),
        *(
            Button(say(language, "language.other"), token("lang", other), "quiet")
            for other in rounds.languages(campaign)
            if other != language
        ),
    )


def ask_consent(turn: Turn, before: str, *, explained: bool = False) -> None:
    """Say this, and ask for consent; `explained`: what is kept has just been said."""
    kept = None if explained else rounds.kept(turn.conversation, turn.campaign, turn.organisation)
    turn.tell(
        wording.paragraphs(before, kept, turn.say("consent.question")),
        _consent_buttons(turn.knowledge, turn.conversation, turn.campaign),
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
    number, total = _place(turn.conversation, segment)
    text = wording.segment_question(turn.language, segment, number, total)
    turn.tell(wording.paragraphs(before, text), tuple(buttons), links=links)


def _place(conversation: Conversation, segment: str) -> tuple[int, int]:
    """The how manieth this is of the questions at the start, and how many those are: what was known is none.

    With which customers to begin is part of the question which customers.
    """
    known = (conversation.prefill.get("segments") or "").split()
    here = "business_line" if segment == "first_line" else segment
    put = [one for one in SEGMENTS if one != "first_line" and (one not in known or one == here)]
    return put.index(here) + 1, len(put)


def offer_by_prefix(turn: Turn, hash_prefix: str) -> Offer | None:
    """The model on offer whose snapshot's hash begins so; None when it is not on offer any more."""
    return next((offer for offer in turn.offers if offer.hash.startswith(hash_prefix)), None)


# 24 hexadecimal digits of the hash: the token stays short, and two snapshots never meet.
_PREFIX = 24


def ask_model(
    turn: Turn, before: str | None, *, menu: bool = False, links: tuple[MessageLink, ...] = ()
) -> None:
    """Say this, and ask which maturity model to begin with, or to go on with."""
    offers = turn.offers
    runs = turn.work.assessments(conversation_id=turn.conversation.id)
    text = wording.model_choice(
        turn.language,
        [offer.model for offer in offers],
        done={one.model_id for one in runs if one.status == "completed"},
        quick=rounds.known_depth(turn.campaign, turn.conversation) == "quick",
        more=turn.running is not None,
    )
    kind = "model"
    if turn.running is not None:
        kind = "other"
        turn.state["pending"] = {"ask": "model"}
    buttons = [
        Button(
            cut(f"{number} · {offer.model.name[turn.language]}"),
            turn.token(kind, offer.hash[:_PREFIX]),
            "level",
        )
        for number, offer in enumerate(offers, 1)
    ]
    if len(offers) > 1 and any(offer.model.recommend is not None for offer in offers):
        buttons.append(Button(turn.say("recommend.button"), turn.token("do", "recommend"), "quiet"))
    if turn.running is not None:
        buttons.append(Button(turn.say("another.stay"), turn.token("keep"), "quiet"))
    turn.tell(wording.paragraphs(before, text), (*buttons, *_more(turn, menu)), links=links)


def ask_need(turn: Turn, before: str | None) -> None:
    """Say this, and ask what is going on in the company, to recommend a model by."""
    fitting = [offer for offer in turn.offers if offer.model.recommend is not None]
    lines = "\n".join(
        turn.say(
            "recommend.line",
            number=number,
            label=offer.model.recommend.label[turn.language],
            need=offer.model.recommend.need[turn.language],
        )
        for number, offer in enumerate(turn.offers, 1)
        if offer.model.recommend is not None
    )
    buttons = tuple(
        Button(
            turn.say(
                "question.button",
                value=turn.offers.index(offer) + 1,
                label=offer.model.recommend.label[turn.language],
            ),
            turn.token("need", offer.hash[:_PREFIX]),
            "level",
        )
        for offer in fitting
        if offer.model.recommend is not None
    )
    turn.state["pending"] = {"ask": "need"}
    text = wording.paragraphs(before, turn.say("recommend.ask"), lines)
    turn.tell(text, (*buttons, *_more(turn, False)))


def ask_depth(
    turn: Turn,
    offer: Offer,
    before: str | None,
    *,
    menu: bool = False,
    links: tuple[MessageLink, ...] = (),
) -> None:
    """Say this, and ask for all questions or the quick scan."""
    model, prefix = offer.model, offer.hash[:_PREFIX]
    turn.state["pending"] = {"ask": "depth", "model": prefix}
    text = turn.say(
        "depth.ask",
        name=model.name[turn.language],
        minutes=model.minutes,
        quick_minutes=model.quick_minutes or model.minutes,
    )
    buttons = [
        Button(turn.say("depth.full"), turn.token("depth", prefix, "full"), "choice"),
        Button(turn.say("depth.quick"), turn.token("depth", prefix, "quick"), "choice"),
    ]
    if len(turn.fitting_offers) > 1:
        buttons.append(Button(turn.say("depth.other"), turn.token("models"), "quiet"))
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
    pending = turn.conversation.pending or {}
    if running is not None and turn.keeps_offer and pending.get("ask") == "depth":
        chosen = offer_by_prefix(turn, pending["model"])
        if chosen is not None:
            ask_depth(turn, chosen, before, menu=menu, links=links)
            return
    if running is None:
        if turn.conversation.consent != "given":
            ask_consent(turn, before or turn.say("consent.again"))
            return
        segment = next_segment(turn.conversation.segments)
        asked = pending.get("ask") in ("depth", "erase") and "model" in pending
        chosen = offer_by_prefix(turn, pending["model"]) if asked else None
        if segment is not None:
            ask_segment(turn, segment, before, menu=menu, links=links)
        elif chosen is not None:
            # Something was said in between; the model has been chosen already.
            ask_depth(turn, chosen, before, menu=menu, links=links)
        else:
            ask_model(turn, before, menu=menu, links=links)
        return
    item_id = running.assessment.current_item
    if item_id is None:
        waits = is_withheld(turn.campaign, running.assessment)
        hint = turn.say("consultant.done_hint" if waits else "side.done_hint")
        # Where it has just been said that the result waits, it is not said twice.
        text = before if waits and before and turn.say("consultant.waits") in before else None
        text = text or wording.paragraphs(before, hint)
        turn.tell(text, _after_the_end(turn, menu), links=links)
        return
    if not running.completed and offer_old(turn, running, "q", before, links):
        return
    if turn.keeps_offer and before is not None and not menu and _propose_again(turn, running, before, links):
        return
    held = running.answers.get(item_id)
    earlier = _earlier(turn, running, item_id, held)
    question = wording.question(
        turn.language,
        running.model,
        item_id,
        held=held,
        asked=running.asked,
        about=_about(turn, running),
    )
    if before is not None and turn.is_aside and not menu and _stood_lately(turn, question):
        question = wording.question(
            turn.language,
            running.model,
            item_id,
            held=held,
            asked=running.asked,
            about=_about(turn, running),
            briefly=True,
        )
    if earlier is not None:
        question = wording.paragraphs(question, earlier_line(turn, earlier))
    same: tuple[Button, ...] = ()
    if earlier is not None and earlier[1].kind in ("level", "given"):
        number = str(running.model.item_ids().index(item_id))
        same = (Button(turn.say("again.same"), turn.token("same", running.assessment.id, number), "choice"),)
    ahead = placing.waiting_ahead(turn, running, item_id)
    if ahead is not None:
        # What was said of it at an earlier question: below it, and nothing is taken without a yes.
        shown = placing.shown_levels(ahead)
        item = running.model.item(item_id)[1]
        question = wording.paragraphs(question, placing.in_words(turn, item, ahead, shown))
        if len(shown) == 1:
            same = (*placing.buttons(turn, running, item_id, shown)[:1], *same)
        placing.waits(turn, running, ahead, shown)
    turn.tell(
        wording.paragraphs(before, question),
        (*same, *_question_buttons(turn, running, item_id, held), *_more(turn, menu)),
        links=links,
        form=_form(turn, running, item_id, held),
    )


# So many messages back, a question can still be seen, or nearly so.
_IN_SIGHT = 7


def _stood_lately(turn: Turn, question: str) -> bool:
    """Whether this question stood in one of the last few messages in all its words."""
    newest = turn.work.last_seq(turn.conversation.id)
    recent = turn.work.messages(turn.conversation.id, max(0, newest - _IN_SIGHT))
    return any(one.role == "bot" and question in one.text for one in recent)


def _propose_again(turn: Turn, running: Running, before: str, links: tuple[MessageLink, ...]) -> bool:
    """Behind side talk: the proposal that waits for a yes, once more; False where none does."""
    placed = placing.proposed(turn, running)
    if placed is None or placed.ahead:
        return False
    pending = turn.conversation.pending or {}
    item = running.model.item(placed.item_id)[1]
    if list(pending["shown"]) == placing.shown_levels(placed):
        said = placing.in_words(turn, item, placed, pending["shown"])
    else:
        level = wording.level_line(turn.language, item, pending["shown"][0])
        said = turn.say("own.step", level=level)
    turn.state["pending"] = dict(pending)
    turn.tell(
        wording.paragraphs(before, said),
        (*placing.buttons(turn, running, placed.item_id, pending["shown"]), *_more(turn, False)),
        links=links,
    )
    return True


def _earlier(turn: Turn, running: Running, item_id: str, held: Answer | None) -> tuple[Item, Answer] | None:
    """What was answered last time, where a question is put from its first part on."""
    item = running.model.item(item_id)[1]
    if kinds.part_to_ask(item, held) != kinds.part_to_ask(item, None):
        return None
    return earlier_answer(turn, running, item_id)


def _about(turn: Turn, running: Running) -> str | None:
    """Which customers a question is about, where there are rounds about two kinds; else everybody knows."""
    apart = turn.conversation.segments.get("business_line") == "both"
    return wording.line_name(turn.language, running.assessment) if apart else None


def _more(turn: Turn, menu: bool) -> tuple[Button, ...]:
    """The button that opens the menu, or the menu itself."""
    if not menu:
        return (Button(turn.say("menu.more"), turn.token("do", "menu"), "quiet"),)
    running = turn.running
    waits = running is not None and is_withheld(turn.campaign, running.assessment)
    without: tuple[str, ...] = ()
    if running is None:
        without = _ABOUT_A_RUN
    elif running.open_item is None:
        without = _ABOUT_A_QUESTION
    if running is None or not running.completed:
        without += _ABOUT_A_RESULT
    elif waits:
        without += (*_ABOUT_A_RESULT, "report")
    elif rounds.targets_fixed(turn, running):
        without += ("target",)
    if len(rounds.languages(turn.campaign)) == 1:
        without += ("switch_language",)
    return answer_button(turn) + tuple(
        Button(turn.say(key), turn.token("do", what), "quiet") for key, what in _MENU if what not in without
    )


def answer_button(turn: Turn) -> tuple[Button, ...]:
    """The way to a consultant's question that was put and waits for an answer."""
    put = [one for one in turn.work.open_questions(turn.conversation.id) if one.seq is not None]
    if not put or (turn.state.get("pending") or {}).get("ask") == "consultant":
        return ()
    return (turn.choice("consultant.answer", "cq", put[0].id),)


def another_button(turn: Turn) -> tuple[Button, ...]:
    """The way to another model, where there is more than one."""
    if len(turn.offers) < 2:
        return ()
    return (Button(turn.say("menu.another"), turn.token("do", "another"), "choice"),)


def _after_the_end(turn: Turn, menu: bool) -> tuple[Button, ...]:
    again: tuple[Button, ...] = ()
    if turn.running is not None and offer_other_line(turn, turn.running) is not None:
        again = (turn.choice("second_line.yes", "line", turn.running.assessment.id),)
    if turn.running is not None and turn.running.assessment.depth == "quick" and rounds.may_deepen(turn):
        again += (turn.choice("depth.deepen", "deepen", turn.running.assessment.id),)
    if turn.running is not None and is_withheld(turn.campaign, turn.running.assessment):
        return (*again, *_answer_after_the_end(turn, menu), *another_button(turn), *_more(turn, menu))
    if turn.running is not None:
        again += (turn.choice("again.button", "remeasure", turn.running.assessment.id),)
    return (
        *_answer_after_the_end(turn, menu),
        *again,
        Button(turn.say("menu.result"), turn.token("do", "result"), "choice"),
        Button(turn.say("menu.share"), turn.token("do", "share"), "choice"),
        *another_button(turn),
        *_more(turn, menu),
    )


def _answer_after_the_end(turn: Turn, menu: bool) -> tuple[Button, ...]:
    """The way to a consultant's question; the whole menu has it itself."""
    return () if menu else answer_button(turn)


def _question_buttons(turn: Turn, running: Running, item_id: str, held: Answer | None) -> tuple[Button, ...]:
    """The buttons below a question: one for each answer, then the quiet ones; 'back' not at the first."""
    item = running.model.item(item_id)[1]
    part = kinds.part_to_ask(item, held)
    buttons = [
        Button(title, _answer_token(turn, running, item_id, what), "level")
        for title, what in _answers(turn.language, item, held, part)
    ]
    quiet: dict[str, AnswerKind] = {
        "question.dont_know": "dont_know",
        "question.not_applicable": "not_applicable",
        "question.skip": "skipped",
    }
    if part == REST:
        quiet = {"question.skip": "skipped"}
    elif part in POSITIONS[1:]:
        quiet = {"question.dont_know": "dont_know", "question.skip": "skipped"}
    buttons += [
        Button(turn.say(key), _answer_token(turn, running, item_id, kinds.letter(kind, item, held)), "quiet")
        for key, kind in quiet.items()
    ]
    buttons.append(Button(turn.say("question.explain"), turn.token("do", "explain"), "quiet"))
    if previous_item(running.model, item_id, running.asked) is not None:
        buttons.append(Button(turn.say("question.back"), turn.token("do", "back"), "quiet"))
    return tuple(buttons)


def _answers(language: str, item: Item, held: Answer | None, part: str) -> list[tuple[str, str]]:
    """Title and meaning of each button that is an answer; none where a form is filled in."""
    if item.kind == "rubric":
        return [(wording.level_title(language, item, one.value), str(one.value)) for one in item.levels]
    if item.kind == "choice":
        return [
            (kind_words.part_title(language, item, number), str(number))
            for number in kinds.choices(item, held)
        ]
    if item.kind == "positioning":
        step = POSITIONS.index(part)
        return [
            (kind_words.part_title(language, item, number), f"p{step}{number}")
            for number in kinds.choices(item, held)
        ]
    return []


def _form(turn: Turn, running: Running, item_id: str, held: Answer | None) -> Form | None:
    """The list to mark several entries in, where the question is one."""
    item = running.model.item(item_id)[1]
    if item.kind not in ("checklist", "signals"):
        return None
    rest = kinds.part_to_ask(item, held) == REST
    return Form(
        token=_answer_token(turn, running, item_id, kinds.REST_FORM if rest else kinds.IN_PLACE_FORM),
        of=len(item.parts),
        entries=tuple(
            (number, item.parts[number - 1].label[turn.language]) for number in kinds.choices(item, held)
        ),
        marks=kind_words.marks(turn.language) if rest else {kinds.CHOSEN: _mark_title(turn, item)},
        send=turn.say("checklist.send"),
        none=turn.say("checklist.go_on" if rest else "checklist.none_button"),
        marked=() if rest else kinds.marked(item, held),
    )


def _mark_title(turn: Turn, item: Item) -> str:
    """What a tick says of an entry."""
    return turn.say("signals.mark" if item.kind == "signals" else "checklist.in_place")


def _answer_token(turn: Turn, running: Running, item_id: str, what: str) -> str:
    number = str(running.model.item_ids().index(item_id))
    return turn.token("a", running.assessment.id, number, what)


def offer_other_line(turn: Turn, running: Running) -> str | None:
    """The business line of a second run with the same model, if it was agreed on and is still to come.

    After measuring again it is to come again: each line is measured as often as the other.
    """
    wanted = other_line(turn.conversation.segments, running.assessment.business_line)
    if wanted is None:
        return None
    had = [
        one.business_line
        for one in turn.work.assessments(conversation_id=turn.conversation.id)
        if one.model_id == running.model.id and one.status == "completed"
    ]
    # What is under way again counts as well, though a question of it is open.
    here = max(1, had.count(running.assessment.business_line))
    return None if had.count(wanted) >= here else wanted


def cut(title: str) -> str:
    """At most the 24 characters that a button may have, cut at a word; the message has the full name."""
    if len(title) <= 24:
        return title
    words = title[:24].rpartition(" ")[0].rstrip(" ,;:·&–-")
    # One long word behind a number is cut itself.
    return f"{words if any(letter.isalpha() for letter in words) else title[:23].rstrip()}…"
