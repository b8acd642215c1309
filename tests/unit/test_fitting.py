import timeit
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.contract import Button, Capabilities, Choice, Form, Message, Outgoing, Part
from bot.channels.cutting import length, parted, says_something, shorten
from bot.channels.fitting import TELEGRAM, TOGGLE, WHATSAPP, carry, fit, toggle
from bot.service.asking import cut
from bot.texts import say
from tests.fitted import MORE, check_limits, check_order, check_words, choices, counted, seen

FAMILY = "👩‍👩‍👧‍👦"  # four people and three joiners: 7 characters, 11 UTF-16 units
FLAG = "🇳🇱"  # 2 characters, 4 units


def message(text="", *, buttons=(), picture=None, alt=None, form=None, language="nl"):
    return Message(
        seq=1,
        id="m1",
        role="bot",
        kind="reply",
        text=text,
        language=language,
        at=datetime(2026, 3, 2, tzinfo=UTC),
        buttons=tuple(buttons),
        picture_id=picture,
        alt=alt,
        form=form,
    )


def outgoing(text="", *, links=(), documents=(), **rest):
    return Outgoing(message(text, **rest), tuple(links), tuple(documents), open_list="Kies", more=MORE)


def levels(*labels):
    return [Button(f"{number} · {label}", f"l{number}", "level") for number, label in enumerate(labels, 1)]


def quiet(*titles):
    return [Button(title, f"q-{title}", "quiet") for title in titles]


def choice(*titles):
    return [Button(title, f"c-{title}", "choice") for title in titles]


def titles(part):
    return [[one.title for one in row] for row in part.rows]


def words(count, word="woord"):
    """A text of so many characters, in words of five and a space."""
    text = f"{word} " * (count // 6 + 1)
    return text[: count - 1].rstrip().ljust(count - 1, "x") + "x"


QUESTION = (
    "Genoteerd: 2 · Soms.\n\nVraag 3 van 17 · Data\n\nWat weten jullie van klanten?\n\n"
    "1 · Niets: We weten niets.\n2 · Soms iets: We weten soms iets.\n3 · Veel: We weten veel."
)
THREE = levels("Niets", "Soms iets", "Veel")


# --- lengths ---


@pytest.mark.parametrize(
    ("text", "characters", "utf16"),
    [
        ("", 0, 0),
        ("tekst", 5, 5),
        ("één", 3, 3),
        ("e\u0301", 2, 2),
        ("👍", 1, 2),
        ("👍🏽", 2, 4),
        (FLAG, 2, 4),
        (FAMILY, 7, 11),
        ("שלום", 4, 4),
        ("a\u0007b", 3, 3),
    ],
)
def test_a_text_is_counted_in_the_units_of_the_channel(text, characters, utf16):
    assert length(text, "characters") == characters
    assert length(text, "utf16") == utf16


@pytest.mark.parametrize(
    "sign",
    [
        FAMILY,
        FLAG,
        "👍🏽",
        "❤️",
        "1️⃣",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "e\u0301\u0323",
        "\r\n",
        "각",
        "\u1100\u1161\u11a8",
        "क्षि",
        "กำ",
        "\u0600١",
    ],
)
def test_what_the_eye_takes_for_one_sign_is_not_parted(sign):
    text = f"a{sign}b"

    assert [place for place in range(1, len(text)) if parted(text, place)] == [1, len(text) - 1]


def test_flags_are_parted_two_by_two():
    assert [place for place in range(1, 6) if parted("🇳🇱🇧🇪🇩🇪", place)] == [2, 4]


@pytest.mark.parametrize("blank", ["", "  \n", "\u200b", "\u200d\ufe0f", "\u3164", "\u00ad\t", "\u2800"])
def test_what_is_all_blank_says_nothing(blank):
    assert not says_something(blank)


@pytest.mark.parametrize("text", ["a", "1", "…", "👍", "ا", "?"])
def test_whatever_can_be_seen_says_something(text):
    assert says_something(f" {text}")


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Kies", "Kies"),
        ("Deel met een collega", "Deel met een collega"),  # exactly 20
        ("Deel het met een collega", "Deel het met een…"),
        ("3 · In het dagelijks werk van nu", "3 · In het…"),
        ("  Twee\nregels ", "Twee regels"),
        ("Wertschöpfungskettenmanagement", "Wertschöpfungskette…"),
        ("3 · Wertschöpfungskettenmanagement", "3 · Wertschöpfungsk…"),
        ("\u200b", "…"),
    ],
)
def test_a_title_is_shortened_at_a_word(text, short):
    assert shorten(text, 20, "utf16") == short


def test_a_title_of_one_long_word_is_shortened_between_two_signs():
    # 3 families of 11 units and an ellipsis are 34; a fourth does not fit.
    assert shorten(FAMILY * 5, 40, "utf16") == FAMILY * 3 + "…"


# --- text in parts ---


