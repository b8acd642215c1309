"""What comparing asks of the database: runs in bulk, scores that were computed before, editions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.assessment.answers import Answer
from bot.assessment.comparison import Run
from bot.assessment.dropping_off import StepTaken
from bot.assessment.editions import EditionRecord, Share
from bot.store import tables as t
from bot.store.desk.part import Part

# As many ids in one statement as both databases take with ease.
_AT_ONCE = 1000


_RUNS = (
    sa.select(
        t.assessments.c.id,
        t.assessments.c.conversation_id,
        t.conversations.c.campaign_id,
        t.assessments.c.definition_hash,
        t.definitions.c.version,
        t.assessments.c.status,
        t.assessments.c.depth,
        t.assessments.c.business_line,
        t.assessments.c.current_item,
        t.assessments.c.started_at,
        t.assessments.c.completed_at,
        t.conversations.c.segments,
        t.conversations.c.quoting,
        t.conversations.c.language,
        t.conversations.c.last_seen_at,
    )
    .join(t.conversations, t.conversations.c.id == t.assessments.c.conversation_id)
    .join(t.definitions, t.definitions.c.hash == t.assessments.c.definition_hash)
    .where(
        t.conversations.c.campaign_id.in_(sa.bindparam("campaigns", expanding=True)),
        t.definitions.c.model_id == sa.bindparam("model"),
    )
)
_MODELS = (
    sa.select(
        t.definitions.c.model_id,
        sa.func.count().label("runs"),
        sa.func.sum(
            sa.case(
                (sa.and_(t.assessments.c.status == "completed", t.assessments.c.depth == "full"), 1), else_=0
            )
        ).label("completed"),
    )
    .select_from(t.assessments)
    .join(t.conversations, t.conversations.c.id == t.assessments.c.conversation_id)
    .join(t.definitions, t.definitions.c.hash == t.assessments.c.definition_hash)
    .where(t.conversations.c.campaign_id.in_(sa.bindparam("campaigns", expanding=True)))
    .group_by(t.definitions.c.model_id)
)
_NOT = sa.literal("")


def _text(column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    return sa.func.coalesce(sa.cast(column, sa.Text), _NOT)


def _state(*, under_way: bool) -> sa.Select[Any]:
    """One text of all that tells the runs of some campaigns from what they were."""
    a, c = t.assessments.c, t.conversations.c
    newest = sa.select(sa.func.max(t.answers.c.id)).where(t.answers.c.assessment_id == a.id).scalar_subquery()
    columns: list[sa.ColumnElement[Any]] = [
        a.id,
        a.conversation_id,
        a.definition_hash,
        a.status,
        a.depth,
        a.business_line,
        a.started_at,
    ]
    columns += [a.completed_at, c.campaign_id, c.quoting, c.language, sa.cast(c.segments, sa.Text)]
    if under_way:
        told = _text(newest)
        columns += [a.current_item, c.last_seen_at, c.last_seq]
    else:
        # Of who has not finished it only matters whether there is an answer.
        told = sa.case(
            (sa.and_(a.status == "completed", a.depth == "full"), _text(newest)),
            (newest.is_(None), _NOT),
            else_=sa.literal("+"),
        )
    line = told
    for column in columns:
        line = line.concat("|").concat(_text(column))
    lines = (
        sa.select(line.label("line"))
        .select_from(t.assessments.join(t.conversations, c.id == a.conversation_id))
        .where(c.campaign_id.in_(sa.bindparam("campaigns", expanding=True)))
        .order_by(a.id)
        .subquery()
    )
    return sa.select(sa.func.aggregate_strings(lines.c.line, ";"))


_STATE = {under_way: _state(under_way=under_way) for under_way in (False, True)}
_NEWEST = (
    sa.select(t.answers.c.assessment_id, sa.func.max(t.answers.c.id).label("newest"))
    .where(t.answers.c.assessment_id.in_(sa.bindparam("ids", expanding=True)))
    .group_by(t.answers.c.assessment_id)
)
_STANDINGS = sa.select(t.standings).where(
    t.standings.c.assessment_id.in_(sa.bindparam("ids", expanding=True))
)
_ALL_ANSWERS = (
    sa.select(
        t.answers.c.assessment_id,
        t.answers.c.item_id,
        t.answers.c.kind,
        t.answers.c.value,
        t.answers.c.detail,
    )
    .where(t.answers.c.assessment_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(t.answers.c.id)
)
_EDITIONS = sa.select(t.editions, t.users.c.name.label("by")).join(
    t.users, t.users.c.id == t.editions.c.user_id
)


def _proposed(certainty: str | None, likely: Mapping[str, float] | None) -> tuple[int, ...]:
    """The levels that were proposed, as StoredPlacement.proposed tells it."""
    if certainty is None:
        return ()
    count = {"clear": 1, "doubt": 2}.get(certainty, 0)
    ordered = sorted((likely or {}).items(), key=lambda one: (-one[1], int(one[0])))
    return tuple(int(level) for level, _ in ordered[:count])


def _portions(ids: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield list(ids[start : start + _AT_ONCE])


class ComparingWork(Part):
    """Reading many runs at once; a few statements, however many runs there are."""

    def runs(self, campaign_ids: Sequence[str], model_id: str) -> list[Run]:
        """Every run of this maturity model in these campaigns, in no order."""
        if not campaign_ids:
            return []
        rows = self._connection.execute(_RUNS, {"campaigns": list(campaign_ids), "model": model_id})
        return [Run(**dict(row._mapping) | {"segments": row.segments or {}}) for row in rows]

    def state_of_runs(self, campaign_ids: Sequence[str], *, under_way: bool = False) -> bytes:
        """What is another one as soon as anything that compares the runs of these campaigns would be.

        `under_way`: as soon as anything is said in them at all. Of words and consultants' levels it tells
        nothing.
        """
        if not campaign_ids:
            return b""
        told = self._connection.execute(_STATE[under_way], {"campaigns": list(campaign_ids)}).scalar_one()
        return blake2b((told or "").encode(), digest_size=32).digest()

    def models_run(self, campaign_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Model id -> how many runs of it there are, and how many in full are completed."""
        if not campaign_ids:
            return {}
        rows = self._connection.execute(_MODELS, {"campaigns": list(campaign_ids)})
        return {row.model_id: (int(row.runs), int(row.completed)) for row in rows}

    def completed_runs(self, after: str, most: int) -> list[str]:
        """Completed runs with ids after this one, in order of their ids."""
        a = t.assessments.c
        statement = sa.select(a.id).where(a.id > after, a.status == "completed").order_by(a.id).limit(most)
        return list(self._connection.execute(statement).scalars())

    def newest_completed_runs(self, most: int) -> list[str]:
        """The completed runs that were begun last."""
        a = t.assessments.c
        statement = sa.select(a.id).where(a.status == "completed").order_by(a.started_at.desc()).limit(most)
        return list(self._connection.execute(statement).scalars())

    def newest_answers(self, assessment_ids: Sequence[str]) -> dict[str, int]:
        """Assessment -> the id of its newest answer; those without an answer are not in it."""
        return {
            row.assessment_id: int(row.newest)
            for portion in _portions(assessment_ids)
            for row in self._connection.execute(_NEWEST, {"ids": portion})
        }

    def kept_standings(
        self, assessment_ids: Sequence[str]
    ) -> dict[str, tuple[int, float | None, dict[str, Any]]]:
        """Assessment -> up to which answer, overall score, all scores: as kept, perhaps out of date."""
        return {
            row.assessment_id: (row.upto, row.overall, row.scores)
            for portion in _portions(assessment_ids)
            for row in self._connection.execute(_STANDINGS, {"ids": portion})
        }

    def keep_standings(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Keep these (columns of the table), in the place of what was kept for the same assessments."""
        if not rows:
            return
        dialect = self._connection.dialect.name
        insert = (postgresql if dialect == "postgresql" else sqlite).insert(t.standings)
        statement = insert.on_conflict_do_update(
            index_elements=[t.standings.c.assessment_id],
            set_={name: insert.excluded[name] for name in ("upto", "overall", "scores")},
            # Of two who compute it at the same time, who saw more answers is right.
            where=t.standings.c.upto <= insert.excluded.upto,
        )
        # In one order, so that two who do this at the same time do not wait for each other.
        self._connection.execute(statement, sorted(rows, key=lambda row: str(row["assessment_id"])))

    def answers_that_hold(self, assessment_ids: Sequence[str]) -> dict[str, dict[str, Answer]]:
        """Assessment -> item id -> the answer that holds, of many assessments at once."""
        found: dict[str, dict[str, Answer]] = {}
        for portion in _portions(assessment_ids):
            for row in self._connection.execute(_ALL_ANSWERS, {"ids": portion}):
                detail = tuple(sorted((row.detail or {}).items()))
                # In order of their ids: a later answer takes the place of the one before.
                found.setdefault(row.assessment_id, {})[row.item_id] = Answer(
                    row.item_id, row.kind, row.value, detail
                )
        return found

    def conversations_of_runs(self, assessment_ids: Sequence[str]) -> dict[str, str]:
        """Assessment -> its conversation; those that were erased are not in it."""
        a = t.assessments.c
        return {
            row.id: row.conversation_id
            for portion in _portions(assessment_ids)
            for row in self._connection.execute(sa.select(a.id, a.conversation_id).where(a.id.in_(portion)))
        }

    def newest_definitions(self, model_ids: Sequence[str]) -> dict[str, str]:
        """Model id -> the hash of what was published last of it; offered ones first."""
        if not model_ids:
            return {}
        d = t.definitions.c
        rows = self._connection.execute(
            sa.select(d.model_id, d.hash)
            .where(d.model_id.in_(list(model_ids)))
            .order_by(d.offered, d.published_at, d.hash)
        )
        return {row.model_id: row.hash for row in rows}

    def answered_segments(self, campaign_id: str) -> list[dict[str, str]]:
        """The segments of everybody in a campaign with at least one answer; what the veil counts."""
        c = t.conversations.c
        some = (
            sa.select(sa.literal(1))
            .select_from(t.assessments.join(t.answers, t.answers.c.assessment_id == t.assessments.c.id))
            .where(t.assessments.c.conversation_id == c.id)
        )
        rows = self._connection.execute(
            sa.select(c.segments).where(c.campaign_id == campaign_id, some.exists())
        )
        return [row.segments or {} for row in rows]

    def quotable(
        self, assessment_ids: Sequence[str], item_ids: Sequence[str]
    ) -> list[tuple[str, str, int, str]]:
        """(assessment, item, answer id, own words) of the answers that hold of who agreed to be quoted.

        Own words are those that were placed, else what was typed as the answer.
        """
        if not item_ids:
            return []
        later = t.answers.alias()
        statement = (
            sa.select(
                t.answers.c.assessment_id,
                t.answers.c.item_id,
                t.answers.c.id,
                sa.func.coalesce(t.placements.c.words, t.answers.c.words).label("words"),
            )
            .join(t.assessments, t.assessments.c.id == t.answers.c.assessment_id)
            .join(t.conversations, t.conversations.c.id == t.assessments.c.conversation_id)
            .outerjoin(t.placements, t.placements.c.id == t.answers.c.placement_id)
            .outerjoin(later, later.c.supersedes == t.answers.c.id)
            .where(
                t.answers.c.assessment_id.in_(sa.bindparam("ids", expanding=True)),
                t.answers.c.item_id.in_(list(item_ids)),
                t.answers.c.kind.in_(["level", "given"]),
                t.conversations.c.quoting == "yes",
                later.c.id.is_(None),
                sa.func.coalesce(t.placements.c.words, t.answers.c.words).is_not(None),
            )
            .order_by(t.answers.c.id)
        )
        return [
            (row.assessment_id, row.item_id, row.id, row.words)
            for portion in _portions(assessment_ids)
            for row in self._connection.execute(statement, {"ids": portion})
        ]

    def quoted(self, answer_ids: Sequence[int]) -> dict[int, str]:
        """Answer id -> its own words; not of who was erased or takes part in no quoting any more."""
        if not answer_ids:
            return {}
        words = sa.func.coalesce(t.placements.c.words, t.answers.c.words).label("words")
        rows = self._connection.execute(
            sa.select(t.answers.c.id, words)
            .join(t.assessments, t.assessments.c.id == t.answers.c.assessment_id)
            .join(t.conversations, t.conversations.c.id == t.assessments.c.conversation_id)
            .outerjoin(t.placements, t.placements.c.id == t.answers.c.placement_id)
            .where(t.answers.c.id.in_(list(answer_ids)), t.conversations.c.quoting == "yes")
        )
        return {row.id: row.words for row in rows if row.words is not None}

    # --- drop-off ---

    def steps_taken(self, assessment_ids: Sequence[str]) -> list[StepTaken]:
        """Every answer of these runs in the order in which it was given, without words."""
        a, p = t.answers.c, t.placements.c
        statement = (
            sa.select(
                a.assessment_id,
                a.item_id,
                a.kind,
                a.value,
                a.detail,
                a.supersedes,
                a.turn_id,
                a.at,
                p.certainty,
                p.likely,
            )
            .outerjoin(t.placements, p.id == a.placement_id)
            .where(a.assessment_id.in_(sa.bindparam("ids", expanding=True)))
            .order_by(a.assessment_id, a.id)
        )
        return [
            StepTaken(
                run_id,
                item_id,
                kind,
                value,
                tuple(sorted(detail.items())) if detail else (),
                supersedes is not None,
                turn_id,
                at,
                _proposed(certainty, likely),
            )
            for portion in _portions(assessment_ids)
            for (
                run_id,
                item_id,
                kind,
                value,
                detail,
                supersedes,
                turn_id,
                at,
                certainty,
                likely,
            ) in self._connection.execute(statement, {"ids": portion})
        ]

    def turns_without_answer(self, assessment_ids: Sequence[str]) -> list[tuple[str, datetime]]:
        """(run, when) of what people sent from the beginning of a run on that led to no answer, in order."""
        s, u = t.assessments.c, t.transcript.c
        answered = (
            sa.select(sa.literal(1))
            .select_from(t.answers)
            .where(
                t.answers.c.assessment_id == s.id,
                t.answers.c.turn_id == u.turn_id,
                # It follows from the first, but without it PostgreSQL looks through the answers of everybody.
                t.answers.c.assessment_id.in_(sa.bindparam("ids", expanding=True)),
            )
        )
        statement = (
            sa.select(s.id, u.at)
            .join(t.transcript, u.conversation_id == s.conversation_id)
            .where(
                s.id.in_(sa.bindparam("ids", expanding=True)),
                # As the index has it: by a parameter it would not be found.
                u.role == sa.literal_column("'user'"),
                u.at > s.started_at,
                sa.or_(s.completed_at.is_(None), u.at < s.completed_at),
                ~answered.exists(),
            )
            .order_by(s.id, u.seq)
        )
        return [
            (row.id, row.at)
            for portion in _portions(assessment_ids)
            for row in self._connection.execute(statement, {"ids": portion})
        ]

    # --- editions ---

    def judged_levels(self, assessment_ids: Sequence[str]) -> list[tuple[str, str, int]]:
        """(assessment id, item id, level) as consultants judged it last; not what was taken back."""
        j = t.judgements.c
        found: list[tuple[str, str, int]] = []
        for portion in _portions(assessment_ids):
            newest = (
                sa.select(sa.func.max(j.id))
                .where(j.assessment_id.in_(portion))
                .group_by(j.assessment_id, j.item_id)
            )
            rows = self._connection.execute(
                sa.select(j.assessment_id, j.item_id, j.level).where(j.id.in_(newest), j.level.is_not(None))
            )
            found += [(one, item_id, level) for one, item_id, level in rows]
        return found

    def lock_campaign(self, campaign_id: str) -> None:
        """Wait until no other transaction has this campaign locked, and lock it. SQLite has one writer
        anyway."""
        c = t.campaigns.c
        self._connection.execute(sa.select(c.id).where(c.id == campaign_id).with_for_update())

    def add_edition(self, edition: EditionRecord) -> None:
        """Keep a new edition."""
        self._connection.execute(
            t.editions.insert().values(
                id=edition.id,
                campaign_id=edition.campaign_id,
                model_id=edition.model_id,
                content=dict(edition.content),
                members=dict(edition.members),
                user_id=edition.user_id,
                at=edition.at,
            )
        )

    def editions(
        self, campaign_ids: Sequence[str], model_id: str | None = None, *, newest: int | None = None
    ) -> list[EditionRecord]:
        """The editions of these campaigns, the newest first; `newest`: at most so many."""
        if not campaign_ids:
            return []
        e = t.editions.c
        statement = _EDITIONS.where(e.campaign_id.in_(list(campaign_ids))).order_by(e.at.desc(), e.id)
        if model_id is not None:
            statement = statement.where(e.model_id == model_id)
        if newest is not None:
            statement = statement.limit(newest)
        return [EditionRecord(**dict(row._mapping)) for row in self._connection.execute(statement)]

    def last_published(self, campaign_id: str, model_id: str) -> datetime | None:
        """When the newest edition of a campaign was published; None for never."""
        e = t.editions.c
        found: datetime | None = self._connection.execute(
            sa.select(sa.func.max(e.at)).where(e.campaign_id == campaign_id, e.model_id == model_id)
        ).scalar_one()
        return found

    def edition(self, edition_id: str) -> EditionRecord | None:
        """The edition with this id; None when there is none."""
        row = self._connection.execute(_EDITIONS.where(t.editions.c.id == edition_id)).one_or_none()
        return None if row is None else EditionRecord(**dict(row._mapping))

    # --- shared views ---

    def add_share(self, share: Share) -> None:
        """Keep a new shared view."""
        self._connection.execute(t.desk_shares.insert().values(**asdict(share)))

    def share(self, share_id: str) -> Share | None:
        """The shared view with this id; None when there is none."""
        row = self._connection.execute(
            sa.select(t.desk_shares).where(t.desk_shares.c.id == share_id)
        ).one_or_none()
        return None if row is None else Share(**dict(row._mapping))

    def shares(self, campaign_id: str) -> list[Share]:
        """The shared views of a campaign's editions, the newest first."""
        rows = self._connection.execute(
            sa.select(t.desk_shares)
            .join(t.editions, t.editions.c.id == t.desk_shares.c.edition_id)
            .where(t.editions.c.campaign_id == campaign_id)
            .order_by(t.desk_shares.c.created_at.desc(), t.desk_shares.c.id)
            .limit(200)
        )
        return [Share(**dict(row._mapping)) for row in rows]

    def end_share(self, share_id: str, at: datetime) -> bool:
        """Withdraw a shared view; whether it was not withdrawn before."""
        c = t.desk_shares.c
        return bool(
            self._connection.execute(
                t.desk_shares.update().where(c.id == share_id, c.ended_at.is_(None)).values(ended_at=at)
            ).rowcount
        )

    def definition_of(self, assessment_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Assessment -> the hash of its definition, and its depth."""
        a = t.assessments.c
        return {
            row.id: (row.definition_hash, row.depth)
            for portion in _portions(assessment_ids)
            for row in self._connection.execute(
                sa.select(a.id, a.definition_hash, a.depth).where(a.id.in_(portion))
            )
        }
