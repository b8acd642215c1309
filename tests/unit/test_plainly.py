"""What plain words say without a guess: don't know, a goodbye, the skipped questions, about the result."""

from __future__ import annotations

import pytest

from bot.understanding.plainly import (
    asks_for_more,
    asks_for_skipped,
    asks_to_choose,
    read_about_result,
    removes_one_answer,
    says_dont_know,
    split_leaving,
)


@pytest.mark.parametrize(
    "text",
    [
        "i don't know",
        "no idea honestly, nobody tells me",
        "neither, i mean i don't know",
        "i said i don't know",
        "Sorry, no idea.",
        "dunno mate",
        "geen idee, eerlijk gezegd",
        "dat weet ik echt niet hoor",
        "ik zou het niet weten, sorry",
        "geen van beide, ik weet het niet",
    ],
)
def test_who_does_not_know_is_heard(text: str) -> None:
    assert says_dont_know(text)


@pytest.mark.parametrize(
    "text",
    [
        "no idea, we keep everything in Excel",
        "we don't know what our customers are worth",
        "i don't know which of the two",
        "I don't know, 2 I guess",
        "geen idee man wij kennen alleen het telefoontje van de klant",
        "we weten niet wat een klant kost",
        "no idea?",
        "2",
    ],
)
def test_a_story_a_number_or_a_question_is_no_dont_know(text: str) -> None:
    assert not says_dont_know(text)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("3. right i'm off, customer", "3."),
        ("sorry i have to go, lunch", ""),
        ("yeah thats it. sorry i have to go, lunch", "yeah thats it."),
        ("I'll leave it there for today", ""),
        ("the second one. and I'll leave it there for today, my coach party's here", "the second one."),
        ("bye", ""),
        ("Thank you, bye for now!", ""),
        ("have to go now, so make it a 2", "so make it a 2"),
        ("2, ik moet ervandoor", "2"),
        ("ik laat het hierbij voor vandaag", ""),
        ("ja klopt. sorry, moet nu weg", "ja klopt. sorry"),
        ("doei", ""),
    ],
)
def test_a_goodbye_is_told_from_what_is_said_beside_it(text: str, rest: str) -> None:
    assert split_leaving(text) == (rest, True)


@pytest.mark.parametrize(
    "text",
    [
        "quick. got 5 mins",
        "quick, I've scones in",
        "we have to go through IT for everything",
        "customers have to go to three desks",
        "our best people leave and the knowledge is off",
        "can I come back tomorrow?",
        "you are quick, I have to say!",
        "klanten moeten naar een ander loket gaan",
        "dat doen we later",
    ],
)
def test_a_story_or_a_hurry_is_no_goodbye(text: str) -> None:
    assert split_leaving(text) == (text, False)


@pytest.mark.parametrize(
    "text",
    [
        "can i go back to the ones i skipped, ill ask my manager first",
        "no no no just the skipped ones",
        "skipped questions",
        "which questions have I skipped?",
        "de vragen die ik oversloeg",
        "kan ik terug naar de vragen die ik heb overgeslagen",
        "overgeslagen vragen",
    ],
)
def test_the_skipped_questions_are_asked_for(text: str) -> None:
    assert asks_for_skipped(text)


@pytest.mark.parametrize(
    "text",
    [
        "skip this one",
        "sla maar over",
        "die klantreis vraag heb je overgeslagen, die was 1",
        "we skipped the planning and that one i skipped our team",
        "can I skip",
    ],
)
def test_skipping_one_is_not_asking_for_the_skipped_ones(text: str) -> None:
    assert not asks_for_skipped(text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("is my score any good?", "verdict"),
        ("1.6 is that shit?", "verdict"),
        ("so is that good or bad compared to other firms", "verdict"),
        ("is 2.8 any good? roughly, compared to other hotels", "verdict"),
        ("Ooh is that it? And is two any good for a little place like ours?", "verdict"),
        ("no love, I asked if my mark is any good", "verdict"),
        ("is that above or below the average", "verdict"),
        ("is dat nou goed of slecht?", "verdict"),
        ("hoe scoren anderen?", "verdict"),
        ("valt dat mee?", "verdict"),
        ("how sure are you about this", "sure"),
        ("hoe betrouwbaar is dit", "sure"),
        ("so what does it all mean in plain english", "in_short"),
        ("en wat betekent dat nou allemaal, in gewone taal?", "in_short"),
        ("what would you do if you were me?", "begin"),
        ("What would you doing if you were me?", "begin"),
        ("What must I do first than?", "begin"),
        ("No, I mean what is my first step of this result", "begin"),
        ("so is that bad? and what do i do with it", "begin"),
        ("wat zou jij doen als je mij was?", "begin"),
        ("waar moeten we beginnen", "begin"),
        ("why is data so low?", None),
        ("waarom is data zo laag?", None),
        ("change data to a 3", None),
        ("what if data was a 5", None),
        ("how do I share this with my boss", None),
        ("thanks, that was good", None),
        ("goed", None),
        ("the score should be 3", None),
        ("who can see my result?", None),
    ],
)
def test_what_is_asked_about_a_result(text: str, wanted: str | None) -> None:
    assert read_about_result(text) == wanted


def test_a_word_for_choosing_or_for_more_is_needed() -> None:
    assert asks_to_choose("which one would you recommend")
    assert asks_to_choose("wat raad je aan")
    assert not asks_to_choose("The Guide, although Google is perhaps not the company I should choose")
    assert not asks_to_choose("The lower one, if you please.")
    assert asks_for_more("complete it go on")
    assert asks_for_more("doe de rest ook maar")
    assert not asks_for_more("dame mas tiempo por favor, no entiendo nada")


@pytest.mark.parametrize(
    ("text", "removes"),
    [
        ("remove my answer on data", True),
        ("delete my last answer please", True),
        ("verwijder mijn antwoord bij visie", True),
        ("erase everything", False),
        ("delete all my answers", False),
        ("wis alles, ook mijn antwoord", False),
        ("the answer is no", False),
    ],
)
def test_removing_one_answer_is_not_removing_all(text: str, removes: bool) -> None:
    assert removes_one_answer(text) is removes