@pytest.mark.parametrize("can", [TELEGRAM, WHATSAPP])
def test_a_text_of_4096_is_one_part_and_of_4097_two(can):
    assert [len(part.text) for part in fit(outgoing(words(4096)), can)] == [4096]
    assert len(fit(outgoing(words(4097)), can)) == 2


def test_emoji_count_twice():
    # 2,048 of 2 units are 4,096.
    assert len(fit(outgoing("👍" * 2048), TELEGRAM)) == 1
    assert [part.text for part in fit(outgoing("👍" * 2049), TELEGRAM)] == ["👍" * 2048, "👍"]


def test_above_buttons_whatsapp_has_1024():
    (part,) = fit(outgoing(words(1024), buttons=choice("Ja", "Nee")), WHATSAPP)
    first, second = fit(outgoing(words(1025), buttons=choice("Ja", "Nee")), WHATSAPP)

    assert len(part.text) == 1024
    assert not first.rows
    assert titles(second) == [["Ja"], ["Nee"]]
    assert f"{first.text} {second.text}" == words(1025)


def test_a_long_text_is_cut_between_paragraphs_before_lines_sentences_and_words():
    def parts(*pieces):
        return [part.text for part in fit(outgoing("".join(pieces)), TELEGRAM)]

    a, b = words(3000), words(2000)

    assert parts(a, "\n\n", b[:900], "\n", b) == [a, f"{b[:900]}\n{b}"]
    assert parts(a, "\n", b[:900], ". ", b) == [a, f"{b[:900]}. {b}"]
    assert parts(a, ". ", b.capitalize()) == [f"{a}.", b.capitalize()]
    # A small letter after a point: an abbreviation, no end of a sentence.
    assert parts("Een. ", "Aa " * 1300, "bijv. ", "zo " * 100)[0] == "Een."
    assert parts("Aa " * 1300, "bijv. ", "zo " * 100)[0].endswith("bijv." + " zo" * 63)


def test_a_word_or_an_address_stays_whole():
    address = "https://peil.example.org/" + "k" * 300
    first, second = fit(outgoing(f"{words(4000)} {address}"), TELEGRAM)

    assert (first.text, second.text) == (words(4000), address)


def test_only_a_word_longer_than_the_limit_is_cut_and_between_two_signs():
    # 372 families of 11 units are 4,092 units; the next would make 4,103.
    first, second = fit(outgoing(FAMILY * 400), TELEGRAM)

    assert (first.text, second.text) == (FAMILY * 372, FAMILY * 28)


def test_one_sign_longer_than_the_limit_is_cut_since_the_limit_comes_first():
    parts = fit(outgoing("e" + "\u0301" * 5000), TELEGRAM)

    assert [len(part.text) for part in parts][:1] == [4096]


def test_white_space_that_holds_words_together_is_no_place_to_cut():
    first, second = fit(outgoing(f"{words(4090)} 10\u00a0minuten"), TELEGRAM)

    assert second.text == "10\u00a0minuten"
    assert first.text == words(4090)


def test_right_to_left_and_control_characters_pass():
    text = "שלום \u202bמה שלומך\u202c \u0007 \x1b[0m וגם\tכאן"

    assert [part.text for part in fit(outgoing(text), TELEGRAM)] == [text]


def test_the_question_stays_with_its_buttons_when_what_is_before_it_does_not_fit():
    why = words(900) + "\n\n" + words(100)
    first, second = fit(outgoing(f"{why}\n\n{QUESTION}", buttons=THREE), WHATSAPP)

    # The question would leave room for the second paragraph, and for what was noted.
    assert first.text == f"{why}\n\nGenoteerd: 2 · Soms."
    assert second.text.startswith("Vraag 3 van 17 · Data\n\n")


def test_a_last_word_that_does_not_fit_above_the_buttons_stays_whole_before_them():
    address = "https://peil.example.org/" + "k" * 1100
    first, second = fit(outgoing(f"Kijk: {address}", buttons=choice("Ja", "Nee")), WHATSAPP)

    assert first.text == f"Kijk: {address}"
    assert (second.text, titles(second)) == (MORE, [["Ja"], ["Nee"]])


@pytest.mark.parametrize("can", [TELEGRAM, WHATSAPP])
@pytest.mark.parametrize("text", ["", " \n", "\u200b"])
def test_nothing_is_sent_where_there_is_nothing_but_buttons_are(can, text):
    assert fit(outgoing(text), can) == []
    assert [part.text for part in fit(outgoing(text, buttons=choice("Ja")), can)] == [MORE]


# --- emphasis ---


def test_the_number_and_label_before_a_wording_are_strong():
    (part,) = fit(outgoing(QUESTION, buttons=THREE), TELEGRAM)

    assert [part.text[a:b] for a, b in part.strong] == ["1 · Niets", "2 · Soms iets", "3 · Veel"]


@pytest.mark.parametrize(
    "line",
    [
        "Vraag 3 van 17 · Data",
        "Genoteerd: 3 · Label",
        "3 · Label",
        "3. Label: tekst",
        "3 · https://peil.example.org/a: b",
        "Vraag 3, Label: 2 · Soms",
        "3 · Label:",
    ],
)
def test_nothing_else_is_strong(line):
    assert fit(outgoing(line), TELEGRAM)[0].strong == ()


