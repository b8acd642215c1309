"""A consultant's own levels, notes and marks, beside what respondents said: nothing of theirs is touched."""

from __future__ import annotations

from datetime import timedelta

from bot.assessment.reviewing import Note
from bot.service.desk.access import Action, Actor, Missing, Refused, allow
from bot.service.desk.auditing import record
from bot.service.desk.ports import DeskStore, DeskWork
from bot.service.desk.reviewing import judgeable
from bot.service.desk.standings import model_of
from bot.service.ports import Clock, Parser

LONGEST_REASON = 2000
LONGEST_NOTE = 4000
SENT_TWICE = timedelta(minutes=1)
"""The same note again within this time was sent twice."""
MARKS = ("follow_up", "agreed")


class Judging:
    """Judgements are append-only; notes can be deleted by who wrote them, marks can be changed by all."""

    def __init__(self, store: DeskStore, parse: Parser, clock: Clock) -> None:
        self._store = store
        self._parse = parse
        self._clock = clock

    def judge(
        self,
        actor: Actor,
        assessment_id: str,
        item_id: str,
        level: int | None,
        reason: str,
        answer: int,
    ) -> bool:
        """Keep an own level for an item with its reason; `level` None takes the one that counts back.

        `answer`: the how manieth answer to it was looked at, from 1, and 0 where there was none; a page says
        so if another has come since. False where nothing changed: the same was pressed twice.

        Raises Missing, and Refused: 'judge_level' (no level of this item) and 'judge_reason' (none, or over
        LONGEST_REASON characters).
        """
        now = self._clock()
        said = _tidy(reason)
        with self._store.write() as work:
            organisation_id = self._may(work, actor, assessment_id)
            self._require_level(work, assessment_id, item_id, level)
            known = [one.id for one in work.answers(assessment_id) if one.answer.item_id == item_id]
            if not 0 <= answer <= len(known):
                raise Missing(str(answer))
            answer_id = known[answer - 1] if answer else None
            if len(said) > LONGEST_REASON or (level is not None and not said):
                raise Refused("judge_reason")
            held = [one for one in work.judgements(assessment_id) if one.item_id == item_id]
            newest = held[-1] if held else None
            if level is None and (newest is None or newest.level is None):
                return False
            if newest is not None and (newest.level, newest.reason, newest.answer_id, newest.user_id) == (
                level,
                said,
                answer_id,
                actor.user_id,
            ):
                return False
            work.add_judgement(
                assessment_id=assessment_id,
                item_id=item_id,
                answer_id=answer_id,
                level=level,
                reason=said,
                user_id=actor.user_id,
                at=now,
            )
            action = "judge" if level is not None else "take_back_judgement"
            record(work, actor, action, "assessment", assessment_id, organisation_id, now, item=item_id)
            work.commit()
        return True

    def note(self, actor: Actor, assessment_id: str, item_id: str | None, text: str) -> int:
        """Write a note about an answer, or with None about the respondent; its id.

        The same again within SENT_TWICE is the same note. Raises Missing, Refused('note_empty') and
        Refused('note_long').
        """
        now = self._clock()
        said = _tidy(text)
        with self._store.write() as work:
            organisation_id = self._may(work, actor, assessment_id)
            if item_id is not None:
                self._require_item(work, assessment_id, item_id)
            if not said or len(said) > LONGEST_NOTE:
                raise Refused("note_long" if said else "note_empty")
            for one in work.notes(assessment_id):
                if (one.item_id, one.text, one.user_id) == (item_id, said, actor.user_id) and (
                    now - one.at < SENT_TWICE
                ):
                    return one.id
            made = work.add_note(assessment_id, item_id, said, actor.user_id, now)
            record(work, actor, "add_note", "assessment", assessment_id, organisation_id, now, note=made)
            work.commit()
        return made

    def delete_note(self, actor: Actor, assessment_id: str, note_id: int) -> Note | None:
        """Delete a note of one's own; an admin deletes any. The note as it was, None where it has gone.

        Raises Missing, Refused for a note of somebody else.
        """
        with self._store.write() as work:
            organisation_id = self._may(work, actor, assessment_id)
            note = next((one for one in work.notes(assessment_id) if one.id == note_id), None)
            if note is None:
                return None
            if note.user_id != actor.user_id and actor.role != "admin":
                raise Refused("note_of_another")
            work.delete_note(note_id)
            record(
                work,
                actor,
                "delete_note",
                "assessment",
                assessment_id,
                organisation_id,
                self._clock(),
                note=note_id,
            )
            work.commit()
        return note

    def mark(self, actor: Actor, assessment_id: str, item_id: str, mark: str | None) -> None:
        """Mark an answer, or with an empty `item_id` the whole, as to follow up or agreed; None for neither.

        Raises Missing, also for another mark.
        """
        now = self._clock()
        with self._store.write() as work:
            organisation_id = self._may(work, actor, assessment_id)
            if item_id:
                self._require_item(work, assessment_id, item_id)
            if mark is not None and mark not in MARKS:
                raise Missing(mark)
            work.set_mark(assessment_id, item_id, mark, actor.user_id, now)
            record(
                work,
                actor,
                "mark",
                "assessment",
                assessment_id,
                organisation_id,
                now,
                item=item_id,
                mark=mark,
            )
            work.commit()

    def _may(self, work: DeskWork, actor: Actor, assessment_id: str) -> str | None:
        found = work.find_run(assessment_id)
        if found is None:
            raise Missing(assessment_id)
        allow(actor, Action.JUDGE, found.organisation_id)
        # Two who judge one answer at a time wait for each other (PostgreSQL; SQLite has one writer anyway).
        work.conversation(found.conversation_id)
        return found.organisation_id

    def _require_item(self, work: DeskWork, assessment_id: str, item_id: str) -> None:
        assessment = work.assessment(assessment_id)
        if assessment is None:
            raise Missing(assessment_id)
        if item_id not in model_of(work, self._parse, assessment.definition_hash).item_ids():
            raise Missing(item_id)

    def _require_level(self, work: DeskWork, assessment_id: str, item_id: str, level: int | None) -> None:
        self._require_item(work, assessment_id, item_id)
        assessment = work.assessment(assessment_id)
        if assessment is None:
            raise Missing(assessment_id)
        model = model_of(work, self._parse, assessment.definition_hash)
        if level is not None and level not in judgeable(model, model.item(item_id)[1]):
            raise Refused("judge_level")


def _tidy(text: str) -> str:
    """The text without control characters and blanks around it."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(one for one in plain if one == "\n" or one.isprintable()).strip()
