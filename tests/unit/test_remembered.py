"""The lists that the gateway remembers take a bounded amount of memory, whatever is asked for."""

from __future__ import annotations

from bot.gateway.origins import Remembered

LONG = tuple(f"https://{'a' * 60}.{'b' * 60}.{number:03d}.example" for number in range(50))
MOST = 100_000


def size(found: tuple[str, ...]) -> int:
    return sum(map(len, found))


def test_what_is_remembered_is_bounded_by_what_it_holds_not_by_how_many() -> None:
    remembered = Remembered(MOST)
    for number in range(200):
        remembered.keep(("code", str(number)), float(number), LONG)
    held = [number for number in range(200) if remembered.get(("code", str(number))) is not None]
    assert 0 < len(held) * size(LONG) <= MOST
    # The newest are those that stay.
    assert held == list(range(200 - len(held), 200))

    few = Remembered(MOST)
    for number in range(200):
        few.keep(("code", str(number)), float(number), ("https://a.example",))
    assert all(few.get(("code", str(number))) for number in range(200))


def test_what_is_kept_again_or_forgotten_takes_no_more_room() -> None:
    remembered = Remembered(MOST)
    first, second = ("code", "first"), ("code", "second")
    remembered.keep(first, 1.0, ("https://a.example",))
    for number in range(1000):
        remembered.keep(second, float(number), LONG)
        remembered.forget(("code", "never"))
    for number in range(1000):
        remembered.keep(("code", "third"), float(number), LONG)
        remembered.forget(("code", "third"))
    assert remembered.get(first) == (1.0, ("https://a.example",))
    assert remembered.get(second) == (999.0, LONG)
    assert remembered.get(("code", "third")) is None


def test_one_list_that_is_too_large_for_all_of_it_is_not_kept() -> None:
    remembered = Remembered(1_000)
    remembered.keep(("code", "first"), 1.0, LONG)
    assert remembered.get(("code", "first")) is None
    remembered.keep(("code", "second"), 1.0, ())
    assert remembered.get(("code", "second")) == (1.0, ())
