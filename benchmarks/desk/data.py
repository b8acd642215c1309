"""Many made-up assessments, straight into the tables: what a desk holds after years, in a minute.

Nothing of it goes through the use-cases, so nothing here says whether those are right; it says how many rows
there are, and how they are spread. Always the same for the same number of assessments.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from bot.assessment.definitions import MaturityModel
from bot.assessment.searching import words_of
from bot.assessment.segments import BUSINESS_LINES, DEPARTMENTS, ROLE_LAYERS
from bot.demo.words import said
from bot.store import tables as t

ORGANISATIONS = 40
LARGEST = 1000
"""Respondents of the newest campaign of the first organisation."""
LONG_TURNS = 400
"""Turns of the longest transcript."""
RARE = "kwartelvlucht"
"""A word that three people have said."""
MODEL = "cemm"

_CHUNK = 250
_NEWEST = datetime(2026, 11, 1, 9, tzinfo=UTC)
_TABLES = (
    t.organisations,
    t.campaigns,
    t.invitations,
    t.conversations,
    t.inbox,
    t.transcript,
    t.assessments,
    t.placements,
    t.answers,
    t.judgements,
    t.desk_notes,
    t.review_marks,
    t.help_requests,
    t.audit,
    t.said_words,
)
# In the order in which they refer to each other.


@dataclass
class Filled:
    """What is there now. `rows`: table -> how many."""

    organisations: list[str] = field(default_factory=list)
    campaigns: list[str] = field(default_factory=list)
    largest: str = ""
    anonymous: str = ""
    ordinary: str = ""
    longest: str = ""
    user_id: str = ""
    rows: Counter[str] = field(default_factory=Counter)


def fill(
    engine: sa.Engine,
    model: MaturityModel,
    definition_hash: str,
    user_id: str,
    count: int,
    say: Callable[[str], None],
) -> Filled:
    """Put `count` assessments into a prepared database; `user_id`: of who judged some."""
    filled = Filled(user_id=user_id)
    making = _Making(model, definition_hash, user_id, count, filled)
    connection = engine.raw_connection()
    try:
        if engine.dialect.name == "sqlite":
            write: Callable[[sa.Table, Sequence[Sequence[Any]]], None] = _Sqlite(connection).write
        else:
            write = _Postgresql(connection).write
        done = 0
        for rows in making.chunks():
            for table in _TABLES:
                if rows.get(table.name):
                    write(table, rows[table.name])
                    filled.rows[table.name] += len(rows[table.name])
            connection.commit()
            done = filled.rows["assessments"]
            if done and done % 2000 < _CHUNK:
                say(f"{done} of {count} assessments.")
        _finish(connection, engine.dialect.name)
        connection.commit()
    finally:
        connection.close()
    return filled


# --- two ways in ------------------------------------------------------------------------------------


class _Sqlite:
    def __init__(self, connection: Any) -> None:
        self._cursor = connection.cursor()
        # Nothing is lost that could not be made again.
        self._cursor.execute("PRAGMA synchronous=OFF")
        self._begun = False

    def write(self, table: sa.Table, rows: Sequence[Sequence[Any]]) -> None:
        names = [column.name for column in table.columns]
        marks = ", ".join("?" * len(names))
        if not self._cursor.connection.in_transaction:
            self._cursor.execute("BEGIN IMMEDIATE")
        self._cursor.executemany(
            f'INSERT INTO "{table.name}" ({", ".join(names)}) VALUES ({marks})',
            [[_plain(value) for value in row] for row in rows],
        )


def _plain(value: Any) -> Any:
    return value.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value


class _Postgresql:
    def __init__(self, connection: Any) -> None:
        self._cursor = connection.cursor()

    def write(self, table: sa.Table, rows: Sequence[Sequence[Any]]) -> None:
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        with self._cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)


def _finish(connection: Any, dialect: str) -> None:
    """Let numbers that are given out go on behind ours, and the planner know what there is."""
    cursor = connection.cursor()
    if dialect == "sqlite":
        cursor.execute("ANALYZE")
        return
    for table in _TABLES:
        key = list(table.primary_key.columns)
        if len(key) == 1 and isinstance(key[0].type, sa.Integer):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{key[0].name}'),"
                f' (SELECT coalesce(max("{key[0].name}"), 1) FROM "{table.name}"))'
            )
    cursor.execute("ANALYZE")


# --- what is written --------------------------------------------------------------------------------


def _id(*about: object, digits: int = 16) -> str:
    return hashlib.md5(" ".join(map(str, about)).encode(), usedforsecurity=False).hexdigest()[:digits]


class _Texts:
    """Own words with the frequency of a language: a few words everywhere, most of them nearly nowhere."""

    def __init__(self, model: MaturityModel, dice: random.Random, many: int) -> None:
        self._dice = dice
        self.pool: dict[str, list[str]] = {}
        self.usual: dict[str, dict[tuple[str, int], list[str]]] = {}
        for language in model.languages:
            words = Counter(re.findall(r"[^\W\d_]{2,}", " ".join(_all_texts(model, language)).lower()))
            names = list(words)
            sums = list(accumulate(words.values()))
            self.pool[language] = [
                " ".join(dice.choices(names, cum_weights=sums, k=dice.randint(4, 24))) for _ in range(many)
            ]
            self.usual[language] = {
                key: [one.text for one in known] for key, known in said(model.id, language).items()
            }

    def own_words(self, language: str, item_id: str, level: int) -> str:
        """What somebody says: now and then what thousands say, mostly what nobody else does."""
        usual = self.usual[language].get((item_id, level))
        if usual and self._dice.random() < 0.35:
            return self._dice.choice(usual)
        return self._dice.choice(self.pool[language])


def _all_texts(model: MaturityModel, language: str) -> Iterator[str]:
    for _, item in model.walk():
        yield item.question[language]
        yield item.explanation[language]
        for level in item.levels:
            yield level.text[language]
            yield level.label[language]
            yield from level.answers.get(language, ())


class _Making:
    def __init__(
        self, model: MaturityModel, definition_hash: str, user_id: str, count: int, filled: Filled
    ) -> None:
        self._model, self._hash, self._user_id = model, definition_hash, user_id
        self._count, self._filled = count, filled
        self._dice = random.Random(f"desk bench {count}")
        self._texts = _Texts(model, self._dice, 20_000)
        self._rows: dict[str, list[tuple[Any, ...]]] = {}
        self._numbers: Counter[str] = Counter()
        self._asked = {language: self._questions(language) for language in model.languages}

    def _add(self, table: sa.Table, **values: Any) -> None:
        columns = table.columns.keys()
        assert not values.keys() - set(columns), values.keys() - set(columns)
        self._rows.setdefault(table.name, []).append(tuple(values.get(name) for name in columns))

    def _number(self, table: sa.Table) -> int:
        self._numbers[table.name] += 1
        # Those before are left to what is there already, such as the audit lines of making a user.
        return 1000 + self._numbers[table.name]

    def _questions(self, language: str) -> dict[str, tuple[str, str, dict[int, str]]]:
        """Item id -> the message that asks, its buttons as JSON, and level -> what a tap on it says."""
        found = {}
        for number, item_id in enumerate(self._model.item_ids(), start=1):
            dimension, item = self._model.item(item_id)
            titles = {one.value: f"{one.value} · {one.label[language]}" for one in item.levels}
            lines = "\n".join(f"{titles[one.value]}: {one.text[language]}" for one in item.levels)
            head = f"{number} / {len(self._model.item_ids())} · {dimension.title[language]}"
            buttons = [
                [title, _id(item_id, title, digits=32) + "QUJDREVGR0hJ", "level"] for title in titles.values()
            ]
            extra = [[f"… {one}", _id(item_id, one, digits=32) + "QUJDRE", "quiet"] for one in "abcdef"]
            found[item_id] = (
                f"{head}\n\n{item.question[language]}\n\n{lines}",
                json.dumps([*buttons, *extra]),
                titles,
            )
        return found

    def chunks(self) -> Iterator[dict[str, list[tuple[Any, ...]]]]:
        """Table -> rows, a part of all at a time, in an order in which what is referred to comes first."""
        places = self._places()
        for number, (campaign, anonymous, at) in enumerate(places):
            self._respondent(number, campaign, anonymous, at)
            if len(self._rows.get("assessments", ())) >= _CHUNK:
                yield self._rows
                self._rows = {}
        for number in range(self._count * 5):
            self._add(
                t.audit,
                id=self._number(t.audit),
                at=_NEWEST - timedelta(minutes=self._count * 5 - number),
                user_id=self._user_id,
                role="admin",
                action=("assessment.seen", "campaign.seen", "answer.judged")[number % 3],
                kind="assessment",
                object_id=_id("assessment", number % self._count),
                organisation_id=self._filled.organisations[number % ORGANISATIONS],
                detail="{}",
            )
        yield self._rows

    def _places(self) -> list[tuple[str, bool, datetime]]:
        """(Campaign, whether it is anonymous, when it began) of each respondent; makes the campaigns."""
        largest = min(LARGEST, self._count // 5)
        places = []
        others = self._count - largest
        for number in range(ORGANISATIONS):
            organisation_id = _id("organisation", number)
            self._filled.organisations.append(organisation_id)
            self._add(
                t.organisations,
                id=organisation_id,
                name=f"Organisation {number:02} (bench)",
                created_at=_NEWEST - timedelta(days=800),
            )
            share = others // ORGANISATIONS + (1 if number < others % ORGANISATIONS else 0)
            for year in (1, 0):
                many = share // 2 if year else share - share // 2
                if number == 0 and not year:
                    many += largest
                at = _NEWEST - timedelta(days=30 + 365 * year + number)
                anonymous = number % 4 == 1
                campaign = _id("campaign", number, year)
                self._filled.campaigns.append(campaign)
                if not year:
                    if number == 0:
                        self._filled.largest = campaign
                    elif anonymous and not self._filled.anonymous:
                        self._filled.anonymous = campaign
                    elif not anonymous and not self._filled.ordinary:
                        self._filled.ordinary = campaign
                self._add(
                    t.campaigns,
                    id=campaign,
                    organisation_id=organisation_id,
                    name=f"Measurement {2026 - year} of organisation {number:02}",
                    models=json.dumps([self._model.id]),
                    depth="full",
                    languages='["nl", "en"]',
                    segments="{}",
                    anonymous=anonymous,
                    opens_at=at,
                    welcome="{}",
                    reminders=2,
                    time_zone="Europe/Amsterdam",
                    created_at=at,
                    origins="[]",
                    signed_only=False,
                    approve_first=False,
                    invented=False,
                )
                places += [(campaign, anonymous, at)] * many
        self._dice.shuffle(places)
        # Ids grow with time, as they do where people come one after another.
        return sorted(places, key=lambda place: place[2])

    # --- one respondent ---

    def _respondent(self, number: int, campaign: str, anonymous: bool, opened: datetime) -> None:
        dice = self._dice
        conversation, assessment = _id("conversation", number, digits=32), _id("assessment", number)
        language = "nl" if dice.random() < 0.75 else "en"
        at = opened + timedelta(days=dice.random() ** 2 * 25, seconds=number % 3600)
        long = not self._filled.longest and campaign == self._filled.largest
        if long:
            self._filled.longest = assessment
        invitation = None
        if not anonymous:
            invitation = _id("invitation", number)
            self._add(
                t.invitations,
                id=invitation,
                campaign_id=campaign,
                mark=_id("mark", number, digits=32) * 2,
                kind="single",
                label=f"Person {number:05}",
                language=language,
                segments="{}",
                created_at=opened,
                uses=1,
            )
        talk = _Talk(self, conversation, language, at)
        talk.bot("greeting", "Hoi, ik ben Peil." if language == "nl" else "Hello, I am Peil.", None)
        talk.turn("Ja, prima" if language == "nl" else "Yes, fine", "1 · 2 · 3", None)
        segments = {
            "role_layer": dice.choices(ROLE_LAYERS, (4, 16, 40, 40))[0],
            "department": dice.choices(DEPARTMENTS, (15, 25, 25, 8, 10, 5, 12))[0],
            "business_line": dice.choice(BUSINESS_LINES),
        }
        for option in segments.values():
            talk.turn(option, "1 · 2 · 3", None)
        item_ids = list(self._model.item_ids())
        finished = long or dice.random() < 0.88
        stop = len(item_ids) if finished else dice.randint(1, len(item_ids) - 1)
        leaning = dice.gauss(0, 0.6)
        held: dict[str, int] = {}

        def answer(item_id: str) -> None:
            kind, level = "level", max(1, min(self._model.highest, round(2.4 + leaning + dice.gauss(0, 0.8))))
            if dice.random() < 0.04:
                kind = dice.choice(("dont_know", "skipped", "not_applicable"))
            text, buttons, titles = self._asked[language][item_id]
            placement, at_turn, words = None, None, None
            if kind == "level" and dice.random() < 0.3:
                words = self._texts.own_words(language, item_id, level)
                if number % max(1, self._count // 3) == 1 and item_id == item_ids[0]:
                    words = f"{words} {RARE}"
                at_turn = talk.turn(words, f"Dat klinkt als {titles[level]}. Klopt dat?", None, typed=True)
                placement = self._number(t.placements)
                other = level + 1 if level < 3 else level - 1
                proposed = level if dice.random() < 0.85 else other
                self._add(
                    t.placements,
                    id=placement,
                    assessment_id=assessment,
                    item_id=item_id,
                    turn_id=at_turn,
                    words=words,
                    certainty="clear" if dice.random() < 0.7 else "doubt",
                    likely=json.dumps({str(proposed): 0.8, str(proposed % self._model.highest + 1): 0.2}),
                    quote=words[:60],
                    ahead=False,
                    declined=proposed != level,
                    at=talk.at,
                )
            turn_id = talk.turn(titles[level] if kind == "level" else kind, text, buttons)
            answer_id = self._number(t.answers)
            self._add(
                t.answers,
                id=answer_id,
                assessment_id=assessment,
                item_id=item_id,
                kind=kind,
                value=level if kind == "level" else None,
                supersedes=held.get(item_id),
                turn_id=turn_id,
                by="respondent",
                at=talk.at,
                placement_id=placement,
            )
            held[item_id] = answer_id

        for item_id in item_ids[:stop]:
            answer(item_id)
            if dice.random() < 0.05:
                talk.turn("wat bedoel je?", self._asked[language][item_id][0], None, typed=True)
        for _ in range(dice.randint(1, 6) if finished else dice.randint(0, 1)):
            answer(dice.choice(item_ids[:stop]))
        while long and talk.turns < LONG_TURNS:
            answer(dice.choice(item_ids))
        for _ in range(dice.randint(0, 1)):
            talk.turn(self._texts.own_words(language, "", 0), "…", None, typed=True)
        self._add(
            t.assessments,
            id=assessment,
            conversation_id=conversation,
            definition_hash=self._hash,
            status="completed" if finished else "active",
            current_item=None if finished else item_ids[stop],
            started_at=at,
            completed_at=talk.at if finished else None,
            business_line=segments["business_line"],
            depth="full",
        )
        self._add(
            t.conversations,
            id=conversation,
            channel="web",
            language=language,
            consent="given",
            assessment_id=assessment,
            misunderstood=0,
            prefill="{}",
            segments=json.dumps(segments),
            last_seq=talk.seq,
            created_at=at,
            last_seen_at=talk.at,
            campaign_id=campaign,
            invitation_id=invitation,
            quoting=dice.choice(("yes", "no", None)),
        )
        self._consulted(number, assessment, conversation, item_ids, talk)
        for word, seq in talk.words.items():
            self._add(t.said_words, word=word, conversation_id=conversation, seq=seq)

    def _consulted(
        self, number: int, assessment: str, conversation: str, item_ids: list[str], talk: _Talk
    ) -> None:
        """What a consultant made of it, of one in ten; and who asked for a person, of one in fifty."""
        by = {"assessment_id": assessment, "user_id": self._user_id, "at": talk.at + timedelta(days=1)}
        if number % 10 == 0:
            for item_id in item_ids[:3]:
                self._add(
                    t.judgements,
                    id=self._number(t.judgements),
                    item_id=item_id,
                    level=1 + number % self._model.highest,
                    reason="…",
                    **by,
                )
            self._add(t.desk_notes, id=self._number(t.desk_notes), text="…", **by)
            mark = "follow_up" if number % 20 else "agreed"
            self._add(t.review_marks, item_id="", mark=mark, **by)
        if number % 50 == 7:
            self._add(
                t.help_requests,
                id=_id("request", number),
                conversation_id=conversation,
                assessment_id=assessment,
                item_id=item_ids[3],
                contact="someone@example.org",
                at=talk.at,
            )


class _Talk:
    """The lines of one conversation as they come, and the words that were typed in it."""

    def __init__(self, making: _Making, conversation: str, language: str, at: datetime) -> None:
        self._making, self._conversation, self._language = making, conversation, language
        self.at, self.seq, self.turns = at, 0, 0
        self.words: dict[str, int] = {}

    def _line(self, role: str, kind: str, turn_id: str | None, text: str, buttons: str | None) -> None:
        self.seq += 1
        self._making._add(
            t.transcript,
            id=self._making._number(t.transcript),
            conversation_id=self._conversation,
            seq=self.seq,
            public_id=f"{role[0]}.{self.seq}",
            turn_id=turn_id,
            role=role,
            kind=kind,
            text=text,
            language=self._language,
            buttons=buttons,
            at=self.at,
        )

    def bot(self, kind: str, text: str, turn_id: str | None, buttons: str | None = None) -> None:
        self._line("bot", kind, turn_id, text, buttons)

    def turn(self, said: str, reply: str, buttons: str | None, *, typed: bool = False) -> str:
        """Something is said and answered; the turn's id."""
        self.turns += 1
        self.at += timedelta(seconds=self._making._dice.uniform(8, 60))
        turn_id = _id(self._conversation, self.turns, digits=32)
        self._making._add(
            t.inbox,
            id=self._making._number(t.inbox),
            turn_id=turn_id,
            channel="web",
            conversation_id=self._conversation,
            message_id=f"m{self.turns}",
            fingerprint=turn_id * 2,
            received_at=self.at,
            done_at=self.at,
        )
        self._line("user", "said", turn_id, said, None)
        if typed:
            for word in words_of(said):
                self.words.setdefault(word, self.seq)
        self.bot("reply", reply, turn_id, buttons)
        return turn_id
