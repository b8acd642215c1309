"""What holds of every message that was fitted to a channel, checked field by field, with its own counting."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from bot.channels.contract import Capabilities, Choice, Outgoing, Part

# Stands above buttons that did not fit below the message.
MORE = "MEER-KEUZES:"
# White space that holds words together is part of a word.
_WORDS = re.compile("[^\\s]+(?:[\u00a0\u2007\u202f]+[^\\s]+)*")


def counted(text: str, can: Capabilities) -> int:
    """How long a text is in the channel's units: what lies beyond 16 bits counts twice, where those count."""
    if can.units == "characters":
        return len(text)
    return sum(2 if ord(character) > 0xFFFF else 1 for character in text)


def limit(part: Part, can: Capabilities) -> int:
    """How long the text of this part may be."""
    if part.kind != "text":
        return can.caption
    if part.choices:
        return can.body_with_list
    return can.body_with_buttons if part.rows else can.text


def seen(text: str) -> str:
    """The characters of a text that can be seen by themselves."""
    return "".join(
        character
        for character in text
        if unicodedata.category(character)[0] not in "ZM"
        and unicodedata.category(character) not in ("Cc", "Cf", "Cn", "Cs")
        and character not in "\u115f\u1160\u3164\uffa0\u2800"
    )


def choices(part: Part) -> list[Choice]:
    """All that can be tapped below a part."""
    return [choice for row in part.rows for choice in row] + list(part.choices)


def check_limits(parts: Sequence[Part], can: Capabilities) -> None:
    """Nothing is over a limit, or empty where a channel refuses that."""
    for part in parts:
        assert counted(part.text, can) <= limit(part, can)
        assert counted(part.text, can) + 2 * len(part.strong) <= limit(part, can) or not part.strong
        assert part.kind in ("picture", "document") or seen(part.text)
        assert (part.source != ()) == (part.kind != "text")
        assert not (part.rows and part.choices)
        assert all(part.rows)
        if part.kind == "document" or (part.kind == "picture" and not can.inline):
            assert not choices(part)
        assert sum(len(row) for row in part.rows) <= can.buttons
        for row in part.rows:
            assert len(row) <= 8
            for choice in row:
                assert 0 < counted(choice.title, can) <= can.button_title
                assert 0 < len(choice.data.encode()) <= can.button_data
                assert not choice.description
        assert len(part.choices) <= can.rows
        assert bool(part.list_button) == bool(part.choices)
        assert counted(part.list_button, can) <= max(can.list_button, 0)
        for choice in part.choices:
            assert 0 < counted(choice.title, can) <= can.row_title
            assert 0 < len(choice.data.encode()) <= can.row_data
            assert counted(choice.description, can) <= can.row_description
        titles = [choice.title for choice in choices(part)]
        assert can.inline or len(set(titles)) == len(titles)
        behind = 0
        for start, stop in part.strong:
            assert behind <= start < stop <= len(part.text)
            assert part.text[start:stop] == part.text[start:stop].strip()
            behind = stop


def check_words(parts: Sequence[Part], outgoing: Outgoing, can: Capabilities) -> None:
    """All words of the message and of its links are there, in order, and cut only where they had to be.

    The titles of the links are to begin with 'LINK', the description of the picture with 'PICTURE'.
    """
    links = [word for title, address in outgoing.links for word in f"{title}: {address}".split()]
    texts = [
        (part, word)
        for part in parts
        if part.text != MORE and not (part.kind == "picture" and part.text.startswith("PICTURE"))
        for word in _WORDS.findall(part.text)
        if seen(word)
    ]
    if outgoing.links:
        first = next(place for place, (_, word) in enumerate(texts) if word.startswith("LINK"))
        for place in range(first, first + len(links)):
            assert texts[place][1] == links[place - first]
        del texts[first : first + len(links)]
    whole = [word for word in _WORDS.findall(outgoing.message.text) if seen(word)]
    place, rest = 0, seen(whole[0]) if whole else ""
    for part, word in texts:
        said = seen(word)
        assert rest.startswith(said)
        if said != rest:
            assert counted(whole[place], can) > min(limit(part, can), can.text)
        rest = rest[len(said) :]
        if not rest:
            place += 1
            rest = seen(whole[place]) if place < len(whole) else ""
    assert place == len(whole)


def check_order(parts: Sequence[Part], outgoing: Outgoing) -> None:
    """Buttons stand at the end of the text, and files before them."""
    asking = [place for place, part in enumerate(parts) if choices(part)]
    kinds = [part.kind for part in parts]
    assert [part.source for part in parts if part.kind == "document"] == list(outgoing.documents)
    assert kinds.count("picture") == (outgoing.message.picture_id is not None)
    assert "picture" not in kinds or kinds[:1] == ["picture"] or kinds[0] == "document"
    if asking:
        assert asking == list(range(asking[0], len(parts)))
        assert all(part.text == MORE for part in parts[asking[0] + 1 :])
