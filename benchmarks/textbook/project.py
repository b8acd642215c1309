"""Puts the textbook bot's Rasa project together: this folder's files, and a domain from a maturity model.

Only what differs per question is made: slots, form and responses in `domain.yml`, and in `assessment.json`
which slots make up a score. 18 copies by hand would say the same.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import yaml

from bot.assessment.definitions import Dimension, Item, MaturityModel
from bot.settings import ROOT

FOLDER = Path(__file__).resolve().parent
FILES = (
    "config.yml",
    "credentials.yml",
    "endpoints.yml",
    "actions.py",
    *(f"data/{n}.yml" for n in ("nlu", "rules", "stories")),
)
LANGUAGE = "nl"
FORM = "assessment_form"
INTENTS = (
    *("greet", "goodbye", "thanks", "affirm", "deny", "start_assessment", "answer", "explain", "why"),
    *("progress", "stop", "bot_challenge", "nlu_fallback"),
)
ACTIONS = ("action_explain", "action_why", "action_progress", "action_submit", f"validate_{FORM}")
SAID = {
    "utter_greet": "Hallo! Zullen we beginnen?",
    "utter_goodbye": "Tot ziens.",
    "utter_welcome": "Graag gedaan.",
    "utter_bot": "Ik ben een bot.",
    "utter_rephrase": "Dat begrijp ik niet. Kun je het anders zeggen?",
    "utter_no_level": "Dat niveau bestaat niet.",
    "utter_ask_continue": "Wil je doorgaan?",
    "utter_progress": "Je hebt {done} van de {total} vragen gehad.",
    "utter_result": "Uitslag\n{scores}\nTotaal: {overall}",
}
BEGIN = {"title": "Opnieuw", "payload": "/start_assessment"}


def slot_of(dimension: Dimension, item: Item) -> str:
    """The slot of one question."""
    return f"{dimension.id}_{item.id}"


def _ask(model: MaturityModel, number: int, dimension: Dimension, item: Item) -> dict[str, Any]:
    """A question as a response of Rasa: its text with all levels, and a button for each."""
    levels = "\n".join(f"{level.value} {level.text[LANGUAGE]}" for level in item.levels)
    header = f"Vraag {number} van {len(model.item_ids())} · {dimension.title[LANGUAGE]}"
    return {
        "text": f"{header}\n\n{item.question[LANGUAGE]}\n\n{levels}",
        "buttons": [
            {
                "title": f"{level.value} · {level.label[LANGUAGE]}",
                # Braces doubled, as Rasa fills responses in like a format string.
                "payload": f'/answer{{{{"level": "{level.value}"}}}}',
            }
            for level in item.levels
        ],
    }


def domain(model: MaturityModel) -> dict[str, Any]:
    """`domain.yml`: a slot for every question, a form that requires them all, and everything that is said."""
    slots: dict[str, Any] = {}
    responses: dict[str, Any] = {name: [{"text": text}] for name, text in SAID.items()}
    responses["utter_result"][0]["buttons"] = [BEGIN]
    for number, (dimension, item) in enumerate(model.walk(), start=1):
        slot = slot_of(dimension, item)
        slots[slot] = {
            "type": "text",
            "influence_conversation": False,
            "mappings": [
                {
                    "type": "from_entity",
                    "entity": "level",
                    "intent": "answer",
                    "conditions": [{"active_loop": FORM, "requested_slot": slot}],
                }
            ],
        }
        responses[f"utter_ask_{slot}"] = [_ask(model, number, dimension, item)]
        responses[f"utter_explain_{slot}"] = [{"text": item.explanation[LANGUAGE]}]
        responses[f"utter_why_{slot}"] = [{"text": item.why[LANGUAGE]}]
    return {
        "version": "3.1",
        "intents": list(INTENTS),
        "entities": ["level"],
        "slots": slots,
        "forms": {FORM: {"required_slots": list(slots)}},
        "responses": responses,
        "actions": list(ACTIONS),
        "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
    }


def assessment(model: MaturityModel) -> dict[str, Any]:
    """`assessment.json`: which slots make up which dimension."""
    return {
        "highest": model.highest,
        "dimensions": [
            {
                "title": dimension.title[LANGUAGE],
                "slots": [slot_of(dimension, item) for item in dimension.items],
            }
            for dimension in model.dimensions
        ],
    }


def write(model: MaturityModel, folder: Path) -> Path:
    """Write the whole project, ready to train and to run in Rasa's environment; returns its folder."""
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(FOLDER / name, folder / name)
    text = yaml.safe_dump(domain(model), allow_unicode=True, sort_keys=False, width=100)
    (folder / "domain.yml").write_text(text, encoding="utf-8")
    structure = json.dumps(assessment(model), ensure_ascii=False, indent=2) + "\n"
    (folder / "assessment.json").write_text(structure, encoding="utf-8")
    # The packages that train and load it are a source of the trained model, too.
    (folder / "locks").mkdir(exist_ok=True)
    shutil.copyfile(ROOT / "locks" / "rasa.txt", folder / "locks" / "rasa.txt")
    return folder