def test_emphasis_moves_along_with_its_part():
    text = f"{words(4000)}\n\n{QUESTION}"
    _, second = fit(outgoing(text), TELEGRAM)

    assert [second.text[a:b] for a, b in second.strong] == ["1 · Niets", "2 · Soms iets", "3 · Veel"]


def test_emphasis_is_divided_at_a_word_when_it_has_to_be():
    can = replace(TELEGRAM, text=24)
    parts = fit(outgoing("1 · Een heel lang label van woorden: tekst"), can)

    assert [part.text for part in parts] == ["1 · Een heel lang label", "van woorden: tekst"]
    # 23 of 24 leave no room for marks; the second part has 18.
    assert [[part.text[a:b] for a, b in part.strong] for part in parts] == [[], ["van woorden"]]


def test_a_place_outside_the_emphasis_is_preferred():
    can = replace(TELEGRAM, text=30)
    parts = fit(outgoing("hallo 1\n1 · Een label van een paar woorden: x"), can)

    assert parts[0].text == "hallo 1"


def test_emphasis_goes_where_its_marks_would_pass_the_limit():
    line = "1 · Label: "
    short, long = (outgoing(line + "x" * (4096 - len(line) - left)) for left in (2, 1))

    assert fit(short, WHATSAPP)[0].strong == ((0, 9),)
    assert fit(long, WHATSAPP)[0].strong == ()


# --- pictures ---


def test_a_text_that_fits_is_the_caption_and_the_buttons_stand_below_it():
    (part,) = fit(outgoing(words(1024), picture="p", alt="Radar.", buttons=choice("Ja")), TELEGRAM)

    assert (part.kind, part.source, part.text, titles(part)) == ("picture", ("p",), words(1024), [["Ja"]])


def test_without_buttons_a_text_that_fits_is_the_caption_everywhere():
    parts = fit(outgoing("Klaar!\n\nData: 3", picture="p", alt="Radar."), WHATSAPP)

    assert parts == [Part("picture", "Klaar!\n\nData: 3", source=("p",))]


def test_where_no_buttons_stand_below_pictures_the_last_paragraph_stands_above_them():
    picture, asking = fit(
        outgoing("Klaar!\n\nData: 3\n\nEn nu?", picture="p", alt="Radar.", buttons=choice("Ja")), WHATSAPP
    )

    assert (picture.kind, picture.text, picture.rows) == ("picture", "Klaar!\n\nData: 3", ())
    assert (asking.kind, asking.text, titles(asking)) == ("text", "En nu?", [["Ja"]])


def test_the_first_paragraphs_are_the_caption_of_a_text_that_does_not_fit():
    picture, text = fit(outgoing(f"Klaar!\n\n{words(500)}\n\n{words(900)}", picture="p"), TELEGRAM)

    assert picture.text == f"Klaar!\n\n{words(500)}"
    assert text.text == words(900)


def test_what_the_picture_shows_stands_below_it_when_no_paragraph_fits():
    alt = "Radar van Data. Visie: 3,0. Mensen: 2,0."
    picture, text = fit(outgoing(words(1025), picture="p", alt=alt), TELEGRAM)

    assert picture.text == "Radar van Data."
    assert text.text == words(1025)


def test_a_picture_without_text_has_all_that_it_shows_below_it():
    (picture,) = fit(outgoing(picture="p", alt="Radar. " + words(2000), buttons=choice("Ja")), TELEGRAM)

    assert picture.text.startswith("Radar. woord")
    assert picture.text.endswith("woord…")
    assert 1000 < len(picture.text) <= 1024
    assert titles(picture) == [["Ja"]]


# --- documents and links ---


def test_documents_come_before_the_buttons_and_after_other_text():
    given_text = f"{words(1000)}\n\nEn nu?\n\n{words(500)}"
    message_ = outgoing(given_text, documents=[("report", "a"), ("data", "b")], buttons=choice("Ja", "Nee"))

    assert [part.kind for part in fit(message_, WHATSAPP)] == ["text", "document", "document", "text"]
    assert [part.kind for part in fit(message_, TELEGRAM)] == ["document", "document", "text"]
    assert fit(message_, WHATSAPP)[1] == Part("document", "", source=("report", "a"))


def test_documents_come_last_where_nothing_is_asked():
    parts = fit(outgoing("Hier is het.", documents=[("report", "a")]), TELEGRAM)

    assert [part.kind for part in parts] == ["text", "document"]


LINKS = [("Uitslag", "https://peil.example.org/r/a"), ("Terug", "https://peil.example.org/#back=b")]
LINES = "Uitslag: https://peil.example.org/r/a\nTerug: https://peil.example.org/#back=b"


