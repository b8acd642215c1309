"""What updates of Telegram mean: one of every kind, written from the published documentation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Update
from telegram.constants import UpdateType

from bot.channels.contract import Arrival, Choice
from bot.channels.telegram.arrivals import (
    ALLOWED_UPDATES,
    UNREADABLE,
    GroupRefusal,
    Nothing,
    Reachable,
    Reading,
    Toggle,
    read,
    update_id,
)
from bot.channels.telegram.commands import menu
from bot.texts import LANGUAGES

# 1763805600 is 22 November 2025, 10:00 UTC: 20,414 days of 86,400 seconds and ten hours.
DATE = 20_414 * 86_400 + 10 * 3600
AT = datetime(2025, 11, 22, 10, tzinfo=UTC)
PERSON = {"id": 500100200, "is_bot": False, "first_name": "Ada", "language_code": "nl-NL"}
CHAT = {"id": 500100200, "type": "private", "first_name": "Ada"}
GROUP = {"id": -1001234567890, "type": "supergroup", "title": "Directie"}
SMALL_GROUP = {"id": -4123456, "type": "group", "title": "Team", "all_members_are_administrators": True}
NEWS = {"id": -1009876543210, "type": "channel", "title": "Nieuws"}
BOT = {"id": 4839574812, "is_bot": True, "first_name": "Peil", "username": "peil_bot"}
FILE = {"file_id": "CAACAgIAAx", "file_unique_id": "AgADBAAD"}
STICKER = FILE | {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
SIZE = FILE | {"width": 800, "height": 600}
POLL = {
    "id": "53",
    "question": "Wat?",
    "options": [{"text": "a", "voter_count": 0, "persistent_id": "1"}],
    "total_voter_count": 0,
    "is_closed": False,
    "is_anonymous": True,
    "type": "regular",
    "allows_multiple_answers": False,
    "allows_revoting": False,
    "members_only": False,
}
KEYBOARD = {
    "inline_keyboard": [
        [{"text": "1 · Begin", "callback_data": "t1"}, {"text": "2 · Basis", "callback_data": "t2"}],
        [{"text": "Meer…", "callback_data": "t3"}, {"text": "Site", "url": "https://peil.example"}],
    ]
}


def message(**holds: Any) -> dict[str, Any]:
    return {"message_id": 17, "from": PERSON, "chat": CHAT, "date": DATE, **holds}


def update(kind: str, content: Any) -> dict[str, Any]:
    return {"update_id": 870000001, kind: content}


def said(**holds: Any) -> Arrival:
    what = read(update("message", message(**holds)), "peil_bot").what
    assert isinstance(what, Arrival)
    return what


def member(before: str, after: str, chat: dict[str, Any] = CHAT) -> dict[str, Any]:
    members = [
        {"user": BOT, "status": status} | ({"until_date": 0} if status == "kicked" else {})
        for status in (before, after)
    ]
    return update(
        "my_chat_member",
        {
            "chat": chat,
            "from": PERSON,
            "date": DATE,
            "old_chat_member": members[0],
            "new_chat_member": members[1],
        },
    )


def tap(**holds: Any) -> dict[str, Any]:
    return update("callback_query", {"id": "4382", "from": PERSON, "chat_instance": "-71", **holds})


SHOWN = {
    "message_id": 16,
    "from": BOT,
    "chat": CHAT,
    "date": DATE,
    "text": "Vraag 1",
    "reply_markup": KEYBOARD,
}

ATTACHMENTS: list[tuple[str, dict[str, Any], str]] = [
    ("sticker", {"sticker": STICKER}, "sticker"),
    ("voice", {"voice": FILE | {"duration": 3}}, "voice"),
    ("audio", {"audio": FILE | {"duration": 180}}, "voice"),
    ("video", {"video": FILE | {"width": 640, "height": 480, "duration": 9}}, "video"),
    ("video_note", {"video_note": FILE | {"length": 240, "duration": 4}}, "video"),
    (
        "animation",
        {
            "animation": FILE | {"width": 320, "height": 240, "duration": 2},
            "document": FILE | {"file_name": "a.mp4"},
        },
        "video",
    ),
    ("photo", {"photo": [SIZE]}, "photo"),
    (
        "live_photo",
        {"live_photo": FILE | {"width": 9, "height": 9, "duration": 2}, "photo": [SIZE]},
        "photo",
    ),
    ("document", {"document": FILE | {"file_name": "jaarplan.pdf"}}, "document"),
    ("location", {"location": {"latitude": 52.09, "longitude": 5.12}}, "location"),
    (
        "venue",
        {
            "venue": {
                "location": {"latitude": 52.09, "longitude": 5.12},
                "title": "Kantoor",
                "address": "Plein 1",
            },
            "location": {"latitude": 52.09, "longitude": 5.12},
        },
        "location",
    ),
    ("contact", {"contact": {"phone_number": "+31600000000", "first_name": "Bo"}}, "contact"),
    ("poll", {"poll": POLL}, "poll"),
    ("dice", {"dice": {"emoji": "🎲", "value": 4}}, "other"),
    ("story", {"story": {"chat": NEWS, "id": 4}}, "other"),
    ("game", {"game": {"title": "g", "description": "d", "photo": [SIZE]}}, "other"),
    (
        "paid_media",
        {"paid_media": {"star_count": 5, "paid_media": [{"type": "photo", "photo": [SIZE]}]}},
        "other",
    ),
    (
        "invoice",
        {
            "invoice": {
                "title": "t",
                "description": "d",
                "start_parameter": "s",
                "currency": "EUR",
                "total_amount": 1,
            }
        },
        "other",
    ),
    ("checklist", {"checklist": {"title": "t", "tasks": [{"id": 1, "text": "a"}]}}, "other"),
    (
        "giveaway",
        {"giveaway": {"chats": [NEWS], "winners_selection_date": DATE, "winner_count": 1}},
        "other",
    ),
    ("web_app_data", {"web_app_data": {"data": "x", "button_text": "y"}}, "other"),
    (
        "passport_data",
        {"passport_data": {"data": [], "credentials": {"data": "x", "hash": "y", "secret": "z"}}},
        "other",
    ),
]

SERVICE: list[tuple[str, dict[str, Any]]] = [
    ("new_chat_members", {"new_chat_members": [PERSON]}),
    ("left_chat_member", {"left_chat_member": PERSON}),
    ("new_chat_title", {"new_chat_title": "Nieuwe naam"}),
    ("new_chat_photo", {"new_chat_photo": [SIZE]}),
    ("delete_chat_photo", {"delete_chat_photo": True}),
    ("group_chat_created", {"group_chat_created": True}),
    ("supergroup_chat_created", {"supergroup_chat_created": True}),
    ("channel_chat_created", {"channel_chat_created": True}),
    ("migrate_to_chat_id", {"migrate_to_chat_id": -1001}),
    ("migrate_from_chat_id", {"migrate_from_chat_id": -1001}),
    ("pinned_message", {"pinned_message": SHOWN}),
    ("auto_delete", {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}}),
    (
        "successful_payment",
        {
            "successful_payment": {
                "currency": "EUR",
                "total_amount": 1,
                "invoice_payload": "p",
                "telegram_payment_charge_id": "t",
                "provider_payment_charge_id": "q",
            }
        },
    ),
    (
        "refunded_payment",
        {
            "refunded_payment": {
                "currency": "XTR",
                "total_amount": 1,
                "invoice_payload": "p",
                "telegram_payment_charge_id": "t",
            }
        },
    ),
    ("users_shared", {"users_shared": {"request_id": 1, "users": [{"user_id": 5}]}}),
    ("chat_shared", {"chat_shared": {"request_id": 1, "chat_id": -1001}}),
    ("connected_website", {"connected_website": "peil.example"}),
    ("write_access_allowed", {"write_access_allowed": {"from_request": True}}),
    (
        "proximity_alert_triggered",
        {"proximity_alert_triggered": {"traveler": PERSON, "watcher": PERSON, "distance": 5}},
    ),
    ("boost_added", {"boost_added": {"boost_count": 1}}),
    ("chat_background_set", {"chat_background_set": {"type": {"type": "chat_theme", "theme_name": "x"}}}),
    ("forum_topic_created", {"forum_topic_created": {"name": "t", "icon_color": 7322096}}),
    ("forum_topic_edited", {"forum_topic_edited": {"name": "t"}}),
    ("forum_topic_closed", {"forum_topic_closed": {}}),
    ("forum_topic_reopened", {"forum_topic_reopened": {}}),
    ("general_forum_topic_hidden", {"general_forum_topic_hidden": {}}),
    ("general_forum_topic_unhidden", {"general_forum_topic_unhidden": {}}),
    ("video_chat_scheduled", {"video_chat_scheduled": {"start_date": DATE}}),
    ("video_chat_started", {"video_chat_started": {}}),
    ("video_chat_ended", {"video_chat_ended": {"duration": 60}}),
    ("video_chat_participants_invited", {"video_chat_participants_invited": {"users": [PERSON]}}),
    ("giveaway_created", {"giveaway_created": {}}),
    ("giveaway_completed", {"giveaway_completed": {"winner_count": 1}}),
    ("paid_message_price_changed", {"paid_message_price_changed": {"paid_message_star_count": 1}}),
    ("direct_message_price", {"direct_message_price_changed": {"are_direct_messages_enabled": False}}),
    ("checklist_tasks_done", {"checklist_tasks_done": {"marked_as_done_task_ids": [1]}}),
    ("checklist_tasks_added", {"checklist_tasks_added": {"tasks": [{"id": 1, "text": "a"}]}}),
]

MEMBER_OF_NEWS = {"user": PERSON, "status": "member"}
OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("channel_post", {"message_id": 3, "chat": NEWS, "date": DATE, "text": "Nieuws!"}),
    ("edited_channel_post", {"message_id": 3, "chat": NEWS, "date": DATE, "edit_date": DATE, "text": "N"}),
    ("inline_query", {"id": "9", "from": PERSON, "query": "peil", "offset": ""}),
    ("chosen_inline_result", {"result_id": "1", "from": PERSON, "query": "peil"}),
    (
        "pre_checkout_query",
        {"id": "9", "from": PERSON, "currency": "EUR", "total_amount": 1, "invoice_payload": "p"},
    ),
    (
        "shipping_query",
        {
            "id": "9",
            "from": PERSON,
            "invoice_payload": "p",
            "shipping_address": {
                "country_code": "NL",
                "state": "",
                "city": "Utrecht",
                "street_line1": "Plein 1",
                "street_line2": "",
                "post_code": "3511",
            },
        },
    ),
    ("poll", POLL),
    ("poll_answer", {"poll_id": "53", "user": PERSON, "option_ids": [0], "option_persistent_ids": ["1"]}),
    (
        "chat_member",
        {
            "chat": NEWS,
            "from": PERSON,
            "date": DATE,
            "old_chat_member": {"user": PERSON, "status": "left"},
            "new_chat_member": MEMBER_OF_NEWS,
        },
    ),
    ("chat_join_request", {"chat": NEWS, "from": PERSON, "user_chat_id": PERSON["id"], "date": DATE}),
    (
        "message_reaction",
        {
            "chat": CHAT,
            "message_id": 16,
            "user": PERSON,
            "date": DATE,
            "old_reaction": [],
            "new_reaction": [{"type": "emoji", "emoji": "👍"}],
        },
    ),
    (
        "message_reaction_count",
        {
            "chat": NEWS,
            "message_id": 3,
            "date": DATE,
            "reactions": [{"type": {"type": "emoji", "emoji": "👍"}, "total_count": 2}],
        },
    ),
    (
        "chat_boost",
        {
            "chat": NEWS,
            "boost": {
                "boost_id": "b",
                "add_date": DATE,
                "expiration_date": DATE,
                "source": {"source": "premium", "user": PERSON},
            },
        },
    ),
    (
        "removed_chat_boost",
        {
            "chat": NEWS,
            "boost_id": "b",
            "remove_date": DATE,
            "source": {"source": "premium", "user": PERSON},
        },
    ),
    (
        "business_connection",
        {"id": "b", "user": PERSON, "user_chat_id": PERSON["id"], "date": DATE, "is_enabled": True},
    ),
    ("business_message", message(text="hallo", business_connection_id="b")),
    ("edited_business_message", message(text="hallo", business_connection_id="b", edit_date=DATE)),
    ("deleted_business_messages", {"business_connection_id": "b", "chat": CHAT, "message_ids": [17]}),
    ("purchased_paid_media", {"from": PERSON, "paid_media_payload": "p"}),
    ("managed_bot", {"user": PERSON, "bot": BOT}),
    ("guest_message", message(text="hallo", guest_query_id="g")),
]


def every_fixture() -> list[Any]:
    found = [(name, update("message", message(**holds))) for name, holds, _ in ATTACHMENTS]
    found += [(name, update("message", message(**holds))) for name, holds in SERVICE]
    found += [(name, update(name, content)) for name, content in OTHERS]
    found += [
        ("text", update("message", message(text="ja"))),
        ("edit", update("edited_message", message(text="nee", edit_date=DATE))),
        ("tap", tap(message=SHOWN, data="t1")),
        ("blocked", member("member", "kicked")),
    ]
    return [pytest.param(one, id=name) for name, one in found]


# --- the fixtures themselves ---


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
@pytest.mark.parametrize("one", every_fixture())
def test_the_fixtures_are_what_the_documentation_describes(one: dict[str, Any]) -> None:
    """Judged by the library's types: nothing required is missing, nothing is unknown to them."""
    found = Update.de_json(one, None)
    content = getattr(found, next(kind for kind in one if kind != "update_id"))

    assert content is not None
    assert not found.api_kwargs
    assert not content.api_kwargs


