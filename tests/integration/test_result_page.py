"""The result page and its view for colleagues, through the real application on real answers."""

from __future__ import annotations

import html
import io
import re
import sqlite3
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from bot.assessment.definitions import MaturityModel
from bot.assessment.records import LinkKind
from bot.bootstrap import Peil
from bot.definitions import load
from bot.gateway import app as application
from bot.gateway.signing import Signer
from bot.store import tables
from bot.texts import say
from tests.integration.gateway import Gateway, open_gateway
from tests.integration.parts import ITEMS, House, Person, at_statement
from tests.stack import TEAHOUSE

Make = Callable[..., House]

MODEL: MaturityModel = load(TEAHOUSE)
LANGUAGES = ("nl", "en")


class Respondent(Person):
    """Somebody who has answered all questions, each with another level than the one before."""

    LEVELS = "123123"

    def __init__(self, house: House, language: str = "nl") -> None:
        super().__init__(house, language)
        for level in self.LEVELS:
            self.say(level)
        self.signer = Signer(house.settings.secret)

    def key(self, kind: LinkKind, which: int = -1) -> str:
        """The key of a link of this kind, of the newest one where nothing else is said."""
        with self.house.store.read() as work:
            return self.signer.link_key(kind, work.links(self.id, kind)[which].id)

    @property
    def page(self) -> str:
        return f"/r/{self.key('result')}"

    @property
    def shared(self) -> str:
        return f"/s/{self.key('share')}"


@pytest.fixture
def respondent(house: House) -> Respondent:
    """Somebody with a result."""
    return Respondent(house)


@pytest.fixture
async def gateway(house: House) -> AsyncIterator[Gateway]:
    """A running gateway."""
    async with open_gateway(house) as running:
        yield running


def words_on(response: httpx.Response) -> str:
    """All that the page says, attributes included, as a person reads it; on one line."""
    return " ".join(html.unescape(response.text).split())


def single_answers() -> list[str]:
    """Every label, text and button title of a level, in both languages: a colleague sees none of them."""
    return [
        words
        for _, item in MODEL.walk()
        for level in item.levels
        for language in LANGUAGES
        for words in (level.label[language], level.text[language], f"{level.value} · {level.label[language]}")
    ]


def check_headers(response: httpx.Response, *, own: bool, language: str) -> None:
    """No copy is kept of these pages, no robot lists them, nobody is told where they are."""
    headers = response.headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-language"] == language
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == ("'self'" if own else "'none'")
    assert "unsafe" not in headers["content-security-policy"]
    assert len(headers.get_list("content-security-policy")) == 1


def fail(connection: sa.Connection, statement: str) -> None:
    raise sa.exc.OperationalError(statement, {}, sqlite3.OperationalError("disk I/O error"))


# --- the respondent's own page ---


async def test_the_page_tells_scores_steps_and_every_answer(gateway: Gateway, respondent: Respondent) -> None:
    response = await gateway.client().get(respondent.page)

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    said = words_on(response)
    # Tea: leaves weigh 3, brewing 1: (3 * 1 + 2) / 4 = 1.25. Guests: (3 + 0.5 * 1) / 1.5 = 2.33.
    for figure in ("1,3", "2,3"):
        assert f'<span class="figure">{figure}</span>' in said
    for _, item in MODEL.walk():
        assert item.question["nl"] in said
    for number, item_id in enumerate(ITEMS):
        level = MODEL.item(item_id)[1].level(int(respondent.LEVELS[number]))
        assert f"{level.value} · {level.label['nl']}</strong> {level.text['nl']}" in said
    assert MODEL.caution["nl"] in said
    assert say("nl", "page.steps") in said
    check_headers(response, own=True, language="nl")


async def test_own_words_stand_on_the_page_as_text_and_never_as_markup(
    gateway: Gateway, house: House, respondent: Respondent
) -> None:
    with house.store.write() as work:
        work._connection.execute(
            tables.answers.update().values(words="<script>alert(\"kabouterplop\")</script> & {{ view }} 'x'")
        )
        work.commit()

    response = await gateway.client().get(respondent.page)

    assert response.status_code == 200
    assert "<script>alert" not in response.text
    assert "&lt;script&gt;alert(&#34;kabouterplop&#34;)&lt;/script&gt; &amp; {{ view }}" in response.text
    assert response.text.count("kabouterplop") == len(ITEMS)


async def test_what_was_typed_but_says_no_more_than_the_answer_is_not_called_own_words(
    gateway: Gateway, respondent: Respondent
) -> None:
    respondent.say("verander vraag 1 naar 3")
    assert say("nl", "page.own_words") not in words_on(await gateway.client().get(respondent.page))


