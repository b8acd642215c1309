"""Respondents for a consultant: finding them, and one of them with the conversation beside the answers.

Of an anonymous campaign the answers are told, and nothing that leads to who gave them: no word, no time, no
order of beginning, and segments of groups only (bot.service.anonymity).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.assessment.definitions import Item, MaturityModel
from bot.assessment.records import Campaign, Message, Question, StoredAnswer, StoredPlacement
from bot.assessment.records import Table as Facts
from bot.assessment.reviewing import Judgement, Note
from bot.assessment.scoring import format_score
from bot.assessment.searching import (
    LONGEST_QUERY,
    Flag,
    FoundRun,
    Sort,
    Sought,
    SoughtWord,
    read_query,
    snippet,
)
from bot.assessment.segments import SEGMENTS
from bot.service import wording
from bot.service.anonymity import TOLD, Veil
from bot.service.desk.access import Action, Actor, Missing, Refused, allow
from bot.service.desk.auditing import record
from bot.service.desk.ports import DeskStore, DeskWork
from bot.service.desk.standings import kept_standings, model_of
from bot.service.kind_words import answer_name
from bot.service.ports import Clock, Parser
from bot.service.report_view import Report
from bot.service.review import Review
from bot.service.turn import Running
from bot.service.words_told import percent

ON_A_PAGE = 50
MOST_COUNTED = 1000
"""Of more than so many it is only told that they are more."""
_KEPT_AT_ONCE = 500
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

BANDS: Mapping[str, tuple[float | None, float | None]] = {
    "0-1": (None, 1.0),
    "1-2": (1.0, 2.0),
    "2-3": (2.0, 3.0),
    "3-4": (3.0, 4.0),
    "4-5": (4.0, None),
}
"""Bands of the overall score: the upper end belongs to the next one, but for the last."""


@dataclass(frozen=True)
class Filters:
    """What a consultant narrows a list to, as it was typed and chosen; what makes no sense counts as nothing.

    `since`, `until`: whole days, both included: in a campaign by its clock, over all in UTC.
    """

    query: str = ""
    model_id: str | None = None
    status: str | None = None
    band: str | None = None
    item_id: str | None = None
    level: int | None = None
    segments: tuple[tuple[str, str], ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    flag: Flag | None = None
    person: bool = False
    question: bool = False
    approval: bool = False
    sort: Sort = "newest"


@dataclass(frozen=True)
class Row:
    """One respondent in a list: what may be told, and no more.

    `name`: None for who has none, or may have none. `snippet`: pieces of what was typed, each with whether it
    is a word that was looked for; `seq` is the line that they are from. `overall`: from the respondent's
    levels.
    """

    id: str
    name: str | None
    model: str
    status: str
    quick: bool
    overall: float | None
    score: str | None
    segments: Mapping[str, str | None]
    started_at: datetime | None
    completed_at: datetime | None
    campaign_id: str | None
    campaign: str | None
    anonymous: bool
    mark: str | None
    marked_answers: int
    asked_for_person: bool
    awaits_approval: bool
    time_zone: str | None
    snippet: tuple[tuple[str, bool], ...] = ()
    seq: int | None = None


@dataclass(frozen=True)
class Respondents:
    """A page of a list. `total` is at most MOST_COUNTED, and then there are `more`.

    `models`: id -> name, to filter by; `items`: id -> title, of the model that was chosen, and `levels` of
    it. `no_words`: something was typed to look for, but no word is in it. `hidden`: the campaign is
    anonymous.
    """

    campaign: Campaign | None
    rows: tuple[Row, ...]
    total: int
    more: bool
    page: int
    models: Mapping[str, str]
    model_id: str | None
    items: Mapping[str, str]
    levels: tuple[int, ...]
    no_words: bool
    hidden: bool

    @property
    def has_next(self) -> bool:
        """Whether there is a page after this one."""
        return (self.more and len(self.rows) == ON_A_PAGE) or self.page * ON_A_PAGE < self.total


@dataclass(frozen=True)
class ButtonLine:
    """A button as it was shown; `tapped`: it was this one."""

    title: str
    style: str
    tapped: bool


@dataclass(frozen=True)
class Line:
    """One line of the conversation as it was seen. `items`: the questions that it says something about.

    `new_day`: it is the first of a day. `new_language`: the language is another one than before.
    """

    seq: int
    mine: bool
    kind: str
    text: str
    language: str
    at: datetime
    new_day: bool
    new_language: bool
    buttons: tuple[ButtonLine, ...]
    picture_id: str | None
    alt: str | None
    table: Facts | None
    links: tuple[str, ...]
    entries: tuple[str, ...]
    items: tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """An answer. `pieces`: own words, each with whether it is the part that was telling.

    `number`: the how manieth it is of its question, from 1; the ids of answers would tell who came first.
    `at`, `seq` (the line of the conversation), `pieces`: None or empty where it is not told.
    """

    number: int
    name: str
    value: int | None
    by: str
    at: datetime | None
    seq: int | None
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Proposed:
    """What own words sounded like to the bot. `levels`: one, two or none, the likeliest first, with labels.

    `confidence`: of the likeliest, in percent. `pieces`: as of Said.
    """

    levels: tuple[tuple[int, str], ...]
    certainty: str
    confidence: float
    ahead: bool
    declined: bool
    seq: int | None
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class ItemReview:
    """One question, and the three levels: what was said, what the bot proposed, what a consultant judged.

    `earlier`: answers that were changed, oldest first. `judged`: the judgement that counts, None for none;
    `about_earlier`: the answer has changed since. `history`: all judgements, oldest first. `options`: the
    levels that can be judged, with their names; empty where the question has none. `described`: level -> its
    wording in full, where there is one.
    """

    item_id: str
    number: int
    title: str
    question: str
    kind: str
    said: Said | None
    proposed: Proposed | None
    earlier: tuple[Said, ...]
    judged: Judgement | None
    judged_label: str
    about_earlier: bool
    history: tuple[Judgement, ...]
    options: tuple[tuple[int, str], ...]
    described: Mapping[int, str]
    notes: tuple[Note, ...]
    mark: str | None
    asked: tuple[Asked, ...]


@dataclass(frozen=True)
class Group:
    """The questions of one dimension."""

    title: str
    items: tuple[ItemReview, ...]


@dataclass(frozen=True)
class Asked:
    """A question of a consultant to the respondent; `words`: what was answered, `seq` where it stands."""

    question: Question
    state: str
    words: str | None
    seq: int | None


@dataclass(frozen=True)
class Wish:
    """Somebody wants a person: at which question, '' for none, and what was left to be reached by."""

    title: str
    contact: str | None
    at: datetime


@dataclass(frozen=True)
class OwnWords:
    """What somebody said of a question, with the three levels; None for a level that there is not.

    `proposed`: one level, two or none, the likeliest first; None where nothing was proposed at all.
    """

    assessment_id: str
    item_id: str
    name: str | None
    title: str
    words: str
    said: int | None
    proposed: tuple[int, ...] | None
    judged: int | None
    at: datetime


@dataclass(frozen=True)
class WordsOfItems:
    """A page of own words of a campaign by name. `groups`: dimension -> its name and items (id -> title)."""

    campaign: Campaign
    rows: tuple[OwnWords, ...]
    page: int
    has_next: bool
    models: Mapping[str, str]
    model_id: str | None
    item_id: str | None
    groups: Mapping[str, tuple[str, Mapping[str, str]]]


@dataclass(frozen=True)
class Reviewed:
    """One run: the head, the conversation, the questions, and what consultants keep.

    `lines` is None in an anonymous campaign. `wishes`: for a person, none there.
    `titles`: item id -> title. `scores`: per dimension the name, score, level.
    """

    row: Row
    organisation_id: str | None
    campaign: Campaign | None
    language: str | None
    channel: str | None
    lines: tuple[Line, ...] | None
    groups: tuple[Group, ...]
    overall: str
    scores: tuple[tuple[str, ...], ...]
    score_columns: tuple[str, ...]
    indication: bool
    notes: tuple[Note, ...]
    asked: tuple[Asked, ...]
    answered: int
    of: int
    wishes: tuple[Wish, ...]
    titles: Mapping[str, str]

    @property
    def hidden(self) -> bool:
        """Whether nothing may lead to who it is."""
        return self.row.anonymous


class Reviewing:
    """Finds and shows respondents; every transcript that is opened is written down (audit)."""

    def __init__(self, store: DeskStore, parse: Parser, review: Review, clock: Clock) -> None:
        self._store = store
        self._parse = parse
        self._review = review
        self._clock = clock

    # --- a list ---

    def respondents(
        self, actor: Actor, campaign_id: str | None, filters: Filters, page: int = 1
    ) -> Respondents:
        """A page of those that fit, in one campaign or in all that are the actor's own.

        Raises Missing and Refused.
        """
        words = read_query(filters.query)
        with self._store.read() as work:
            campaign = self._campaign(work, actor, campaign_id)
            sought = self._sought(work, actor, campaign, filters, words)
        self._keep_scores(sought)
        with self._store.read() as work:
            found = self._window(work, sought, campaign, ON_A_PAGE, (page - 1) * ON_A_PAGE)
            total = 0
            for part in _parts(sought, campaign):
                # Beyond the most that is told, nothing is counted.
                if total <= MOST_COUNTED:
                    total += work.count_runs(sought, anonymous=part, most=MOST_COUNTED + 1 - total)
            rows = self._rows(work, actor, campaign, found, sought.words)
            models, items, levels = self._offers(work, actor, campaign, filters)
            model_id = filters.model_id or (next(iter(models)) if len(models) == 1 else None)
        scores = kept_standings(self._store, self._parse, [one.id for one in found])
        with self._store.write() as work:
            record(
                work,
                actor,
                "search_words" if sought.words else "people_seen",
                "campaign",
                campaign_id,
                None if campaign is None else campaign.organisation_id,
                self._clock(),
                filters=_used(filters),
                page=page,
            )
            work.commit()
        return Respondents(
            campaign=campaign,
            rows=tuple(
                replace(
                    row,
                    overall=scores[row.id].overall if row.id in scores else None,
                    score=_score(actor.language, scores[row.id].overall if row.id in scores else None),
                )
                for row in rows
            ),
            total=min(total, MOST_COUNTED),
            more=total > MOST_COUNTED,
            page=page,
            models=models,
            model_id=model_id,
            items=items,
            levels=levels,
            no_words=bool(filters.query.strip()) and not read_query(filters.query),
            hidden=campaign is not None and campaign.anonymous,
        )

    def neighbours(
        self, actor: Actor, campaign_id: str | None, filters: Filters, at: int, assessment_id: str
    ) -> tuple[tuple[str, int] | None, tuple[str, int] | None]:
        """Who comes before and after this one in the same list: (id, place in it), None at its ends.

        `at`: the place in the list, from 0, where this one was. Where it is no more, its neighbours of then.
        """
        with self._store.read() as work:
            campaign = self._campaign(work, actor, campaign_id)
            sought = self._sought(work, actor, campaign, filters, read_query(filters.query))
            begin = max(0, at - 1)
            found = [one.id for one in self._window(work, sought, campaign, at - begin + 2, begin)]
        places = {one: begin + place for place, one in enumerate(found)}
        here = places.get(assessment_id, at)
        by_place = {place: one for one, place in places.items() if one != assessment_id}
        before, after = by_place.get(here - 1), by_place.get(here + 1)
        return (
            None if before is None else (before, here - 1),
            None if after is None else (after, here + 1),
        )

    def how_many(self, actor: Actor, campaign_id: str | None, filters: Filters) -> int:
        """How many this list has, at most MOST_COUNTED + 1. Raises Missing and Refused."""
        with self._store.read() as work:
            campaign = self._campaign(work, actor, campaign_id)
            sought = self._sought(work, actor, campaign, filters, read_query(filters.query))
            total = 0
            for part in _parts(sought, campaign):
                if total <= MOST_COUNTED:
                    total += work.count_runs(sought, anonymous=part, most=MOST_COUNTED + 1 - total)
        return total

    def own_words(
        self, actor: Actor, campaign_id: str, model_id: str | None, item_id: str | None, page: int = 1
    ) -> WordsOfItems:
        """A page of what people said in their own words, of one question, a dimension, or of all.

        What is no model or item of the campaign counts as none chosen. Written down before it is shown.
        Raises Missing, Refused, and Refused('by_name_only') in an anonymous campaign.
        """
        language = actor.language
        with self._store.write() as work:
            campaign = self._campaign(work, actor, campaign_id)
            if campaign is None:
                raise Missing(campaign_id)
            if campaign.anonymous:
                raise Refused("by_name_only")
            record(
                work, actor, "open_words", "campaign", campaign_id, campaign.organisation_id, self._clock()
            )
            work.commit()
        with self._store.read() as work:
            models = {
                one: model_of(work, self._parse, definition_hash)
                for one, definition_hash in work.offered()
                if one in campaign.models
            }
            chosen = model_id if model_id in models else next(iter(models), None)
            groups = {
                dimension.id: (
                    dimension.title[language],
                    {f"{dimension.id}.{item.id}": item.title[language] for item in dimension.items},
                )
                for dimension in (models[chosen].dimensions if chosen is not None else ())
            }
            known = {*groups, *(one for _, items in groups.values() for one in items)}
            about = item_id if item_id in known else None
            found = (
                []
                if chosen is None
                else work.said_of_items(campaign.id, chosen, about, ON_A_PAGE + 1, (page - 1) * ON_A_PAGE)
            )
            titles: dict[str, Mapping[str, str]] = {}
            for one in found:
                if one.definition_hash not in titles:
                    of = model_of(work, self._parse, one.definition_hash)
                    titles[one.definition_hash] = {
                        at: item.title[language]
                        for at, (_, item) in zip(of.item_ids(), of.walk(), strict=True)
                    }
        shown = {"clear": 1, "doubt": 2, "unclear": 0}
        return WordsOfItems(
            campaign=campaign,
            rows=tuple(
                OwnWords(
                    assessment_id=one.assessment_id,
                    item_id=one.item_id,
                    name=one.label or one.reference,
                    title=titles[one.definition_hash].get(one.item_id, ""),
                    words=visible(one.words),
                    said=one.said,
                    proposed=None
                    if one.certainty is None
                    else tuple(level for level, _ in one.likely[: shown[one.certainty]]),
                    judged=one.judged,
                    at=one.at,
                )
                for one in found[:ON_A_PAGE]
            ),
            page=page,
            has_next=len(found) > ON_A_PAGE,
            models={one: model.name[language] for one, model in models.items()},
            model_id=chosen,
            item_id=about,
            groups=groups,
        )

    def _campaign(self, work: DeskWork, actor: Actor, campaign_id: str | None) -> Campaign | None:
        if campaign_id is None:
            if actor.role == "viewer":
                raise Refused()
            return None
        campaign = work.campaign(campaign_id)
        if campaign is None:
            raise Missing(campaign_id)
        allow(actor, Action.SEE_PEOPLE, campaign.organisation_id)
        return campaign

    def _sought(
        self,
        work: DeskWork,
        actor: Actor,
        campaign: Campaign | None,
        filters: Filters,
        words: tuple[SoughtWord, ...],
    ) -> Sought:
        lowest, highest = BANDS.get(filters.band or "", (None, None))
        segments = {
            segment: option
            for segment, option in filters.segments
            if segment in TOLD and option in SEGMENTS[segment]
        }
        hidden = campaign is not None and campaign.anonymous
        groups: tuple[Mapping[str, str | None], ...] | None = None
        if campaign is not None and hidden and segments:
            fixed = {s: o for s, o in segments.items() if s in campaign.segments}
            if any(campaign.segments[s] != o for s, o in fixed.items()):
                groups = ()
            else:
                told = Veil(work).told_groups(campaign)
                apart = {s: o for s, o in segments.items() if s not in fixed}
                # Where nothing but what the campaign says of everybody is asked for, everybody fits.
                groups = (
                    tuple(one for one in told if all(one.get(s) == o for s, o in apart.items()))
                    if apart
                    else None
                )
                segments = {} if groups is None else segments
        return Sought(
            organisation_ids=None if actor.role == "admin" or campaign else actor.organisations,
            campaign_id=None if campaign is None else campaign.id,
            words=() if hidden else words,
            model_id=filters.model_id,
            status=filters.status,
            lowest=lowest,
            highest=highest,
            item_id=filters.item_id if filters.level is not None else None,
            level=filters.level if filters.item_id is not None else None,
            segments=segments,
            since=None if hidden else _midnight(filters.since, campaign),
            until=None if hidden else _midnight(filters.until, campaign, days=1),
            flag=filters.flag,
            asked_for_person=filters.person and not hidden,
            open_question=filters.question,
            awaits_approval=filters.approval,
            sort=filters.sort,
            groups=groups,
        )

    def _keep_scores(self, sought: Sought) -> None:
        """See to it that scores are there to sort or narrow by: they are computed when somebody looks."""
        if sought.sort != "score" and sought.lowest is None and sought.highest is None:
            return
        with self._store.read() as work:
            ids = work.unkept_runs(sought, _KEPT_AT_ONCE)
        if ids:
            kept_standings(self._store, self._parse, ids)

    def _window(
        self, work: DeskWork, sought: Sought, campaign: Campaign | None, limit: int, offset: int
    ) -> list[FoundRun]:
        """A piece of the list: first campaigns by name, then anonymous ones."""
        found: list[FoundRun] = []
        parts = _parts(sought, campaign)
        for place, anonymous in enumerate(parts):
            some = work.find_runs(sought, anonymous=anonymous, limit=limit - len(found), offset=offset)
            found += some
            if len(found) == limit:
                break
            if place + 1 < len(parts):
                # How many there were tells where the next part begins; they are no more than were skipped.
                before = (
                    offset + len(some)
                    if some or not offset
                    else work.count_runs(sought, anonymous=anonymous, most=offset)
                )
                offset = max(0, offset - before)
        return found

    def _rows(
        self,
        work: DeskWork,
        actor: Actor,
        campaign: Campaign | None,
        found: Sequence[FoundRun],
        words: tuple[SoughtWord, ...],
    ) -> list[Row]:
        named = [one.conversation_id for one in found if not one.anonymous]
        marks = work.marks_of([one.id for one in found])
        people = work.asked_for_person(named)
        lines = work.lines_with(named, words) if words else {}
        veil = Veil(work)
        rows = []
        for one in found:
            row = self._row(work, actor, one, veil, campaign, marks.get(one.id, {}))
            if not one.anonymous:
                seq, text = lines.get(one.conversation_id, (None, ""))
                row = replace(
                    row,
                    asked_for_person=one.conversation_id in people,
                    snippet=tuple((visible(piece), hit) for piece, hit in snippet(text, words)),
                    seq=seq,
                )
            rows.append(row)
        return rows

    def _row(
        self,
        work: DeskWork,
        actor: Actor,
        one: FoundRun,
        veil: Veil,
        campaign: Campaign | None,
        marks: Mapping[str, str],
    ) -> Row:
        hidden = one.anonymous
        if not hidden:
            segments: Mapping[str, str | None] = {s: one.segments.get(s) for s in TOLD}
            if one.business_line:
                segments = {**segments, "business_line": one.business_line}
        elif campaign is not None:
            segments = veil.told(campaign, one.segments)
        else:
            # Of many campaigns at once that would be a question for each of them; the campaign's list tells.
            segments = {}
        return Row(
            id=one.id,
            name=None if hidden else one.label or one.reference,
            model=model_of(work, self._parse, one.definition_hash).name[actor.language],
            status=one.status,
            quick=one.depth == "quick",
            overall=None,
            score=None,
            segments=segments,
            started_at=None if hidden else one.started_at,
            completed_at=None if hidden else one.completed_at,
            campaign_id=one.campaign_id,
            campaign=one.campaign,
            anonymous=hidden,
            mark=marks.get(""),
            marked_answers=sum(1 for item_id in marks if item_id),
            asked_for_person=False,
            awaits_approval=one.approve_first and one.status == "completed" and one.approved_at is None,
            time_zone=one.time_zone,
        )

    def _offers(
        self, work: DeskWork, actor: Actor, campaign: Campaign | None, filters: Filters
    ) -> tuple[dict[str, str], dict[str, str], tuple[int, ...]]:
        """The models to choose from, and the items and levels of the one that is chosen."""
        models = {
            model_id: model_of(work, self._parse, definition_hash)
            for model_id, definition_hash in work.offered()
            if campaign is None or model_id in campaign.models
        }
        chosen = filters.model_id or (next(iter(models)) if len(models) == 1 else None)
        names = {model_id: one.name[actor.language] for model_id, one in models.items()}
        if chosen is None or chosen not in models:
            return names, {}, ()
        rubrics = [
            (item_id, item)
            for item_id, (_, item) in zip(models[chosen].item_ids(), models[chosen].walk(), strict=True)
            if item.kind == "rubric"
        ]
        items = {item_id: item.title[actor.language] for item_id, item in rubrics}
        return names, items, tuple(range(1, models[chosen].highest + 1)) if items else ()

    # --- one ---

    def one(self, actor: Actor, assessment_id: str) -> Reviewed:
        """One run with its conversation. Written down before it is shown. Raises Missing and Refused."""
        with self._store.write() as work:
            organisation_id = self._may_see(work, actor, assessment_id)
            record(
                work, actor, "open_transcript", "assessment", assessment_id, organisation_id, self._clock()
            )
            work.commit()
        with self._store.read() as work:
            return self._reviewed(work, actor, assessment_id)

    def _may_see(self, work: DeskWork, actor: Actor, assessment_id: str) -> str | None:
        found = work.find_run(assessment_id)
        if found is None:
            raise Missing(assessment_id)
        allow(actor, Action.SEE_PEOPLE, found.organisation_id)
        return found.organisation_id

    def _reviewed(self, work: DeskWork, actor: Actor, assessment_id: str) -> Reviewed:
        language = actor.language
        found, assessment = work.find_run(assessment_id), work.assessment(assessment_id)
        if found is None or assessment is None:
            raise Missing(assessment_id)
        hidden = found.anonymous
        model = model_of(work, self._parse, assessment.definition_hash)
        campaign = None if found.campaign_id is None else work.campaign(found.campaign_id)
        answers = work.answers(assessment_id)
        running = Running(assessment, model, {one.answer.item_id: one for one in answers})
        marks = work.marks_of([assessment_id]).get(assessment_id, {})
        notes = work.notes(assessment_id)
        judgements = work.judgements(assessment_id)
        placements = [] if hidden else work.placements(assessment_id)
        messages = [] if hidden else work.messages(found.conversation_id)
        conversation = work.conversation(found.conversation_id)
        turns = {one.turn_id: one.seq for one in messages if one.role == "user" and one.turn_id}
        asked = [_asked(one, messages) for one in work.questions_about(assessment_id)]
        wishes = [] if hidden else work.help_requests(found.conversation_id)
        titles = {
            item_id: item.title[language]
            for item_id, (_, item) in zip(model.item_ids(), model.walk(), strict=True)
        }
        row = self._row(work, actor, found, Veil(work), campaign, marks)
        row = replace(
            row,
            asked_for_person=bool(wishes),
            overall=running.result.overall,
            score=_score(language, running.result.overall),
        )
        groups: list[Group] = []
        wanted = set(running.item_ids) | set(running.stored) | {one.item_id for one in judgements}
        number = 0
        for dimension in model.dimensions:
            items = []
            for item in dimension.items:
                item_id = f"{dimension.id}.{item.id}"
                if item_id not in wanted:
                    continue
                number += 1
                items.append(
                    _item_review(
                        language,
                        model,
                        item_id,
                        item,
                        number,
                        [one for one in answers if one.answer.item_id == item_id],
                        [one for one in placements if one.item_id == item_id],
                        [one for one in judgements if one.item_id == item_id],
                        [one for one in notes if one.item_id == item_id],
                        [one for one in asked if one.question.item_id == item_id],
                        marks.get(item_id),
                        turns,
                        hidden,
                    )
                )
            if items:
                groups.append(Group(dimension.title[language], tuple(items)))
        table = wording.result_table(language, model, running.result, paragraph=0)
        return Reviewed(
            row=row,
            organisation_id=found.organisation_id,
            campaign=campaign,
            language=None if hidden or conversation is None else conversation.language,
            channel=None if hidden or conversation is None else conversation.channel,
            lines=None if hidden else _lines(messages, answers, placements, found.time_zone),
            groups=tuple(groups),
            overall=wording.overall(language, model, running.result),
            scores=table.rows,
            score_columns=table.columns,
            indication=running.result.indication,
            notes=tuple(one for one in notes if one.item_id is None),
            asked=tuple(asked),
            answered=len(running.stored),
            of=len(running.item_ids),
            wishes=tuple(
                Wish(titles.get(one.item_id or "", ""), one.contact and visible(one.contact), one.at)
                for one in wishes
            ),
            titles=titles,
        )

    # --- what hangs on one ---

    def picture(self, actor: Actor, assessment_id: str, picture_id: str) -> str:
        """What a picture of the conversation shows, as the renderer's JSON. Raises Missing and Refused."""
        with self._store.write() as work:
            organisation_id = self._may_see(work, actor, assessment_id)
            found = work.find_run(assessment_id)
            picture = work.picture(picture_id)
            if (
                found is None
                or found.anonymous
                or picture is None
                or picture.conversation_id != found.conversation_id
            ):
                raise Missing(picture_id)
            record(
                work,
                actor,
                "open_transcript",
                "assessment",
                assessment_id,
                organisation_id,
                self._clock(),
                picture=picture_id,
            )
            work.commit()
        return picture.spec

    def report(self, actor: Actor, assessment_id: str) -> Report:
        """The report as the respondent has it, in the user's language; by name only.

        Raises Missing, and Refused('by_name_only') in an anonymous campaign.
        """
        self._take_out(actor, assessment_id, "report")
        found = self._review.report(assessment_id, actor.language)
        if found is None:
            raise Missing(assessment_id)
        return found

    def data(self, actor: Actor, assessment_id: str) -> dict[str, object]:
        """The assessment with its answers and result, for a file. Raises as report() does."""
        self._take_out(actor, assessment_id, "data")
        found = self._review.assessment(assessment_id)
        if found is None:
            raise Missing(assessment_id)
        return found

    def _take_out(self, actor: Actor, assessment_id: str, what: str) -> None:
        with self._store.write() as work:
            organisation_id = self._may_see(work, actor, assessment_id)
            allow(actor, Action.EXPORT, organisation_id)
            found = work.find_run(assessment_id)
            if found is None or found.anonymous:
                raise Refused("by_name_only")
            record(
                work,
                actor,
                "export",
                "assessment",
                assessment_id,
                organisation_id,
                self._clock(),
                what=what,
            )
            work.commit()


