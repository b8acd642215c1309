"""Comparing at the desk: live figures, what is published, over time and drop-off, on both databases."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot import definitions as loader
from bot.assessment.comparison import Comparison
from bot.assessment.records import Campaign
from bot.service.desk import standings as kept
from bot.service.desk.access import Actor, Missing, Refused
from bot.service.desk.comparing import Comparing, Edition
from bot.store import tables
from tests.integration import campaigning
from tests.integration.desk.conftest import DeskHouse
from tests.integration.parts import ITEMS, House, teahouse

_numbers = itertools.count(1)


def campaign(desk: DeskHouse, **fields: Any) -> Campaign:
    return campaigning.campaign(desk.house, organisation=desk.organisation.name, **fields)


def respondent(
    desk: DeskHouse,
    of: Campaign,
    signs: str,
    *,
    layer: str | None = "front_line",
    person: str | None = None,
    done: datetime | None = None,
    **fields: Any,
) -> str:
    """A run of the teahouse in the database, as the dialogue leaves it; its id.

    `signs`: an answer for each item as of tests.unit.models.make_answers. `person`: an earlier conversation.
    """
    house, number = desk.house, next(_numbers)
    now = done or house.clock()
    status = fields.pop("status", "completed")
    definition = fields.pop("definition", None) or house.rows(tables.definitions)[-1]["hash"]
    conversation = {
        "id": f"c{number}",
        "channel": "web",
        "language": "nl",
        "consent": "given",
        "prefill": {},
        "segments": {} if layer is None else {"role_layer": layer, **fields.pop("segments", {})},
        "created_at": now,
        "last_seen_at": now,
        "campaign_id": of.id,
        "quoting": fields.pop("quoting", None),
    }
    words = fields.pop("words", {})
    assessment = {
        "id": f"a{number}",
        "conversation_id": person or conversation["id"],
        "definition_hash": definition,
        "status": status,
        "current_item": fields.pop("current_item", None),
        "started_at": now - timedelta(minutes=10),
        "completed_at": now if status == "completed" else None,
        "depth": "full",
        **fields,
    }
    kinds = {"?": "dont_know", "s": "skipped", "x": "not_applicable"}
    answers = [
        {
            "assessment_id": assessment["id"],
            "item_id": item_id,
            "kind": kinds.get(sign, "level"),
            "value": int(sign) if sign.isdigit() else None,
            "turn_id": f"t{number}-{place}",
            "by": "respondent",
            "words": words.get(item_id),
            "at": now - timedelta(minutes=9) + timedelta(seconds=30 * place),
        }
        for place, (item_id, sign) in enumerate(zip(ITEMS, signs, strict=False))
        if sign != "."
    ]
    with house.store.write() as work:
        if person is None:
            work._connection.execute(tables.conversations.insert().values(**conversation))
        work._connection.execute(tables.assessments.insert().values(**assessment))
        for answer in answers:
            work._connection.execute(tables.answers.insert().values(**answer))
        work.commit()
    return str(assessment["id"])


def crowd(desk: DeskHouse, of: Campaign, count: int, signs: str = "223322", **fields: Any) -> list[str]:
    return [respondent(desk, of, signs, **fields) for _ in range(count)]


def of(desk: DeskHouse) -> Comparing:
    return desk.cases.comparing


def live(desk: DeskHouse, here: Campaign, **options: Any) -> Comparison:
    found = of(desk).compare(desk.consultant, here.id, "teahouse", **options).comparison
    assert found is not None
    return found


@contextmanager
def statements(house: House) -> Iterator[list[str]]:
    """Every statement that is run meanwhile."""
    found: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        found.append(statement)

    sa.event.listen(house.store.engine, "before_cursor_execute", note)
    yield found
    sa.event.remove(house.store.engine, "before_cursor_execute", note)


# --- scores that are kept ---------------------------------------------------------------------------


def scores(house: House, *ids: str, keep: bool = False) -> dict[str, kept.Standing]:
    with house.store.write() as work:
        found = kept.standings(work, loader.from_canonical, ids, keep=keep)
        work.commit()
    return found


def test_scores_are_those_of_the_answers_and_stay_so_when_they_are_kept(desk: DeskHouse) -> None:
    here = campaign(desk)
    run = respondent(desk, here, "13?s2x")
    computed = scores(desk.house, run)[run]
    assert desk.house.rows(tables.standings) == []
    # leaves 1 (weight 3), brewing 3 (weight 1): 6/4
    assert computed.dimensions["tea"].score == 1.5
    assert computed.items["guests.welcome"].open == "dont_know"
    assert computed.items["pots.care"].open == "not_applicable"
    told = desk.house.peil.review.assessment(run)
    assert told is not None
    assert computed.overall == told["result"]["overall"]

    assert scores(desk.house, run, keep=True) == {run: computed}
    assert scores(desk.house, run) == {run: computed}
    assert [row["overall"] for row in desk.house.rows(tables.standings)] == [computed.overall]


def test_kept_scores_are_read_and_not_computed_again(desk: DeskHouse) -> None:
    run = respondent(desk, campaign(desk), "222222")
    scores(desk.house, run, keep=True)
    with desk.house.store.write() as work:
        # As nobody would compute it.
        work._connection.execute(tables.standings.update().values(overall=2.75))
        work.commit()
    assert scores(desk.house, run)[run].overall == 2.75


def test_a_later_answer_makes_them_anew(desk: DeskHouse) -> None:
    run = respondent(desk, campaign(desk), "222222")
    before = scores(desk.house, run, keep=True)[run]
    with desk.house.store.write() as work:
        first = work.answers(run)[0]
        row = {"assessment_id": run, "item_id": ITEMS[0], "kind": "level", "value": 3, "turn_id": "later"}
        work._connection.execute(
            tables.answers.insert().values(**row, by="respondent", at=desk.house.clock(), supersedes=first.id)
        )
        work.commit()
    after = scores(desk.house, run, keep=True)[run]
    assert (before.dimensions["tea"].score, after.dimensions["tea"].score) == (2.0, 2.75)
    assert after.upto > before.upto
    [row] = desk.house.rows(tables.standings)
    assert row["upto"] == after.upto


def test_other_rules_make_them_anew(desk: DeskHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    run = respondent(desk, campaign(desk), "222222")
    scores(desk.house, run, keep=True)
    with desk.house.store.write() as work:
        work._connection.execute(tables.standings.update().values(overall=2.75))
        work.commit()
    monkeypatch.setattr(kept, "RULES", kept.RULES + 1)
    assert scores(desk.house, run)[run].overall == 2.0


def test_of_a_run_that_is_not_there_there_are_no_scores(desk: DeskHouse) -> None:
    assert scores(desk.house, "nowhere", keep=True) == {}


# --- side by side -----------------------------------------------------------------------------------


def test_completed_runs_of_all_questions_are_compared_and_the_others_counted(desk: DeskHouse) -> None:
    here = campaign(desk)
    respondent(desk, here, "122222", layer="management")
    person = "c" + respondent(desk, here, "322222", layer="management").removeprefix("a")
    respondent(desk, here, "222222", layer="management", person=person)
    respondent(desk, here, "2222", status="active", current_item=ITEMS[4])
    respondent(desk, here, "2.2.2.", depth="quick")
    respondent(desk, campaign(desk), "333333")

    found = live(desk, here)
    assert (found.n, found.people) == (2, 2)
    left = found.left_out
    assert (left.not_finished, left.quick, left.earlier, left.other_version) == (1, 1, 1, 0)
    # The newer run of the second person: 1 and 2.
    assert found.whole.items["tea.leaves"].counts == (1, 1, 0)


def test_runs_for_two_business_lines_stay_apart(desk: DeskHouse) -> None:
    here = campaign(desk)
    person = "c" + respondent(desk, here, "122222", business_line="b2c").removeprefix("a")
    respondent(desk, here, "322222", business_line="b2b", person=person)
    found = live(desk, here)
    assert (found.n, found.people) == (2, 1)
    assert found.lines == {"b2b": 1, "b2c": 1}
    only = live(desk, here, line="b2b")
    assert (only.n, only.whole.items["tea.leaves"].mean) == (1, 3.0)
    assert only.lines == {"b2b": 1, "b2c": 1}


def test_two_dimensions_recomputed_by_hand(desk: DeskHouse) -> None:
    here = campaign(desk)
    for signs in ("113311", "223322", "321322"):
        respondent(desk, here, signs, layer="management")
    for signs in ("332233", "331133", "33?133"):
        respondent(desk, here, signs)
    found = live(desk, here)

    # tea, leaves weighs 3 of 4: (3+1)/4=1 (6+2)/4=2 (9+2)/4=2.75, and three times 3: 14.75 / 6
    assert found.whole.dimensions["tea"].mean == pytest.approx(14.75 / 6)
    gap = found.gaps["tea"]
    assert gap.management.mean == pytest.approx(5.75 / 3)
    assert gap.work_floor.mean == 3.0
    assert gap.difference == pytest.approx(5.75 / 3 - 3)
    # 13/12 of an axis of 2: from 0.375 on it is noteworthy
    assert (gap.higher, gap.noteworthy) == ("work_floor", True)

    # guests, biscuits weighs a third: 3, 3, (1*1 + 0.5*3) / 1.5 = 5/3; 2, 1, and of the last only biscuits is
    # answered, which is a third: too little
    assert found.whole.dimensions["guests"].n == 5
    assert found.whole.dimensions["guests"].mean == pytest.approx((3 + 3 + 5 / 3 + 2 + 1) / 5)
    # leaves: 1 2 3 3 3 3, mean 2.5, squares 2.25 + 0.25 + 4 * 0.25 = 3.5, / 5 = 0.7;
    # at random (9 - 1) / 12 = 2/3
    assert found.whole.items["tea.leaves"].agreement == 0.0
    # brewing: 1 2 2 3 3 3, mean 14/6, squares: sum of squares 36 - 196/6 = 10/3, / 5 = 2/3: just none
    assert found.whole.items["tea.brewing"].agreement == pytest.approx(0.0)
    # biscuits: 3 3 3 2 1 1, sum 13, squares 33 - 169/6 = 29/6, / 5 = 29/30
    assert found.whole.items["guests.biscuits"].sd == pytest.approx((29 / 30) ** 0.5)


def test_another_version_counts_as_far_as_its_answers_carry_over(desk: DeskHouse) -> None:
    here = campaign(desk)
    old = desk.house.rows(tables.definitions)[-1]["hash"]
    text = teahouse().replace("version: 1.0.0", "version: 2.0.0")
    assert text != teahouse()
    # In the new version the care for pots is called otherwise, so that its answers do not carry over.
    assert "id: care" in text
    desk.house.publish(teahouse=text.replace("id: care", "id: washing"))
    new = next(row["hash"] for row in desk.house.rows(tables.definitions) if row["hash"] != old)
    respondent(desk, here, "222213", definition=old)
    respondent(desk, here, "22221.", definition=new)
    found = live(desk, here)
    assert found.versions == {"1.0.0": 1, "2.0.0": 1}
    assert found.model.version == "2.0.0"
    assert found.whole.items["tea.leaves"].n == 2
    assert found.whole.items["pots.washing"].open == {"unanswered": 2}


def test_of_an_anonymous_campaign_groups_are_told_as_the_veil_tells_them(desk: DeskHouse) -> None:
    here = campaign(desk, anonymous=True)
    crowd(desk, here, 6)
    crowd(desk, here, 5, layer="specialist")
    crowd(desk, here, 2, layer="board")
    found = live(desk, here)
    assert [(one.option, one.n) for one in found.groups["role_layer"]] == [
        ("front_line", 6),
        ("withheld", 7),
    ]
    assert found.anonymous
    assert found.management is None


def test_a_comparison_takes_as_many_statements_for_forty_people_as_for_four(desk: DeskHouse) -> None:
    here, there = campaign(desk, anonymous=True), campaign(desk, anonymous=True)
    crowd(desk, here, 4)
    crowd(desk, there, 40)
    counts = []
    for one in (here, there):
        live(desk, one)
        with statements(desk.house) as found:
            live(desk, one)
        counts.append(len(found))
    assert counts[0] == counts[1]
    assert counts[0] <= 20


def test_nothing_is_compared_where_nobody_has_finished(desk: DeskHouse) -> None:
    here = campaign(desk)
    assert of(desk).compare(desk.consultant, here.id).comparison is None
    assert of(desk).agenda(desk.consultant, here.id) is None
    assert of(desk).drop_off(desk.consultant, here.id) is None
    assert of(desk).over_time(desk.consultant, desk.organisation.id).points == ()


CALLS: dict[str, Callable[[Comparing, Actor, Campaign, str], object]] = {
    "compare": lambda c, actor, here, _: c.compare(actor, here.id),
    "agenda": lambda c, actor, here, _: c.agenda(actor, here.id),
    "publish": lambda c, actor, here, _: c.publish(actor, here.id, "teahouse"),
    "edition": lambda c, actor, here, _: c.edition(actor, here.id),
    "editions": lambda c, actor, here, _: c.editions(actor, here.id),
    "drop_off": lambda c, actor, here, _: c.drop_off(actor, here.id),
    "over_time": lambda c, actor, _, organisation: c.over_time(actor, organisation),
}


@pytest.mark.parametrize("name", CALLS)
def test_who_may_do_what(desk: DeskHouse, name: str) -> None:
    here = campaign(desk)
    crowd(desk, here, 5)

    def call(actor: Actor) -> object:
        return CALLS[name](of(desk), actor, here, desk.organisation.id)

    for other in (desk.stranger, desk.strange_viewer):
        with pytest.raises(Missing):
            call(other)
    if name in ("compare", "agenda", "publish"):
        with pytest.raises(Refused):
            call(desk.viewer)
    else:
        call(desk.viewer)
    call(desk.consultant)
    if name == "publish":
        crowd(desk, here, 5)
    call(desk.admin)


def test_a_campaign_that_is_not_there_and_a_model_that_was_not_asked_are_missing(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 1)
    with pytest.raises(Missing):
        of(desk).compare(desk.consultant, "nowhere")
    with pytest.raises(Missing):
        of(desk).compare(desk.consultant, here.id, "coffeebar")


def test_it_is_written_down_who_compared_and_who_published(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 5)
    live(desk, here)
    edition = of(desk).publish(desk.consultant, here.id, "teahouse")
    mine = [line for line in desk.audit() if line[0] == desk.consultant.user_id]
    assert (desk.consultant.user_id, "comparison_seen", here.id) in mine
    assert (desk.consultant.user_id, "edition_published", edition.id) in mine


# --- the agenda and quotes --------------------------------------------------------------------------

SAID = "bij ons weet niemand welke thee er is"


def disagreeing(desk: DeskHouse, here: Campaign) -> None:
    """Three say 1 and three say 3 at the leaves, in own words; the last two never agreed to be quoted."""
    for place, (level, quoting) in enumerate(
        zip("111333", ("yes", "yes", "yes", "yes", "no", None), strict=True)
    ):
        respondent(
            desk,
            here,
            f"{level}22222",
            layer="management" if level == "1" else "front_line",
            quoting=quoting,
            words={"tea.leaves": f"{SAID}, zegt nummer {place}", "tea.brewing": SAID},
        )


def test_the_agenda_begins_with_what_people_disagree_on_in_words_of_who_agreed_to_that(
    desk: DeskHouse,
) -> None:
    here = campaign(desk)
    disagreeing(desk, here)
    found = of(desk).agenda(desk.consultant, here.id)
    assert found is not None
    [one] = found.items
    assert one.item_id == "tea.leaves"
    assert sorted(quote.level for quote in one.quotes) == [1, 1, 3]
    numbers = {quote.text.rpartition(" ")[2] for quote in one.quotes}
    assert numbers <= {"0", "1", "2", "3"}
    assert "3" in numbers


def test_a_quote_says_no_level_in_an_anonymous_campaign_nor_where_it_is_published(desk: DeskHouse) -> None:
    """Of a group in which one person stands at a level, a quote with that level would be that person's."""
    for anonymous in (True, False):
        here = campaign(desk, anonymous=anonymous, name=f"leaves {anonymous}")
        disagreeing(desk, here)
        found = of(desk).agenda(desk.consultant, here.id)
        assert found is not None
        told = {quote.level for quote in found.items[0].quotes}
        assert told == ({None} if anonymous else {1, 3})
        publish(desk, here)
        edition = of(desk).edition(desk.viewer, here.id)
        assert edition is not None
        assert {quote.level for quotes in edition.quotes.values() for quote in quotes} == {None}
        assert not any(
            level for _, level, _ in desk.house.rows(tables.editions)[-1]["content"]["quotes"]["tea.leaves"]
        )


