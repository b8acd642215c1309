"""Requests to see or erase what is kept of a person: noted, found, handed out, erased, recorded as done."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

from bot.assessment.records import FoundPerson, Organisation, PrivacyRequest, RequestKind, RequestOutcome
from bot.service.campaign_input import InvalidField
from bot.service.desk.access import ALLOWED, Action, Actor, Conflict, Missing, Refused, allow
from bot.service.desk.auditing import record
from bot.service.desk.ports import DeskStore, DeskWork
from bot.service.ports import Clock, Work
from bot.service.use_cases import UseCases
from bot.texts import say

ON_A_PAGE = 50
MOST_FOUND = 20
"""So many people are shown of a search; who has more of a name types more of it."""
LONGEST_WHO = 1000
LONGEST_SEARCH = 100
SHORTEST_SEARCH = 2

_BY_HAND: tuple[RequestOutcome, ...] = ("handed_over", "not_found", "refused", "withdrawn")


@dataclass(frozen=True)
class Handled:
    """A request as its page shows it.

    `person`: who was found, None for nobody (yet). `goes`: what of them is kept -> how many. `found`: whom
    the search has found; None where nothing was searched. `anonymous`: the organisation also has campaigns
    in which nobody can be found.
    """

    request: PrivacyRequest
    organisation: Organisation
    person: FoundPerson | None
    goes: Mapping[str, int]
    found: tuple[FoundPerson, ...] | None
    anonymous: bool


class Privacy:
    """Every method raises Missing and Refused (bot.service.desk.access).

    Nobody of an anonymous campaign can be found here: whoever could be would not be anonymous.
    """

    def __init__(self, store: DeskStore, use_cases: UseCases, clock: Clock) -> None:
        self._store = store
        self._use_cases = use_cases
        self._clock = clock

    def requests(self, actor: Actor, page: int = 1) -> tuple[list[tuple[PrivacyRequest, str]], bool]:
        """Those in the user's organisations, each with its organisation's name; whether there are more."""
        own = None if actor.role == "admin" else sorted(actor.organisations)
        _allow_role(actor)
        with self._store.read() as work:
            found = work.privacy_requests(own, ON_A_PAGE + 1, (max(page, 1) - 1) * ON_A_PAGE)
        return found[:ON_A_PAGE], len(found) > ON_A_PAGE

    def organisations(self, actor: Actor) -> list[Organisation]:
        """The organisations that a request can be about, by name; at most 200."""
        own = None if actor.role == "admin" else sorted(actor.organisations)
        _allow_role(actor)
        with self._store.read() as work:
            return work.organisations_page(own, 200, 0)

    def add(self, actor: Actor, organisation_id: str, kind: str, who: str) -> PrivacyRequest:
        """Note a request. Raises InvalidField for 'kind' and 'who'."""
        allow(actor, Action.HANDLE_PRIVACY, organisation_id)
        if kind not in get_args(RequestKind):
            raise InvalidField("kind", "'see' or 'erase' is expected.")
        plain = who.replace("\r\n", "\n").strip()
        if not 1 <= len(plain) <= LONGEST_WHO:
            raise InvalidField("who", f"1 to {LONGEST_WHO} characters are expected.")
        now = self._clock()
        made = PrivacyRequest(
            secrets.token_hex(8), organisation_id, cast(RequestKind, kind), plain, None, actor.user_id, now
        )
        with self._store.write() as work:
            if work.organisation(organisation_id) is None:
                raise Missing(organisation_id)
            work.add_privacy_request(made)
            record(work, actor, "request_noted", "request", made.id, organisation_id, now, wish=kind)
            work.commit()
        return made

    def show(self, actor: Actor, request_id: str, search: str | None = None) -> Handled:
        """A request, who was found for it, and whom a search finds. Raises InvalidField for 'search'."""
        with self._store.write() as work:
            request = self._request(work, actor, request_id)
            organisation = work.organisation(request.organisation_id)
            assert organisation is not None  # a request refers to it
            person = self._person(work, request)
            found = None
            if search is not None and request.done_at is None:
                text = " ".join(search.split())
                if not SHORTEST_SEARCH <= len(text) <= LONGEST_SEARCH:
                    raise InvalidField(
                        "search", f"{SHORTEST_SEARCH} to {LONGEST_SEARCH} characters are expected."
                    )
                found = tuple(work.find_people(organisation.id, text, MOST_FOUND))
                self._note(work, actor, "people_searched", request)
            goes = {} if person is None else _counted(self._use_cases.file_of(work, person.conversation))
            anonymous = work.has_anonymous(organisation.id)
            work.commit()
        return Handled(request, organisation, person, goes, found, anonymous)

    def choose(self, actor: Actor, request_id: str, conversation_id: str | None) -> None:
        """Say who it is; None: nobody, after all. Raises Missing for anybody who cannot be found here."""
        with self._store.write() as work:
            request = self._open(work, actor, request_id)
            if conversation_id is not None and not work.find_people(
                request.organisation_id, "", 1, conversation_id
            ):
                raise Missing(conversation_id)
            work.update_privacy_request(request.id, conversation_id=conversation_id)
            self._note(work, actor, "person_found", request)
            work.commit()

    def file(self, actor: Actor, request_id: str) -> dict[str, Any]:
        """Everything that is kept of the person who was found (bot.service.my_data)."""
        with self._store.write() as work:
            request = self._open(work, actor, request_id)
            person = self._person(work, request)
            if person is None:
                raise Missing(request_id)
            self._note(work, actor, "file_made", request)
            found = self._use_cases.file_of(work, person.conversation)
            work.commit()
        return found

    def erase(self, actor: Actor, request_id: str, confirmation: str) -> None:
        """Erase all of the person who was found, and the name on the invitation; the request is done by it.

        Raises InvalidField unless `confirmation` is the word that the page asks for, and Conflict where the
        request is not one to erase.
        """
        with self._store.read() as work:
            request = self._open(work, actor, request_id)
            person = self._person(work, request)
        if request.kind != "erase":
            raise Conflict(request_id)
        if person is None:
            raise Missing(request_id)
        if confirmation.strip().casefold() != say(actor.language, "desk_privacy.erase_word").casefold():
            raise InvalidField("confirmation", "the word that is asked for is expected.")

        def also(plain: Work) -> None:
            # The units of work of one store can do all that the desk asks.
            work = cast(DeskWork, plain)
            # Once more, locked: somebody else may have been quicker, or have chosen another person.
            if self._open(work, actor, request_id).conversation_id != person.conversation.id:
                raise Conflict(request_id)
            work.forget_labels_of([person.conversation.id])
            self._finish(work, actor, request, "erased")

        # Not thoroughly: nobody who is chatting waits for it, as when people erase all themselves.
        self._use_cases.forget(person.conversation.id, also=also, thoroughly=False)

    def finish(self, actor: Actor, request_id: str, outcome: str) -> None:
        """Record what came of a request; who asked is forgotten. Raises InvalidField for 'outcome'."""
        if outcome not in _BY_HAND:
            raise InvalidField("outcome", f"{', '.join(_BY_HAND)}: nothing else can be recorded.")
        with self._store.write() as work:
            request = self._open(work, actor, request_id)
            self._finish(work, actor, request, outcome)
            work.commit()
        self._store.scrub()

    # --- parts ---

    def _request(self, work: DeskWork, actor: Actor, request_id: str) -> PrivacyRequest:
        found = work.privacy_request(request_id)
        if found is None:
            raise Missing(request_id)
        allow(actor, Action.HANDLE_PRIVACY, found.organisation_id)
        return found

    def _open(self, work: DeskWork, actor: Actor, request_id: str) -> PrivacyRequest:
        """The same, still to be done. Raises Conflict where it is done."""
        found = self._request(work, actor, request_id)
        if found.done_at is not None:
            raise Conflict(request_id)
        return found

    def _person(self, work: DeskWork, request: PrivacyRequest) -> FoundPerson | None:
        if request.conversation_id is None or request.done_at is not None:
            return None
        found = work.find_people(request.organisation_id, "", 1, request.conversation_id)
        return found[0] if found else None

    def _finish(self, work: DeskWork, actor: Actor, request: PrivacyRequest, outcome: RequestOutcome) -> None:
        now = self._clock()
        work.update_privacy_request(request.id, done_at=now, outcome=outcome, who=None, conversation_id=None)
        self._note(work, actor, "request_done", request, outcome=outcome)

    def _note(
        self, work: DeskWork, actor: Actor, action: str, request: PrivacyRequest, **detail: str
    ) -> None:
        record(work, actor, action, "request", request.id, request.organisation_id, self._clock(), **detail)


def _allow_role(actor: Actor) -> None:
    """For what is shown of the own organisations only, of which there may be none. Raises Refused."""
    if Action.HANDLE_PRIVACY not in ALLOWED[actor.role]:
        raise Refused()


def _counted(file: Mapping[str, Any]) -> dict[str, int]:
    """What there is of a person, as numbers, without what there is none of."""
    runs = file["assessments"]
    # Of a result that waits for approval it says so, instead of what was made of it.
    made = [run["consultants"] for run in runs if isinstance(run["consultants"], Mapping)]
    counts = {
        "messages": len(file["transcript"]),
        "assessments": len(runs),
        "answers": sum(len(run["answers"]) for run in runs),
        "links": len(file["links"]),
        "wishes": len(file["asked_for_a_person"]),
        "chats": len(file["chats"]),
        "judgements": sum(len(one["judgements"]) for one in made),
        "notes": sum(len(one["notes"]) for one in made),
        "marks": sum(len(one["marks"]) for one in made),
        "questions": len(file["questions_of_consultants"]),
        "plans": sum(len(one["advice"]) for one in made),
    }
    return {what: count for what, count in counts.items() if count}
