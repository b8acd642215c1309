"""Who may do what at the desk: role x object x action, over every route that it has.

A new route fails here until it has a line in MATRIX. Each is tried by everybody, with the ids of the own
organisation, of another one, and of nothing at all; what is refused must change nothing, and what is allowed
must do something. On SQLite only: who may what is decided before anything is asked of a database.
"""

from __future__ import annotations

import copy
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.desk.app import make_desk
from bot.service.desk.access import Actor
from bot.store import tables
from tests.integration.campaigning import campaign, complete, invite
from tests.integration.desk.conftest import Browser, DeskHouse, quick_passwords
from tests.integration.parts import Clock, House, Person

EVERYBODY = ("admin", "consultant", "viewer", "stranger", "strange_viewer")
OK = "ok"

Rule = Mapping[str, Any]


def _rule(*statuses: Any) -> Rule:
    return dict(zip(EVERYBODY, statuses, strict=True))


# What an object of the organisation 'Het Theehuis' answers to each; strangers are of another organisation.
ALL = _rule(OK, OK, OK, 404, 404)
STAFF = _rule(OK, OK, 403, 404, 404)
# What belongs to no organisation.
ADMIN = _rule(OK, 404, 404, 404, 404)
# What is nobody's in particular: everybody sees the own, and viewers have none of it.
STAFF_OWN = _rule(OK, OK, 403, OK, 403)
ANY = _rule(OK, OK, OK, OK, OK)


@dataclass(frozen=True)
class Line:
    """A route's line. `data`: what its form holds, with {ids} filled in. `after`: forms that are sent before.

    `page`: where its form stands, whose fields go with it. `same`: it changes nothing, allowed or not.
    """

    rule: Rule
    data: Mapping[str, str] = field(default_factory=dict)
    page: str | None = None
    after: tuple[tuple[str, str, Mapping[str, str]], ...] = ()
    same: bool = False


# For whoever is not signed in: tried in test_security.
PUBLIC = {
    *("GET /sign-in", "POST /sign-in", "GET /welcome/{code}", "POST /welcome/{code}"),
    *("GET /first/{code}", "POST /first/{code}", "GET /shared/{key}"),
    "GET /shared/{key}/radar.png",
}

_RESULT = "/assessments/{assessment_id}/advice"
_COMPANY = "/campaigns/{campaign_id}/advice/{model_id}"
_ITEM = {"item": "tea.leaves"}


def _advice(about: str) -> dict[str, Line]:
    """The lines of an editor of advice, which stands at this address."""
    added = {"do": "save", "introduction_nl": "Begin klein."}
    saved = (about, about, added)
    signed: tuple[str, str, dict[str, str]] = (f"{about}/sign", f"{about}/sign", {})
    return {
        f"GET {about}": Line(STAFF),
        f"POST {about}": Line(STAFF, added, page=about),
        f"GET {about}/sign": Line(STAFF),
        f"POST {about}/sign": Line(STAFF, page=f"{about}/sign", after=(saved,)),
        f"POST {about}/withdraw": Line(STAFF, page=about, after=(saved, signed)),
        f"POST {about}/discard": Line(STAFF, page=about, after=(saved,)),
    }


_SHARE = {"model": "teahouse", "language": "nl", "days": "30", "label": "Voor de directie"}
_PUBLISH = ("/campaigns/{campaign_id}/compare/publish", "/me", {"model": "teahouse"})

