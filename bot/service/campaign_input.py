"""What a consultant fills in for a campaign or an invitation, checked before anything is made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from bot.assessment.definitions import MaturityModel
from bot.assessment.records import Depth
from bot.assessment.segments import SEGMENTS, SKIPPED
from bot.origins import InvalidOrigin, origins
from bot.texts import LANGUAGES

LONGEST_WELCOME = 600
"""In characters, as are the others."""
LONGEST_CONTACT = 200
LONGEST_NAME = 120
MOST_REMINDERS = 10
MOST_AT_ONCE = 1000
"""So many invitations can be made at a time."""
SHORTEST_KEPT = 7
"""So many days, at least, what people said is kept after a campaign: what is erased at once helps nobody."""
LONGEST_KEPT = 3650
HOME = "Europe/Amsterdam"
"""The time zone where nothing else is said."""


class CampaignError(Exception):
    """What a consultant wanted cannot be done; the message says why, in a sentence."""


class InvalidField(CampaignError):
    """A field holds something that cannot be. The message names it and what was expected."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"{name}: {expected}")
        self.field = name


class NotFound(CampaignError):
    """There is no such organisation, campaign or invitation, or more than one has this name."""


class NotPossible(CampaignError):
    """It is all there, but the rules of the campaign do not allow this (any more)."""


@dataclass(frozen=True)
class NewCampaign:
    """A campaign as it is wished for; what each field means is said at bot.assessment.records.Campaign.

    `organisation`: its name; it is made where there is none of that name. `languages`: empty for all that
    every model speaks. `opens_at`, `closes_at`: with a zone; None for at once, and until it is closed.
    """

    organisation: str
    name: str
    models: Sequence[str]
    anonymous: bool
    depth: str | None = None
    languages: Sequence[str] = ()
    segments: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    welcome: Mapping[str, str] = field(default_factory=dict)
    contact: str | None = None
    reminders: int = 2
    time_zone: str = HOME
    origins: Sequence[str] = ()
    signed_only: bool = False
    approve_first: bool = False
    keep_days: int | None = None


