"""Wiring: the one place that knows which store, clock, parser and renderer stand behind the use-cases."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from alembic.util.exc import CommandError

from bot import definitions
from bot.desk_parts import build_desk
from bot.render.matrix import MatrixSpec, Step
from bot.render.radar import Axis, RadarSpec
from bot.sealing import Sealer
from bot.service.campaigns import Campaigns
from bot.service.chats import Chats
from bot.service.codes import shown
from bot.service.desk.cases import DeskCases
from bot.service.ports import Clock, MatrixFacts, RadarFacts
from bot.service.reminders import Reminders
from bot.service.review import Review
from bot.service.turn import Place
from bot.service.use_cases import UseCases
from bot.service.versions import refusals
from bot.settings import Settings, SettingsError
from bot.store.engine import make_engine
from bot.store.migrate import is_newest, upgrade
from bot.store.work import Store
from bot.texts import LANGUAGES
from bot.understanding.placing.artefact import load_base, prebuilt, to_bytes
from bot.understanding.placing.encoders import encoders
from bot.understanding.placing.reading import OwnWords
from bot.understanding.placing.training import train


class StartError(Exception):
    """Peil cannot start; the message says in a sentence or a list of them what is wrong."""


@dataclass(frozen=True)
class Peil:
    """The parts of one process, wired together."""

    settings: Settings
    store: Store
    use_cases: UseCases
    chats: Chats
    campaigns: Campaigns
    reminders: Reminders
    review: Review
    own_words: OwnWords
    desk: DeskCases


def begin_process() -> Settings:
    """The settings of a process of ours that serves; ends it with one sentence when one cannot be used.

    Also sets up its log, and keeps what it writes from other users of the machine.
    """
    os.umask(0o077)
    try:
        settings = Settings.from_environment().with_secrets()
    except SettingsError as error:
        sys.exit(str(error))
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    return settings


def _now() -> datetime:
    return datetime.now(UTC)


def build(
    settings: Settings, *, clock: Clock = _now, radar: Callable[[RadarFacts], str] | None = None
) -> Peil:
    """Wire the parts for these settings; `settings` must have its secrets. Opens no connection yet.

    `clock` and `radar`: other ones than the time of day and the radar's own.
    """
    store = Store(make_engine(settings.database_url))
    own_words = OwnWords(partial(_placer, store), encoders())
    use_cases = UseCases(
        store,
        clock=clock,
        parse=definitions.from_canonical,
        radar=radar or radar_spec,
        matrix=matrix_spec,
        secret=settings.secret,
        token_days=settings.token_days,
        contact=settings.contact or None,
        places=lambda code: places(settings, code),
        placer=own_words,
        embed_origins=settings.embed_origins.split(),
    )
    campaigns = Campaigns(
        store,
        clock=clock,
        parse=definitions.from_canonical,
        codes=use_cases.codes,
        signatures=use_cases.signatures,
        public_url=settings.public_url,
        telegram_bot=(settings.telegram_token and settings.telegram_bot) or None,
        whatsapp_number=(settings.whatsapp_token and settings.whatsapp_number) or None,
    )
    reminders = Reminders(store, use_cases.knowledge, clock)
    review = Review(store, definitions.from_canonical)
    return Peil(
        settings=settings,
        store=store,
        use_cases=use_cases,
        chats=Chats(store, use_cases, Sealer(settings.secret), clock, settings.secret),
        campaigns=campaigns,
        reminders=reminders,
        review=review,
        own_words=own_words,
        desk=build_desk(settings, store, clock, use_cases, campaigns, reminders, review),
    )


def _placer(store: Store, definition_hash: str) -> bytes | None:
    with store.read() as work:
        return work.placer(definition_hash)


def warm_up_own_words(peil: Peil) -> None:
    """Load what placing own words takes, for a process that takes turns: some seconds, so in a thread."""
    with peil.store.read() as work:
        offered = [work.snapshot(hash_) for _, hash_ in work.offered()]
    peil.own_words.warm_up(
        [(one.hash, definitions.from_canonical(one.content)) for one in offered if one is not None]
    )


def places(settings: Settings, code: str) -> tuple[Place, ...]:
    """Where one can go on with the code of a handover: each channel that is set up, and the way there."""
    found = [Place("web", f"{settings.public_url}/#move={code}")]
    if settings.telegram_token and settings.telegram_bot:
        found.append(Place("telegram", f"https://t.me/{settings.telegram_bot}?start={code}"))
    if settings.whatsapp_token and settings.whatsapp_number:
        found.append(Place("whatsapp", f"https://wa.me/{settings.whatsapp_number}?text={shown(code)}"))
    return tuple(found)


def radar_spec(facts: RadarFacts) -> str:
    """The renderer's description of a result, as JSON."""
    return RadarSpec(
        language=facts.language,
        axes=tuple(
            Axis(
                label=facts.model.dimension(found.dimension_id).title[facts.language],
                today=found.score,
                target=None if found.target is None else float(found.target),
                score_text=facts.scores.get(found.dimension_id, "–"),
                before=None if facts.before is None else facts.before.get(found.dimension_id),
            )
            for found in facts.result.dimensions
        ),
        highest=facts.model.highest,
        title=facts.title,
        subtitle=facts.subtitle,
        today_label=facts.today,
        target_label=facts.target,
        before_label=facts.before_label,
    ).to_json()


