"""What a consultant reads on the command line: assessments, one with its answers and scores, an export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.assessment.advice import advise
from bot.assessment.answers import Answer
from bot.assessment.definitions import MaturityModel
from bot.assessment.records import Assessment, StoredAnswer
from bot.assessment.scoring import score
from bot.service.ports import Parser, Store, Work
from bot.service.report import report
from bot.service.report_view import Report
from bot.service.turn import Running

COLUMNS = (
    "assessment",
    "model",
    "version",
    "status",
    "depth",
    "role_layer",
    "department",
    "business_line",
    "started_at",
    "completed_at",
    "dimension",
    "item",
    "kind",
    "level",
    "given",
    "words",
    "answered_at",
    "dimension_score",
    "dimension_staged",
)
"""The columns of an export, in order."""


class Review:
    """Reads assessments. Levels are what the respondent said; scores are computed anew, never stored."""

    def __init__(self, store: Store, parse: Parser) -> None:
        self._store = store
        self._parse = parse

    def _model(self, work: Work, assessment: Assessment) -> MaturityModel:
        snapshot = work.snapshot(assessment.definition_hash)
        if snapshot is None:
            raise KeyError(f"assessment {assessment.id!r} names a definition that was never published")
        return self._parse(snapshot.content)

    def assessments(self) -> list[dict[str, Any]]:
        """Every assessment, oldest first: ids, model, version, status, segments, times, how many answers."""
        with self._store.read() as work:
            return [
                _head(work, one) | {"answers": len({a.answer.item_id for a in work.answers(one.id)})}
                for one in work.assessments()
            ]

    def requests(self) -> list[dict[str, Any]]:
        """Who asked for a person, oldest first; None: in no assessment, at no question, no contact left."""
        with self._store.read() as work:
            return [
                {
                    "asked_at": one.at.isoformat(),
                    "conversation": one.conversation_id,
                    "assessment": one.assessment_id,
                    "question": one.item_id,
                    "contact": one.contact,
                }
                for one in work.help_requests()
            ]

    def assessment(self, assessment_id: str) -> dict[str, Any] | None:
        """One assessment with its answers (superseded ones too) and its result; None when there is none."""
        with self._store.read() as work:
            found = work.assessment(assessment_id)
            if found is None:
                return None
            model = self._model(work, found)
            stored = work.answers(found.id)
            head = _head(work, found)
        return head | {
            "answers": [_answer(one, stored) for one in stored],
            "result": _result(model, found, stored),
        }

    def report(
        self, assessment_id: str, language: str | None = None, *, with_words: bool = True
    ) -> Report | None:
        """The report of an assessment; None when there is none with this id.

        `language`: another one than the respondent's. `with_words`: with what the respondent typed.
        """
        with self._store.read() as work:
            found = work.assessment(assessment_id)
            if found is None:
                return None
            conversation = work.conversation(found.conversation_id)
            running = Running(
                found,
                self._model(work, found),
                {
                    one.answer.item_id: one if with_words else replace(one, words=None)
                    for one in work.answers(found.id)
                },
            )
        languages = running.model.languages
        if language is None and conversation is not None:
            language = conversation.language
        return report(running, language if language in languages and language else languages[0])

    def run(
        self, assessment_id: str
    ) -> tuple[MaturityModel, dict[str, Answer], tuple[str, ...] | None] | None:
        """An assessment's own model, the answers that hold, and the items of its depth; None for no such."""
        with self._store.read() as work:
            found = work.assessment(assessment_id)
            if found is None:
                return None
            model = self._model(work, found)
            answers = {one.answer.item_id: one.answer for one in work.answers(found.id)}
        return model, answers, _asked(model, found)

    def export(self) -> list[dict[str, Any]]:
        """One row per answer that holds, of every assessment, with the dimension's score beside it."""
        rows: list[dict[str, Any]] = []
        with self._store.read() as work:
            for found in work.assessments():
                model = self._model(work, found)
                current = {one.answer.item_id: one for one in work.answers(found.id)}
                answers = {item_id: one.answer for item_id, one in current.items()}
                scores = score(model, answers, asked=_asked(model, found))
                segments = _segments(work, found)
                for item_id, one in current.items():
                    dimension_id = item_id.split(".")[0]
                    rows.append(
                        {
                            "assessment": found.id,
                            "model": found.model_id,
                            "version": found.model_version,
                            "status": found.status,
                            "depth": found.depth,
                            **segments,
                            "started_at": found.started_at.isoformat(),
                            "completed_at": found.completed_at.isoformat() if found.completed_at else None,
                            "dimension": dimension_id,
                            "item": item_id,
                            "kind": one.answer.kind,
                            "level": one.answer.value,
                            # One text for a table: 'chatbot=planned reviews=in_place'.
                            "given": " ".join(f"{k}={v}" for k, v in one.answer.detail) or None,
                            "words": one.words,
                            "answered_at": one.at.isoformat(),
                            "dimension_score": scores.dimension(dimension_id).score,
                            "dimension_staged": scores.dimension(dimension_id).staged,
                        }
                    )
        return rows