async def test_the_page_follows_an_answer_that_is_changed_or_looked_at_again(
    gateway: Gateway, respondent: Respondent
) -> None:
    client = gateway.client()
    before, picture = await client.get(respondent.page), await client.get(f"{respondent.page}/radar.png")
    assert '<span class="figure">1,3</span>' in before.text

    respondent.say("verander vraag 1 naar 3")

    # (3 * 3 + 2) / 4 = 2.75
    after = await client.get(respondent.page)
    assert '<span class="figure">2,8</span>' in after.text
    assert "3 · Keuze per oogst" in words_on(after)
    assert "1 · Wat er ligt" not in words_on(after)
    assert (await client.get(f"{respondent.page}/radar.png")).content != picture.content
    # The question is open again: the page stays as the answers are.
    respondent.say("verander vraag 2")
    assert (await client.get(respondent.page)).text == after.text


async def test_the_page_of_a_former_run_stays_while_a_new_one_is_under_way(
    gateway: Gateway, respondent: Respondent
) -> None:
    first = respondent.page
    before = (await gateway.client().get(first)).text
    respondent.say("opnieuw", "start_over")
    respondent.say("ja")
    respondent.say("3")
    assert (await gateway.client().get(first)).text == before
    for _ in ITEMS[1:]:
        respondent.say("3")
    assert respondent.page != first
    assert (await gateway.client().get(first)).text == before
    assert (await gateway.client().get(respondent.page)).text != before


async def test_the_radar_is_a_picture_under_the_same_key(gateway: Gateway, respondent: Respondent) -> None:
    for path, own in ((respondent.page, True), (None, False)):
        if path is None:
            respondent.say("deel", "share")
            path = respondent.shared
        response = await gateway.client().get(f"{path}/radar.png")
        assert response.status_code == 200
        assert response.headers["content-type"] == "image/png"
        assert response.content.startswith(b"\x89PNG")
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-robots-tag"] == "noindex, nofollow"
        page = (await gateway.client().get(path)).text
        assert f'src="{path}/radar.png?lang=nl"' in page, own


# --- languages ---


@pytest.mark.parametrize(
    ("spoken", "query", "shown"),
    [
        ("nl", "", "nl"),
        ("en", "", "en"),
        ("nl", "?lang=en", "en"),
        ("en", "?lang=nl", "nl"),
        ("nl", "?lang=nl", "nl"),
        ("nl", "?lang=de", "nl"),
        ("en", "?lang=", "en"),
        ("nl", "?lang=EN", "nl"),
        ("nl", "?lang=../../etc", "nl"),
        ("nl", "?lang=en&lang=nl", "nl"),
    ],
)
async def test_the_page_speaks_the_respondents_language_or_the_one_that_is_asked_for(
    gateway: Gateway, house: House, spoken: str, query: str, shown: str
) -> None:
    respondent = Respondent(house, spoken)
    respondent.say("share", "share")
    for path, own in ((respondent.page, True), (respondent.shared, False)):
        # What the browser prefers is the colleague's business; the page says what was shared.
        response = await gateway.client(**{"Accept-Language": "fr, en;q=0.5"}).get(path + query)
        assert response.status_code == 200
        assert f'<html lang="{shown}"' in response.text
        assert say(shown, "page.stands_out") in words_on(response)
        assert MODEL.dimension("tea").title[shown] in words_on(response)
        check_headers(response, own=own, language=shown)


# --- looking changes nothing ---


async def test_head_is_get_without_a_body_and_neither_changes_anything(
    gateway: Gateway, house: House, respondent: Respondent
) -> None:
    respondent.say("deel", "share")
    before = house.everything()
    client = gateway.client()
    for path in (
        respondent.page,
        respondent.shared,
        f"{respondent.page}/radar.png",
        f"{respondent.shared}/radar.png",
        f"/r/{'0' * 64}",
    ):
        for query in ("", "?lang=en"):
            got, head = await client.get(path + query), await client.head(path + query)
            assert head.status_code == got.status_code
            assert head.content == b""
            for headers in (got.headers, head.headers):
                headers.pop("date", None)
            assert head.headers == got.headers
    assert house.everything() == before


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
async def test_nothing_else_can_be_done_to_the_pages(
    gateway: Gateway, house: House, respondent: Respondent, method: str
) -> None:
    respondent.say("deel", "share")
    before = house.everything()
    for path in (respondent.page, respondent.shared, f"{respondent.page}/radar.png"):
        assert (await gateway.client().request(method, path)).status_code == 405
    for path in (f"{respondent.shared}/share", f"{respondent.shared}/unshare"):
        assert (await gateway.client().request(method, path)).status_code == 404
    assert house.everything() == before


