"""What the report on the widget tells follows from what was measured. Times nothing, and opens no browser."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.widget.figures import Load, Loaded, Measured, aims, report, text


def load(*sizes: int, preflights: int = 0) -> Load:
    answers = [Loaded(f"GET /file{number}.js", size, "gzip", 200) for number, size in enumerate(sizes)]
    return Load("up to the first question", answers, preflights)


def measured(**changes: Any) -> Measured:
    """All as it should be: 25,600 bytes, 20 openings of 100 to 290 ms, no shift, nothing for axe to say."""
    found: dict[str, Any] = {
        "loads": [load(20_000, 5_600, preflights=2)],
        "openings": {"cold cache, click": [float(ms) for ms in range(100, 300, 10)]},
        "shifts": {"360 px, light, nl": 0.0},
        "findings": {"closed, 360 px, light, nl": []},
    }
    return Measured(**{**found, **changes})


def missed(measured: Measured) -> list[str]:
    return [aim.words for aim in aims(measured) if not aim.met]


def test_what_reaches_every_aim_misses_none_and_is_told_with_its_figures() -> None:
    told = text(measured())

    assert missed(measured()) == []
    # 20,000 + 5,600 bytes; two files and two questions ahead of them.
    assert "25,600 bytes  together in 4 requests" in told
    # 100, 110 ... 290: the middle lies between 190 and 200; 19 of 20 take at most 280.
    assert "median    195   95th percentile    280   of 20" in told
    assert told.endswith("All aims are met.")


def test_one_byte_too_many_is_a_miss_that_is_named() -> None:
    too_much = measured(loads=[load(20_000, 5_601)])

    assert missed(too_much) == ["bytes loaded: up to the first question"]
    assert "bytes loaded: up to the first question: 25,601, at most 25,600" in text(too_much)


def test_openings_are_judged_by_their_median_and_by_the_slowest_but_one_of_twenty() -> None:
    one_slow = measured(openings={"cold": [100.0] * 19 + [900.0]})
    two_slow = measured(openings={"cold": [100.0] * 18 + [900.0] * 2})
    slow = measured(openings={"cold": [301.0] * 20})

    assert missed(one_slow) == []
    assert missed(two_slow) == ["cold: 95th percentile to the first question, ms"]
    assert missed(slow) == [
        "cold: median to the first question, ms",
        "cold: 95th percentile to the first question, ms",
    ]


def test_a_page_that_moves_and_whatever_axe_says_are_misses() -> None:
    moved = measured(
        shifts={"360 px, light, nl": 0.0001},
        findings={"closed, 360 px, light, nl": ["button-name (critical): Buttons must have text"]},
    )

    assert missed(moved) == [
        "layout shift of the host page, 360 px, light, nl",
        "findings of axe, closed, 360 px, light, nl",
    ]
    assert "layout shift of the host page, 360 px, light, nl: 0.0001, at most 0" in text(moved)
    assert "closed, 360 px, light, nl: button-name (critical): Buttons must have text" in text(moved)


def test_as_json_it_has_all_that_is_told() -> None:
    told = json.loads(json.dumps(report(measured())))

    assert told["loads"][0]["size"] == 25_600
    assert told["loads"][0]["requests"] == 4
    assert told["openings"]["cold cache, click"]["median"] == 195
    assert all(aim["met"] for aim in told["aims"])