def _segments(work: Work, assessment: Assessment) -> dict[str, str | None]:
    """Who answered, and about which customers; None for what was not said, 'skipped' for what was skipped."""
    conversation = work.conversation(assessment.conversation_id)
    said = {} if conversation is None else conversation.segments
    return {
        "role_layer": said.get("role_layer"),
        "department": said.get("department"),
        # Of this run: one conversation may have one for each kind of customers.
        "business_line": assessment.business_line,
    }


def _head(work: Work, assessment: Assessment) -> dict[str, Any]:
    return {
        "id": assessment.id,
        "conversation": assessment.conversation_id,
        "model": assessment.model_id,
        "version": assessment.model_version,
        "definition": assessment.definition_hash,
        "status": assessment.status,
        "depth": assessment.depth,
        **_segments(work, assessment),
        "open_question": assessment.current_item,
        "started_at": assessment.started_at.isoformat(),
        "completed_at": assessment.completed_at.isoformat() if assessment.completed_at else None,
    }


def _answer(one: StoredAnswer, stored: list[StoredAnswer]) -> dict[str, Any]:
    later = next((other for other in stored if other.supersedes == one.id), None)
    return {
        "id": one.id,
        "item": one.answer.item_id,
        "kind": one.answer.kind,
        "level": one.answer.value,
        "given": one.answer.given or None,
        "words": one.words,
        "by": one.by,
        "at": one.at.isoformat(),
        "superseded_by": None if later is None else later.id,
    }


def _asked(model: MaturityModel, assessment: Assessment) -> tuple[str, ...] | None:
    """The items that an assessment asks; None for all."""
    return model.quick_ids() if assessment.depth == "quick" else None


def _result(model: MaturityModel, assessment: Assessment, stored: list[StoredAnswer]) -> Mapping[str, Any]:
    answers = {one.answer.item_id: one.answer for one in stored}
    result = score(model, answers, asked=_asked(model, assessment), targets=assessment.targets)
    return {
        "overall": result.overall,
        "indication": result.indication,
        "dimensions": [
            {
                "id": found.dimension_id,
                "status": found.status,
                "score": found.score,
                "staged": found.staged,
                "coverage": found.coverage,
                "lowest": found.lowest,
                "highest": found.highest,
                "target": found.target,
                "gap": found.gap,
            }
            for found in result.dimensions
        ],
        "elements": [
            {
                "id": found.item_id,
                "score": found.score,
                "stage": found.stage,
                "in_place": found.in_place,
                "applicable": found.applicable,
                "coverage": found.coverage,
                "lowest": found.lowest,
                "highest": found.highest,
            }
            for found in result.elements
        ],
        "spread": None if result.balance is None else result.balance.spread,
        "unbalanced": None if result.balance is None else result.balance.unbalanced,
        "implausible": [[pair.high, pair.low] for pair in result.implausible],
        "advice": [
            {
                "item": step.item_id,
                "practice": None if step.practice is None else step.practice.id,
                "from": step.current,
                "to": step.to,
                "reason": step.reason,
            }
            for step in advise(model, answers, result, targets_chosen=bool(assessment.targets))
        ],
    }
