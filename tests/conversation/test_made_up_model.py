"""A maturity model is one YAML file: dropped into a running installation, it is offered, asked and scored."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bot.bootstrap import StartError, prepare
from bot.settings import Settings
from tests.chat import Chat
from tests.stack import TEAHOUSE, Stack


def both(text: str) -> dict[str, str]:
    return {"nl": text, "en": f"{text} (en)"}


def zoo() -> dict[str, Any]:
    """A model that nobody saw before: three areas of one question each, four levels, made out of nothing."""
    level_names = ["Kuil", "Kooi", "Perk", "Wildernis"]

    def item(name: str) -> dict[str, Any]:
        return {
            "id": "state",
            "quick": True,
            "title": both(f"Staat van {name}"),
            "question": both(f"Hoe gaat het met {name}?"),
            "explanation": both("Kijk zoals een bezoeker kijkt."),
            "why": both("Omdat dieren niet kunnen klagen."),
            "example": both("Een schoon bassin is iets anders dan een vol bassin."),
            "levels": [
                {
                    "value": value,
                    "label": both(f"{name} {value}"[:12]),
                    "text": both(f"Met {name} staat het op stand {value}."),
                    "source": f"page {value}",
                    "answers": {code: [f"{name} {value} {code} {n}" for n in "abc"] for code in ("nl", "en")},
                }
                for value in (1, 2, 3, 4)
            ],
            "advice": [
                {
                    "to": to,
                    "step": both(f"Breng {name} naar {to}."),
                    "measure": both(f"De oppasser noemt {name} een {to}."),
                    "benefit": 2,
                    "investment": 2,
                }
                for to in (2, 3, 4)
            ],
        }

    return {
        "id": "zoo",
        "version": "0.1.0",
        "languages": ["nl", "en"],
        "name": {"nl": "Dierentuinscan", "en": "Zoo scan"},
        "summary": both("Hoe gaat het met de dieren?"),
        "minutes": 1,
        "document": "made up for this test",
        "caution": both("Verzonnen."),
        "target": "highest",
        "levels": [
            {"value": n, "name": both(name), "meaning": both(f"Zo leeft een dier in een {name}.")}
            for n, name in enumerate(level_names, start=1)
        ],
        "dimensions": [
            {
                "id": slug,
                "title": both(name.capitalize()),
                "explanation": both(f"Alles over {name}."),
                "source": "page 1",
                "items": [item(name)],
            }
            for slug, name in (("bears", "beren"), ("seals", "zeehonden"), ("owls", "uilen"))
        ],
    }


@pytest.fixture
def zoo_file(stack: Stack) -> Iterator[Path]:
    """Where the new definition goes; afterwards it is gone and no longer offered."""
    file = stack.settings.definitions / "zoo.yml"
    yield file
    file.unlink(missing_ok=True)
    prepare(stack.settings)


def test_a_file_dropped_in_is_offered_by_the_running_servers_and_completed(
    stack: Stack, zoo_file: Path
) -> None:
    body = {"language": "nl", "prefill": {"model": "zoo"}}
    refused = httpx.post(f"{stack.url}/api/chat/conversations", json=body, trust_env=False)
    assert refused.status_code == 404
    # This one was begun before the file was there, and only then comes to choosing.
    early = Chat(stack.url)

    zoo_file.write_text(yaml.safe_dump(zoo(), allow_unicode=True), encoding="utf-8")
    assert prepare(stack.settings) == ["Published the maturity model zoo."]
    assert prepare(stack.settings) == []

    assert " · Dierentuinscan: Hoe gaat het met de dieren? (1 min)" in early.say("ja")
    early.tap("Dierentuinscan")
    assert "Vraag 1 van 3 · Beren" in early.text

    chat = Chat(stack.url, model="zoo")
    assert "Dierentuinscan" in chat.text
    chat.tap("Ja, prima")
    chat.say("wildernis")
    assert "Genoteerd: 4 ·" in chat.text
    chat.say("5")
    assert "van 1 tot 4" in chat.text
    chat.say("Met zeehonden staat het op stand 2.")
    assert "Vraag 3 van 3 · Uilen" in chat.text
    chat.tap("1 ·")
    # One question an area: 4, 2 and 1; average 7/3 = 2.3; spread 3.0, where 1.5 is much already.
    # The target is the highest level. Steps: the low end first, then the next lowest.
    for line in (
        "Beren: 4,0 · niveau 4 (Wildernis) · doel 4",
        "Zeehonden: 2,0 · niveau 2 (Kooi) · doel 4",
        "Uilen: 1,0 · niveau 1 (Kuil) · doel 4",
        "Gemiddeld: 2,3 van 4",
        "Dat verschil van 3,0 is groot",
        "1. Uilen, Staat van uilen: van 1 ·",
        "2. Zeehonden, Staat van zeehonden: van 2 ·",
    ):
        assert line in chat.text
    assert "3. " not in chat.text
    (image,) = [message["image"] for message in chat.last if "image" in message]
    assert httpx.get(stack.url + image["url"], trust_env=False).content.startswith(b"\x89PNG")
    (run,) = stack.assessments(chat.id)
    assert (run["model"], run["version"], run["status"]) == ("zoo", "0.1.0", "completed")
    assert stack.answers(chat.id) == {"bears.state": 4, "seals.state": 2, "owls.state": 1}


def test_an_assessment_goes_on_with_the_text_it_began_with_whatever_happens_to_the_file(
    stack: Stack, zoo_file: Path
) -> None:
    first = zoo()
    zoo_file.write_text(yaml.safe_dump(first, allow_unicode=True), encoding="utf-8")
    prepare(stack.settings)
    chat = Chat(stack.url, model="zoo")
    chat.say("ja")
    chat.say("2")

    second = copy.deepcopy(first)
    second["version"] = "0.2.0"
    for dimension in second["dimensions"]:
        dimension["items"][0]["question"] = both("Is dit de nieuwe vraag?")
    zoo_file.write_text(yaml.safe_dump(second, allow_unicode=True), encoding="utf-8")
    assert prepare(stack.settings) == ["Published the maturity model zoo."]
    assert "Hoe gaat het met zeehonden?" in chat.say("wat was de vraag?")
    newer = Chat(stack.url, model="zoo")
    assert "Is dit de nieuwe vraag?" in newer.say("ja")

    zoo_file.unlink()
    prepare(stack.settings)
    assert "Vraag 3 van 3" in chat.say("3")
    assert "Gemiddeld: 3,0 van 4" in chat.say("4")  # (2 + 3 + 4) / 3
    assert [run["version"] for run in stack.assessments(chat.id)] == ["0.1.0"]
    # What is no longer offered cannot be begun anew.
    chat.say("opnieuw beginnen")
    chat.tap("Ja, opnieuw")
    assert "Theehuisscan" in chat.text
    assert "Dierentuinscan" not in chat.text


@pytest.mark.parametrize(
    ("language", "choice"),
    [
        ("nl", "1"),
        ("nl", "één"),
        ("nl", "de eerste graag"),
        ("nl", "Theehuisscan"),
        ("en", "the first one"),
        ("en", "teahouse SCAN"),
        ("en", "teahouse"),
        ("en", "theehuisscan"),
    ],
)
def test_a_model_is_chosen_by_number_or_name(stack: Stack, language: str, choice: str) -> None:
    chat = Chat(stack.url, language=language)
    chat.say("ja")
    chat.say(choice)
    # By id: Customer Engagement comes first, and the teahouse last.
    model = "teahouse" if "tea" in choice.lower() or "thee" in choice.lower() else "cemm"
    questions = {"teahouse": 6, "cemm": 18}[model]
    asked = f"Vraag 1 van {questions}" if language == "nl" else f"Question 1 of {questions}"
    assert asked in chat.text
    assert [run["model"] for run in stack.assessments(chat.id)] == [model]


def test_a_model_is_chosen_by_tap_and_a_second_tap_changes_nothing(stack: Stack) -> None:
    chat = Chat(stack.url)
    chat.say("ja")
    choices = {title.partition(" · ")[2]: token for title, token in chat.buttons.items()}
    assert {"Klantbetrokkenheid", "Theehuisscan"} <= set(choices)
    chat.tap("Theehuisscan")
    chat.tap_token(choices["Theehuisscan"])
    assert "Vraag 1 van 6" in chat.text
    chat.tap_token(choices["Klantbetrokkenheid"])
    assert "Vraag 1 van 6" in chat.text
    assert [run["model"] for run in stack.assessments(chat.id)] == ["teahouse"]


def test_side_talk_and_nonsense_at_the_choice_bring_the_choice_again(stack: Stack) -> None:
    chat = Chat(stack.url)
    chat.say("ja")
    for text, answer in (
        ("99", "Een 99 bestaat hier niet"),
        ("iets over klanten", "Die staat er niet bij"),
        ("ja", "Dit lukt zo niet"),
        ("help", "Je kunt ook dingen typen"),
        ("wie kan dit lezen", "beheerder van deze chat"),
        ("wat weet je van me", "Je rol: Leidinggevende"),
        ("English please", "Customer engagement"),
        ("thanks", "You're welcome"),
        ("Nederlands", "Klantbetrokkenheid"),
    ):
        assert answer in chat.say(text)
        assert set(chat.buttons) & {"6 · Theehuisscan", "6 · Teahouse scan"}, text
    assert "Alles blijft staan" in chat.say("ik ga later verder")
    assert " · Theehuisscan" in chat.text
    assert stack.assessments(chat.id) == []
    assert "Vraag 1 van 18" in chat.say("1")


def test_who_does_not_know_is_recommended_one_and_chooses_how_much(stack: Stack) -> None:
    chat = Chat(stack.url, depth=None)
    chat.say("ja")
    assert "Wat herken je het meest?" in chat.say("weet ik niet, wat past bij ons?")
    assert "Dan past dit het best: Omnichannel." in chat.say(
        "onze webshop en filialen werken langs elkaar heen"
    )
    assert "snelle scan" in chat.text
    assert "Welkom" not in chat.say("help")
    # What was chosen is not forgotten by who would rather not erase everything after all.
    chat.say("wis alles")
    assert "snelle scan" in chat.say("nee")
    chat.say("doe maar de snelle")
    assert "Vraag 1 van 5" in chat.text
    assert [(run["model"], run["depth"]) for run in stack.assessments(chat.id)] == [("omnichannel", "quick")]


def test_several_after_another_and_one_left_in_the_middle_waits(stack: Stack) -> None:
    chat = Chat(stack.url, language="en", model="teahouse", segments={})
    chat.say("yes")
    for _ in range(3):
        chat.say("1")  # role, department and customers
    chat.say("2")
    assert "Question 2 of 6" in chat.text
    # In the middle: the first one waits.
    assert "will wait" in chat.say("I want to do a different scan")
    chat.tap("Customer engagement")
    assert "Question 1 of 18" in chat.text  # neither role nor department are asked again
    chat.say("3")
    chat.say("another questionnaire please")
    chat.tap("Teahouse scan")
    assert "we go on where you were" in chat.text
    assert "Question 2 of 6" in chat.text
    for _ in range(5):
        chat.say("2")
    assert "Another scan" in chat.buttons
    chat.tap("Another scan")
    chat.say("1")
    assert "Question 2 of 18" in chat.text
    assert [(run["model"], run["status"]) for run in stack.assessments(chat.id)] == [
        ("teahouse", "completed"),
        ("cemm", "active"),
    ]


def test_a_model_that_lacks_a_language_of_the_conversation_is_not_published(tmp_path: Path) -> None:
    definitions = tmp_path / "definitions"
    definitions.mkdir()
    (definitions / "teahouse.yml").write_bytes(TEAHOUSE.read_bytes())

    def only_dutch(value: Any) -> Any:
        if isinstance(value, list):
            return [only_dutch(one) for one in value]
        return (
            {key: only_dutch(one) for key, one in value.items() if key != "en"}
            if isinstance(value, dict)
            else value
        )

    dutch = only_dutch(zoo()) | {"languages": ["nl"]}
    (definitions / "zoo.yml").write_text(yaml.safe_dump(dutch), encoding="utf-8")
    environment = {"PEIL_DATA_DIR": str(tmp_path / "data"), "PEIL_DEFINITIONS": str(definitions)}
    settings = Settings.from_environment(environment).with_secrets()
    with pytest.raises(StartError, match=r"zoo\.yml: languages: .* en is missing"):
        prepare(settings)
    (definitions / "zoo.yml").unlink()
    assert prepare(settings)[-1] == "Published the maturity model teahouse."
