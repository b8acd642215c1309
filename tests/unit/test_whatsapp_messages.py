"""What is sent to WhatsApp, compared with packages that are not ours: pywa's messages, kapso's limits."""

import hashlib
import hmac
import json
from datetime import UTC, datetime

import httpx
import pytest
import pywa.errors
import pywa.utils
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from pywa import WhatsApp
from pywa.types import Button as PywaButton
from pywa.types import CallbackButton, CallbackSelection, EditedMessage, Section, SectionList, SectionRow
from pywa.types import Message as PywaMessage
from pywa.types.base_update import RawUpdate
from pywa.types.templates import TemplateLanguage

from bot.channels.contract import Button, Choice, Message, Outgoing, Part, Refused
from bot.channels.fitting import WHATSAPP, fit
from bot.channels.whatsapp import client, messages
from bot.channels.whatsapp.arrivals import read
from bot.channels.whatsapp.client import GraphError
from tests.graph_server import GraphError as GraphRefusal
from tests.graph_server import check_message
from tests.whatsapp_limits import check
from tests.whatsapp_messages import MESSAGES, PHONE_ID, one, payload, value
from tests.whatsapp_messages import message as incoming

NUMBER, SCOPED = "31612345678", "NL.13491208655302741918"
ROWS = ((Choice("Ja", "t1"), Choice("Nee", "t2")),)
CHOICES = (Choice("1 · Begin", "l1", "zo gaat het"), Choice("2 · Op weg", "l2"))


# --- the same as pywa sends ---


class Wire:
    """pywa on a server that takes everything and keeps what it was given."""

    def __init__(self):
        self.sent = []
        self.pywa = WhatsApp(
            phone_id=PHONE_ID, token="t", session=httpx.Client(transport=httpx.MockTransport(self._take))
        )

    def _take(self, request):
        self.sent.append((request.url.path, request.read(), request.headers))
        person = {"input": NUMBER, "wa_id": NUMBER, "user_id": SCOPED}
        return httpx.Response(200, json={"success": True, "contacts": [person], "messages": [{"id": "x"}]})

    @property
    def message(self):
        """The newest JSON, and where it was sent."""
        path, body, _ = self.sent[-1]
        assert path.endswith(f"/{PHONE_ID}/messages")
        return json.loads(body)


@pytest.fixture
def wire():
    return Wire()


@pytest.mark.parametrize("account", [NUMBER, SCOPED])
def test_a_text_is_what_pywa_sends(wire, account):
    wire.pywa.send_message(account, "Hoi *jij*")

    assert messages.text(account, Part("text", "Hoi *jij*")) == wire.message
    assert messages.plain(account, "Hoi *jij*") == wire.message


def test_buttons_are_what_pywa_sends(wire):
    wire.pywa.send_message(NUMBER, "Goed?", buttons=[PywaButton("Ja", "t1"), PywaButton("Nee", "t2")])

    assert messages.text(NUMBER, Part("text", "Goed?", rows=ROWS)) == wire.message


def test_a_list_is_what_pywa_sends_but_for_the_title_of_its_only_section(wire):
    rows = [SectionRow("1 · Begin", "l1", "zo gaat het"), SectionRow("2 · Op weg", "l2")]
    wire.pywa.send_message(NUMBER, "Hoe gaat het?", buttons=SectionList("Kies", [Section("x", rows)]))

    ours = messages.text(NUMBER, Part("text", "Hoe gaat het?", choices=CHOICES, list_button="Kies"))
    ours["interactive"]["action"]["sections"][0]["title"] = "x"
    assert ours == wire.message


@pytest.mark.parametrize("caption", ["", "Jullie radar"])
def test_pictures_and_documents_are_what_pywa_sends(wire, caption):
    wire.pywa.send_image(NUMBER, "123", caption=caption or None)
    assert messages.file(NUMBER, Part("picture", caption, source=("p",)), "123", None) == wire.message

    wire.pywa.send_document(NUMBER, "123", caption=caption or None, filename="peil.pdf")
    document = Part("document", caption, source=("report", "l"))
    assert messages.file(NUMBER, document, "123", "peil.pdf") == wire.message


