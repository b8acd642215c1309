"""Ways to misuse a code or a token. Each is refused, and what it was after stays as it was."""

from __future__ import annotations

import secrets
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from bot.gateway.signing import Signer
from bot.service.codes import Codes, InvalidCode, shown
from bot.store import tables
from bot.texts import say
from tests.integration.gateway import Gateway, open_gateway
from tests.integration.parts import House, Person
from tests.integration.test_chats import Chatter, campaign, code

KEY = "k" * 22


@pytest.fixture
def shop(house: House) -> House:
    """A house where there is a Telegram bot, too: a conversation can be handed over to it and from it."""
    return house.again(telegram_token=f"1:{'x' * 35}", telegram_bot="peil_bot")


@pytest.fixture
async def gateway(shop: House) -> AsyncIterator[Gateway]:
    async with open_gateway(shop) as gateway:
        yield gateway


@pytest.fixture
def victim(shop: House) -> Chatter:
    """Somebody in Telegram, in an anonymous campaign, at the second question."""
    person = Chatter(shop)
    person.arrive(code=code(shop, campaign(shop)))
    person.say("ja")
    person.say("3")
    return person


async def begin(gateway: Gateway, opened: str, key: str = KEY, **more: Any) -> httpx.Response:
    """Begin with an invitation in the web chat."""
    body = {"language": "nl", "campaign": opened, "key": key, **more}
    return await gateway.client().post("/api/chat/conversations", json=body)


async def move(gateway: Gateway, opened: str, device: str = "d" * 22) -> httpx.Response:
    """Take a conversation over into the web chat."""
    return await gateway.client().post("/api/chat/move", json={"code": opened, "device": device})


def refused(response: httpx.Response, status: int, why: str) -> None:
    """It says why, and gives nothing."""
    assert response.status_code == status, response.text
    assert "token" not in response.json()
    sentences = {say(language, f"code.{why}") for language in ("nl", "en")}
    assert response.json()["detail"] in sentences


def handover(person: Chatter) -> str:
    """A code with which this person's conversation can be taken over."""
    person.arrive(None, "elsewhere", text="verder op mijn computer")
    rows = [one for one in person.house.rows(tables.handovers) if one["conversation_id"] == person.id]
    [unused] = [one for one in rows if one["used_at"] is None]
    return person.house.use_cases.codes.code("handover", unused["id"])


def why(taken: Any) -> str | None:
    """Why a code was refused in a chat without a conversation."""
    return None if taken.refused is None else taken.refused.why


# --- invitations ---


async def test_1_a_guessed_code_opens_nothing(shop: House, gateway: Gateway) -> None:
    opened = code(shop, campaign(shop))
    for guess in (opened[:-1] + ("0" if opened[-1] != "0" else "1"), opened[::-1], "0" * 16):
        refused(await begin(gateway, guess), 404, "unknown")
        assert why(Chatter(shop, account=guess).arrive(code=guess)) == "unknown"
    assert shop.rows(tables.conversations) == []


@pytest.mark.parametrize(
    "nonsense",
    ["x", "A" * 15, "A" * 17, "ÀÀÀÀÀÀÀÀÀÀÀÀÀÀÀÀ", "../../etc/passwd", "' OR 1=1 --", "🎉" * 16, " " * 16],
)
async def test_2_what_is_no_code_at_all_opens_nothing(shop: House, gateway: Gateway, nonsense: str) -> None:
    refused(await begin(gateway, nonsense), 404, "unknown")
    assert why(Chatter(shop).arrive(code=nonsense)) == "unknown"
    assert shop.rows(tables.conversations) == []


async def test_3_a_link_for_one_person_does_not_work_for_a_second_one_in_any_channel(
    shop: House, gateway: Gateway
) -> None:
    single = code(shop, campaign(shop), "single")
    assert (await begin(gateway, single)).status_code == 201

    refused(await begin(gateway, single, key="another-key-of-a-thief"), 410, "used")
    assert why(Chatter(shop).arrive(code=single)) == "used"
    assert why(Chatter(shop, channel="whatsapp").arrive(text=shown(single))) == "used"
    assert len(shop.rows(tables.conversations)) == 1


async def test_4_the_key_of_another_browser_is_no_way_into_its_conversation(
    shop: House, gateway: Gateway
) -> None:
    opened = code(shop, campaign(shop))
    mine = (await begin(gateway, opened)).json()["token"]
    other = code(shop, campaign(shop, "Herfst"))

    # The key alone is nothing: it works together with the code it was first sent with.
    assert (await begin(gateway, other)).json()["token"] != mine
    without = await gateway.client().post("/api/chat/conversations", json={"key": KEY})
    assert without.json()["token"] != mine


@pytest.mark.parametrize("channel", ["web", "telegram"])
async def test_5_a_withdrawn_link_opens_nothing_any_more(shop: House, gateway: Gateway, channel: str) -> None:
    of = campaign(shop)
    opened = code(shop, of)
    shop.peil.campaigns.revoke(of, None)

    if channel == "web":
        refused(await begin(gateway, opened), 410, "revoked")
    else:
        assert why(Chatter(shop).arrive(code=opened)) == "revoked"
    assert shop.rows(tables.conversations) == []


