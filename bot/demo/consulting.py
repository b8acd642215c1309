"""What consultants did with the invented answers, through the desk: judged, asked, advised, published."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from bot.assessment.answers import Answer
from bot.assessment.records import Assessment, Campaign, StoredAnswer
from bot.assessment.users import User
from bot.bootstrap import Peil
from bot.demo.people import CONSULTANTS
from bot.demo.respondent import Clock
from bot.service.desk.access import Actor
from bot.service.desk.advising import About, Edits, NewStep

_REASONS = (
    "In het gesprek noemt deze collega één project; vaste samenwerking hoor ik niet.",
    "De woorden klinken ruimer dan het niveau: er ligt wel een afspraak, ook al is die jong.",
    "Dit gaat over één winkel. Voor het hele bedrijf lijkt het me lager.",
    "Twee collega's van dezelfde afdeling noemen hier een dashboard; dat telt mee.",
    "Wordt nog niet gemeten, dus hier hoort een stap lager bij.",
)
_NOTES = (
    "Goed voorbeeld voor de workshop: vragen of we dit mogen gebruiken.",
    "Klinkt gefrustreerd over de systemen. Meenemen in het gesprek met ICT.",
    "Weet veel van de klantreis; vragen voor het verbeterteam.",
    "Begon in het Engels over de winkels in België: navragen of die meetellen.",
    "Antwoordt opvallend hoog voor deze afdeling.",
)
_CAMPAIGN_NOTE = (
    "Directie wil de uitkomst vóór de kerst bespreken. Anneke Velijn regelt een zaal; marketing en ICT samen "
    "aan één tafel bij het onderdeel data."
)
_QUESTIONS = (
    (
        "Je schreef dat gegevens van klanten niet kloppen. Kun je één voorbeeld geven van de laatste maand?",
        "Vorige week ging een pallet kopieerpapier naar het oude adres van een school, terwijl zij de "
        "verhuizing in maart al hadden doorgegeven.",
    ),
    ("Wie zou volgens jou de eigenaar van de klantreis moeten zijn, en waarom?", None),
)
_INTRODUCTION = {
    "nl": "Bedankt voor je open antwoorden. Begin klein: kies één stap en plan hem voor de kerst in.",
    "en": "Thank you for your frank answers. Start small: pick one step and plan it before Christmas.",
}
_INTRODUCTION_ALL = {
    "nl": "Directie en werkvloer zien de samenwerking verschillend. Begin daar; data is het tweede gesprek.",
    "en": "Board and work floor see cooperation differently. Start there, and make data the second talk.",
}


class Consulting:
    """The consultants' part. `today`: the time of the newest thing that they did."""

    def __init__(self, peil: Peil, clock: Clock, today: datetime) -> None:
        self._peil, self._clock, self._today = peil, clock, today
        self._desk = peil.desk

    def do(self, last_year: Campaign, this_year: Campaign) -> None:
        """All of it."""
        self._clock.now = self._today - timedelta(days=338)
        first, second = self._users(last_year.organisation_id)
        self._desk.comparing.publish(first, last_year.id, last_year.models[0])
        self._clock.now = self._today - timedelta(hours=5)
        runs = self._finished(this_year)
        self._judge(first, second, runs)
        self._desk.campaigns.add_note(first, this_year.id, _CAMPAIGN_NOTE)
        self._ask(first, runs)
        self._advise(first, runs[0], this_year)
        self._desk.comparing.publish(first, this_year.id, this_year.models[0])
        self._desk.privacy.add(
            first, this_year.organisation_id, "see", "Iemand van de servicedesk (verzonnen)"
        )

    def _users(self, organisation_id: str) -> list[Actor]:
        """Two who cannot sign in: they have no password, and their accounts are closed."""
        now = self._clock()
        actors = []
        with self._peil.store.write() as work:
            for email, name in CONSULTANTS:
                held = work.user_by_email(email)
                user = held or User(
                    secrets.token_hex(8), email, name, "consultant", "nl", None, now, disabled_at=now
                )
                if held is None:
                    work.add_user(user)
                work.set_user_organisations(user.id, [organisation_id])
                actors.append(Actor(user.id, name, "consultant", "nl", frozenset({organisation_id}), "demo"))
            work.commit()
        return actors

    def _finished(self, campaign: Campaign) -> list[Assessment]:
        """The newest results in Dutch of who has talked most, so that there is something to judge."""
        found = []
        with self._peil.store.read() as work:
            for run in work.runs_of(campaign.id):
                conversation = work.conversation(run.conversation_id)
                if run.status == "completed" and conversation is not None and conversation.language == "nl":
                    told = sum(one.placement is not None for one in work.answers(run.id))
                    found.append((told, run.started_at, run))
        return [run for _, _, run in sorted(found, key=lambda one: one[:2], reverse=True)[:12]]

    def _told(self, run: Assessment) -> list[tuple[StoredAnswer, int]]:
        """The answers that hold and come from own words, each with the how manieth it is."""
        with self._peil.store.read() as work:
            answers = work.answers(run.id)
        counts: dict[str, int] = {}
        holds: dict[str, tuple[StoredAnswer, int]] = {}
        for one in answers:
            counts[one.answer.item_id] = counts.get(one.answer.item_id, 0) + 1
            holds[one.answer.item_id] = one, counts[one.answer.item_id]
        return [(one, count) for one, count in holds.values() if one.placement is not None]

    def _judge(self, first: Actor, second: Actor, runs: list[Assessment]) -> None:
        for number, run in enumerate(runs):
            judging, by = self._desk.judging, (first, second)[number % 3 == 2]
            for place, (stored, count) in enumerate(self._told(run)[: 2 if number % 2 else 1]):
                level = _other(stored.answer, up=(number + place) % 2 == 0)
                if level is not None:
                    self._later()
                    reason = _REASONS[(number + place) % len(_REASONS)]
                    judging.judge(by, run.id, stored.answer.item_id, level, reason, count)
                    if place == 0 and number % 3 == 0:
                        judging.mark(by, run.id, stored.answer.item_id, "follow_up")
            if number % 2 == 0:
                judging.note(by, run.id, None, _NOTES[number // 2 % len(_NOTES)])
            judging.mark(by, run.id, "", "agreed" if number % 3 == 1 else "follow_up")
            self._later()

    def _ask(self, actor: Actor, runs: list[Assessment]) -> None:
        """Two questions: one is answered in the chat, where it was put; one waits."""
        for run, (question, answer) in zip(runs[1:], _QUESTIONS, strict=False):
            self._desk.asking.ask(actor, run.id, None, question)
            self._later()
            if answer is not None:
                cases = self._peil.use_cases
                received = cases.receive("web", run.conversation_id, "demo-answer", text=answer)
                cases.take_turn(received.turn_id, "take_answer")
                self._later()

    def _advise(self, actor: Actor, run: Assessment, campaign: Campaign) -> None:
        """One result's advice and the organisation's, each with an introduction, signed."""
        for about, introduction in (
            (About(assessment_id=run.id), _INTRODUCTION),
            (About(campaign_id=campaign.id, model_id=campaign.models[0]), _INTRODUCTION_ALL),
        ):
            sheet = self._desk.advising.sheet(actor, about)
            steps = {one.key: NewStep(one.words, one.dimension_id) for one in sheet.plan.steps}
            for key in list(steps)[:1]:
                told = {language: f"{text} (eerst)" for language, text in steps[key].words.title.items()}
                told |= {"en": f"{steps[key].words.title['en']} (first)"} if "en" in told else {}
                steps[key] = replace(steps[key], words=replace(steps[key].words, title=told))
            known = {
                language: introduction[language] for language in sheet.languages if language in introduction
            }
            self._desk.advising.save(actor, about, sheet.state, Edits(known, steps))
            self._later()
            self._desk.advising.sign(actor, about, self._desk.advising.sheet(actor, about).seen)
            self._later()

    def _later(self) -> None:
        """A few minutes of work."""
        self._clock.now += timedelta(minutes=4)


def _other(answer: Answer, *, up: bool) -> int | None:
    """The level beside the one that was said; None where no level was."""
    if answer.value is None:
        return None
    wanted = answer.value + (1 if up else -1)
    return wanted if 1 <= wanted <= 5 else answer.value
