"""Whatever is sent to the contracts, by whoever may send it, no answer is an error of ours (5xx).

schemathesis makes requests from the OpenAPI documents of the gateway and of the desk. Ids that nobody can
guess are put in for it, or it would never get past the first look; so are the names of a form's fields, which
are found in the pages, and the token that goes with each form.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.assessment.records import Campaign
from bot.desk.app import make_desk
from bot.gateway import app as application
from bot.service.campaign_input import NewCampaign
from bot.service.desk.access import Actor
from tests.integration.desk.conftest import DeskHouse
from tests.integration.gateway import FakeEngine
from tests.integration.parts import Clock, House, Person, make_prepared_url

EXAMPLES = 4
FUZZ = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@dataclass
class Form:
    """A form of a page: where it goes, and name -> values that the page offers."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class Forms(HTMLParser):
    """Finds the forms that change something, with their fields, and the addresses that a page leads to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.links: list[str] = []
        self._open: Form | None = None
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "a" and named.get("href", "").startswith("/desk"):
            self.links.append(named["href"].partition("#")[0])
        if tag == "form":
            self._open = Form(named.get("action", "")) if named.get("method", "").lower() == "post" else None
            if self._open is not None:
                self.found.append(self._open)
        if self._open is None:
            return
        if tag in ("input", "textarea", "select", "button") and named.get("name"):
            self._select = named["name"]
            self._open.fields.setdefault(named["name"], []).append(named.get("value", ""))
        if tag == "option" and self._select:
            self._open.fields[self._select].append(named.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


class Furnished:
    """A desk with something on it: campaigns by name and anonymous, people who finished, one who stopped."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.desk = DeskHouse(house)
        self.campaigns = [self._campaign("Ronde", anonymous=False), self._campaign("Stil", anonymous=True)]
        self.people: list[Person] = []
        self.invitations: list[str] = []
        for campaign in self.campaigns:
            count = 2 if campaign.anonymous else 6
            made = house.peil.campaigns.invite(campaign.id, "single", count=count)
            self.invitations += [one.id for one in made]
            for number, one in enumerate(made):
                self.people.append(self._person(one.id, 6 if number else 3))
        self.runs = [house.runs(one.id)[-1].id for one in self.people]
        self.requests = self._requests()

    def _campaign(self, name: str, *, anonymous: bool) -> Campaign:
        return self.house.peil.campaigns.create(
            NewCampaign(self.desk.organisation.name, name, ["teahouse"], anonymous=anonymous)
        ).campaign

    def _person(self, invitation_id: str, answers: int) -> Person:
        code = self.house.use_cases.codes.code("invitation", invitation_id)
        person = Person(self.house, code=code, segments={})
        for option in ("3", "1", "1"):
            person.say(option)
        for level in (1, 2, 2, 1, 3, 2)[:answers]:
            person.say(str(level))
        return person

    def _requests(self) -> list[str]:
        cases = self.house.peil.desk.privacy
        return [
            cases.add(self.desk.admin, self.desk.organisation.id, kind, "Anna").id
            for kind in ("see", "erase")
        ]

    @property
    def ids(self) -> dict[str, list[str]]:
        """Name of a path's parameter -> what there is of it."""
        return {
            "campaign_id": [one.id for one in self.campaigns],
            "organisation_id": [self.desk.organisation.id, self.desk.elsewhere.id],
            "assessment_id": self.runs,
            "invitation_id": self.invitations,
            "request_id": self.requests,
            "user_id": [self.desk.viewer.user_id, self.desk.stranger.user_id],
            "model_id": ["teahouse"],
            "item_id": ["tea.leaves"],
            "channel": ["web", "telegram"],
            "kind": ["png", "svg"],
            "note_id": ["1"],
            "language": ["nl", "en"],
        }


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def furnished(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Furnished]:
    folder: Path = tmp_path_factory.mktemp("fuzzed")
    house = House(folder, make_prepared_url(request, folder), Clock(), prepared=True)
    yield Furnished(house)
    house.close()