@pytest.mark.parametrize(
    ("text", "buttons", "fitted"),
    [
        ("", (), "{links}"),
        ("Dit is hem.", choice("Weg"), "Dit is hem.\n\n{links}"),
        # Before the question that is put again, by its head ...
        (
            f"Een.\n\nTwee.\n\n{QUESTION.partition('Soms.')[2].strip()}",
            THREE,
            f"Een.\n\nTwee.\n\n{{links}}\n\n{QUESTION.partition('Soms.')[2].strip()}",
        ),
        # ... by its levels ...
        ("Een.\n\nWelke?\n\n1 · A: a", levels("A"), "Een.\n\n{links}\n\nWelke?\n\n1 · A: a"),
        # ... or as the last paragraph.
        ("Een.\n\nHieronder.\n\nDoen?", choice("Ja"), "Een.\n\nHieronder.\n\n{links}\n\nDoen?"),
        ("Een.\n\nHieronder.", choice("Ja"), "Een.\n\nHieronder.\n\n{links}"),
        (
            f"Een.\n\n{say('nl', 'side.done_hint')}",
            choice("Ja"),
            f"Een.\n\n{{links}}\n\n{say('nl', 'side.done_hint')}",
        ),
    ],
)
def test_links_stand_in_the_text_before_the_question(text, buttons, fitted):
    (part,) = fit(outgoing(text, links=LINKS, buttons=buttons), TELEGRAM)

    assert part.text == fitted.format(links=LINES)


# --- buttons in rows ---


def test_levels_of_which_the_text_has_the_wording_are_numbers_in_a_row():
    more = quiet("Weet ik niet", "Geldt niet voor ons", "Overslaan", "Leg uit", "Terug", "Meer…")
    (part,) = fit(outgoing(QUESTION, buttons=[*THREE, *more]), TELEGRAM)

    assert titles(part) == [
        ["1", "2", "3"],
        ["Weet ik niet", "Geldt niet voor ons"],  # 2 x (19 + 2) of 42
        ["Overslaan", "Leg uit"],  # four would take 4 x (9 + 2); three and one are less equal
        ["Terug", "Meer…"],
    ]
    assert [one.data for one in part.rows[0]] == ["l1", "l2", "l3"]


@pytest.mark.parametrize(
    ("count", "rows"),
    [
        (5, [5]),
        (8, [8]),
        (9, [5, 4]),
        # Two digits and the edges are 4 of 36: 8 in a row, so three rows of 6.
        (17, [6, 6, 5]),
    ],
)
def test_numbers_stand_in_as_few_equal_rows_as_there_can_be(count, rows):
    labels = [f"Label {chr(64 + number)}" for number in range(1, count + 1)]
    text = "\n".join(f"{number} · {label}: tekst" for number, label in enumerate(labels, 1))
    (part,) = fit(outgoing(text, buttons=levels(*labels)), TELEGRAM)

    assert [len(row) for row in part.rows] == rows


def test_a_title_that_was_cut_is_found_in_the_text():
    buttons = [Button("1 · In het dagelijks we…", "a", "level"), Button("2 · Visie", "b", "level")]
    (part,) = fit(outgoing("1 · In het dagelijks werk: x\n2 · Visie (nu): y", buttons=buttons), TELEGRAM)

    assert titles(part) == [["1", "2"]]


def test_numbered_answers_of_which_a_line_tells_are_numbers():
    text = "Welke?\n\nVraag 1, Het waarom: 1 · Nooit\nVraag 12, Visie: 2 · Soms"
    buttons = [
        Button("1 · Het waarom", "a", "quiet"),
        Button("12 · Visie", "b", "quiet"),
        *choice("Laat maar"),
    ]

    assert titles(fit(outgoing(text, buttons=buttons), TELEGRAM)[0]) == [["1", "12"], ["Laat maar"]]


@pytest.mark.parametrize(
    "text",
    [
        "Welke?",
        "Genoteerd: 1 · Weinig, 2 · Veel",
        "11 · Weinig: x\n12 · Veel: y",
        "1 · Weinigen: x\n2 · Velen: y",
    ],
)
def test_levels_that_the_text_does_not_list_keep_their_titles(text):
    (part,) = fit(outgoing(text, buttons=levels("Weinig", "Veel")), TELEGRAM)

    assert titles(part) == [["1 · Weinig", "2 · Veel"]]


def test_two_levels_never_get_the_same_number():
    buttons = [Button("1 · A", "a", "level"), Button("1 · B", "b", "level")]

    assert titles(fit(outgoing("1 · A: a\n1 · B: b", buttons=buttons), TELEGRAM)[0]) == [["1 · A", "1 · B"]]


def test_a_scale_in_words_stands_in_rows_that_are_alike():
    def rows(*names):
        buttons = [Button(name, name, "level") for name in names]
        return [len(row) for row in fit(outgoing("Hoeveel?", buttons=buttons), TELEGRAM)[0].rows]

    assert rows("Weinig", "Quite a lot!", "Veel") == [3]  # 3 x (12 + 2) of 42
    assert rows("Weinig", "Quite a bit ok", "Veel") == [
        1,
        1,
        1,
    ]  # 3 x (14 + 2) is 48; two and one is no scale
    assert rows("Visie", "Techniek", "Mensen", "Organisatie") == [2, 2]
    assert rows("Visie", "Meten en verbeteren!", "Mensen", "Data") == [1, 1, 1, 1]


