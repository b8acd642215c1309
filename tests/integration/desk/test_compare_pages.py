"""Comparing, agenda, over time and drop-off as pages: what they say, to whom, and of nothing."""

from __future__ import annotations

import html
import io
import re
from datetime import timedelta

import pytest
from PIL import Image

from tests.integration.desk.conftest import DeskHouse
from tests.integration.desk.test_comparing import campaign, crowd, respondent

PAGES = ("compare", "agenda", "dropoff")


def text_of(page: str) -> str:
    """What a page says, without its tags."""
    main = page[page.index("<main") :]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main)).split())


def divided(desk: DeskHouse) -> str:
    """A campaign in which five managers choose 3 everywhere and six people of the work floor 1; its id."""
    here = campaign(desk)
    crowd(desk, here, 5, "333333", layer="management")
    crowd(desk, here, 6, "111111")
    return here.id


async def test_the_comparison_says_in_words_who_sees_what_before_it_shows_figures(desk: DeskHouse) -> None:
    here = divided(desk)

    async with desk.client(desk.consultant) as browser:
        page = await browser.get(f"/desk/campaigns/{here}/compare?by=sides")

    said = text_of(page.text)
    assert page.status_code == 200
    assert "Dit gaat over 11 deelnemers" in said
    # Management: 3.0, the work floor: 1.0 on each of the three dimensions.
    assert re.search(r"De leiding schat dit hoger in dan de werkvloer: .*\(3,0 tegen 1,0\)", said)
    assert said.index("De leiding schat dit hoger in") < said.index("Gemiddelde en spreiding")
    # (5 x 3 + 6 x 1) / 11 = 21 / 11 = 1.909.
    assert re.search(r"Thee Gesprek waard 1,9 1,0–3,0 laag \(0,00\)", said), said
    assert "Leiding (5)" in said
    assert "Werkvloer (6)" in said
    # Each question: 6 at level 1, none at 2, 5 at 3.
    assert re.search(r"1 [^0-9]+ 6 2 [^0-9]+ 0 3 [^0-9]+ 5 ", said)
    assert "berekend uit de niveaus die deelnemers zelf kozen" in said
    assert "style=" not in page.text


async def test_the_picture_has_the_same_facts_beside_it_and_can_be_kept(desk: DeskHouse) -> None:
    here = divided(desk)

    async with desk.client(desk.consultant) as browser:
        page = await browser.get(f"/desk/campaigns/{here}/compare?by=layer")
        address = html.unescape(re.search(r'<img src="(/desk/[^"]+compare\.png[^"]*)"', page.text).group(1))  # type: ignore[union-attr]
        alt = html.unescape(re.search(r'compare\.png[^>]* alt="([^"]*)"', page.text).group(1))  # type: ignore[union-attr]
        shown = await browser.get(address)
        kept = await browser.get(f"/desk/campaigns/{here}/compare.png?keep=1")
        levels = await browser.get(f"/desk/campaigns/{here}/compare.png?kind=levels&keep=1")
        plain = await browser.get(f"/desk/campaigns/{here}/compare.png")

    assert "Thee 1,9 (1,0–3,0)" in alt
    assert shown.headers["content-type"] == "image/png"
    assert shown.content != plain.content, "the groups are drawn"
    assert 'filename="peil-teahouse-radar.png"' in kept.headers["content-disposition"]
    assert 'filename="peil-teahouse-levels.png"' in levels.headers["content-disposition"]
    for one in (shown, kept, levels):
        assert Image.open(io.BytesIO(one.content)).width == 1600


@pytest.mark.parametrize(
    "page", [*PAGES, "compare?by=department", "compare?customers=b2b", "agenda?minutes=60"]
)
async def test_a_campaign_without_results_says_what_to_do(desk: DeskHouse, page: str) -> None:
    here = campaign(desk)

    async with desk.client(desk.consultant) as browser:
        found = await browser.get(f"/desk/campaigns/{here.id}/{page}")

    assert found.status_code == 200
    assert f'/desk/campaigns/{here.id}/invite"' in found.text
    assert "<table" not in found.text
    assert "compare/publish" not in found.text