class Sender:
    """Sends what schemathesis has made, in one event loop, as somebody who is signed in."""

    def __init__(self, furnished: Furnished) -> None:
        self._furnished = furnished
        self._runner = asyncio.Runner()
        house = furnished.house
        self.app = application.create_app(house.peil, engine=FakeEngine(house), services=[])
        self._stack = AsyncExitStack()
        self._runner.run(self._stack.enter_async_context(self.app.router.lifespan_context(self.app)))
        self._answered: dict[str, set[int]] = {}

    def close(self) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()

    def send(
        self,
        actor: Actor | None,
        method: str,
        address: str,
        *,
        headers: Mapping[str, str] | None = None,
        **how: Any,
    ) -> httpx.Response:
        """The answer. What the application does not catch itself is raised, so that a test shows it."""

        async def sent() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=("192.0.2.1", 50000))
            async with httpx.AsyncClient(transport=transport, base_url="http://peil.test") as client:
                if actor is not None:
                    let_in = self._furnished.desk.signed_in[actor.user_id]
                    client.cookies.set("peil_desk", let_in.token, domain="peil.test", path="/desk")
                return await client.request(method, address, headers=headers, **how)

        return self._runner.run(sent())

    def csrf(self, actor: Actor) -> str:
        page = self.send(actor, "GET", "/desk/me").text
        return page.partition('name="csrf" value="')[2].partition('"')[0]


@pytest.fixture
def sender(furnished: Furnished) -> Iterator[Sender]:
    made = Sender(furnished)
    yield made
    made.close()


def operations(document: dict[str, Any]) -> list[Any]:
    """What looks first, then what changes; what erases or ends something last."""
    ending = ("erase", "close", "revoke", "disable", "end", "sign-out", "discard", "withdraw", "delete")
    found = [one.ok() for one in schemathesis.openapi.from_dict(document).get_all_operations()]
    return sorted(
        found, key=lambda one: (one.method != "get", any(part in one.path for part in ending), one.path)
    )


def failures(fuzz: Callable[[Any], None], every: list[Any]) -> list[str]:
    """What fails, an operation each: one that does must not hide the others."""
    found = []
    for operation in every:
        try:
            fuzz(operation)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            said = f"{type(error).__name__}: {str(error)[:300]} ({Path(where.filename).name}:{where.lineno})"
            found.append(f"{operation.method} {operation.path}: {said}")
    return found


def check(response: httpx.Response, about: str) -> None:
    assert response.status_code < 500, f"{about} answered {response.status_code}: {response.text[:300]}"


# Text that finds the seams: too long, empty, signs of SQL and HTML, what no database keeps.
HOSTILE = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "",
            " ",
            "\x00",
            "a\x00b",
            "'; --",
            "<script>",
            "%00",
            "-1",
            "0",
            "99999999999999999999",
            "1e9",
            "\ud83d",
        ]
    ),
    st.integers().map(str),
    st.text("ab \n", min_size=5_000, max_size=5_000),
)


def words(value: str) -> str:
    """What can be sent at all: a lone surrogate cannot."""
    return value.encode("utf-8", "replace").decode("utf-8")


# --- the chat ---------------------------------------------------------------------------------------


def test_nothing_that_is_sent_to_the_chat_makes_it_fail(furnished: Furnished, sender: Sender) -> None:
    document = sender.app.openapi()
    token = furnished.house.peil.use_cases.codes.code("invitation", furnished.invitations[0])
    started = sender.send(None, "POST", "/api/chat/conversations", json={"language": "nl", "prefill": {}})
    bearer = {"Authorization": f"Bearer {started.json()['token']}"}
    statuses: set[int] = set()

    def fuzz(operation: Any) -> None:
        @FUZZ
        @given(st.data())
        def sent(data: st.DataObject) -> None:
            case = data.draw(operation.as_strategy())
            body = case.body if isinstance(case.body, dict) else None
            if body is not None and "code" in body and data.draw(st.booleans()):
                case.body = {**body, "code": token}
            query = {**(case.query or {})}
            if "wait" in query:
                query["wait"] = "0"  # nobody waits here for news
            how = case.as_transport_kwargs(base_url="http://peil.test")
            response = sender.send(
                None, how["method"], how["url"], params=query, json=how.get("json"), headers=bearer
            )
            check(response, f"{operation.method} {operation.path} {case.body!r}")
            statuses.add(response.status_code)

        sent()

    assert failures(fuzz, operations(document)) == []

    # Some got through, or the door alone was tried.
    assert statuses & {200, 201}


# --- the desk ---------------------------------------------------------------------------------------


def crawl(
    sender: Sender, actor: Actor, starts: list[str], most: int = 60
) -> tuple[dict[str, Form], list[str]]:
    """Address -> the form that goes there, of all pages that can be reached; and which of them fail."""
    seen, waiting, forms, failed = set(), list(starts), {}, []
    while waiting and len(seen) < most:
        address = waiting.pop(0)
        path = address.partition("?")[0]
        if path in seen or "." in path:  # files have no forms, and take long to make
            continue
        seen.add(path)
        try:
            response = sender.send(actor, "GET", address)
            check(response, f"GET {address}")
        except Exception as error:
            failed.append(f"GET {address}: {error!r}")
            continue
        if "text/html" not in response.headers.get("content-type", ""):
            continue
        page = Forms(response.text)
        waiting += page.links
        for form in page.found:
            forms.setdefault((form.action or address).partition("?")[0], form)
    return forms, failed