def test_choices_stand_side_by_side_when_they_fit():
    def rows(*names):
        return [len(row) for row in fit(outgoing("Goed?", buttons=choice(*names)), TELEGRAM)[0].rows]

    assert rows("Weet ik niet", "Geldt niet voor ons") == [2]  # 2 x (19 + 2) of 42
    assert rows("Weet ik niet", "Geldt niet voor ons!") == [1, 1]


# --- reply buttons and lists ---


def test_up_to_three_buttons_are_reply_buttons():
    (part,) = fit(outgoing("Goed?", buttons=choice("Ja", "Nee", "Deel met een collega")), WHATSAPP)

    assert titles(part) == [["Ja"], ["Nee"], ["Deel met een collega"]]
    assert part.choices == ()


@pytest.mark.parametrize(
    "buttons",
    [
        choice("Ja", "Nee", "Deel nu met een collega"),
        choice("a", "b", "c", "d"),
        [Button("Ja", "a", "choice"), Button("Ja", "b", "choice")],
    ],
)
def test_more_of_them_or_longer_or_doubled_titles_make_a_list(buttons):
    (part,) = fit(outgoing("Goed?", buttons=buttons), WHATSAPP)

    assert [one.data for one in part.choices] == [button.token for button in buttons]
    assert part.rows == ()
    assert part.list_button == "Kies"


def test_doubled_titles_of_a_list_get_a_number():
    buttons = [Button("Ja", "a", "choice"), Button("Ja", "b", "choice")]

    assert [one.title for one in fit(outgoing("Goed?", buttons=buttons), WHATSAPP)[0].choices] == [
        "Ja",
        "Ja 2",
    ]


def test_levels_of_a_list_have_their_wordings_below_them():
    (part,) = fit(outgoing(QUESTION, buttons=[*THREE, *quiet("Overslaan")]), WHATSAPP)

    assert part.choices == (
        Choice("1 · Niets", "l1", "We weten niets."),
        Choice("2 · Soms iets", "l2", "We weten soms iets."),
        Choice("3 · Veel", "l3", "We weten veel."),
        Choice("Overslaan", "q-Overslaan"),
    )


@pytest.mark.parametrize(("size", "described"), [(72, True), (73, False)])
def test_either_all_wordings_fit_whole_or_none_stands_there(size, described):
    text = f"1 · A: kort\n2 · B: {'x' * size}"
    (part,) = fit(outgoing(text, buttons=[*levels("A", "B"), *quiet("p", "q")]), WHATSAPP)

    assert [bool(one.description) for one in part.choices] == [described, described, False, False]


USUAL = quiet("Weet ik niet", "Geldt niet voor ons", "Overslaan", "Leg uit", "Terug", say("nl", "menu.more"))


@pytest.mark.parametrize(
    ("before", "gone"),
    [
        (levels("A", "B", "C", "D"), []),  # 4 + 6 are 10
        (levels("A", "B", "C", "D", "E"), ["Terug"]),
        ([*choice("Net als toen"), *levels("A", "B", "C", "D", "E")], ["Leg uit", "Terug"]),
        (levels(*"ABCDEFGH"), ["Geldt niet voor ons", "Overslaan", "Leg uit", "Terug"]),
    ],
)
def test_what_is_too_much_for_one_list_is_left_to_the_menu(before, gone):
    (part,) = fit(outgoing(QUESTION, buttons=[*before, *USUAL]), WHATSAPP)
    all_titles = [button.title for button in [*before, *USUAL]]

    assert [one.title for one in part.choices] == [title for title in all_titles if title not in gone]


def test_answers_are_never_left_to_the_menu():
    buttons = [*levels(*"ABCDEFGHIJ"), *USUAL]
    parts = fit(outgoing(QUESTION, buttons=buttons), WHATSAPP)

    assert [one.data for part in parts for one in part.choices] == [button.token for button in buttons]


def test_the_menu_itself_is_several_lists_and_what_is_left_can_be_buttons():
    buttons = quiet(*(f"Keus {number}" for number in range(23)))
    first, second, third = fit(outgoing("Wat wil je?", buttons=buttons), WHATSAPP)

    assert (first.text, second.text, third.text) == ("Wat wil je?", MORE, MORE)
    assert [len(first.choices), len(second.choices)] == [10, 10]
    assert titles(third) == [["Keus 20"], ["Keus 21"], ["Keus 22"]]


def test_a_button_that_is_there_twice_is_sent_once():
    buttons = [*choice("Ja"), Button("Ook ja", "c-Ja", "quiet"), *choice("Nee")]

    assert titles(fit(outgoing("Goed?", buttons=buttons), TELEGRAM)[0]) == [["Ja", "Nee"]]