# --- the view for colleagues ---


async def test_a_view_for_colleagues_shows_the_scores_and_no_single_answer_and_no_own_words(
    gateway: Gateway, house: House, respondent: Respondent
) -> None:
    marks = [f"kabouter {number} zei dit" for number in range(len(ITEMS))]
    with house.store.write() as work:
        for number, row in enumerate(house.rows(tables.answers)):
            work._connection.execute(
                tables.answers.update()
                .where(tables.answers.c.id == row["id"])
                .values(words=marks[number % len(marks)])
            )
        work.commit()
    respondent.say("een mens", "human")
    respondent.say("kabouter@voorbeeld.nl")
    respondent.say("deel", "share")
    for language in LANGUAGES:
        own = words_on(await gateway.client().get(f"{respondent.page}?lang={language}"))
        response = await gateway.client().get(f"{respondent.shared}?lang={language}")
        assert response.status_code == 200
        shared = words_on(response)

        # It is the same result ...
        assert re.findall(r'class="figure">([^<]*)<', shared) == re.findall(r'class="figure">([^<]*)<', own)
        assert say(language, "page.shared_with_you") in shared
        assert say(language, "page.steps") in shared
        # ... without what the person said, in any words of any language.
        assert all(mark in own for mark in marks)
        assert "kabouter" not in shared
        labels = single_answers()
        assert any(label in own for label in labels)
        assert [label for label in labels if label in shared] == []
        for _, item in MODEL.walk():
            assert item.question[language] in own
            assert item.question[language] not in shared
        move = say(language, "step.move", old="@", new="@").split("@")[0]
        assert re.search(rf"{move}\d · ", own)
        assert not re.search(rf"{move}\d · ", shared)
        # Nor whatever opens something else.
        for secret in (
            respondent.key("result"),
            respondent.key("back"),
            respondent.id,
            house.runs(respondent.id)[0].id,
        ):
            assert secret[:32] not in response.text
        assert "<form" not in response.text
        check_headers(response, own=False, language=language)


async def test_the_page_makes_a_view_for_colleagues_and_withdraws_it(
    gateway: Gateway, house: House, respondent: Respondent
) -> None:
    client = gateway.client()
    assert "/s/" not in (await client.get(respondent.page)).text

    for _ in range(2):
        response = await client.post(f"{respondent.page}/share")
        assert response.status_code == 303
        assert response.headers["location"] == f"{respondent.page}#share"
        assert response.headers["cache-control"] == "no-store"
    assert [row["kind"] for row in house.rows(tables.links)].count("share") == 1
    path = respondent.shared
    page = (await client.get(respondent.page)).text
    assert path in page
    assert (await gateway.client("198.51.100.1").get(path)).status_code == 200

    link_id = path.removeprefix("/s/")[:32]
    response = await client.post(f"{respondent.page}/unshare?lang=en", data={"link": link_id})
    assert response.status_code == 303
    assert response.headers["location"] == f"{respondent.page}?lang=en#share"

    assert "/s/" not in (await client.get(respondent.page)).text
    for looked in (path, f"{path}/radar.png", f"{path}?lang=en"):
        response = await client.get(looked)
        assert response.status_code == 404
        assert say("en", "page.gone_title") in words_on(response)
    # Once more is no error; a new one has another address, and the old one stays closed.
    assert (await client.post(f"{respondent.page}/unshare", data={"link": link_id})).status_code == 303
    await client.post(f"{respondent.page}/share")
    assert respondent.shared != path
    assert (await client.get(respondent.shared)).status_code == 200
    assert (await client.get(path)).status_code == 404


async def test_the_chat_and_the_page_withdraw_the_same_view(gateway: Gateway, respondent: Respondent) -> None:
    client = gateway.client()
    respondent.say("deel", "share")
    assert respondent.shared in (await client.get(respondent.page)).text
    await client.post(f"{respondent.page}/unshare", data={"link": respondent.key("share")[:32]})
    assert respondent.last[-1].links[0].open is True
    assert [m.links[0].open for m in respondent.history[-1:] if m.links] == [False]
    respondent.say("trek in", "unshare")
    assert respondent.has("share.none")

    await client.post(f"{respondent.page}/share")
    path = respondent.shared
    respondent.say("trek in", "unshare")
    assert respondent.has("share.withdrawn")
    assert (await client.get(path)).status_code == 404


