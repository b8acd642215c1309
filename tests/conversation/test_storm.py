"""Fifty conversations at once over the real stack, with everything going wrong that can: nothing comes of it.

Each update is delivered three times and out of order, sends fail, the gateway is killed and started again. In
the end all is as in the same conversations played in peace. `pytest -s` shows the figures.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from bot import definitions
from bot.assessment.records import Message
from bot.gateway.pacing import Pace
from bot.service.campaign_input import NewCampaign
from bot.texts import say
from tests.chat import SEGMENTS
from tests.graph_server import GraphServer
from tests.graph_server import Person as WhatsAppPerson
from tests.stack import TEAHOUSE, ChatServers, Stack, free_ports, start_stack
from tests.telegram_server import Fault, TelegramServer
from tests.telegram_server import Person as TelegramPerson

SEED = 20261122
# Fewer of them while something is looked for: PEIL_TEST_STORM=10.
PEOPLE = int(os.environ.get("PEIL_TEST_STORM", "50"))
SHARE_OF_TELEGRAM = 0.7
COPIES, SPREAD = 3, 0.5
FAILING = 0.05
# What goes wrong with a send: refused, told to wait, broken before and after it took effect.
TELEGRAM_FAULTS = (
    Fault("status", status=500),
    Fault("status", status=502),
    Fault("flood", seconds=1),
    Fault("drop_before"),
    Fault("drop_after"),
    Fault("status_after", status=502),
)
# The gateway is killed when so much of all that people do has been done.
KILLS = (0.25, 0.5, 0.75)
# How long before a kill something may have been sent and yet not been written down: the disk may be slow.
NOT_YET_NOTED = 2.0
LANGUAGE = "nl"
# Links have keys of their own, and codes differ.
_ADDRESS = re.compile(r"https?://\S+")
_CODE = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b")

Item = tuple[str, str, str]
"""What a person sees of one message: its kind, its words, and the hash of the file that came with it."""


@dataclass(frozen=True)
class Move:
    """One thing that somebody does; `then`: words of the message that comes of it."""

    how: Literal["tap", "say"]
    what: str
    then: str


def plan(chance: random.Random, channel: str) -> list[Move]:
    """How somebody answers the six questions: by taps and typing, back once, and one answer changed."""
    model = definitions.load(TEAHOUSE)
    items = [model.item(item_id)[1] for item_id in model.item_ids()]
    moves = [Move("tap", say(LANGUAGE, "consent.yes"), asks(1))]
    goes_back = chance.randrange(2, len(items) + 1)
    changes = chance.randrange(3, len(items) + 1)
    levels: dict[int, int] = {}

    def answer(number: int) -> None:
        level = levels[number] = chance.choice([one for one in (1, 2, 3) if one != levels.get(number)])
        spoken = chance.choice((str(level), items[number - 1].level(level).label[LANGUAGE]))
        then = asks(number + 1) if number < len(items) else say(LANGUAGE, "result.intro", lowest=1, highest=3)
        title = str(level) if channel == "telegram" else f"{level} ·"
        moves.append(Move("tap", title, then) if chance.random() < 0.6 else Move("say", spoken, then))

    for number in range(1, len(items) + 1):
        if number == goes_back:
            moves.append(Move("say", say(LANGUAGE, "question.back").lower(), asks(number - 1)))
            answer(number - 1)
        if number == changes:
            earlier = chance.randrange(1, number - 1)
            other = levels[earlier] = chance.choice([one for one in (1, 2, 3) if one != levels[earlier]])
            moves.append(Move("say", f"vraag {earlier} wordt {other}", asks(number)))
        answer(number)
    return moves


def asks(number: int) -> str:
    """How the message looks in which a question is put."""
    return say(LANGUAGE, "question.header", number=number, total=6, dimension="").rstrip(" ·")


class Respondent(ABC):
    """Somebody who follows a plan, and does nothing before the bot has said what it is to say."""

    channel: str

    def __init__(self, moves: Sequence[Move], code: str) -> None:
        self.moves = moves
        self.code = code
        self.done = 0
        self._waits_for = say(LANGUAGE, "consent.question")
        self._looked = 0
        self._answered = ""

    @property
    @abstractmethod
    def account(self) -> str:
        """How the gateway names this chat."""

    @abstractmethod
    def seen(self) -> list[tuple[Item, float, bool]]:
        """All messages of the bot, when each came, and whether the bot was never told that it did."""

    @abstractmethod
    def texts(self, since: int) -> list[str]:
        """The words of the bot's messages but for the first so many."""

    @abstractmethod
    def begin(self) -> None:
        """Come with the code."""

    @abstractmethod
    def do(self, move: Move) -> None:
        """Do it."""

    @property
    def finished(self) -> bool:
        return self.done > len(self.moves)

    def go_on(self) -> bool:
        """Do the next thing if what it answers has come; whether something was done."""
        fresh = self.texts(self._looked)
        # Whoever sees the last message once more does not take it for the next one.
        news = [text for text in fresh if text != self._answered and self._waits_for in text]
        if self.finished or not news:
            return False
        self._looked += len(fresh)
        self._answered = news[-1]
        if self.done < len(self.moves):
            move = self.moves[self.done]
            self._waits_for = move.then
            self.do(move)
        self.done += 1
        return True