def test_a_button_that_sends_too_much_is_left_out():
    # 65 bytes, in 33 characters.
    buttons = [Button("Ja", "é" * 32 + "x", "choice"), *choice("Nee")]

    assert titles(fit(outgoing("Goed?", buttons=buttons), TELEGRAM)[0]) == [["Nee"]]


def test_a_channel_without_buttons_gets_the_text():
    for can in (replace(TELEGRAM, buttons=0), replace(WHATSAPP, buttons=0, rows=0)):
        assert fit(outgoing(QUESTION, buttons=[*THREE, *USUAL]), can)[0].rows == ()


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("8 · Van kaart naar werk!", "8 · Van kaart naar werk!"),  # 24
        ("3 · In het dagelijks werk", "3 · In het dagelijks…"),
        ("3 · In het dagelijks we k", "3 · In het dagelijks we…"),  # 24 with the ellipsis
        ("7 · Klantsegmentatiemodellen", "7 · Klantsegmentatiemod…"),
        ("Doelgroepen, meten & sturen", "Doelgroepen, meten…"),
    ],
)
def test_the_dialogue_cuts_titles_of_buttons_at_a_word(title, short):
    assert cut(title) == short
    assert len(short) <= 24


# --- forms ---

ONE = Form(
    token="form",
    of=4,
    entries=((1, "Email"), (3, "Chat op de site")),
    marks={"1": "Dit doen we"},
    send="Klaar",
    none="Geen hiervan",
)
SEVERAL = replace(
    ONE,
    marks={"p": "gepland", "f": "past niet", "d": "weet ik niet"},
    none="Nog niets, verder",
)


def keyboard(form, can=TELEGRAM):
    (part,) = fit(outgoing("Welke?", form=form, buttons=quiet("Overslaan")), can)
    return part.rows


def shown(rows):
    return [one.title for row in rows for one in row]


def sent(rows):
    return next(one.data for row in rows for one in row if one.data.startswith("form~"))


def test_a_form_is_a_button_for_each_entry_and_one_to_send():
    rows = keyboard(ONE)

    assert shown(rows) == ["☐ 1 · Email", "☐ 3 · Chat op de site", "Geen hiervan", "Overslaan"]
    assert [len(row) for row in rows] == [1, 1, 1, 1]
    assert sent(rows) == "form~----"
    assert [row[0].data.startswith(TOGGLE) for row in rows] == [True, True, False, False]


def test_a_tap_ticks_and_another_unticks():
    empty = keyboard(ONE)
    ticked = toggle(empty, empty[1][0].data)

    assert shown(ticked) == ["☐ 1 · Email", "☑ 3 · Chat op de site", "Klaar", "Overslaan"]
    assert sent(ticked) == "form~--1-"
    # The tap may come from the keyboard as it was before.
    assert toggle(ticked, empty[1][0].data) == empty
    both = toggle(ticked, ticked[0][0].data)
    assert (sent(both), shown(both)[2]) == ("form~1-1-", "Klaar")


def test_several_marks_are_gone_through_in_turn():
    rows = keyboard(SEVERAL)
    turns = []
    for _ in range(4):
        rows = toggle(rows, rows[0][0].data)
        turns.append((shown(rows)[0], shown(rows)[2], sent(rows)))

    assert turns == [
        ("☑ 1 · gepland — Email", "Klaar", "form~p---"),
        ("☑ 1 · past niet — Email", "Klaar", "form~f---"),
        ("☑ 1 · weet ik niet — Email", "Klaar", "form~d---"),
        ("☐ 1 · Email", "Nog niets, verder", "form~----"),
    ]
    assert rows == keyboard(SEVERAL)


def test_what_was_marked_before_is_marked():
    rows = keyboard(replace(ONE, marked=((3, "1"), (9, "1"), (1, "?"))))

    assert shown(rows)[:3] == ["☐ 1 · Email", "☑ 3 · Chat op de site", "Klaar"]
    assert sent(rows) == "form~--1-"
    assert toggle(rows, rows[1][0].data) == keyboard(ONE)


@pytest.mark.parametrize(
    "data", ["+9~Klaar|1", "+2~Klaar|1", "+", "+x~|", "form~----", "anders", "+1", "+3~a||"]
)
def test_a_tap_that_belongs_to_no_entry_changes_nothing(data):
    rows = keyboard(ONE)

    assert toggle(rows, data) == rows


def test_a_keyboard_of_which_the_titles_were_changed_is_let_be():
    rows = ((Choice("Email", "+1~Klaar|1"),), (Choice("Geen", "form~----"),))

    assert toggle(rows, "+1~Klaar|1") == rows
    assert toggle((), "+1~Klaar|1") == ()