def _parts(sought: Sought, campaign: Campaign | None) -> tuple[bool, ...]:
    """Which parts a list has: campaigns by name (False), anonymous ones (True)."""
    if campaign is not None:
        return (campaign.anonymous,)
    # Words, times and who asked for a person are not told of anonymous ones; nor is, without a look at each
    # campaign, who belongs to a small group.
    tells = sought.words or sought.since or sought.until or sought.asked_for_person or sought.segments
    return (False,) if tells else (False, True)


def _midnight(day: datetime | None, campaign: Campaign | None, *, days: int = 0) -> datetime | None:
    if day is None:
        return None
    found = day + timedelta(days=days)
    return found if campaign is None else found.replace(tzinfo=ZoneInfo(campaign.time_zone))


def visible(text: str) -> str:
    """The text without what is no text: control characters would reach the page as they are."""
    return _CONTROL.sub("\ufffd", text)


def _score(language: str, value: float | None) -> str | None:
    return None if value is None else format_score(value, language)


def _pieces(words: str | None, quote: str = "") -> tuple[tuple[str, bool], ...]:
    if not words:
        return ()
    before, found, after = words.partition(quote) if quote else (words, "", "")
    pieces = ((before, False), (found, True), (after, False))
    return tuple((visible(piece), telling) for piece, telling in pieces if piece)


