"""Everything that consultants can write about a respondent, for tests of what becomes of it."""

from __future__ import annotations

from typing import Any

from bot.store import tables
from tests.integration.desk.conftest import DeskHouse


def write_about(desk: DeskHouse, conversation_id: str, word: str) -> None:
    """A row in every table of the desk that hangs on this respondent, each with this word in it."""
    [run, *_] = desk.house.runs(conversation_id)
    now, user = desk.house.clock(), desk.consultant.user_id
    by = {"user_id": user, "at": now}
    of = {"assessment_id": run.id}
    rows: list[tuple[Any, dict[str, Any]]] = [
        (tables.judgements, of | by | {"item_id": "tea.leaves", "level": 2, "reason": f"{word} judged"}),
        (tables.desk_notes, of | by | {"item_id": "tea.leaves", "text": f"{word} noted"}),
        (tables.review_marks, of | by | {"item_id": word[:10], "mark": "follow_up"}),
        (
            tables.questions,
            of | by | {"id": f"q-{run.id[:12]}", "conversation_id": conversation_id, "text": f"{word}?"},
        ),
        (
            tables.plans,
            of
            | {"id": f"p-{run.id[:12]}", "model_id": "teahouse", "version": 7, "revision": 1}
            | {"content": {"steps": [word]}, "user_id": user, "created_at": now, "changed_at": now},
        ),
        (tables.standings, of | {"upto": 1, "scores": {word: 1.0}}),
    ]
    with desk.house.store.write() as work:
        work._connection.execute(tables.standings.delete().where(tables.standings.c.assessment_id == run.id))
        for table, values in rows:
            work._connection.execute(table.insert().values(values))
        work.commit()