@given(st.lists(st.integers(0, 9), max_size=12), st.sampled_from(["one", "several"]))
def test_what_was_ticked_goes_along_when_the_form_is_put_again(taps, which):
    fresh = keyboard(ONE if which == "one" else SEVERAL)
    ticked = fresh
    for tap in taps:
        entries = [choice for row in ticked for choice in row if choice.data.startswith(TOGGLE)]
        ticked = toggle(ticked, entries[tap % len(entries)].data)

    assert carry(fresh, ticked) == ticked
    # Of another form, or of a question with ordinary buttons, nothing is carried.
    other = keyboard(replace(ONE, token="another"))
    assert carry(other, ticked) == other
    assert carry(((Choice("1", "l1"),),), ticked) == ((Choice("1", "l1"),),)
    assert carry(fresh, ()) == fresh


def test_a_long_entry_is_shortened_once_and_its_mark_stands_before_it():
    entry = "Een heel lang verhaal over van alles en nog wat"
    rows = keyboard(replace(SEVERAL, entries=((1, entry),)))

    # 42 wide, less '☐ 1 · '.
    assert shown(rows)[0] == "☐ 1 · Een heel lang verhaal over van…"
    assert shown(toggle(rows, rows[0][0].data))[0] == "☑ 1 · gepland — Een heel lang verhaal over van…"


@pytest.mark.parametrize(
    "form",
    [
        replace(SEVERAL, marks={"p": "x" * 60, "f": "y"}),  # its words do not fit into 64 bytes
        replace(ONE, token="t" * 60),  # with '~' and 4 marks it sends 65 bytes
        replace(ONE, send="Klaar | verder"),
        replace(ONE, entries=tuple((number, "x") for number in range(1, 5)), of=100),
    ],
)
def test_a_form_that_cannot_be_tapped_can_be_typed(form):
    rows = keyboard(form)

    assert not any("☐" in title for title in shown(rows))
    assert shown(rows)[-1] == "Overslaan"


def test_a_form_that_sends_64_bytes_can_be_tapped():
    assert shown(keyboard(replace(ONE, token="t" * 59)))[0] == "☐ 1 · Email"


def test_where_keyboards_stay_as_they_are_a_button_says_that_nothing_is_marked():
    (part,) = fit(outgoing("Welke? Typ '1 en 3'.", form=ONE, buttons=USUAL), WHATSAPP)

    assert part.choices[0] == Choice("Geen hiervan", "form~----")
    assert [one.title for one in part.choices[1:]] == [button.title for button in USUAL]


def test_what_was_marked_before_can_be_sent_as_it_is():
    (part,) = fit(outgoing("Welke?", form=replace(ONE, marked=((3, "1"),))), WHATSAPP)

    assert part.rows == ((Choice("Klaar", "form~--1-"),),)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_the_keyboard_of_a_form_says_what_was_tapped(data):
    of = data.draw(st.integers(1, 12))
    numbers = sorted(data.draw(st.sets(st.integers(1, of), min_size=1)))
    marks = data.draw(st.sampled_from([ONE.marks, SEVERAL.marks]))
    form = replace(SEVERAL, of=of, entries=tuple((n, f"Entry {n}") for n in numbers), marks=marks)
    rows = keyboard(form)
    turn = ["-", *marks, "-"]
    state = ["-"] * of
    for number in data.draw(st.lists(st.sampled_from(numbers), max_size=30)):
        place = numbers.index(number)
        rows = toggle(rows, rows[place][0].data)
        state[number - 1] = turn[turn.index(state[number - 1]) + 1]

        assert sent(rows) == f"form~{''.join(state)}"
        assert shown(rows)[len(numbers)] == ("Klaar" if set(state) - {"-"} else "Nog niets, verder")
        for row, entry in zip(rows, numbers, strict=False):
            mark = state[entry - 1]
            assert row[0].title.startswith("☐" if mark == "-" else "☑")
            assert (marks.get(mark, "") in row[0].title) or len(marks) == 1
            assert row[0].title.endswith(f"Entry {entry}")
            assert len(row[0].data.encode()) <= 64


def test_an_ordinary_message_is_fitted_within_a_millisecond():
    message_ = outgoing(QUESTION, buttons=[*THREE, *USUAL], form=ONE)

    for can in (TELEGRAM, WHATSAPP):
        # The best of many, since the machine may have other things to do.
        assert min(timeit.repeat(lambda can=can: fit(message_, can), number=10, repeat=20)) < 0.01


# --- whatever comes ---

ANY = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
SIGNS = st.sampled_from([FAMILY, FLAG, "e\u0301", "👍🏽", "\u200b", "\u00a0", "שלום", "\u0007", "…", "🏳️‍🌈"])
WORD = st.one_of(
    st.text(ANY, min_size=1, max_size=12),
    st.text(st.sampled_from("abc.?!,:"), min_size=1, max_size=40),
    st.builds(lambda path: f"https://peil.example/{path}", st.text("ab/-~_1", max_size=30)),
    st.lists(SIGNS, min_size=1, max_size=20).map("".join),
    st.integers(30, 1500).map(lambda count: "x" * count),
)
LINE = st.one_of(
    st.lists(WORD, max_size=12).map(" ".join),
    st.builds(lambda n, label, rest: f"{n} · {label}: {rest}", st.integers(1, 12), WORD, WORD),
    st.just("Vraag 3 van 17 · Data"),
)
TEXT = st.one_of(
    st.text(ANY, max_size=200),
    st.lists(st.lists(LINE, max_size=6).map("\n".join), max_size=5).map("\n\n".join),
)
TITLE = st.one_of(
    st.text(ANY, max_size=40),
    st.sampled_from(["1 · Niets", "2 · Soms iets", "Overslaan", say("nl", "menu.more"), "Leg uit", "x" * 70]),
)