def test_buttons_below_a_picture_are_what_pywa_sends(wire):
    buttons = [PywaButton("Ja", "t1"), PywaButton("Nee", "t2")]
    wire.pywa.send_image(NUMBER, "123", caption="Jullie radar", buttons=buttons)

    picture = Part("picture", "Jullie radar", source=("p",), rows=ROWS)
    assert messages.file(NUMBER, picture, "123", None) == wire.message


def test_a_template_is_what_pywa_sends(wire):
    wire.pywa.send_template(NUMBER, "peil_verder", TemplateLanguage("nl"))

    sent = wire.message
    # No parameters: pywa says so, or leaves it out.
    assert not sent["template"].pop("components", None)
    assert messages.template(NUMBER, "peil_verder", "nl") == sent


def test_typing_is_what_pywa_sends(wire):
    wire.pywa.indicate_typing("wamid.1")

    assert messages.typing("wamid.1") == wire.message


def test_a_list_below_a_file_is_refused():
    with pytest.raises(Refused):
        messages.file(NUMBER, Part("picture", "x", source=("p",), choices=CHOICES), "1", None)


# --- what pywa makes of what comes in ---


def update(whole):
    return RawUpdate(json.dumps(whole).encode(), hmac_header=None, update_hash="x")


@pytest.mark.parametrize("kind", sorted(MESSAGES))
def test_pywa_reads_the_same_in_each_documented_kind(wire, kind):
    whole = one(kind, number=NUMBER, scoped=SCOPED)
    found = [(arrival.account, arrival.text, arrival.button) for arrival in read(whole, PHONE_ID).arrivals]
    kinds = {"button_reply": CallbackButton, "list_reply": CallbackSelection, "button": CallbackButton}

    if kind in kinds:
        reading = kinds[kind].from_update(wire.pywa, update(whole))
        assert found == [(reading.from_user.bsuid, None, reading.data)]
    elif kind.startswith("edit"):
        reading = EditedMessage.from_update(wire.pywa, update(whole))
        said = reading.message.text or reading.message.caption
        events = [arrival.event for arrival in read(whole, PHONE_ID).arrivals]
        edit = {"kind": "edit", "of": reading.original_message_id, "text": said}
        assert events == ([edit] if said else [])
    elif MESSAGES[kind]["type"] not in ("system", "revoke", "interactive", "button", "errors"):
        reading = PywaMessage.from_update(wire.pywa, update(whole))
        said = reading.text or reading.caption
        if "group_id" in MESSAGES[kind]:
            assert reading.chat.type == "GROUP"
            assert found == []
        elif found:
            assert found == [(reading.from_user.bsuid, said, None)]
        else:
            assert said is None


def test_pywa_would_read_only_the_first_message_of_a_request(wire):
    # Why it does not read what comes in: docs/adr/0019-whatsapp-client.md. Once it does, think again.
    two = [incoming("text", message_id=f"wamid.{n}", text={"body": str(n)}) for n in (1, 2)]
    whole = payload(value(two, contacts=[{"profile": {}, "user_id": SCOPED}]))

    assert PywaMessage.from_update(wire.pywa, update(whole)).text == "1"
    assert [arrival.text for arrival in read(whole, PHONE_ID).arrivals] == ["1", "2"]


def test_pywa_would_send_to_a_group_what_is_for_a_person(wire):
    # The other reason. Ids may hold letters, says Meta.
    wire.pywa.send_message("NL.4pha8etic", "Hoi")

    assert (wire.message["recipient_type"], wire.message["to"]) == ("group", "NL.4pha8etic")
    assert messages.plain("NL.4pha8etic", "Hoi")["recipient"] == "NL.4pha8etic"


