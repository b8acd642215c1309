"""Respondents in Telegram and WhatsApp: they hold the conversations that tests.chat.Chat holds on the web.

Each sits at the person's side of a small server of our own and sees nothing but what was sent there. After
every reply it is held against the transcript: all of it arrived, in order, and nothing but that, once.
"""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import httpx

from bot.assessment.records import Account, Button, Message, spent_mark
from bot.channels.whatsapp.arrivals import message_id as short_id
from bot.service.campaign_input import NewCampaign
from bot.service.campaigns import Links
from bot.texts import LANGUAGES, say, texts
from tests.chat import SEGMENTS, Chat, opened
from tests.stack import Stack
from tests.telegram_server import Line

_PNG = b"\x89PNG\r\n\x1a\n"
_ADDRESS = re.compile(r"https?://\S+")
# How the address of a link goes on behind the gateway's own.
_KINDS = {"/r/": "result", "/s/": "share", "/#back=": "back", "/#move=": "move"}
_FILES = {"chat.report_file": "report", "chat.data_file": "data"}
_ELLIPSIS = "…"
_LINK = {"nl": "geef me een link om later terug te komen", "en": "give me a link to come back later"}
# Seconds after which the database is asked in any case whether a turn is done: some need no reply.
_LOOK = 0.5
_campaigns = threading.Lock()


def campaign(
    stack: Stack,
    language: str,
    *,
    model: str | None = None,
    segments: Mapping[str, str] | None = None,
    depth: str | None = "full",
) -> Links:
    """The ways into a campaign about this model (None: about all on offer), made where there is none.

    `language`: in which it begins. `segments`: what is known of everybody, SEGMENTS unless said. `depth`:
    None leaves it to each.
    """
    known = dict(SEGMENTS if segments is None else segments)
    with stack.peil.store.read() as work:
        offered = [model_id for model_id, _ in work.offered()]
    about = (model,) if model is not None else tuple(offered)
    key = (about, language, depth, tuple(sorted(known.items())))
    with _campaigns:
        if key not in stack.ways_in:
            made = stack.peil.campaigns.create(
                NewCampaign(
                    organisation="Theehuis De Ketel",
                    name=f"Ronde {len(stack.ways_in) + 1}",
                    models=about,
                    anonymous=False,
                    depth=depth,
                    segments=known,
                )
            )
            [invitation] = stack.peil.campaigns.invite(made.campaign.id, "open", language=language)
            stack.ways_in[key] = stack.peil.campaigns.links(made.campaign, invitation)
        return stack.ways_in[key]


@dataclass(frozen=True)
class Seen:
    """A message as it stands in the chat. `choices`: titles and tokens of what can be tapped below it."""

    text: str
    choices: tuple[tuple[str, str], ...] = ()
    content: bytes = b""
    filename: str = ""