def test_there_is_a_fixture_of_every_kind_of_update() -> None:
    kinds = {key for one in every_fixture() for key in one.values[0]} - {"update_id"}

    assert {kind.value for kind in UpdateType} - kinds == set()


# --- what is said ---


def test_a_text_is_an_arrival_of_the_chat() -> None:
    reading = read(update("message", message(text="We meten het elke maand")))

    assert reading == Reading(
        "message",
        "500100200",
        Arrival(
            "telegram",
            "500100200",
            "m17",
            text="We meten het elke maand",
            language="nl",
            at=AT,
        ),
    )


def test_what_no_database_takes_is_replaced() -> None:
    assert said(text="een\0twee \ud83d").text == "een\ufffdtwee ?"


@pytest.mark.parametrize(
    ("code", "language"),
    [("nl", "nl"), ("en-GB", "en"), ("EN", "en"), ("fr", None), ("", None), (None, None)],
)
def test_the_language_is_the_apps_where_it_is_one_of_ours(code: str | None, language: str | None) -> None:
    one = message(text="ja", **{"from": PERSON | {"language_code": code}})

    what = read(update("message", one)).what

    assert isinstance(what, Arrival)
    assert what.language == language


def test_a_caption_is_what_the_person_said() -> None:
    one = said(photo=[SIZE], caption="Zo ziet het eruit")

    assert (one.text, one.event) == ("Zo ziet het eruit", None)


