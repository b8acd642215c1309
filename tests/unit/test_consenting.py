"""A yes to what is kept, in people's own words; a condition or a question is none."""

from __future__ import annotations

import pytest

from bot.understanding.consenting import consents

YES = [
    "Yes, I consent to that.",
    "Yes, that is fine, although I should like to know first who reads this.",
    "yeah alright",
    "aye go on then",
    "aye, crack on",
    "Yes this is good for me",
    "ja hoor, yes okay",
    "yes dear that's fine",
    "Understood. Agreed.",
    "I suppose so, yes",
    "yeah whatever crack on",
    "ooh go on then, yes dear",
    "Hello there. Yes, fine by me.",
    "I have read it. I agree.",
    "no problem, go ahead",
    "ja joh prima",
    "vooruit met de geit",
    "Ja goed, ga maar door dan",
    "nou, ja, vooruit dan maar",
    "Ik geef hierbij toestemming.",
    "ok is goed joh",
    "Goedemorgen, ik ga akkoord.",
    "Duidelijk. Akkoord.",
    "ja hoor schat, doe maar",
    "prima, ik heb toch even tijd",
    "geen bezwaar, ja",
    "Wat mij betreft, ja hoor.",
]

NO_YES = [
    "Ooh go on then, yes dear, as long as I'm not sent adverts",
    "yes, if nobody else reads it",
    "yes but who reads this",
    "yes, but first tell me who reads it",
    "Yes, agreed. Who exactly can read it?",
    "is that ok",
    "yeah right",
    "yeah, right",
    "ok let me read it first",
    "ok, in Dutch please",
    "yes and no",
    "I do not agree",
    "not ok",
    "I agree to nothing",
    "yes I am the manager of the webshop",
    "do I have to agree",
    "nein danke, aber ja",
    "the quick brown fox",
    "ja, als het anoniem is",
    "ja mits het anoniem blijft",
    "akkoord, tenzij mijn baas meeleest",
    "ja dag",
    "ja, dag",
    "jaja",
    "ja maar wacht",
    "ja, maar eerst een vraag",
    "mag het",
    "moet ik akkoord gaan",
    "dat gaat goed",
    "ik ga niet akkoord",
    "ja wat is dit",
    "klopt dat",
    "is dit akkoord",
    "ok, wis alles",
]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("text", YES)
def test_a_yes_with_kind_words_around_it_or_a_remark_behind_it_is_consent(text: str, language: str) -> None:
    assert consents(text, language)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("text", NO_YES)
def test_a_condition_a_question_or_half_a_yes_is_no_consent(text: str, language: str) -> None:
    assert not consents(text, language)