class ChannelChat:
    """One conversation in a chat channel. `reply`: the newest reply in the transcript; `new`: as it was seen.

    `code`: what the chat is opened with, where it is not to be that of a campaign (see `campaign`). `before`:
    the conversation that this code hands over. `detours`: the turns that it took besides, for what stands
    behind the menu in this channel, or has to be asked for.
    """

    channel: ClassVar[str]

    def __init__(
        self,
        stack: Stack,
        *,
        language: str = "nl",
        model: str | None = None,
        segments: Mapping[str, str] | None = None,
        depth: str | None = "full",
        code: str | None = None,
        before: str | None = None,
    ) -> None:
        self.stack = stack
        self.reply: list[Message] = []
        self.new: list[Seen] = []
        self.documents: list[tuple[str, bytes]] = []
        self.detours: set[str | None] = set()
        self._read = 0
        self.account = self._account(language)
        way = code
        if way is None:
            links = campaign(stack, language, model=model, segments=segments, depth=depth)
            way = self._way(links)
        self._before = before
        self._do(lambda: self._open(way))

    # --- what a channel does in its own way ---

    def _account(self, language: str) -> str:
        """Somebody new whose app speaks this language: how the channel names the chat."""
        raise NotImplementedError

    def _way(self, links: Links) -> str:
        return links.urls[self.channel]

    def _open(self, way: str) -> str:
        """Open the chat by a link or with a code; the message's id as Peil names it. So do the others."""
        raise NotImplementedError

    def _type(self, text: str) -> str:
        raise NotImplementedError

    def _tap(self, token: str) -> str:
        raise NotImplementedError

    def _seen(self) -> list[Seen]:
        """All that the bot has sent to this chat, as it stands there now."""
        raise NotImplementedError

    def _has_more(self, seen: int) -> bool:
        """Whether more messages than these have come; may say so where that is not known."""
        return True

    def _calmed(self, seen: int) -> None:
        """Look at what becomes true behind a reply. `seen`: how many messages had been seen before it."""

    def mark(self, marks: Mapping[int, str] | None = None) -> str:
        """Mark these entries of the newest form (number -> mark) and send it; what the bot said."""
        raise NotImplementedError

    # --- what the person does ---

    def say(self, text: str) -> str:
        """Type this; what the bot said."""
        return self._do(lambda: self._type(text))

    def tap(self, title: str) -> str:
        """Tap what has this title in the transcript, or begins so ('3 ·'); what the bot said.

        A number before it ('6 · Theehuisscan') may be left out.
        """
        token = self._found(title)
        if token is None and self._found(title, self.behind_the_menu) is not None:
            self._detour(lambda: self._tap(self._menu or ""))
            token = self._found(title)
        assert token is not None, f"there is no button {title!r}; there are {list(self.buttons)}"
        return self.tap_token(token)

    def tap_token(self, token: str) -> str:
        """Tap a button by its token, also one of an older message; what the bot said."""
        return self._do(lambda: self._tap(token))

    def ask_for_link(self) -> None:
        """Ask for the way back, which a chat has no need to show to whoever did not ask for it."""
        (language,) = self.languages
        self._detour(lambda: self._type(_LINK[language]))

    def _detour(self, act: Callable[[], str]) -> None:
        self._do(act)
        self.detours |= {message.turn_id for message in self.reply}

    def come_back(self, address: str, device: str) -> tuple[httpx.Response, ChannelChat | Chat]:
        """Open a way back in a browser on this device; where that works, the conversation goes on there."""
        response = opened(self.stack.url, address, device)
        if response.status_code != 200:
            return response, self
        return response, Chat(self.stack.url, token=response.json()["token"])

    def _found(self, title: str, among: Mapping[str, str] | None = None) -> str | None:
        buttons = self.buttons if among is None else among
        found = [name for name in buttons if name == title]
        found = found or [name for name in buttons if name.startswith(title)]
        found = found or [name for name in buttons if name.partition(" · ")[2].startswith(title)]
        return buttons[found[0]] if found else None

    # --- what the person sees ---

    @property
    def id(self) -> str:
        """The conversation that is held in this chat now."""
        held = self._held()
        assert held is not None, "no conversation is held in this chat"
        return held.conversation_id

    @property
    def text(self) -> str:
        """All that the bot sent in its newest reply, one message after another."""
        return "\n\n".join(one.text for one in self.new if one.text)

    @property
    def messages(self) -> int:
        """How many messages of the transcript the newest reply is."""
        return len(self.reply)

    @property
    def says_goodbye(self) -> bool:
        """Whether that was a short goodbye, after which nothing is asked until the person writes again."""
        return any(
            button.title == say(message.language, "side.continue")
            for message in self.reply
            for button in message.buttons
        )

    @property
    def languages(self) -> set[str]:
        """The languages of the newest reply's messages."""
        return {message.language for message in self.reply}

    @property
    def buttons(self) -> dict[str, str]:
        """Title, as in the transcript -> token of what can be tapped below the newest reply."""
        shown = {token for one in self.new for _, token in one.choices}
        return {button.title: button.token for button in self._buttons if button.token in shown}

    @property
    def behind_the_menu(self) -> dict[str, str]:
        """The same of what did not fit below it, where a button of the menu leads there."""
        shown = self.buttons
        left = [button for button in self._buttons if button.title not in shown]
        return {button.title: button.token for button in left} if self._menu is not None else {}

    @property
    def _buttons(self) -> list[Button]:
        return [button for message in self.reply for button in message.buttons]

    @property
    def _menu(self) -> str | None:
        """The token of the button behind which all other ones are."""
        titles = [say(language, "menu.more") for language in LANGUAGES]
        return next((token for title, token in self.buttons.items() if title in titles), None)

    @property
    def links(self) -> list[tuple[str, str | None]]:
        """Kind and address of the newest reply's links; a document is a link of its kind, and one of ours."""
        found: list[tuple[str, str | None]] = []
        for address in _ADDRESS.findall(self.text):
            path = address.removeprefix(self.stack.settings.public_url)
            kind = next((kind for start, kind in _KINDS.items() if path.startswith(start)), None)
            if path == address:
                assert urlsplit(address).hostname in ("t.me", "wa.me"), "an address that is not ours"
                kind = "move"
            assert kind is not None, f"what kind of link begins with {path[:8]!r}?"
            found.append((kind, path))
        for one in self.new:
            names = [key for key in _FILES if one.filename in {say(code, key) for code in LANGUAGES}]
            found += [(_FILES[key], f"document:{self._kept(one, _FILES[key])}") for key in names]
        return found

    def _kept(self, one: Seen, kind: str) -> int:
        if (kind, one.content) not in self.documents:
            self.documents.append((kind, one.content))
        return self.documents.index((kind, one.content))

    def document(self, address: str) -> bytes:
        """A file that was sent, by the address that `links` gives it."""
        return self.documents[int(address.removeprefix("document:"))][1]

    @property
    def pictures(self) -> list[tuple[str, bytes]]:
        """The pictures of the newest reply, each with all that was said with it."""
        return [(self.text, one.content) for one in self.new if one.content.startswith(_PNG)]

    @property
    def rows(self) -> dict[str, list[str]]:
        """First cell of a row -> the other cells: in a chat a table is a line of text for each row."""
        found = {}
        for language in self.languages:
            for key in ("result.line_no_target", "result.line"):
                line = re.escape(texts(language)[key]).replace(r"\{score\}", r"(?P<score>\d[.,]\d)")
                pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", line)
                for match in re.finditer(f"^{pattern}$", self.text, re.MULTILINE):
                    found[match["dimension"]] = [match["score"]]
                    if key == "result.line":
                        cells = [f"{match['staged']} · {match['level']}", match["target"]]
                        found[match["dimension"]] += cells
        return found

    def history(self) -> list[Message]:
        """The conversation as it stands on the server, without the detours."""
        with self.stack.peil.store.read() as work:
            messages = work.messages(self.id)
        return [message for message in messages if message.turn_id not in self.detours]

    # --- doing something, and waiting until all that comes of it is there ---

    def _held(self) -> Account | None:
        mark = self.stack.peil.chats._mark(self.channel, self.account)
        with self.stack.peil.store.read() as work:
            return next(iter(work.accounts(self.channel, mark)), None)

    def _do(self, act: Callable[[], str], seconds: float = 60) -> str:
        known = self._known()
        seen = len(self._seen())
        message_id = act()
        until, look = time.monotonic() + seconds, time.monotonic() + _LOOK
        # The database is asked once something has come, and now and then, since it has better things to do.
        while not (self._has_more(seen) or time.monotonic() > look) or not self._settled(message_id):
            assert time.monotonic() < until, f"no reply within {seconds} s; so far: {self._seen()[seen:]}"
            time.sleep(0.004)
        self._calmed(seen)
        with self.stack.peil.store.read() as work:
            messages = work.messages(self.id)
        self.reply = [
            one
            for one in messages
            if one.role == "bot" and one.id not in known and not says_where_it_went(one)
        ]
        self.new = self._seen()[seen:]
        self._read = seen + len(self.new)
        self._compare()
        return self.text

    def _known(self) -> set[str]:
        held = self._held()
        conversation_id = held.conversation_id if held is not None else self._before
        if conversation_id is None:
            return set()
        with self.stack.peil.store.read() as work:
            return {message.id for message in work.messages(conversation_id)}

    def _settled(self, message_id: str) -> bool:
        """Whether the turn of this message is done, and all that there was to say has been delivered."""
        chats = self.stack.peil.chats
        mark = chats._mark(self.channel, self.account)
        with self.stack.peil.store.read() as work:
            held = work.accounts(self.channel, mark)
            ids = [one.conversation_id for one in held]
            turn = work.inbound_of_accounts(self.channel, ids, message_id) if held else None
            done = turn is not None and turn.done_at is not None
            if not done and not work.is_spent(spent_mark(mark, message_id)):
                return False
        return all(chats.next_delivery(one.id) is None for one in held)

    def wait_for_news(self, seconds: float = 30) -> str:
        """Wait until the bot has said something here that is no reply to what was said here; what it said."""
        until = time.monotonic() + seconds
        while len(self._seen()) == self._read:
            assert time.monotonic() < until, "nothing new came"
            time.sleep(0.005)
        self.new = self._seen()[self._read :]
        self._read += len(self.new)
        return self.text

    # --- is it all there, and nothing else? ---

    def _compare(self) -> None:
        """Hold what was seen against the transcript."""
        rest = "\n".join(one.text for one in self.new)
        place = 0
        for message in self.reply:
            for paragraph in re.split(r"\n\n+", message.text.strip()):
                # Where a text was cut, and only there, other white space may stand.
                pattern = r"\s+".join(re.escape(word) for word in paragraph.split())
                found = re.compile(pattern).search(rest, place)
                assert found, f"this did not arrive, or out of order:\n{paragraph}\nbut this:\n{rest}"
                rest = rest[: found.start()] + rest[found.end() :]
                place = found.start()
        for message in self.reply:
            rest = self._without_extras(rest, message)
        assert not rest.strip(), f"this was said besides:\n{rest}"
        for one in self.new[:-1] if len(self.reply) == 1 else ():
            # What can be tapped stands at the bottom, where the person looks.
            assert not one.choices or self._goes_on(one), f"buttons above {self.new[-1].text!r}"
        shown = [choice for one in self.new for choice in one.choices]
        for title, token in shown:
            names = [button.title for button in self._buttons if button.token == token]
            assert not names or any(stands_for(title, name, self.text) for name in names), (
                f"{title!r} stands for {names}"
            )
        missing = [one for one in self._buttons if one.token not in {token for _, token in shown}]
        assert all(one.style == "quiet" and self._menu for one in missing), f"not shown: {missing}"

    def _goes_on(self, one: Seen) -> bool:
        """Whether more of this message's buttons stand below the next one."""
        return all(later.choices for later in self.new[self.new.index(one) + 1 :])

    def _without_extras(self, rest: str, message: Message) -> str:
        """The rest of what was said without what a channel adds to this message."""
        titles = [re.escape(link.title) for link in message.links]
        titles += [re.escape(say(message.language, "move.code"))]
        for title in titles:
            rest = re.sub(rf"^{title}: \S+$", "", rest, flags=re.MULTILINE)
        extras = [say(message.language, "chat.more")]
        if message.alt is not None:
            extras += [message.alt, re.split(r"(?<=[.!?])\s", message.alt)[0]]
        for extra in extras:
            rest = re.sub(rf"^{re.escape(extra)}$", "", rest, flags=re.MULTILINE)
        return rest