MATRIX: dict[str, Line] = {
    # accounts
    "POST /sign-out": Line(ANY),
    "GET /me": Line(ANY),
    "POST /me": Line(ANY, {"name": "Another Name", "language": "en"}),
    "POST /me/password": Line(ANY, {"now_used": "een heel lang geheim", "password": "een heel ander geheim"}),
    "POST /me/sessions/end-others": Line(ANY),
    "POST /me/sessions/{session_id}/end": Line(ANY),
    "GET /users": Line(ADMIN),
    "GET /users/new": Line(ADMIN),
    "POST /users/new": Line(
        ADMIN, {"email": "new@peil.example", "name": "New", "role": "viewer", "language": "nl"}
    ),
    "GET /users/{user_id}": Line(ADMIN),
    "POST /users/{user_id}": Line(ADMIN, {"name": "Changed", "role": "viewer"}),
    "POST /users/{user_id}/disable": Line(ADMIN),
    "POST /users/{user_id}/enable": Line(ADMIN, after=(("/users/{user_id}/disable", "/me", {}),)),
    "POST /users/{user_id}/link": Line(ADMIN),
    "POST /users/{user_id}/sessions/end": Line(ADMIN),
    "GET /audit": Line(STAFF_OWN),
    # organisations and campaigns
    "GET /": Line(ANY),
    "POST /organisations": Line(ADMIN, {"name": "De Slagerij"}),
    "GET /organisations/{organisation_id}": Line(ALL),
    "GET /campaigns/new": Line(STAFF, {"organisation": "{organisation_id}"}),
    "POST /campaigns/new": Line(
        STAFF,
        {
            **{"organisation": "{organisation_id}", "name": "Najaar", "models": "teahouse"},
            **{"anonymous": "no", "languages": "nl", "reminders": "0"},
        },
    ),
    "GET /campaigns/{campaign_id}": Line(ALL),
    "POST /campaigns/{campaign_id}/notes": Line(STAFF, {"note": "Let op."}),
    "POST /campaigns/{campaign_id}/notes/{note_id}/delete": Line(STAFF),
    "GET /campaigns/{campaign_id}/invite": Line(STAFF),
    "GET /campaigns/{campaign_id}/links.csv": Line(STAFF),
    "POST /campaigns/{campaign_id}/invite": Line(STAFF, {"kind": "open"}),
    "GET /campaigns/{campaign_id}/invite/{invitation_id}": Line(STAFF),
    "GET /campaigns/{campaign_id}/invite/{invitation_id}/{channel}.{kind}": Line(STAFF),
    "POST /campaigns/{campaign_id}/invite/{invitation_id}/revoke": Line(STAFF),
    "POST /campaigns/{campaign_id}/revoke-all": Line(STAFF),
    "GET /campaigns/{campaign_id}/remind": Line(STAFF),
    "POST /campaigns/{campaign_id}/remind": Line(STAFF),
    "POST /campaigns/{campaign_id}/close": Line(STAFF),
    "GET /campaigns/{campaign_id}/settings": Line(STAFF),
    "POST /campaigns/{campaign_id}/settings/sites": Line(STAFF, {"origin": "https://www.theehuis.example"}),
    "POST /campaigns/{campaign_id}/settings/promise": Line(STAFF, {"approve_first": "", "keep_days": "400"}),
    "POST /campaigns/{campaign_id}/settings/key": Line(STAFF),
    # privacy
    "GET /privacy": Line(STAFF_OWN),
    "POST /privacy": Line(STAFF, {"organisation": "{organisation_id}", "kind": "see", "who": "Kim"}),
    "GET /privacy/{request_id}": Line(STAFF),
    "POST /privacy/{request_id}/search": Line(STAFF, {"search": "Kim"}),
    "POST /privacy/{request_id}/person": Line(STAFF, {"person": "{conversation_id}"}),
    "POST /privacy/{request_id}/file": Line(STAFF),
    "POST /privacy/{request_id}/erase": Line(STAFF, {"confirmation": "wissen"}),
    "POST /privacy/{request_id}/finish": Line(STAFF, {"outcome": "refused"}),
    # respondents
    "GET /respondents": Line(STAFF_OWN),
    "GET /campaigns/{campaign_id}/respondents": Line(STAFF),
    "GET /campaigns/{campaign_id}/words": Line(STAFF),
    "GET /assessments/{assessment_id}": Line(STAFF),
    "GET /assessments/{assessment_id}.json": Line(STAFF),
    "GET /assessments/{assessment_id}/report.pdf": Line(STAFF),
    "GET /assessments/{assessment_id}/pictures/{picture_id}.png": Line(STAFF),
    "POST /assessments/{assessment_id}/judgements": Line(
        STAFF, {**_ITEM, "level": "2", "reason": "Gezien op de werkvloer.", "answer": "1"}
    ),
    "POST /assessments/{assessment_id}/notes": Line(STAFF, {**_ITEM, "text": "Nog eens vragen."}),
    "POST /assessments/{assessment_id}/notes/{respondent_note_id}/delete": Line(STAFF),
    "POST /assessments/{assessment_id}/marks": Line(STAFF, {**_ITEM, "mark": "follow_up"}),
    "POST /assessments/{assessment_id}/questions": Line(
        STAFF, {**_ITEM, "text": "Wat bedoel je?", "key": "k1"}
    ),
    "POST /assessments/{assessment_id}/questions/{question_id}/withdraw": Line(STAFF),
    "POST /assessments/{assessment_id}/approve": Line(STAFF),
    # advice
    "GET /campaigns/{campaign_id}/advice": Line(STAFF),
    **_advice(_RESULT),
    **_advice(_COMPANY),
    # comparing
    "GET /campaigns/{campaign_id}/compare": Line(ALL),
    "GET /campaigns/{campaign_id}/compare.png": Line(ALL),
    "POST /campaigns/{campaign_id}/compare/publish": Line(STAFF, {"model": "teahouse"}),
    "GET /campaigns/{campaign_id}/agenda": Line(ALL),
    "GET /campaigns/{campaign_id}/dropoff": Line(ALL),
    "GET /organisations/{organisation_id}/time": Line(ALL),
    "GET /organisations/{organisation_id}/time.png": Line(ALL),
    # handing over
    "GET /campaigns/{campaign_id}/handover": Line(ALL),
    "GET /campaigns/{campaign_id}/handover/figures.csv": Line(ALL, {"model": "teahouse"}),
    "GET /campaigns/{campaign_id}/handover/figures.xlsx": Line(ALL, {"model": "teahouse"}),
    "GET /campaigns/{campaign_id}/handover/figures.json": Line(ALL, {"model": "teahouse"}),
    "GET /campaigns/{campaign_id}/handover/report.pdf": Line(ALL, {"model": "teahouse"}),
    "POST /campaigns/{campaign_id}/handover/share": Line(STAFF, _SHARE, after=(_PUBLISH,)),
    "POST /campaigns/{campaign_id}/handover/withdraw": Line(
        STAFF,
        {"share": "{share}"},
        after=(_PUBLISH, ("/campaigns/{campaign_id}/handover/share", "/me", _SHARE)),
    ),
}