def matching(path: str, forms: Mapping[str, Form]) -> Form | None:
    """The form that goes to an address of this shape ('/campaigns/{campaign_id}/close')."""
    parts = path.strip("/").split("/")
    for action, form in forms.items():
        there = action.removeprefix("/desk").strip("/").split("/")
        if len(there) == len(parts) and all(
            "{" in wanted or wanted == found for wanted, found in zip(parts, there, strict=True)
        ):
            return form
    return None


def test_nothing_that_is_sent_to_the_desk_makes_it_fail(furnished: Furnished, sender: Sender) -> None:
    desk, ids = furnished.desk, furnished.ids
    starts = [
        "/desk/",
        *(f"/desk/campaigns/{one}" for one in ids["campaign_id"]),
        *(f"/desk/assessments/{one}" for one in ids["assessment_id"][:2]),
        *(f"/desk/privacy/{one}" for one in ids["request_id"]),
        "/desk/users",
        "/desk/me",
    ]
    forms, failed = crawl(sender, desk.admin, starts)
    assert len(forms) >= 10
    statuses: dict[str, set[int]] = {}

    def fuzz(operation: Any) -> None:
        # A user of its own each time: one operation signs out, the next one must not be signed out.
        actor = desk.user("admin")
        csrf = sender.csrf(actor)
        form = matching(operation.path, forms)
        label = f"{operation.method} {operation.path}"
        told = statuses.setdefault(label, set())

        @FUZZ
        @given(st.data())
        def sent(data: st.DataObject) -> None:
            case = data.draw(operation.as_strategy())
            real = {
                name: data.draw(st.sampled_from([*ids[name] * 2, str(value)])) if name in ids else value
                for name, value in (case.path_parameters or {}).items()
            }
            case.path_parameters = real
            how = case.as_transport_kwargs(base_url="http://peil.test/desk")
            query = {name: words(str(value)) for name, value in (case.query or {}).items()}
            body = None
            if operation.method == "post":
                body = {name: words(str(value)) for name, value in made_of(case.body).items()}
                if form is not None:
                    for name, offered in form.fields.items():
                        if data.draw(st.integers(0, 5)):
                            body[name] = words(data.draw(st.one_of(st.sampled_from(offered), HOSTILE)))
                body["csrf"] = csrf
            response = sender.send(actor, how["method"], how["url"], params=query, data=body)
            check(response, f"{label} {real} {query} {body}")
            told.add(response.status_code)

        sent()

    assert failed + failures(fuzz, operations(make_desk(furnished.house.peil).openapi())) == []

    # The door was not all that was tried: most pages were seen, and some forms did what they are for.
    through = [label for label, told in statuses.items() if told & {200, 303}]
    assert len(through) > len(statuses) / 2, sorted(set(statuses) - set(through))
    refused = {label for label, told in statuses.items() if told == {403}}
    # Whoever has the wrong password is told so with a 403.
    assert refused <= {"post /sign-in"}, "the token was not taken"


def made_of(body: Any) -> Mapping[str, Any]:
    """A body's fields; none where there is no body, or one that is no form."""
    return body if isinstance(body, dict) else {}


@pytest.mark.parametrize("who", ["consultant", "viewer", "stranger"])
def test_no_page_fails_for_those_who_may_not_see_everything(
    who: str, furnished: Furnished, sender: Sender
) -> None:
    """Every page that an admin is led to answers others kindly as well."""
    actor: Actor = getattr(furnished.desk, who)

    def look(operation: Any) -> None:
        path = operation.path
        for name, values in furnished.ids.items():
            path = path.replace(f"{{{name}}}", values[0])
        check(sender.send(actor, "GET", f"/desk{path}"), f"{who}: GET {path}")

    every = operations(make_desk(furnished.house.peil).openapi())
    assert failures(look, [one for one in every if one.method == "get"]) == []


def test_what_fails_is_seen_here(furnished: Furnished, sender: Sender) -> None:
    """The check itself: a page that raises does not pass for one that answers."""

    def broken() -> None:
        raise ZeroDivisionError

    sender.app.router.add_route("/broken", lambda _: broken())
    sender.app.router.routes.insert(0, sender.app.router.routes.pop())

    with pytest.raises(ZeroDivisionError):
        sender.send(None, "GET", "/broken")
