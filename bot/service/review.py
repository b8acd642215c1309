"""What a consultant reads on the command line: assessments, one with its answers and scores, an export.

Of an anonymous campaign it is told what was answered, and nothing that leads to who did: no conversation, no
time, no typed words, and segments of groups only (bot.service.anonymity).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.assessment.advice import advise
from bot.assessment.answers import Answer
from bot.assessment.definitions import MaturityModel
from bot.assessment.records import Assessment, Conversation, StoredAnswer, StoredPlacement
from bot.assessment.scoring import score
from bot.service.anonymity import TOLD, WITHHELD, NotTold, Veil
from bot.service.ports import Parser, Store, Work
from bot.service.report import behind, month, report
from bot.service.report_view import Report
from bot.service.signed import with_plan
from bot.service.turn import Running
from bot.service.words_told import as_data, percent

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
    "campaign",
    "invited_as",
    "certainty",
    "proposed",
    "confidence",
    "quote",
    "reference",
    "signed",
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
        """Every assessment, oldest first: ids, model, version, status, segments, times, how many answers.

        Those of anonymous campaigns come last, in no order that says anything.
        """
        with self._store.read() as work:
            told = _Told(work)
            return [
                told.head(one) | {"answers": len({a.answer.item_id for a in work.answers(one.id)})}
                for one in told.in_order(work.assessments())
            ]

    def requests(self) -> list[dict[str, Any]]:
        """Who asked for a person, oldest first; None: in no assessment, at no question, no contact left.

        None too for all that would lead from a contact to the answers of an anonymous campaign.
        """
        with self._store.read() as work:
            veil = Veil(work)
            found = []
            for one in work.help_requests():
                conversation = work.conversation(one.conversation_id)
                hidden = veil.anonymous(conversation)
                campaign = veil.campaign(conversation)
                found.append(
                    {
                        "asked_at": one.at.isoformat(),
                        "conversation": None if hidden else one.conversation_id,
                        "assessment": None if hidden else one.assessment_id,
                        "question": None if hidden else one.item_id,
                        "contact": one.contact,
                        "campaign": None if campaign is None else campaign.id,
                    }
                )
            return found

    def assessment(self, assessment_id: str) -> dict[str, Any] | None:
        """One assessment with its answers (superseded ones too) and its result; None when there is none."""
        with self._store.read() as work:
            found = work.assessment(assessment_id)
            if found is None:
                return None
            model = self._model(work, found)
            stored = work.answers(found.id)
            told = _Told(work)
            head = told.head(found)
            hidden = told.hides(found)
        return head | {
            "answers": [_answer(one, stored, hidden) for one in stored],
            "result": _result(model, found, stored),
        }

    def transcript(self, assessment_id: str) -> list[dict[str, Any]] | None:
        """The conversation in which an assessment was held, a message each; None for no such assessment.

        `placed`: behind own words of this assessment, where they were placed and what was chosen in the end
        (a level or a kind of answer; None while the question is open). Raises NotTold for a campaign that is
        anonymous: it is never told what was typed.
        """
        with self._store.read() as work:
            found = work.assessment(assessment_id)
            if found is None:
                return None
            if Veil(work).anonymous(work.conversation(found.conversation_id)):
                raise NotTold(
                    f"assessment {assessment_id} is of an anonymous campaign: what was typed is not told"
                )
            chosen = {
                one.answer.item_id: one.answer.kind if one.answer.value is None else one.answer.value
                for one in work.answers(found.id)
            }
            placed: dict[str, list[dict[str, Any]]] = {}
            for one in work.placements(found.id):
                told = {"item": one.item_id, **(as_data(one) or {}), "chosen": chosen.get(one.item_id)}
                placed.setdefault(one.turn_id, []).append(told)
            messages = work.messages(found.conversation_id)
        return [
            {
                "at": one.at.isoformat(),
                "by": "respondent" if one.role == "user" else "peil",
                "text": one.text,
                "placed": placed.get(one.turn_id or "", []) if one.role == "user" else [],
            }
            for one in messages
        ]

    def report(
        self, assessment_id: str, language: str | None = None, *, with_words: bool = True
    ) -> Report | None:
        """The report of an assessment; None when there is none with this id.

        `language`: another one than the respondent's. `with_words`: with what the respondent typed. Of an
        anonymous campaign it never has that, and of the day only the month.
        """
        with self._store.read() as work:
            found = work.assessment(assessment_id)
            if found is None:
                return None
            conversation = work.conversation(found.conversation_id)
            hidden = Veil(work).anonymous(conversation)
            with_words = with_words and not hidden
            organisation, invented = behind(work, conversation)
            if hidden:
                # Which customers it is about, and in which language it was held, may point at few.
                found = replace(found, business_line=None)
                language = language or self._model(work, found).languages[0]
            running = with_plan(
                work,
                Running(
                    found,
                    self._model(work, found),
                    {
                        one.answer.item_id: one if with_words else replace(one, words=None, placement=None)
                        for one in work.answers(found.id)
                    },
                ),
            )
        languages = running.model.languages
        if language is None and conversation is not None:
            language = conversation.language
        language = language if language in languages and language else languages[0]
        made = report(running, language, organisation, invented)
        if not hidden:
            return made
        return replace(
            made,
            date=month(language, made.made_at),
            made_at=made.made_at.replace(day=1, hour=12, minute=0, second=0, microsecond=0),
        )

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
            told = _Told(work)
            for found in told.in_order(work.assessments()):
                model = self._model(work, found)
                head, hidden = told.head(found), told.hides(found)
                current = {one.answer.item_id: one for one in work.answers(found.id)}
                answers = {item_id: one.answer for item_id, one in current.items()}
                scores = score(model, answers, asked=_asked(model, found))
                # Answers that were changed come last: of whom nothing is known, that is not told either.
                order = [one for one in model.item_ids() if one in current] if hidden else list(current)
                for item_id in order:
                    one = current[item_id]
                    dimension_id = item_id.split(".")[0]
                    rows.append(
                        {
                            "assessment": found.id,
                            "model": found.model_id,
                            "version": found.model_version,
                            "status": found.status,
                            "depth": found.depth,
                            **{segment: head[segment] for segment in TOLD},
                            "started_at": head["started_at"],
                            "completed_at": head["completed_at"],
                            "dimension": dimension_id,
                            "item": item_id,
                            "kind": one.answer.kind,
                            "level": one.answer.value,
                            # One text for a table: 'chatbot=planned reviews=in_place'.
                            "given": " ".join(f"{k}={v}" for k, v in one.answer.detail) or None,
                            "words": None if hidden else one.own_words,
                            "answered_at": None if hidden else one.at.isoformat(),
                            "dimension_score": scores.dimension(dimension_id).score,
                            "dimension_staged": scores.dimension(dimension_id).staged,
                            "campaign": head["campaign"],
                            "invited_as": head["invited_as"],
                            **_read_in(None if hidden else one.placement),
                            "reference": head["reference"],
                            "signed": None if head["signed"] is None else " ".join(head["signed"]),
                        }
                    )
        return rows


class _Told:
    """What is told of whose assessment it is, within one transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._veil = Veil(work)
        self._conversations: dict[str, Conversation | None] = {}

    def _conversation(self, assessment: Assessment) -> Conversation | None:
        wanted = assessment.conversation_id
        if wanted not in self._conversations:
            self._conversations[wanted] = self._work.conversation(wanted)
        return self._conversations[wanted]

    def hides(self, assessment: Assessment) -> bool:
        """Whether nothing may lead from it to a person."""
        return self._veil.anonymous(self._conversation(assessment))

    def in_order(self, assessments: Sequence[Assessment]) -> list[Assessment]:
        """As they are, but those of anonymous campaigns last, by their random ids: no order of beginning."""
        hidden = {one.id for one in assessments if self.hides(one)}
        return sorted(assessments, key=lambda one: (one.id in hidden, one.id if one.id in hidden else ""))

    def head(self, assessment: Assessment) -> dict[str, Any]:
        """All of an assessment but its answers."""
        conversation = self._conversation(assessment)
        campaign = self._veil.campaign(conversation)
        hidden = self._veil.anonymous(conversation)
        segments = self._veil.segments(conversation)
        if segments["business_line"] != WITHHELD:
            # Of this run: one conversation may have one for each kind of customers.
            segments["business_line"] = assessment.business_line
        return {
            "id": assessment.id,
            "conversation": None if hidden else assessment.conversation_id,
            "model": assessment.model_id,
            "version": assessment.model_version,
            "definition": assessment.definition_hash,
            "status": assessment.status,
            "depth": assessment.depth,
            **segments,
            "open_question": assessment.current_item,
            "started_at": None if hidden else assessment.started_at.isoformat(),
            "completed_at": (
                None if hidden or assessment.completed_at is None else assessment.completed_at.isoformat()
            ),
            "campaign": None if campaign is None else campaign.id,
            "invited_as": self._label(conversation),
            "reference": None if hidden or conversation is None else conversation.reference,
            # Who came by way of the site may be few: of an anonymous campaign its status says it of groups.
            "signed": None if hidden or conversation is None else list(conversation.signed),
        }

    def _label(self, conversation: Conversation | None) -> str | None:
        """For whom the link was, in a campaign by name; None for nobody in particular."""
        if conversation is None or conversation.campaign_id is None or conversation.invitation_id is None:
            return None
        invitations = self._work.invitations(conversation.campaign_id)
        return next((one.label for one in invitations if one.id == conversation.invitation_id), None)


def _answer(one: StoredAnswer, stored: list[StoredAnswer], hidden: bool) -> dict[str, Any]:
    """One answer; `hidden`: without what may lead to a person. Numbered within the assessment then."""
    later = next((other for other in stored if other.supersedes == one.id), None)
    numbers = {other.id: place if hidden else other.id for place, other in enumerate(stored, 1)}
    return {
        "id": numbers[one.id],
        "item": one.answer.item_id,
        "kind": one.answer.kind,
        "level": one.answer.value,
        "given": one.answer.given or None,
        "words": None if hidden else one.words,
        "own_words": None if hidden else as_data(one.placement),
        "by": one.by,
        "at": None if hidden else one.at.isoformat(),
        "superseded_by": None if later is None else numbers[later.id],
    }


def _read_in(placed: StoredPlacement | None) -> dict[str, Any]:
    """What was read in own words, for a table: the levels as '3' or '2 3', how sure in percent."""
    return {
        "certainty": None if placed is None else placed.certainty,
        "proposed": None if placed is None else " ".join(map(str, placed.proposed)) or None,
        "confidence": None if placed is None else percent(placed.likely[0][1]),
        "quote": None if placed is None else placed.quote,
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