async def test_one_respondent_is_not_yet_a_comparison_and_one_group_neither(desk: DeskHouse) -> None:
    here = campaign(desk)
    respondent(desk, here, "222222")

    async with desk.client(desk.consultant) as browser:
        alone = await browser.get(f"/desk/campaigns/{here.id}/compare?by=layer")
        agenda = await browser.get(f"/desk/campaigns/{here.id}/agenda")

    said = text_of(alone.text)
    assert "Er is één uitslag" in said
    assert "Iedereen hoort hier bij dezelfde groep (Werk met klanten)" in said
    assert "Waar jullie het eens zijn" not in said
    assert "Nog geen agenda" in text_of(agenda.text)


async def test_a_viewer_sees_nothing_before_it_is_published_and_never_what_came_after(
    desk: DeskHouse,
) -> None:
    here = divided(desk)
    addresses = [f"/desk/campaigns/{here}/{one}" for one in ("compare", "agenda")]

    async with desk.client(desk.viewer) as viewer, desk.client(desk.consultant) as consultant:
        before = [text_of((await viewer.get(one)).text) for one in addresses]
        no_picture = await viewer.get(f"/desk/campaigns/{here}/compare.png")
        no_time = await viewer.get(f"/desk/organisations/{desk.organisation.id}/time")
        sent = await consultant.submit(f"/desk/campaigns/{here}/compare/publish", {"model": "teahouse"})
        told = await consultant.get(sent.headers["location"])
        published = text_of((await viewer.get(addresses[0])).text)
        # Twenty more, at level 2: everything changes but what was published.
        with desk.house.store.read() as work:
            found = work.campaign(here)
        assert found is not None
        crowd(desk, found, 20, "222222", layer="specialist")
        after = text_of((await viewer.get(addresses[0])).text)
        asked_for_live = text_of((await viewer.get(f"{addresses[0]}?view=live&customers=b2c")).text)
        live = text_of((await consultant.get(addresses[0])).text)
        as_viewers = text_of((await consultant.get(f"{addresses[0]}?view=published")).text)
        agenda = text_of((await viewer.get(addresses[1])).text)
        time = text_of((await viewer.get(f"/desk/organisations/{desk.organisation.id}/time")).text)

    for one in before:
        assert "Er is nog niets gepubliceerd" in one
        assert "1,9" not in one
    assert no_picture.status_code == 404
    assert "Er is nog niets gepubliceerd" in text_of(no_time.text)
    assert sent.status_code == 303
    assert "Gepubliceerd. Kijkers zien nu deze cijfers." in text_of(told.text)
    assert "Gepubliceerd op 2 maart 2026" in published
    assert "Dit gaat over 11 deelnemers" in published
    assert after == published
    assert asked_for_live == published
    assert "Dit gaat over 31 deelnemers" in live
    assert "Dit gaat over 11 deelnemers" in as_viewers
    assert "Gepubliceerd op 2 maart 2026" in agenda
    assert "n = 11" in agenda
    assert "n = 31" not in agenda
    assert "n = 11" in time
    assert "n = 31" not in time


async def test_publishing_is_not_for_viewers_nor_for_strangers(desk: DeskHouse) -> None:
    here = divided(desk)
    statuses = {}
    for name, actor in (("viewer", desk.viewer), ("stranger", desk.stranger)):
        async with desk.client(actor) as browser:
            sent = await browser.submit(f"/desk/campaigns/{here}/compare/publish", {"model": "teahouse"})
            page = await browser.get(f"/desk/campaigns/{here}/compare")
        statuses[name] = sent.status_code
        assert "compare/publish" not in page.text

    assert statuses == {"viewer": 403, "stranger": 404}
    assert desk.cases.comparing.editions(desk.consultant, here) == ()


async def test_pages_of_another_organisation_look_as_if_there_were_none(desk: DeskHouse) -> None:
    here = divided(desk)
    for actor in (desk.stranger, desk.strange_viewer):
        async with desk.client(actor) as browser:
            for page in (*PAGES, "compare.png"):
                theirs = await browser.get(f"/desk/campaigns/{here}/{page}")
                none = await browser.get(f"/desk/campaigns/{'0' * 16}/{page}")
                assert (theirs.status_code, none.status_code) == (404, 404), page
                assert text_of(theirs.text) == text_of(none.text)
            for page in ("time", "time.png"):
                theirs = await browser.get(f"/desk/organisations/{desk.organisation.id}/{page}")
                assert theirs.status_code == 404, page


