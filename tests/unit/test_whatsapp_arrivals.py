"""What WhatsApp delivers, kind by kind as Meta documents it, in our words."""

import copy
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.whatsapp.arrivals import Failure, message_id, read
from tests.whatsapp_messages import (
    MESSAGES,
    PHONE_ID,
    contact,
    message,
    one,
    payload,
    status,
    value,
)

EDITED = "wamid.HBgLMTQxMjU1NTA4MjkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA="


def attachment(what):
    return {"event": {"kind": "attachment", "what": what}}


# Kind -> what comes of it; None: nothing.
EXPECTED = {
    "text": {"text": "Does it come in another color?"},
    "text, forwarded": {"text": "Have a look"},
    "text, a reply": {"text": "This one"},
    "text, from an advertisement": {"text": "Hi! I would like to know more"},
    "button_reply": {"button": "a-token"},
    "list_reply": {"button": "a-token"},
    "nfm_reply": attachment("other"),
    "call_permission_reply": None,
    "button": {"button": "a-token"},
    "button without payload": {"text": "Go on"},
    "image": attachment("photo"),
    "image with caption": {"text": "Taj Mahal"},
    "video": attachment("video"),
    "video with caption": {"text": "Our office"},
    "audio": attachment("voice"),
    "voice": attachment("voice"),
    "document": attachment("document"),
    "document with caption": {"text": "See page 2"},
    "sticker": attachment("sticker"),
    "location": attachment("location"),
    "contacts": attachment("contact"),
    "order": attachment("other"),
    "reaction": None,
    "reaction taken back": None,
    "request_welcome": None,
    "system, another number": None,
    "system, another id": None,
    "system, another device": None,
    "edit": {"event": {"kind": "edit", "of": EDITED, "text": "I meant level 4"}},
    "edit of a caption": {"event": {"kind": "edit", "of": EDITED, "text": "Rather this"}},
    "edit of a picture": None,
    "revoke": None,
    "unsupported": attachment("other"),
    "unsupported, unavailable": attachment("other"),
    "unsupported vote": None,
    "unknown": attachment("other"),
    "errors": None,
    "in a group": None,
}


def test_every_documented_kind_is_expected_to_be_something():
    assert set(EXPECTED) == set(MESSAGES)


@pytest.mark.parametrize("kind", MESSAGES)
def test_each_documented_kind_becomes_what_all_channels_share(kind):
    delivery = read(one(kind), PHONE_ID)

    found = [
        {"text": arrival.text, "button": arrival.button, "event": arrival.event}
        for arrival in delivery.arrivals
    ]
    expected = EXPECTED[kind]
    nothing = {"text": None, "button": None, "event": None}
    assert found == ([] if expected is None else [nothing | expected])
    assert delivery.unknown == ()


def test_an_arrival_says_who_said_it_and_when():
    [arrival] = read(one("text", "wamid.A=", number="31612345678", at=1749416383), PHONE_ID).arrivals

    assert (arrival.channel, arrival.account, arrival.message_id) == ("whatsapp", "31612345678", "wamid.A=")
    # 1749416383 s after 1970: 20247 days of 86,400 s are 8 June 2025, and 75,583 s more make 20:59:43.
    assert arrival.at == datetime(2025, 6, 8, 20, 59, 43, tzinfo=UTC)
    assert arrival.code is None


@pytest.mark.parametrize(
    ("number", "scoped", "account"),
    [
        ("31612345678", None, "31612345678"),
        # A person with a user name may hide the number; the id within the business is always there.
        (None, "NL.13491208655302741918", "NL.13491208655302741918"),
        ("31612345678", "NL.13491208655302741918", "NL.13491208655302741918"),
        ("31612345678", "NL.4pha8etic", "NL.4pha8etic"),
        # Neither in a form that WhatsApp has.
        ("31612345678", "not an id", "31612345678"),
    ],
)
def test_a_person_keeps_one_account_whether_or_not_the_number_is_shown(number, scoped, account):
    [arrival] = read(one("text", number=number, scoped=scoped), PHONE_ID).arrivals

    assert arrival.account == account


