"""Whole conversations of every maturity model in both languages, each message fitted to each chat channel."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.assessment.records import Message
from bot.channels.contract import Capabilities, Outgoing
from bot.channels.fitting import TELEGRAM, TOGGLE, WHATSAPP, fit, toggle
from bot.texts import say
from tests.fitted import MORE, check_limits, check_order, check_words, choices
from tests.integration.parts import Clock, House, Person

MODELS = Path(__file__).resolve().parent.parent.parent / "models" / "maturity"
# What ends a conversation or leaves its model, and is no part of this walk.
_NOT = ("menu.erase", "menu.start_over", "menu.another", "again.button")


@pytest.fixture(scope="module")
def real_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Peil's parts on SQLite with the real maturity models."""
    folder = tmp_path_factory.mktemp("models")
    house = House(folder, f"sqlite:///{folder / 'peil.db'}", Clock())
    house.publish(**{path.stem: path.read_text(encoding="utf-8") for path in MODELS.glob("*.yml")})
    yield house
    house.close()


def outgoing(message: Message) -> Outgoing:
    """The message with addresses as long as ours are, and its report as a file."""
    links = [
        (f"LINK-{link.kind}", f"https://peil.example.org/r/{link.id}.{'k' * 43}") for link in message.links
    ]
    documents = [("report", link.id) for link in message.links if link.kind == "report"]
    return Outgoing(message, tuple(links), tuple(documents), open_list="Kies", more=MORE)


class Walker:
    """A respondent of whom every message is looked at on both channels."""

    def __init__(self, house: House, model: str, language: str) -> None:
        self.person = Person(house, language, {"model": model}, segments={}, agrees=False)
        self.looked = 0  # messages, on each channel
        # What WhatsApp's last keyboard left out.
        self.missing: set[str] = set()
        self.look()

    def press(self, token: str) -> None:
        self.person.press(token)
        self.look()

    def look(self) -> None:
        for message in self.person.last:
            self.missing = set()
            for can in (TELEGRAM, WHATSAPP):
                self.looked += 1
                self._check(message, can)

    def _check(self, message: Message, can: Capabilities) -> None:
        one = outgoing(message)
        parts = fit(one, can)
        check_limits(parts, can)
        check_words(parts, one, can)
        check_order(parts, one)
        found = {choice.data for part in parts for choice in choices(part)}
        missing = {button.token for button in message.buttons} - found
        if can is TELEGRAM:
            assert not missing
            assert len(parts) == 1 + len(one.documents)
            if message.form is not None:
                rows = parts[-1].rows
                assert sum(choice.data.startswith(TOGGLE) for row in rows for choice in row) == len(
                    message.form.entries
                )
                assert toggle(rows, rows[0][0].data) != rows
        else:
            self.missing = missing
            menu = say(message.language, "menu.more")
            if any(button.title == menu for button in message.buttons):
                # One list a question, however many answers it has.
                assert sum(bool(choices(part)) for part in parts) == 1
                assert any(choice.title == menu for choice in choices(parts[-1]))
            else:
                assert not missing

    @property
    def shows_a_picture(self) -> bool:
        return any(message.picture_id for message in self.person.last)

    def look_into_the_menu(self) -> None:
        """What was left out below the question is in its menu."""
        left = self.missing
        self.person.tap(say(self.person.last[-1].language, "menu.more"))
        self.look()
        assert left <= set(self.person.buttons.values())

    def answer(self, turn: int) -> None:
        message = self.person.last[-1]
        if message.form is not None:
            marks = ["-"] * message.form.of
            for place, (number, _) in enumerate(message.form.entries):
                if (place + turn) % 3 == 0:
                    marks[number - 1] = list(message.form.marks)[(place + turn) % len(message.form.marks)]
            self.press(f"{message.form.token}~{''.join(marks)}")
            return
        levels = [button for button in message.buttons if button.style == "level"]
        buttons = levels or [button for button in message.buttons if button.style == "choice"]
        self.press(buttons[turn % len(levels) if levels else 0].token)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("model", sorted(path.stem for path in MODELS.glob("*.yml")))
def test_a_whole_conversation_fits_both_channels(real_house, model, language):
    walker = Walker(real_house, model, language)
    walker.press(walker.person.last[-1].buttons[0].token)
    explain, menus = say(language, "question.explain"), 0
    for turn in itertools.count(1):
        if walker.shows_a_picture:
            break
        assert turn < 80, "the end is never reached"
        if explain in walker.person.buttons and turn % 4 == 0:
            walker.press(walker.person.buttons[explain])
        if walker.missing and menus < 5:
            menus += 1
            walker.look_into_the_menu()
        walker.answer(turn)

    # The steps are placed one by one until their matrix is there.
    walker.press(walker.person.token(say(language, "road.button")))
    walker.press(walker.person.token(say(language, "road.place")))
    for turn in range(40):
        if walker.shows_a_picture:
            break
        walker.answer(turn)
    assert walker.shows_a_picture
    walker.look_into_the_menu()
    for title, token in dict(walker.person.buttons).items():
        if title not in {say(language, key) for key in _NOT}:
            walker.press(token)
    assert walker.looked > 100
