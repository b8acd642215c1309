"""Comparing the respondents of a campaign; what is published of it; over time; drop-off."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.assessment.agenda import Agenda, Minutes, Quote, Said, agenda, choose_quotes, with_quotes
from bot.assessment.comparison import (
    SEGMENTS,
    UNKNOWN,
    Comparison,
    Entry,
    LeftOut,
    Run,
    compare,
)
from bot.assessment.definitions import MaturityModel
from bot.assessment.differences import Difference, difference
from bot.assessment.dropping_off import LEAST, STOPPED_AFTER, DropOff, drop_off
from bot.assessment.editions import (
    EditionRecord,
    Published,
    comparison_of,
    content_of,
    members_of,
    plan,
    published_of,
)
from bot.assessment.records import Campaign, Organisation
from bot.assessment.rescoring import carry
from bot.service.anonymity import WITHHELD, combination, too_small
from bot.service.campaigns import phase
from bot.service.desk.access import Action, Actor, Missing, Refused, allow
from bot.service.desk.auditing import record
from bot.service.desk.kept import Kept
from bot.service.desk.ports import DeskStore, DeskWork
from bot.service.desk.standings import Standing, kept_standings, model_of, standing
from bot.service.ports import Clock, Parser

_CARRIED = ("carries over", "carries over, wording changed")
_NEWEST_EDITIONS = 50
_MOST_KEPT = 16
"""Of each kind of page, in one process; one of a thousand people takes some megabytes."""


@dataclass(frozen=True)
class Compared:
    """A live comparison with what it is about. `comparison`: None where nobody has answered all questions
    yet.

    `models`: (model id, name in the actor's language, runs that can be compared) to choose from, those with
    most first; `published_at`: when the newest edition was made, None for never.
    """

    organisation: Organisation
    campaign: Campaign
    model_id: str | None
    comparison: Comparison | None
    models: tuple[tuple[str, str, int], ...]
    published_at: datetime | None


@dataclass(frozen=True)
class Edition:
    """A comparison as it was published, under protection.

    `comparison`: None in a list of editions, and where there were fewer than five people (`few`).
    `quotes`: item id -> own words of who agreed to that and still does, without their levels.
    """

    id: str
    campaign_id: str
    organisation_id: str
    model_id: str
    model: MaturityModel
    at: datetime
    by: str
    comparison: Comparison | None
    quotes: Mapping[str, Sequence[Quote]]

    few: bool = False

    @property
    def agenda(self) -> Agenda | None:
        """What to talk about in a workshop of 90 minutes, from what was published; None as `comparison`."""
        return self.agenda_of(90)

    def agenda_of(self, minutes: Minutes) -> Agenda | None:
        """The same for another length."""
        if self.comparison is None:
            return None
        return with_quotes(agenda(self.comparison, minutes), self.quotes)


@dataclass(frozen=True)
class Point:
    """One measurement of the organisation: a campaign, or a quarter of it where people measured again.

    `name`: the campaign's. `quarter`: (year, 1..4), None for the whole campaign. `day`: of the last run; in
    an anonymous campaign the first of that month. `overall`, `dimensions` (by id): means, None where there
    is none. `agreement`: dimension id -> r_wg(J). `comparable`: what was asked is the same as at the point
    before, so that a line may be drawn between them; True of the first.
    """

    campaign_id: str
    name: str
    quarter: tuple[int, int] | None
    day: date
    n: int
    overall: float | None
    dimensions: dict[str, float | None]
    agreement: dict[str, float | None]
    version: str
    comparable: bool


@dataclass(frozen=True)
class Paired:
    """The same people measured twice, first against last. `id`: dimension id or 'overall'; `n`: pairs."""

    id: str
    n: int
    change: float


@dataclass(frozen=True)
class OverTime:
    """Measurements of one organisation in a line, the oldest first.

    `model`: the newest version, whose words it is told in; None without any measurement. `pairs`: overall
    first, then the dimensions, those with pairs only. `models`: as of Compared. `protected`: of editions
    only.
    """

    organisation: Organisation
    model_id: str | None
    model: MaturityModel | None
    points: tuple[Point, ...]
    pairs: tuple[Paired, ...]
    models: tuple[tuple[str, str, int], ...]
    protected: bool


@dataclass(frozen=True)
class _Gathered:
    """Runs that can be compared, as entries; the rest is counted."""

    model: MaturityModel
    definition_hash: str
    runs: tuple[Run, ...]
    entries: tuple[Entry, ...]
    versions: dict[str, int]
    left_out: LeftOut


@dataclass(frozen=True)
class _Known:
    """What pages need of one comparison. `willing`: the runs of who agreed to be quoted."""

    comparison: Comparison
    run_ids: tuple[str, ...]
    willing: tuple[tuple[Run, Entry], ...]


@dataclass(frozen=True)
class _Dropped:
    """Where people stop, as it was at `made`; `until`: when the next of them counts as stopped."""

    found: DropOff
    made: datetime
    until: datetime


class Comparing:
    """The comparisons of the desk. Every method raises Missing and Refused (bot.service.desk.access)."""

    def __init__(self, store: DeskStore, clock: Clock, parse: Parser) -> None:
        self._store = store
        self._clock = clock
        self._parse = parse
        self._comparisons: Kept[_Known | None] = Kept(_MOST_KEPT)
        self._courses: Kept[tuple[MaturityModel | None, tuple[Point, ...], tuple[Paired, ...]]] = Kept(
            _MOST_KEPT
        )
        self._dropped: Kept[_Dropped] = Kept(_MOST_KEPT)

    # --- live ---

    def compare(
        self,
        actor: Actor,
        campaign_id: str,
        model_id: str | None = None,
        line: str | None = None,
        *,
        noted: bool = True,
    ) -> Compared:
        """Live figures (Action.COMPARE: not for viewers). `model_id` None: the one with most runs.

        `line`: only runs about these customers ('b2c', 'b2b', 'both', UNKNOWN). `noted`: written to the audit
        log; False for what belongs to a page that is. Raises Missing for a model that was not asked here.
        """
        campaign = self._campaign(actor, Action.COMPARE, campaign_id)
        organisation, models, model_id, published_at = self._about(actor, campaign, model_id)
        known = None if model_id is None else self._known(campaign, model_id, line)
        if noted:
            self._seen(actor, "comparison_seen", campaign, model_id)
        comparison = None if known is None else known.comparison
        return Compared(organisation, campaign, model_id, comparison, models, published_at)

    def agenda(
        self, actor: Actor, campaign_id: str, model_id: str | None = None, minutes: Minutes = 90
    ) -> Agenda | None:
        """What to talk about in the workshop (Action.COMPARE), from live figures; None where there are
        none."""
        campaign = self._campaign(actor, Action.COMPARE, campaign_id)
        _, _, model_id, _ = self._about(actor, campaign, model_id)
        known = None if model_id is None else self._known(campaign, model_id, None)
        made = None
        if known is not None:
            made = agenda(known.comparison, minutes)
            asked = [one.item_id for one in made.items]
            quotes = self._quotes(
                campaign, known.comparison.model.id, known.willing, asked, levels=not campaign.anonymous
            )
            made = with_quotes(made, quotes)
        self._seen(actor, "agenda_seen", campaign, model_id)
        return made

    def about(self, actor: Actor, campaign_id: str) -> tuple[Organisation, Campaign]:
        """The campaign, for whoever may see how far it is (Action.SEE_PROGRESS)."""
        campaign = self._campaign(actor, Action.SEE_PROGRESS, campaign_id)
        with self._store.read() as work:
            return self._organisation(work, campaign.organisation_id), campaign

    def judged(
        self, actor: Actor, campaign_id: str, model_id: str, line: str | None = None
    ) -> dict[str, dict[int, int]]:
        """Item id -> level -> how many answers consultants put there (Action.COMPARE), of the runs that
        `compare` is about; an item that nobody judged is not in it."""
        campaign = self._campaign(actor, Action.COMPARE, campaign_id)
        known = self._known(campaign, model_id, line)
        if known is None:
            return {}
        with self._store.read() as work:
            rows = work.judged_levels(known.run_ids)
        counts: dict[str, Counter[int]] = {}
        for _, item_id, level in rows:
            counts.setdefault(item_id, Counter())[level] += 1
        self._seen(actor, "judgements_seen", campaign, model_id)
        return {item_id: dict(sorted(one.items())) for item_id, one in counts.items()}

    def over_time(self, actor: Actor, organisation_id: str, model_id: str | None = None) -> OverTime:
        """The organisation's measurements in a line (Action.SEE_EDITION); viewers get those of editions
        only."""
        allow(actor, Action.SEE_EDITION, organisation_id)
        with self._store.read() as work:
            organisation = self._organisation(work, organisation_id)
            campaigns = work.campaigns(organisation_id)
            protected = actor.role == "viewer"
            if protected:
                records = work.editions([one.id for one in campaigns], newest=_NEWEST_EDITIONS)
                counted = Counter(one.model_id for one in records)
            else:
                records = []
                asked = work.models_run([one.id for one in campaigns])
                counted = Counter({key: completed for key, (_, completed) in asked.items() if completed})
            models = self._named(work, actor, counted)
        model_id = _chosen(models, model_id)
        with self._store.write() as work:
            now = self._clock()
            about = (organisation_id, organisation_id, now)
            record(work, actor, "over_time_seen", "organisation", *about, model=model_id)
            work.commit()
        if model_id is None:
            return OverTime(organisation, None, None, (), (), models, protected)
        if protected:
            return self._published_over_time(organisation, campaigns, records, model_id, models)
        ids = [one.id for one in campaigns]
        with self._store.read() as work:
            state = work.state_of_runs(ids)
        key = (model_id, tuple((*_told(one), one.name) for one in campaigns))
        model, points, pairs = self._courses.get(key, state, lambda: self._course(campaigns, model_id))
        return OverTime(organisation, model_id, model, points, pairs, models, protected)

    def drop_off(self, actor: Actor, campaign_id: str, model_id: str | None = None) -> DropOff | None:
        """Where people stop, skip, hesitate (Action.SEE_PROGRESS); `model_id` None: what most have begun.

        Viewers get no count of one to four people. None where nobody has begun.
        """
        campaign = self._campaign(actor, Action.SEE_PROGRESS, campaign_id)
        outsider = actor.role == "viewer"
        with self._store.read() as work:
            asked = work.models_run([campaign.id])
            models = self._named(work, actor, Counter({key: begun for key, (begun, _) in asked.items()}))
            model_id = _chosen(models, model_id)
            if model_id is None:
                return None
            state = work.state_of_runs([campaign.id], under_way=True)
        now = self._clock()
        ended = phase(campaign, now) == "closed"
        kept = self._dropped.get(
            (campaign.id, model_id, ended, outsider),
            state,
            lambda: self._drop_off(campaign.id, model_id, now, ended, outsider),
            lambda one: one.made <= now <= one.until,
        )
        return kept.found

    def _drop_off(
        self, campaign_id: str, model_id: str, now: datetime, ended: bool, outsider: bool
    ) -> _Dropped:
        with self._store.read() as work:
            runs = work.runs([campaign_id], model_id)
            ids = [one.id for one in runs]
            model, _ = self._newest_model(work, runs)
            steps, unanswered = work.steps_taken(ids), work.turns_without_answer(ids)
        found = drop_off(model, runs, steps, unanswered, now=now, ended=ended, outsider=outsider)
        waits = [one.last_seen_at + STOPPED_AFTER for one in runs if one.status == "active"]
        until = min((one for one in waits if one >= now), default=now + STOPPED_AFTER)
        return _Dropped(found, now, until)

    # --- editions ---

    def publish(self, actor: Actor, campaign_id: str, model_id: str) -> Edition:
        """Store what may be shown to viewers and in shared views (Action.PUBLISH), and write it to the
        audit log.

        Of fewer than five people it says just that. Raises Missing where nobody has answered all
        questions, Refused('too_little_changed') when what changed since an earlier edition could be told
        of fewer than five people, or nothing changed at all.
        """
        campaign = self._campaign(actor, Action.PUBLISH, campaign_id)
        _, _, chosen, _ = self._about(actor, campaign, model_id)
        found = None if chosen is None else self._gather([campaign], chosen, None)
        if found is None:
            raise Missing(model_id)
        asked = list(found.model.item_ids())
        quotes = self._quotes(campaign, found.model.id, _willing(found), asked, levels=False)
        now = self._clock()
        with self._store.write() as work:
            # From here on nobody else publishes: what is shown has to be safe beside all that was shown.
            work.lock_campaign(campaign.id)
            content, members = self._content(work, campaign, found, quotes)
            kept = EditionRecord(
                id=secrets.token_hex(8),
                campaign_id=campaign.id,
                model_id=model_id,
                content=content,
                members=members,
                user_id=actor.user_id,
                by=actor.name,
                at=now,
            )
            work.add_edition(kept)
            record(
                work,
                actor,
                "edition_published",
                "edition",
                kept.id,
                campaign.organisation_id,
                now,
                campaign=campaign.id,
                model=model_id,
            )
            work.commit()
        with self._store.read() as work:
            return self._edition(work, campaign, kept)

    def _content(
        self,
        work: DeskWork,
        campaign: Campaign,
        found: _Gathered,
        quotes: Mapping[str, Sequence[Quote]],
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Content and members of an edition. Raises Refused, as publish."""
        records = work.editions([campaign.id], found.model.id)
        earlier = [published_of(one.members) for one in records]
        nothing = Published({}, {}, {})
        if len({one.person for one in found.entries}) < LEAST:
            if records and earlier[0] == nothing:
                raise Refused("too_little_changed")
            return {"definition": found.definition_hash, "comparison": None, "quotes": {}}, members_of(
                nothing
            )
        units = {unit for one in earlier for group in one.groups.values() for unit in group}
        person = work.conversations_of_runs(sorted({unit.partition("@")[0] for unit in units}))
        whose = {unit: person.get(unit.partition("@")[0], unit) for unit in units}
        whose |= {one.unit: one.person for one in found.entries}
        planned = plan(found.model, found.entries, whose, earlier)
        if planned is None:
            raise Refused("too_little_changed")
        protection, published = planned
        if earlier and earlier[0].groups.get("all") == published.groups["all"]:
            raise Refused("too_little_changed")
        comparison = compare(
            found.model,
            found.entries,
            targets=(campaign.targets or {}).get(found.model.id),
            versions={found.model.version: len(found.entries)},
            anonymous=campaign.anonymous,
            protection=protection,
        )
        assert comparison is not None
        content = {
            "definition": found.definition_hash,
            "comparison": content_of(comparison),
            # Not the words: whoever erases them, or takes back that they may be shown, is heard.
            "quotes": {
                item_id: [[one.ref, None, one.language] for one in here]
                for item_id, here in quotes.items()
                if item_id in comparison.whole.items
            },
        }
        return content, members_of(published)

    def edition(
        self, actor: Actor, campaign_id: str, model_id: str | None = None, edition_id: str | None = None
    ) -> Edition | None:
        """The newest edition (Action.SEE_EDITION), or this one; None where nothing was published."""
        campaign = self._campaign(actor, Action.SEE_EDITION, campaign_id)
        with self._store.read() as work:
            if edition_id is None:
                kept = next(iter(work.editions([campaign.id], model_id, newest=1)), None)
                if kept is None:
                    return None
            else:
                kept = work.edition(edition_id)
                if kept is None or kept.campaign_id != campaign.id:
                    raise Missing(edition_id)
            return self._edition(work, campaign, kept)

    def shown_to_anybody(self, edition_id: str) -> tuple[Organisation, Campaign, Edition] | None:
        """An edition for whoever has an address of it: bot.service.desk.handing_over has seen to that.

        None where it has gone.
        """
        with self._store.read() as work:
            kept = work.edition(edition_id)
            campaign = None if kept is None else work.campaign(kept.campaign_id)
            if kept is None or campaign is None:
                return None
            organisation = self._organisation(work, campaign.organisation_id)
            return organisation, campaign, self._edition(work, campaign, kept)

    def editions(self, actor: Actor, campaign_id: str) -> tuple[Edition, ...]:
        """The newest editions without their content (`comparison` None), the newest first."""
        campaign = self._campaign(actor, Action.SEE_EDITION, campaign_id)
        with self._store.read() as work:
            return tuple(
                self._edition(work, campaign, one, content=False)
                for one in work.editions([campaign.id], newest=_NEWEST_EDITIONS)
            )

    def _edition(
        self, work: DeskWork, campaign: Campaign, kept: EditionRecord, *, content: bool = True
    ) -> Edition:
        model = model_of(work, self._parse, kept.content["definition"])
        few = kept.content["comparison"] is None
        comparison = None
        quotes: dict[str, tuple[Quote, ...]] = {}
        if content and not few:
            comparison = comparison_of(kept.content["comparison"], model)
            refs = kept.content["quotes"]
            words = work.quoted([int(ref) for here in refs.values() for ref, _, _ in here])
            for item_id, here in refs.items():
                quotes[item_id] = tuple(
                    # A level that is kept of an earlier version is not told either.
                    Quote(" ".join(words[int(ref)].split()), None, language, ref)
                    for ref, _, language in here
                    if int(ref) in words
                )
        return Edition(
            kept.id,
            campaign.id,
            campaign.organisation_id,
            kept.model_id,
            model,
            kept.at,
            kept.by,
            comparison,
            quotes,
            few,
        )

    # --- gathering ---

    def _known(self, campaign: Campaign, model_id: str, line: str | None) -> _Known | None:
        """The comparison of now, computed only if something has changed since; None for nothing."""
        targets = (campaign.targets or {}).get(model_id)
        key = (_told(campaign), repr(targets), model_id, line)
        # Before what is computed from it: see Kept.
        with self._store.read() as work:
            state = work.state_of_runs([campaign.id])

        def made() -> _Known | None:
            found = self._gather([campaign], model_id, line)
            comparison = None if found is None else self._compared(campaign, found, line)
            if found is None or comparison is None:
                return None
            return _Known(comparison, tuple(one.id for one in found.runs), _willing(found))

        return self._comparisons.get(key, state, made)

    def _gather(
        self, campaigns: Sequence[Campaign], model_id: str, line: str | None, *, all_runs: bool = False
    ) -> _Gathered | None:
        """What can be compared, None for nothing. `all_runs`: earlier ones of the same person too."""
        with self._store.read() as work:
            runs = work.runs([one.id for one in campaigns], model_id)
            counted = [one for one in runs if one.status == "completed" and one.depth == "full"]
            if not counted:
                return None
            hidden = {
                one.id: too_small(
                    Counter(combination(one, segments) for segments in work.answered_segments(one.id))
                )
                for one in campaigns
                if one.anonymous
            }
            model, definition_hash = self._newest_model(work, counted)
        newest = counted if all_runs else _newest(counted)
        chosen = [one for one in newest if line is None or (one.business_line or UNKNOWN) == line]
        # In an order that says nothing of when they were made.
        chosen.sort(key=lambda one: one.id)
        found = kept_standings(self._store, self._parse, [one.id for one in chosen])
        found = self._as_of(model, definition_hash, chosen, found)
        by_id = {one.id: one for one in campaigns}
        kept = [one for one in chosen if one.id in found]
        entries = tuple(
            _entry(one, found[one.id], by_id[one.campaign_id], hidden.get(one.campaign_id)) for one in kept
        )
        if not entries:
            return None
        return _Gathered(
            model,
            definition_hash,
            tuple(kept),
            entries,
            dict(sorted(Counter(one.version for one in kept).items())),
            LeftOut(
                not_finished=sum(one.status != "completed" for one in runs),
                quick=sum(one.status == "completed" and one.depth != "full" for one in runs),
                earlier=len(counted) - len(newest),
                other_version=len(chosen) - len(kept),
            ),
        )

    def _newest_model(self, work: DeskWork, runs: Sequence[Run]) -> tuple[MaturityModel, str]:
        """The newest version among these runs; of several contents of one version, that of the newest run."""

        def age(one: Run) -> tuple[tuple[int, ...], datetime, str]:
            return tuple(int(n) for n in one.version.split(".")), one.started_at, one.id

        newest = max(runs, key=age).definition_hash
        return model_of(work, self._parse, newest), newest

    def _as_of(
        self,
        model: MaturityModel,
        definition_hash: str,
        runs: Sequence[Run],
        found: Mapping[str, Standing],
    ) -> dict[str, Standing]:
        """The scores under one version: as they are where that makes no difference, else computed anew."""
        others = {one.definition_hash for one in runs} - {definition_hash}
        if not others:
            return dict(found)
        result = {
            one.id: found[one.id]
            for one in runs
            if one.id in found and one.definition_hash == definition_hash
        }
        with self._store.read() as work:
            for other in sorted(others):
                here = [one for one in runs if one.definition_hash == other and one.id in found]
                change = difference(model_of(work, self._parse, other), model)
                if same_scores(change):
                    result |= {one.id: found[one.id] for one in here}
                    continue
                answers = work.answers_that_hold([one.id for one in here])
                for one in here:
                    carried, _ = carry(change, model, answers.get(one.id, {}))
                    if any(model.item(key)[1].scored for key in carried):
                        result[one.id] = standing(model, carried, one.id, found[one.id].upto)
        return result

    def _compared(self, campaign: Campaign, found: _Gathered, line: str | None) -> Comparison | None:
        lines = Counter(one.business_line or UNKNOWN for one in found.runs)
        if line is not None:
            everyone = self._gather([campaign], found.model.id, None)
            lines = Counter(one.business_line or UNKNOWN for one in (everyone.runs if everyone else ()))
        return compare(
            found.model,
            found.entries,
            targets=(campaign.targets or {}).get(found.model.id),
            lines=dict(sorted(lines.items())),
            line=line,
            versions=found.versions,
            left_out=found.left_out,
            anonymous=campaign.anonymous,
        )

    def _quotes(
        self,
        campaign: Campaign,
        model_id: str,
        willing: Sequence[tuple[Run, Entry]],
        item_ids: Sequence[str],
        *,
        levels: bool,
    ) -> dict[str, tuple[Quote, ...]]:
        by_run = {run.id: (run, entry) for run, entry in willing}
        if not by_run:
            return {}
        with self._store.read() as work:
            rows = work.quotable(list(by_run), item_ids)
        said = []
        for run_id, item_id, answer_id, words in rows:
            run, entry = by_run[run_id]
            level = entry.items.get(item_id, (None, None, None))[0]
            if level is not None:
                said.append(Said(item_id, entry.person, words, level, run.language, str(answer_id)))
        return choose_quotes(said, f"{campaign.id}/{model_id}", levels=levels)

    # --- over time ---

    def _course(
        self, campaigns: Sequence[Campaign], model_id: str
    ) -> tuple[MaturityModel | None, tuple[Point, ...], tuple[Paired, ...]]:
        """The model in its newest version, the measurements, and who was measured twice."""
        found: list[tuple[Campaign, tuple[int, int] | None, _Gathered]] = []
        for campaign in campaigns:
            gathered = self._gather([campaign], model_id, None, all_runs=True)
            if gathered is not None:
                found += [(campaign, quarter, one) for quarter, one in self._in_quarters(campaign, gathered)]
        found.sort(key=lambda one: (max(_completed(run) for run in one[2].runs), one[0].id))
        points: list[Point] = []
        before: _Gathered | None = None
        for campaign, quarter, one in found:
            points.append(self._point(campaign, quarter, one, before))
            before = one
        return None if before is None else before.model, tuple(points), self._pairs(campaigns, found)

    def _in_quarters(
        self, campaign: Campaign, found: _Gathered
    ) -> list[tuple[tuple[int, int] | None, _Gathered]]:
        """One measurement, or one for each quarter where somebody was measured in more than one.

        Of an anonymous campaign quarters are told only where each has five people or more.
        """
        quarters: dict[tuple[int, int], list[int]] = {}
        for number, run in enumerate(found.runs):
            day = _completed(run)
            quarters.setdefault((day.year, (day.month + 2) // 3), []).append(number)
        met = Counter(
            key
            for places in quarters.values()
            for key in {(found.runs[i].conversation_id, found.runs[i].business_line) for i in places}
        )
        again = any(count > 1 for count in met.values())
        few = any(len({found.entries[i].person for i in places}) < LEAST for places in quarters.values())
        if not again or (campaign.anonymous and few):
            return [(None, _only(found, _newest_places(found, range(len(found.runs)))))]
        return [
            (quarter, _only(found, _newest_places(found, places)))
            for quarter, places in sorted(quarters.items())
        ]

    def _point(
        self,
        campaign: Campaign,
        quarter: tuple[int, int] | None,
        found: _Gathered,
        before: _Gathered | None,
    ) -> Point:
        comparison = compare(found.model, found.entries)
        assert comparison is not None
        day = max(_completed(run) for run in found.runs).date()
        return _point(
            campaign,
            quarter,
            day.replace(day=1) if campaign.anonymous else day,
            comparison,
            before is None or self._comparable(before.definition_hash, found.definition_hash),
        )

    def _comparable(self, before: str, after: str) -> bool:
        if before == after:
            return True
        with self._store.read() as work:
            old, new = model_of(work, self._parse, before), model_of(work, self._parse, after)
        return same_scores(difference(old, new))

    def _pairs(
        self,
        campaigns: Sequence[Campaign],
        found: Sequence[tuple[Campaign, tuple[int, int] | None, _Gathered]],
    ) -> tuple[Paired, ...]:
        """First against last run of each person and business line.

        Of anonymous campaigns only where there are five pairs: which runs are one person's is not told there.
        """
        runs: dict[tuple[str, str | None], list[tuple[datetime, Entry, str]]] = {}
        for _, _, one in found:
            for run, entry in zip(one.runs, one.entries, strict=True):
                key = (run.conversation_id, run.business_line)
                runs.setdefault(key, []).append((_completed(run), entry, one.definition_hash))
        changes: dict[str, list[float]] = {}
        figures: list[str] = ["overall", *(d.id for d in found[-1][2].model.dimensions)] if found else []
        for several in runs.values():
            several.sort(key=lambda one: (one[0], one[1].unit))
            (_, first, old), (_, last, new) = several[0], several[-1]
            if len(several) < 2 or not self._comparable(old, new):
                continue
            for figure in figures:
                was = first.overall if figure == "overall" else first.dimensions.get(figure, (None, None))[0]
                now = last.overall if figure == "overall" else last.dimensions.get(figure, (None, None))[0]
                if was is not None and now is not None:
                    changes.setdefault(figure, []).append(now - was)
        least = LEAST if any(one.anonymous for one in campaigns) else 1
        return tuple(
            Paired(one, len(changes[one]), sum(changes[one]) / len(changes[one]))
            for one in figures
            if len(changes.get(one, [])) >= least
        )

    def _published_over_time(
        self,
        organisation: Organisation,
        campaigns: Sequence[Campaign],
        records: Sequence[EditionRecord],
        model_id: str,
        models: tuple[tuple[str, str, int], ...],
    ) -> OverTime:
        """A point for each edition, the oldest first."""
        by_id = {one.id: one for one in campaigns}
        points: list[Point] = []
        model, before = None, None
        for kept in sorted((one for one in records if one.model_id == model_id), key=lambda one: one.at):
            with self._store.read() as work:
                model = model_of(work, self._parse, kept.content["definition"])
            here = kept.content["definition"]
            comparable = before is None or self._comparable(before, here)
            if kept.content["comparison"] is None:
                continue
            comparison = comparison_of(kept.content["comparison"], model)
            campaign = by_id[kept.campaign_id]
            points.append(_point(campaign, None, kept.at.date(), comparison, comparable))
            before = here
        return OverTime(organisation, model_id, model, tuple(points), (), models, True)

    # --- parts ---

    def _campaign(self, actor: Actor, action: Action, campaign_id: str) -> Campaign:
        with self._store.read() as work:
            campaign = work.campaign(campaign_id)
        if campaign is None:
            raise Missing(campaign_id)
        allow(actor, action, campaign.organisation_id)
        return campaign

    def _organisation(self, work: DeskWork, organisation_id: str) -> Organisation:
        found = work.organisation(organisation_id)
        if found is None:
            raise Missing(organisation_id)
        return found

    def _about(
        self, actor: Actor, campaign: Campaign, model_id: str | None
    ) -> tuple[Organisation, tuple[tuple[str, str, int], ...], str | None, datetime | None]:
        """The organisation, the models to choose from, the one that was chosen, when it was last
        published."""
        with self._store.read() as work:
            organisation = self._organisation(work, campaign.organisation_id)
            asked = work.models_run([campaign.id])
            counted = Counter({key: completed for key, (_, completed) in asked.items()})
            models = self._named(work, actor, counted)
            chosen = _chosen(models, model_id)
            published_at = None if chosen is None else work.last_published(campaign.id, chosen)
        return organisation, models, chosen, published_at

    def _named(
        self, work: DeskWork, actor: Actor, counted: Mapping[str, int]
    ) -> tuple[tuple[str, str, int], ...]:
        hashes = work.newest_definitions(sorted(counted))
        named = []
        for key, definition_hash in hashes.items():
            model = model_of(work, self._parse, definition_hash)
            language = actor.language if actor.language in model.languages else model.languages[0]
            named.append((key, model.name[language], counted[key]))
        return tuple(sorted(named, key=lambda one: (-one[2], one[0])))

    def _seen(self, actor: Actor, action: str, campaign: Campaign, model_id: str | None) -> None:
        with self._store.write() as work:
            record(
                work,
                actor,
                action,
                "campaign",
                campaign.id,
                campaign.organisation_id,
                self._clock(),
                model=model_id,
            )
            work.commit()


def same_scores(change: Difference) -> bool:
    """Whether the same answers make the same scores in both versions, and all of them carry over."""
    return change.needed in ("none", "patch") and all(one.carries in _CARRIED for one in change.items)


def _chosen(models: Sequence[tuple[str, str, int]], wanted: str | None) -> str | None:
    """The model that is meant: the one that was asked for, else the one with most runs. Raises Missing."""
    if wanted is None:
        return models[0][0] if models else None
    if wanted not in [key for key, _, _ in models]:
        raise Missing(wanted)
    return wanted


def _told(campaign: Campaign) -> tuple[str, bool, tuple[tuple[str, str], ...]]:
    """What of a campaign itself decides which segments are told."""
    return campaign.id, campaign.anonymous, tuple(sorted(campaign.segments.items()))


def _willing(found: _Gathered) -> tuple[tuple[Run, Entry], ...]:
    """The runs of who agreed to be quoted."""
    return tuple(
        (run, entry) for run, entry in zip(found.runs, found.entries, strict=True) if run.quoting == "yes"
    )


def _completed(run: Run) -> datetime:
    return run.completed_at or run.started_at


def _newest(runs: Sequence[Run]) -> list[Run]:
    """The newest run of each person and business line."""
    newest: dict[tuple[str, str | None], Run] = {}
    for run in sorted(runs, key=lambda one: (_completed(one), one.id)):
        newest[(run.conversation_id, run.business_line)] = run
    return list(newest.values())


def _newest_places(found: _Gathered, places: Sequence[int]) -> list[int]:
    keep = {one.id for one in _newest([found.runs[i] for i in places])}
    return [i for i in places if found.runs[i].id in keep]


def _only(found: _Gathered, places: Sequence[int]) -> _Gathered:
    return _Gathered(
        found.model,
        found.definition_hash,
        tuple(found.runs[i] for i in places),
        tuple(found.entries[i] for i in places),
        found.versions,
        found.left_out,
    )


def _entry(
    run: Run, found: Standing, campaign: Campaign, hidden: frozenset[tuple[str | None, ...]] | None
) -> Entry:
    """One run as it is compared; `hidden`: combinations of segments that an anonymous campaign does not
    tell."""
    segments: dict[str, str | None] = {
        "role_layer": run.segments.get("role_layer"),
        "department": run.segments.get("department"),
        # Of this run: one person may have one for each kind of customers.
        "business_line": run.business_line,
    }
    if hidden is not None and combination(campaign, run.segments) in hidden:
        segments = {
            segment: segments[segment] if segment in campaign.segments else WITHHELD for segment in SEGMENTS
        }
    return Entry(
        unit=f"{run.id}@{found.upto}",
        person=run.conversation_id,
        segments=segments,
        overall=found.overall,
        dimensions=found.dimensions,
        items=found.items,
    )


def _point(
    campaign: Campaign,
    quarter: tuple[int, int] | None,
    day: date,
    comparison: Comparison,
    comparable: bool,
) -> Point:
    whole = comparison.whole
    return Point(
        campaign.id,
        campaign.name,
        quarter,
        day,
        comparison.n,
        whole.overall.mean,
        {key: one.mean for key, one in whole.dimensions.items()},
        {key: one.agreement for key, one in whole.dimensions.items()},
        comparison.model.version,
        comparable,
    )
