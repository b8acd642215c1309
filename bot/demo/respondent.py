"""An invented person who holds a real conversation: messages go into the inbox, each turn is done at once."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.assessment.records import Message
from bot.bootstrap import Peil
from bot.demo.people import Ending, Someone, chance, level_of
from bot.demo.words import said

# Side talk and own words make a conversation longer; one of twice the longest goes in circles.
_MOST_TURNS = 160

# What people ask before they answer: meaning -> how it is typed.
_ASIDES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "nl": {
        "explain": ("wat bedoel je precies?", "ik snap de vraag niet helemaal", "leg eens uit"),
        "why": ("waarom vraag je dat?", "waarvoor wil je dat weten?"),
        "example": ("heb je een voorbeeld?", "noem eens een voorbeeld"),
    },
    "en": {
        "explain": ("what do you mean exactly?", "could you explain that?"),
        "why": ("why do you ask?", "what do you need that for?"),
        "example": ("do you have an example?", "can you give an example?"),
    },
}
_TYPED: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "skip": "sla deze maar over",
        "dont_know": "dat weet ik niet",
        "not_applicable": "niet van toepassing",
        "pause": "ik moet naar een overleg, later verder",
        "greet": "hoi, daar ben ik weer",
        "human": "ik wil hier liever even met iemand over praten",
        "result": "laat mijn uitkomst nog eens zien",
        "road_map": "wat moeten we dan eerst doen?",
    },
    "en": {
        "skip": "skip this one please",
        "dont_know": "I don't know",
        "not_applicable": "not applicable to us",
        "pause": "I have to go to a meeting, later",
        "greet": "hi, I am back",
        "human": "I would rather talk to a person about this",
        "result": "show me my result again",
        "road_map": "so what should we do first?",
    },
}
# Questions that people trip over: what is asked, and where they take long or stop.
_HARD = {
    "strategy.kpis": 0.15,
    "technology.direction": 0.25,
    "technology.personalisation": 0.1,
    "data.purpose": 0.15,
    "customer_value.definition": 0.35,
    "customer_value.use": 0.15,
    "value.of_customer": 0.3,
    "insight.approach": 0.15,
}
_STOPS = ("technology.direction", "customer_value.definition", "data.purpose", "people.skills")


class Clock:
    """Tells the time that the invented conversations are at; each look is a millisecond later."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The time now."""
        self.now += timedelta(milliseconds=1)
        return self.now


@dataclass(frozen=True)
class Round:
    """What somebody takes part in. `code`: of the invitation. `model_id`: what is answered there."""

    code: str
    model_id: str
    years_ago: int
    quick: bool = False