class OnTelegram(Respondent):
    channel = "telegram"

    def __init__(self, server: TelegramServer, moves: Sequence[Move], code: str) -> None:
        super().__init__(moves, code)
        self.server = server
        self.person: TelegramPerson = server.person("Ada", language=LANGUAGE)

    @property
    def account(self) -> str:
        return str(self.person.id)

    def texts(self, since: int) -> list[str]:
        return self.person.shown[since:]

    def seen(self) -> list[tuple[Item, float, bool]]:
        found = []
        for line in self.person.lines:
            if line.from_bot:
                content = b"" if line.file is None else line.file.content
                lost = (self.person.id, line.message_id) in self.server.lost
                found.append((item(line.kind, line.text, content), line.at, lost))
        return found

    def begin(self) -> None:
        self.person.start(self.code.replace("-", ""))

    def do(self, move: Move) -> None:
        if move.how == "tap":
            self.person.tap(move.what)
        else:
            self.person.say(move.what)


class OnWhatsApp(Respondent):
    channel = "whatsapp"

    def __init__(self, server: GraphServer, number: str, moves: Sequence[Move], code: str) -> None:
        super().__init__(moves, code)
        self.server = server
        self.person: WhatsAppPerson = server.person(number)

    @property
    def account(self) -> str:
        return self.person.account

    def texts(self, since: int) -> list[str]:
        return self.person.shown[since:]

    def seen(self) -> list[tuple[Item, float, bool]]:
        return [
            (item("file" if one.content else "text", one.text, one.content), one.at, one.id in self.server.lost)
            for one in self.person.seen
        ]

    def begin(self) -> None:
        self.person.say(f"Hoi, mijn code is {self.code}")

    def do(self, move: Move) -> None:
        if move.how == "tap":
            self.person.tap(move.what)
        else:
            self.person.say(move.what)


def item(kind: str, text: str, content: bytes) -> Item:
    return kind, plain(text), hashlib.sha256(content).hexdigest() if content else ""


def plain(text: str) -> str:
    """A text without what differs from one conversation to the next whatever is said in it."""
    return _CODE.sub("<code>", _ADDRESS.sub("<address>", text))


# --- playing ---


@dataclass
class Kills:
    """Kills the gateway when so much has been done, and starts it again. `at`: when, on the clock of `seen`."""

    stack: Stack
    shares: list[float]
    at: list[float] = field(default_factory=list)
    open_turns: list[int] = field(default_factory=list)
    _thread: threading.Thread | None = None
    _failed: list[BaseException] = field(default_factory=list)

    def look(self, share: float) -> None:
        """Kill if it is time."""
        assert not self._failed, self._failed
        if self.shares and share >= self.shares[0] and not self.under_way:
            self.shares.pop(0)
            self._thread = threading.Thread(target=self._kill)
            self._thread.start()

    @property
    def under_way(self) -> bool:
        """Whether the gateway is down."""
        return self._thread is not None and self._thread.is_alive()

    def _kill(self) -> None:
        try:
            self.stack.kill("gateway")
            self.at.append(time.monotonic())
            self.open_turns.append(len(self.stack.peil.use_cases.open_turns()))
            self.stack.restart("gateway")
        except BaseException as error:
            self._failed.append(error)
            raise