def test_the_id_is_found_where_only_the_introduction_has_it():
    messages = [message("text", message_id=f"wamid.{n}", number=n) for n in ("31600000001", "31600000002")]
    contacts = [contact("31600000002", "NL.2"), contact("31600000001", "NL.1")]

    delivery = read(payload(value(messages, contacts=contacts)), PHONE_ID)

    assert [arrival.account for arrival in delivery.arrivals] == ["NL.1", "NL.2"]


@pytest.mark.parametrize(
    ("number", "scoped", "language"),
    [
        ("31612345678", None, "nl"),
        (None, "NL.1", "nl"),
        ("31612345678", "NL.1", "nl"),
        # Belgium has more than one language, and a number elsewhere says nothing.
        ("32470123456", None, None),
        (None, "BE.1", None),
        ("16505551234", None, None),
    ],
)
def test_a_number_of_the_netherlands_is_a_hint_at_dutch(number, scoped, language):
    [arrival] = read(one("text", number=number, scoped=scoped), PHONE_ID).arrivals

    assert arrival.language == language


def test_what_is_short_enough_keeps_its_id():
    assert message_id("wamid." + 58 * "A") == "wamid." + 58 * "A"


def test_a_longer_id_is_always_shortened_to_the_same():
    long = "wamid." + 59 * "A"

    assert message_id(long) == message_id(long)
    assert message_id(long) != message_id(long + "=")
    assert len(message_id(long)) == 64


def test_the_original_of_a_shortened_id_is_told():
    long = "wamid." + 80 * "A"

    delivery = read(one("text", long), PHONE_ID)

    assert delivery.originals == {message_id(long): long}
    assert delivery.arrivals[0].message_id == message_id(long)


def test_an_edit_of_a_message_with_a_long_id_names_it_as_it_came_in():
    long = "wamid." + 80 * "A"
    edit = {"original_message_id": long, "message": {"type": "text", "text": {"body": "4"}}}

    [arrival] = read(one("edit", edit=edit), PHONE_ID).arrivals

    assert arrival.event == {"kind": "edit", "of": message_id(long), "text": "4"}


def test_a_request_with_several_entries_changes_and_messages_is_read_whole_and_in_order():
    def said(number):
        return message("text", message_id=f"wamid.{number}", text={"body": str(number)})

    first = payload(value([said(1), said(2)]), value(statuses=[status("read")]), value([said(3)]))
    second = payload(value([said(4)]))
    whole = first | {"entry": first["entry"] + second["entry"]}

    assert [arrival.text for arrival in read(whole, PHONE_ID).arrivals] == ["1", "2", "3", "4"]


def test_messages_to_another_number_of_the_same_app_are_not_ours():
    theirs = value([message("text", message_id="wamid.1")], phone_id="999999999999999")
    ours = value([message("text", message_id="wamid.2")])

    assert [one.message_id for one in read(payload(theirs, ours), PHONE_ID).arrivals] == ["wamid.2"]


@pytest.mark.parametrize(
    "field", ["smb_message_echoes", "message_template_status_update", "calls", "history"]
)
def test_what_else_an_app_may_have_subscribed_to_is_left_alone(field):
    delivery = read(payload(value([message("text", message_id="wamid.1")]), field=field), PHONE_ID)

    assert delivery.arrivals == ()
    assert delivery.unknown == ()


@pytest.mark.parametrize("kind", ["sent", "delivered", "read", "played", "deleted", "warning"])
def test_what_became_of_our_messages_is_no_arrival(kind):
    delivery = read(payload(value(statuses=[status(kind)])), PHONE_ID)

    assert (delivery.arrivals, delivery.failures, delivery.unknown) == ((), (), ())


def test_a_message_that_could_not_be_delivered_is_told_with_its_code():
    failed = [
        status("failed", number="31612345678", errors=[131026]),
        status("failed", number="31612345678", scoped="NL.1", errors=[131047]),
    ]

    delivery = read(payload(value(statuses=failed)), PHONE_ID)

    assert delivery.failures == (Failure("31612345678", 131026), Failure("NL.1", 131047))


