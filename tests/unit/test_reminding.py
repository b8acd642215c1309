"""When a reminder may come: how long it waits, and never at night, whatever the clocks do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.assessment.reminding import Reminding, is_day, may_follow

HOME = "Europe/Amsterdam"
# Ahead and behind, with half hours, with an hour of summer time, with half an hour of it, and with none.
ZONES = (
    *(HOME, "Europe/London", "America/New_York", "America/St_Johns", "Asia/Kolkata", "Asia/Kathmandu"),
    *("Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Kiritimati", "Pacific/Honolulu", "UTC"),
)
STEP = timedelta(minutes=15)
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
quarters = st.integers(0, 365 * 24 * 4).map(lambda count: YEAR + count * STEP)


def at(text: str, zone: str = HOME) -> datetime:
    """'2026-03-02 14:00' by the clocks of a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def local(moment: datetime, zone: str = HOME) -> datetime:
    return moment.astimezone(ZoneInfo(zone))


def first(reminding: Reminding, heard_at: datetime, since: datetime) -> datetime:
    """The first moment from then on at which a job that looks every quarter of an hour would remind."""
    now = since
    while not (may_follow(reminding, heard_at, now) and is_day(now, reminding.time_zone)):
        now += STEP
    return now


@pytest.mark.parametrize(
    ("heard", "comes"),
    [
        # 20 hours after 14:00 it is 10:00.
        ("2026-03-02 14:00", "2026-03-03 10:00"),
        ("2026-03-02 17:45", "2026-03-03 13:45"),
        ("2026-03-02 23:45", "2026-03-03 19:45"),
        # 20 hours after these it is night still, and the day begins at 9:00.
        ("2026-03-02 13:00", "2026-03-03 09:00"),
        ("2026-03-02 12:45", "2026-03-03 09:00"),
        ("2026-03-02 08:00", "2026-03-03 09:00"),
        # 20 hours after these it is night again: 'tomorrow' is the next day, as it is for the others.
        ("2026-03-02 00:00", "2026-03-03 09:00"),
        ("2026-03-02 00:30", "2026-03-03 09:00"),
    ],
)
def test_tomorrow_is_tomorrow_by_day_whenever_it_was_said(heard: str, comes: str) -> None:
    assert first(Reminding(True, HOME), at(heard), at(heard)) == at(comes)


def test_the_next_one_comes_three_days_after_the_last_at_the_same_time_of_day() -> None:
    had = Reminding(True, HOME, sent=1, last_at=at("2026-03-03 10:00"))

    assert first(had, at("2026-03-02 14:00"), had.last_at or YEAR) == at("2026-03-06 10:00")


def test_who_has_answered_since_is_left_in_peace_for_as_long_after_that() -> None:
    had = Reminding(True, HOME, sent=1, last_at=at("2026-03-03 10:00"))

    # Three days after the last one it is 10:00 on the 6th; 20 hours after 18:00 on the 5th it is 14:00.
    assert first(had, at("2026-03-05 18:00"), at("2026-03-05 18:00")) == at("2026-03-06 14:00")


@pytest.mark.parametrize(
    ("when", "zone", "day"),
    [
        # 8:59, 9:00, 19:59 and 20:00 in winter, an hour ahead of UTC.
        ("2026-03-28T07:59:00", HOME, False),
        ("2026-03-28T08:00:00", HOME, True),
        ("2026-03-28T18:59:59", HOME, True),
        ("2026-03-28T19:00:00", HOME, False),
        # From the next day on it is two hours ahead.
        ("2026-03-29T06:59:00", HOME, False),
        ("2026-03-29T07:00:00", HOME, True),
        ("2026-03-29T17:59:00", HOME, True),
        ("2026-03-29T18:00:00", HOME, False),
        # And from the 25th of October again one.
        ("2026-10-24T07:00:00", HOME, True),
        ("2026-10-25T07:00:00", HOME, False),
        ("2026-10-25T08:00:00", HOME, True),
        # 3:30 is 9:00 in India, and 14:00 is 9:00 in New York before summer time begins there on 8 March.
        ("2026-03-02T03:29:00", "Asia/Kolkata", False),
        ("2026-03-02T03:30:00", "Asia/Kolkata", True),
        ("2026-03-07T14:00:00", "America/New_York", True),
        ("2026-03-08T13:00:00", "America/New_York", True),
        ("2026-03-07T13:59:00", "America/New_York", False),
    ],
)
def test_by_day_is_from_nine_until_before_eight_as_the_clocks_there_say(
    when: str, zone: str, day: bool
) -> None:
    assert is_day(datetime.fromisoformat(when).replace(tzinfo=UTC), zone) is day