def matrix_spec(facts: MatrixFacts) -> str:
    """The renderer's description of steps in the matrix, as JSON."""
    return MatrixSpec(
        language=facts.language,
        steps=tuple(
            Step(one.number, one.title, one.benefit, one.investment, one.horizon) for one in facts.steps
        ),
        title=facts.title,
        subtitle=facts.subtitle,
        benefit=facts.benefit,
        benefits=facts.benefits,
        investment=facts.investment,
        investments=facts.investments,
        horizons=facts.horizons,
    ).to_json()


def definition_files(folder: Path) -> list[Path]:
    """The maturity models in a folder, by name."""
    return sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")])


def _nobody(_: str) -> None:
    """Is told, and does nothing with it."""


def prepare(settings: Settings, say: Callable[[str], None] = _nobody, *, learning: bool = True) -> list[str]:
    """Migrate the database and publish the definitions; what was done, a line each.

    `say` is told meanwhile how far it has come where it takes long. Without `learning` nothing is trained:
    own words are placed only at definitions that have what that takes. All definitions are checked before
    the database is touched: nothing starts half. Raises StartError.
    """
    files = definition_files(settings.definitions)
    if not files:
        raise StartError(f"There is no maturity model (*.yml) in {settings.definitions}.")
    problems = definitions.check(files)
    if problems:
        raise StartError("\n".join(str(problem) for problem in problems))
    published = []
    for file in files:
        canonical = definitions.canonical(file.read_text(encoding="utf-8"))
        model = definitions.from_canonical(canonical)
        if missing := [code for code in LANGUAGES if code not in model.languages]:
            # Anybody may change the language at any moment: a model that cannot follow would end the talk.
            raise StartError(
                f"{file}: languages: a conversation can be in {' and '.join(LANGUAGES)}, so a maturity model "
                f"must be in both; {' and '.join(missing)} is missing."
            )
        published.append((definitions.content_hash(canonical), model.id, model.version, canonical))
    done = ["The database is up to date now."] if migrate(settings) else []
    peil = build(settings)
    try:
        if refused := refusals(peil.store, definitions.from_canonical, published):
            raise StartError("\n".join(refused))
        new = peil.use_cases.publish(published)
        if learning:
            train_placers(peil.store, say)
    except sa.exc.SQLAlchemyError as error:
        raise _unusable(error) from error
    finally:
        peil.store.engine.dispose()
    return done + [f"Published the maturity model {model_id}." for model_id in new]


def train_placers(store: Store, say: Callable[[str], None] = _nobody, clock: Clock = _now) -> None:
    """Train what places own words, for each definition that can be answered and has nothing of this version.

    That is what is on offer, and what somebody is in the middle of. Definitions that come with Peil bring
    theirs along. It is done outside any transaction: many examples take a minute.
    """
    known = encoders()
    with store.read() as work:
        answerable = {hash_ for _, hash_ in work.offered()}
        answerable |= {one.definition_hash for one in work.assessments() if one.status == "active"}
        snapshots = [one for one in work.snapshots() if one.hash in answerable]
        kept = work.placers()
    base = load_base(known.names)
    for snapshot in snapshots:
        if kept.get(snapshot.hash) == base.recipe or prebuilt(snapshot.hash, snapshot.model_id, known.names):
            continue
        model = definitions.from_canonical(snapshot.content)
        if not any(item.kind == "rubric" for _, item in model.walk()):
            continue
        name = f"{model.id} {model.version}"
        say(f"Learning what people say at the levels of {name}.")
        trained = train(snapshot.hash, model, base, known, partial(_said_of, say, name))
        with store.write() as work:
            work.add_placer(snapshot.hash, base.recipe, to_bytes(trained), clock())
            work.commit()


def _said_of(say: Callable[[str], None], name: str, words: str) -> None:
    say(f"  {name}: {words}")


def migrate(settings: Settings) -> bool:
    """Bring the database to the newest revision; False when it was there already. Raises StartError."""
    engine = make_engine(settings.database_url)
    try:
        return upgrade(engine)
    except CommandError as error:
        raise StartError(
            f"The database was made by another version of Peil ({error}); nothing was changed."
        ) from error
    except sa.exc.SQLAlchemyError as error:
        raise _unusable(error) from error
    finally:
        engine.dispose()


def is_empty(settings: Settings) -> bool:
    """Whether there is no table in the database yet; an SQLite file that is not there is not made."""
    engine = make_engine(settings.database_url)
    try:
        if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
            return True
        return not sa.inspect(engine).get_table_names()
    except sa.exc.SQLAlchemyError as error:
        raise _unusable(error) from error
    finally:
        engine.dispose()


def require_database(settings: Settings) -> None:
    """Raise StartError unless the database is there and of this version; changes nothing."""
    engine = make_engine(settings.database_url)
    try:
        if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
            raise StartError(
                f"There is no database at {engine.url.database}; start Peil once, or set PEIL_DATA_DIR."
            )
        if not is_newest(engine):
            raise StartError("The database is of another version of Peil; start this one once to update it.")
    except sa.exc.SQLAlchemyError as error:
        raise _unusable(error) from error
    finally:
        engine.dispose()


def _unusable(error: sa.exc.SQLAlchemyError) -> StartError:
    reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    return StartError(f"The database cannot be used: {reason}. Check PEIL_DATABASE_URL.")