# --- editions ---------------------------------------------------------------------------------------


def publish(desk: DeskHouse, here: Campaign) -> Edition:
    return of(desk).publish(desk.consultant, here.id, "teahouse")


def test_viewers_see_what_was_published_and_not_what_came_later(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 6)
    assert of(desk).edition(desk.viewer, here.id) is None
    publish(desk, here)
    crowd(desk, here, 9, "333333")
    edition = of(desk).edition(desk.viewer, here.id)
    assert edition is not None
    assert edition.comparison is not None
    assert (edition.comparison.n, edition.comparison.protected) == (6, True)
    assert edition.by == desk.consultant.name
    assert live(desk, here).n == 15


def test_an_edition_shows_no_small_group_and_none_that_is_left_over(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 6)
    crowd(desk, here, 7, layer="specialist")
    crowd(desk, here, 2, "111111", layer="board")
    found = publish(desk, here).comparison
    assert found is not None
    layers = found.groups["role_layer"]
    assert {(one.option, one.n) for one in layers} == {("specialist", 7), ("others", 8)}
    assert found.management is None
    # The work floor is 13 of 15.
    assert found.work_floor is None


def test_too_little_that_changed_is_not_published(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 6)
    publish(desk, here)
    for more in (0, 1, 3):
        crowd(desk, here, more)
        with pytest.raises(Refused) as refused:
            publish(desk, here)
        assert refused.value.key == "too_little_changed"
    crowd(desk, here, 1)
    found = publish(desk, here).comparison
    assert found is not None
    assert found.n == 11
    assert len(of(desk).editions(desk.viewer, here.id)) == 2