def test_a_token_that_is_too_long_to_be_ours_is_cut_to_what_can_be_kept():
    reply = {"type": "button_reply", "button_reply": {"id": 300 * "x", "title": "Yes"}}

    [arrival] = read(one("button_reply", interactive=reply), PHONE_ID).arrivals

    assert arrival.button == 64 * "x"


def test_text_that_no_database_takes_is_made_storable():
    raw = json.dumps(one("text", text={"body": "A\0B \ud83d C \U0001f44d"}))

    [arrival] = read(json.loads(raw), PHONE_ID).arrivals

    assert arrival.text == "A�B ? C \U0001f44d"


def test_neither_an_account_nor_what_was_said_shows_in_a_representation():
    [arrival] = read(one("text", number="31612345678", text={"body": "My secret"}), PHONE_ID).arrivals
    [failure] = read(payload(value(statuses=[status("failed", errors=[1])])), PHONE_ID).failures

    assert "31612345678" not in repr(arrival)
    assert "My secret" not in repr(arrival)
    assert "16505551234" not in repr(failure)


def test_a_kind_that_nobody_knows_yet_is_named_and_left_out():
    delivery = read(one("text", type="hologram"), PHONE_ID)

    assert delivery.arrivals == ()
    assert delivery.unknown == ("hologram",)


def test_what_is_named_for_the_log_holds_nothing_that_somebody_wrote():
    for kind in ("My number is 0612345678", 31 * "x", ""):
        assert read(one("text", type=kind), PHONE_ID).unknown == ("nameless",)


@pytest.mark.parametrize("missing", ["id", "from"])
def test_a_message_without_id_or_sender_is_left_out(missing):
    broken = one("text")
    del broken["entry"][0]["changes"][0]["value"]["messages"][0][missing]
    del broken["entry"][0]["changes"][0]["value"]["contacts"]

    delivery = read(broken, PHONE_ID)

    assert delivery.arrivals == ()
    assert delivery.unknown == ("text without id or sender",)


@pytest.mark.parametrize("time", ["", "soon", None, "9" * 30, {}, -1.5])
def test_a_time_that_cannot_be_read_is_left_out(time):
    broken = one("text")
    broken["entry"][0]["changes"][0]["value"]["messages"][0]["timestamp"] = time

    [arrival] = read(broken, PHONE_ID).arrivals

    assert arrival.at is None


@pytest.mark.parametrize("found", [None, [], "text", 7, {}, {"object": "page", "entry": []}, {"object": []}])
def test_what_is_not_a_delivery_of_whatsapp_is_named_so(found):
    assert read(found, PHONE_ID).unknown == ("object",)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(found, path=()):
    """The path to everything in a JSON value."""
    yield path
    if isinstance(found, dict):
        for key, inner in found.items():
            yield from places(inner, (*path, key))
    elif isinstance(found, list):
        for number, inner in enumerate(found):
            yield from places(inner, (*path, number))


@given(data=st.data(), kind=st.sampled_from(sorted(MESSAGES)), instead=anything)
def test_whatever_stands_in_the_place_of_anything_nothing_is_raised(data, kind, instead):
    whole = {"all": copy.deepcopy(one(kind))}
    *path, last = data.draw(st.sampled_from([path for path in places(whole) if path]))
    inner = whole
    for key in path:
        inner = inner[key]
    inner[last] = instead

    delivery = read(whole["all"], PHONE_ID)

    for arrival in delivery.arrivals:
        assert 0 < len(arrival.message_id) <= 64
        assert arrival.account
        assert len([one for one in (arrival.text, arrival.button, arrival.event) if one is not None]) == 1
        json.dumps([arrival.text, arrival.button, arrival.event]).encode()


@given(found=anything)
def test_no_json_at_all_raises_anything(found):
    read(found, PHONE_ID)
    read({"object": "whatsapp_business_account", "entry": found}, PHONE_ID)
    read(payload(value(messages=[found], statuses=[found], contacts=[found])), PHONE_ID)
