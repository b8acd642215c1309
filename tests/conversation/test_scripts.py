"""Plays every script in tests/conversation/scripts against the real Rasa and action server, in each channel.

A script is one YAML file: `language`, `model`, `steps`, and `stored`, what the database must hold at the end
(item id -> level, or the kind of answer). `segments`: what is known beforehand of role, department and
customers; left out, all of it is; with `{}` nothing is, so it is asked. `depth`: `quick` or `full`; left out,
all questions are asked. A step says something and looks:

`say`: type this, or each of a list in turn; instead of a text: `{label: 3}`, `{wording: 3}`, `{title: 3}` (as
the open question calls its level 3), or `{text: "ha ", length: 3900}` (so much of it).
`tap`: tap a button by its title or its beginning, or each of a list in turn.
`stale: {from: 4, tap: "2 ·"}`: tap a button of the reply to step 4.
`repeat`: say or tap so many times.
`back: {device: phone}`: open the way back that was shown last (`link: 1`: the first one) in a browser on this
device, where the script then goes on; with `refused: true` it must not work.

`bot`, `never`: each text must, or must not, stand in the newest reply; `buttons`: each must be there.
`open`: the reply is a single message, and it ends with this question (in full or, where it is still in sight,
with no more than what its levels are called) and its buttons: the number of a question of the assessment,
which must be the open one in the database too, or the head of another one.
`picture`: true, or what its description must say; `table`: first cell of a row -> the other cells.
`shows`: the kinds of the links in the newest reply that work.
`page: {link: share, status: 200, lang: en, shows: [], hides: []}`: what a link that was shown leads to, the
last one of its kind or with `from: 1` the first; status 200 where it is left out.
`file: {shows: [], hides: [], segments: {}, answers: {}}`: what the file of all data holds.
`stored`: as at the end, but now. `past`: item id -> all that was ever answered, oldest first.
`placed`: item id -> what is kept of the newest own words about it: `words` (all of them), `certainty` (or a
list that it must be one of), `proposed` (a list: the levels as they were shown, lower first; a number: among
them), `ahead`, `declined`, and `chosen`: the answer they led to, kept side by side with them. Left out:
anything. Always: their quote stands in them. For the item nothing at all: no own words about it.
`runs`: the status of each assessment, oldest first; `[]` when nothing is left of them. `lines`: the customers
that each is about. `known`: segments as stored. `links`: kind -> open or ended for each link, oldest first.
`requests`: each wish for a person, with question and contact.
`lang`: the language of the newest reply; `said`: how many messages the whole conversation holds now.
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bot import definitions
from bot.assessment.definitions import MaturityModel
from bot.service.wording import level_title
from tests.channel_chats import ChannelChat, start
from tests.chat import SEGMENTS, Chat
from tests.stack import Stack

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.yml"))
STEP_KEYS = {"say", "tap", "stale", "repeat", "back", "bot", "never", "buttons", "open", "picture", "table"}
STEP_KEYS |= {"shows", "page", "file", "stored", "past", "runs", "lines", "known", "links", "requests"}
STEP_KEYS |= {"lang", "said", "placed"}
PLACED_KEYS = {"words", "certainty", "proposed", "ahead", "declined", "chosen"}
SCRIPT_KEYS = {"language", "model", "segments", "depth", "steps", "stored"}
CHANNELS = ("web", "telegram", "whatsapp")
# Everybody in a chat channel comes by a campaign's link, and some of it is otherwise in a campaign. What it
# says of everybody holds again once a person's own data was erased, so nothing of that is asked: script ->
# number of the step -> what to expect in its place, or None for the answers to what is not asked.
IN_A_CAMPAIGN: dict[str, dict[int, dict[str, Any] | None]] = {
    "en-erases": {13: {"open": 1, "known": SEGMENTS}, 14: None},
    "en-refuses-and-comes-back": {
        5: {"bot": ["Here we go", "Question 1 of 18"], "runs": ["active"]},
        6: None,
    },
    "en-shares-and-erases": {9: {"known": SEGMENTS}, 10: {"known": SEGMENTS}},
    "nl-erases": {11: {"open": 1, "known": SEGMENTS, "runs": ["active"]}, 12: None},
    "nl-refuses-and-comes-back": {
        8: {"bot": ["Fijn, daar gaan we", "Vraag 1 van 18"], "runs": ["active"]},
        9: None,
    },
}
# The same in other words: text of a script -> how it is said in a campaign by name, and in a chat, where one
# comes back by writing.
OTHER_WORDS = {
    "beheerder van deze chat": "wie deze chat beheert",
    "you carry on with this question": "Just write to me here when you want to go on",
}
HEADER = {"nl": "Vraag {number} van ", "en": "Question {number} of "}


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_script_is_played_to_its_end(path: Path, channel: str, stack: Stack) -> None:
    script = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(script) <= SCRIPT_KEYS, f"unknown keys {set(script) - SCRIPT_KEYS}"
    servers = stack.servers
    assert servers is not None
    refused = servers.refused
    chat = start(
        channel,
        stack,
        language=script["language"],
        model=script.get("model"),
        segments=script.get("segments"),
        depth=script.get("depth", "full"),
    )
    player = Player(chat, stack)
    for number, step in enumerate(script["steps"], start=1):
        if channel != "web":
            step = in_a_campaign(path.stem, number, step)
        try:
            player.play(step)
        except AssertionError as error:
            raise AssertionError(f"{path.name}, step {number} {step}: {error}") from error
    assert player.stored() == script["stored"]
    assert servers.refused == refused


def in_a_campaign(name: str, number: int, step: dict[str, Any]) -> dict[str, Any]:
    """A step of a script as it is where the person came by a campaign's link."""
    changes = IN_A_CAMPAIGN.get(name, {}).get(number, {})
    if changes is None:
        return {}
    words = [OTHER_WORDS.get(text, text) for text in _list(step.get("bot"))]
    return {**step, **({"bot": words} if words else {}), **changes}


