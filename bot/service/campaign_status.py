"""How far a campaign is: who was invited, who began, where they stand, who has a result.

Of an anonymous campaign these are numbers only: no link, no time and no id, and no group so small that it
points at somebody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot.assessment.answers import Answer
from bot.assessment.definitions import Item
from bot.assessment.records import Assessment, Campaign, Conversation, Invitation, Organisation
from bot.assessment.reminding import Reminding
from bot.assessment.segments import SKIPPED
from bot.service.anonymity import TOLD, WITHHELD, too_small
from bot.service.embedding import REFERENCE
from bot.service.ports import Parser, Work
from bot.service.turn import items_asked, progress_of

Place = Literal["not_begun", "opened", "agreed", "first_half", "second_half", "finished", "revoked", "gone"]

PLACES: Mapping[Place, str] = {
    "not_begun": "not begun",
    "opened": "opened, not agreed yet",
    "agreed": "agreed, no answer yet",
    "first_half": "in the first half",
    "second_half": "in the second half",
    "finished": "finished",
    "revoked": "taken back",
    "gone": "begun and erased",
}
"""Where somebody stands, in the order in which one gets there -> the same in words for the command line."""

# Where a link stands, not a conversation.
_OF_LINKS = ("not_begun", "revoked", "gone")

UNKNOWN = "unknown"
"""Stands for the option of whoever has not been asked yet."""


@dataclass(frozen=True)
class Progress:
    """One assessment: of which maturity model, and how many of its questions were had; `id` is its own."""

    model_id: str
    done: int
    total: int
    completed: bool
    id: str


@dataclass(frozen=True)
class Someone:
    """One person, or one link that nobody has used, in a campaign by name.

    `reference`: what the site where it was begun calls this person, once they have agreed to taking part.
    `times`: how many who have agreed are called so, by whoever said it of this one. `signed`: what the
    company's server has signed of this person: segments, 'reference'; once they have agreed as well.
    """

    invitation_id: str | None
    label: str | None
    kind: str
    place: Place
    runs: tuple[Progress, ...]
    reference: str | None = None
    times: int = 1
    signed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Those of whom the same is said. `option`: WITHHELD for small groups put together.

    `signed`: of how many of those who started a company's server has signed it, the others have said it
    themselves or the campaign has; None where that would point at too few people.
    """

    option: str
    started: int
    finished: int
    signed: int | None


@dataclass(frozen=True)
class Status:
    """How far a campaign is.

    `invited`: links for one person that were not taken back, or were used before; `used`: how many of those
    were begun with; `open_links`: links for all that work. `started`: who has agreed; `finished`: who has a
    result. `places`: how many stand where, of those who have opened a link. `segments`: segment -> groups.
    `willing`: who agreed to reminders and has no result yet. `people`: empty in an anonymous campaign.
    """

    campaign: Campaign
    organisation: Organisation
    phase: str
    invited: int
    used: int
    open_links: int
    started: int
    finished: int
    places: Mapping[Place, int]
    segments: Mapping[str, tuple[Group, ...]]
    willing: int
    people: tuple[Someone, ...]


def status(
    work: Work,
    parse: Parser,
    campaign: Campaign,
    organisation: Organisation,
    phase: str,
    invitations: Sequence[Invitation],
) -> Status:
    """How far this campaign is now."""
    conversations = work.conversations_of(campaign.id)
    asked: dict[tuple[str, str], Mapping[str, Item]] = {}
    stands: dict[str, tuple[Place, tuple[Progress, ...]]] = {}
    # So many questions to the store however many people there are.
    answers = work.open_answers_of(campaign.id)
    runs: dict[str, list[Progress]] = {}
    for run in work.runs_of(campaign.id):
        if run.status != "abandoned":
            found = _progress(work, parse, asked, run, answers.get(run.id, {}))
            runs.setdefault(run.conversation_id, []).append(found)
    for one in conversations:
        stands[one.id] = _stand(one, tuple(runs.get(one.id, ())))
    counted = Counter(place for place, _ in stands.values())
    agreed = [one for one in conversations if one.consent == "given"]
    singles = [one for one in invitations if one.kind == "single"]
    return Status(
        campaign=campaign,
        organisation=organisation,
        phase=phase,
        invited=sum(1 for one in singles if one.revoked_at is None or one.uses),
        used=sum(1 for one in singles if one.uses),
        open_links=sum(1 for one in invitations if one.kind == "open" and one.revoked_at is None),
        started=len(agreed),
        finished=counted["finished"],
        places={place: counted[place] for place in PLACES if place not in _OF_LINKS},
        segments={segment: _groups(campaign, segment, agreed, stands) for segment in TOLD},
        willing=sum(1 for one in agreed if _wants_reminders(one) and stands[one.id][0] != "finished"),
        people=() if campaign.anonymous else _people(invitations, conversations, stands),
    )