def says_where_it_went(message: Message) -> bool:
    """Whether this is for the place that was left, and not for the one where the conversation goes on."""
    left = re.escape(say(message.language, "move.left", where="|")).replace(r"\|", ".+")
    return re.fullmatch(left, message.text) is not None


def stands_for(shown: str, title: str, text: str) -> bool:
    """Whether what stands on a button is its title, or enough of it, with the rest in the text."""
    number, dot, label = title.partition(" · ")
    if shown == title:
        return True
    if dot and shown == number:
        # The number alone, which the text then has before the label, as in '3 · Label: wording'.
        stem = re.escape(label.removesuffix(_ELLIPSIS))
        return re.search(rf"(?<!\d){number}\W{{1,3}}{stem}", text) is not None
    stem, cut, behind = shown.partition(_ELLIPSIS)
    return bool(cut) and title.startswith(stem) and (not behind or behind.strip().isdecimal())


def code_of(way: str) -> str:
    """The code in a link to Telegram, or the code alone."""
    parts = urlsplit(way)
    return parse_qs(parts.query)["start"][0] if parts.scheme else way


class TelegramChat(ChannelChat):
    """A conversation in Telegram."""

    channel = "telegram"

    def _account(self, language: str) -> str:
        assert self.stack.servers is not None
        self.server = self.stack.servers.telegram
        self.person = self.server.person("Ada", language=language)
        self._below: dict[str, int] = {}
        return str(self.person.id)

    def _open(self, way: str) -> str:
        return f"m{self.person.start(code_of(way))}"

    def _type(self, text: str) -> str:
        return f"m{self.person.say(text)}"

    def _tap(self, token: str) -> str:
        return f"c{self.person.tap_data(token, self._below[token])}"

    def _seen(self) -> list[Seen]:
        return [
            Seen(
                line.text,
                tuple(choice for row in line.rows for choice in row),
                line.file.content if line.file else b"",
                line.file.name if line.file else "",
            )
            for line in self.person.lines
            if line.from_bot
        ]

    def _has_more(self, seen: int) -> bool:
        return sum(line.from_bot for line in self.person.lines) > seen

    def _calmed(self, seen: int) -> None:
        """Every tap is answered, and no buttons stand but those of the newest reply that has some."""
        new = [line for line in self.person.lines if line.from_bot][seen:]
        mine = {callback for callback, person in self.server._open_taps.items() if person == self.person.id}
        self.server.wait_until(lambda: not self.server.unanswered & mine, 30, "for an answer to a tap")
        if any(line.rows for line in new):
            self.server.wait_until(
                lambda: all(line in new for line in self.person.keyboards), 30, "for an old keyboard to go"
            )
        for line in self.person.keyboards:
            self._below |= {token: line.message_id for row in line.rows for _, token in row}

    def mark(self, marks: Mapping[int, str] | None = None) -> str:
        """Tick these entries (number -> mark), each as often as it takes, and send it; what the bot said."""
        wanted = marks or {}
        [line] = self.person.keyboards
        for number, sign in wanted.items():
            while _sends(line.rows).rpartition("~")[2][number - 1] != sign:
                self._toggle(line, number)
        token = _sends(line.rows)
        signs = token.rpartition("~")[2]
        assert {n: sign for n, sign in enumerate(signs, 1) if sign != "-"} == dict(wanted)
        self._below[token] = line.message_id
        return self.tap_token(token)

    def untick(self, number: int) -> None:
        """Tap an entry of the form until nothing is marked there."""
        [line] = [one for one in self.person.keyboards if _sends(one.rows)]
        while _sends(line.rows).rpartition("~")[2][number - 1] != "-":
            self._toggle(line, number)

    def _toggle(self, line: Line, number: int) -> None:
        edits = line.edits
        [data] = [data for row in line.rows for _, data in row if data.startswith(f"+{number}~")]
        self.person.tap_data(data, line.message_id)
        self.server.wait_until(lambda: line.edits > edits, 30, "for a tick")