def test_of_four_people_an_edition_says_just_that(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 4)
    edition = publish(desk, here)
    assert edition.few
    assert edition.comparison is None
    assert edition.agenda is None
    with pytest.raises(Refused):
        publish(desk, here)
    crowd(desk, here, 1)
    assert not publish(desk, here).few


def test_what_is_stored_of_an_edition_names_nobody_and_quotes_nobody(desk: DeskHouse) -> None:
    here = campaign(desk)
    disagreeing(desk, here)
    publish(desk, here)
    [row] = desk.house.rows(tables.editions)
    content = json.dumps(row["content"])
    assert SAID not in content
    for conversation in desk.house.rows(tables.conversations):
        assert conversation["id"] not in content
    for assessment in desk.house.rows(tables.assessments):
        assert f'"{assessment["id"]}' not in content


def test_who_takes_it_back_or_erases_everything_is_quoted_no_more(desk: DeskHouse) -> None:
    here = campaign(desk)
    disagreeing(desk, here)
    publish(desk, here)

    def quotes() -> Sequence[str]:
        edition = of(desk).edition(desk.viewer, here.id)
        assert edition is not None
        return [one.text for one in edition.quotes.get("tea.leaves", ())]

    assert len(quotes()) == 3
    first = quotes()[0]
    place = int(first.rpartition(" ")[2])
    with desk.house.store.write() as work:
        people = work.conversations_of(here.id)
        work.update_conversation(sorted(people, key=lambda one: int(one.id[1:]))[place].id, quoting="no")
        work.commit()
    assert first not in quotes()
    for one in people:
        desk.house.use_cases.forget(one.id)
    assert quotes() == []
    edition = of(desk).edition(desk.viewer, here.id)
    assert edition is not None
    assert edition.comparison is not None
    assert edition.comparison.n == 6