@st.composite
def channels(draw):
    """The two that there are, or a made-up one that can do less."""
    known = draw(st.sampled_from([TELEGRAM, WHATSAPP, None]))
    if known is not None:
        return known
    text = draw(st.integers(60, 400))
    return Capabilities(
        units=draw(st.sampled_from(["characters", "utf16"])),
        text=text,
        caption=draw(st.integers(60, 200)),
        body_with_buttons=draw(st.integers(60, text)),
        body_with_list=draw(st.integers(60, text)),
        buttons=draw(st.integers(1, 12)),
        button_title=draw(st.integers(6, 40)),
        button_data=draw(st.integers(20, 64)),
        rows=draw(st.sampled_from([0, 2, 5, 10])),
        row_title=draw(st.integers(6, 40)),
        row_description=draw(st.integers(0, 72)),
        row_data=draw(st.integers(20, 64)),
        list_button=draw(st.integers(1, 20)),
        inline=draw(st.booleans()),
        row_width=draw(st.integers(10, 40)),
    )


@st.composite
def messages(draw):
    buttons = [
        Button(draw(TITLE), draw(st.sampled_from([f"t{n}", f"t{n}", "double"])), style)
        for n, style in enumerate(draw(st.lists(st.sampled_from(["level", "choice", "quiet"]), max_size=25)))
    ]
    form = None
    if draw(st.booleans()):
        of = draw(st.integers(1, 8))
        numbers = sorted(draw(st.sets(st.integers(1, of), min_size=1)))
        marks = draw(st.sampled_from([{"1": "Ja"}, {"p": "gepland", "f": "past niet"}]))
        form = Form(
            token="form",
            of=of,
            entries=tuple((number, draw(TITLE)) for number in numbers),
            marks=marks,
            send=draw(st.sampled_from(["Klaar", "Verstuur dit", "a|b"])),
            none="Geen",
            marked=tuple((number, next(iter(marks))) for number in numbers if draw(st.booleans())),
        )
    picture = draw(st.sampled_from([None, "p"]))
    links = [
        (f"LINK{n}", f"https://peil.example/{'k' * draw(st.integers(0, 20))}")
        for n in range(draw(st.integers(0, 2)))
    ]
    return outgoing(
        draw(TEXT),
        buttons=buttons,
        form=form,
        picture=picture,
        alt=f"PICTURE {draw(TEXT)}" if picture else None,
        links=links,
        documents=draw(st.sampled_from([(), (("report", "a"),)])),
    )


@settings(max_examples=400, deadline=None)
@given(messages(), channels())
def test_whatever_comes_nothing_passes_a_limit_and_nothing_is_lost(message_, can):
    parts = fit(message_, can)

    check_limits(parts, can)
    check_words(parts, message_, can)
    check_order(parts, message_)
    check_tokens(parts, message_, can)
    for part in parts:
        if part.kind == "picture" and (seen(message_.message.text) or message_.links):
            assert seen(part.text)


def check_tokens(parts, message_, can):
    """Every button is there once; what was left out of a list is in the menu, whose button is there."""
    found = [one.data for part in parts for one in choices(part) if not one.data.startswith(TOGGLE)]
    tapped = any(one.data.startswith(TOGGLE) for part in parts for one in choices(part))
    wanted = {button.token for button in message_.message.buttons}
    forms = [data for data in found if data.startswith("form~")]
    assert len(forms) == (message_.message.form is not None)
    assert len(set(found)) == len(found)
    assert can.inline or not tapped
    missing = wanted - set(found)
    assert set(found) - set(forms) <= wanted
    if missing:
        menu = say("nl", "menu.more")
        styles = {button.token: button for button in reversed(message_.message.buttons)}
        assert can.rows
        assert not can.inline
        assert all(styles[token].style == "quiet" and styles[token].title != menu for token in missing)
        assert any(styles[data].title == menu for data in found if data not in forms)
        assert len(found) == can.rows
        assert sum(bool(choices(part)) for part in parts) == 1


@settings(max_examples=200, deadline=None)
@given(st.text(ANY, max_size=60), st.integers(1, 40), st.sampled_from(["characters", "utf16"]))
def test_a_shortened_title_is_never_too_long_or_blank(text, limit, units):
    short = shorten(text, limit, units)

    assert counted(short, replace(TELEGRAM, units=units)) <= limit
    assert short == "…" or says_something(short)
    assert "\n" not in short