@given(body=st.binary(max_size=200), secret=st.text(min_size=1, max_size=40))
def test_pywa_checks_signatures_as_whatsapp_makes_them(body, secret):
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()

    assert pywa.utils.webhook_updates_validator(secret, body, signature)
    assert not pywa.utils.webhook_updates_validator(secret, body + b" ", signature)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (4, "ToManyAPICalls"),
        (80007, "RateLimitIssues"),
        (130429, "RateLimitHit"),
        (131048, "SpamRateLimitHit"),
        (131056, "TooManyMessages"),
        (131057, "AccountInMaintenanceMode"),
        (131047, "ReEngagementMessage"),
        (131026, "MessageUndeliverable"),
        (131030, "RecipientNotInAllowedList"),
        (131021, "RecipientCannotBeSender"),
        (130497, "AccountRestrictedFromCountry"),
        (190, "ExpiredAccessToken"),
        (200, "APIPermission"),
        (368, "TemporarilyBlocked"),
        (131031, "AccountLocked"),
        (131042, "BusinessPaymentIssue"),
        (131037, "PhoneNumberDisplayNameNotApproved"),
        (131045, "IncorrectCertificate"),
        (131000, "UnknownError"),
        (131016, "ServiceUnavailable"),
        (132001, "TemplateNotExists"),
        (130472, "UserIsInExperimentGroup"),
        (131049, "MessageUndeliverableDueToHealthyEcosystemEngagement"),
        (131050, "UserStoppedMarketingMessages"),
        (131064, "MessageFailedToReachMessagingLimit"),
        (133016, "RegistrationOrDeregistrationFailed"),
    ],
)
def test_codes_are_what_pywa_knows_them_as(code, name):
    error = pywa.errors.WhatsAppError.from_dict({"code": code, "message": "x"})

    assert type(error).__name__ == name


def test_every_code_that_means_something_to_us_has_a_meaning():
    codes = {
        *client._WAIT,
        *client._BLOCKED,
        *client._OURS,
        *client._FAILED,
        *client._NO_TEMPLATE_NOW,
        131047,
    }

    assert not [code for code in codes if isinstance(GraphError(code, 400).meaning(), Refused)]


# --- the limits, as kapso knows them, and as our own test server does ---


def body_of(part, account=NUMBER):
    if part.kind == "text":
        return messages.text(account, part)
    return messages.file(account, part, "123", "peil.pdf" if part.kind == "document" else None)


TOO_MUCH = [
    Part("text", 4097 * "x"),
    Part("text", ""),
    Part("text", 1025 * "x", rows=ROWS),
    Part("text", "x", rows=(tuple(Choice(str(n), str(n)) for n in range(4)),)),
    Part("text", "x", rows=((Choice(21 * "x", "t"),),)),
    Part("text", "x", rows=((Choice("x", 257 * "t"),),)),
    Part("text", "x", choices=tuple(Choice(str(n), str(n)) for n in range(11)), list_button="Kies"),
    Part("text", "x", choices=(Choice(25 * "x", "t"),), list_button="Kies"),
    Part("text", "x", choices=(Choice("x", 201 * "t"),), list_button="Kies"),
    Part("text", "x", choices=(Choice("x", "t", 73 * "x"),), list_button="Kies"),
    Part("text", "x", choices=(Choice("x", "t"),), list_button=21 * "x"),
    Part("picture", 1025 * "x", source=("p",)),
    Part("document", 1025 * "x", source=("report", "l")),
]


@pytest.mark.parametrize("part", TOO_MUCH)
def test_both_checks_notice_what_is_over_a_limit(part):
    with pytest.raises(ValidationError):
        check(body_of(part))
    with pytest.raises(GraphRefusal):
        check_message(body_of(part))


texts = st.lists(
    st.sampled_from(
        ["woord", "Vraag 3 van 17 · Data", "\n\n", "1 · Begin: zo gaat het", "\U0001f44d", "x" * 300]
    )
    | st.text(max_size=30),
    max_size=60,
).map(" ".join)
buttons = st.lists(
    st.builds(
        Button,
        title=st.text(min_size=1, max_size=40)
        | st.sampled_from(["Ja", "1 · Begin", "Een lange titel op een knop"]),
        token=st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=64),
        style=st.sampled_from(["level", "quiet", "choice"]),
    ),
    max_size=14,
)


@settings(max_examples=150, deadline=None)
@given(
    text=texts,
    below=buttons,
    picture=st.sampled_from([None, "p1"]),
    alt=st.none() | texts,
    documents=st.sampled_from([(), (("report", "l1"),), (("report", "l1"), ("data", "l2"))]),
)
def test_whatever_was_fitted_is_within_the_limits_that_kapso_knows(text, below, picture, alt, documents):
    message = Message(
        seq=1,
        id="m1",
        role="bot",
        kind="reply",
        text=text,
        language="nl",
        at=datetime(2026, 3, 2, tzinfo=UTC),
        buttons=tuple(below),
        picture_id=picture,
        alt=alt,
    )

    for part in fit(Outgoing(message, documents=documents, open_list="Kies", more="Meer keuzes:"), WHATSAPP):
        check(body_of(part))
        check_message(body_of(part))
