"""Plays every script in tests/conversation/scripts against the real Rasa and action server.

A script is one YAML file: `language`, `model`, `steps`, and `stored`, what the database must hold at the end
(item id -> level, or the kind of answer). A step says something and then looks:

`say`: type this, or each of a list in turn; instead of a text: `{label: 3}`, `{wording: 3}`, `{title: 3}` (as
the open question calls its level 3), or `{text: "ha ", length: 3900}` (so much of it).
`tap`: tap a button by its title or its beginning, or each of a list in turn.
`stale: {from: 4, tap: "2 ·"}`: tap a button of the reply to step 4.
`repeat`: say or tap so many times.

`bot`, `never`: each text must, or must not, stand in the newest reply; `buttons`: each must be there.
`picture`: true, or what its description must say.
`stored`: as at the end, but now. `past`: item id -> all that was ever answered, oldest first.
`runs`: the status of each assessment, oldest first; `[]` when nothing is left of them.
`lang`: the language of the newest reply; `said`: how many messages the whole conversation holds now.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bot import definitions
from bot.service.wording import level_title
from tests.chat import Chat
from tests.stack import Stack

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.yml"))
STEP_KEYS = {"say", "tap", "stale", "repeat", "bot", "never", "buttons", "picture"}
STEP_KEYS |= {"stored", "past", "runs", "lang", "said"}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_script_is_played_to_its_end(path: Path, stack: Stack) -> None:
    script = yaml.safe_load(path.read_text(encoding="utf-8"))
    player = Player(Chat(stack.url, language=script["language"], model=script.get("model")), stack)
    for number, step in enumerate(script["steps"], start=1):
        try:
            player.play(step)
        except AssertionError as error:
            raise AssertionError(f"{path.name}, step {number} {step}: {error}") from error
    assert stack.answers(player.chat.id) == script["stored"]


@dataclass
class Player:
    """Plays one script. `replies` holds the buttons of the reply to each step."""

    chat: Chat
    stack: Stack
    replies: list[dict[str, str]] = field(default_factory=list)

    def play(self, step: dict[str, Any]) -> None:
        unknown = set(step) - STEP_KEYS
        assert not unknown, f"unknown keys {unknown}"
        for _ in range(step.get("repeat", 1)):
            for text in _list(step.get("say")):
                self.chat.say(self.spoken(text))
            for title in _list(step.get("tap")):
                self.chat.tap(str(title))
        if "stale" in step:
            old = self.replies[step["stale"]["from"] - 1]
            (token,) = [old[title] for title in old if title.startswith(step["stale"]["tap"])]
            self.chat.tap_token(token)
        self.replies.append(self.chat.buttons)
        self.look(step)

    def spoken(self, text: Any) -> str:
        """What is typed: a text as it is, or as the open question words it."""
        assert not isinstance(text, bool), "put quotes around yes and no"
        if not isinstance(text, dict):
            return str(text)
        if "length" in text:
            return (text["text"] * text["length"])[: text["length"]]
        ((form, value),) = text.items()
        language = self.chat.last[-1]["lang"]
        run = self.stack.assessments(self.chat.id)[-1]
        files = self.stack.settings.definitions.glob("*.yml")
        model = next(m for m in map(definitions.load, files) if m.id == run["model"])
        item = model.item(run["open_question"])[1]
        level = item.level(value)
        spelled = {"label": level.label[language], "wording": level.text[language]}
        return {**spelled, "title": level_title(language, item, value)}[form]

    def look(self, step: dict[str, Any]) -> None:
        """All that the step expects."""
        for text in _list(step.get("bot")):
            assert text in self.chat.text, f"{text!r} is not in the reply:\n{self.chat.text}"
        for text in _list(step.get("never")):
            assert text not in self.chat.text, f"{text!r} is in the reply:\n{self.chat.text}"
        for title in _list(step.get("buttons")):
            assert title in self.chat.buttons, f"no button {title!r} among {list(self.chat.buttons)}"
        if "picture" in step:
            self.look_at_picture(_list(step["picture"]))
        if "lang" in step:
            assert {message["lang"] for message in self.chat.last} == {step["lang"]}
        if "said" in step:
            assert len(self.chat.history()) == step["said"]
        if "runs" in step:
            assert [run["status"] for run in self.stack.assessments(self.chat.id)] == step["runs"]
        if "stored" in step:
            assert self.stack.answers(self.chat.id) == step["stored"]
        for item_id, answers in step.get("past", {}).items():
            run = self.stack.assessments(self.chat.id)[-1]
            given = [one for one in run["answers"] if one["item"] == item_id]
            assert [one["level"] or one["kind"] for one in given] == answers

    def look_at_picture(self, descriptions: list[Any]) -> None:
        images = [message["image"] for message in self.chat.last if "image" in message]
        assert images, "no picture in the reply"
        for text in descriptions:
            assert text is True or text in images[0]["alt"], f"{text!r} is not in {images[0]['alt']!r}"
        response = httpx.get(self.stack.url + images[0]["url"], trust_env=False)
        assert response.headers["content-type"] == "image/png"
        assert response.content.startswith(b"\x89PNG")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
