"""The doors of the desk: cookies, forms, brute force, and addresses that lead elsewhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from http.cookies import Morsel, SimpleCookie

import httpx
import pytest

from bot import run
from bot.desk.accounts import _AT_ONCE
from bot.desk.pages import local_path
from bot.settings import ROOT
from bot.store import tables
from bot.texts import say, section
from tests.integration.desk.conftest import PASSWORD, Browser, DeskHouse
from tests.integration.parts import House

DOOR = "/desk/sign-in"


def cookies(response: httpx.Response) -> dict[str, Morsel[str]]:
    """The cookies that a response sets."""
    found: dict[str, Morsel[str]] = {}
    for line in response.headers.get_list("set-cookie"):
        found |= SimpleCookie(line)
    return found


async def sign_in(
    browser: Browser, email: str, password: str = PASSWORD, *, query: str = ""
) -> httpx.Response:
    return await browser.submit(DOOR + query, {"email": email, "password": password}, at=DOOR)


def told(response: httpx.Response, key: str, language: str = "nl", **values: object) -> bool:
    """Whether a page holds this sentence; of one with a number in it, the rest."""
    sentence = say(language, key, **values)
    return sentence.replace("'", "&#39;") in response.text


# --- in and out -------------------------------------------------------------------------------------


async def test_one_signs_in_sees_a_page_and_signs_out(desk: DeskHouse) -> None:
    async with desk.client() as browser:
        closed = await browser.get("/desk/me")
        assert (closed.status_code, closed.headers["location"]) == (303, "/desk/sign-in?next=%2Fdesk%2Fme")

        let_in = await sign_in(browser, desk.email(desk.viewer), query="?next=/desk/me")
        assert (let_in.status_code, let_in.headers["location"]) == (303, "/desk/me")
        assert (await browser.get("/desk/me")).status_code == 200
        kept = browser.cookies["peil_desk"]

        out = await browser.submit("/desk/sign-out")
        assert (out.status_code, out.headers["location"]) == (303, "/desk/sign-in?lang=nl")
        assert "peil_desk" not in browser.cookies
        # Whoever kept what the cookie held has nothing either.
        browser.cookies.set("peil_desk", kept, domain="peil.test", path="/desk")
        assert (await browser.get("/desk/me")).status_code == 303


async def test_a_wrong_password_and_an_unknown_address_look_the_same(desk: DeskHouse) -> None:
    pages = []
    for email in (desk.email(desk.viewer), "nobody@peil.example"):
        async with desk.client() as browser:
            found = await sign_in(browser, email, "een ander lang geheim")
            assert found.status_code == 403
            assert told(found, "desk_accounts.not_let_in")
            assert "peil_desk" not in browser.cookies
            body = found.text.replace(email, "")
            pages.append(re.sub(r'name="csrf" value="\w+"', "", body))

    assert pages[0] == pages[1]


async def test_who_tries_an_address_too_often_is_told_how_long_to_wait(desk: DeskHouse) -> None:
    async with desk.client() as browser:
        for _ in range(5):
            assert (await sign_in(browser, "nobody@peil.example", "x" * 12)).status_code == 403
        found = await sign_in(browser, "nobody@peil.example", "x" * 12)

    assert (found.status_code, found.headers["retry-after"]) == (429, "10")
    assert told(found, "desk_accounts.wait", seconds=10)


async def test_who_tries_many_addresses_from_one_network_has_to_wait_as_well(desk: DeskHouse) -> None:
    async with desk.client(address="192.0.2.7") as browser:
        for number in range(_AT_ONCE):
            assert (await sign_in(browser, f"n{number}@peil.example", "x" * 12)).status_code == 403
        assert (await sign_in(browser, "last@peil.example", "x" * 12)).status_code == 429
        assert (await sign_in(browser, desk.email(desk.viewer))).status_code == 429
    async with desk.client(address="192.0.2.8") as elsewhere:
        assert (await sign_in(elsewhere, desk.email(desk.viewer))).status_code == 303


async def test_who_comes_in_gets_a_new_session_and_the_one_of_before_ends(desk: DeskHouse) -> None:
    async with desk.client(desk.viewer) as browser:
        before = browser.cookies["peil_desk"]
        let_in = await browser.submit(DOOR, {"email": desk.email(desk.consultant), "password": PASSWORD})

    assert let_in.status_code == 303
    assert cookies(let_in)["peil_desk"].value != before
    assert desk.accounts.actor(before) is None
    found = desk.accounts.actor(cookies(let_in)["peil_desk"].value)
    assert found is not None
    assert found.user_id == desk.consultant.user_id


async def test_the_invitation_lets_its_user_in_once(desk: DeskHouse) -> None:
    invited = desk.accounts.invite(
        desk.admin, email="kim@p.example", name="Kim", role="viewer", language="en"
    )
    assert invited.address is not None
    path = invited.address.removeprefix(desk.house.settings.public_url)
    async with desk.client() as browser:
        # In the language that the inviter thought of, and in another if one asks for it.
        first = await browser.get(path)
        assert first.headers["location"] == f"{path}?lang=en"
        assert told(await browser.get(f"{path}?lang=nl"), "desk_accounts.welcome_title")
        for _ in range(3):  # looking at it, as a preview does, uses nothing up
            assert told(await browser.get(f"{path}?lang=en"), "desk_accounts.welcome_title", "en")

        form = {"name": "Kim", "language": "nl", "password": "te kort"}
        short = await browser.submit(path, form, at=f"{path}?lang=en")
        assert short.status_code == 422
        assert told(short, "desk_accounts.password_short")
        done = await browser.submit(path, {**form, "password": PASSWORD}, at=f"{path}?lang=en")
        assert (done.status_code, done.headers["location"]) == (303, "/desk/")
        mine = await browser.get("/desk/me")
        assert 'lang="nl"' in mine.text
        assert told(mine, "desk_accounts.welcome_done")

        gone = await browser.get(f"{path}?lang=en")
        assert gone.status_code == 404
        assert (await browser.submit(path, {**form, "password": PASSWORD})).status_code == 404


async def test_the_first_address_is_printed_by_peil_run_and_works_once(house: House) -> None:
    desk = DeskHouse.__new__(DeskHouse)
    desk.house, desk.accounts, desk.signed_in = house, house.peil.desk.accounts, {}
    said: list[str] = []
    run._greet(house.settings, said.append)
    address = said[-1]
    assert address == desk.accounts.first_address()
    path = address.removeprefix(house.settings.public_url)

    async with desk.client() as browser:
        assert told(await browser.get(DOOR), "desk_accounts.nobody")
        form = {"email": "bo@p.example", "name": "Bo", "language": "en", "password": PASSWORD}
        assert (await browser.submit("/desk/first/guessed", form, at=path)).status_code == 404
        assert (await browser.submit(path, {**form, "email": "bo"}, at=path)).status_code == 422
        done = await browser.submit(path, form, at=path)
        assert done.status_code == 303
        assert (await browser.get("/desk/users")).status_code == 200
        assert (await browser.get(path)).status_code == 404
        assert not told(await browser.get(DOOR), "desk_accounts.nobody")

    said.clear()
    run._greet(house.settings, said.append)
    assert "first" not in "".join(said)
    assert said[-1] == "The consultants' desk: http://127.0.0.1:8000/desk/"


# --- cookies ----------------------------------------------------------------------------------------


async def test_by_http_the_cookies_are_for_the_desk_only_and_no_script_reads_them(desk: DeskHouse) -> None:
    async with desk.client() as browser:
        set_ = cookies(await sign_in(browser, desk.email(desk.viewer)))

    assert set(set_) == {"peil_desk", "peil_desk_device"}
    for one in set_.values():
        assert (one["path"], one["httponly"], one["samesite"], one["secure"]) == ("/desk", True, "lax", "")
        assert one["domain"] == ""
    assert set_["peil_desk"]["max-age"] == str(7 * 24 * 60 * 60)


async def test_by_https_the_cookies_have_the_prefix_that_browsers_guard(
    make_desk: Callable[..., DeskHouse],
) -> None:
    desk = make_desk(public_url="https://peil.example")
    async with desk.client() as browser:
        browser.base_url = httpx.URL("https://peil.test")
        set_ = cookies(await sign_in(browser, desk.email(desk.viewer)))
        assert (await browser.get("/desk/me")).status_code == 200
        # A cookie of that name without the prefix could be set by a page of a neighbouring host.
        plain = desk.client(desk.viewer)
        assert (await plain.get("/desk/me")).status_code == 303

    assert set(set_) == {"__Host-peil_desk", "__Host-peil_desk_device"}
    for one in set_.values():
        assert (one["path"], one["httponly"], one["samesite"], one["secure"]) == ("/", True, "lax", True)
        assert one["domain"] == ""


async def test_pages_are_kept_nowhere_and_shown_in_no_frame(desk: DeskHouse) -> None:
    async with desk.client(desk.admin) as browser:
        for address in ("/desk/me", DOOR, "/desk/users", "/desk/no-such-page", "/desk/users/unknown"):
            found = await browser.get(address)
            assert found.headers["cache-control"] == "no-store", address
            policy = found.headers.get("content-security-policy", "")
            assert "frame-ancestors 'none'" in policy, address
            assert "unsafe" not in policy
            assert "style=" not in found.text, address
            assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=", found.text), address


# --- forms ------------------------------------------------------------------------------------------


async def test_a_form_without_the_token_of_this_session_changes_nothing(desk: DeskHouse) -> None:
    async with desk.client(desk.admin) as browser, desk.client(desk.consultant) as other:
        foreign = await other.csrf()
        for given in ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": "é"}, {"csrf": foreign}):
            found = await browser.post("/desk/me", data={"name": "Eve", "language": "nl", **given})
            assert found.status_code == 403, given
            assert told(found, "desk_layout.csrf")
        # What is no form has none.
        body = {"name": "Eve", "language": "nl", "csrf": await browser.csrf()}
        assert (await browser.post("/desk/me", json=body)).status_code == 403
        assert (await browser.post("/desk/me", data=body)).status_code == 303

    names = {row["name"] for row in desk.house.rows(tables.users)}
    assert "Eve" in names


async def test_before_signing_in_a_form_needs_the_cookie_that_came_with_it(desk: DeskHouse) -> None:
    form = {"email": desk.email(desk.viewer), "password": PASSWORD}
    async with desk.client() as victim, desk.client() as attacker:
        token = await attacker.csrf(DOOR)
        # As if another site sent a form to have somebody signed in as the attacker: the cookie is not there.
        assert (await victim.post(DOOR, data={**form, "csrf": token})).status_code == 403
        await victim.get(DOOR)
        assert (await victim.post(DOOR, data={**form, "csrf": token})).status_code == 403
        # Nor can a cookie be made that fits a token.
        made = desk.client()
        made.cookies.set("peil_desk_form", f"{'0' * 32}.{'0' * 64}", domain="peil.test", path="/desk")
        assert (await made.post(DOOR, data={**form, "csrf": token})).status_code == 403

        before = await victim.csrf(DOOR)
        assert (await victim.post(DOOR, data={**form, "csrf": before})).status_code == 303
        # The token of before signing in is none of the session.
        changed = {"name": "Eve", "language": "nl", "csrf": before}
        assert (await victim.post("/desk/me", data=changed)).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://peil.test"}, 403),
        ({"origin": "http://peil.test"}, 303),
        ({"origin": "https://peil.test"}, 303),
        ({"origin": "http://127.0.0.1:8000"}, 303),  # the public address, behind a proxy
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://peil.test.evil.example"}, 403),
        ({"origin": "http://peil.test:81"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://[bad"}, 403),
        ({"origin": ""}, 403),
    ],
)
async def test_a_form_that_another_site_sends_is_refused_even_with_the_token(
    desk: DeskHouse, headers: dict[str, str], status: int
) -> None:
    async with desk.client(desk.viewer) as browser:
        form = {"csrf": await browser.csrf(), "name": "Kim", "language": "nl"}
        found = await browser.post("/desk/me", data=form, headers=headers)

    assert found.status_code == status


async def test_a_nul_in_an_address_or_a_form_is_refused_kindly(desk: DeskHouse) -> None:
    async with desk.client(desk.admin) as browser:
        assert (await browser.get("/desk/users/%00")).status_code == 422
        assert (await browser.get("/desk/audit?who=%00")).status_code == 422
        assert (await browser.get("/desk/users?after=%00")).status_code == 422
        assert (await browser.submit("/desk/me", {"name": "a\x00b", "language": "nl"})).status_code == 422
    async with desk.client() as browser:
        assert (await sign_in(browser, "a\x00@b.example")).status_code == 422


# --- addresses that lead elsewhere ------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        *("", "/", "/desk", "https://evil.example", "//evil.example", "/\\evil.example", "javascript:x"),
        *("/desk\\..\\evil", "/deskevil/", "http:/desk/", " /desk/", "/desk/\r\nSet-Cookie: a=b", "/web/"),
        *("/desk/../web/", "/desk/a/../../web", "/desk/%2e%2E/web"),
        *("/desk/%252e./web", "/desk//evil.example"),
        *("/desk/%2Fevil.example", "/desk/..%2fweb", "/desk/%5c..%5cweb"),
    ],
)
async def test_after_signing_in_nobody_is_led_away_from_the_desk(desk: DeskHouse, address: str) -> None:
    assert local_path(address) == "/"
    async with desk.client() as browser:
        form = {"email": desk.email(desk.viewer), "password": PASSWORD, "csrf": await browser.csrf(DOOR)}
        found = await browser.post(DOOR, params={"next": address}, data=form)

    assert (found.status_code, found.headers["location"]) == (303, "/desk/")


@pytest.mark.parametrize(
    "address",
    [
        "/desk/users",
        "/desk/campaigns/1?tab=2",
        "/desk//evil.example",
        "/desk/../../evil",
        "/desk/@evil.example",
    ],
)
async def test_a_path_of_the_desk_is_gone_on_at_and_stays_on_this_host(desk: DeskHouse, address: str) -> None:
    async with desk.client() as browser:
        found = await sign_in(browser, desk.email(desk.viewer), query=f"?next={address.replace('?', '%3F')}")
        where = httpx.URL("http://peil.test/desk/sign-in").join(found.headers["location"])

    assert where.host == "peil.test"
    assert found.headers["location"].startswith("/desk/")


# --- pages ------------------------------------------------------------------------------------------


async def test_before_signing_in_the_language_is_that_of_the_address_or_the_browser(desk: DeskHouse) -> None:
    async with desk.client() as browser:
        for query, header, language in (
            ("", "nl-NL,nl;q=0.9", "nl"),
            ("", "en-GB", "en"),
            ("?lang=nl", "en-GB", "nl"),
            ("?lang=xx", "nl", "nl"),
        ):
            found = await browser.get(DOOR + query, headers={"accept-language": header})
            assert f'<html lang="{language}">' in found.text
            assert told(found, "desk_accounts.sign_in_title", language)


async def test_what_people_type_is_shown_as_text(desk: DeskHouse) -> None:
    evil = "<script>alert(1)</script>\"'"
    bad = desk.accounts.invite(desk.admin, email="k@p.example", name=evil, role="viewer").user
    async with desk.client() as browser:
        shown = await sign_in(browser, evil, evil)
        assert "<script>alert" not in shown.text
        assert "&lt;script&gt;" in shown.text
    async with desk.client(desk.admin) as browser:
        pages = ("/desk/users", f"/desk/users/{bad.id}", f"/desk/audit?who={evil}&action={evil}&what={evil}")
        for address in pages:
            assert "<script>alert" not in (await browser.get(address)).text, address
        form = {"email": evil, "name": evil, "role": evil, "language": evil, "organisations": []}
        shown = await browser.submit("/desk/users/new", form)
        assert shown.status_code == 422
        assert "<script>alert" not in shown.text


async def test_an_admin_invites_changes_and_keeps_out_on_the_pages(desk: DeskHouse) -> None:
    async with desk.client(desk.admin) as browser:
        form = {
            "email": "kim@p.example",
            "name": "Kim",
            "role": "consultant",
            "language": "nl",
            "organisations": [desk.organisation.id, desk.elsewhere.id],
        }
        made = await browser.submit("/desk/users/new", form)
        where = made.headers["location"]
        kim = desk.accounts.user_called(desk.admin, "kim@p.example")
        assert where == f"/desk/users/{kim.user.id}"
        page = await browser.get(where)
        assert kim.address is not None
        assert kim.address in page.text
        assert [one.name for one in kim.organisations] == ["De Bakkerij", "Het Theehuis"]

        await browser.submit(where, {"name": "Kim", "role": "viewer", "organisations": [desk.elsewhere.id]})
        await browser.submit(f"{where}/link")
        changed = desk.accounts.user(desk.admin, kim.user.id)
        assert (changed.user.role, [one.name for one in changed.organisations]) == ("viewer", ["De Bakkerij"])
        assert changed.address != kim.address
        await browser.submit(f"{where}/disable")
        assert desk.accounts.user(desk.admin, kim.user.id).state == "disabled"
        assert told(await browser.get(where), "desk_accounts.disabled_done")
        await browser.submit(f"{where}/enable")
        assert desk.accounts.user(desk.admin, kim.user.id).state == "outside"

        own = f"/desk/users/{desk.admin.user_id}"
        await browser.submit(f"{own}/disable")
        assert told(await browser.get(own), "desk_accounts.last_admin")
        kept = await browser.submit(own, {"name": "A", "role": "viewer"})
        assert kept.status_code == 422
        assert told(kept, "desk_accounts.last_admin")
        await browser.submit(f"/desk/users/{desk.viewer.user_id}/sessions/end")
        assert desk.accounts.actor(desk.signed_in[desk.viewer.user_id].token) is None


async def test_one_changes_the_own_name_language_password_and_sessions_on_a_page(desk: DeskHouse) -> None:
    second = desk.accounts.sign_in(desk.email(desk.viewer), PASSWORD, device="Safari, iPhone")
    async with desk.client(desk.viewer) as browser:
        assert "Safari, iPhone" in (await browser.get("/desk/me")).text
        ended = await browser.submit(f"/desk/me/sessions/{second.actor.session_id}/end")
        assert ended.status_code == 303
        assert desk.accounts.actor(second.token) is None
        assert (await browser.submit(f"/desk/me/sessions/{desk.admin.session_id}/end")).status_code == 404
        await browser.submit("/desk/me", {"name": "Vera", "language": "en"})
        page = await browser.get("/desk/me")
        assert told(page, "desk_accounts.me_title", "en")
        assert "Vera" in page.text

        form = {"now_used": "not this one", "password": "another long secret"}
        bad = await browser.submit("/desk/me/password", form)
        assert bad.status_code == 422
        assert told(bad, "desk_accounts.now_used_wrong", "en")
        before = browser.cookies["peil_desk"]
        done = await browser.submit("/desk/me/password", {**form, "now_used": PASSWORD})
        assert done.status_code == 303
        assert browser.cookies["peil_desk"] != before
        assert (await browser.get("/desk/me")).status_code == 200
        assert desk.accounts.actor(before) is None


async def test_the_log_is_filtered_and_paged_on_its_page(desk: DeskHouse) -> None:
    async with desk.client(desk.admin) as browser:
        everything = await browser.get("/desk/audit")
        assert say("nl", "desk_accounts.action.user_invited") in everything.text
        filtered = await browser.get("/desk/audit?action=password_set")
        assert f">{say('nl', 'desk_accounts.action.user_invited')}<" not in filtered.text
        empty = await browser.get("/desk/audit?until=2020-01-01")
        assert told(empty, "desk_accounts.audit_empty_title")
        for odd in ("until=9999-12-31", "until=0001-01-01", "until=x", "before=1", "organisation="):
            assert (await browser.get(f"/desk/audit?{odd}")).status_code == 200, odd
        assert (await browser.get("/desk/audit?before=99999999999999999999")).status_code == 422
        assert (await browser.get("/desk/audit?organisation=unknown")).status_code == 200


# --- devices ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari, iPhone",
        ),
        ("curl/8", ""),
        ("", ""),
    ],
)
async def test_a_session_is_named_by_browser_and_system(desk: DeskHouse, agent: str, device: str) -> None:
    async with desk.client() as browser:
        browser.headers["user-agent"] = agent
        await sign_in(browser, desk.email(desk.viewer))

    assert desk.accounts.me(desk.viewer).sessions[0].device == device


# What writes a line, in whatever part: the action is the first constant that it is given, then the kind.
_WRITES = ("record", "_record", "_note", "_noting", "_seen")


def _flat(given: list[ast.expr]) -> Iterator[ast.expr]:
    for one in given:
        if isinstance(one, ast.Starred) and isinstance(one.value, ast.Tuple):
            yield from _flat(one.value.elts)
        else:
            yield one


def _constants(given: ast.expr) -> set[str]:
    """The texts that an argument may be: itself, or either side of a choice."""
    sides = [given.body, given.orelse] if isinstance(given, ast.IfExp) else [given]
    return {one.value for one in sides if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def test_every_action_in_the_log_has_a_name_in_both_languages() -> None:
    """So that the log reads as sentences, whatever part has written a line."""
    actions, kinds = set(), set()
    for file in sorted((ROOT / "bot" / "service" / "desk").glob("*.py")):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] in _WRITES:
                given = [_constants(one) for one in _flat(call.args)]
                texts = [one for one in given if one]
                # Where a part has a function of its own for it, the constants are in the calls of that one.
                if ast.unparse(call.func) != "record" or given[2]:
                    actions |= texts[0] if texts else set()
                    texts = texts[1:]
                kinds |= texts[0] if texts else set()
    assert {"user_invited", "signed_in", "user_changed", "sign_in_failed", "session_ended"} <= actions
    assert {"user", "session", "campaign", "assessment"} <= kinds

    for language in ("nl", "en"):
        named = set(section(language, "desk_accounts"))
        missing = {f"action.{one}" for one in actions} | {f"kind.{one}" for one in kinds}
        assert missing - named == set(), language