# Ids in a route that are another's by their place in it.
_RENAMED = {"/assessments/{assessment_id}/notes/{note_id}/delete": "{respondent_note_id}"}


def routes_of(app: Any) -> Iterator[str]:
    """'GET /me' of every route, with those that were included."""
    for route in app.routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from routes_of(inner)
        elif hasattr(route, "methods"):
            path = route.path
            renamed = path.replace("{note_id}", _RENAMED[path]) if path in _RENAMED else path
            yield from (f"{method} {renamed}" for method in sorted(route.methods - {"HEAD"}))


# --- the world --------------------------------------------------------------------------------------


@dataclass
class World:
    """A desk with all there can be in each of two organisations. `own`, `strange`: name -> id."""

    desk: DeskHouse
    folder: Path
    own: dict[str, str]
    strange: dict[str, str]
    unowned: str
    """An assessment that belongs to no campaign."""

    def again(self, folder: Path) -> World:
        """The same world in another folder, for one test to change."""
        shutil.copy(self.folder / "peil.db", folder / "peil.db")
        house = House(
            folder,
            f"sqlite:///{folder / 'peil.db'}",
            copy.copy(self.desk.house.clock),
            prepared=True,
            secret=_SECRET,
        )
        desk = copy.copy(self.desk)
        vars(desk).pop("app", None)
        desk.house, desk.cases, desk.accounts = house, house.peil.desk, house.peil.desk.accounts
        desk.accounts.passwords = quick_passwords()
        desk.signed_in = dict(self.desk.signed_in)
        return World(desk, folder, self.own, self.strange, self.unowned)


_SECRET = "matrix " * 6
_NOTHING = "0" * 16
_UNKNOWN = {
    **dict.fromkeys(("note_id", "respondent_note_id"), "999999"),
    **{"conversation_id": "0" * 32, "picture_id": "0" * 32, "model_id": "teahouse"},
    **{"channel": "web", "kind": "png"},
}


