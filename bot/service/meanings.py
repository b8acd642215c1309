"""What a typed message means: what the NLU guessed, and the words of ours that guard the guess.

The conversation uses these one by one, since between them it looks at what is pending. `at_question` puts
them in a row for who only wants to know (`peil understand intents`): a message that finds a question open.
"""

from __future__ import annotations

from bot.assessment.definitions import Item, MaturityModel
from bot.service import kinds
from bot.understanding.changing import read_changes
from bot.understanding.choices import read_between, read_then
from bot.understanding.exact import read_language
from bot.understanding.plainly import (
    asks_for_more,
    asks_for_skipped,
    asks_to_choose,
    removes_one_answer,
    says_dont_know,
)
from bot.understanding.requests import (
    ChangeRequest,
    asks_for_quick,
    comes_back,
    compares,
    is_annoyed,
    read_change,
    read_levels,
    says_hello,
    speaks_of_reminders,
)
from bot.understanding.signs import is_huh, is_only_signs, orders_us, speaks_of_erasing, wants_all_gone

NO_ANSWER = ("dont_know", "not_applicable", "skip")
"""The meanings that leave a question without an answer."""

# In characters. Nobody talks aside at greater length, and what the NLU makes of such a text is chance.
_LONGEST_SIDE_TALK = 200
# In words. Who does not know, or wants to skip, may say why ('wij hebben geen winkels, dus ...'); a longer
# text is a story about the company, and no answer may be made up from what the NLU guesses about it.
_LONGEST_NO_ANSWER = 16
# In words, too: who tells at such length of reminders tells of those that the company sends.
_LONGEST_REMINDING = 15
# What the NLU makes of boredom, and of the beginning of a name: it was taught neither.
_VAGUE = (
    "take_answer",
    "bot_challenge",
    "privacy",
    "explain",
    "example",
    "thanks",
    "greet",
    "help",
    "repeat",
    "off_topic",
)


def trusted(text: str, guess: str, language: str) -> str:
    """The meaning that the NLU guessed, or 'take_answer' where such a text cannot be trusted to have it."""
    length = len(text.split())
    doubtful = (
        len(text) > _LONGEST_SIDE_TALK
        or (guess in NO_ANSWER and (length > _LONGEST_NO_ANSWER or "?" in text))
        # 'In Nederland of in Amerika?' asks where, not for another language.
        or (guess == "switch_language" and length > 4 and read_language(text) is None)
        or (guess in ("remind_me", "no_reminders") and length > _LONGEST_REMINDING)
        # 'Dat hoeft niet meer' says no to something else.
        or (guess == "no_reminders" and not speaks_of_reminders(text, language))
    )
    # What is asked then cannot be undone: who wants all of it gone says so ('Alles, ik doe alles' does not).
    doubtful = doubtful or (guess == "erase" and not speaks_of_erasing(text))
    return "take_answer" if doubtful else guess


def worded(text: str, meaning: str, channel: str) -> str:
    """What plain words of ours make of a trusted meaning; only once consent is given."""
    if is_only_signs(text):
        return "annoyed" if is_annoyed(text) else "signs"
    if is_huh(text):
        return "huh"
    if wants_all_gone(text):
        return "erase"
    if orders_us(text):
        return "off_topic"
    if (meaning == "elsewhere" and comes_back(text, channel)) or (
        meaning in ("start_over", "affirm", "greet") and says_hello(text)
    ):
        return "welcome_back"
    return "annoyed" if meaning in _VAGUE and is_annoyed(text) else meaning


def plainly(text: str, meaning: str, language: str, *, asked: bool) -> str:
    """What plain words make of a worded meaning during a questionnaire; `asked`: a question is open.

    What would throw somebody out of the question, or erase, takes a word for it.
    """
    if says_dont_know(text):
        return "dont_know"
    if asks_for_skipped(text):
        return "skipped_ones"
    if meaning == "erase" and removes_one_answer(text):
        return "change_answer"
    lacks = (
        (meaning in ("recommend", "another") and not asks_to_choose(text))
        or (meaning == "deepen" and not asks_for_more(text))
        # 'You are quick!' is no goodbye.
        or (meaning == "pause" and asks_for_quick(text, language))
    )
    return "take_answer" if asked and lacks else meaning


def is_comparison(text: str, item: Item, language: str) -> bool:
    """Whether a text wants two levels side by side: 'verschil 2 en 3?', or two levels and nothing else."""
    if item.kind != "rubric":
        return False
    compared = compares(text, language) and len(read_levels(text, item, language)) == 2
    return compared or hesitates(text, item, language)


def hesitates(text: str, item: Item, language: str) -> bool:
    """Whether a text is two levels and nothing else ('2 of 3', '2,5'): one of the two is to be chosen."""
    return item.kind == "rubric" and read_between(text, len(item.levels), language) is not None


def about_earlier(meaning: str, wanted: ChangeRequest) -> str:
    """The meaning of a text that may ask, in so many words, to change a target or an earlier answer."""
    if wanted.about_target:
        return "target"
    return "change_answer" if wanted.plain else meaning


def at_question(
    text: str,
    guess: str,
    language: str,
    model: MaturityModel,
    *,
    channel: str = "web",
) -> str:
    """The meaning of a text that finds a model's first question open and nothing pending.

    `guess`: the NLU's meaning. An exact number or label, or two of them, is 'take_answer'.
    """
    item_ids = model.item_ids()
    item = model.item(item_ids[0])[1]
    meaning = worded(text, trusted(text, guess, language), channel)
    if kinds.read(model, item_ids[0], None, text, language) is not None or hesitates(text, item, language):
        return "take_answer"
    if read_then(text, language) is not None:
        return "take_answer"
    if is_comparison(text, item, language):
        meaning = "difference"
    if read_changes(text, model, item_ids, language):
        return "change_answer"
    return about_earlier(meaning, read_change(text, model, item_ids, language))