@given(quarters, st.sampled_from(ZONES))
@example(at("2026-03-28 14:00"), HOME)
@example(at("2026-10-24 13:00"), HOME)
def test_the_first_one_comes_by_day_and_within_a_day_and_a_half(heard_at: datetime, zone: str) -> None:
    comes = first(Reminding(True, zone), heard_at, heard_at)

    assert 9 <= local(comes, zone).hour < 20
    # 20 hours, at most the 13 of a night, one more in the night in which summer time ends, and a look.
    assert timedelta(hours=20) <= comes - heard_at <= timedelta(hours=34) + STEP


@given(quarters, st.sampled_from(ZONES), st.integers(2, 4))
def test_over_weeks_of_silence_they_come_by_day_with_days_between(
    heard_at: datetime, zone: str, most: int
) -> None:
    reminding = Reminding(True, zone)
    times: list[datetime] = []
    now = heard_at
    while len(times) < most:
        now = first(reminding, heard_at, now)
        times.append(now)
        reminding = reminding.counted(now)

    assert all(9 <= local(one, zone).hour < 20 for one in times)
    gaps = [later - sooner for sooner, later in pairwise(times)]
    assert all(timedelta(days=3) <= gap <= timedelta(days=3, hours=14) + STEP for gap in gaps)
    assert (reminding.sent, reminding.last_at) == (most, times[-1])


def test_whoever_hurries_waits_for_who_is_answering_and_for_who_was_reminded_today() -> None:
    heard = at("2026-03-02 10:00")
    had = Reminding(True, HOME, sent=1, last_at=at("2026-03-02 14:00"))

    def hurried(reminding: Reminding, when: str) -> bool:
        return may_follow(reminding, heard, at(when), hurried=True)

    assert not hurried(Reminding(True, HOME), "2026-03-02 10:59")
    assert hurried(Reminding(True, HOME), "2026-03-02 11:00")
    assert not hurried(had, "2026-03-03 09:59")
    assert hurried(had, "2026-03-03 10:00")


def test_what_was_hurried_at_night_comes_in_the_morning_unless_the_person_was_there_first() -> None:
    asked = Reminding(True, HOME, hurried_at=at("2026-03-02 22:00"))

    assert first(asked, at("2026-03-02 18:00"), at("2026-03-02 22:00")) == at("2026-03-03 09:00")
    # Heard at 23:00, so 20 hours of silence end at 19:00.
    assert first(asked, at("2026-03-02 23:00"), at("2026-03-02 23:00")) == at("2026-03-03 19:00")
    assert asked.counted(at("2026-03-03 09:00")).hurried_at is None


moments = st.none() | st.datetimes(timezones=st.just(UTC))


@given(st.booleans(), st.sampled_from(ZONES), st.integers(0, 10), moments, moments)
def test_what_is_kept_is_read_as_it_was(
    agreed: bool, zone: str, sent: int, last_at: datetime | None, hurried_at: datetime | None
) -> None:
    reminding = Reminding(agreed, zone, sent, last_at, hurried_at)

    assert Reminding.read(reminding.data()) == reminding


def test_nothing_agreed_on_is_nothing() -> None:
    assert Reminding.read(None) is None
    kept = replace(Reminding(True, HOME), agreed=False).data()
    assert kept == {"agreed": False, "time_zone": HOME, "sent": 0}