# --- over time --------------------------------------------------------------------------------------


def test_measurements_stand_in_a_line_a_point_for_each_campaign(desk: DeskHouse) -> None:
    first, second = campaign(desk), campaign(desk)
    now = desk.house.clock()
    for signs in ("111111", "333333"):
        respondent(desk, first, signs, done=now)
    respondent(desk, second, "333333", done=now + timedelta(days=200))
    found = of(desk).over_time(desk.consultant, desk.organisation.id)
    assert [(one.name, one.n, one.overall) for one in found.points] == [
        (first.name, 2, 2.0),
        (second.name, 1, 3.0),
    ]
    assert found.points[1].day == (now + timedelta(days=200)).date()
    assert all(one.comparable for one in found.points)
    assert found.pairs == ()


def test_who_measures_again_makes_a_point_for_each_quarter_and_a_pair(desk: DeskHouse) -> None:
    here = campaign(desk)
    now = desk.house.clock()
    person = "c" + respondent(desk, here, "122222", done=now).removeprefix("a")
    respondent(desk, here, "222222", person=person, done=now + timedelta(days=1))
    respondent(desk, here, "322222", person=person, done=now + timedelta(days=100))
    respondent(desk, here, "222222", done=now)
    found = of(desk).over_time(desk.consultant, desk.organisation.id)
    assert [(one.quarter, one.n, one.dimensions["tea"]) for one in found.points] == [
        ((2026, 1), 2, 2.0),
        ((2026, 2), 1, 2.75),
    ]
    # In the first quarter the newer of two counts: leaves 2 -> 3 of weight 3/4.
    changes = {one.id: (one.n, one.change) for one in found.pairs}
    assert changes["tea"] == (1, 0.75)
    assert changes["guests"] == (1, 0.0)