async def test_nobody_sees_any_of_it_without_signing_in(desk: DeskHouse) -> None:
    here = divided(desk)
    async with desk.client() as browser:
        for page in (*PAGES, "compare.png"):
            found = await browser.get(f"/desk/campaigns/{here}/{page}")
            assert found.status_code == 303, page
            assert "/desk/sign-in" in found.headers["location"]


async def test_publishing_twice_without_a_change_says_why_not(desk: DeskHouse) -> None:
    here = divided(desk)
    async with desk.client(desk.consultant) as browser:
        await browser.submit(f"/desk/campaigns/{here}/compare/publish", {"model": "teahouse"})
        again = await browser.submit(f"/desk/campaigns/{here}/compare/publish", {"model": "teahouse"})
        told = await browser.get(again.headers["location"])

    assert "Niet gepubliceerd." in text_of(told.text)
    assert len(desk.cases.comparing.editions(desk.consultant, here)) == 1


async def test_too_few_people_are_published_as_such(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 4)
    async with desk.client(desk.consultant) as consultant, desk.client(desk.viewer) as viewer:
        sent = await consultant.submit(f"/desk/campaigns/{here.id}/compare/publish", {"model": "teahouse"})
        told = await consultant.get(sent.headers["location"])
        seen = await viewer.get(f"/desk/campaigns/{here.id}/compare")

    assert "nog te weinig mensen" in text_of(told.text)
    assert "Nog te weinig mensen" in text_of(seen.text)
    assert "<table" not in seen.text


async def test_the_agenda_tells_why_who_says_what_and_what_to_ask(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 5, "333333", layer="management")
    crowd(desk, here, 5, "111111")
    words = {"tea.leaves": "<b>de losse thee ligt altijd vochtig</b>"}
    respondent(desk, here, "111111", words=words, quoting="yes")
    secret = {"tea.brewing": "dit mag niemand ooit lezen"}
    respondent(desk, here, "111111", words=secret, quoting="no")

    async with desk.client(desk.consultant) as browser:
        page = await browser.get(f"/desk/campaigns/{here.id}/agenda?minutes=120")
        short = await browser.get(f"/desk/campaigns/{here.id}/agenda?minutes=60")
        odd = await browser.get(f"/desk/campaigns/{here.id}/agenda?minutes=7")

    said = text_of(page.text)
    assert "Samen 120 minuten" in said
    assert "Samen 60 minuten" in text_of(short.text)
    assert "Samen 90 minuten" in text_of(odd.text)
    assert short.text.count('class="ask"') < page.text.count('class="ask"')
    assert "De antwoorden lopen uiteen: overeenstemming 0,0" in said
    assert "Leiding: gemiddeld 3,0 n = 5" in said
    assert "Werkvloer: gemiddeld 1,0 n = 7" in said
    assert "<b>de losse thee ligt altijd vochtig</b>" in said
    assert "<b>de losse thee" not in page.text
    assert "dit mag niemand" not in page.text


async def test_drop_off_is_sorted_by_links_and_split_by_language(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 4, "22s222")
    for _ in range(2):
        respondent(desk, here, "2s", status="active", current_item="guests.welcome")

    async with desk.client(desk.consultant) as browser:
        plain = await browser.get(f"/desk/campaigns/{here.id}/dropoff")
        by_skipped = await browser.get(f"/desk/campaigns/{here.id}/dropoff?sort=skipped")
        unknown = await browser.get(f"/desk/campaigns/{here.id}/dropoff?sort=nonsense&language=xx")

    def first(page: str) -> list[str]:
        return re.findall(r'<th scope="row">(\d)\.', page)

    assert first(plain.text) == list("123456")
    # 4 skipped the third, 2 the second, nobody any other.
    assert first(by_skipped.text)[:2] == ["3", "2"]
    assert first(unknown.text) == list("123456")
    assert "Van de 6 die begonnen zijn er 4 klaar" in text_of(plain.text)