def _said(
    language: str, item: Item, number: int, one: StoredAnswer, turns: Mapping[str, int], hidden: bool
) -> Said:
    placed = one.placement
    return Said(
        number=number,
        name=answer_name(language, item, one.answer),
        value=one.answer.value,
        by=one.by,
        at=None if hidden else one.at,
        seq=turns.get(one.turn_id),
        pieces=() if hidden else _pieces(one.own_words, "" if placed is None else placed.quote),
    )


def _item_review(
    language: str,
    model: MaturityModel,
    item_id: str,
    item: Item,
    number: int,
    answers: Sequence[StoredAnswer],
    placements: Sequence[StoredPlacement],
    judgements: Sequence[Judgement],
    notes: Sequence[Note],
    asked: Sequence[Asked],
    mark: str | None,
    turns: Mapping[str, int],
    hidden: bool,
) -> ItemReview:
    said = [_said(language, item, place, one, turns, hidden) for place, one in enumerate(answers, 1)]
    newest = judgements[-1] if judgements else None
    judged = newest if newest is not None and newest.level is not None else None
    options = _options(language, model, item)
    placed = placements[-1] if placements else None
    if answers and answers[-1].placement is not None and not hidden:
        placed = answers[-1].placement
    return ItemReview(
        item_id=item_id,
        number=number,
        title=item.title[language],
        question=item.question[language],
        kind=item.kind,
        said=said[-1] if said else None,
        proposed=None if placed is None else _proposed(language, item, placed, turns),
        earlier=tuple(said[:-1]),
        judged=judged,
        judged_label="" if judged is None else dict(options).get(judged.level or 0, ""),
        about_earlier=judged is not None and judged.answer_id != (answers[-1].id if answers else None),
        history=tuple(judgements),
        options=options,
        described={level.value: level.text[language] for level in item.levels},
        notes=tuple(notes),
        mark=mark,
        asked=tuple(asked),
    )


