"""`peil demo`: an invented organisation, made through the same door as people, and taken away whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from bot import bootstrap
from bot.assessment.segments import DEPARTMENTS, ROLE_LAYERS
from bot.bootstrap import Peil
from bot.cli import main
from bot.definitions import load
from bot.demo import building
from bot.demo.people import CONSULTANTS, ORGANISATION, Someone, everybody, level_of
from bot.demo.words import said
from bot.service.campaign_input import NewCampaign
from bot.service.desk.access import MACHINE
from bot.settings import Settings
from bot.store import tables as t

ROOT = Path(__file__).resolve().parents[3]
TODAY = datetime(2026, 11, 20, 16, tzinfo=UTC)
# One of each ending, and of each language; four layers.
FEW = (0, 5, 7, 12, 16, 18, 24, 27, 31, 33, 44, 46, 52)


def rows(peil: Peil, statement: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
    with peil.store.engine.connect() as connection:
        return connection.execute(statement).all()


def prepared(folder: Path) -> Settings:
    settings = Settings.from_environment({"PEIL_DATA_DIR": str(folder)}).with_secrets()
    bootstrap.prepare(settings, learning=False)
    return settings


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peil]:
    """The whole of it, made once; looked at only."""
    settings = prepared(tmp_path_factory.mktemp("demo"))
    building.make(settings, TODAY, lambda _: None)
    peil = bootstrap.build(settings)
    yield peil
    peil.store.engine.dispose()


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> list[Someone]:
    """So few people that they can be made more than once."""
    chosen = [one for number, one in enumerate(everybody()) if number in FEW]
    monkeypatch.setattr(building, "everybody", lambda: chosen)
    return chosen


# --- the people and their words ---------------------------------------------------------------------


def test_there_are_sixty_people_of_every_layer_and_department_in_both_languages() -> None:
    people = everybody()

    assert len({one.name for one in people}) == 60
    assert {one.layer for one in people} == set(ROLE_LAYERS)
    assert {one.department for one in people} == set(DEPARTMENTS)
    assert Counter(one.language for one in people).keys() == {"nl", "en"}
    assert {one.ending for one in people} == {"finishes", "returns", "leaves", "refuses", "stays_away"}


def test_the_words_are_many_and_belong_to_levels_that_there_are() -> None:
    sentences = set()
    for model_id in ("cemm", "crm"):
        model = load(ROOT / "models" / "maturity" / f"{model_id}.yml")
        for language in ("nl", "en"):
            for (item_id, level), known in said(model_id, language).items():
                assert level in [one.value for one in model.item(item_id)[1].levels]
                assert all(one.who is None or one.who in (*ROLE_LAYERS, *DEPARTMENTS) for one in known)
                sentences |= {one.text for one in known}

    assert len(sentences) >= 150


def test_nobody_uses_the_sentences_from_which_the_placer_has_learned() -> None:
    for model_id in ("cemm", "crm"):
        learned = (ROOT / "models" / "maturity" / f"{model_id}.yml").read_text(encoding="utf-8").casefold()
        for language in ("nl", "en"):
            for known in said(model_id, language).values():
                assert [one.text for one in known if one.text.casefold() in learned] == []


# --- what is there ----------------------------------------------------------------------------------


def test_everything_of_it_says_that_it_is_invented(demo: Peil) -> None:
    assert [one.name for one, _ in demo.campaigns.organisations()] == [ORGANISATION]
    assert "demo" in ORGANISATION
    assert [one.campaign.invented for one in demo.campaigns.campaigns()] == [True] * 3


def test_two_campaigns_by_name_lie_a_year_apart_and_one_is_anonymous(demo: Peil) -> None:
    first, shops, second = sorted(
        (one.campaign for one in demo.campaigns.campaigns()), key=lambda one: one.created_at
    )

    assert timedelta(days=330) < second.created_at - first.created_at < timedelta(days=380)
    assert (first.models, second.models, shops.models) == (("cemm",), ("cemm",), ("crm",))
    assert (first.anonymous, second.anonymous, shops.anonymous) == (False, False, True)


def test_most_finish_some_stop_halfway_one_refuses_and_some_never_open_the_link(demo: Peil) -> None:
    second = next(one for one in demo.campaigns.campaigns() if "tweede" in one.campaign.name)
    status = demo.campaigns.status(second.campaign.id)

    people = Counter(one.ending for one in everybody())
    assert status.invited == 60
    assert status.used == 60 - people["stays_away"]
    assert status.started == 60 - people["stays_away"] - people["refuses"]
    assert status.finished == people["finishes"] + people["returns"]


def test_people_skip_ask_change_take_another_level_than_proposed_and_want_a_person(demo: Peil) -> None:
    kinds = dict(
        map(tuple, rows(demo, sa.select(t.answers.c.kind, sa.func.count()).group_by(t.answers.c.kind)))
    )
    assert all(kinds.get(kind, 0) >= 3 for kind in ("dont_know", "not_applicable", "skipped"))

    changed = rows(demo, sa.select(t.answers.c.id).where(t.answers.c.supersedes.is_not(None)))
    assert len(changed) >= 5
    declined = rows(demo, sa.select(t.placements.c.id).where(t.placements.c.declined))
    taken = rows(demo, sa.select(t.answers.c.id).where(t.answers.c.placement_id.is_not(None)))
    assert len(declined) >= 10
    assert len(taken) >= 100
    asked = rows(demo, sa.select(t.help_requests.c.contact))
    assert len(asked) >= 3
    assert all(contact is None or contact.endswith("@example.org") for (contact,) in asked)


def test_some_let_colleagues_see_their_words_and_some_do_not(demo: Peil) -> None:
    quoting = Counter(said for (said,) in rows(demo, sa.select(t.conversations.c.quoting)))

    assert quoting["yes"] > quoting["no"] >= 5


def test_no_turn_is_left_open_and_no_link_leads_out_of_the_example(demo: Peil) -> None:
    assert rows(demo, sa.select(t.inbox.c.id).where(t.inbox.c.done_at.is_(None))) == []
    assert rows(demo, sa.select(t.accounts.c.id)) == []


def test_nothing_in_it_is_later_than_today(demo: Peil) -> None:
    latest = [
        rows(demo, sa.select(sa.func.max(column)))[0][0]
        for column in (t.transcript.c.at, t.answers.c.at, t.assessments.c.completed_at, t.audit.c.at)
    ]

    assert all(found is None or found <= TODAY + timedelta(minutes=1) for found in latest)


def test_the_board_sees_people_and_strategy_brighter_than_the_work_floor_does() -> None:
    def average(layer: str, dimension: str) -> float:
        items = [item for item, _ in said("cemm", "nl") if item.startswith(f"{dimension}.")]
        return mean(level_of(one, item) for one in everybody() if one.layer == layer for item in set(items))

    assert average("board", "people") > average("front_line", "people") + 1
    assert average("board", "strategy") > average("front_line", "strategy") + 1


def test_marketing_and_it_disagree_on_data(demo: Peil) -> None:
    segment = t.conversations.c.segments["department"].as_string()
    found = rows(
        demo,
        sa.select(segment, sa.func.avg(t.answers.c.value))
        .select_from(t.answers)
        .join(t.assessments, t.assessments.c.id == t.answers.c.assessment_id)
        .join(t.conversations, t.conversations.c.id == t.assessments.c.conversation_id)
        .where(t.answers.c.kind == "level", t.answers.c.item_id.like("data.%"))
        .group_by(segment),
    )
    by = {department: float(score) for department, score in found}

    assert by["marketing"] > by["it"] + 1


def test_the_comparison_of_two_dimensions_is_what_one_computes_by_hand(demo: Peil) -> None:
    [shown] = [one for one in demo.campaigns.campaigns() if one.campaign.name.endswith("tweede meting")]
    found = demo.desk.comparing.compare(MACHINE, shown.campaign.id, "cemm").comparison
    assert found is not None

    # Counted here from the answers themselves: completed runs of all questions, the newest answer to each.
    given = rows(
        demo,
        sa.select(t.conversations.c.id, t.conversations.c.segments, t.answers.c.item_id, t.answers.c.value)
        .join(t.assessments, t.assessments.c.conversation_id == t.conversations.c.id)
        .join(t.answers, t.answers.c.assessment_id == t.assessments.c.id)
        .where(
            t.conversations.c.campaign_id == shown.campaign.id,
            t.assessments.c.status == "completed",
            t.assessments.c.depth == "full",
            t.answers.c.kind == "level",
            t.answers.c.id.not_in(
                sa.select(t.answers.c.supersedes).where(t.answers.c.supersedes.is_not(None))
            ),
        ),
    )
    levels: dict[str, dict[str, int]] = {}
    layer: dict[str, str] = {}
    for person, segments, item_id, value in given:
        levels.setdefault(person, {})[item_id] = value
        layer[person] = segments["role_layer"]
    for dimension in ("data", "people"):
        of = {
            person: [value for item_id, value in own.items() if item_id.startswith(f"{dimension}.")]
            for person, own in levels.items()
        }
        # Three questions of the same weight; with one of them a dimension has no score.
        scores = {person: Fraction(sum(own), len(own)) for person, own in of.items() if len(own) >= 2}
        whole = found.whole.dimensions[dimension]
        assert whole.n == len(scores) == 42
        assert whole.mean == pytest.approx(float(sum(scores.values()) / len(scores)))
        above = [score for person, score in scores.items() if layer[person] in ("board", "management")]
        below = [score for person, score in scores.items() if layer[person] in ("specialist", "front_line")]
        apart = sum(above) / len(above) - sum(below) / len(below)
        assert (len(above), len(below)) == (15, 27)
        assert found.gaps[dimension].difference == pytest.approx(float(apart))

    # data.quality: 8 chose 1, 11 chose 2, 17 chose 3, 6 chose 4: 8 + 22 + 51 + 24 = 105, / 42 = 2.5;
    # squares 8 + 44 + 153 + 96 = 301, less 105 * 105 / 42 = 262.5: 38.5, / 41 = 0.93902;
    # at random (25 - 1) / 12 = 2, so 1 - 0.93902 / 2 = 0.53049
    quality = found.whole.items["data.quality"]
    assert (quality.counts, quality.mean) == ((8, 11, 17, 6, 0), 2.5)
    assert quality.agreement == pytest.approx(1 - 38.5 / 41 / 2)
    # data.purpose: 3 + 38 + 42 + 8 + 5 = 96 of 39; 3 + 76 + 126 + 32 + 25 = 262, less 96 * 96 / 39; / 38
    # data.access: 7 + 36 + 42 + 12 = 97 of 42; 7 + 72 + 126 + 48 = 253, less 97 * 97 / 42; / 41
    # The three together, r_wg(J): mean of the three s2 / 2 is e, 3 (1 - e) / (3 (1 - e) + e).
    purpose, access = (262 - 96 * 96 / 39) / 38, (253 - 97 * 97 / 42) / 41
    e = (38.5 / 41 + purpose + access) / 3 / 2
    assert found.whole.dimensions["data"].agreement == pytest.approx(3 * (1 - e) / (3 * (1 - e) + e))


# --- again, and away --------------------------------------------------------------------------------


def spoken(peil: Peil) -> list[tuple[Any, ...]]:
    """What was said by whom and when, without ids."""
    found = rows(
        peil,
        sa.select(t.transcript.c.role, t.transcript.c.text, t.transcript.c.at).order_by(
            t.transcript.c.at, t.transcript.c.conversation_id, t.transcript.c.seq
        ),
    )
    return sorted(map(tuple, found))


def test_it_is_the_same_each_time(few: list[Someone], tmp_path: Path) -> None:
    seen = []
    for name in ("one", "other"):
        settings = prepared(tmp_path / name)
        building.make(settings, TODAY, lambda _: None)
        peil = bootstrap.build(settings)
        seen.append(spoken(peil))
        peil.store.engine.dispose()

    assert len(seen[0]) > 300
    assert seen[0] == seen[1]


def test_the_command_makes_it_once_and_takes_away_no_more_than_it_made(
    few: list[Someone], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEIL_DATA_DIR", str(tmp_path / "data"))
    run = CliRunner()

    made = run.invoke(main, ["demo"])
    assert made.exit_code == 0, made.output
    assert "peil user add" in made.output
    assert "is there already" in run.invoke(main, ["demo"]).output
    settings = Settings.from_environment({"PEIL_DATA_DIR": str(tmp_path / "data")}).with_secrets()
    peil = bootstrap.build(settings)
    own = peil.campaigns.create(NewCampaign("Real", "Ours", ["cemm"], anonymous=False)).campaign
    (invitation,) = peil.campaigns.invite(own.id, "single", labels=["Anna"])
    code = peil.use_cases.codes.code("invitation", invitation.id)
    conversation, _ = peil.use_cases.start_conversation("web", "nl", {}, code=code)

    gone = run.invoke(main, ["demo", "--remove"])
    assert gone.exit_code == 0, gone.output
    left = {table.name: len(rows(peil, sa.select(table))) for table in t.metadata.sorted_tables}
    kept = {name for name, count in left.items() if count}
    assert kept <= {
        *("definitions", "organisations", "campaigns", "invitations", "conversations", "transcript"),
        *("audit", "spent"),
    }
    assert [left[name] for name in ("organisations", "campaigns", "invitations", "conversations")] == [1] * 4
    assert peil.use_cases.there_is(conversation.id)
    assert "is not there" in run.invoke(main, ["demo", "--remove"]).output
    peil.store.engine.dispose()


def test_real_organisations_keep_it_out_unless_one_says_anyway(
    few: list[Someone], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = prepared(tmp_path)
    monkeypatch.setenv("PEIL_DATA_DIR", str(tmp_path))
    peil = bootstrap.build(settings)
    peil.campaigns.create_organisation("Real")
    run = CliRunner()

    refused = run.invoke(main, ["demo"])
    assert refused.exit_code == 1
    assert "may be real" in refused.output
    assert [one.name for one, _ in peil.campaigns.organisations()] == ["Real"]
    assert run.invoke(main, ["demo", "--anyway"]).exit_code == 0
    assert {one.name for one, _ in peil.campaigns.organisations()} == {"Real", ORGANISATION}
    peil.store.engine.dispose()


def test_what_fails_halfway_leaves_nothing(
    few: list[Someone], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = prepared(tmp_path)
    monkeypatch.setenv("PEIL_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(building._Making, "_anonymous", lambda *_: 1 / 0)

    assert run_fails()
    peil = bootstrap.build(settings)
    assert peil.campaigns.organisations() == []
    peil.store.engine.dispose()


def run_fails() -> bool:
    return isinstance(CliRunner().invoke(main, ["demo"]).exception, ZeroDivisionError)


def test_a_campaign_of_ones_own_in_it_is_not_taken_away(
    few: list[Someone], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = prepared(tmp_path)
    monkeypatch.setenv("PEIL_DATA_DIR", str(tmp_path))
    peil = bootstrap.build(settings)
    peil.campaigns.create(NewCampaign(ORGANISATION, "Ours", ["cemm"], anonymous=False))

    refused = CliRunner().invoke(main, ["demo", "--remove"])
    assert refused.exit_code == 1
    assert "'Ours'" in refused.output
    assert len(peil.campaigns.campaigns()) == 1
    peil.store.engine.dispose()


def test_consultants_have_judged_noted_marked_asked_advised_and_published(demo: Peil) -> None:
    for table, least in (
        *((t.judgements, 8), (t.desk_notes, 5), (t.review_marks, 8), (t.questions, 2), (t.plans, 2)),
        *((t.editions, 2), (t.privacy_requests, 1)),
    ):
        assert len(rows(demo, sa.select(table))) >= least, table.name
    assert len(rows(demo, sa.select(t.plans.c.id).where(t.plans.c.signed_at.is_not(None)))) == 2
    answered = [at is not None for (at,) in rows(demo, sa.select(t.questions.c.answered_at))]
    assert sorted(answered) == [False, True]


def test_a_judgement_stands_beside_another_level_of_the_respondent(demo: Peil) -> None:
    found = rows(
        demo,
        sa.select(t.judgements.c.level, t.answers.c.value).join(
            t.answers, t.answers.c.id == t.judgements.c.answer_id
        ),
    )

    assert found
    assert any(level != value for level, value in found)


def test_those_who_judge_there_cannot_sign_in(demo: Peil) -> None:
    found = rows(demo, sa.select(t.users.c.email, t.users.c.password, t.users.c.disabled_at))

    assert all(password is None and disabled is not None for _, password, disabled in found)
    assert {email for email, _, _ in found} <= {email for email, _ in CONSULTANTS}