async def test_measurements_stand_in_a_line_with_a_picture_from_two_on(desk: DeskHouse) -> None:
    first = campaign(desk, name="Voorjaar")
    crowd(desk, first, 5, "111111", done=desk.house.clock() - timedelta(days=200))
    organisation = f"/desk/organisations/{desk.organisation.id}"

    async with desk.client(desk.consultant) as browser:
        one = await browser.get(f"{organisation}/time")
        no_picture = await browser.get(f"{organisation}/time.png")
        crowd(desk, campaign(desk, name="Najaar"), 5, "222222")
        two = await browser.get(f"{organisation}/time")
        picture = await browser.get(f"{organisation}/time.png?keep=1")

    assert "Er is één meting" in text_of(one.text)
    assert no_picture.status_code == 404
    said = text_of(two.text)
    assert re.search(r"Thee 1,0 2,0 \+1,0", said), said
    assert said.index("Voorjaar") < said.index("Najaar")
    assert "time.png" in two.text
    assert 'filename="peil-teahouse-over-time.png"' in picture.headers["content-disposition"]


@pytest.mark.parametrize(
    "page", ["compare?model=nothing", "compare.png?model=nothing", "agenda?model=nothing"]
)
async def test_a_model_that_was_not_asked_is_not_there(desk: DeskHouse, page: str) -> None:
    here = divided(desk)
    async with desk.client(desk.consultant) as browser:
        found = await browser.get(f"/desk/campaigns/{here}/{page}")

    assert found.status_code == 404


async def test_judged_levels_stand_beside_those_of_respondents_and_change_no_figure(desk: DeskHouse) -> None:
    here = campaign(desk)
    runs = crowd(desk, here, 3, "222222")
    now = desk.house.clock()
    rows = [(runs[0], 1), (runs[0], 3), (runs[1], 3), (runs[2], 1), (runs[2], None)]
    with desk.house.store.write() as work:
        for run, level in rows:
            work.add_judgement(
                assessment_id=run,
                item_id="tea.leaves",
                answer_id=None,
                level=level,
                reason="gezien",
                user_id=desk.consultant.user_id,
                at=now,
            )
        work.commit()

    async with desk.client(desk.consultant) as browser:
        plain = text_of((await browser.get(f"/desk/campaigns/{here.id}/compare")).text)
        beside = text_of((await browser.get(f"/desk/campaigns/{here.id}/compare?judged=1")).text)

    # The first was judged again, the third taken back: two at 3, none at 1.
    assert re.findall(r"Adviseur (\d) [^:]*: (\d)", beside) == [("3", "2")]
    assert beside.count("Door geen adviseur beoordeeld.") == 5
    assert "Adviseur" not in plain.replace("Met die van adviseurs erbij", "")
    assert "Thee 2,0" in plain
    assert "Thee 2,0" in beside


async def test_the_agenda_for_the_room_is_the_published_one_and_live_details_are_not_printed(
    desk: DeskHouse,
) -> None:
    here = campaign(desk)
    crowd(desk, here, 5, "333333", layer="management")
    crowd(desk, here, 5, "111111")
    words = {"tea.leaves": "de losse thee ligt altijd vochtig"}
    respondent(desk, here, "111111", words=words, quoting="yes")
    address = f"/desk/campaigns/{here.id}/agenda"

    async with desk.client(desk.consultant) as browser:
        before = await browser.get(f"{address}?view=published")
        await browser.submit(f"/desk/campaigns/{here.id}/compare/publish", {"model": "teahouse"})
        crowd(desk, here, 3, "222222")
        own = await browser.get(address)
        room = await browser.get(f"{address}?view=published")

    assert "Er is nog niets gepubliceerd" in text_of(before.text)
    assert "n = 14" in text_of(own.text)
    assert "koos niveau 1" in text_of(own.text)
    assert f"{address}?model=teahouse&amp;minutes=90&amp;view=published" in own.text
    # What stays on paper: without what is marked as for the screen only.
    [why] = re.findall(r"<h3>Waarom dit erop staat.*?</ul>", own.text, re.S)[:1]
    assert '<li class="screen-only">De leiding geeft' in why
    assert '<footer class="soft screen-only"' in own.text
    assert re.search(r'<div class="screen-only">\s*<h3>Wie kiest wat', own.text)
    said = text_of(room.text)
    assert "n = 11" in said
    assert "n = 14" not in said
    assert "de losse thee ligt altijd vochtig" in said
    assert "koos niveau" not in said
    assert not re.search(r'<div class="screen-only">\s*<h3>Wie kiest wat', room.text)


