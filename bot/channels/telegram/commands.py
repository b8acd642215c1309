"""The commands of the menu: names and descriptions stand in bot/texts, what they do in the dialogue."""

from __future__ import annotations

import re
from functools import cache

from bot.texts import LANGUAGES, texts

START = "start"
"""What Telegram itself sends for whoever opens the chat; behind it stands the code of a link."""

# What is to be done (the words of bot.service.asking and bot.service.side_talk), the key of the command, the
# key of its description; in the order of the menu.
_COMMANDS = (
    ("menu", "telegram.command_menu", "telegram.about_menu"),
    ("back", "telegram.command_back", "telegram.about_back"),
    ("skip", "telegram.command_skip", "telegram.about_skip"),
    ("progress", "telegram.command_progress", "telegram.about_progress"),
    ("pause", "telegram.command_pause", "telegram.about_pause"),
    ("elsewhere", "telegram.command_elsewhere", "telegram.about_elsewhere"),
    ("report", "telegram.command_report", "telegram.about_report"),
    ("switch_language", "telegram.command_language", "telegram.about_language"),
    ("human", "telegram.command_human", "telegram.about_human"),
    ("my_data", "telegram.command_my_data", "telegram.about_my_data"),
    ("erase", "telegram.command_erase", "telegram.about_erase"),
)

_COMMAND = re.compile(r"\s*/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?(?:\s+(\S.*))?\s*", re.DOTALL)


def menu(language: str) -> list[tuple[str, str]]:
    """Name and description of every command of the menu, in its order."""
    return [(texts(language)[name], texts(language)[about]) for _, name, about in _COMMANDS]


def meaning_of(text: str, username: str | None = None) -> tuple[str | None, str]:
    """What a text that is a command asks for, and what stands behind it; (None, '') for any other text.

    `username`: of our bot, where it is known; a command with another bot's name is not for us. A command is
    understood in every language, whichever the menu was shown in.
    """
    found = _COMMAND.fullmatch(text)
    if found is None:
        return None, ""
    name, addressed, payload = found.groups()
    if addressed and username and addressed.lower() != username.lower():
        return None, ""
    what = _by_name().get(name.lower())
    return what, (payload or "").strip() if what else ""


@cache
def _by_name() -> dict[str, str]:
    known = {texts(language)[key]: what for language in LANGUAGES for what, key, _ in _COMMANDS}
    return known | {START: START}