# --- /start and the commands ---


def test_start_with_a_code_brings_the_code_and_no_text() -> None:
    one = said(text="/start K7mB2xQ_9-a")

    assert (one.code, one.text, one.event) == ("K7mB2xQ_9-a", None, None)


def test_a_code_of_any_length_is_taken_along_so_that_it_can_be_refused() -> None:
    one = said(text="/start " + "x" * 4000)

    assert one.code == "x" * 128


@pytest.mark.parametrize("text", ["/start", " /start ", "/START", "/start@peil_bot", "/start@Peil_Bot  "])
def test_start_without_a_code_is_a_bare_start(text: str) -> None:
    one = said(text=text)

    assert (one.event, one.code, one.text) == ({"kind": "start"}, None, None)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("/menu", "menu"),
        ("/menu@peil_bot", "menu"),
        ("/terug", "back"),
        ("/back", "back"),
        ("/overslaan", "skip"),
        ("/skip", "skip"),
        ("/voortgang", "progress"),
        ("/english", "switch_language"),
        ("/nederlands", "switch_language"),
        ("/pauze", "pause"),
        ("/mijngegevens", "my_data"),
        ("/mydata", "my_data"),
        ("/wissen", "erase"),
        ("/mens", "human"),
        ("/rapport", "report"),
        ("/elders", "elsewhere"),
        ("/elsewhere", "elsewhere"),
    ],
)
def test_commands_of_either_language_say_what_is_to_be_done(text: str, what: str) -> None:
    assert said(text=text).event == {"kind": "do", "what": what}


