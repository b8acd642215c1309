"""Questions of consultants to respondents in the database."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.assessment.records import Question
from bot.store import tables as t
from bot.store.desk.part import Part

# Far more than anybody asks one person; a page and a file stay bounded all the same.
_MOST = 200

_QUESTIONS = (
    sa.select(t.questions, t.users.c.name.label("who"))
    .join(t.users, t.users.c.id == t.questions.c.user_id)
    .order_by(t.questions.c.at, t.questions.c.id)
    .limit(_MOST)
)


class QuestionsWork(Part):
    """Asking, and what became of it."""

    def _questions(self, *conditions: sa.ColumnElement[bool]) -> list[Question]:
        rows = self._connection.execute(_QUESTIONS.where(*conditions))
        return [Question(**dict(row._mapping)) for row in rows]

    def add_question(self, question: Question) -> None:
        """Keep a new question; whose it is, is told by `user_id`."""
        values = {column.name: getattr(question, column.name) for column in t.questions.columns}
        self._connection.execute(t.questions.insert().values(values))

    def question(self, question_id: str) -> Question | None:
        """The question with this id; None when there is none."""
        return next(iter(self._questions(t.questions.c.id == question_id)), None)

    def open_questions(self, conversation_id: str) -> list[Question]:
        """The questions in a conversation that wait for an answer, oldest first."""
        c = t.questions.c
        return self._questions(
            c.conversation_id == conversation_id,
            c.answered_at.is_(None),
            c.withdrawn_at.is_(None),
            c.declined_at.is_(None),
        )

    def questions_in(self, conversation_id: str) -> list[Question]:
        """All questions in a conversation, oldest first."""
        return self._questions(t.questions.c.conversation_id == conversation_id)

    def questions_about(self, assessment_id: str) -> list[Question]:
        """All questions about an assessment, oldest first."""
        return self._questions(t.questions.c.assessment_id == assessment_id)

    def update_question(self, question_id: str, **changes: Any) -> None:
        """Change fields of a question."""
        self._connection.execute(
            t.questions.update().where(t.questions.c.id == question_id).values(**changes)
        )