async def test_no_view_is_made_or_withdrawn_by_who_has_no_key_for_it(
    gateway: Gateway, house: House, respondent: Respondent
) -> None:
    other = Respondent(house)
    for one in (respondent, other):
        one.say("deel", "share")
    before = house.everything()
    client = gateway.client()
    mine, theirs = respondent.key("share")[:32], other.key("share")[:32]

    for page, form in (
        (respondent.page, {"link": theirs}),
        (respondent.page, {"link": respondent.key("result")[:32]}),
        (respondent.page, {"link": respondent.key("share")}),
        (respondent.page, {"link": "0" * 32}),
        (respondent.page, {"link": ""}),
        (respondent.page, {"link": "x" * 60_000}),
        (respondent.page, {"link": "\0"}),
        (respondent.page, {}),
        (f"/r/{respondent.key('share')}", {"link": mine}),
        (f"/r/{respondent.key('back')}", {"link": mine}),
        (respondent.page[:-1], {"link": mine}),
        (f"/r/{Signer('another').link_key('result', respondent.key('result')[:32])}", {"link": mine}),
    ):
        response = await client.post(f"{page}/unshare", data=form)
        assert response.status_code == 404, (page, form)
        assert response.headers["content-type"].startswith("text/html")
    for page in (f"/r/{respondent.key('share')}", f"/r/{respondent.key('back')}", respondent.page[:-1]):
        assert (await client.post(f"{page}/share")).status_code == 404
    for raw in (b"link=%ff%fe", b"\xff\xfe", b"link[]=1", b"{}", b"link=" + mine.encode() + b"%00"):
        assert (await client.post(f"{respondent.page}/unshare", content=raw)).status_code == 404

    assert house.everything() == before
    assert (await client.get(respondent.shared)).status_code == 200


# --- keys ---


async def test_only_its_own_key_opens_a_page(gateway: Gateway, house: House, respondent: Respondent) -> None:
    respondent.say("deel", "share")
    respondent.say("bestand", "my_data_file")
    stranger = Signer("another secret")
    result, share = respondent.key("result"), respondent.key("share")
    keys: dict[str, list[str]] = {
        "/r/": [
            share,
            respondent.signer.link_key("result", share[:32]),
            stranger.link_key("result", result[:32]),
        ],
        "/s/": [
            result,
            respondent.signer.link_key("share", result[:32]),
            stranger.link_key("share", share[:32]),
        ],
    }
    client = gateway.client()
    for folder, wrong in keys.items():
        genuine = result if folder == "/r/" else share
        for key in (
            *wrong,
            respondent.key("back"),
            respondent.key("data"),
            respondent.signer.link_key("result" if folder == "/r/" else "share", "0" * 32),
            genuine[:-1],
            genuine + "A",
            genuine[:32],
            genuine.upper(),
            "x",
            "%00",
            "%C3%A9" * 10,
            "%FF%FE",
            "..%2F..%2Fetc%2Fpasswd",
        ):
            for tail in ("", "/radar.png"):
                response = await client.get(f"{folder}{key}{tail}")
                assert response.status_code == 404, f"{folder}{key}{tail}"
                assert "Blaadjes" not in response.text
    assert (await client.get(f"/r/{result}")).status_code == 200
    assert (await client.get(f"/s/{share}")).status_code == 200


async def test_where_there_is_no_page_both_languages_say_so(gateway: Gateway) -> None:
    response = await gateway.client(**{"Accept-Language": "nl"}).get(f"/r/{'0' * 64}")
    assert response.status_code == 404
    said = words_on(response)
    assert said.index(say("nl", "page.gone_title")) < said.index(say("en", "page.gone_title"))
    check_headers(response, own=False, language="nl, en")


@pytest.mark.parametrize("how", ["erase", "forget"])
async def test_after_erasing_all_of_it_is_gone(
    gateway: Gateway, house: House, respondent: Respondent, how: str
) -> None:
    respondent.say("deel", "share")
    paths = [respondent.page, respondent.shared]
    client = gateway.client()
    for path in paths:
        assert (await client.get(path)).status_code == 200
    if how == "erase":
        respondent.say("wis alles", "erase")
        respondent.say("ja")
    else:
        house.use_cases.forget(respondent.id)

    for path in paths:
        for tail in ("", "/radar.png", "?lang=en"):
            response = await client.get(path + tail)
            assert response.status_code == 404
            assert "2,3" not in response.text
    assert (await client.post(f"{paths[0]}/share")).status_code == 404
    assert house.rows(tables.links) == []


# --- trouble ---