@pytest.mark.parametrize(
    "text", ["/help", "/menu@another_bot", "/", "//", "/ menu", "zie /menu", "/3", "@peil_bot"]
)
def test_other_commands_are_plain_text(text: str) -> None:
    one = said(text=text)

    assert (one.text, one.event, one.code) == (text, None, None)


def test_a_command_for_any_bot_is_ours_while_the_name_is_unknown() -> None:
    what = read(update("message", message(text="/menu@peil_bot")), None).what

    assert isinstance(what, Arrival)
    assert what.event == {"kind": "do", "what": "menu"}


def test_the_menu_is_within_the_published_limits() -> None:
    # A command has 1-32 small letters, digits and underscores; a description 1-256 characters.
    for language in LANGUAGES:
        names = [name for name, _ in menu(language)]
        assert len(set(names)) == len(names) == 11
        for name, about in menu(language):
            assert 1 <= len(name) <= 32
            assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_")
            assert 1 <= len(about) <= 256


def test_no_command_means_two_things_in_two_languages() -> None:
    meanings: dict[str, set[int]] = {}
    for language in LANGUAGES:
        for place, (name, _) in enumerate(menu(language)):
            meanings.setdefault(name, set()).add(place)

    assert [name for name, places in meanings.items() if len(places) > 1] == []