async def test_6_a_start_that_is_replayed_after_the_link_was_withdrawn_begins_nothing_new(
    shop: House, gateway: Gateway
) -> None:
    of = campaign(shop)
    opened = code(shop, of)
    first = (await begin(gateway, opened)).json()["token"]
    shop.peil.campaigns.revoke(of, None)

    # The one who had begun may repeat the call whose answer got lost; with any other key it is refused.
    assert (await begin(gateway, opened)).json()["token"] == first
    refused(await begin(gateway, opened, key="replayed-by-somebody-x"), 410, "revoked")


async def test_7_a_closed_campaign_takes_nobody_new(shop: House, gateway: Gateway) -> None:
    of = campaign(shop)
    opened = code(shop, of)
    shop.peil.campaigns.close(of)

    refused(await begin(gateway, opened), 410, "closed")
    assert why(Chatter(shop).arrive(code=opened)) == "closed"


async def test_8_a_campaign_is_over_after_its_last_day_and_not_open_before_its_first(
    shop: House, gateway: Gateway
) -> None:
    now = shop.clock.now
    of = campaign(shop, opens_at=now.replace(day=5), closes_at=now.replace(day=9))
    opened = code(shop, of)
    assert (await begin(gateway, opened)).status_code == 403
    assert why(Chatter(shop).arrive(code=opened)) == "early"
    shop.clock.move(days=4)
    assert (await begin(gateway, opened, key="in-the-middle-of-it-all")).status_code == 201
    shop.clock.move(days=4)

    refused(await begin(gateway, opened, key="too-late-for-everything"), 410, "closed")


async def test_9_a_code_opens_its_own_organisation_and_its_own_models_whatever_is_asked_for(
    shop: House, gateway: Gateway
) -> None:
    mine = campaign(shop)
    theirs = campaign(shop, "Zomer", organisation="Slagerij de Vries")
    opened = code(shop, mine)
    started = await begin(gateway, opened, prefill={"model": "crm", "role_layer": "board"})

    assert started.status_code == 201
    [conversation] = shop.rows(tables.conversations)
    assert conversation["campaign_id"] == mine != theirs
    # What the campaign says of a person goes before what the page says.
    assert conversation["segments"]["role_layer"] == "management"
    assert conversation["prefill"]["model"] == "teahouse"


async def test_10_what_stands_in_the_database_opens_nothing(shop: House, gateway: Gateway) -> None:
    of = campaign(shop)
    code(shop, of)
    [row] = shop.rows(tables.invitations)
    for stolen in (row["id"], row["mark"], row["mark"][:16], of, row["campaign_id"]):
        assert (await begin(gateway, stolen)).status_code in (404, 422)
        assert why(Chatter(shop, account=stolen).arrive(code=stolen)) == "unknown"
    assert shop.rows(tables.conversations) == []


async def test_11_a_code_that_another_installation_would_have_made_opens_nothing(
    shop: House, gateway: Gateway
) -> None:
    code(shop, campaign(shop))
    [row] = shop.rows(tables.invitations)
    forged = Codes("another secret of thirty-two letters").code("invitation", row["id"])

    refused(await begin(gateway, forged), 404, "unknown")


async def test_12_guessing_is_slowed_down_and_the_right_code_then_waits_too(
    shop: House, gateway: Gateway
) -> None:
    opened = code(shop, campaign(shop))
    for _ in range(10):
        guess = secrets.token_hex(8).upper()
        assert (await begin(gateway, guess)).status_code == 404
    late = await begin(gateway, opened)

    refused(late, 429, "tries")
    assert int(late.headers["retry-after"]) > 0
    other = await gateway.client("192.0.2.2").post("/api/chat/conversations", json={"campaign": opened})
    assert other.status_code == 201