def play(stack: Stack, people: Sequence[Respondent], kills: Kills | None = None, seconds: float = 180) -> float:
    """Let all of them talk at once, until everybody has seen everything; how many seconds that took."""
    began = time.monotonic()
    for one in people:
        one.begin()
    steps = sum(len(one.moves) + 1 for one in people)
    while not all(one.finished for one in people) or (kills is not None and kills.under_way):
        assert time.monotonic() < began + seconds, stuck(people)
        moved = [one.go_on() for one in people]
        if kills is not None:
            kills.look(sum(one.done for one in people) / steps)
        if not any(moved):
            time.sleep(0.01)
    channels = sorted({one.channel for one in people})
    while stack.peil.chats.to_deliver(channels) or stack.peil.use_cases.open_turns() or on_the_way(stack):
        assert time.monotonic() < began + seconds, "not everything is delivered"
        time.sleep(0.05)
    return time.monotonic() - began


def on_the_way(stack: Stack) -> bool:
    """Whether some update, or a repeat of one, has not come in yet."""
    assert stack.servers is not None
    if stack.servers.telegram.pending:
        return True
    try:
        stack.servers.whatsapp.until_delivered(seconds=0.01)
    except AssertionError:
        return True
    return False


def stuck(people: Sequence[Respondent]) -> str:
    """Who waits for what, and what they see instead."""
    waiting = [one for one in people if not one.finished]
    shown = [f"{one.channel}: {one._waits_for!r} after {one.texts(0)[-1:]}" for one in waiting[:3]]
    return f"{len(waiting)} people wait in vain. " + " ".join(shown)


def people(stack: Stack, label: str, number: int = PEOPLE) -> list[Respondent]:
    """So many respondents, each invited to a campaign of the teahouse; by the same seed with the same plans."""
    assert stack.servers is not None
    chance = random.Random(SEED)
    on_telegram = round(number * SHARE_OF_TELEGRAM)
    codes = invited(stack, label, number)
    found: list[Respondent] = []
    for which, code in enumerate(codes):
        if which < on_telegram:
            found.append(OnTelegram(stack.servers.telegram, plan(chance, "telegram"), code))
        else:
            telephone = f"3161{int(hashlib.sha256(f'{label} {which}'.encode()).hexdigest(), 16) % 10**7:07d}"
            found.append(OnWhatsApp(stack.servers.whatsapp, telephone, plan(chance, "whatsapp"), code))
    return found


def invited(stack: Stack, label: str, number: int) -> list[str]:
    """Codes for one person each; nothing is asked but the six questions."""
    campaigns = stack.peil.campaigns
    made = campaigns.create(
        NewCampaign(
            organisation="Het Lekkende Pannetje",
            name=label,
            models=("teahouse",),
            anonymous=False,
            depth="full",
            segments=SEGMENTS,
        )
    )
    return [
        campaigns.links(made.campaign, one).code
        for one in campaigns.invite(made.campaign.id, "single", count=number)
    ]


# --- what is stored ---


@dataclass(frozen=True)
class Stored:
    """What the database holds of a conversation, without ids and times."""

    transcript: list[tuple[Any, ...]]
    runs: list[dict[str, Any]]
    radars: list[str]


def stored(stack: Stack, one: Respondent) -> Stored:
    """All of the one conversation that somebody has."""
    peil = stack.peil
    with peil.store.read() as work:
        accounts = work.accounts(one.channel, peil.chats._mark(one.channel, one.account))
        assert len(accounts) == 1, "somebody has two conversations"
        conversation_id = accounts[0].conversation_id
        messages = work.messages(conversation_id)
        pictures = [work.picture(message.picture_id) for message in messages if message.picture_id]
    assert [message.seq for message in messages] == list(range(1, len(messages) + 1))
    runs = []
    for run in stack.assessments(conversation_id):
        numbers = {given["id"]: number for number, given in enumerate(run["answers"])} | {None: None}
        answers = [
            {name: value for name, value in given.items() if name not in ("id", "at", "superseded_by")}
            | {"superseded_by": numbers[given["superseded_by"]]}
            for given in run["answers"]
        ]
        kept = ("model", "status", "depth", "open_question", "business_line", "result")
        runs.append({name: run[name] for name in kept} | {"answers": answers})
    return Stored(
        [as_shown(message) for message in messages],
        runs,
        [picture.spec for picture in pictures if picture is not None],
    )