def _fill(desk: DeskHouse, organisation: Any, consultant: Actor) -> dict[str, str]:
    """Something of each kind in an organisation; name -> id."""
    house, cases = desk.house, desk.cases
    made = campaign(house, organisation=organisation.name, name=f"Voorjaar {organisation.name}")
    [(invitation, code)] = invite(house, made, "single", labels=["Kim"])
    for _ in range(5):
        complete(Person(house, code=invite(house, made)[0][1]))
    person = Person(house, code=code)
    complete(person)
    run = house.runs(person.id)[-1]
    # Only now, so that there is a picture, and something to approve as well.
    cases.campaigns.set_promise(desk.admin, made.id, True, None)
    request = cases.privacy.add(consultant, organisation.id, "erase", "Kim")
    cases.privacy.choose(consultant, request.id, person.id)
    cases.campaigns.add_note(consultant, made.id, "Een notitie.")
    note = cases.judging.note(consultant, run.id, "tea.leaves", "Een notitie.")
    question = cases.asking.ask(consultant, run.id, "tea.leaves", "Wat bedoel je?")
    pictures = [row for row in house.rows(tables.pictures) if row["conversation_id"] == person.id]
    [campaign_note] = [row for row in house.rows(tables.desk_notes) if row["campaign_id"] == made.id]
    return {
        "organisation_id": organisation.id,
        "campaign_id": made.id,
        "invitation_id": invitation.id,
        "assessment_id": run.id,
        "conversation_id": person.id,
        "request_id": request.id,
        "note_id": str(campaign_note["id"]),
        "respondent_note_id": str(note),
        "question_id": question.id,
        "picture_id": pictures[0]["id"] if pictures else "0" * 32,
        "model_id": "teahouse",
        "channel": "web",
        "kind": "png",
    }


@pytest.fixture(scope="module")
def first_world(tmp_path_factory: pytest.TempPathFactory, prepared_file: Path) -> World:
    folder = tmp_path_factory.mktemp("matrix")
    shutil.copy(prepared_file, folder / "peil.db")
    house = House(folder, f"sqlite:///{folder / 'peil.db'}", Clock(), prepared=True, secret=_SECRET)
    desk = DeskHouse(house)
    own = _fill(desk, desk.organisation, desk.consultant)
    strange = _fill(desk, desk.elsewhere, desk.stranger)
    own["user_id"] = desk.user("viewer", [desk.organisation.id]).user_id
    strange["user_id"] = desk.strange_viewer.user_id
    lonely = Person(house)
    complete(lonely)
    unowned = house.runs(lonely.id)[-1].id
    house.close()
    return World(desk, folder, own, strange, unowned)


@pytest.fixture
def world(first_world: World, tmp_path: Path) -> Iterator[World]:
    made = first_world.again(tmp_path)
    yield made
    made.desk.house.close()


# --- trying -----------------------------------------------------------------------------------------


class _Form(HTMLParser):
    """The fields of the form that is sent to an address, as a browser would send them."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.inside = action, False
        self.fields: dict[str, str] = {}
        self.area: str | None = None
        self.choosing: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self.inside = given.get("action") == self.action
        elif not self.inside:
            return
        elif tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.fields[name] = value
        elif tag == "textarea":
            self.area = name
            self.fields[name] = ""
        elif tag == "select":
            self.choosing = name
        elif tag == "option" and self.choosing and ("selected" in given or self.choosing not in self.fields):
            self.fields[self.choosing] = value
        elif tag == "button" and name:
            self.fields.setdefault(name, value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "textarea":
            self.area = None
        elif tag == "select":
            self.choosing = None

    def handle_data(self, data: str) -> None:
        if self.inside and self.area is not None:
            self.fields[self.area] += data


def _filled(text: str, ids: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: ids.get(found.group(1), _NOTHING), text)


def _ids(world: World, who: Actor | None, ids: Mapping[str, str]) -> dict[str, str]:
    """Ids as this user has them: a session is one's own."""
    found = dict(ids)
    if who is not None and ids is world.own:
        second = world.desk.accounts.sign_in(
            world.desk.email(who),
            "een heel lang geheim",
            device="",
            known=world.desk.signed_in[who.user_id].device,
        )
        found["session_id"] = second.actor.session_id
    return found