def _options(language: str, model: MaturityModel, item: Item) -> tuple[tuple[int, str], ...]:
    if item.kind == "rubric":
        return tuple((level.value, level.label[language]) for level in item.levels)
    if item.kind == "checklist":
        return tuple((level.value, level.name[language]) for level in model.levels)
    return ()


def judgeable(model: MaturityModel, item: Item) -> frozenset[int]:
    """The levels that can be judged of an item; none where it has none."""
    return frozenset(value for value, _ in _options(model.languages[0], model, item))


def _proposed(language: str, item: Item, placed: StoredPlacement, turns: Mapping[str, int]) -> Proposed:
    labels = {level.value: level.label[language] for level in item.levels}
    return Proposed(
        levels=tuple((level, labels.get(level, "")) for level in placed.proposed),
        certainty=placed.certainty,
        confidence=percent(placed.likely[0][1]) if placed.likely else 0.0,
        ahead=placed.ahead,
        declined=placed.declined,
        seq=turns.get(placed.turn_id),
        pieces=_pieces(placed.words, placed.quote),
    )


def _asked(one: Question, messages: Sequence[Message]) -> Asked:
    answer = next(
        (m for m in messages if m.role == "user" and m.turn_id and m.turn_id == one.answer_turn), None
    )
    state = one.status if one.status != "open" or one.seq is not None else "waiting"
    return Asked(
        one,
        state,
        None if answer is None else visible(answer.text),
        None if answer is None else answer.seq,
    )