def same(found: Stored, expected: Stored, one: Respondent) -> None:
    """Raise AssertionError, which shows the first difference, unless both are alike."""
    for number, (line, other) in enumerate(zip(found.transcript, expected.transcript, strict=False)):
        assert line == other, f"{one.channel}, line {number}"
    assert found.transcript == expected.transcript
    assert found.runs == expected.runs
    assert found.radars == expected.radars


def as_shown(message: Message) -> tuple[Any, ...]:
    return (
        message.role,
        message.kind,
        plain(message.text),
        message.language,
        [(button.title, button.style) for button in message.buttons],
        message.alt,
        message.table,
        [(link.title, link.kind) for link in message.links],
        None if message.form is None else message.form.entries,
    )


def doubles(one: Respondent, in_peace: Sequence[Item], kills: Sequence[float]) -> Iterator[str]:
    """Why somebody saw a message twice, for each time. Raises AssertionError where all else is not as it was."""
    rest = list(in_peace)
    before: tuple[Item, float, bool] | None = None
    for what, at, lost in one.seen():
        if rest and what == rest[0]:
            rest.pop(0)
        else:
            assert before is not None, f"{one.channel}: {what} came first"
            assert what == before[0], f"{one.channel}: {what} came, not {rest[:1]}"
            was_at, was_lost = before[1:]
            if was_lost:
                yield "the answer was lost"
            elif any(was_at <= kill + 0.1 and kill - was_at < NOT_YET_NOTED and kill < at for kill in kills):
                yield "killed before it was noted"
            else:
                yield f"no reason ({one.channel}, {at - was_at:.2f} s later)"
        before = (what, at, lost)
    assert not rest, f"{one.channel}: {len(rest)} messages did not come: {rest}"


# --- the storm ---


@pytest.fixture(scope="module")
def stormy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of its own, whose gateway is killed."""
    running = start_stack(tmp_path_factory.mktemp("storm"), chats=True)
    yield running
    running.stop()


def test_a_storm_leaves_no_trace(stormy: Stack) -> None:
    servers = stormy.servers
    assert servers is not None
    calm = people(stormy, "In peace")
    calm_seconds = play(stormy, calm)
    expected = [stored(stormy, one) for one in calm]
    in_peace = [[what for what, _, _ in one.seen()] for one in calm]
    for found in expected:
        assert len(found.radars) == 1
        assert [run["status"] for run in found.runs] == ["completed"]

    servers.telegram.copies, servers.telegram.spread = COPIES, SPREAD
    servers.telegram.chaos(FAILING, *TELEGRAM_FAULTS, methods="sendmessage sendphoto senddocument")
    servers.whatsapp.repeats, servers.whatsapp.spread = COPIES, SPREAD
    servers.whatsapp.fail_rate = FAILING
    servers.whatsapp.troubles = ("error", "html", "break", "break_after", "html_after", "slow")
    stormed = people(stormy, "In a storm")
    kills = Kills(stormy, list(KILLS))
    seconds = play(stormy, stormed, kills)
    servers.telegram.chaos(0)
    servers.whatsapp.fail_rate = 0.0

    counted: Counter[str] = Counter()
    for one, as_it_was, what_came in zip(stormed, expected, in_peace, strict=True):
        same(stored(stormy, one), as_it_was, one)
        counted.update(doubles(one, what_came, kills.at))
    moves = sum(len(one.moves) + 1 for one in stormed)
    failed = servers.telegram.went_wrong + servers.whatsapp.went_wrong
    sent = sum(len(one.seen()) for one in stormed)
    print(
        f"\n{len(stormed)} conversations, {moves} turns, {COPIES * moves} updates of which "
        f"{(COPIES - 1) * moves} were repeats; {sent} messages came, {failed.total()} sends failed ("
        + ", ".join(f"{how} {times}" for how, times in sorted(failed.items()))
        + f"); {len(kills.at)} kills with {kills.open_turns} turns open; "
        f"seen twice: {dict(counted) or 'nothing'}; {seconds:.0f} s, in peace {calm_seconds:.0f} s"
    )
    assert len(kills.at) == len(KILLS)
    # Else nothing would have been shown: people were in the midst of it.
    assert sum(kills.open_turns) > 0
    assert not [why for why in counted if why.startswith("no reason")], counted
    assert not [one for one in servers.telegram.refused if one[0].startswith("send")]
