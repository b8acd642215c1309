"""Advice: edited, signed, and seen by the respondent in the chat, on the page and in the report."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PdfReader

from bot.assessment.plans import PlanStep, StepWords
from bot.assessment.records import Campaign
from bot.gateway.pages import make_templates, render_result
from bot.render.report import render
from bot.service.desk.access import Actor, Conflict, Missing, Refused
from bot.service.desk.advising import About, Advising, Doing, Edits, NewStep, NotFit, Outrun
from bot.service.desk.grounds import item_of
from bot.store import tables
from tests.integration import campaigning
from tests.integration.desk.conftest import Browser, DeskHouse
from tests.integration.parts import Person

OWN = StepWords(
    title={"nl": "Een vast theemoment"},
    begin={"nl": "Zet elke dinsdag samen thee."},
    measure={"nl": "Er komt iedereen."},
    why={"nl": "Omdat het gezellig is."},
    horizon="now",
    benefit=3,
    investment=1,
)


def answered(desk: DeskHouse, levels: str = "122231", **fields: Any) -> tuple[Person, Campaign]:
    """A respondent of a campaign who has answered all six questions."""
    one = campaigning.campaign(desk.house, organisation=desk.organisation.name, **fields)
    return another(desk, one, levels), one


def another(desk: DeskHouse, one: Campaign, levels: str) -> Person:
    person = Person(desk.house, code=campaigning.code(desk.house, one))
    campaigning.complete(person, levels)
    return person


def run_of(person: Person) -> About:
    return About(assessment_id=person.house.runs(person.id)[-1].id)


class Desk:
    """The editor of one piece of advice, as one user works in it."""

    def __init__(self, cases: Advising, actor: Actor, about: About) -> None:
        self.cases, self.actor, self.about = cases, actor, about
        self.sheet = cases.sheet(actor, about)

    def edits(self, new: NewStep | None = None, introduction: str = "", **words: StepWords) -> Edits:
        """The page as it is sent: every step that is told, some with other words (key with '_' for '.')."""
        steps = {step.key: NewStep(step.words, step.dimension_id) for step in self.sheet.plan.kept}
        for key, text in words.items():
            steps[key] = NewStep(text, None)
        told = {"nl": introduction} if introduction else dict(self.sheet.plan.introduction)
        return Edits(told, steps, new)

    def do(self, doing: Doing = "save", key: str = "", edits: Edits | None = None) -> str:
        """Send the page; it is looked at again."""
        done = self.cases.save(self.actor, self.about, self.sheet.state, edits or self.edits(), doing, key)
        self.sheet = self.cases.sheet(self.actor, self.about)
        return done

    @property
    def told(self) -> list[str]:
        return [step.key for step in self.sheet.plan.kept]

    def first(self) -> PlanStep:
        return self.sheet.plan.kept[0]

    def sign(self) -> bool:
        self.sheet = self.cases.sheet(self.actor, self.about)
        done = self.cases.sign(self.actor, self.about, self.sheet.seen)
        self.sheet = self.cases.sheet(self.actor, self.about)
        return done


def worked(desk: DeskHouse, about: About, actor: Actor | None = None) -> Desk:
    return Desk(desk.cases.advising, actor or desk.consultant, about)


def write(work: Desk) -> str:
    """Edit the first step, drop the second, add an own one and put it first; its key."""
    first, second = work.sheet.plan.kept[:2]
    changed = replace(first.words, begin={"nl": "Begin met EEN kopje."})
    edits = work.edits(introduction="Beste theedrinker,\nlees dit rustig.")
    work.do(edits=replace(edits, steps={**edits.steps, first.key: NewStep(changed, None)}))
    work.do("drop", second.key)
    own = work.do(edits=work.edits(new=NewStep(OWN, None)))
    while work.told[0] != own:
        work.do("up", own)
    return own


# --- editing ---


def test_the_editor_begins_with_the_bots_draft_and_stores_nothing_by_being_looked_at(desk: DeskHouse) -> None:
    person, _ = answered(desk)
    sheet = worked(desk, run_of(person)).sheet
    assert sheet.plan.steps == sheet.draft
    assert len(sheet.draft) > 3
    assert (sheet.state, sheet.newest, sheet.in_force, sheet.changed) == ("0.0", None, None, False)
    assert {step.origin for step in sheet.draft} == {"bot"}
    assert desk.house.rows(tables.plans) == []


def test_what_is_edited_dropped_added_and_moved_is_there_the_next_time(desk: DeskHouse) -> None:
    person, _ = answered(desk)
    work = worked(desk, run_of(person))
    first, second = work.told[:2]
    own = write(work)
    plan = worked(desk, run_of(person)).sheet.plan
    assert [step.key for step in plan.kept][:2] == [own, first]
    assert [step.key for step in plan.dropped] == [second]
    assert plan.step(first).origin == "edited"
    assert plan.step(own).origin == "added"
    assert plan.step(own).words == OWN
    assert plan.introduction == {"nl": "Beste theedrinker,\nlees dit rustig."}
    # One row: what was not signed is changed in place.
    [row] = desk.house.rows(tables.plans)
    assert (row["version"], row["signed_at"]) == (1, None)
    work.do("restore", second)
    assert second in work.told


def test_of_two_consultants_the_second_keeps_the_own_text_and_is_told(desk: DeskHouse) -> None:
    person, _ = answered(desk)
    colleague = desk.user("consultant", [desk.organisation.id], name="Anna")
    one, other = worked(desk, run_of(person)), worked(desk, run_of(person), colleague)
    key = one.told[0]
    theirs = replace(one.first().words, title={"nl": "Van de ander"})
    mine = replace(one.first().words, title={"nl": "Van mij"})
    other.do(edits=replace(other.edits(), steps={key: NewStep(theirs, None)}))
    with pytest.raises(Outrun) as outrun:
        one.do(edits=replace(one.edits(new=NewStep(OWN, None)), steps={key: NewStep(mine, None)}))
    assert outrun.value.mine.step(key).words.title == {"nl": "Van mij"}
    assert outrun.value.sheet.plan.step(key).words.title == {"nl": "Van de ander"}
    assert outrun.value.sheet.saved_by == "Anna"
    assert worked(desk, run_of(person)).sheet.plan.step(key).words.title == {"nl": "Van de ander"}


def test_what_breaks_a_rule_is_not_stored(desk: DeskHouse) -> None:
    person, _ = answered(desk)
    work = worked(desk, run_of(person))
    key = work.told[0]
    too_long = replace(work.first().words, title={"nl": "x" * 201})
    with pytest.raises(NotFit) as wrong:
        work.do(edits=replace(work.edits(), steps={key: NewStep(too_long, None)}))
    assert wrong.value.faults == {(key, "title"): "too_long"}
    assert wrong.value.mine.step(key).words.title == {"nl": "x" * 201}
    with pytest.raises(NotFit):
        work.do(edits=work.edits(new=NewStep(replace(OWN, begin={}), None)))
    for doing in ("up", "drop", "restore", "take"):
        with pytest.raises(Missing):
            work.do(doing, "own:nothing")
    assert desk.house.rows(tables.plans) == []


def test_who_may_not_advise_is_not_told_that_there_is_anything(desk: DeskHouse) -> None:
    person, one = answered(desk)
    organisation = About(campaign_id=one.id, model_id="teahouse")
    for about in (run_of(person), organisation):
        for actor, error in (
            (desk.stranger, Missing),
            (desk.viewer, Refused),
            (desk.strange_viewer, Missing),
        ):
            for act in (
                lambda a, b: desk.cases.advising.sheet(a, b),
                lambda a, b: desk.cases.advising.save(a, b, "0.0", Edits({}, {})),
                lambda a, b: desk.cases.advising.sign(a, b, ""),
                lambda a, b: desk.cases.advising.withdraw(a, b, 1),
                lambda a, b: desk.cases.advising.discard(a, b, "0.0"),
            ):
                with pytest.raises(error):
                    act(actor, about)
    assert desk.cases.advising.signed_for(desk.viewer, one.id, "teahouse") is None
    with pytest.raises(Missing):
        desk.cases.advising.signed_for(desk.strange_viewer, one.id, "teahouse")
    alone = Person(desk.house)
    campaigning.complete(alone)
    with pytest.raises(Missing):
        worked(desk, run_of(alone))
    assert worked(desk, run_of(alone), desk.admin).sheet.campaign is None


# --- signing ---


def test_signing_freezes_and_editing_goes_on_in_a_next_version(desk: DeskHouse) -> None:
    person, _ = answered(desk)
    work = worked(desk, run_of(person))
    write(work)
    assert work.sign()
    first_words = work.sheet.in_force
    assert first_words is not None
    assert first_words.signed_by == desk.consultant.name
    signed_row = desk.house.rows(tables.plans)[0]
    work.do("drop", work.told[0])
    assert work.sheet.unsigned
    assert work.sheet.in_force == first_words
    assert [row["version"] for row in desk.house.rows(tables.plans)] in ([1, 2], [2, 1])
    assert signed_row in desk.house.rows(tables.plans)
    assert work.sign()
    assert work.sheet.in_force is not None
    assert work.sheet.in_force.version == 2


def test_signing_twice_signs_once_and_tells_once(desk: DeskHouse) -> None:
    person, _ = answered(desk)
    work = worked(desk, run_of(person))
    seen = work.sheet.seen
    before = len(person.history)
    assert work.cases.sign(work.actor, work.about, seen)
    assert not work.cases.sign(work.actor, work.about, seen)
    assert len(desk.house.rows(tables.plans)) == 1
    told = [message for message in person.history[before:] if desk.consultant.name in message.text]
    assert len(told) == 1
    actions = [action for _, action, _ in desk.audit()]
    assert actions.count("sign_advice") == 1


def test_what_changed_after_it_was_looked_at_is_not_signed(desk: DeskHouse) -> None:
    person, _ = answered(desk)
    work = worked(desk, run_of(person))
    seen = work.sheet.seen
    worked(desk, run_of(person)).do("drop", work.told[0])
    with pytest.raises(Conflict):
        work.cases.sign(work.actor, work.about, seen)
    assert desk.house.rows(tables.plans)[0]["signed_at"] is None
    # The answers changed: the page says so, and the look at it is another one.
    seen = worked(desk, run_of(person)).sheet.seen
    person.say("verander vraag 1 naar 3")
    person.say("ja")
    with pytest.raises(Conflict):
        work.cases.sign(work.actor, work.about, seen)


def test_answers_that_change_after_signing_leave_the_advice_and_the_editor_says_so(desk: DeskHouse) -> None:
    person, _ = answered(desk)
    work = worked(desk, run_of(person))
    own = write(work)
    work.sign()
    assert not work.sheet.changed
    told = shown(desk, person)
    person.say("verander vraag 2 naar 3")
    assert worked(desk, run_of(person)).sheet.changed
    assert own in [step.key for step in worked(desk, run_of(person)).sheet.plan.kept]
    assert steps_on(shown(desk, person)) == steps_on(told)


def test_a_signature_can_be_withdrawn_and_the_bots_advice_is_back(desk: DeskHouse) -> None:
    person, _ = answered(desk)
    before = shown(desk, person)
    work = worked(desk, run_of(person))
    write(work)
    work.sign()
    assert shown(desk, person) != before
    with pytest.raises(Conflict):
        work.cases.withdraw(work.actor, work.about, 7)
    work.cases.withdraw(work.actor, work.about, 1)
    assert shown(desk, person) == before
    work.sign()
    assert worked(desk, run_of(person)).sheet.in_force is not None


def test_unsigned_changes_can_be_thrown_away(desk: DeskHouse) -> None:
    person, _ = answered(desk)
    work = worked(desk, run_of(person))
    write(work)
    work.sign()
    signed = work.sheet.plan
    work.do("drop", work.told[0])
    work.cases.discard(work.actor, work.about, work.sheet.state)
    assert worked(desk, run_of(person)).sheet.plan == signed


def test_nothing_is_signed_of_who_is_not_done_or_without_steps(desk: DeskHouse) -> None:
    one = campaigning.campaign(desk.house, organisation=desk.organisation.name)
    person = Person(desk.house, code=campaigning.code(desk.house, one))
    person.say("1")
    with pytest.raises(Refused, match="not_completed"):
        worked(desk, run_of(person)).sign()
    done = another(desk, one, "122231")
    work = worked(desk, run_of(done))
    for key in work.told:
        work.do("drop", key)
    with pytest.raises(Refused, match="no_steps"):
        work.sign()


# --- what the respondent sees ---


def shown(desk: DeskHouse, person: Person, kind: str = "result") -> str:
    """The HTML of the result page, or of the view for colleagues."""
    house = desk.house
    [link] = [
        row
        for row in house.rows(tables.links)
        if row["kind"] == "result" and row["conversation_id"] == person.id
    ]
    link_id = link["id"]
    if kind == "share":
        house.use_cases.share(link_id)
        link_id = next(row["id"] for row in house.rows(tables.links) if row["kind"] == "share")
    view = house.use_cases.result_page(link_id, kind, None)  # type: ignore[arg-type]
    assert view is not None
    return render_result(make_templates(), view, path="/r/x", origin="http://peil.test", addresses={})


def steps_on(html: str) -> list[str]:
    """The headings of the steps on a result page, in order."""
    return re.findall(r'<span class="what">([^<]*)</span>', html)


def test_the_result_page_shows_exactly_the_signed_steps_in_the_signed_order(desk: DeskHouse) -> None:
    person, _ = answered(desk)
    before = shown(desk, person)
    work = worked(desk, run_of(person))
    write(work)
    assert shown(desk, person) == before, "what is not signed is not shown"
    work.sign()
    titles = {one.id: one.title["nl"] for one in work.sheet.model.dimensions}
    wanted = [
        step.words.title["nl"]
        if step.dimension_id is None
        else f"{titles[step.dimension_id]}: {step.words.title['nl']}"
        for step in work.sheet.plan.kept
    ]
    assert wanted[0] == "Een vast theemoment"
    html = shown(desk, person)
    assert steps_on(html) == wanted
    for text in (
        "Begin met EEN kopje.",
        "Beste theedrinker,",
        "Omdat het gezellig is.",
        "Getekend door Consul",
    ):
        assert text in html
    colleague = shown(desk, person, "share")
    assert steps_on(colleague) == wanted
    assert 'class="move"' not in colleague


def test_words_of_a_consultant_are_shown_as_text_whatever_they_are(desk: DeskHouse) -> None:
    person, _ = answered(desk)
    work = worked(desk, run_of(person))
    hostile = replace(OWN, title={"nl": "<script>alert(1)</script>"}, why={"nl": "#panic() {name} $x$"})
    own = work.do(edits=work.edits(new=NewStep(hostile, None), introduction="<b>vet</b> {niet}"))
    while work.told[0] != own:
        work.do("up", own)
    work.sign()
    html = shown(desk, person)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "&lt;b&gt;vet" in html
    assert "#panic() {name} $x$" in text_of(desk, person)
    assert "<script>alert(1)</script>" in person.say("laat de routekaart zien", "road_map")


def test_the_chat_tells_of_it_and_shows_the_signed_steps(desk: DeskHouse) -> None:
    person, _ = answered(desk)
    work = worked(desk, run_of(person))
    own = write(work)
    work.sign()
    notice = person.history[-1]
    assert notice.kind == "notice"
    assert desk.consultant.name in notice.text
    person.last = [notice]
    assert "Een vast theemoment" in person.press(notice.buttons[0].token)
    assert f"Je adviseur {desk.consultant.name} heeft dit advies voor je gemaakt." in person.text
    assert "Begin zo: Zet elke dinsdag samen thee." in person.text
    said = person.say("laat de routekaart zien", "road_map")
    assert "1. Een vast theemoment. " in said
    assert f"Je adviseur {desk.consultant.name}" in said
    # The respondent may still say what a step brings, also of an own step of the consultant.
    person.tap("Zelf plaatsen")
    assert "Stap 1 van" in person.text
    assert "Een vast theemoment" in person.text
    person.say("weinig, flinke klus")
    placed = desk.house.runs(person.id)[-1].placed
    assert placed is not None
    assert list(placed[own]) == [1, 3]


def text_of(desk: DeskHouse, person: Person) -> str:
    """The text of the report."""
    house = desk.house
    [link] = [
        row
        for row in house.rows(tables.links)
        if row["kind"] == "result" and row["conversation_id"] == person.id
    ]
    report = house.use_cases.report(link["id"], None)
    assert report is not None
    pages = PdfReader(io.BytesIO(render(report))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_the_report_has_the_signed_steps_who_signed_and_when(desk: DeskHouse) -> None:
    person, _ = answered(desk)
    work = worked(desk, run_of(person))
    dropped = work.sheet.plan.kept[1]
    write(work)
    work.sign()
    text = text_of(desk, person)
    for wanted in (
        "Een vast theemoment",
        "Zet elke dinsdag samen thee.",
        "Begin met EEN kopje.",
        "Beste theedrinker, lees dit rustig.",
        f"Je adviseur {desk.consultant.name} heeft dit advies voor je gemaakt.",
        f"Getekend door {desk.consultant.name} op 2 maart 2026",
        "Stappen die over meer dan één onderdeel gaan",
    ):
        assert wanted in text, wanted
    assert dropped.words.begin["nl"] not in text
    # The consultant's own report shows the same.
    made = desk.house.peil.review.report(run_of(person).assessment_id or "", "nl")
    assert made is not None
    assert made.signed is not None


def test_advice_goes_when_the_person_is_erased(desk: DeskHouse) -> None:
    person, _ = answered(desk)
    work = worked(desk, run_of(person))
    work.do(edits=work.edits(new=NewStep(replace(OWN, title={"nl": "Zoekwoordje"}), None)))
    work.sign()
    assert desk.house.traces("Zoekwoordje")
    assert desk.house.use_cases.forget(person.id)
    assert desk.house.rows(tables.plans) == []


def test_in_an_anonymous_campaign_advice_is_possible_and_names_nobody(desk: DeskHouse) -> None:
    one = campaigning.campaign(desk.house, organisation=desk.organisation.name, anonymous=True)
    person = another(desk, one, "122231")
    work = worked(desk, run_of(person))
    assert work.sheet.person is None
    assert {one.proposed for one in work.sheet.levels.values()} == {()}
    assert work.sign()
    assert "Getekend door" in shown(desk, person)


# --- the organisation ---


def test_the_organisations_draft_rests_on_the_middle_answers_of_five(desk: DeskHouse) -> None:
    # Of the first question 1 1 1 3 3 -> 1, of all others 3 3 3 3 1 -> 3: one item below the highest level.
    person, one = answered(desk, "133333")
    organisation = About(campaign_id=one.id, model_id="teahouse")
    for levels in ("133333", "133333", "333333"):
        another(desk, one, levels)
    few = worked(desk, organisation).sheet
    assert (few.people, few.few, few.draft) == (4, True, ())
    another(desk, one, "311111")
    work = worked(desk, organisation)
    assert (work.sheet.people, work.sheet.few) == (5, False)
    assert work.told[0] == "tea.leaves>2"
    assert {step.dimension_id for step in work.sheet.draft} == {"tea"}
    leaves = work.sheet.grounds["tea.leaves"]
    assert (leaves.people, leaves.median, leaves.mean) == (5, 1, 1.8)
    assert work.sheet.quick == 0
    # tea: leaves 1 and brewing 3 by weight; the others are at 3 of 3, so nothing is to be done there.
    write_all = work.edits(new=NewStep(OWN, None), introduction="Voor het hele huis.")
    work.do(edits=write_all)
    assert desk.cases.advising.signed_for(desk.viewer, one.id, "teahouse") is None
    assert work.sign()
    signed = desk.cases.advising.signed_for(desk.viewer, one.id, "teahouse")
    assert signed is not None
    assert signed.signed_by == desk.consultant.name
    assert [step.words.title.get("nl") for step in signed.plan.kept].count("Een vast theemoment") == 1
    _, [told] = desk.cases.advising.overview(desk.consultant, one.id)
    assert told.signed == signed
    assert not told.unsigned
    # It is the organisation's: no respondent's own result shows it.
    assert "Een vast theemoment" not in shown(desk, person)


def test_of_a_respondent_who_measured_again_the_newest_result_counts(desk: DeskHouse) -> None:
    one = campaigning.campaign(desk.house, organisation=desk.organisation.name)
    people = [another(desk, one, "333333") for _ in range(5)]
    organisation = About(campaign_id=one.id, model_id="teahouse")
    assert worked(desk, organisation).sheet.draft == ()
    for person in people[:3]:
        # A changed answer supersedes the first one: 1 1 1 3 3 -> 1.
        person.say("verander vraag 1 naar 1")
    sheet = worked(desk, organisation).sheet
    assert (sheet.people, [step.key for step in sheet.draft][:1]) == (5, ["tea.leaves>2"])


# --- the pages ---


async def sent(browser: Browser, path: str, **fields: str) -> Any:
    """The editor's form as it stands, with these fields changed, sent."""
    page = await browser.get(path)
    assert page.status_code == 200, page.status_code
    data = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    for name, value in re.findall(r'<input id="f-[^"]+" name="([^"]+)"[^>]* value="([^"]*)"', page.text):
        data[name] = value
    for name, value in re.findall(
        r'<textarea id="f-[^"]+" name="([^"]+)"[^>]*>\n([^<]*)</textarea>', page.text
    ):
        data[name] = value
    for name, options in re.findall(r'<select id="f-[^"]+" name="([^"]+)">(.*?)</select>', page.text, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        data[name] = chosen.group(1) if chosen else ""
    data = {name: value.replace("&gt;", ">").replace("&#39;", "'") for name, value in data.items()}
    return await browser.post(path, data={**data, "do": "save", **fields})


async def test_a_consultant_edits_looks_and_signs_on_the_pages(desk: DeskHouse) -> None:
    person, one = answered(desk)
    path = f"/desk/assessments/{run_of(person).assessment_id}/advice"
    async with desk.client(desk.consultant) as browser:
        saved = await sent(browser, path, title0_nl="Mijn titel", begin0_en="A <b>cup</b>")
        assert saved.status_code == 303, saved.text
        page = await browser.get(path)
        assert "Mijn titel" in page.text
        assert "A &lt;b&gt;cup" in page.text
        assert "Door een adviseur veranderd" in page.text
        looked = await sent(browser, path, do="look")
        assert looked.headers["location"] == f"{path}/sign"
        preview = await browser.get(f"{path}/sign")
        assert "Mijn titel" in preview.text
        assert desk.consultant.name in preview.text
        seen = re.search(r'name="seen" value="([^"]+)"', preview.text)
        assert seen is not None
        signed = await browser.submit(f"{path}/sign", {"seen": seen.group(1)})
        assert signed.status_code == 303
        assert "Ondertekend door" in (await browser.get(path)).text
        assert (await browser.get(f"{path}/sign")).status_code == 303
        taken_back = await browser.submit(f"{path}/withdraw", {"version": "1"})
        assert taken_back.status_code == 303
        assert "Nog niet ondertekend" in (await browser.get(path)).text
        overview = await browser.get(f"/desk/campaigns/{one.id}/advice")
        assert overview.status_code == 200
        organisation = await browser.get(f"/desk/campaigns/{one.id}/advice/teahouse")
        assert "Er zijn 1 uitslagen" in organisation.text


def test_several_steps_are_dropped_at_once_and_one_goes_straight_to_later(desk: DeskHouse) -> None:
    person, _ = answered(desk)
    work = worked(desk, run_of(person))
    first, second, third = work.told[:3]
    edits = replace(work.edits(), picked=frozenset((first, third)))
    work.do("drop_picked", edits=edits)
    assert {step.key for step in work.sheet.plan.dropped} == {first, third}
    work.do("later", second)
    assert work.told[-1] == second
    assert work.sheet.plan.step(second).words.horizon == "later"
    with pytest.raises(Missing):
        work.do("drop_picked", edits=replace(work.edits(), picked=frozenset(("nothing",))))


async def test_beside_a_step_stand_the_levels_with_a_link_to_the_answer(desk: DeskHouse) -> None:
    person, _ = answered(desk)
    about = run_of(person)
    path = f"/desk/assessments/{about.assessment_id}/advice"
    item = str(item_of(worked(desk, about).told[0]))
    said = worked(desk, about).sheet.levels[item]
    assert said.value is not None
    async with desk.client(desk.consultant) as browser:
        page = (await browser.get(path)).text
        assert f'/desk/assessments/{about.assessment_id}#q-{item}"' in page
        assert 'class="level said"' in page
        assert 'class="level judged"' not in page
        other = 3 if said.value != 3 else 2
        judgement = {"item": item, "answer": "1", "level": str(other), "reason": "Gezien"}
        at = f"/desk/assessments/{about.assessment_id}"
        assert (await browser.submit(f"{at}/judgements", judgement)).status_code == 303
        judged = worked(desk, about).sheet.levels[item]
        assert (judged.value, judged.judged, judged.about_earlier) == (said.value, other, False)
        page = (await browser.get(path)).text
        assert 'class="level judged"' in page
        assert "Jullie beoordeling is anders" in page


async def test_who_signs_is_warned_of_a_language_that_has_the_old_text(desk: DeskHouse) -> None:
    person, _ = answered(desk)
    about = run_of(person)
    path = f"/desk/assessments/{about.assessment_id}/advice"
    work = worked(desk, about)
    work.do(edits=replace(work.edits(), introduction={"nl": "Oud", "en": "Old"}))
    assert work.sign()
    async with desk.client(desk.consultant) as browser:
        await sent(browser, path, introduction_nl="Nieuw")
        assert "in het Engels staat hier nog de oude tekst" in (await browser.get(f"{path}/sign")).text
        await sent(browser, path, introduction_en="New")
        assert "de oude tekst" not in (await browser.get(f"{path}/sign")).text


async def test_the_page_of_who_was_outrun_keeps_the_own_text_and_shows_the_others(desk: DeskHouse) -> None:
    person, _ = answered(desk)
    about = run_of(person)
    path = f"/desk/assessments/{about.assessment_id}/advice"
    async with desk.client(desk.consultant) as browser:
        other = worked(desk, about, desk.admin)
        theirs = replace(other.first().words, title={"nl": "Van de ander"}, benefit=1)
        edits = other.edits(introduction="Inleiding van de ander")
        other.do(edits=replace(edits, steps={other.told[0]: NewStep(theirs, None)}))
        late = await sent(
            browser, path, title0_nl="Van mij", introduction_nl="Mijn", benefit0="3", state="0.0"
        )
        assert late.status_code == 409
        assert "Inleiding van de ander" in late.text
        assert ">Mijn</textarea>" in late.text.replace(">\n", ">")
        assert f"<strong>{desk.admin.name}:</strong> klein" in late.text
        assert 'value="Van mij"' in late.text
        assert "Van de ander" in late.text
        assert desk.admin.name in late.text
        empty = await sent(browser, path, title0_nl="", title0_en="", begin0_nl="Blijft staan")
        assert empty.status_code == 422
        assert "Blijft staan" in empty.text
        assert "Vul dit in" in empty.text


async def test_nonsense_is_refused_kindly(desk: DeskHouse) -> None:
    person, one = answered(desk)
    path = f"/desk/assessments/{run_of(person).assessment_id}/advice"
    async with desk.client(desk.consultant) as browser:
        for fields in ({"horizon0": "never"}, {"benefit0": "9"}, {"do": "explode"}, {"investmentnew": ""}):
            assert (await sent(browser, path, **fields)).status_code == 422
        assert (await sent(browser, path, do="up:nothing")).status_code == 404
        assert (await sent(browser, path, title0_nl="x" * 5000)).status_code == 422
        assert (await browser.submit(f"{path}/withdraw", {"version": "²"})).status_code == 409
        assert (await browser.submit(f"{path}/sign", {"seen": "nonsense"})).status_code == 409
        for elsewhere in (
            "/desk/assessments/a%00b/advice",
            "/desk/assessments/none/advice",
            f"/desk/campaigns/{one.id}/advice/nothing",
        ):
            assert (await browser.get(elsewhere)).status_code in (404, 422)
    async with desk.client(desk.stranger) as browser:
        assert (await browser.get(path)).status_code == 404