async def test_looking_too_often_is_slowed_down_for_one_address_and_not_for_another(make_house: Make) -> None:
    house = make_house(rate_burst=3, rate_per_minute=1)
    respondent = Respondent(house)
    async with open_gateway(house) as gateway:
        hasty = gateway.client("192.0.2.7", **{"Accept-Language": "en"})
        for path in (respondent.page, f"{respondent.page}/radar.png", f"/s/{'0' * 64}"):
            assert (await hasty.get(path)).status_code in (200, 404)
        for response in (
            await hasty.get(respondent.page),
            await hasty.get(f"{respondent.page}/radar.png"),
            await hasty.get("/r/nothing"),
            await hasty.post(f"{respondent.page}/share"),
        ):
            assert response.status_code == 429
            assert int(response.headers["retry-after"]) > 0
            assert say("en", "page.hasty_text") in words_on(response)
            check_headers(response, own=False, language="en, nl")
        assert [row["kind"] for row in house.rows(tables.links)].count("share") == 0
        assert (await gateway.client("192.0.2.8").get(respondent.page)).status_code == 200


async def test_while_the_database_is_away_the_page_says_so_and_nothing_is_half(
    house: House, respondent: Respondent, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(peil: Peil) -> None:
        """The daily tidying would take the blow in the place of the request."""

    monkeypatch.setattr(application, "_tidy", nothing)
    respondent.say("deel", "share")
    respondent.say("trek de link in", "unshare")
    page = respondent.page
    async with open_gateway(house) as gateway:
        client = gateway.client(**{"Accept-Language": "nl"})
        before = house.everything()
        broken = 0
        for number in range(30):
            with at_statement(house, fail, number):
                response = await client.post(f"{page}/share")
            if response.status_code == 303:
                break
            assert response.status_code == 503, f"statement {number}"
            assert say("nl", "page.closed_text") in words_on(response)
            assert response.headers["retry-after"] == "2"
            assert house.everything() == before, f"statement {number}"
            broken += 1
        assert broken >= 3
        broken, shared = 0, respondent.shared
        for number in range(30):
            with at_statement(house, fail, number):
                response = await client.get(shared)
            if response.status_code == 200:
                break
            assert response.status_code == 503
            broken += 1
        assert broken >= 3


async def test_the_page_stays_the_same_after_a_restart(make_house: Make) -> None:
    house = make_house()
    respondent = Respondent(house)
    respondent.say("deel", "share")
    pages = []
    for running in (house, make_house()):
        async with open_gateway(running) as gateway:
            client = gateway.client()
            pages.append([(await client.get(path)).text for path in (respondent.page, respondent.shared)])
    assert pages[0] == pages[1]


async def test_a_result_without_any_score_is_a_page_as_well(gateway: Gateway, house: House) -> None:
    person = Person(house)
    for meaning in ("skip", "dont_know", "not_applicable", "skip", "dont_know", "not_applicable"):
        person.say("tja", meaning)
    with house.store.read() as work:
        [link] = work.links(person.id, "result")
    path = f"/r/{Signer(house.settings.secret).link_key('result', link.id)}"

    response = await gateway.client().get(path)

    assert response.status_code == 200
    said = words_on(response)
    assert say("nl", "result.no_overall") in said
    for name in ("skipped", "dont_know", "not_applicable"):
        assert say("nl", f"name.{name}") in said
    # 'tja' is not the answer in own words: there was none.
    assert "tja" not in said
    assert (await gateway.client().get(f"{path}/radar.png")).status_code == 200


# --- the report ---


async def test_the_report_is_made_of_the_answers_that_hold_in_the_language_that_is_asked_for(
    gateway: Gateway, respondent: Respondent
) -> None:
    async def told(address: str) -> str:
        response = await gateway.client().get(address)
        assert response.status_code == 200
        check_headers(response, own=False, language="en" if "en" in address[-2:] else "nl")
        assert response.headers["content-disposition"].startswith('attachment; filename="peil-')
        return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)

    dutch = await told(f"{respondent.page}/report.pdf")
    english = await told(f"{respondent.page}/report.pdf?lang=en")

    for item_id, level in zip(ITEMS, respondent.LEVELS, strict=True):
        item = MODEL.item(item_id)[1]
        for language, words in (("nl", dutch), ("en", english)):
            assert f"{level} · {item.level(int(level)).label[language]}" in " ".join(words.split())


async def test_a_colleague_gets_no_report(gateway: Gateway, respondent: Respondent) -> None:
    await gateway.client().post(f"{respondent.page}/share")
    client = gateway.client()

    assert (await client.get(respondent.shared)).status_code == 200
    assert (await client.get(f"{respondent.shared}/report.pdf")).status_code == 404
    assert (await client.get(f"/r/{respondent.key('share')}/report.pdf")).status_code == 404
