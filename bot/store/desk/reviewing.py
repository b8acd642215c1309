"""Finding respondents, and what consultants keep about their answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.assessment.reviewing import Judgement, Note
from bot.assessment.searching import FoundRun, SaidOfItem, Sought, SoughtWord, words_of
from bot.store import tables as t
from bot.store.desk.part import Part

_AT_ONCE = 500
_LOOKED_AT = 1000
# More than anybody writes about one respondent; a page stays bounded all the same.
_MOST_NOTES = 500

_ANONYMOUS = sa.func.coalesce(t.campaigns.c.anonymous, sa.false())
_NAME = sa.func.lower(sa.func.coalesce(t.invitations.c.label, t.conversations.c.reference))
_FROM = (
    t.assessments.join(t.conversations, t.conversations.c.id == t.assessments.c.conversation_id)
    .join(t.definitions, t.definitions.c.hash == t.assessments.c.definition_hash)
    .outerjoin(t.campaigns, t.campaigns.c.id == t.conversations.c.campaign_id)
    .outerjoin(t.invitations, t.invitations.c.id == t.conversations.c.invitation_id)
)
_COLUMNS = (
    t.assessments.c.id,
    t.assessments.c.conversation_id,
    t.definitions.c.model_id,
    t.assessments.c.definition_hash,
    t.assessments.c.status,
    t.assessments.c.depth,
    t.assessments.c.started_at,
    t.assessments.c.completed_at,
    t.assessments.c.business_line,
    t.assessments.c.approved_at,
    t.conversations.c.campaign_id,
    t.campaigns.c.name.label("campaign"),
    t.campaigns.c.organisation_id,
    _ANONYMOUS.label("anonymous"),
    sa.func.coalesce(t.campaigns.c.approve_first, sa.false()).label("approve_first"),
    sa.func.coalesce(t.campaigns.c.invented, sa.false()).label("invented"),
    t.conversations.c.segments,
    t.invitations.c.label,
    t.conversations.c.reference,
    t.campaigns.c.time_zone,
)


def _found(row: sa.RowMapping) -> FoundRun:
    values: dict[str, Any] = dict(row)
    values["segments"] = values["segments"] or {}
    for name in ("anonymous", "approve_first", "invented"):
        values[name] = bool(values[name])
    return FoundRun(**values)


def _says(word: SoughtWord) -> sa.ColumnElement[bool]:
    c = t.said_words.c
    if not word.beginning:
        return c.word == word.text
    # Ordered byte by byte: all that begins with it lies between it and it with the last of all characters.
    return sa.and_(c.word >= word.text, c.word < word.text + "\U0010ffff")


# The letters with a sign that names have most, as nobody types them to search; SQLite nests no more calls.
_PLAIN = {**dict(zip("áäàçéèëêïíñóöüúÉ", "aaaceeeeiinoouue", strict=True)), "-": " ", "'": " ", ".": " "}


def _called(word: SoughtWord, sought: Sought) -> sa.Select[Any]:
    """Conversations by name whose person is called by this word: its own word, or the beginning of one."""
    c, i, k = t.conversations.c, t.invitations.c, t.campaigns.c
    name: sa.ColumnElement[str] = sa.func.coalesce(i.label, c.reference)
    for one, plain in _PLAIN.items():
        name = sa.func.replace(name, one, plain, type_=sa.Text)
    # A sought word holds letters and digits only, and so nothing that LIKE reads as a sign.
    pattern = f"% {word.text}%" if word.beginning else f"% {word.text} %"
    found = (
        sa.select(c.id)
        .join(t.campaigns, k.id == c.campaign_id)
        .outerjoin(t.invitations, i.id == c.invitation_id)
        .where(k.anonymous.is_(False), (sa.literal(" ") + sa.func.lower(name) + " ").like(pattern))
    )
    if sought.campaign_id is not None:
        found = found.where(c.campaign_id == sought.campaign_id)
    if sought.organisation_ids is not None:
        found = found.where(k.organisation_id.in_(sorted(sought.organisation_ids)))
    return found


def _option(segment: str, option: str | None) -> sa.ColumnElement[bool]:
    said = t.conversations.c.segments[segment].as_string()
    found: sa.ColumnElement[bool] = said.is_(None) if option is None else said == option
    return found


def _conditions(sought: Sought, *, anonymous: bool) -> list[sa.ColumnElement[bool]]:
    a, c, k = t.assessments.c, t.conversations.c, t.campaigns.c
    found: list[sa.ColumnElement[bool]] = []
    if sought.campaign_id is not None:
        found.append(c.campaign_id == sought.campaign_id)
    if sought.organisation_ids is not None:
        found.append(k.organisation_id.in_(sorted(sought.organisation_ids)))
    found.append(k.anonymous.is_(True) if anonymous else sa.or_(k.id.is_(None), k.anonymous.is_(False)))
    for word in sought.words:
        # A union, so that the words are still found by their index.
        said = sa.select(t.said_words.c.conversation_id).where(_says(word))
        found.append(a.conversation_id.in_(said.union(_called(word, sought))))
    if sought.model_id is not None:
        found.append(t.definitions.c.model_id == sought.model_id)
    if sought.status is not None:
        found.append(a.status == sought.status)
    if sought.lowest is not None or sought.highest is not None:
        overall = t.standings.c.overall
        band = sa.select(t.standings.c.assessment_id).where(t.standings.c.assessment_id == a.id)
        if sought.lowest is not None:
            band = band.where(overall >= sought.lowest)
        if sought.highest is not None:
            band = band.where(overall < sought.highest)
        found.append(sa.exists(band.correlate(t.assessments)))
    if sought.item_id is not None and sought.level is not None:
        w, later = t.answers.c, t.answers.alias("later")
        found.append(
            sa.exists(
                sa.select(w.id)
                .where(w.assessment_id == a.id, w.item_id == sought.item_id, w.value == sought.level)
                .where(~sa.exists(sa.select(later.c.id).where(later.c.supersedes == w.id)))
                .correlate(t.assessments)
            )
        )
    if sought.groups is not None:
        groups = [sa.and_(*(_option(s, o) for s, o in group.items())) for group in sought.groups]
        found.append(sa.or_(sa.false(), *groups))
    else:
        found += [_option(segment, option) for segment, option in sought.segments.items()]
    if sought.since is not None:
        found.append(a.started_at >= sought.since)
    if sought.until is not None:
        found.append(a.started_at < sought.until)
    if sought.flag is not None:
        m = t.review_marks.c
        marked = sa.select(m.assessment_id).where(m.assessment_id == a.id, m.mark == sought.flag)
        found.append(sa.exists(marked.correlate(t.assessments)))
    if sought.asked_for_person:
        h = t.help_requests.c
        found.append(sa.exists(sa.select(h.id).where(h.conversation_id == c.id).correlate(t.conversations)))
    if sought.open_question:
        q = t.questions.c
        asked = sa.select(q.id).where(
            q.assessment_id == a.id,
            q.answered_at.is_(None),
            q.withdrawn_at.is_(None),
            q.declined_at.is_(None),
        )
        found.append(sa.exists(asked.correlate(t.assessments)))
    if sought.awaits_approval:
        found += [a.status == "completed", a.approved_at.is_(None), k.approve_first.is_(True)]
    return found


class ReviewingWork(Part):
    """Lists, words, judgements, notes and marks."""

    # --- finding ---

    def find_runs(self, sought: Sought, *, anonymous: bool, limit: int, offset: int) -> list[FoundRun]:
        """Those that fit, of campaigns by name (and without one), or of anonymous ones.

        Newest first, or as `sought.sort` says. Those of anonymous campaigns by their random ids: there is no
        telling who began when.
        """
        a = t.assessments.c
        statement = sa.select(*_COLUMNS).select_from(_FROM).where(*_conditions(sought, anonymous=anonymous))
        if sought.sort == "score":
            statement = statement.outerjoin(t.standings, t.standings.c.assessment_id == a.id).order_by(
                t.standings.c.overall.desc().nulls_last()
            )
        elif sought.sort == "name" and not anonymous:
            statement = statement.order_by(_NAME.asc().nulls_last())
        if not anonymous:
            statement = statement.order_by(a.started_at.desc())
        statement = statement.order_by(a.id.asc() if anonymous else a.id.desc())
        rows = self._connection.execute(statement.limit(limit).offset(offset)).mappings()
        return [_found(row) for row in rows]

    def count_runs(self, sought: Sought, *, anonymous: bool, most: int) -> int:
        """How many fit; `most` where they are that many or more."""
        some = sa.select(t.assessments.c.id).select_from(_FROM)
        some = some.where(*_conditions(sought, anonymous=anonymous)).limit(most)
        return int(
            self._connection.execute(sa.select(sa.func.count()).select_from(some.subquery())).scalar_one()
        )

    def find_run(self, assessment_id: str) -> FoundRun | None:
        """The run with this id, as a list has it; None when there is none."""
        statement = sa.select(*_COLUMNS).select_from(_FROM).where(t.assessments.c.id == assessment_id)
        row = self._connection.execute(statement).mappings().one_or_none()
        return None if row is None else _found(row)

    def unkept_runs(self, sought: Sought, most: int) -> list[str]:
        """Runs in this scope that were answered since their scores were kept, or whose scores never were.

        Of one campaign all are looked at; of several the newest _LOOKED_AT. What is older has been listed,
        compared or counted before, or is so once somebody opens its campaign.
        """
        a, w, c = t.assessments.c, t.answers.c, t.conversations.c
        scope = sa.select(a.id).select_from(
            t.assessments.join(t.conversations, c.id == a.conversation_id).outerjoin(
                t.campaigns, t.campaigns.c.id == c.campaign_id
            )
        )
        if sought.organisation_ids is not None:
            scope = scope.where(t.campaigns.c.organisation_id.in_(sorted(sought.organisation_ids)))
        if sought.campaign_id is not None:
            scope = scope.where(c.campaign_id == sought.campaign_id)
        else:
            scope = scope.order_by(a.started_at.desc()).limit(_LOOKED_AT)
        some = scope.subquery()
        newest = sa.select(sa.func.max(w.id)).where(w.assessment_id == some.c.id).scalar_subquery()
        statement = (
            sa.select(some.c.id)
            .outerjoin(t.standings, t.standings.c.assessment_id == some.c.id)
            .where(sa.func.coalesce(t.standings.c.upto, -1) != sa.func.coalesce(newest, 0))
        )
        return list(self._connection.execute(statement.limit(most)).scalars())

    def marks_of(self, assessment_ids: Sequence[str]) -> dict[str, dict[str, str]]:
        """Assessment -> item id ('' for the whole) -> 'follow_up' or 'agreed'."""
        m = t.review_marks.c
        found: dict[str, dict[str, str]] = {}
        for row in self._connection.execute(
            sa.select(m.assessment_id, m.item_id, m.mark).where(m.assessment_id.in_(assessment_ids))
        ):
            found.setdefault(row.assessment_id, {})[row.item_id] = row.mark
        return found

    def asked_for_person(self, conversation_ids: Sequence[str]) -> frozenset[str]:
        """Those of these conversations in which somebody asked for a person."""
        h = t.help_requests.c
        rows = self._connection.execute(
            sa.select(h.conversation_id).where(h.conversation_id.in_(conversation_ids)).distinct()
        )
        return frozenset(row.conversation_id for row in rows)

    def lines_with(
        self, conversation_ids: Sequence[str], words: Sequence[SoughtWord]
    ) -> dict[str, tuple[int, str]]:
        """Conversation -> place and text of the first line in which one of these words was typed."""
        w, m = t.said_words.c, t.transcript.c
        first = (
            sa.select(w.conversation_id, sa.func.min(w.seq).label("seq"))
            .where(w.conversation_id.in_(conversation_ids), sa.or_(*(_says(word) for word in words)))
            .group_by(w.conversation_id)
            .subquery()
        )
        rows = self._connection.execute(
            sa.select(m.conversation_id, m.seq, m.text).join(
                first, sa.and_(first.c.conversation_id == m.conversation_id, first.c.seq == m.seq)
            )
        )
        return {row.conversation_id: (row.seq, row.text) for row in rows}

    def said_of_items(
        self, campaign_id: str, model_id: str, item_id: str | None, limit: int, offset: int
    ) -> list[SaidOfItem]:
        """Own words in a campaign by name, newest first; of an anonymous one none.

        `item_id`: of this item, or of all whose id begins with this dimension; None: of all.
        """
        p, w, a, c = t.placements.c, t.answers.c, t.assessments.c, t.conversations.c
        d, k, i, j = t.definitions.c, t.campaigns.c, t.invitations.c, t.judgements.c
        whose = (
            t.assessments.join(t.conversations, c.id == a.conversation_id)
            .join(t.campaigns, k.id == c.campaign_id)
            .join(t.definitions, d.hash == a.definition_hash)
        )
        mine = (c.campaign_id == campaign_id, k.anonymous.is_(False), d.model_id == model_id)

        def about(column: sa.Column[str]) -> list[sa.ColumnElement[bool]]:
            if item_id is None:
                return []
            if "." in item_id:
                return [column == item_id]
            return [column.startswith(f"{item_id}.", autoescape=True)]

        placed = (
            sa.select(p.assessment_id, p.item_id, p.words, p.certainty, p.likely, p.at)
            .select_from(whose.join(t.placements, p.assessment_id == a.id))
            .where(*mine, *about(p.item_id), p.words != "")
        )
        same = t.placements.alias("same")
        placed_too = sa.exists(
            sa.select(same.c.id).where(
                same.c.assessment_id == w.assessment_id,
                same.c.item_id == w.item_id,
                same.c.turn_id == w.turn_id,
            )
        )
        typed = (
            sa.select(
                w.assessment_id,
                w.item_id,
                w.words,
                sa.null().label("certainty"),
                sa.null().label("likely"),
                w.at,
            )
            .select_from(whose.join(t.answers, w.assessment_id == a.id))
            .where(*mine, *about(w.item_id), w.words != "", w.placement_id.is_(None), ~placed_too)
        )
        said = placed.union_all(typed).subquery("said").c

        def newest(table: sa.Table, level: sa.Column[Any]) -> sa.ScalarSelect[Any]:
            return (
                sa.select(level)
                .where(table.c.assessment_id == said.assessment_id, table.c.item_id == said.item_id)
                .order_by(table.c.id.desc())
                .limit(1)
                .scalar_subquery()
            )

        rows = self._connection.execute(
            sa.select(
                *said,
                a.definition_hash,
                newest(t.answers, w.value).label("said"),
                newest(t.judgements, j.level).label("judged"),
                i.label,
                c.reference,
            )
            .join(t.assessments, a.id == said.assessment_id)
            .join(t.conversations, c.id == a.conversation_id)
            .outerjoin(t.invitations, i.id == c.invitation_id)
            .order_by(said.at.desc(), said.assessment_id, said.item_id)
            .limit(limit)
            .offset(offset)
        ).mappings()
        return [SaidOfItem(**{**dict(row), "likely": _likely(row["likely"])}) for row in rows]

    def group_sizes(self, campaign_id: str) -> list[tuple[dict[str, str], int]]:
        """The segments that people of a campaign told, and how many of those with an answer told the same."""
        c, a = t.conversations.c, t.assessments.c
        told = sa.cast(c.segments, sa.Text)
        answered = sa.exists(
            sa.select(t.answers.c.id)
            .join(t.assessments, a.id == t.answers.c.assessment_id)
            .where(a.conversation_id == c.id)
            .correlate(t.conversations)
        )
        rows = self._connection.execute(
            sa.select(sa.type_coerce(told, sa.Text).label("told"), sa.func.count().label("many"))
            .where(c.campaign_id == campaign_id, answered)
            .group_by(told)
        )
        return [(_read_json(row.told), row.many) for row in rows]

    def index_words(self, conversation_id: str, seq: int, text: str) -> None:
        """Have what a respondent typed in this line found by its words."""
        rows = [
            {"word": word, "conversation_id": conversation_id, "seq": seq} for word in sorted(words_of(text))
        ]
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        for begin in range(0, len(rows), _AT_ONCE):
            self._connection.execute(
                dialect.insert(t.said_words).on_conflict_do_nothing(), rows[begin : begin + _AT_ONCE]
            )

    def index_words_anew(self, conversation_id: str) -> None:
        """Have a conversation found by the words of its lines as they are now, and by no other."""
        self._connection.execute(
            t.said_words.delete().where(t.said_words.c.conversation_id == conversation_id)
        )
        m = t.transcript.c
        lines = self._connection.execute(
            sa.select(m.seq, m.text)
            .where(m.conversation_id == conversation_id, m.role == "user")
            .order_by(m.seq)
        ).all()
        for row in lines:
            self.index_words(conversation_id, row.seq, row.text)

    # --- what consultants make of it ---

    def judgements(self, assessment_id: str) -> list[Judgement]:
        """All that was judged of an assessment, oldest first, taken back ones included."""
        j = t.judgements.c
        rows = self._connection.execute(
            sa.select(t.judgements, t.users.c.name.label("who"))
            .join(t.users, t.users.c.id == j.user_id)
            .where(j.assessment_id == assessment_id)
            .order_by(j.id)
        )
        return [Judgement(**dict(row._mapping)) for row in rows]

    def add_judgement(self, **values: Any) -> None:
        """Keep a judgement."""
        self._connection.execute(t.judgements.insert(), values)

    def notes(self, assessment_id: str) -> list[Note]:
        """What was noted about a respondent and single answers, oldest first."""
        n = t.desk_notes.c
        rows = self._connection.execute(
            sa.select(n.id, n.assessment_id, n.item_id, n.text, n.user_id, n.at, t.users.c.name.label("who"))
            .join(t.users, t.users.c.id == n.user_id)
            .where(n.assessment_id == assessment_id)
            .order_by(n.id)
            .limit(_MOST_NOTES)
        )
        return [Note(**dict(row._mapping)) for row in rows]

    def add_note(self, assessment_id: str, item_id: str | None, text: str, user_id: str, at: datetime) -> int:
        """Keep a note; its id."""
        made = self._connection.execute(
            t.desk_notes.insert().returning(t.desk_notes.c.id),
            {"assessment_id": assessment_id, "item_id": item_id, "text": text, "user_id": user_id, "at": at},
        )
        return int(made.scalar_one())

    def delete_note(self, note_id: int) -> None:
        """Delete a note."""
        self._connection.execute(t.desk_notes.delete().where(t.desk_notes.c.id == note_id))

    def set_mark(
        self, assessment_id: str, item_id: str, mark: str | None, user_id: str, at: datetime
    ) -> None:
        """Mark an answer, or with an empty `item_id` the whole; None takes the mark away."""
        m = t.review_marks
        if mark is None:
            self._connection.execute(
                m.delete().where(m.c.assessment_id == assessment_id, m.c.item_id == item_id)
            )
            return
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        new: Mapping[str, Any] = {"mark": mark, "user_id": user_id, "at": at}
        self._connection.execute(
            dialect.insert(m)
            .values(assessment_id=assessment_id, item_id=item_id, **new)
            .on_conflict_do_update(index_elements=["assessment_id", "item_id"], set_=dict(new))
        )


def _read_json(text: str | None) -> dict[str, str]:
    found = json.loads(text) if text else None
    return found if isinstance(found, dict) else {}


def _likely(found: Any) -> tuple[tuple[int, float], ...]:
    levels = json.loads(found) if isinstance(found, str) else found or {}
    return tuple(sorted(((int(k), float(v)) for k, v in levels.items()), key=lambda one: (-one[1], one[0])))