# --- what is no text ---


@pytest.mark.parametrize(
    ("holds", "what"), [pytest.param(holds, what, id=name) for name, holds, what in ATTACHMENTS]
)
def test_what_is_no_text_is_an_attachment_of_its_kind(holds: dict[str, Any], what: str) -> None:
    one = said(**holds)

    assert (one.event, one.text, one.message_id) == ({"kind": "attachment", "what": what}, None, "m17")


def test_what_nobody_knows_yet_is_an_attachment() -> None:
    assert said(hologram={"depth": 3}).event == {"kind": "attachment", "what": "other"}


def test_the_pictures_of_an_album_are_one_attachment() -> None:
    album = [said(photo=[SIZE], media_group_id="13370"), said(video=FILE, media_group_id="13370")]

    assert {one.message_id for one in album} == {"g13370"}
    assert [one.event for one in album] == [{"kind": "attachment", "what": "photo"}] * 2


def test_what_is_said_below_an_album_is_said_once() -> None:
    one = said(photo=[SIZE], media_group_id="13370", caption="Zo")

    assert (one.text, one.message_id) == ("Zo", "m17")


@pytest.mark.parametrize("holds", [pytest.param(holds, id=name) for name, holds in SERVICE])
def test_what_telegram_says_by_itself_is_nothing(holds: dict[str, Any]) -> None:
    assert read(update("message", message(**holds))).what == Nothing()


@pytest.mark.parametrize(("kind", "content"), [pytest.param(*one, id=one[0]) for one in OTHERS])
def test_all_other_kinds_of_updates_are_nothing(kind: str, content: dict[str, Any]) -> None:
    assert read(update(kind, content)) == Reading(kind, "", Nothing())


def test_only_what_is_read_is_asked_for() -> None:
    assert set(ALLOWED_UPDATES).isdisjoint(kind for kind, _ in OTHERS)


# --- edits ---


def test_an_edit_says_of_which_message_and_what_it_says_now() -> None:
    # Ten seconds later.
    reading = read(update("edited_message", message(text="3, toch", edit_date=DATE + 10)))

    assert reading.what == Arrival(
        "telegram",
        "500100200",
        f"e17.{DATE + 10}",
        event={"kind": "edit", "of": "m17", "text": "3, toch"},
        language="nl",
        at=datetime(2025, 11, 22, 10, 0, 10, tzinfo=UTC),
    )


def test_a_new_caption_is_an_edit_too() -> None:
    what = read(update("edited_message", message(photo=[SIZE], caption="Zo", edit_date=DATE))).what

    assert isinstance(what, Arrival)
    assert what.event == {"kind": "edit", "of": "m17", "text": "Zo"}


@pytest.mark.parametrize(
    "one",
    [
        message(location={"latitude": 52.1, "longitude": 5.1}, edit_date=DATE),
        message(poll=POLL, edit_date=DATE),
        message(text="hoi", edit_date=DATE, chat=GROUP),
        message(text="hoi", edit_date=DATE, **{"from": BOT}),
    ],
)
def test_edits_that_say_nothing_to_us_are_nothing(one: dict[str, Any]) -> None:
    assert read(update("edited_message", one)).what == Nothing()