async def _send(
    browser: Browser, route: str, ids: Mapping[str, str], *, csrf: str | None, fields: Mapping[str, str] = {}
) -> httpx.Response:
    method, _, path = route.partition(" ")
    address = "/desk" + _filled(path, ids)
    data = {name: _filled(value, ids) for name, value in {**MATRIX[route].data, **fields}.items()}
    if method == "GET":
        return await browser.get(address, params=data or None)
    return await browser.post(address, data=data if csrf is None else {**data, "csrf": csrf})


async def _from_page(browser: Browser, page: str, action: str, ids: Mapping[str, str]) -> dict[str, str]:
    """What the form for this address holds, on that page."""
    shown = await browser.get("/desk" + _filled(page, ids))
    assert shown.status_code == 200, f"{page}: {shown.status_code}"
    form = _Form("/desk" + _filled(action, ids))
    form.feed(shown.text)
    return form.fields


def _state(world: World) -> dict[str, Any]:
    """All that can be changed; when a session was seen is noted for whoever asks anything."""
    found = world.desk.house.everything()
    found["desk_sessions"] = [
        {name: value for name, value in row.items() if name != "seen_at"} for row in found["desk_sessions"]
    ]
    return found


def _in(response: httpx.Response) -> bool:
    """Whether this is what somebody gets who may."""
    led_to_door = response.headers.get("location", "").startswith("/desk/sign-in?next")
    return response.status_code in (200, 303) and not led_to_door


def test_every_route_of_the_desk_has_a_line(first_world: World) -> None:
    there = set(routes_of(make_desk(first_world.desk.house.peil)))

    assert there - PUBLIC - MATRIX.keys() == set(), "give them a line in MATRIX"
    assert MATRIX.keys() - there == set(), "there are no such routes"


@pytest.mark.parametrize("route", MATRIX)
async def test_whoever_may_not_is_refused_and_nothing_is_changed_or_told(world: World, route: str) -> None:
    desk, line = world.desk, MATRIX[route]
    people = {name: getattr(desk, name) for name in EVERYBODY}
    has_ids = "{" in route.replace("{session_id}", "") or "organisation" in line.data
    own = {name: _ids(world, people[name], world.own) for name in EVERYBODY}
    before = _state(world)

    fields: dict[str, str] = {}
    if line.page is not None and not line.after:
        # As an admin's page has them: it is not for want of a field that somebody is refused.
        async with desk.client(desk.admin) as browser:
            fields = await _from_page(browser, line.page, route.partition(" ")[2], world.own)
        before = _state(world)

    for name, expected in line.rule.items():
        async with desk.client(people[name]) as browser:
            token = await browser.csrf()
            if expected != OK:
                refused = await _send(browser, route, own[name], csrf=token, fields=fields)
                assert refused.status_code == expected, f"{name}: {refused.status_code}"
                if expected == 404:
                    unknown = await _send(browser, route, _UNKNOWN, csrf=token, fields=fields)
                    assert (unknown.status_code, unknown.text) == (404, refused.text), name
            # Whoever may here, may not there.
            if has_ids and line.rule["stranger"] == 404 and name in ("consultant", "viewer"):
                unknown = await _send(browser, route, _UNKNOWN, csrf=token, fields=fields)
                found = await _send(browser, route, world.strange, csrf=token, fields=fields)
                assert unknown.status_code == 404, name
                assert (found.status_code, found.text) == (404, unknown.text), name
            # Nor with one's own and a part of another's behind it.
            if has_ids and expected == OK and name == "consultant":
                for last in _parts(world, route):
                    ids = {**own[name], last: world.strange[last]}
                    unknown_ids = {**own[name], last: _UNKNOWN.get(last, _NOTHING)}
                    found = await _send(browser, route, ids, csrf=token, fields=fields)
                    unknown = await _send(browser, route, unknown_ids, csrf=token, fields=fields)
                    assert (found.status_code, found.text) == (unknown.status_code, unknown.text), last
                    assert found.status_code == 404 or route in _GONE_IS_DONE, last
    if route.count("{") == 1 and "{assessment_id}" in route:
        lonely = {**world.own, "assessment_id": world.unowned}
        async with desk.client(desk.consultant) as browser:
            found = await _send(browser, route, lonely, csrf=await browser.csrf(), fields=fields)
            assert found.status_code == 404

    # Nobody signed in, and a form that does not come from a page of ours.
    async with desk.client() as browser:
        if route.startswith("GET"):
            found = await _send(browser, route, world.own, csrf=None)
            assert found.status_code == 303
            assert found.headers["location"].startswith("/desk/sign-in?next=%2Fdesk%2F")
        else:
            found = await _send(browser, route, world.own, csrf=await browser.csrf("/desk/sign-in"))
            assert found.status_code == 403
    if route.startswith("POST"):
        async with desk.client(desk.admin) as browser:
            for csrf in (None, "0" * 64):
                assert (await _send(browser, route, own["admin"], csrf=csrf)).status_code == 403

    assert _state(world) == before


