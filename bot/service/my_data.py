"""Everything that is kept of a person, for a file that another program can read (GDPR, article 20)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.assessment.definitions import MaturityModel
from bot.assessment.records import Assessment, Campaign, Conversation, StoredAnswer, StoredPlacement
from bot.assessment.scoring import score
from bot.service.ports import Work
from bot.service.turn import organisation_of
from bot.service.withholding import is_withheld
from bot.service.words_told import as_data


def everything(
    work: Work, conversation: Conversation, model: Callable[[str], MaturityModel]
) -> dict[str, Any]:
    """All rows of a conversation, with names a person understands; times in UTC, ISO 8601.

    Left out is what only opens something (tokens, the ids of links) or proves a repeat (fingerprints).
    """
    made = work.of_consultants(conversation.id)
    campaign = None if conversation.campaign_id is None else work.campaign(conversation.campaign_id)
    return {
        "about": "Everything that Peil keeps of you, as it stands now.",
        "conversation": {
            "id": conversation.id,
            "channel": conversation.channel,
            "language": conversation.language,
            "consent": conversation.consent,
            "began": _time(conversation.created_at),
            "last_used": _time(conversation.last_seen_at),
            "known_beforehand": {k: v for k, v in conversation.prefill.items() if k != "signed"},
            "about_you": dict(conversation.segments),
            "waits_for": conversation.pending,
            "not_understood_in_a_row": conversation.misunderstood,
            "campaign": _campaign(work, conversation),
            "passed_on_by_the_site": conversation.reference,
            "signed_by_the_site": list(conversation.signed),
            "reminders": conversation.reminding,
            "own_words_may_be_shown_without_name": conversation.quoting,
        },
        "assessments": [
            _assessment(one, model(one.definition_hash), work.answers(one.id), work.placements(one.id))
            | {"consultants": _made_of_it(made, one.id)}
            | _not_yet(campaign, one)
            for one in work.assessments(conversation_id=conversation.id)
        ],
        "transcript": [
            {
                "at": _time(message.at),
                "by": "you" if message.role == "user" else "Peil",
                "language": message.language,
                "text": message.text,
                "buttons": [button.title for button in message.buttons],
                "picture": message.alt,
                "links": [link.title for link in message.links],
            }
            for message in work.messages(conversation.id)
        ],
        "links": [
            {
                "kind": link.kind,
                "made": _time(link.created_at),
                "used_or_withdrawn": None if link.ended_at is None else _time(link.ended_at),
            }
            for link in work.links(conversation.id)
        ],
        "chats": [
            {
                "channel": one.channel,
                # The channel's own id for the chat is sealed, and known to the person as their own.
                "since": _time(one.since),
                "last_heard_of": _time(one.heard_at),
                "not_to_be_reached_since": None if one.blocked_at is None else _time(one.blocked_at),
                "goes_on_here": one.id == conversation.account_id,
            }
            for one in work.accounts_of(conversation.id)
        ],
        "codes_to_go_on_elsewhere": [
            {
                "made": _time(one.created_at),
                "used_or_ended": None if one.used_at is None else _time(one.used_at),
            }
            for one in work.handovers(conversation.id)
        ],
        "asked_for_a_person": [
            {"at": _time(one.at), "question": one.item_id, "contact": one.contact}
            for one in work.help_requests(conversation.id)
        ],
        "questions_of_consultants": [
            {
                "at": _time(one["at"]),
                "question": one["item_id"],
                "text": one["text"],
                "answered": _when(one["answered_at"]),
                "withdrawn": _when(one["withdrawn_at"]),
            }
            for one in made["questions"]
        ],
    }


def _not_yet(campaign: Campaign | None, assessment: Assessment) -> dict[str, Any]:
    """What takes the place of a result at which a consultant looks first; nothing for any other."""
    if not is_withheld(campaign, assessment):
        return {}
    why = "An adviser looks at this result first; then it is here as well."
    return {"scores": why, "elements": why, "average": why, "consultants": why}


def _made_of_it(made: Mapping[str, Sequence[Mapping[str, Any]]], assessment_id: str) -> dict[str, Any]:
    """What consultants wrote about an assessment, and the scores that are kept of it.

    It is about the person, so it is the person's to see; who wrote it is somebody else, so that is left out.
    """
    of = {name: [row for row in rows if row["assessment_id"] == assessment_id] for name, rows in made.items()}
    return {
        "judgements": [
            {
                "at": _time(one["at"]),
                "question": one["item_id"],
                "level": one["level"],
                "reason": one["reason"],
            }
            for one in of["judgements"]
        ],
        "notes": [
            {"at": _time(one["at"]), "question": one["item_id"], "text": one["text"]}
            for one in of["desk_notes"]
        ],
        "marks": [
            {"at": _time(one["at"]), "question": one["item_id"] or None, "mark": one["mark"]}
            for one in of["review_marks"]
        ],
        "advice": [
            {
                "version": one["version"],
                "made": _time(one["created_at"]),
                "changed": _time(one["changed_at"]),
                "signed": _when(one["signed_at"]),
                "signed_by": one["signed_by"],
                "content": one["content"],
            }
            for one in of["plans"]
        ],
        "scores_kept": [{"average": one["overall"], "scores": one["scores"]} for one in of["standings"]],
    }


def _campaign(work: Work, conversation: Conversation) -> dict[str, Any] | None:
    """For whom the questions are asked, and whose name stands on the invitation; None for no campaign."""
    campaign = None if conversation.campaign_id is None else work.campaign(conversation.campaign_id)
    if campaign is None:
        return None
    labels = {one.id: one.label for one in work.invitations(campaign.id)}
    return {
        "organisation": organisation_of(work, campaign),
        "name": campaign.name,
        "anonymous": campaign.anonymous,
        "invited_as": labels.get(conversation.invitation_id or ""),
    }


def _assessment(
    assessment: Assessment,
    model: MaturityModel,
    stored: Sequence[StoredAnswer],
    placements: Sequence[StoredPlacement],
) -> dict[str, Any]:
    replaced = {one.supersedes for one in stored}
    asked = model.quick_ids() if assessment.depth == "quick" else None
    result = score(model, {one.answer.item_id: one.answer for one in stored}, asked=asked)
    return {
        "maturity_model": {"id": model.id, "version": model.version, "name": dict(model.name)},
        "definition": assessment.definition_hash,
        "customers": assessment.business_line,
        "depth": assessment.depth,
        "targets": assessment.targets,
        "steps_placed": assessment.placed,
        "status": assessment.status,
        "open_question": assessment.current_item,
        "began": _time(assessment.started_at),
        "completed": None if assessment.completed_at is None else _time(assessment.completed_at),
        "approved": _when(assessment.approved_at),
        "answers": [
            {
                "at": _time(one.at),
                "question": one.answer.item_id,
                "answer": one.answer.kind,
                "level": one.answer.value,
                "given": one.answer.given or None,
                "your_words": one.words,
                "from_what_you_described": as_data(one.placement),
                "by": one.by,
                "holds": one.id not in replaced,
            }
            for one in stored
        ],
        "described_in_your_own_words": [
            {"at": _time(one.at), "question": one.item_id, **(as_data(one) or {})} for one in placements
        ],
        "scores": {found.dimension_id: found.score for found in result.dimensions},
        "elements": {
            found.item_id: {"score": found.score, "stage": found.stage} for found in result.elements
        },
        "average": result.overall,
    }


def _when(at: datetime | None) -> str | None:
    return None if at is None else _time(at)


def _time(at: datetime) -> str:
    return at.isoformat()