def as_data(found: Status) -> dict[str, Any]:
    """The same for machines."""
    data: dict[str, Any] = {
        "campaign": found.campaign.id,
        "name": found.campaign.name,
        "organisation": found.organisation.name,
        "anonymous": found.campaign.anonymous,
        "phase": found.phase,
        "invited": found.invited,
        "used": found.used,
        "open_links": found.open_links,
        "started": found.started,
        "finished": found.finished,
        "places": dict(found.places),
        "agreed_to_reminders": found.willing,
        "segments": {
            segment: [
                {
                    "option": one.option,
                    "started": one.started,
                    "finished": one.finished,
                    "signed": one.signed,
                }
                for one in groups
            ]
            for segment, groups in found.segments.items()
        },
    }
    if not found.campaign.anonymous:
        data["people"] = [
            {
                "invitation": one.invitation_id,
                "for": one.label,
                "reference": one.reference,
                "times": one.times if one.reference is not None else None,
                "signed": list(one.signed),
                "kind": one.kind,
                "stands": one.place,
                "assessments": [
                    {"model": run.model_id, "done": run.done, "of": run.total, "completed": run.completed}
                    for run in one.runs
                ],
            }
            for one in found.people
        ]
    return data


def _progress(
    work: Work,
    parse: Parser,
    asked: dict[tuple[str, str], Mapping[str, Item]],
    run: Assessment,
    answers: Mapping[str, Answer],
) -> Progress:
    """How far one assessment is; `answers` are those that hold, looked at only where some are left.

    `asked`: what was looked up so far, (hash of a definition, depth) -> the items.
    """
    which = (run.definition_hash, run.depth)
    if which not in asked:
        snapshot = work.snapshot(run.definition_hash)
        if snapshot is None:
            raise KeyError(f"assessment {run.id!r} names a definition that was never published")
        asked[which] = items_asked(parse(snapshot.content), run.depth)
    if run.status == "completed":
        total = len(asked[which])
        return Progress(run.model_id, total, total, True, run.id)
    done, total = progress_of(asked[which], answers)
    return Progress(run.model_id, done, total, False, run.id)


def _stand(conversation: Conversation, kept: tuple[Progress, ...]) -> tuple[Place, tuple[Progress, ...]]:
    """Where one person stands, and each assessment that was not begun anew since."""
    if conversation.consent != "given":
        return "opened", kept
    if any(one.completed for one in kept):
        return "finished", kept
    best = max(kept, key=lambda one: one.done / one.total, default=None)
    if best is None or best.done == 0:
        return "agreed", kept
    return ("first_half" if 2 * best.done < best.total else "second_half"), kept


def _wants_reminders(conversation: Conversation) -> bool:
    held = Reminding.read(conversation.reminding)
    return held is not None and held.agreed


def _groups(
    campaign: Campaign,
    segment: str,
    agreed: Sequence[Conversation],
    stands: Mapping[str, tuple[Place, tuple[Progress, ...]]],
) -> tuple[Group, ...]:
    started: Counter[str] = Counter()
    finished: Counter[str] = Counter()
    signed: Counter[str] = Counter()
    for one in agreed:
        option = one.segments.get(segment, UNKNOWN)
        started[option] += 1
        finished[option] += stands[one.id][0] == "finished"
        signed[option] += segment in one.signed
    hidden = frozenset[str]()
    # What the campaign says of everybody points at nobody.
    if campaign.anonymous and segment not in campaign.segments:
        hidden = too_small(started)
    groups = [
        Group(
            option, started[option], finished[option], _told_signed(campaign, signed[option], started[option])
        )
        for option in sorted(started, key=lambda one: (one in (SKIPPED, UNKNOWN), -started[one], one))
        if option not in hidden
    ]
    if hidden:
        together, done, vouched = (
            sum(counted[one] for one in hidden) for counted in (started, finished, signed)
        )
        groups.append(Group(WITHHELD, together, done, _told_signed(campaign, vouched, together)))
    return tuple(groups)


def _told_signed(campaign: Campaign, signed: int, started: int) -> int | None:
    """Of how many it was signed; None where these or the others are too few to be told of."""
    if campaign.anonymous and too_small({True: signed, False: started - signed}) and 0 < signed < started:
        return None
    return signed


def _people(
    invitations: Sequence[Invitation],
    conversations: Sequence[Conversation],
    stands: Mapping[str, tuple[Place, tuple[Progress, ...]]],
) -> tuple[Someone, ...]:
    """Every link for one person, and everybody who began with a link for all; in order of invitation."""
    found: list[Someone] = []
    # One JWT may begin many conversations, and anybody may write what is not signed.
    called = Counter(_called(one) for one in conversations if one.consent == "given")
    begun: dict[str | None, list[Conversation]] = {}
    for one in conversations:
        begun.setdefault(one.invitation_id, []).append(one)
    for invitation in invitations:
        began = begun.get(invitation.id, [])
        if not began and invitation.kind == "single":
            place: Place = "revoked" if invitation.revoked_at is not None else "not_begun"
            if invitation.uses:
                place = "gone"
            found.append(Someone(invitation.id, invitation.label, invitation.kind, place, ()))
        for one in began:
            whose = Someone(invitation.id, invitation.label, invitation.kind, *stands[one.id])
            if one.consent == "given":
                whose = replace(whose, reference=one.reference, times=called[_called(one)], signed=one.signed)
            found.append(whose)
    return tuple(found)


def _called(conversation: Conversation) -> tuple[str | None, bool]:
    """What the site calls this person, and whether that is signed."""
    return conversation.reference, REFERENCE in conversation.signed
