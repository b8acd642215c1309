"""Accounts of the desk as their use-cases have them: in by invitation, rights of the moment, out for good."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner, Result

from bot.cli import main
from bot.service.desk.access import MACHINE, Actor, DeskError, Missing, Refused
from bot.service.desk.accounts import IDLE, LONGEST_SESSION, NotLetIn, SignedIn, TooSoon, Wrong
from bot.service.desk.passwords import Passwords, problem
from bot.store import tables
from tests.integration.desk.conftest import PASSWORD, DeskHouse, quick_passwords
from tests.integration.parts import House

OTHER = "nog een veel langer geheim"


@pytest.fixture
def empty(house: House) -> House:
    """A house without any user."""
    house.peil.desk.accounts.passwords = quick_passwords()
    return house


def refused(error: type[DeskError], do: Callable[[], Any]) -> DeskError:
    with pytest.raises(error) as caught:
        do()
    assert type(caught.value) is error
    return caught.value


def wrong(do: Callable[[], Any]) -> tuple[str, str]:
    """(field, key) of what is wrong with what was filled in."""
    with pytest.raises(Wrong) as caught:
        do()
    return caught.value.field, caught.value.key


def code_of(address: str | None) -> str:
    assert address is not None
    return address.rpartition("/")[2]


def first(house: House, code: str | None = None, **fields: str) -> SignedIn:
    given = {
        "email": "bo@peil.example",
        "name": "Bo",
        "password": PASSWORD,
        "language": "nl",
        "device": "",
        **fields,
    }
    accounts = house.peil.desk.accounts
    return accounts.create_first(code or code_of(accounts.first_address()), **given)


def sign_in(desk: DeskHouse, actor: Actor, password: str = PASSWORD, known: str = "") -> SignedIn:
    return desk.accounts.sign_in(desk.email(actor), password, device="", known=known)


# --- the first user ---------------------------------------------------------------------------------


def test_the_first_user_becomes_an_admin_and_the_address_opens_nothing_after_that(empty: House) -> None:
    accounts = empty.peil.desk.accounts
    address = accounts.first_address()

    let_in = first(empty)

    assert let_in.actor.role == "admin"
    assert accounts.actor(let_in.token) == let_in.actor
    assert accounts.first_address() is None
    refused(Missing, lambda: first(empty, code_of(address), email="an@peil.example"))
    assert [row["email"] for row in empty.rows(tables.users)] == ["bo@peil.example"]


def test_the_first_user_needs_the_code(empty: House) -> None:
    refused(Missing, lambda: first(empty, "guessed"))
    refused(Missing, lambda: empty.peil.desk.accounts.opens_first("é"))
    other = empty.again(secret="s" * 40).peil.desk.accounts
    refused(Missing, lambda: first(empty, code_of(other.first_address())))

    assert empty.rows(tables.users) == []


def test_of_two_first_users_at_once_one_comes_in(empty: House) -> None:
    code = code_of(empty.peil.desk.accounts.first_address())
    ready = threading.Barrier(2)
    found: list[SignedIn | Missing] = []

    def come(email: str) -> None:
        ready.wait(10)
        try:
            found.append(first(empty, code, email=email))
        except Missing as error:
            found.append(error)

    crowd = [threading.Thread(target=come, args=(f"{name}@peil.example",)) for name in ("an", "bo")]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(30)

    assert sorted(type(one).__name__ for one in found) == ["Missing", "SignedIn"]
    assert len(empty.rows(tables.users)) == 1


# --- invitations ------------------------------------------------------------------------------------


def test_an_invitation_sets_a_password_once(desk: DeskHouse) -> None:
    made = desk.accounts.invite(desk.admin, email=" Kim@Peil.Example ", name="Kim", role="viewer")
    code = code_of(made.address)
    assert (made.user.email, made.state) == ("kim@peil.example", "invited")
    refused(NotLetIn, lambda: desk.accounts.sign_in("kim@peil.example", PASSWORD, device=""))

    let_in = desk.accounts.take_up(code, name="Kim de Wit", password=OTHER, language="en", device="")

    assert (let_in.actor.name, let_in.actor.language, let_in.actor.role) == ("Kim de Wit", "en", "viewer")
    assert desk.accounts.user(desk.admin, made.user.id).address is None
    refused(Missing, lambda: desk.accounts.invited(code))
    refused(
        Missing,
        lambda: desk.accounts.take_up(code, name="K", password=PASSWORD, language="nl", device=""),
    )
    assert desk.accounts.sign_in("KIM@peil.example", OTHER, device="").actor.user_id == made.user.id


def test_an_invitation_opens_nothing_after_seven_days(desk: DeskHouse) -> None:
    code = code_of(desk.accounts.invite(desk.admin, email="k@p.example", name="Kim", role="viewer").address)

    desk.house.clock.move(days=7, seconds=-1)
    assert desk.accounts.invited(code).name == "Kim"
    desk.house.clock.move(seconds=1)

    refused(Missing, lambda: desk.accounts.invited(code))
    refused(
        Missing,
        lambda: desk.accounts.take_up(code, name="K", password=PASSWORD, language="nl", device=""),
    )


def test_a_new_link_withdraws_the_one_before_and_ends_what_was_going_on_when_it_is_used(
    desk: DeskHouse,
) -> None:
    one = desk.accounts.new_link(desk.admin, desk.viewer.user_id)
    two = desk.accounts.new_link(desk.admin, desk.viewer.user_id)

    refused(Missing, lambda: desk.accounts.invited(code_of(one.address)))
    # Until it is used, nothing has changed for the user.
    assert desk.accounts.actor(desk.signed_in[desk.viewer.user_id].token) == desk.viewer
    desk.accounts.take_up(code_of(two.address), name="V", password=OTHER, language="nl", device="")

    assert desk.accounts.actor(desk.signed_in[desk.viewer.user_id].token) is None
    refused(NotLetIn, lambda: sign_in(desk, desk.viewer, PASSWORD))
    assert sign_in(desk, desk.viewer, OTHER).actor.name == "V"


def test_nothing_in_the_database_opens_a_door(desk: DeskHouse) -> None:
    link = code_of(desk.accounts.new_link(desk.admin, desk.viewer.user_id).address)
    let_in = desk.signed_in[desk.admin.user_id]
    # So that the file holds what was written.
    desk.house.store.engine.dispose()

    for secret in (link, let_in.token, let_in.device, PASSWORD):
        assert desk.house.traces(secret) == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"email": "kim"}, ("email", "email_wrong")),
        ({"email": "kim@peil.example\x00"}, ("email", "email_wrong")),
        ({"email": f"{'k' * 250}@peil.example"}, ("email", "email_wrong")),
        ({"name": " "}, ("name", "name_wrong")),
        ({"name": "k" * 81}, ("name", "name_wrong")),
        ({"name": "Kim\x1b[31m"}, ("name", "name_wrong")),
        ({"role": "owner"}, ("role", "role_wrong")),
        ({"language": "de"}, ("language", "language_wrong")),
    ],
)
def test_a_user_that_cannot_be_is_not_made(
    desk: DeskHouse, fields: dict[str, str], expected: tuple[str, str]
) -> None:
    given = {"email": "kim@peil.example", "name": "Kim", "role": "viewer", "language": "nl", **fields}
    before = len(desk.house.rows(tables.users))

    assert wrong(lambda: desk.accounts.invite(desk.admin, **given)) == expected

    assert len(desk.house.rows(tables.users)) == before


def test_an_address_belongs_to_one_user_whatever_the_capitals(desk: DeskHouse) -> None:
    email = desk.email(desk.viewer).upper()

    found = wrong(lambda: desk.accounts.invite(desk.admin, email=email, name="Kim", role="viewer"))

    assert found == ("email", "email_taken")


def test_a_user_cannot_be_given_an_organisation_that_is_not_there(desk: DeskHouse) -> None:
    refused(
        Missing,
        lambda: desk.accounts.invite(
            desk.admin, email="k@p.example", name="K", role="viewer", organisations=["0" * 16]
        ),
    )


# --- passwords --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("elf tekens.", "password_short"),
        ("twaalf teken", None),
        ("x" * 200, None),
        ("x" * 201, "password_long"),
        ("kim.de.wit@peil.example", "password_own"),
        ("KIM.de.wit", "password_short"),
        ("kim.de.witte", "password_own"),
        ("Kim de Witte", "password_own"),
        # As long as twelve letters and as many accents, until they are put together.
        ("e\u0301" * 11, "password_short"),
    ],
)
def test_only_the_length_counts_and_that_it_is_not_ones_own_name(password: str, expected: str | None) -> None:
    email = "kim.de.wit@peil.example" if "@" in password else "kim.de.witte@peil.example"
    assert problem(password, email=email, name="Kim de Witte") == expected


def test_a_password_is_kept_as_argon2id_and_made_anew_when_the_parameters_change(desk: DeskHouse) -> None:
    def kept() -> str:
        [row] = [one for one in desk.house.rows(tables.users) if one["id"] == desk.viewer.user_id]
        return str(row["password"])

    before = kept()
    assert before.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    sign_in(desk, desk.viewer)
    assert kept() == before

    desk.accounts.passwords = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    refused(NotLetIn, lambda: sign_in(desk, desk.viewer, OTHER))
    assert kept() == before
    sign_in(desk, desk.viewer)

    assert kept().startswith("$argon2id$v=19$m=16,t=2,p=1$")
    sign_in(desk, desk.viewer)


def test_peil_itself_keeps_passwords_with_parameters_worth_having() -> None:
    # RFC 9106, 4: for little memory 64 MiB and three passes; four lanes.
    assert Passwords().hash("een wachtwoord").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_an_unknown_address_costs_as_much_work_as_a_known_one(desk: DeskHouse) -> None:
    checked: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            checked.append(str(hash).rpartition("$")[0].rpartition("$")[0])
            return super().verify(hash, password)

    desk.accounts.passwords = Passwords(Counting(time_cost=1, memory_cost=8, parallelism=1))
    invited = desk.accounts.invite(desk.admin, email="k@p.example", name="K", role="viewer").user
    desk.accounts.disable(desk.admin, desk.stranger.user_id)
    addresses = (desk.email(desk.viewer), "nobody@peil.example", invited.email, desk.email(desk.stranger))

    for email in addresses:
        refused(NotLetIn, partial(desk.accounts.sign_in, email, OTHER, device=""))

    # Address, no user, no password yet, disabled: one check each, with the same parameters.
    assert checked == ["$argon2id$v=19$m=8,t=1,p=1"] * 4


def test_nobody_comes_in_with_the_password_that_stands_for_nobodys(desk: DeskHouse) -> None:
    for email in ("nobody@peil.example", ""):
        refused(NotLetIn, partial(desk.accounts.sign_in, email, "nobody has this one", device=""))


def test_a_password_that_is_changed_ends_all_sessions_and_begins_a_new_one(desk: DeskHouse) -> None:
    old = desk.signed_in[desk.viewer.user_id]
    refused(
        NotLetIn,
        lambda: desk.accounts.change_password(desk.viewer, current=OTHER, new=OTHER, device=""),
    )
    short = lambda: desk.accounts.change_password(desk.viewer, current=PASSWORD, new="kort", device="")  # noqa: E731
    assert wrong(short) == ("password", "password_short")
    assert desk.accounts.actor(old.token) == desk.viewer

    new = desk.accounts.change_password(desk.viewer, current=PASSWORD, new=OTHER, device="")

    assert desk.accounts.actor(old.token) is None
    assert desk.accounts.actor(new.token) == new.actor
    refused(NotLetIn, lambda: sign_in(desk, desk.viewer, PASSWORD))
    assert sign_in(desk, desk.viewer, OTHER).actor.user_id == desk.viewer.user_id


# --- brute force ------------------------------------------------------------------------------------


def test_after_five_tries_one_waits_ever_longer_up_to_five_minutes(desk: DeskHouse) -> None:
    def attempt(password: str) -> int:
        try:
            sign_in(desk, desk.viewer, password)
        except TooSoon as error:
            return error.seconds
        except NotLetIn:
            return 0
        return -1

    assert [attempt(OTHER) for _ in range(5)] == [0] * 5
    waits = []
    for _ in range(7):
        # Even the right password: or the wait would tell which one it is.
        waits.append(attempt(PASSWORD))
        desk.house.clock.move(seconds=waits[-1])
        assert attempt(OTHER) == 0
    assert waits == [10, 20, 40, 80, 160, 300, 300]

    desk.house.clock.move(seconds=300)
    assert attempt(PASSWORD) == -1
    # Who came in begins anew.
    assert [attempt(OTHER) for _ in range(6)] == [0, 0, 0, 0, 0, 10]


def test_tries_that_are_sent_back_do_not_make_the_wait_longer(desk: DeskHouse) -> None:
    for _ in range(5):
        refused(NotLetIn, lambda: sign_in(desk, desk.viewer, OTHER))
    for _ in range(50):
        refused(TooSoon, lambda: sign_in(desk, desk.viewer, OTHER))

    desk.house.clock.move(seconds=10)

    assert sign_in(desk, desk.viewer).actor.user_id == desk.viewer.user_id


def test_the_wait_does_not_tell_whether_there_is_such_an_address(desk: DeskHouse) -> None:
    def tries(email: str) -> list[str]:
        told = []
        for _ in range(8):
            with pytest.raises(NotLetIn) as caught:
                desk.accounts.sign_in(email, OTHER, device="")
            told.append(f"{caught.value.key} {getattr(caught.value, 'seconds', '')}")
        return told

    assert tries(desk.email(desk.viewer)) == tries("nobody@peil.example")


def test_nobody_is_kept_out_of_the_own_browser_by_who_tries_the_address(desk: DeskHouse) -> None:
    known = desk.signed_in[desk.viewer.user_id].device
    for _ in range(5):
        refused(NotLetIn, lambda: sign_in(desk, desk.viewer, OTHER))
    refused(TooSoon, lambda: sign_in(desk, desk.viewer))

    # Another's known device, and one that is made up, are none.
    refused(TooSoon, lambda: sign_in(desk, desk.viewer, known=desk.signed_in[desk.admin.user_id].device))
    refused(TooSoon, lambda: sign_in(desk, desk.viewer, known=f"{'0' * 16}.{'0' * 32}"))
    assert sign_in(desk, desk.viewer, known=known).actor.user_id == desk.viewer.user_id
    # That did not make it easier for whoever tries.
    refused(TooSoon, lambda: sign_in(desk, desk.viewer))


def test_tries_from_a_known_device_are_counted_too(desk: DeskHouse) -> None:
    known = desk.signed_in[desk.viewer.user_id].device
    for _ in range(5):
        refused(NotLetIn, lambda: sign_in(desk, desk.viewer, OTHER, known))

    refused(TooSoon, lambda: sign_in(desk, desk.viewer, PASSWORD, known))


def test_tries_at_once_do_not_slip_through(desk: DeskHouse) -> None:
    email, ready = desk.email(desk.viewer), threading.Barrier(12)
    looked: list[str] = []

    class Slow(Passwords):
        def right(self, kept: str | None, password: str) -> bool:
            looked.append(password)
            return super().right(kept, password)

    desk.accounts.passwords = Slow(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))

    def attempt() -> None:
        ready.wait(10)
        with pytest.raises(NotLetIn):
            desk.accounts.sign_in(email, OTHER, device="")

    crowd = [threading.Thread(target=attempt) for _ in range(12)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(60)

    assert len(looked) == 5


def test_the_password_of_now_cannot_be_tried_without_end_by_who_has_a_session(desk: DeskHouse) -> None:
    change = lambda: desk.accounts.change_password(desk.viewer, current=OTHER, new=OTHER, device="")  # noqa: E731
    for _ in range(5):
        refused(NotLetIn, change)

    refused(TooSoon, change)


def test_failures_are_forgotten_after_a_day(desk: DeskHouse) -> None:
    refused(NotLetIn, lambda: sign_in(desk, desk.viewer, OTHER))
    desk.house.clock.move(hours=23)
    desk.accounts.tidy()
    assert len(desk.house.rows(tables.sign_in_failures)) == 1

    desk.house.clock.move(hours=2)
    desk.accounts.tidy()

    assert desk.house.rows(tables.sign_in_failures) == []


# --- sessions ---------------------------------------------------------------------------------------


def test_a_session_ends_after_twelve_idle_hours(desk: DeskHouse) -> None:
    token = desk.signed_in[desk.viewer.user_id].token
    for _ in range(3):
        desk.house.clock.move(hours=11, minutes=58)
        assert desk.accounts.actor(token) == desk.viewer

    desk.house.clock.now += IDLE

    assert desk.accounts.actor(token) is None


def test_a_session_ends_after_seven_days_however_busy_it_is(desk: DeskHouse) -> None:
    token = desk.signed_in[desk.viewer.user_id].token
    for _ in range(7 * 24 // 6 - 1):
        desk.house.clock.move(hours=6)
        assert desk.accounts.actor(token) == desk.viewer

    desk.house.clock.move(hours=6)

    assert desk.accounts.actor(token) is None
    desk.house.clock.now += LONGEST_SESSION * 5
    desk.accounts.tidy()
    assert desk.house.rows(tables.desk_sessions) == []


def test_a_session_that_is_signed_out_is_over_for_whoever_kept_the_cookie(desk: DeskHouse) -> None:
    token = desk.signed_in[desk.viewer.user_id].token

    desk.accounts.sign_out(desk.viewer)

    assert desk.accounts.actor(token) is None
    for other in ("", "x", token[:-1], desk.signed_in[desk.viewer.user_id].device):
        assert desk.accounts.actor(other) is None


def test_one_sees_and_ends_the_own_sessions_and_no_others(desk: DeskHouse) -> None:
    second = sign_in(desk, desk.viewer)
    third = sign_in(desk, desk.viewer)
    mine = desk.accounts.me(desk.viewer)
    assert {one.id for one in mine.sessions} == {
        desk.viewer.session_id,
        second.actor.session_id,
        third.actor.session_id,
    }
    assert {one.user_id for one in mine.sessions} == {desk.viewer.user_id}

    refused(Missing, lambda: desk.accounts.end_session(desk.viewer, desk.admin.session_id))
    assert desk.accounts.actor(desk.signed_in[desk.admin.user_id].token) == desk.admin
    desk.accounts.end_session(desk.viewer, second.actor.session_id)
    assert desk.accounts.actor(second.token) is None
    assert desk.accounts.actor(third.token) is not None
    assert desk.accounts.end_other_sessions(desk.viewer) == 1

    assert desk.accounts.actor(third.token) is None
    assert desk.accounts.actor(desk.signed_in[desk.viewer.user_id].token) == desk.viewer


# --- rights -----------------------------------------------------------------------------------------


def test_rights_are_read_anew_for_every_request(desk: DeskHouse) -> None:
    token = desk.signed_in[desk.consultant.user_id].token

    desk.accounts.change(
        desk.admin,
        desk.consultant.user_id,
        name="Kim",
        role="viewer",
        organisations=[desk.elsewhere.id],
    )

    found = desk.accounts.actor(token)
    assert found is not None
    assert (found.role, found.name) == ("viewer", "Kim")
    assert found.organisations == {desk.elsewhere.id}


def test_a_user_who_is_disabled_is_out_at_once_and_let_in_again_with_the_same_password(
    desk: DeskHouse,
) -> None:
    token = desk.signed_in[desk.viewer.user_id].token
    link = code_of(desk.accounts.new_link(desk.admin, desk.viewer.user_id).address)

    desk.accounts.disable(desk.admin, desk.viewer.user_id)

    assert desk.accounts.actor(token) is None
    refused(Missing, lambda: desk.accounts.invited(link))
    refused(NotLetIn, lambda: sign_in(desk, desk.viewer))
    assert wrong(lambda: desk.accounts.new_link(desk.admin, desk.viewer.user_id)) == ("user", "user_disabled")

    desk.accounts.enable(desk.admin, desk.viewer.user_id)

    assert desk.accounts.actor(token) is None
    refused(Missing, lambda: desk.accounts.invited(link))
    assert sign_in(desk, desk.viewer).actor.user_id == desk.viewer.user_id


def test_the_last_admin_who_can_come_in_stays_one(desk: DeskHouse) -> None:
    # Invited, but without a password: this one cannot let anybody in.
    waiting = desk.accounts.invite(desk.admin, email="k@p.example", name="Kim", role="admin")
    me = desk.admin.user_id

    def demote(who: str) -> None:
        desk.accounts.change(desk.admin, who, name="A", role="viewer", organisations=[])

    assert wrong(lambda: desk.accounts.disable(desk.admin, me)) == ("user", "last_admin")
    assert wrong(lambda: demote(me)) == ("user", "last_admin")
    code = code_of(waiting.address)
    second = desk.accounts.take_up(code, name="Kim", password=PASSWORD, language="nl", device="").actor

    demote(me)

    assert wrong(lambda: desk.accounts.disable(second, second.user_id)) == ("user", "last_admin")


def test_two_admins_who_disable_each_other_at_once_do_not_both_succeed(desk: DeskHouse) -> None:
    other = desk.user("admin")
    ready, done = threading.Barrier(2), []

    def disable(actor: Actor, whom: Actor) -> None:
        ready.wait(10)
        try:
            desk.accounts.disable(actor, whom.user_id)
            done.append("disabled")
        except Wrong as error:
            done.append(error.key)

    crowd = [
        threading.Thread(target=disable, args=pair) for pair in ((desk.admin, other), (other, desk.admin))
    ]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(30)

    assert sorted(done) == ["disabled", "last_admin"]


@pytest.mark.parametrize("who", ["consultant", "viewer"])
def test_only_admins_see_and_change_users(desk: DeskHouse, who: str) -> None:
    actor, other = getattr(desk, who), desk.stranger.user_id
    before = desk.house.rows(tables.users), desk.house.rows(tables.user_organisations)
    acts: list[Callable[[], Any]] = [
        lambda: desk.accounts.users(actor),
        lambda: desk.accounts.user(actor, other),
        lambda: desk.accounts.user_called(actor, "x@y.example"),
        lambda: desk.accounts.organisations(actor),
        lambda: desk.accounts.invite(actor, email="k@p.example", name="K", role="admin"),
        lambda: desk.accounts.change(actor, actor.user_id, name="K", role="admin", organisations=[]),
        lambda: desk.accounts.disable(actor, other),
        lambda: desk.accounts.enable(actor, other),
        lambda: desk.accounts.new_link(actor, other),
        lambda: desk.accounts.end_sessions(actor, other),
    ]

    for act in acts:
        with pytest.raises((Missing, Refused)):
            act()

    assert (desk.house.rows(tables.users), desk.house.rows(tables.user_organisations)) == before
    assert desk.accounts.actor(desk.signed_in[other].token) == desk.stranger


def test_users_are_listed_a_page_at_a_time(desk: DeskHouse) -> None:
    for number in range(60):
        desk.accounts.invite(MACHINE, email=f"z{number:02}@peil.example", name="Z", role="viewer")

    one, further = desk.accounts.users(desk.admin)
    assert further is not None
    two, end = desk.accounts.users(desk.admin, further)

    emails = [found.user.email for found in (*one, *two)]
    assert (len(one), end) == (50, None)
    assert emails == sorted(row["email"] for row in desk.house.rows(tables.users))


# --- the audit log ----------------------------------------------------------------------------------


def test_what_happens_to_accounts_is_written_down_without_words_and_addresses(desk: DeskHouse) -> None:
    start = len(desk.audit())
    me = desk.admin.user_id
    made = desk.accounts.invite(desk.admin, email="kim@p.example", name="Kim", role="viewer").user.id
    code = code_of(desk.accounts.new_link(desk.admin, made).address)
    kim = desk.accounts.take_up(code, name="Kim", password=PASSWORD, language="nl", device="").actor
    refused(NotLetIn, lambda: desk.accounts.sign_in("kim@p.example", OTHER, device=""))
    again = desk.accounts.sign_in("kim@p.example", PASSWORD, device="").actor
    desk.accounts.change_me(kim, name="Kim de Wit", language="en")
    desk.accounts.change(
        desk.admin, made, name="Kim", role="consultant", organisations=[desk.organisation.id]
    )
    desk.accounts.sign_out(again)
    desk.accounts.end_sessions(desk.admin, made)
    desk.accounts.disable(desk.admin, made)
    desk.accounts.enable(MACHINE, made)

    lines = desk.house.rows(tables.audit)[start:]

    assert [(one["user_id"], one["action"], one["object_id"]) for one in lines] == [
        (me, "user_invited", made),
        (me, "user_link_made", made),
        (made, "password_set", made),
        (None, "sign_in_failed", None),
        (made, "signed_in", again.session_id),
        (made, "me_changed", made),
        (me, "user_changed", made),
        (made, "signed_out", again.session_id),
        (me, "sessions_ended", made),
        (me, "user_disabled", made),
        (None, "user_enabled", made),
    ]
    assert lines[6]["detail"] == {
        "fields": ["name", "role", "organisations"],
        "role": "consultant",
        "organisations": [desk.organisation.id],
    }
    assert [one["role"] for one in lines[-2:]] == ["admin", "machine"]
    assert "p.example" not in repr(lines)
    assert "Kim" not in repr(lines)


def test_a_line_of_the_audit_log_can_be_neither_changed_nor_taken_away(desk: DeskHouse) -> None:
    before = desk.house.rows(tables.audit)
    for statement in (tables.audit.update().values(action="nothing"), tables.audit.delete()):
        with pytest.raises(Exception, match="kept as it is"), desk.house.store.write() as work:
            work._connection.execute(statement)

    # SQLite replaces a line without deleting it first.
    again = tables.audit.insert().prefix_with("OR REPLACE") if desk.house.is_sqlite else tables.audit.insert()
    with desk.house.store.write() as work, pytest.raises(Exception, match=r"kept as it is|duplicate"):
        work._connection.execute(again.values({**before[0], "action": "nothing"}))

    assert desk.house.rows(tables.audit) == before


def lines_of(desk: DeskHouse, count: int, organisation_id: str | None, action: str = "seen") -> None:
    with desk.house.store.write() as work:
        for _ in range(count):
            work.add_audit(
                at=desk.house.clock(),
                user_id=None,
                role=None,
                action=action,
                kind="test",
                object_id=None,
                organisation_id=organisation_id,
                detail={},
            )
        work.commit()


def test_consultants_read_the_log_of_their_own_organisations_and_viewers_none(desk: DeskHouse) -> None:
    lines_of(desk, 2, desk.organisation.id)
    lines_of(desk, 3, desk.elsewhere.id)

    own = desk.accounts.log(desk.consultant)
    assert [one.organisation_id for one in own.lines] == [desk.organisation.id] * 2
    assert [one.id for one in own.organisations] == [desk.organisation.id]
    both = desk.accounts.log(desk.admin, action="seen")
    assert [one.organisation_id for one in both.lines] == [desk.elsewhere.id] * 3 + [desk.organisation.id] * 2
    assert len(desk.accounts.log(desk.admin, organisation_id=desk.elsewhere.id).lines) == 3
    # What belongs to no organisation is for admins.
    assert "user_invited" in {one.action for one in desk.accounts.log(desk.admin).lines}

    refused(Missing, lambda: desk.accounts.log(desk.consultant, organisation_id=desk.elsewhere.id))
    refused(Missing, lambda: desk.accounts.log(desk.consultant, organisation_id="0" * 16))
    refused(Refused, lambda: desk.accounts.log(desk.viewer))
    refused(Refused, lambda: desk.accounts.log(desk.viewer, organisation_id=desk.organisation.id))
    nowhere = desk.user("consultant")
    assert desk.accounts.log(nowhere).lines == ()
    refused(Refused, lambda: desk.accounts.log(desk.user("viewer")))


@pytest.mark.parametrize("who", ["admin", "consultant"])
def test_the_log_is_read_back_page_by_page_without_a_line_lost_or_twice(desk: DeskHouse, who: str) -> None:
    lines_of(desk, 130, desk.organisation.id)
    actor, seen, before = getattr(desk, who), [], None

    while True:
        page = desk.accounts.log(actor, before=before, organisation_id=desk.organisation.id)
        seen += [one.id for one in page.lines]
        before = page.further
        if before is None:
            break

    rows = [r["id"] for r in desk.house.rows(tables.audit) if r["organisation_id"] == desk.organisation.id]
    assert seen == rows[::-1]


@pytest.mark.parametrize("who", ["admin", "consultant"])
def test_a_rare_line_is_found_by_looking_further_and_never_all_at_once(desk: DeskHouse, who: str) -> None:
    lines_of(desk, 1, desk.organisation.id, "rare")
    lines_of(desk, 2500, desk.organisation.id)
    actor = getattr(desk, who)

    near = desk.accounts.log(actor, action="rare")
    assert near.lines == ()
    assert near.further is not None
    far = desk.accounts.log(actor, action="rare", before=near.further)

    assert [one.action for one in far.lines] == ["rare"]
    assert far.further is None


def test_the_log_is_shown_up_to_a_moment(desk: DeskHouse) -> None:
    lines_of(desk, 3, desk.organisation.id, "before")
    desk.house.clock.move(days=2)
    middle = desk.house.clock()
    lines_of(desk, 3, desk.organisation.id, "after")

    up_to = desk.accounts.log(desk.consultant, until=middle)
    since = desk.accounts.log(desk.consultant, since=middle)

    assert {one.action for one in up_to.lines} == {"before"}
    assert {one.action for one in since.lines} == {"after"}
    assert desk.accounts.log(desk.consultant, since=desk.house.clock()).lines == ()


# --- the command line -------------------------------------------------------------------------------


def peil(house: House, *words: str) -> Result:
    env = {
        "PEIL_DATA_DIR": str(house.settings.data_dir),
        "PEIL_DATABASE_URL": house.database_url,
        "PEIL_DEFINITIONS": str(house.definitions),
    }
    return CliRunner().invoke(main, ["user", *words], env=env)


def test_users_are_made_listed_and_kept_out_on_the_command_line(empty: House) -> None:
    empty.peil.campaigns.create_organisation("Het Theehuis")

    said = peil(empty, "first")
    assert said.exit_code == 0, said.output
    assert said.stdout.splitlines()[1] == empty.peil.desk.accounts.first_address()
    let_in = first(empty)
    assert "There are users already" in peil(empty, "first").stderr

    words = ("add", "kim@peil.example", "--name", "Kim", "--role", "viewer", "--organisation", "het theehuis")
    said = peil(empty, *words)
    assert said.exit_code == 0, said.output
    kim = empty.peil.desk.accounts.user_called(let_in.actor, "kim@peil.example")
    assert said.stdout.splitlines()[-1] == kim.address
    assert [one.name for one in kim.organisations] == ["Het Theehuis"]
    assert "a user with this address already" in peil(empty, *words).stderr
    assert "no organisation" in peil(empty, *words[:-1], "De Slager").stderr

    said = peil(empty, "link", "KIM@peil.example")
    assert said.stdout.splitlines()[-1] not in (kim.address, "")
    assert peil(empty, "list").stdout.splitlines() == [
        "bo@peil.example  Bo  admin  active  all organisations",
        "kim@peil.example  Kim  viewer  invited  Het Theehuis",
    ]
    assert "no user with this address" in peil(empty, "link", "an@peil.example").stderr
    assert "last admin" in peil(empty, "disable", "bo@peil.example").stderr
    assert "signed out from 1 session." in peil(empty, "sessions", "end", "bo@peil.example").stdout
    assert empty.peil.desk.accounts.actor(let_in.token) is None
    assert peil(empty, "disable", "kim@peil.example").exit_code == 0
    assert empty.peil.desk.accounts.user_called(let_in.actor, "kim@peil.example").state == "disabled"
    assert peil(empty, "enable", "kim@peil.example").exit_code == 0
    assert empty.peil.desk.accounts.user_called(let_in.actor, "kim@peil.example").state == "outside"
