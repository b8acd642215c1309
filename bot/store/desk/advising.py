"""The versions of signed advice, and the answers of a whole campaign counted for the organisation's draft."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from bot.assessment.answers import Answer
from bot.assessment.plans import Plan, PlanVersion, from_json, to_json
from bot.store import tables as t
from bot.store.desk.part import Part


def _version(row: sa.Row[Any]) -> PlanVersion:
    named = dict(row._mapping)
    content = named.pop("content")
    return PlanVersion(plan=from_json(content), **named)


def _about(assessment_id: str | None, campaign_id: str | None, model_id: str | None) -> Any:
    if assessment_id is not None:
        return t.plans.c.assessment_id == assessment_id
    return sa.and_(t.plans.c.campaign_id == campaign_id, t.plans.c.model_id == model_id)


# Of each respondent the newest result with one maturity model counts.
def _newest(campaign_id: str, model_id: str) -> Any:
    ranked = (
        sa.select(
            t.assessments.c.id,
            t.assessments.c.definition_hash,
            t.assessments.c.depth,
            sa.func.row_number()
            .over(
                partition_by=t.assessments.c.conversation_id,
                order_by=(t.assessments.c.completed_at.desc(), t.assessments.c.id.desc()),
            )
            .label("place"),
        )
        .join(t.conversations, t.conversations.c.id == t.assessments.c.conversation_id)
        .join(t.definitions, t.definitions.c.hash == t.assessments.c.definition_hash)
        .where(
            t.conversations.c.campaign_id == campaign_id,
            t.definitions.c.model_id == model_id,
            t.assessments.c.status == "completed",
        )
        .subquery()
    )
    return sa.select(ranked).where(ranked.c.place == 1).cte("newest")


class AdvisingWork(Part):
    """Plans."""

    def plan_in_force(
        self,
        assessment_id: str | None = None,
        *,
        campaign_id: str | None = None,
        model_id: str | None = None,
    ) -> PlanVersion | None:
        """The newest signed version about this, unless it was withdrawn; None for none."""
        row = self._connection.execute(
            sa.select(t.plans)
            .where(_about(assessment_id, campaign_id, model_id), t.plans.c.signed_at.is_not(None))
            .order_by(t.plans.c.version.desc())
            .limit(1)
        ).one_or_none()
        return None if row is None or row.withdrawn_at is not None else _version(row)

    def newest_plans(
        self, assessment_id: str | None, campaign_id: str | None, model_id: str, most: int
    ) -> list[PlanVersion]:
        """The newest versions about this, the newest first."""
        rows = self._connection.execute(
            sa.select(t.plans)
            .where(_about(assessment_id, campaign_id, model_id))
            .order_by(t.plans.c.version.desc())
            .limit(most)
        )
        return [_version(row) for row in rows]

    def signed_models(self, campaign_id: str) -> list[str]:
        """The maturity models with signed advice for the organisation in force, by id."""
        newest = (
            sa.select(t.plans.c.model_id, sa.func.max(t.plans.c.version).label("version"))
            .where(t.plans.c.campaign_id == campaign_id, t.plans.c.signed_at.is_not(None))
            .group_by(t.plans.c.model_id)
            .subquery()
        )
        return list(
            self._connection.scalars(
                sa.select(t.plans.c.model_id)
                .join(
                    newest,
                    sa.and_(newest.c.model_id == t.plans.c.model_id, newest.c.version == t.plans.c.version),
                )
                .where(t.plans.c.campaign_id == campaign_id, t.plans.c.withdrawn_at.is_(None))
                .order_by(t.plans.c.model_id)
            )
        )

    def add_plan(self, version: PlanVersion) -> bool:
        """Write a version; False when somebody else has just written one with this number."""
        values = {
            one.name: to_json(version.plan) if one.name == "content" else getattr(version, one.name)
            for one in t.plans.c
        }
        try:
            with self._connection.begin_nested():
                self._connection.execute(t.plans.insert().values(values))
        except sa.exc.IntegrityError:
            return False
        return True

    def change_plan(self, plan_id: str, revision: int, *, plan: Plan | None = None, **changes: Any) -> bool:
        """Change this version if it still is at this revision, and count one up; False when it is not."""
        content = {} if plan is None else {"content": to_json(plan)}
        done = self._connection.execute(
            t.plans.update()
            .where(t.plans.c.id == plan_id, t.plans.c.revision == revision)
            .values(revision=revision + 1, **content, **changes)
        )
        return done.rowcount == 1

    def delete_draft(self, plan_id: str, revision: int) -> bool:
        """Throw a version away that was never signed, if it still is at this revision; False when not."""
        done = self._connection.execute(
            t.plans.delete().where(
                t.plans.c.id == plan_id, t.plans.c.revision == revision, t.plans.c.signed_at.is_(None)
            )
        )
        return done.rowcount == 1

    def invitation_label(self, invitation_id: str) -> str | None:
        """For whom an invitation was made; None where that was not said."""
        found: str | None = self._connection.scalar(
            sa.select(t.invitations.c.label).where(t.invitations.c.id == invitation_id)
        )
        return found

    def newest_answer(self, assessment_id: str) -> int | None:
        """The number of the newest answer of an assessment; None where there is none."""
        found: int | None = self._connection.scalar(
            sa.select(sa.func.max(t.answers.c.id)).where(t.answers.c.assessment_id == assessment_id)
        )
        return found

    def answered_versions(self, campaign_id: str, model_id: str) -> list[tuple[str, str, int]]:
        """Definition hash, depth, and how many respondents' newest results are of these; most first."""
        newest = _newest(campaign_id, model_id)
        people = sa.func.count().label("people")
        rows = self._connection.execute(
            sa.select(newest.c.definition_hash, newest.c.depth, people)
            .group_by(newest.c.definition_hash, newest.c.depth)
            .order_by(people.desc(), newest.c.definition_hash, newest.c.depth)
        )
        return [(row.definition_hash, row.depth, row.people) for row in rows]

    def counted_answers(
        self, campaign_id: str, model_id: str, definition_hash: str
    ) -> dict[str, list[tuple[Answer, int]]]:
        """Item id -> the different answers that hold in the newest results, each with how many gave it.

        As many rows as there are different answers, however many people gave them.
        """
        newest = _newest(campaign_id, model_id)
        later = t.answers.alias("later")
        detail = sa.cast(t.answers.c.detail, sa.Text)
        rows = self._connection.execute(
            sa.select(
                t.answers.c.item_id,
                t.answers.c.kind,
                t.answers.c.value,
                detail.label("detail"),
                sa.func.count().label("people"),
            )
            .join(newest, newest.c.id == t.answers.c.assessment_id)
            .where(
                newest.c.definition_hash == definition_hash,
                ~sa.exists().where(later.c.supersedes == t.answers.c.id),
            )
            .group_by(t.answers.c.item_id, t.answers.c.kind, t.answers.c.value, detail)
        )
        found: dict[str, list[tuple[Answer, int]]] = {}
        for row in rows:
            given = json.loads(row.detail) if row.detail else {}
            answer = Answer(row.item_id, row.kind, row.value, tuple(sorted(given.items())))
            found.setdefault(row.item_id, []).append((answer, row.people))
        return found
