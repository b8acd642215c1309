from bot.channels.recent import Recent


def test_the_newest_values_are_kept_and_the_oldest_forgotten():
    recent: Recent[str, int] = Recent(2)

    for number, key in enumerate("aab"):
        recent.keep(key, number)
    recent.keep("a", 7)
    recent.keep("c", 8)

    # 'b' was kept before 'a' was the last time.
    assert [recent.get(key) for key in "abc"] == [7, None, 8]
    assert ["b" in recent, "c" in recent] == [False, True]


def test_what_is_forgotten_is_gone():
    recent: Recent[str, int] = Recent(2)
    recent.keep("a", 1)

    recent.forget("a")
    recent.forget("never there")

    assert recent.get("a") is None