def name_of(field_name: str, text: str) -> str:
    """A name on one line, without blanks around it. Raises InvalidField."""
    name = " ".join(text.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidField(field_name, f"one line of 1 to {LONGEST_NAME} characters is expected.")
    return name


def same_name(one: str, other: str) -> bool:
    """Whether two names differ in blanks and capitals only."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def models_of(wanted: Sequence[str], offered: Mapping[str, MaturityModel]) -> dict[str, MaturityModel]:
    """The maturity models that were named, each once, in the order in which they are offered.

    Raises InvalidField for none, and for one that is not in `offered` (id -> model).
    """
    choice = f"choose from {', '.join(offered)}." if offered else "there is none on offer."
    if not wanted:
        raise InvalidField("models", f"at least one is expected; {choice}")
    for model_id in wanted:
        if model_id not in offered:
            raise InvalidField("models", f"{_quoted(model_id)} is not on offer; {choice}")
    return {model_id: model for model_id, model in offered.items() if model_id in wanted}


def depth_of(depth: str | None, models: Mapping[str, MaturityModel]) -> Depth | None:
    """The depth that holds for everybody; None leaves it to them. Raises InvalidField."""
    if depth is None:
        return None
    if depth == "full":
        return "full"
    if depth != "quick":
        raise InvalidField("depth", f"'full', 'quick' or nothing is expected, not {_quoted(depth)}.")
    if missing := [model_id for model_id, model in models.items() if model.quick_minutes is None]:
        raise InvalidField("depth", f"'quick' needs a quick scan, and {_and(missing)} has none.")
    return "quick"


def languages_of(wanted: Sequence[str], models: Mapping[str, MaturityModel]) -> tuple[str, ...]:
    """The languages that were named; for none, all that every model speaks. Raises InvalidField."""
    spoken = [code for code in LANGUAGES if all(code in model.languages for model in models.values())]
    for code in wanted:
        if code not in spoken:
            expected = f"{_and(spoken, 'or')} is expected" if spoken else "the models share no language"
            raise InvalidField("languages", f"{expected}, not {_quoted(code)}.")
    return tuple(dict.fromkeys(wanted or spoken))


def language_of(wanted: str | None, languages: Sequence[str]) -> str | None:
    """The language of an invitation; None leaves it to the person. Raises InvalidField."""
    if wanted is not None and wanted not in languages:
        raise InvalidField("language", f"the campaign is in {_and(languages)}, so not in {_quoted(wanted)}.")
    return wanted


def segments_of(segments: Mapping[str, str], known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Segment -> option or 'skipped', in the order in which they are asked. Raises InvalidField.

    `known`: what the campaign says already, where these are of an invitation.
    """
    for segment, option in segments.items():
        if segment not in SEGMENTS:
            expected = f"{_and(list(SEGMENTS), 'or')} is expected"
            raise InvalidField("segments", f"{expected}, not {_quoted(segment)}.")
        if option not in (*SEGMENTS[segment], SKIPPED):
            expected = f"{_and((*SEGMENTS[segment], SKIPPED), 'or')} is expected"
            raise InvalidField(f"segments.{segment}", f"{expected}, not {_quoted(option)}.")
    if "first_line" in segments and {**(known or {}), **segments}.get("business_line") != "both":
        raise InvalidField("segments.first_line", "it only means something with business_line=both.")
    return {segment: segments[segment] for segment in SEGMENTS if segment in segments}


def targets_of(
    targets: Mapping[str, Mapping[str, int]], models: Mapping[str, MaturityModel]
) -> dict[str, dict[str, int]] | None:
    """Model id -> dimension id -> level; None where none is set. Raises InvalidField."""
    for model_id, levels in targets.items():
        if model_id not in models:
            raise InvalidField(
                "targets", f"the campaign is about {_and(list(models))}, not about {_quoted(model_id)}."
            )
        model = models[model_id]
        scored = [one.id for one in model.dimensions if any(item.scored for item in one.items)]
        for dimension_id, level in levels.items():
            where = f"targets.{model_id}.{dimension_id}"
            if dimension_id not in scored:
                raise InvalidField(where, f"there is no such area; choose from {', '.join(scored)}.")
            if isinstance(level, bool) or not isinstance(level, int):
                raise InvalidField(where, f"a level is expected, not {_quoted(str(level))}.")
            if not model.lowest <= level <= model.highest:
                expected = f"a level from {model.lowest} to {model.highest} is expected"
                raise InvalidField(where, f"{expected}, not {level}.")
    return {model_id: dict(levels) for model_id, levels in targets.items() if levels} or None


def welcome_of(welcome: Mapping[str, str], languages: Sequence[str]) -> dict[str, str]:
    """Language -> text, for all languages or none. Raises InvalidField."""
    texts: dict[str, str] = {}
    for language, text in welcome.items():
        if language not in languages:
            raise InvalidField(
                "welcome", f"the campaign is in {_and(languages)}, not in {_quoted(language)}."
            )
        # Blank lines separate paragraphs; within one, a text may come wrapped from wherever it was written.
        plain = "\n\n".join(
            " ".join(paragraph.split())
            for paragraph in text.replace("\r\n", "\n").split("\n\n")
            if paragraph.strip()
        )
        if not 1 <= len(plain) <= LONGEST_WELCOME:
            expected = f"1 to {LONGEST_WELCOME} characters are expected"
            raise InvalidField(f"welcome.{language}", f"{expected}, not {len(plain)}.")
        if not plain.replace("\n", "").isprintable():
            raise InvalidField(f"welcome.{language}", "plain text is expected.")
        texts[language] = plain
    if texts and (missing := [code for code in languages if code not in texts]):
        raise InvalidField(
            "welcome", f"a text for every language or for none is expected; {_and(missing)} is missing."
        )
    return {language: texts[language] for language in languages if language in texts}


def contact_of(contact: str | None) -> str | None:
    """How a person can be reached, on one line; None for nothing. Raises InvalidField."""
    if contact is None or not contact.strip():
        return None
    plain = contact.strip()
    if len(plain) > LONGEST_CONTACT or not plain.isprintable():
        raise InvalidField("contact", f"one line of at most {LONGEST_CONTACT} characters is expected.")
    return plain


def reminders_of(reminders: int) -> int:
    """At most so many to one respondent. Raises InvalidField."""
    if not 0 <= reminders <= MOST_REMINDERS:
        raise InvalidField("reminders", f"0 to {MOST_REMINDERS} are expected, not {reminders}.")
    return reminders


def keep_days_of(days: int | None) -> int | None:
    """So many days after its end all that people said is erased; None for never. Raises InvalidField."""
    if days is not None and not SHORTEST_KEPT <= days <= LONGEST_KEPT:
        raise InvalidField(
            "keep_days", f"{SHORTEST_KEPT} to {LONGEST_KEPT} days are expected, or nothing, not {days}."
        )
    return days


def origins_of(texts: Sequence[str]) -> tuple[str, ...]:
    """The sites that may show the campaign, as browsers name them, each once. Raises InvalidField."""
    try:
        return origins(texts)
    except InvalidOrigin as error:
        raise InvalidField("origin", str(error)) from None


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def time_zone_of(time_zone: str) -> str:
    """A time zone as IANA names it. Raises InvalidField."""
    if time_zone not in _zones():
        raise InvalidField("time_zone", f"a name like {HOME} is expected, not {_quoted(time_zone)}.")
    return time_zone


def moment_of(field_name: str, text: str, time_zone: str, *, ends: bool = False) -> datetime:
    """'2026-03-02' or '2026-03-02 09:30', as the clocks of this time zone say it.

    A day alone is its beginning; with `ends`, its last minute. Raises InvalidField.
    """
    zone = ZoneInfo(time_zone_of(time_zone))
    plain = text.strip()
    try:
        if len(plain) == 10:
            day = date.fromisoformat(plain)
            return datetime.combine(day, time(23, 59) if ends else time(0, 0), zone)
        found = datetime.strptime(plain.replace("T", " "), "%Y-%m-%d %H:%M")
    except ValueError:
        expected = "a day or time like 2026-03-02 or '2026-03-02 09:30' is expected"
        raise InvalidField(field_name, f"{expected}, not {_quoted(text)}.") from None
    return found.replace(tzinfo=zone)


def period_of(
    opens_at: datetime | None, closes_at: datetime | None, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """From when to when, as they are. Raises InvalidField where the end is not after the beginning or now."""
    for name, moment in (("opens", opens_at), ("closes", closes_at)):
        if moment is not None and moment.tzinfo is None:
            raise InvalidField(name, "a time with its zone is expected.")
    if closes_at is not None and opens_at is not None and closes_at <= opens_at:
        raise InvalidField("closes", "a moment after 'opens' is expected.")
    if closes_at is not None and closes_at <= now:
        raise InvalidField("closes", "a moment that is still to come is expected.")
    return opens_at, closes_at


def _quoted(text: str) -> str:
    """What was given, on one line and not too much of it."""
    plain = "".join(one if one.isprintable() else " " for one in text)
    return repr(plain if len(plain) <= 60 else f"{plain[:57]}...")


def _and(words: Iterable[str], last: str = "and") -> str:
    *first, final = list(words)
    return f"{', '.join(first)} {last} {final}" if first else final