def test_of_an_anonymous_campaign_neither_day_nor_single_pairs_are_told(desk: DeskHouse) -> None:
    here = campaign(desk, anonymous=True)
    now = desk.house.clock()
    person = "c" + respondent(desk, here, "122222", done=now).removeprefix("a")
    respondent(desk, here, "322222", person=person, done=now + timedelta(days=100))
    found = of(desk).over_time(desk.consultant, desk.organisation.id)
    assert [(one.quarter, one.day.day, one.n) for one in found.points] == [(None, 1, 1)]
    assert found.pairs == ()


def test_of_an_anonymous_campaign_few_who_measured_twice_are_no_pair_though_quarters_are_told(
    desk: DeskHouse,
) -> None:
    here = campaign(desk, anonymous=True)
    now = desk.house.clock()
    people = ["c" + one.removeprefix("a") for one in crowd(desk, here, 6, done=now)]
    later = now + timedelta(days=100)
    crowd(desk, here, 4, done=later)
    respondent(desk, here, "333333", person=people[0], done=later)
    found = of(desk).over_time(desk.consultant, desk.organisation.id)
    assert [(one.quarter, one.n) for one in found.points] == [((2026, 1), 6), ((2026, 2), 5)]
    assert found.pairs == ()
    for person in people[1:5]:
        respondent(desk, here, "333333", person=person, done=later)
    found = of(desk).over_time(desk.consultant, desk.organisation.id)
    assert {one.n for one in found.pairs} == {5}


