"""Fifty conversations at once over the real stack, with everything going wrong that can: nothing comes of it.

Each update is delivered three times and out of order, sends fail, the gateway is killed and started again. In
the end all is as in the same conversations played in peace. `pytest -s` shows the figures.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import random
import re
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from bot import definitions
from bot.assessment.records import InvitationKind, Message
from bot.service.campaign_input import NewCampaign
from bot.texts import say
from tests.chat import SEGMENTS
from tests.graph_server import GraphServer, Trouble
from tests.graph_server import Person as WhatsAppPerson
from tests.stack import TEAHOUSE, ChatServers, Stack, start_stack
from tests.telegram_server import ALL_PER_SECOND, Fault, TelegramServer
from tests.telegram_server import Person as TelegramPerson

SEED = 20261122
# Fewer of them while something is looked for: PEIL_TEST_STORM=10.
PEOPLE = int(os.environ.get("PEIL_TEST_STORM", "50"))
ON_TELEGRAM = round(0.7 * PEOPLE)
ON_WHATSAPP = PEOPLE - ON_TELEGRAM
AT_THE_WEBHOOK = 12
# So many messages are due to as many people when the gateway starts.
AT_ONCE = 90
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
WHATSAPP_TROUBLES: tuple[Trouble, ...] = ("error", "html", "break", "break_after", "html_after", "slow")
# The gateway is killed when so much of all that people do has been done.
KILLS = (0.25, 0.5, 0.75)
# In seconds: how long before a kill something may have been sent and yet not been noted, since the disk
# may be slow, and how long after it something may still come that was sent before.
NOT_YET_NOTED, STILL_ON_ITS_WAY = 2.0, 0.8
# Why somebody may see a message twice.
LOST, KILLED = "the answer was lost", "it was killed before that was noted"
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
    _numbers = itertools.count(12345678)

    def __init__(self, server: GraphServer, moves: Sequence[Move], code: str) -> None:
        super().__init__(moves, code)
        self.server = server
        self.person: WhatsAppPerson = server.person(f"316{next(self._numbers):08d}")

    @property
    def account(self) -> str:
        return self.person.account

    def texts(self, since: int) -> list[str]:
        return self.person.shown[since:]

    def seen(self) -> list[tuple[Item, float, bool]]:
        return [
            (
                item("file" if one.content else "text", one.text, one.content),
                one.at,
                one.id in self.server.lost,
            )
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
    """Kills the gateway when so much has been done, and starts it again. `at`: when that was."""

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


def play(
    stack: Stack, people: Sequence[Respondent], kills: Kills | None = None, seconds: float = 180
) -> float:
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


def respondents(stack: Stack, label: str, on_telegram: int, on_whatsapp: int = 0) -> list[Respondent]:
    """So many people, each invited to a campaign of the teahouse; the same plans each time, in this order."""
    assert stack.servers is not None
    codes = iter(invited(stack, label, on_telegram + on_whatsapp))
    return [
        *(
            OnTelegram(stack.servers.telegram, plan(random.Random(f"{SEED} t {which}"), "telegram"), code)
            for which, code in zip(range(on_telegram), codes, strict=False)
        ),
        *(
            OnWhatsApp(stack.servers.whatsapp, plan(random.Random(f"{SEED} w {which}"), "whatsapp"), code)
            for which, code in zip(range(on_whatsapp), codes, strict=False)
        ),
    ]


def invited(stack: Stack, label: str, number: int, kind: InvitationKind = "single") -> list[str]:
    """So many codes; nothing is asked but the six questions."""
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
        for one in campaigns.invite(made.campaign.id, kind, count=number)
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
    """Why somebody saw a message twice, for each time. Raises AssertionError unless all else is as it was."""
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
                yield LOST
            elif any(kill - NOT_YET_NOTED < was_at < kill + STILL_ON_ITS_WAY < at for kill in kills):
                yield KILLED
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


@dataclass(frozen=True)
class InPeace:
    """The conversations without any trouble: what was stored, what was seen, and how many seconds it took."""

    stored: list[Stored]
    seen: list[list[Item]]
    seconds: float


@pytest.fixture(scope="module")
def in_peace(stormy: Stack) -> InPeace:
    """Everybody's conversation as it is to be, those on Telegram first."""
    people = respondents(stormy, "In peace", ON_TELEGRAM, ON_WHATSAPP)
    seconds = play(stormy, people)
    found = [stored(stormy, one) for one in people]
    for one in found:
        assert [run["status"] for run in one.runs] == ["completed"]
        assert len(one.radars) == 1
    seen = [[what for what, _, _ in one.seen()] for one in people]
    assert all(any(kind in ("photo", "file") for kind, _, _ in items) for items in seen)
    return InPeace(found, seen, seconds)


def raise_storm(servers: ChatServers) -> None:
    """From now on updates come three times and shuffled, and sends fail."""
    servers.telegram.copies, servers.telegram.spread = COPIES, SPREAD
    servers.telegram.chaos(FAILING, *TELEGRAM_FAULTS, methods="sendmessage sendphoto senddocument")
    servers.telegram.went_wrong.clear()
    servers.whatsapp.repeats, servers.whatsapp.spread = COPIES, SPREAD
    servers.whatsapp.fail_rate, servers.whatsapp.troubles = FAILING, WHATSAPP_TROUBLES
    servers.whatsapp.went_wrong.clear()


