"""What a message can mean: one action for each, since one rule leads from each intent to one action."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        # What is, or stands for, an answer to the open question.
        "take_button": "A button was tapped: its token says what it means.",
        "take_answer": "Own words, a number, a label, or anything not clearly side talk.",
        "affirm": "'Yes', to whatever is pending.",
        "deny": "'No', to whatever is pending.",
        "dont_know": "The respondent does not know the answer.",
        "not_applicable": "The question does not apply to the organisation.",
        "skip": "The question is left open.",
        # About the open question.
        "explain": "What does the question mean?",
        "why": "Why is it asked?",
        "example": "An example, please.",
        "difference": "What is the difference between two levels?",
        "repeat": "The question once more.",
        # Steering the assessment.
        "back": "To the question before, or to change the answer given there.",
        "change_answer": "To change an earlier answer, of any question.",
        "progress": "How far are we, and how long will it take?",
        "pause": "Later more; also a goodbye.",
        "stop": "No more of it.",
        "come_back": "How to find this conversation again later?",
        "elsewhere": "To go on with it now, on another device or in another channel.",
        "remind_me": "To be reminded of going on.",
        "no_reminders": "No reminders (any more).",
        "recommend": "Which assessment suits us?",
        "another": "Another assessment, or which ones there are.",
        "deepen": "The questions that a quick scan left out.",
        "why_level": "Why does an area stand where it does?",
        "quickest": "The quickest way to a higher level.",
        "what_if": "What would the result be if something were in place?",
        "target": "To choose what an area should get to.",
        "road_map": "All steps: now, next and later.",
        "place_steps": "To say what the steps bring and take.",
        "report": "The report, to hand over.",
        "measure_again": "To measure again, or when.",
        "start_over": "The assessment from its first question.",
        "switch_language": "On in the other language.",
        # The result, and who else may see it.
        "result": "The result, once more.",
        "share": "To let a colleague see the result.",
        "unshare": "The link that lets a colleague see the result must stop working.",
        # A person's rights to their own data.
        "privacy": "What happens with the answers, and who sees them?",
        "my_data": "What is kept about me?",
        "my_data_file": "What is kept about me, as a file.",
        "erase": "Erase what is kept about me.",
        # About the assistant.
        "help": "What can be said and done here?",
        "human": "A person, please.",
        "bot_challenge": "Is this a human being?",
        "greet": "A greeting.",
        "thanks": "Thanks or a compliment.",
        "insult": "Abuse, of the assistant or of its questions.",
        "off_topic": "Something that has nothing to do with the assessment.",
    }
)
"""Meaning, as the use-cases call it -> what the respondent wants. The action is called 'action_<meaning>'."""
