"""Words as they are found again: folded, as beginnings, with the place where they stood."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.assessment.searching import LONGEST_WORD, MOST_WORDS, read_query, snippet, words_of


def test_words_are_folded_to_small_letters_without_accents() -> None:
    assert words_of("Één CAFÉ, cafe\u0301; straße 3x_y") == {"een", "cafe", "strasse", "3x", "y"}


def test_a_short_word_is_a_whole_one_and_a_longer_one_a_beginning() -> None:
    it, tea = read_query("it Thee")

    assert it.finds("it")
    assert not it.finds("item")
    assert tea.finds("theepot")
    assert not tea.finds("the")


def test_signs_are_no_words() -> None:
    assert read_query("\"%' * : -- ( ) \\ _ \u0000") == ()


def test_only_so_many_words_count_each_once() -> None:
    assert len(read_query(" ".join(f"word{n}" for n in range(50)))) == MOST_WORDS
    assert len(read_query("thee THEE thée")) == 1


def test_a_snippet_marks_what_was_found_as_it_was_written() -> None:
    assert snippet("Één kop\n thee", read_query("een thee")) == (
        ("Één", True),
        (" kop ", False),
        ("thee", True),
    )


def test_a_long_line_is_cut_around_the_first_word() -> None:
    found = snippet("a " * 500 + "thee" + " b" * 500, read_query("thee"), around=10)

    assert found[0] == ("…", False)
    assert ("thee", True) in found
    assert sum(len(piece) for piece, _ in found) < 50


def test_a_word_without_an_end_is_cut_too() -> None:
    assert sum(len(piece) for piece, _ in snippet("x" * 4000, read_query("xxx"))) < 200
    assert read_query("x" * 100)[0].finds(next(iter(words_of("x" * 4000))))


@given(st.text(max_size=300), st.text(max_size=60))
def test_no_text_and_no_query_fails_and_a_word_is_never_too_long(text: str, query: str) -> None:
    sought = read_query(query)
    snippet(text, sought)

    assert all(0 < len(word) <= LONGEST_WORD for word in words_of(text))
    assert len(sought) <= MOST_WORDS


@given(st.text(min_size=1, max_size=200))
def test_every_word_of_a_text_is_found_in_it(text: str) -> None:
    for word in words_of(text):
        for sought in read_query(word):
            assert any(sought.finds(one) for one in words_of(text))