# --- taps ---


def test_a_tap_is_the_buttons_token_and_uses_up_the_keyboard() -> None:
    reading = read(tap(message=SHOWN, data="t1"))

    assert reading == Reading(
        "callback_query",
        "500100200",
        Arrival("telegram", "500100200", "c4382", button="t1", language="nl", below="16"),
        callback="4382",
        used=("500100200", 16),
    )


@pytest.mark.parametrize(
    "holds",
    [
        {"message": {"chat": CHAT, "message_id": 16, "date": 0}},
        {"message": {"chat": CHAT, "message_id": 16, "date": DATE, "text": "Vraag 1"}},
        {},
        {"inline_message_id": "AAA"},
    ],
)
def test_a_tap_without_a_message_to_change_is_a_tap_all_the_same(holds: dict[str, Any]) -> None:
    reading = read(tap(data="t1", **holds))

    assert isinstance(reading.what, Arrival)
    assert (reading.what.account, reading.what.button) == ("500100200", "t1")
    assert (reading.callback, reading.used) == ("4382", None)


def test_foreign_data_goes_to_the_dialogue_as_it_is() -> None:
    what = read(tap(message=SHOWN, data="../../etc/passwd; DROP")).what

    assert isinstance(what, Arrival)
    assert what.button == "../../etc/passwd; DROP"


@pytest.mark.parametrize(
    "one",
    [
        tap(message=SHOWN, game_short_name="tetris"),
        tap(message=SHOWN | {"chat": GROUP}, data="t1"),
        tap(message=SHOWN, data=""),
    ],
)
def test_taps_that_mean_nothing_here_are_answered(one: dict[str, Any]) -> None:
    reading = read(one)

    assert (reading.what, reading.callback, reading.used) == (Nothing(), "4382", None)


def test_a_long_callback_id_still_fits_and_stays_its_own() -> None:
    ids = set()
    for number in (1, 2):
        one = tap(message=SHOWN, data="t1")
        one["callback_query"]["id"] = "9" * 200 + str(number)
        what = read(one).what
        assert isinstance(what, Arrival)
        assert len(what.message_id) <= 64
        ids.add(what.message_id)

    assert len(ids) == 2


def test_a_tick_of_a_form_comes_with_the_keyboard_as_it_stands() -> None:
    reading = read(tap(message=SHOWN, data="+2~Geen|1"))

    assert reading.what == Toggle(
        "500100200",
        16,
        "+2~Geen|1",
        # The button with an address sends nothing, and is not ours.
        ((Choice("1 · Begin", "t1"), Choice("2 · Basis", "t2")), (Choice("Meer…", "t3"),)),
        "nl",
    )
    assert (reading.callback, reading.used) == ("4382", None)


def test_a_tick_of_a_form_that_telegram_no_longer_shows_has_no_keyboard() -> None:
    what = read(tap(message={"chat": CHAT, "message_id": 16, "date": 0}, data="+2~Geen|1")).what

    assert isinstance(what, Toggle)
    assert (what.message_id, what.rows) == (16, ())


# --- members and groups ---


@pytest.mark.parametrize(
    ("before", "after", "reachable"),
    [("member", "kicked", False), ("kicked", "member", True), ("left", "member", True)],
)
def test_who_blocks_the_bot_cannot_be_reached(before: str, after: str, reachable: bool) -> None:
    assert read(member(before, after)).what == Reachable("500100200", reachable)


@pytest.mark.parametrize("chat", [GROUP, SMALL_GROUP])
def test_what_is_said_in_a_group_is_refused(chat: dict[str, Any]) -> None:
    reading = read(update("message", message(text="hoi @peil_bot", chat=chat)))

    assert reading == Reading("message", str(chat["id"]), GroupRefusal(str(chat["id"]), "nl"))


@pytest.mark.parametrize("after", ["member", "administrator"])
def test_whoever_adds_the_bot_to_a_group_is_told(after: str) -> None:
    assert read(member("left", after, GROUP)).what == GroupRefusal(str(GROUP["id"]), "nl")


