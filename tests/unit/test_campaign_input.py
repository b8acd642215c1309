"""What a consultant fills in for a campaign: what is taken, and which sentence says why something is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.assessment.definitions import MaturityModel
from bot.definitions import load
from bot.service import campaign_input as given
from bot.service.campaign_input import InvalidField

DATA = Path(__file__).resolve().parent.parent / "data"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def offered() -> dict[str, MaturityModel]:
    """Three made-up models: the bakery on 0..3 and the tearoom have a quick scan, the teahouse has none."""
    return {name: load(DATA / f"{name}.yml") for name in ("bakery", "tearoom", "teahouse")}


def refused(check: Callable[..., Any], *arguments: Any, **options: Any) -> str:
    with pytest.raises(InvalidField) as caught:
        check(*arguments, **options)
    said = str(caught.value)
    assert said.startswith(f"{caught.value.field}: ")
    assert said.endswith(".")
    assert "\n" not in said
    return said


def test_models_come_in_the_order_in_which_they_are_offered_each_once(
    offered: dict[str, MaturityModel],
) -> None:
    assert list(given.models_of(["teahouse", "bakery", "teahouse"], offered)) == ["bakery", "teahouse"]


def test_a_model_that_is_not_on_offer_is_refused_with_those_that_are(
    offered: dict[str, MaturityModel],
) -> None:
    assert refused(given.models_of, ["pub"], offered) == (
        "models: 'pub' is not on offer; choose from bakery, tearoom, teahouse."
    )
    assert "at least one" in refused(given.models_of, [], offered)
    assert "none on offer" in refused(given.models_of, ["pub"], {})


def test_the_quick_scan_is_taken_only_where_every_model_has_one(offered: dict[str, MaturityModel]) -> None:
    two = {name: offered[name] for name in ("bakery", "tearoom")}

    assert given.depth_of("quick", two) == "quick"
    assert given.depth_of("full", offered) == "full"
    assert given.depth_of(None, offered) is None
    assert refused(given.depth_of, "quick", offered) == (
        "depth: 'quick' needs a quick scan, and teahouse has none."
    )
    assert "'full', 'quick' or nothing" in refused(given.depth_of, "some", offered)


def test_languages_are_those_that_every_model_speaks(offered: dict[str, MaturityModel]) -> None:
    assert given.languages_of([], offered) == ("nl", "en")
    assert given.languages_of(["en", "nl", "en"], offered) == ("en", "nl")
    assert refused(given.languages_of, ["de"], offered) == "languages: nl or en is expected, not 'de'."
    assert given.language_of(None, ("nl",)) is None
    assert refused(given.language_of, "en", ("nl",)) == "language: the campaign is in nl, so not in 'en'."


def test_segments_have_options_that_exist_and_come_in_the_order_in_which_they_are_asked() -> None:
    segments = {"department": "skipped", "role_layer": "board"}

    assert list(given.segments_of(segments).items()) == [("role_layer", "board"), ("department", "skipped")]
    assert refused(given.segments_of, {"age": "42"}) == (
        "segments: role_layer, department, business_line or first_line is expected, not 'age'."
    )
    assert refused(given.segments_of, {"business_line": "b2g"}) == (
        "segments.business_line: b2c, b2b, both or skipped is expected, not 'b2g'."
    )


def test_with_which_line_to_begin_means_something_only_where_there_are_both() -> None:
    both = {"first_line": "b2c", "business_line": "both"}

    assert given.segments_of(both) == {"business_line": "both", "first_line": "b2c"}
    assert given.segments_of({"first_line": "b2c"}, {"business_line": "both"}) == {"first_line": "b2c"}
    assert "business_line=both" in refused(given.segments_of, {"first_line": "b2c"})


def test_targets_are_levels_of_areas_of_the_models(offered: dict[str, MaturityModel]) -> None:
    taken = given.targets_of({"bakery": {"bread": 0, "night": 3}, "tearoom": {}}, offered)

    assert taken == {"bakery": {"bread": 0, "night": 3}}
    assert given.targets_of({}, offered) is None
    assert refused(given.targets_of, {"pub": {"beer": 1}}, offered) == (
        "targets: the campaign is about bakery, tearoom and teahouse, not about 'pub'."
    )
    assert refused(given.targets_of, {"bakery": {"beer": 1}}, offered) == (
        "targets.bakery.beer: there is no such area; choose from bread, counter, night."
    )
    assert refused(given.targets_of, {"bakery": {"bread": 4}}, offered) == (
        "targets.bakery.bread: a level from 0 to 3 is expected, not 4."
    )


def test_a_welcome_is_plain_text_for_every_language_or_for_none() -> None:
    assert given.welcome_of({}, ("nl", "en")) == {}
    assert given.welcome_of({"nl": "  Welkom,\nfijn \n\n\n\ndat je er bent. "}, ("nl",)) == {
        "nl": "Welkom, fijn\n\ndat je er bent."
    }
    assert "en is missing" in refused(given.welcome_of, {"nl": "Welkom"}, ("nl", "en"))
    assert "not in 'en'" in refused(given.welcome_of, {"en": "Hi", "nl": "Hoi"}, ("nl",))
    assert refused(given.welcome_of, {"nl": "a" * 601}, ("nl",)) == (
        "welcome.nl: 1 to 600 characters are expected, not 601."
    )
    assert given.welcome_of({"nl": "a" * 600}, ("nl",)) == {"nl": "a" * 600}
    assert "1 to 600" in refused(given.welcome_of, {"nl": " \n "}, ("nl",))
    assert "plain text" in refused(given.welcome_of, {"nl": "Hoi\x1b[31m"}, ("nl",))


def test_contact_and_names_are_one_line() -> None:
    assert given.contact_of("  Bo, bo@example.org ") == "Bo, bo@example.org"
    assert given.contact_of("  ") is None
    assert "one line" in refused(given.contact_of, "Bo\nbo@example.org")
    assert "200" in refused(given.contact_of, "b" * 201)
    assert given.name_of("name", " Autumn \n 2026 ") == "Autumn 2026"
    assert "120" in refused(given.name_of, "name", "a" * 121)
    assert "1 to 120" in refused(given.name_of, "name", "   ")


def test_reminders_are_none_to_ten() -> None:
    assert [given.reminders_of(0), given.reminders_of(10)] == [0, 10]
    assert refused(given.reminders_of, 11) == "reminders: 0 to 10 are expected, not 11."
    assert "0 to 10" in refused(given.reminders_of, -1)


@pytest.mark.parametrize("name", ["Amsterdam", "Europe", "../etc/passwd", "/etc/localtime", "", "CEST+2"])
def test_a_time_zone_is_one_that_iana_names(name: str) -> None:
    assert given.time_zone_of("Europe/Amsterdam") == "Europe/Amsterdam"
    assert "a name like Europe/Amsterdam" in refused(given.time_zone_of, name)


def test_a_day_is_its_beginning_or_its_last_minute_by_the_clocks_of_the_time_zone() -> None:
    # In Amsterdam it is an hour later than UTC in winter, two hours in summer.
    opens = given.moment_of("opens", "2026-03-02", "Europe/Amsterdam")
    closes = given.moment_of("closes", "2026-07-31", "Europe/Amsterdam", ends=True)

    assert opens.astimezone(UTC) == datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
    assert closes.astimezone(UTC) == datetime(2026, 7, 31, 21, 59, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-03-02 09:30", "2026-03-02T09:30"])
def test_a_time_is_that_time(text: str) -> None:
    found = given.moment_of("opens", text, "America/New_York")

    # Five hours behind UTC in the first week of March.
    assert found.astimezone(UTC) == datetime(2026, 3, 2, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["tomorrow", "2-3-2026", "2026-02-30", "2026-03-02 25:00", "", "20260302"])
def test_what_is_no_day_and_no_time_is_refused(text: str) -> None:
    assert "like 2026-03-02" in refused(given.moment_of, "opens", text, "Europe/Amsterdam")


def test_the_end_comes_after_the_beginning_and_after_now() -> None:
    day = timedelta(days=1)

    assert given.period_of(NOW - day, NOW + day, NOW) == (NOW - day, NOW + day)
    assert given.period_of(None, None, NOW) == (None, None)
    assert refused(given.period_of, NOW + day, NOW + day, NOW) == (
        "closes: a moment after 'opens' is expected."
    )
    assert "still to come" in refused(given.period_of, None, NOW, NOW)
    assert "with its zone" in refused(given.period_of, NOW.replace(tzinfo=None), None, NOW)


def test_a_refusal_repeats_little_of_a_long_value_and_nothing_that_a_terminal_obeys() -> None:
    said = refused(given.time_zone_of, "\x1b[31m" + "x" * 500)

    assert "\x1b" not in said
    assert len(said) < 140