def _parts(world: World, route: str) -> list[str]:
    """The ids of a route behind the first, which are of what hangs on that."""
    named = [one for one in re.findall(r"\{(\w+)\}", route) if one in world.strange and one.endswith("_id")]
    return [one for one in named[1:] if one != "model_id"]


# What is gone already, or never was, is told to be gone; nothing is changed.
_GONE_IS_DONE = {"POST /assessments/{assessment_id}/notes/{respondent_note_id}/delete"}


@pytest.mark.parametrize("name", EVERYBODY)
async def test_whoever_may_see_is_shown_every_page(world: World, name: str) -> None:
    who: Actor = getattr(world.desk, name)
    # Viewers see what was published; and a line over time takes two measurements.
    desk = world.desk
    desk.cases.comparing.publish(desk.consultant, world.own["campaign_id"], "teahouse")
    desk.house.clock.move(days=100)
    later = campaign(desk.house, organisation=desk.organisation.name, name="Najaar")
    for _ in range(5):
        complete(Person(desk.house, code=invite(desk.house, later)[0][1]))
    desk.cases.comparing.publish(desk.consultant, later.id, "teahouse")
    # All of that took longer than anybody stays signed in.
    for one in EVERYBODY:
        desk.signed_in[getattr(desk, one).user_id] = desk.accounts.sign_in(
            desk.email(getattr(desk, one)), "een heel lang geheim", device=""
        )
    wrong = []
    async with world.desk.client(who) as browser:
        for route, line in MATRIX.items():
            if route.startswith("GET") and line.rule[name] == OK:
                found = await _send(browser, route, world.own, csrf=None)
                if not _in(found):
                    wrong.append(f"{route}: {found.status_code} {found.headers.get('location', '')}")

    assert wrong == []


_FORMS = [
    (route, name)
    for route, line in MATRIX.items()
    for name in EVERYBODY
    if route.startswith("POST") and line.rule[name] == OK
]


@pytest.mark.parametrize(("route", "name"), _FORMS)
async def test_whoever_may_can_change_it(world: World, route: str, name: str) -> None:
    line = MATRIX[route]
    who: Actor = getattr(world.desk, name)
    async with world.desk.client(who) as browser:
        ids = _ids(world, who, world.own)
        if name == "admin" and "{note_id}" in route:
            # One takes back the own note only.
            world.desk.cases.campaigns.add_note(who, ids["campaign_id"], "Van de beheerder.")
            ids["note_id"] = str(world.desk.house.rows(tables.desk_notes)[-1]["id"])
        for address, page, data in line.after:
            fields = await _from_page(browser, page, address, ids)
            sent = {**fields, "csrf": await browser.csrf(), **data}
            done = await browser.post("/desk" + _filled(address, ids), data=sent)
            assert _in(done), f"before: {done.status_code}"
        for row in world.desk.house.rows(tables.desk_shares):
            ids["share"] = row["id"]
        path = route.partition(" ")[2]
        fields = {} if line.page is None else await _from_page(browser, line.page, path, ids)
        csrf = await browser.csrf()
        before = _state(world)
        found = await _send(browser, route, ids, csrf=csrf, fields={**fields, **line.data})

    assert _in(found), f"{found.status_code} {found.headers.get('location')}"
    if not line.same:
        assert _state(world) != before, "nothing came of it"


async def test_a_page_that_is_not_there_is_missing_for_everybody(world: World) -> None:
    for name in EVERYBODY:
        async with world.desk.client(getattr(world.desk, name)) as browser:
            assert (await browser.get("/desk/nothing")).status_code == 404
            assert (await browser.get("/desk/static/../app.py")).status_code == 404
            assert (await browser.put("/desk/me", data={})).status_code in (404, 405)
