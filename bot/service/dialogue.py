"""What one message means and what it changes: the one generic loop behind every maturity model."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.assessment.advice import advise, first_steps
from bot.assessment.answers import Answer, AnswerKind
from bot.assessment.definitions import Item, MaturityModel
from bot.assessment.records import (
    Assessment,
    Button,
    Conversation,
    Draft,
    Inbound,
    Picture,
    StoredAnswer,
)
from bot.assessment.scoring import format_score, score
from bot.assessment.session import next_item, position, previous_item
from bot.service import wording
from bot.service.buttons import Buttons
from bot.service.ports import RadarFacts, RadarSpec, Work
from bot.texts import LANGUAGES, say
from bot.understanding.exact import NoSuchLevel, normalise, read_language, read_level, read_yes_no

# Letters, not words: a token has to fit into the 64 bytes of a Telegram button.
_KIND_LETTERS: dict[AnswerKind, str] = {"dont_know": "d", "not_applicable": "n", "skipped": "s"}
_KINDS_BY_LETTER = {letter: kind for kind, letter in _KIND_LETTERS.items()}


@dataclass(frozen=True)
class Offer:
    """One maturity model that can be chosen, under the hash of its snapshot."""

    hash: str
    model: MaturityModel


@dataclass(frozen=True)
class Knowledge:
    """What a turn may look up: the models on offer, any snapshot by hash, buttons, the radar's spec."""

    offers: Callable[[Work], list[Offer]]
    model: Callable[[Work, str], MaturityModel]
    buttons: Buttons
    radar: RadarSpec


def greet(knowledge: Knowledge, conversation: Conversation, offers: list[Offer]) -> Draft:
    """The first message of a conversation: who speaks, what happens, and the question for consent."""
    text = wording.greeting(conversation.language, [offer.model for offer in offers])
    buttons = consent_buttons(knowledge.buttons, conversation) if offers else ()
    return Draft(text, conversation.language, buttons, kind="greeting")


def consent_buttons(buttons: Buttons, conversation: Conversation) -> tuple[Button, ...]:
    """Yes, no, and the other language."""
    language = conversation.language
    other = next(code for code in LANGUAGES if code != language)
    return (
        Button(say(language, "consent.yes"), buttons.token(conversation.id, "consent", "yes"), "choice"),
        Button(say(language, "consent.no"), buttons.token(conversation.id, "consent", "no"), "choice"),
        Button(say(language, "language.other"), buttons.token(conversation.id, "lang", other), "quiet"),
    )


