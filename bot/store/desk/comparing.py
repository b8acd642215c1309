"""What comparing asks of the database: runs in bulk, scores that were computed before, editions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.assessment.answers import Answer
from bot.assessment.comparison import Run
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

    def models_run(self, campaign_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Model id -> how many runs of it there are in these campaigns, and how many in full are completed."""
        if not campaign_ids:
            return {}
        rows = self._connection.execute(_MODELS, {"campaigns": list(campaign_ids)})
        return {row.model_id: (int(row.runs), int(row.completed)) for row in rows}

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
        """Assessment -> up to which answer, overall score, all scores: as it was kept, perhaps out of date."""
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