def weather(stack: Stack, people: Sequence[Respondent], shares: Sequence[float], peace: InPeace) -> None:
    """Play in a storm, print its figures, and hold everything against what it is in peace."""
    servers = stack.servers
    assert servers is not None
    raise_storm(servers)
    kills = Kills(stack, list(shares))
    seconds = play(stack, people, kills)
    twice: Counter[str] = Counter()
    for one, expected, seen in zip(people, peace.stored, peace.seen, strict=False):
        same(stored(stack, one), expected, one)
        twice.update(doubles(one, seen, kills.at))
    moves = sum(len(one.moves) + 1 for one in people)
    failed = servers.telegram.went_wrong + servers.whatsapp.went_wrong
    print(
        f"\n{len(people)} conversations, {moves} turns in {seconds:.0f} s ({peace.seconds:.0f} s in peace), "
        f"{COPIES * moves} updates of which {(COPIES - 1) * moves} repeats; "
        f"{sum(len(one.seen()) for one in people)} messages came, {failed.total()} sends went wrong ("
        + ", ".join(f"{times} {how}" for how, times in sorted(failed.items()))
        + f"); {len(kills.at)} kills with {kills.open_turns} turns open; seen twice: "
        + (", ".join(f"{times} since {why}" for why, times in sorted(twice.items())) or "nothing")
    )
    assert set(twice) <= {LOST, KILLED}
    assert len(kills.at) == len(shares)
    # Nothing that a real server would refuse has ever left.
    assert not [one for one in servers.telegram.refused if one[0].startswith("send")]
    assert not [call for call in servers.whatsapp.calls if call.status == 400]


def test_a_storm_leaves_no_trace(stormy: Stack, in_peace: InPeace) -> None:
    people = respondents(stormy, "In a storm", ON_TELEGRAM, ON_WHATSAPP)
    weather(stormy, people, KILLS, in_peace)


def test_nor_does_one_where_telegram_delivers_to_a_webhook(stormy: Stack, in_peace: InPeace) -> None:
    set_gateway(stormy, PEIL_TELEGRAM_WEBHOOK_URL=stormy.url)
    assert stormy.servers is not None
    stormy.servers.telegram.wait_until(lambda: stormy.servers and stormy.servers.telegram.webhook)
    people = respondents(stormy, "In a storm at the webhook", min(ON_TELEGRAM, AT_THE_WEBHOOK))
    weather(stormy, people, KILLS[1:2], in_peace)
    assert 200 in stormy.servers.telegram.delivered


def test_at_its_real_pace_nobody_is_ever_told_to_slow_down(stormy: Stack) -> None:
    servers = stormy.servers
    assert servers is not None
    telegram, whatsapp = servers.telegram, servers.whatsapp
    calm_down(servers)
    stormy.kill("gateway")
    # Only now: until here it went without a pace.
    telegram.flood, whatsapp.limits = True, True
    # While it was away a greeting became due to each of so many people, and now they go out all at once.
    code = invited(stormy, "At its real pace", 1, "open")[0]
    waiting = [telegram.person("Bo", language=LANGUAGE, known=True) for _ in range(AT_ONCE)]
    for one in waiting:
        stormy.peil.chats.arrive("telegram", str(one.id), "m1", code=code.replace("-", ""), language=LANGUAGE)
    set_gateway(stormy, PEIL_CHAT_PACE="1", PEIL_TELEGRAM_WEBHOOK_URL="")
    talking = respondents(stormy, "Beside those who wait", 2, 1)
    play(stormy, talking)

    assert servers.telegram.went_wrong["too fast"] == servers.whatsapp.went_wrong["too fast"] == 0
    greeted = sorted(one.last.at for one in waiting)
    assert most_within(1.0, greeted) <= ALL_PER_SECOND
    # It does not dawdle either.
    assert greeted[-1] - greeted[0] < AT_ONCE / ALL_PER_SECOND + 3
    for person in talking:
        moments = [at for _, at, _ in person.seen()]
        if person.channel == "telegram":
            assert min(later - earlier for earlier, later in itertools.pairwise(moments)) > 0.9


def most_within(seconds: float, moments: Sequence[float]) -> int:
    """The largest number of these moments, which are in order, within so many seconds."""
    return max(sum(first <= one < first + seconds for one in moments) for first in moments)


def set_gateway(stack: Stack, **settings: str) -> None:
    """Start the gateway anew with these settings."""
    (gateway,) = [part for part in stack.parts.parts if part.name == "gateway"]
    assert isinstance(gateway.environment, dict)
    gateway.environment.update(settings)
    stack.restart("gateway")


def calm_down(servers: ChatServers) -> None:
    """The storm is over."""
    servers.telegram.copies = servers.whatsapp.repeats = 1
    servers.telegram.chaos(0)
    servers.whatsapp.fail_rate = 0.0