@pytest.mark.parametrize(
    ("before", "after", "chat"),
    [
        ("member", "administrator", GROUP),
        ("member", "left", GROUP),
        ("member", "kicked", GROUP),
        ("member", "restricted", GROUP),
        ("left", "administrator", NEWS),
    ],
)
def test_other_changes_of_members_are_nothing(before: str, after: str, chat: dict[str, Any]) -> None:
    assert read(member(before, after, chat)).what == Nothing()


def test_an_administrator_who_hides_behind_the_group_is_refused_like_everybody() -> None:
    hidden = message(
        text="hoi",
        chat=GROUP,
        sender_chat=GROUP,
        **{"from": {"id": 1087968824, "is_bot": True, "first_name": "G"}},
    )

    assert isinstance(read(update("message", hidden)).what, GroupRefusal)


@pytest.mark.parametrize(
    "one",
    [
        message(text="hoi", chat=GROUP, **{"from": BOT}),
        message(text="hoi", **{"from": BOT}),
        message(text="Nieuws!", chat=GROUP, sender_chat=NEWS, is_automatic_forward=True),
        message(text="hoi", chat=NEWS),
    ],
)
def test_bots_and_channels_are_not_answered(one: dict[str, Any]) -> None:
    assert read(update("message", one)).what == Nothing()


# --- what is no update ---


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        "x",
        7,
        {},
        {"update_id": 1},
        {"update_id": 1, "message": "x"},
        {"update_id": 1, "message": {}},
        {"update_id": 1, "message": {"chat": {"id": "7"}, "message_id": 1}},
        {"update_id": 1, "message": {"chat": [], "message_id": 1, "text": "x"}},
        {"update_id": 1, "callback_query": {"id": 7}},
        {"update_id": 1, "callback_query": {"id": "7", "from": None}},
        {"update_id": 1, "my_chat_member": {"chat": CHAT}},
        {"update_id": 1, "edited_message": {"text": "x"}},
        {"update_id": 1, "Geheim: alles": {}},
    ],
)
def test_what_cannot_be_read_is_nothing(broken: object) -> None:
    assert read(broken).what == Nothing()


def test_the_name_of_an_unknown_kind_is_not_repeated_where_it_could_be_anything() -> None:
    assert read({"update_id": 1, "hologram": {"a": 1}}).kind == "hologram"
    assert read({"update_id": 1, "Geheim: alles": {}}).kind == UNREADABLE
    assert read({"update_id": 1, "a": 1, "b": 2}).kind == UNREADABLE


def test_a_strange_date_is_no_date() -> None:
    for date in (-(10**20), 10**20, "gisteren", None, 0, True):
        assert said(text="ja", date=date).at is None


def test_nothing_private_is_in_what_may_be_logged() -> None:
    for one in (
        update("message", message(text="geheim woord")),
        update("message", message(text="/start geheimcode")),
        update("edited_message", message(text="geheim woord", edit_date=DATE)),
        tap(message=SHOWN, data="geheim"),
        tap(message=SHOWN, data="+geheim"),
        member("member", "kicked"),
        update("message", message(text="geheim", chat=GROUP)),
    ):
        shown = repr(read(one))
        assert "geheim" not in shown
        assert "500100200" not in shown
        assert "1001234567890" not in shown


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
FIELDS = sorted(
    {
        key
        for one in every_fixture()
        for part in one.values[0].values()
        if isinstance(part, dict)
        for key in part
    }
)


@given(
    kind=st.sampled_from([*ALLOWED_UPDATES, "poll", "hologram"]),
    content=st.dictionaries(
        st.sampled_from(FIELDS), JSON | st.sampled_from([CHAT, PERSON, SHOWN]), max_size=8
    ),
)
def test_nothing_that_comes_in_raises(kind: str, content: dict[str, Any]) -> None:
    reading = read(update(kind, content), "peil_bot")

    assert isinstance(reading, Reading)
    if isinstance(reading.what, Arrival):
        one = reading.what
        assert len(one.message_id) <= 64
        assert sum(part is not None for part in (one.text, one.button, one.event)) <= 1
        "".join(filter(None, (one.text, one.button, one.code))).encode()


def test_the_number_of_an_update_is_read() -> None:
    assert update_id(update("message", {})) == 870000001
    assert update_id({"update_id": "7"}) is None
    assert update_id([]) is None