def _sends(rows: Sequence[Sequence[tuple[str, str]]]) -> str:
    """What the button sends that sends a form."""
    [data] = [data for row in rows for _, data in row if "~" in data and not data.startswith("+")]
    return data


class WhatsAppChat(ChannelChat):
    """A conversation on WhatsApp."""

    channel = "whatsapp"
    _numbers: ClassVar[itertools.count[int]] = itertools.count(31610000001)

    def _account(self, language: str) -> str:
        assert self.stack.servers is not None
        self.person = self.stack.servers.whatsapp.person(str(next(self._numbers)))
        return self.person.account

    def _open(self, way: str) -> str:
        parts = urlsplit(way)
        return self._type(parse_qs(parts.query)["text"][0] if parts.scheme else way)

    def _type(self, text: str) -> str:
        return short_id(self.person.say(text))

    def _tap(self, token: str) -> str:
        return short_id(self.person.tap_token(token))

    def _seen(self) -> list[Seen]:
        return [
            Seen(
                one.text,
                tuple((title, token) for title, token, _ in (*one.buttons, *one.rows)),
                one.content,
                one.filename,
            )
            for one in list(self.person.seen)
        ]

    def _has_more(self, seen: int) -> bool:
        return len(self.person.seen) > seen

    def mark(self, marks: Mapping[int, str] | None = None) -> str:
        """Type which entries there are (number -> mark), or tap that there are none; what the bot said."""
        [form] = [message.form for message in self.reply if message.form is not None]
        if not marks:
            return self.tap_token(f"{form.token}~{'-' * form.of}")
        several = len(form.marks) > 1
        said = [f"{n} {form.marks[mark].lower()}" if several else f"{n}" for n, mark in marks.items()]
        return self.say(", ".join(said))


CHANNELS: dict[str, type[ChannelChat]] = {one.channel: one for one in (TelegramChat, WhatsAppChat)}


def start(channel: str, stack: Stack, **about: Any) -> Chat | ChannelChat:
    """A new conversation in this channel, or in the web chat; see there what can be said about it."""
    return Chat(stack.url, **about) if channel == "web" else CHANNELS[channel](stack, **about)