@cache
def loaded(folder: Path) -> dict[str, MaturityModel]:
    """The maturity models of a folder by id, read once."""
    return {model.id: model for model in map(definitions.load, folder.glob("*.yml"))}


@dataclass
class Player:
    """Plays one script. `replies`: the buttons of the reply to each step; `shown`: kind -> its addresses.

    `before`: what was said before the newest reply in the same step, where that took another one.
    """

    chat: Chat | ChannelChat
    stack: Stack
    replies: list[dict[str, str]] = field(default_factory=list)
    shown: dict[str, list[str]] = field(default_factory=dict)
    before: str = ""

    def play(self, step: dict[str, Any]) -> None:
        unknown = set(step) - STEP_KEYS
        assert not unknown, f"unknown keys {unknown}"
        for _ in range(step.get("repeat", 1)):
            for text in _list(step.get("say")):
                self.chat.say(self.spoken(text))
                self.remember_links()
            for title in _list(step.get("tap")):
                self.chat.tap(str(title))
                self.remember_links()
        if "stale" in step:
            old = self.replies[step["stale"]["from"] - 1]
            (token,) = [old[title] for title in old if title.startswith(step["stale"]["tap"])]
            self.chat.tap_token(token)
        if "back" in step:
            self.come_back(**step["back"])
        self.before = ""
        self.remember_links()
        self.ask_for_what_a_chat_shows_only_then(step)
        self.replies.append(self.chat.buttons)
        self.look(step)

    def ask_for_what_a_chat_shows_only_then(self, step: dict[str, Any]) -> None:
        """In a chat whoever goes, goes: the question waits, and the way back is given to who asks for it.

        So both are asked for, and then looked at as on the web.
        """
        if isinstance(self.chat, Chat):
            return
        wants_link = "back" in _list(step.get("shows")) and "back" not in dict(self.chat.links)
        if (self.chat.says_goodbye and "open" in step) or wants_link:
            self.before = f"{self.chat.text}\n\n"
            self.chat.ask_for_link()
            self.remember_links()

    def remember_links(self) -> None:
        """What was shown stays in somebody's hands, whatever becomes of the conversation."""
        for kind, address in self.chat.links:
            known = self.shown.setdefault(kind, [])
            if address is not None and address not in known:
                known.append(address)

    def come_back(self, device: str, *, link: int = 0, refused: bool = False) -> None:
        address = self.shown["back"][link - 1]
        response, self.chat = self.chat.come_back(address, f"{device}-of-the-test-suite")
        assert response.status_code == (410 if refused else 200), response.text

    def stored(self) -> dict[str, Any]:
        """The answers that hold in the newest assessment; none where there is no assessment."""
        return self.stack.answers(self.chat.id) if self.stack.assessments(self.chat.id) else {}

    def spoken(self, text: Any) -> str:
        """What is typed: a text as it is, or as the open question words it."""
        assert not isinstance(text, bool), "put quotes around yes and no"
        if not isinstance(text, dict):
            return str(text)
        if "length" in text:
            return str(text["text"] * text["length"])[: text["length"]]
        ((form, value),) = text.items()
        (language,) = self.chat.languages
        run = self.stack.assessments(self.chat.id)[-1]
        model = loaded(self.stack.settings.definitions)[run["model"]]
        item = model.item(run["open_question"])[1]
        level = item.level(value)
        spelled = {"label": level.label[language], "wording": level.text[language]}
        return {**spelled, "title": level_title(language, item, value)}[form]

    def look(self, step: dict[str, Any]) -> None:
        """All that the step expects."""
        said = self.before + self.chat.text
        for text in _list(step.get("bot")):
            assert text in said, f"{text!r} is not in the reply:\n{said}"
        for text in _list(step.get("never")):
            assert text not in said, f"{text!r} is in the reply:\n{said}"
        for title in _list(step.get("buttons")):
            # Where a channel has room for few of them, the others stand behind the menu.
            shown = [*self.chat.buttons, *self.chat.behind_the_menu]
            assert title in shown, f"no button {title!r} among {shown}"
        if "open" in step:
            self.look_at_open_question(step["open"])
        if "picture" in step:
            self.look_at_picture(_list(step["picture"]))
        for name, cells in step.get("table", {}).items():
            assert self.chat.rows.get(name) == cells, f"the table is {self.chat.rows}"
        if "shows" in step:
            assert sorted(kind for kind, url in self.chat.links if url) == sorted(step["shows"])
        for page in _list(step.get("page")):
            self.look_at_page(**page)
        if "file" in step:
            self.look_at_file(**step["file"])
        if "lang" in step:
            assert self.chat.languages == {step["lang"]}
        if "said" in step:
            assert len(self.chat.history()) == step["said"]
        if "runs" in step:
            assert [run["status"] for run in self.stack.assessments(self.chat.id)] == step["runs"]
        if "stored" in step:
            assert self.stored() == step["stored"]
        if "lines" in step:
            assert self.stack.lines(self.chat.id) == step["lines"]
        if "known" in step:
            conversation = self.stack.conversation(self.chat.id)
            assert conversation is not None
            assert conversation.segments == step["known"]
        if "links" in step:
            assert self.stack.links(self.chat.id) == step["links"]
        if "requests" in step:
            assert self.stack.help_requests(self.chat.id) == step["requests"]
        for item_id, expected in step.get("placed", {}).items():
            self.look_at_own_words(item_id, expected)
        for item_id, answers in step.get("past", {}).items():
            run = self.stack.assessments(self.chat.id)[-1]
            given = [one for one in run["answers"] if one["item"] == item_id]
            assert [one["level"] or one["kind"] for one in given] == answers

    def look_at_own_words(self, item_id: str, expected: dict[str, Any] | None) -> None:
        kept, led_to = self.stack.own_words(self.chat.id, item_id)
        if expected is None:
            assert kept is None, f"there are own words: {kept}"
            return
        unknown = set(expected) - PLACED_KEYS
        assert not unknown, f"unknown keys {unknown}"
        assert kept is not None, f"there are no own words about {item_id}"
        assert kept.quote
        assert kept.quote in " ".join(kept.words.split()), f"not said: {kept.quote!r}"
        proposed = sorted(kept.proposed)
        for key, value in expected.items():
            found = {"proposed": proposed, "chosen": led_to}.get(key, getattr(kept, key, None))
            if key == "certainty":
                assert found in _list(value), f"{key} is {found!r} in {kept}"
            elif key == "proposed" and isinstance(value, int):
                assert value in proposed, f"{value} is not among {proposed} in {kept}"
            else:
                assert found == value, f"{key} is {found!r} in {kept}"

    def look_at_open_question(self, question: int | str) -> None:
        assert self.chat.messages == 1, f"{self.chat.messages} messages"
        said = self.chat.text
        if isinstance(question, int):
            run = self.stack.assessments(self.chat.id)[-1]
            model = loaded(self.stack.settings.definitions)[run["model"]]
            item_id = model.item_ids()[question - 1]
            assert run["open_question"] == item_id
            item, (language,) = model.item(item_id)[1], self.chat.languages
            _, found, rest = said.rpartition(HEADER[language].format(number=question))
            assert found, f"question {question} is not open in the message:\n{said}"
            titles = [level_title(language, item, level.value) for level in item.levels]
            # In full or, where that is still in sight, no more than what each level is called.
            briefly = rest.rstrip().endswith(titles[-1])
            levels = titles if briefly else [level.text[language] for level in item.levels]
            for text in (item.question[language], *levels):
                assert text in rest, f"{text!r} is not at the end of the message"
        else:
            assert question in said, f"{question!r} is not in the message:\n{said}"
            titles = ["1 ·", "2 ·", "3 ·"]
        for title in titles:
            assert any(one.startswith(title) for one in self.chat.buttons), f"no button {title!r}"

    def look_at_page(
        self,
        link: str,
        *,
        status: int = 200,
        lang: str | None = None,
        shows: Any = None,
        hides: Any = None,
        **which: int,
    ) -> None:
        """Open the page as anybody could who has the address: without the conversation's token."""
        address = self.shown[link][which.get("from", 0) - 1]
        parameters = {"lang": lang} if lang else {}
        response = httpx.get(self.stack.url + address, params=parameters, trust_env=False)
        assert response.status_code == status, f"{address[:3]} answers {response.status_code}"
        page = html.unescape(response.text)
        for text in _list(shows):
            assert text in page, f"{text!r} is not on the page:\n{page}"
        for text in _list(hides):
            assert text not in page, f"{text!r} is on the page:\n{page}"
        if status == 200:
            picture = httpx.get(f"{self.stack.url}{address}/radar.png", trust_env=False)
            assert picture.content.startswith(b"\x89PNG")

    def look_at_file(
        self,
        *,
        shows: Any = None,
        hides: Any = None,
        segments: dict[str, str] | None = None,
        answers: dict[str, Any] | None = None,
    ) -> None:
        content = self.chat.document(self.shown["data"][-1]).decode()
        found = json.loads(content)
        for text in _list(shows):
            assert text in content, f"{text!r} is not in the file:\n{content}"
        for text in _list(hides):
            assert text not in content, f"{text!r} is in the file:\n{content}"
        if segments is not None:
            assert found["conversation"]["about_you"] == segments
        if answers is not None:
            given = found["assessments"][-1]["answers"]
            assert {
                one["question"]: one["level"] or one["answer"] for one in given if one["holds"]
            } == answers

    def look_at_picture(self, descriptions: list[Any]) -> None:
        assert self.chat.pictures, "no picture in the reply"
        words, content = self.chat.pictures[0]
        for text in descriptions:
            assert text is True or text in words, f"{text!r} is not in {words!r}"
        assert content.startswith(b"\x89PNG")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