class Turn:
    """One message of one conversation, on its way to a reply, within one transaction.

    What it means is decided in this order: button; answer to a pending question; exact number or label;
    side talk (`meaning`, from Rasa's intent); own words. `erased` is True when the reply replaces all
    that was said before.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        work: Work,
        conversation: Conversation,
        inbound: Inbound,
        now: datetime,
    ) -> None:
        self._knowledge = knowledge
        self._work = work
        self._conversation = conversation
        self._inbound = inbound
        self._now = now
        self._language = conversation.language
        self._drafts: list[Draft] = []
        self._state: dict[str, Any] = {}
        self._run: Assessment | None = None
        self._model: MaturityModel | None = None
        self._stored: dict[str, StoredAnswer] = {}
        self.erased = False
        if conversation.assessment_id is not None:
            self._open_run(conversation.assessment_id)

    # --- what is known ---

    def _open_run(self, assessment_id: str) -> None:
        self._run = self._work.assessment(assessment_id)
        if self._run is not None:
            self._model = self._knowledge.model(self._work, self._run.definition_hash)
            self._stored = {one.answer.item_id: one for one in self._work.answers(self._run.id)}

    @property
    def _answers(self) -> dict[str, Answer]:
        return {item_id: one.answer for item_id, one in self._stored.items()}

    def _say(self, key: str, **values: object) -> str:
        return say(self._language, key, **values)

    def _token(self, *parts: str) -> str:
        return self._knowledge.buttons.token(self._conversation.id, *parts)

    def _choice(self, key: str, *parts: str) -> Button:
        return Button(self._say(key), self._token(*parts), "choice")

    def _tell(self, text: str, buttons: tuple[Button, ...] = (), picture_id: str | None = None) -> None:
        self._drafts.append(Draft(text, self._language, buttons, picture_id))

    # --- the turn ---

    def take(self, meaning: str) -> tuple[list[Draft], dict[str, Any]]:
        """Decide and do; the messages to reply with, and the fields of the conversation that change."""
        if self._inbound.button is not None:
            press = self._knowledge.buttons.read(self._conversation.id, self._inbound.button)
            self._press(press or ("unknown",))
        else:
            self._typed(self._inbound.text or "", meaning)
        return self._drafts, self._state

    def _typed(self, text: str, meaning: str) -> None:
        if self._conversation.consent != "given":
            self._before_consent(text, meaning)
            return
        agreed = read_yes_no(text, self._language)
        if agreed is None:
            agreed = {"affirm": True, "deny": False}.get(meaning)
        pending = self._conversation.pending
        if pending is not None:
            # Whatever comes now, the question is not asked a second time.
            self._state["pending"] = None
            if agreed is not None:
                self._resolve(pending, agreed)
                return
        if self._run is None or self._model is None:
            self._choose(text, meaning)
            return
        item = self._open_item()
        if item is not None and self._run.current_item is not None:
            exact = read_level(text, self._model, item, self._language)
            if isinstance(exact, int):
                self._record(Answer(self._run.current_item, "level", exact), words=text)
                return
            if isinstance(exact, NoSuchLevel):
                self._state["misunderstood"] = 0
                self._ask(self._say("unclear.number", number=exact.number, highest=self._model.highest))
                return
        self._side_talk(meaning, text)

    def _press(self, press: tuple[str, ...]) -> None:
        kind, arguments = press[0], press[1:]
        self._state["pending"] = None
        if kind == "lang":
            self._switch_language(arguments[0])
        elif kind == "consent":
            self._consent(arguments[0] == "yes")
        elif self._conversation.consent != "given":
            self._ask_consent(self._say("consent.again"))
        elif kind == "model":
            self._choose_by_hash(arguments[0])
        elif kind == "a":
            self._press_answer(*arguments)
        elif kind == "do":
            self._side_talk(arguments[0], "")
        elif kind == "change":
            self._change(*arguments)
        elif kind == "keep":
            self._ask(self._say("change.kept"))
        elif kind == "erase":
            self._erase(arguments[0] == "yes")
        elif kind == "over":
            self._start_over(arguments[0] == "yes", arguments[1])
        else:
            self._ask(self._say("stale.unknown"))

    # --- consent ---

    def _before_consent(self, text: str, meaning: str) -> None:
        agreed = read_yes_no(text, self._language)
        if meaning == "switch_language":
            self._switch_language(self._wanted_language())
        elif meaning in ("privacy", "help", "my_data", "why", "explain"):
            self._ask_consent(self._say("privacy.answer"))
        elif meaning == "bot_challenge":
            self._ask_consent(self._say("side.bot_challenge"))
        elif agreed is True or (agreed is None and meaning == "affirm"):
            self._consent(True)
        elif agreed is False or meaning in ("deny", "erase", "pause"):
            self._consent(False)
        else:
            self._ask_consent(self._say("consent.again"))

    def _ask_consent(self, before: str) -> None:
        self._tell(
            wording.paragraphs(before, self._say("consent.question")),
            consent_buttons(self._knowledge.buttons, self._conversation),
        )

    def _consent(self, given: bool) -> None:
        if self._conversation.consent == "given":
            if given:
                self._ask(None)
            else:
                self._ask_to_erase()
            return
        if not given:
            self._wipe()
            self._state["consent"] = "refused"
            self._tell(self._say("consent.refused"), (self._choice("consent.reconsider", "consent", "yes"),))
            return
        self._state["consent"] = "given"
        self._start(self._say("consent.given"))

    # --- choosing a maturity model ---

    def _start(self, before: str) -> None:
        """Begin: at once where there is one model to begin with, else ask which."""
        offers = self._knowledge.offers(self._work)
        wanted = self._conversation.prefill.get("model")
        fitting = [offer for offer in offers if offer.model.id == wanted] or offers
        if len(fitting) == 1:
            self._begin(fitting[0], before)
        else:
            self._ask_model(before, offers)

    def _ask_model(self, before: str | None, offers: list[Offer]) -> None:
        text = wording.model_choice(self._language, [offer.model for offer in offers])
        buttons = tuple(
            # 24 hexadecimal digits of the hash: a token stays short, and two snapshots never meet.
            Button(_cut(offer.model.name[self._language]), self._token("model", offer.hash[:24]), "level")
            for offer in offers
        )
        self._tell(wording.paragraphs(before, text), buttons)

    def _choose_by_hash(self, prefix: str) -> None:
        offers = self._knowledge.offers(self._work)
        chosen = next((offer for offer in offers if offer.hash.startswith(prefix)), None)
        if self._run is not None:
            self._ask(None)
        elif chosen is None:
            self._ask_model(self._say("choose.unclear"), offers)
        else:
            self._begin(chosen, None)

    def _choose(self, text: str, meaning: str) -> None:
        offers = self._knowledge.offers(self._work)
        plain = normalise(text)
        for number, offer in enumerate(offers, start=1):
            names = {normalise(name) for name in offer.model.name.values()} | {offer.model.id, str(number)}
            if plain in names:
                self._begin(offer, None)
                return
        if meaning == "switch_language":
            self._switch_language(self._wanted_language())
        elif meaning == "erase":
            self._ask_to_erase()
        elif meaning in _PLAIN_SIDE_TALK:
            self._ask_model(self._say(_PLAIN_SIDE_TALK[meaning]), offers)
        else:
            self._ask_model(self._say("choose.unclear"), offers)

    def _begin(self, offer: Offer, before: str | None) -> None:
        self._model = offer.model
        self._stored = {}
        self._run = Assessment(
            id=secrets.token_hex(8),
            conversation_id=self._conversation.id,
            definition_hash=offer.hash,
            model_id=offer.model.id,
            model_version=offer.model.version,
            status="active",
            current_item=next_item(offer.model, {}),
            started_at=self._now,
            completed_at=None,
        )
        self._work.add_assessment(self._run)
        self._state["assessment_id"] = self._run.id
        self._ask(before)

    # --- asking ---

    def _open_item(self) -> Item | None:
        if self._run is None or self._model is None or self._run.current_item is None:
            return None
        return self._model.item(self._run.current_item)[1]

    def _ask(self, before: str | None) -> None:
        """Say this, and ask the open question again in the same message; after the end say what is possible."""
        if self._run is None or self._model is None:
            if self._conversation.consent == "given":
                self._ask_model(before, self._knowledge.offers(self._work))
            else:
                self._ask_consent(before or self._say("consent.again"))
            return
        item_id = self._run.current_item
        if item_id is None:
            self._tell(wording.paragraphs(before, self._say("side.done_hint")))
            return
        self._tell(
            wording.paragraphs(before, wording.question(self._language, self._model, item_id)),
            wording.question_buttons(
                self._language, self._model, item_id, self._question_tokens(self._run, item_id)
            ),
        )

    def _question_tokens(self, run: Assessment, item_id: str) -> dict[str, str]:
        assert self._model is not None
        number = self._model.item_ids().index(item_id)
        does = {str(level.value): str(level.value) for level in self._model.item(item_id)[1].levels}
        does.update((str(kind), letter) for kind, letter in _KIND_LETTERS.items())
        tokens = {name: self._token("a", run.id, str(number), what) for name, what in does.items()}
        tokens["explain"] = self._token("do", "explain")
        if previous_item(self._model, item_id) is not None:
            tokens["back"] = self._token("do", "back")
        return tokens

    # --- answering ---

    def _press_answer(self, run_id: str, number: str, what: str) -> None:
        if self._run is None or self._model is None or run_id != self._run.id:
            self._ask(self._say("stale.other_run"))
            return
        item_id = self._model.item_ids()[int(number)]
        answer = _answer(item_id, what)
        if item_id == self._run.current_item:
            self._record(answer, words=None)
        elif item_id in self._stored:
            self._offer_change(answer)
        else:
            # A button of a question that a later change has opened again: ask that one, do not answer it blindly.
            self._ask(self._say("stale.unknown"))

    def _record(self, answer: Answer, words: str | None) -> None:
        """Write the answer to the open question and go on to the next one, or to the result."""
        assert self._run is not None and self._model is not None
        dimension, item = self._model.item(answer.item_id)
        held = self._stored.get(answer.item_id)
        first_time = held is None
        if held is None or held.answer != answer:
            self._write(answer, words)
        following = next_item(self._model, self._answers)
        self._state["misunderstood"] = 0
        if held is not None and held.answer != answer:
            before = self._changed(item, held.answer, answer)
        else:
            before = wording.noted(self._language, item, answer)
        if following is None:
            self._finish(before)
            return
        self._run = replace(self._run, current_item=following)
        self._work.update_assessment(self._run.id, current_item=following)
        next_dimension = self._model.item(following)[0]
        if first_time and next_dimension.id != dimension.id:
            crossed = self._say(
                "answered.dimension_done",
                done=dimension.title[self._language],
                next=next_dimension.title[self._language],
            )
            before = f"{before} {crossed}"
        self._ask(before)

    def _write(self, answer: Answer, words: str | None) -> None:
        assert self._run is not None
        held = self._stored.get(answer.item_id)
        self._work.add_answer(
            self._run.id,
            answer,
            supersedes=None if held is None else held.id,
            turn_id=self._inbound.turn_id,
            words=words,
            at=self._now,
        )
        self._stored = {one.answer.item_id: one for one in self._work.answers(self._run.id)}

    def _changed(self, item: Item, old: Answer, new: Answer) -> str:
        return self._say(
            "answered.changed",
            item=item.title[self._language],
            old=wording.answer_name(self._language, item, old),
            new=wording.answer_name(self._language, item, new),
        )

    def _offer_change(self, answer: Answer) -> None:
        assert self._run is not None and self._model is not None
        held = self._stored[answer.item_id].answer
        item = self._model.item(answer.item_id)[1]
        if held == answer:
            # The second tap of a double tap ends here.
            self._ask(self._say("answered.same"))
            return
        number = str(self._model.item_ids().index(answer.item_id))
        what = str(answer.value) if answer.kind == "level" else _KIND_LETTERS[answer.kind]
        self._state["pending"] = {
            "ask": "change",
            "run": self._run.id,
            "number": number,
            "what": what,
        }
        self._tell(
            self._say(
                "change.ask",
                item=item.title[self._language],
                old=wording.answer_name(self._language, item, held),
                new=wording.answer_name(self._language, item, answer),
            ),
            (
                self._choice("change.yes", "change", self._run.id, number, what),
                self._choice("change.no", "keep"),
            ),
        )

    def _change(self, run_id: str, number: str, what: str) -> None:
        if self._run is None or self._model is None or run_id != self._run.id:
            self._ask(self._say("stale.other_run"))
            return
        item_id = self._model.item_ids()[int(number)]
        answer = _answer(item_id, what)
        held = self._stored.get(item_id)
        if held is None or held.answer == answer:
            self._ask(self._say("answered.same"))
            return
        item = self._model.item(item_id)[1]
        self._write(answer, words=None)
        said = self._changed(item, held.answer, answer)
        if self._run.current_item is None:
            self._finish(said)
        else:
            self._ask(said)

    # --- pending questions ---

    def _resolve(self, pending: Mapping[str, Any], agreed: bool) -> None:
        if pending["ask"] == "change":
            if agreed:
                self._change(pending["run"], pending["number"], pending["what"])
            else:
                self._ask(self._say("change.kept"))
        elif pending["ask"] == "erase":
            self._erase(agreed)
        else:
            self._start_over(agreed, pending["run"])

    def _ask_to_erase(self) -> None:
        self._state["pending"] = {"ask": "erase"}
        self._tell(
            self._say("erase.ask"),
            (
                self._choice("erase.yes", "erase", "yes"),
                self._choice("erase.no", "erase", "no"),
            ),
        )

    def _erase(self, agreed: bool) -> None:
        if not agreed:
            self._ask(self._say("erase.kept"))
            return
        self._wipe()
        self._state["consent"] = "open"
        self._tell(self._say("erase.done"), (self._choice("consent.reconsider", "consent", "yes"),))

    def _wipe(self) -> None:
        self._work.erase_content(self._conversation.id, but_turn=self._inbound.turn_id)
        self._state.clear()
        self._run, self._model, self._stored = None, None, {}
        self.erased = True

    def _ask_to_start_over(self) -> None:
        assert self._run is not None
        self._state["pending"] = {"ask": "start_over", "run": self._run.id}
        self._tell(
            self._say("start_over.ask"),
            (
                self._choice("start_over.yes", "over", "yes", self._run.id),
                self._choice("start_over.no", "over", "no", self._run.id),
            ),
        )

    def _start_over(self, agreed: bool, run_id: str) -> None:
        # The button says which run it meant: a second tap must not throw away the new one.
        if not agreed or self._run is None or self._run.id != run_id:
            self._ask(None if agreed else self._say("change.kept"))
            return
        if self._run.status == "active":
            self._work.update_assessment(self._run.id, status="abandoned", current_item=None)
        self._run, self._model, self._stored = None, None, {}
        self._state["assessment_id"] = None
        self._start(self._say("start_over.done"))

    # --- side talk ---

    def _side_talk(self, meaning: str, text: str) -> None:
        handler = _SIDE_TALK.get(meaning)
        if handler is None:
            self._own_words()
            return
        if meaning not in ("take_answer", "affirm", "deny"):
            self._state["misunderstood"] = 0
        handler(self)

    def _own_words(self) -> None:
        """What could not be placed: each time in a row another way out, never a dead end."""
        if self._open_item() is None or self._model is None:
            self._tell(self._say("unclear.done"))
            return
        count = self._conversation.misunderstood + 1
        self._state["misunderstood"] = count
        if count == 1:
            self._ask(self._say("unclear.first"))
        elif count == 2:
            self._ask(self._say("unclear.second", highest=self._model.highest))
        else:
            self._ask(self._say("unclear.third"))

    def _answer_otherwise(self, kind: AnswerKind) -> None:
        if self._run is None or self._run.current_item is None:
            self._own_words()
        else:
            self._record(Answer(self._run.current_item, kind), words=self._inbound.text)

    def _about_item(self, part: Callable[[str, Item], str]) -> None:
        item = self._open_item()
        self._ask(self._say("side.nothing_to_repeat") if item is None else part(self._language, item))

    def _back(self) -> None:
        if self._run is None or self._model is None:
            self._ask(None)
            return
        here = self._run.current_item
        # After the end, back leads to the last question; the result comes again once it is answered.
        target = self._model.item_ids()[-1] if here is None else previous_item(self._model, here)
        if target is None or target not in self._stored:
            self._ask(self._say("side.no_back"))
            return
        self._run = replace(self._run, current_item=target, status="active")
        self._work.update_assessment(self._run.id, current_item=target, status="active")
        item = self._model.item(target)[1]
        held = wording.answer_name(self._language, item, self._stored[target].answer)
        self._ask(self._say("side.back", old=held))

    def _progress(self) -> None:
        if self._run is None or self._model is None or self._run.current_item is None:
            self._ask(None)
            return
        total = position(self._model, self._run.current_item)[1]
        done = len(self._stored)
        minutes = max(1, round(self._model.minutes * (total - done) / total))
        self._ask(self._say("side.progress", done=done, total=total, minutes=minutes))

    def _pause(self) -> None:
        if self._open_item() is None:
            self._ask(None)
        else:
            self._tell(
                self._say("side.pause"),
                (Button(self._say("side.continue"), self._token("do", "repeat"), "choice"),),
            )

    def _wanted_language(self) -> str:
        """The language that the message names, else the other one."""
        named = read_language(self._inbound.text or "")
        return named or next(code for code in LANGUAGES if code != self._language)

    def _switch_language(self, language: str) -> None:
        self._language = language
        self._conversation = replace(self._conversation, language=language)
        self._state["language"] = language
        if self._conversation.consent == "given":
            self._ask(self._say("language.switched"))
        else:
            self._tell(
                greet(self._knowledge, self._conversation, self._knowledge.offers(self._work)).text,
                consent_buttons(self._knowledge.buttons, self._conversation),
            )

    def _my_data(self) -> None:
        self._ask(wording.my_data(self._language, self._model, self._answers))

    # --- the result ---

    def _finish(self, before: str) -> None:
        assert self._run is not None
        self._run = replace(self._run, current_item=None, status="completed", completed_at=self._now)
        self._work.update_assessment(
            self._run.id, current_item=None, status="completed", completed_at=self._now
        )
        self._show_result(wording.paragraphs(before, self._say("result.intro")))

    def _result_again(self) -> None:
        if self._run is None or self._run.status != "completed":
            self._progress()
        else:
            self._show_result(self._say("result.again"))

    def _show_result(self, intro: str) -> None:
        """Radar with the same facts in words; what stands out; first steps. Three messages."""
        assert self._run is not None and self._model is not None
        model, language = self._model, self._language
        result = score(model, self._answers)
        facts = wording.result_facts(language, model, result)
        title = self._say("result.title", name=model.name[language])
        picture = Picture(
            id=secrets.token_hex(16),
            conversation_id=self._conversation.id,
            assessment_id=self._run.id,
            spec=self._knowledge.radar(
                RadarFacts(
                    model=model,
                    result=result,
                    language=language,
                    title=title,
                    subtitle=self._say("result.subtitle", highest=model.highest),
                    today=self._say("result.today"),
                    target=self._say("result.target"),
                    scores={
                        found.dimension_id: format_score(found.score, language)
                        for found in result.dimensions
                        if found.score is not None
                    },
                )
            ),
            alt=self._say("result.alt", name=model.name[language], facts=" ".join(facts.split())),
        )
        self._work.add_picture(picture)
        self._tell(wording.paragraphs(intro, facts), picture_id=picture.id)
        stands_out = wording.what_stands_out(language, model, result)
        chosen = first_steps(advise(model, self._answers, result))
        self._tell(wording.paragraphs(stands_out, wording.steps(language, model, chosen, result)))
        self._tell(
            wording.paragraphs(
                self._say("result.caution", caution=model.caution[language]), self._say("result.next")
            )
        )


_PLAIN_SIDE_TALK = {
    "help": "side.help",
    "privacy": "privacy.answer",
    "greet": "side.greet",
    "thanks": "side.thanks",
    "bot_challenge": "side.bot_challenge",
}


def _plain(key: str) -> Callable[[Turn], None]:
    return lambda turn: turn._ask(turn._say(key))


_SIDE_TALK: dict[str, Callable[[Turn], None]] = {
    "dont_know": lambda turn: turn._answer_otherwise("dont_know"),
    "not_applicable": lambda turn: turn._answer_otherwise("not_applicable"),
    "skip": lambda turn: turn._answer_otherwise("skipped"),
    "explain": lambda turn: turn._about_item(wording.explanation),
    "why": lambda turn: turn._about_item(lambda language, item: item.why[language]),
    "example": lambda turn: turn._about_item(lambda language, item: item.example[language]),
    "back": Turn._back,
    "repeat": lambda turn: turn._ask(None),
    "progress": Turn._progress,
    "pause": Turn._pause,
    "start_over": lambda turn: turn._ask_to_start_over(),
    "switch_language": lambda turn: turn._switch_language(turn._wanted_language()),
    "my_data": Turn._my_data,
    "erase": Turn._ask_to_erase,
    "result": Turn._result_again,
    **{meaning: _plain(key) for meaning, key in _PLAIN_SIDE_TALK.items()},
}


def _answer(item_id: str, what: str) -> Answer:
    """The answer behind a button: '3' is a level, a letter one of the other kinds."""
    kind = _KINDS_BY_LETTER.get(what)
    return Answer(item_id, "level", int(what)) if kind is None else Answer(item_id, kind)


def _cut(title: str) -> str:
    """At most the 24 characters that a button may have; the full name stands in the message."""
    return title if len(title) <= 24 else title[:23].rstrip() + "…"