def test_13_two_people_with_one_link_for_one_person_at_the_same_moment_do_not_both_get_in(
    shop: House,
) -> None:
    single = code(shop, campaign(shop), "single")
    won: list[str] = []
    lost: list[str] = []

    def open_it(account: str) -> None:
        taken = shop.again().peil.chats.arrive("telegram", account, "m1", code=single, language="nl")
        (lost if taken.refused else won).append(account)

    threads = [threading.Thread(target=open_it, args=(str(number),)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
    assert len(lost) == 5
    assert len(shop.rows(tables.conversations)) == 1


# --- handovers ---


async def test_14_a_conversation_is_taken_over_once(shop: House, gateway: Gateway, victim: Chatter) -> None:
    opened = handover(victim)
    assert (await move(gateway, opened)).status_code == 200

    refused(await move(gateway, opened, "another-device-of-mine"), 410, "used")
    assert why(Chatter(shop, account="thief").arrive(code=opened)) == "used"


async def test_15_a_code_to_go_on_elsewhere_is_worth_nothing_after_ten_minutes(
    shop: House, gateway: Gateway, victim: Chatter
) -> None:
    opened = handover(victim)
    shop.clock.move(minutes=10, seconds=1)

    refused(await move(gateway, opened), 410, "expired")
    assert why(Chatter(shop, account="thief").arrive(code=opened)) == "expired"


async def test_16_a_newer_code_ends_the_one_before(gateway: Gateway, victim: Chatter) -> None:
    first = handover(victim)
    second = handover(victim)

    refused(await move(gateway, first), 410, "used")
    assert (await move(gateway, second)).status_code == 200


async def test_17_a_code_of_a_conversation_that_was_erased_opens_nothing(
    shop: House, gateway: Gateway, victim: Chatter
) -> None:
    opened = handover(victim)
    assert shop.use_cases.forget(victim.id)

    refused(await move(gateway, opened), 404, "unknown")
    assert why(Chatter(shop, account="thief").arrive(code=opened)) == "unknown"


async def test_18_a_tampered_code_takes_nothing_over_and_leaves_the_right_one_alone(
    gateway: Gateway, victim: Chatter
) -> None:
    opened = handover(victim)
    for place in range(0, 16, 5):
        other = "0" if opened[place] != "0" else "1"
        refused(await move(gateway, opened[:place] + other + opened[place + 1 :]), 404, "unknown")

    assert (await move(gateway, opened)).status_code == 200


async def test_19_a_code_of_one_kind_is_none_of_the_other(
    shop: House, gateway: Gateway, victim: Chatter
) -> None:
    to_move, to_begin = handover(victim), code(shop, campaign(shop, "Herfst"))

    refused(await begin(gateway, to_move), 404, "unknown")
    refused(await move(gateway, to_begin), 404, "unknown")
    assert len(shop.rows(tables.conversations)) == 1


async def test_20_knowing_a_name_a_number_or_the_campaign_s_code_opens_nobody_s_conversation(
    shop: House, gateway: Gateway
) -> None:
    of = campaign(shop, anonymous=False)
    [made] = shop.peil.campaigns.invite(of, "single", labels=["Anna"])
    single = shop.use_cases.codes.code("invitation", made.id)
    shared = code(shop, of)
    anna = Chatter(shop, account="31612345678", channel="whatsapp")
    anna.arrive(code=single)
    anna.say("ja")
    anna.say("3")

    for knows in ("31612345678", "Anna", "+31 6 12345678", anna.id):
        # In the same channel under another account, in another channel under the same number, and on the web.
        Chatter(shop, account="other", channel="whatsapp").arrive(text=knows)
        Chatter(shop, account="31612345678", channel="telegram").arrive(text=knows)
        assert (await move(gateway, knows)).status_code in (404, 422)
    Chatter(shop, account="third", channel="telegram").arrive(code=shared)

    assert shop.holds(anna.id) == {"tea.leaves": 3}
    others = [one for one in shop.rows(tables.conversations) if one["id"] != anna.id]
    assert all(one["assessment_id"] is None for one in others)
    assert {one["conversation_id"] for one in shop.rows(tables.accounts) if one["id"]} >= {anna.id}
    assert len([one for one in shop.rows(tables.accounts) if one["conversation_id"] == anna.id]) == 1


# --- tokens ---


async def test_21_a_token_of_the_web_chat_cannot_be_made_or_changed(
    shop: House, gateway: Gateway, victim: Chatter
) -> None:
    genuine = Signer(shop.settings.secret).token(victim.id)
    forged = Signer("another secret of thirty-two letters").token(victim.id)
    other = Person(shop)
    theirs = Signer(shop.settings.secret).token(other.id)
    mixed = f"{victim.id}.{theirs.partition('.')[2]}"

    for token in (forged, mixed, victim.id, f"{victim.id}.", genuine[:-1], ""):
        response = await gateway.client(Authorization=f"Bearer {token}").get("/api/chat/messages")
        assert response.status_code == 401


def test_22_a_button_of_somebody_else_does_nothing_in_another_chat(shop: House, victim: Chatter) -> None:
    other = Chatter(shop, account="1002")
    other.arrive(code=code(shop, campaign(shop, "Herfst")))
    other.say("ja")
    [stolen] = [b.token for b in victim.seen[-1].buttons if b.title.startswith("1 ·")]

    other.arrive(button=stolen)

    assert say("nl", "stale.unknown") in other.text
    assert shop.answers(other.id) == []
    assert shop.holds(victim.id) == {"tea.leaves": 3}


def test_23_a_code_is_counted_as_wrong_however_it_is_written_and_right_however_it_is_typed(
    shop: House,
) -> None:
    codes = shop.use_cases.codes
    opened = code(shop, campaign(shop))
    spellings: list[Callable[[str], str]] = [
        str.lower,
        shown,
        lambda one: shown(one).lower(),
        lambda c: f" {c} ",
    ]
    assert {codes.mark(spell(opened)) for spell in spellings} == {codes.mark(opened)}
    with pytest.raises(InvalidCode):
        codes.mark(opened + "A")