def _lines(
    messages: Sequence[Message],
    answers: Sequence[StoredAnswer],
    placements: Sequence[StoredPlacement],
    time_zone: str | None,
) -> tuple[Line, ...]:
    zone = ZoneInfo(time_zone) if time_zone else None
    about: dict[str, list[str]] = {}
    for turn_id, item_id in [
        *((one.turn_id, one.item_id) for one in placements),
        *((one.turn_id, one.answer.item_id) for one in answers),
    ]:
        items = about.setdefault(turn_id, [])
        if item_id not in items:
            items.append(item_id)
    # A button says in the transcript what stood on it: the newest one above with that title was tapped.
    tapped: set[tuple[int, str]] = set()
    shown: dict[str, int] = {}
    for one in messages:
        if one.role == "user" and one.text in shown:
            tapped.add((shown[one.text], one.text))
        for button in one.buttons:
            shown[button.title] = one.seq
    lines: list[Line] = []
    before: Message | None = None
    for one in messages:
        lines.append(
            Line(
                seq=one.seq,
                mine=one.role == "user",
                kind=one.kind,
                text=visible(one.text),
                language=one.language,
                at=one.at,
                new_day=before is None or before.at.astimezone(zone).date() != one.at.astimezone(zone).date(),
                new_language=before is not None and before.language != one.language,
                buttons=tuple(
                    ButtonLine(visible(b.title), b.style, (one.seq, b.title) in tapped) for b in one.buttons
                ),
                picture_id=one.picture_id,
                alt=one.alt,
                table=one.table,
                links=tuple(link.title for link in one.links),
                entries=() if one.form is None else tuple(title for _, title in one.form.entries),
                items=tuple(about.get(one.turn_id or "", ())) if one.role == "user" else (),
            )
        )
        before = one
    return tuple(lines)


def _used(filters: Filters) -> list[str]:
    """The names of the filters that narrow, without what they are set to."""
    return sorted(one.name for one in fields(filters) if one.name != "sort" and getattr(filters, one.name))


__all__ = ["LONGEST_QUERY", "Filters", "Respondents", "Reviewed", "Reviewing"]