async def test_departments_that_differ_most_are_named_and_have_a_table_of_their_own(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 3, "333333", segments={"department": "marketing"})
    crowd(desk, here, 4, "222222", segments={"department": "it"})

    async with desk.client(desk.consultant) as browser:
        page = await browser.get(f"/desk/campaigns/{here.id}/compare?by=department")

    said = text_of(page.text)
    assert "Jullie zijn het sterk eens" not in said
    assert "3,0 (n = 3)" in said
    assert "2,0 (n = 4)" in said
    assert re.search(r"Het verschil is het grootst bij \w+\. Tussen afdelingen", said), said
    assert page.text.index("<figure>") < page.text.index("groups-table")


async def test_one_who_stopped_of_many_is_a_short_bar_and_quick_scans_are_explained(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 7, "222222")
    long_ago = desk.house.clock() - timedelta(days=30)
    respondent(desk, here, "2", status="active", current_item="tea.brewing", done=long_ago)
    address = f"/desk/campaigns/{here.id}/dropoff"

    async with desk.client(desk.consultant) as browser:
        page = await browser.get(address)
        respondent(desk, here, "2.2.2.", depth="quick")
        quick = await browser.get(address)

    # Eight reached the second question, one stopped there.
    widths = re.findall(r'class="fill" width="([0-9.]+)"', page.text)
    assert [float(one) for one in widths] == [0, 12.5, 0, 0, 0, 0]
    assert "twee weken niets laten horen" in text_of(page.text)
    assert "snelle scan" not in text_of(page.text)
    assert "Wie de snelle scan doet, krijgt niet elke vraag" in text_of(quick.text)


async def test_over_time_says_of_how_many_it_is_and_that_they_may_be_others(desk: DeskHouse) -> None:
    now = desk.house.clock()
    crowd(desk, campaign(desk, name="Voorjaar"), 5, "111111", done=now - timedelta(days=200))
    crowd(desk, campaign(desk, name="Najaar"), 6, "222222")

    async with desk.client(desk.consultant) as browser:
        page = await browser.get(f"/desk/organisations/{desk.organisation.id}/time")

    said = text_of(page.text)
    assert "Van 'Voorjaar' (n = 5) naar 'Najaar' (n = 6): dat zijn niet per se dezelfde mensen." in said
    assert "is hier niet bekend" in said


async def test_over_time_says_how_many_are_known_to_have_taken_part_twice(desk: DeskHouse) -> None:
    here = campaign(desk, name="Rondje")
    before = desk.house.clock() - timedelta(days=120)
    crowd(desk, here, 2, "111111", done=before)
    with desk.house.store.read() as work:
        people = [one.id for one in work.conversations_of(here.id)]
    respondent(desk, here, "222222", person=people[0])
    respondent(desk, here, "333333")

    async with desk.client(desk.consultant) as browser:
        page = await browser.get(f"/desk/organisations/{desk.organisation.id}/time")

    assert "Bekend is van 1 dat zij meer dan één keer meededen" in text_of(page.text)


async def test_that_publishing_again_takes_five_is_said_before_and_when_it_is_refused(
    desk: DeskHouse,
) -> None:
    here = divided(desk)
    async with desk.client(desk.consultant) as browser:
        before = await browser.get(f"/desk/campaigns/{here}/compare")
        await browser.submit(f"/desk/campaigns/{here}/compare/publish", {"model": "teahouse"})
        again = await browser.submit(f"/desk/campaigns/{here}/compare/publish", {"model": "teahouse"})
        told = await browser.get(again.headers["location"])

    assert "niet als het verschil met een eerdere versie over één tot vier mensen gaat" in text_of(
        before.text
    )
    assert "Wacht tot er minstens vijf" in text_of(told.text)