class Respondent:
    """One person's conversation in one campaign."""

    def __init__(self, peil: Peil, clock: Clock, one: Someone, where: Round, ending: Ending) -> None:
        self._peil = peil
        self._clock = clock
        self._one = one
        self._where = where
        self._ending = ending
        self._dice = chance("conversation", one.name, where.model_id, where.years_ago)
        self._numbers = itertools.count(1)
        self._last: list[Message] = []
        self._asked: set[str] = set()
        self._went_back = self._returned = False
        self._used: set[str] = set()
        self.conversation_id = ""

    # --- what one does ---

    def sessions(self, spoken: dict[str, int]) -> Iterator[timedelta]:
        """Hold the conversation; yields how long one is away where one goes away and comes back.

        `spoken`: sentence -> how many have said it so far.
        """
        if self._ending == "stays_away":
            return
        conversation, self._last = self._peil.use_cases.start_conversation(
            "web", self._one.language, {}, code=self._where.code
        )
        self.conversation_id = conversation.id
        for _ in range(_MOST_TURNS):
            pressed = self._button_of("consent", "yes" if self._ending != "refuses" else "no")
            if pressed is not None:
                self._press(pressed)
                if self._ending == "refuses":
                    return
            elif self._about_me():
                continue
            else:
                item_id = self._open_item()
                if item_id is None:
                    break
                away = self._leaves_at(item_id)
                if away is not None:
                    if away == timedelta(0):
                        return
                    yield away
                    self._type("greet")
                    continue
                self._answer(item_id, spoken)
        self._afterwards()

    def _about_me(self) -> bool:
        """Answer what is asked of oneself and of the round: place, model, depth, quoting."""
        wishes = {
            "role_layer": self._one.layer,
            "department": self._one.department,
            "business_line": self._one.line,
            "first_line": "together",
        }
        for token, press in self._presses():
            if press[0] == "seg" and press[2] == wishes[press[1]]:
                self._press(token)
                return True
            if press[0] == "depth" and press[-1] == ("quick" if self._where.quick else "full"):
                self._press(token)
                return True
            if press[0] == "quote" and self._pick(8, "quote") == 0:
                return False  # some leave that question as it is
            if press[0] == "quote" and press[-1] == ("yes" if self._one.quoting else "no"):
                self._press(token)
                return True
        return False

    def _leaves_at(self, item_id: str) -> timedelta | None:
        """How long one is away from here on; zero for good, None for not at all."""
        answered = len(self._asked - {item_id})
        if self._ending == "returns" and not self._returned and answered >= 5 + self._pick(6, "returns"):
            self._returned = True
            self._type("pause")
            return timedelta(hours=16 + 8 * self._pick(8, "night"))
        if self._ending == "leaves":
            stop = _STOPS[self._pick(len(_STOPS), "stop")]
            if item_id == stop or (answered >= 2 and self._pick(25, "stop", item_id) == 0):
                if self._pick(2, "says goodbye"):
                    self._type("pause")
                return timedelta(0)
        return None

    def _answer(self, item_id: str, spoken: dict[str, int]) -> None:
        """Answer the open question: tapped, in own words, skipped; perhaps after asking something."""
        one, language = self._one, self._one.language
        first = item_id not in self._asked
        self._asked.add(item_id)
        hard = _HARD.get(item_id, 0.04)
        if first and self._dice.random() < hard:
            meaning = self._dice.choice(tuple(_ASIDES[language]))
            self._say(self._dice.choice(_ASIDES[language][meaning]), meaning)
        if first and self._dice.random() < 0.008:
            self._asks_for_a_person()
        if first and self._dice.random() < hard * 0.5:
            self._type(self._dice.choice(("skip", "dont_know", "dont_know", "not_applicable")))
            return
        level = level_of(one, item_id, years_ago=self._where.years_ago)
        if not first:
            # Looked at again: one higher or lower than it was.
            level = level + 1 if level < 3 else level - 1
        if first and self._dice.random() < one.talks * 1.2:
            words = self._words_for(item_id, level, spoken)
            if words is not None:
                self._say(words, "take_answer")
                if self._take_proposal(item_id, level):
                    return
        self._tap(level)
        if first and not self._went_back and len(self._asked) > 3 and self._dice.random() < 0.03:
            self._went_back = True
            back = self._button_of("do", "back")
            if back is not None:
                self._press(back)

    def _words_for(self, item_id: str, level: int, spoken: dict[str, int]) -> str | None:
        """What one says at this level: the own department's words, and what was said least so far."""
        mine = (None, self._one.department, self._one.layer)
        known = said(self._where.model_id, self._one.language).get((item_id, level), ())
        fitting = [one for one in known if one.who in mine and one.text not in self._used]
        if not fitting:
            return None
        text = min(fitting, key=lambda one: (spoken.get(one.text, 0), one.who is None, one.text)).text
        if spoken.get(text, 0) >= 3:
            return None
        spoken[text] = spoken.get(text, 0) + 1
        self._used.add(text)
        return text

    def _take_proposal(self, item_id: str, level: int) -> bool:
        """Say what the words meant, if a level was proposed; False when the question stands as it did."""
        if self._open_item() != item_id:
            return True
        pick = self._button_of("pick")
        if pick is None:
            return False
        offered = self._levels()
        if self._dice.random() < 0.12 and len(offered) == 1:
            level = offered[0] + (1 if offered[0] < 3 else -1)
        if level not in offered:
            self._press(pick)
        self._tap(level)
        return True

    def _asks_for_a_person(self) -> None:
        self._type("human")
        name = self._one.name.lower().replace(" ", ".")
        if not self._peil.use_cases.reply_of(self._turn_id):
            return
        self._say(f"{name}@example.org", "take_answer")

    def _afterwards(self) -> None:
        """What some look at after the end."""
        for meaning, often in (("result", 0.15), ("road_map", 0.25)):
            if self._dice.random() < often:
                self._type(meaning)

    # --- how ---

    def _pick(self, of: int, *about: str) -> int:
        """A number below `of`, the same whenever this is asked."""
        return chance(*about, self._one.name, self._where.years_ago).randrange(of)

    def _presses(self) -> list[tuple[str, tuple[str, ...]]]:
        """(Token, what it does) of the newest reply's buttons."""
        read = self._peil.use_cases.knowledge.buttons.read
        buttons = [button for message in self._last for button in message.buttons]
        found = [(button.token, read(self.conversation_id, button.token)) for button in buttons]
        return [(token, press) for token, press in found if press is not None]

    def _button_of(self, *begins: str) -> str | None:
        for token, press in self._presses():
            if press[: len(begins)] == begins:
                return token
        return None

    def _levels(self) -> list[int]:
        """The levels that can be tapped now."""
        return [int(press[-1]) for _, press in self._presses() if press[0] == "a" and press[-1].isdecimal()]

    def _open_item(self) -> str | None:
        with self._peil.store.read() as work:
            conversation = work.conversation(self.conversation_id)
            if conversation is None or conversation.assessment_id is None:
                return None
            run = work.assessment(conversation.assessment_id)
            return None if run is None or run.status != "active" else run.current_item

    def _tap(self, level: int) -> None:
        for token, press in self._presses():
            if press[0] == "a" and press[-1] == str(level):
                self._press(token)
                return
        self._say(str(level), "take_answer")

    def _press(self, token: str) -> None:
        self._turn(None, token, "take_button", self._dice.uniform(6, 35))

    def _type(self, meaning: str) -> None:
        self._say(_TYPED[self._one.language][meaning], meaning)

    def _say(self, text: str, meaning: str) -> None:
        self._turn(text, None, meaning, 8 + len(text) * self._dice.uniform(0.2, 0.6))

    def _turn(self, text: str | None, button: str | None, meaning: str, seconds: float) -> None:
        """`seconds`: how long one thinks and types."""
        self._clock.now += timedelta(seconds=seconds * _slowly(self._dice))
        cases = self._peil.use_cases
        received = cases.receive(
            "web", self.conversation_id, f"demo-{next(self._numbers)}", text=text, button=button
        )
        self._turn_id = received.turn_id
        cases.take_turn(received.turn_id, meaning)
        reply = cases.reply_of(received.turn_id)
        if reply is not None:
            self._last = reply


def _slowly(dice: random.Random) -> float:
    """Now and then the phone rings meanwhile."""
    return dice.uniform(5, 15) if dice.random() < 0.03 else 1.0