def test_viewers_get_a_line_of_editions(desk: DeskHouse) -> None:
    here = campaign(desk)
    crowd(desk, here, 6)
    publish(desk, here)
    crowd(desk, here, 5, "333333")
    publish(desk, here)
    crowd(desk, here, 1, "111111")
    found = of(desk).over_time(desk.viewer, desk.organisation.id)
    assert found.protected
    assert [one.n for one in found.points] == [6, 11]
    assert of(desk).over_time(desk.consultant, desk.organisation.id).points[-1].n == 12


# --- drop-off ---------------------------------------------------------------------------------------


def test_drop_off_of_a_real_conversation(desk: DeskHouse) -> None:
    here = campaign(desk, models=("teahouse",))
    code = campaigning.code(desk.house, here)
    from tests.integration.parts import Person

    person = Person(desk.house, code=code)
    desk.house.clock.move(seconds=20)
    person.say("2")
    person.say("waarom vraag je dat?", "ask_why")
    desk.house.clock.move(seconds=40)
    person.say("sla over", "skip")
    found = of(desk).drop_off(desk.consultant, here.id)
    assert found is not None
    steps = [one.every for one in found.questions]
    assert [one.reached for one in steps] == [1, 1, 1, 0, 0, 0]
    assert [one.asked for one in steps] == [0, 1, 0, 0, 0, 0]
    assert (steps[0].answered, steps[1].skipped) == (1, 1)
    assert (found.begun, found.open, found.stopped) == (1, 1, 0)
    desk.house.clock.move(days=15)
    later = of(desk).drop_off(desk.consultant, here.id)
    assert later is not None
    assert [one.every.stopped for one in later.questions] == [0, 0, 1, 0, 0, 0]


def test_drop_off_takes_as_many_statements_for_forty_people_as_for_four(desk: DeskHouse) -> None:
    here, there = campaign(desk), campaign(desk)
    crowd(desk, here, 4)
    crowd(desk, there, 40)
    counts = []
    for one in (here, there):
        of(desk).drop_off(desk.consultant, one.id)
        with statements(desk.house) as found:
            dropped = of(desk).drop_off(desk.consultant, one.id)
        counts.append(len(found))
    assert counts[0] == counts[1]
    assert dropped is not None
    assert dropped.questions[1].every.median_seconds == 30.0


def test_who_sees_the_measurements_of_an_organisation_is_written_down(desk: DeskHouse) -> None:
    before = len(desk.audit())
    of(desk).over_time(desk.consultant, desk.organisation.id)
    assert desk.audit()[before:] == [(desk.consultant.user_id, "over_time_seen", desk.organisation.id)]
