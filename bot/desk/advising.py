"""Pages of the desk: advice, for one result and for the organisation; edited, looked at, signed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from bot.assessment.plans import (
    HORIZONS,
    LONGEST_TEXT,
    LONGEST_TITLE,
    MOST_STEPS,
    OWN,
    Plan,
    StepWords,
    Words,
    text_in,
)
from bot.assessment.scoring import format_score
from bot.desk.pages import Desk, SignedIn, back, language_of, page
from bot.service.desk.access import Actor
from bot.service.desk.advising import (
    NEVER,
    About,
    Advising,
    Doing,
    Edits,
    NewStep,
    NotFit,
    Outrun,
    Sheet,
)
from bot.service.desk.grounds import item_of
from bot.service.signed import told_steps
from bot.texts import LANGUAGES

_DOINGS: Mapping[str, Doing] = {
    "save": "save",
    "up": "up",
    "down": "down",
    "now": "now",
    "next": "next",
    "later": "later",
    "drop": "drop",
    "drop_picked": "drop_picked",
    "restore": "restore",
    "take": "take",
    # Saved first, so that nothing that was typed is left behind.
    "look": "save",
}
_TEXTS = (("title", LONGEST_TITLE), ("begin", LONGEST_TEXT), ("measure", LONGEST_TEXT), ("why", LONGEST_TEXT))
# Whatever is longer was not typed; it is cut so that a page with it can still be shown.
_CUT = 4


def make_advising(desk: Desk) -> APIRouter:
    """The routes of these pages."""
    router = APIRouter()
    cases = desk.peil.desk.advising
    for prefix in ("/assessments/{assessment_id}/advice", "/campaigns/{campaign_id}/advice/{model_id}"):
        _add_editor(router, cases, prefix)

    @router.get("/campaigns/{campaign_id}/advice")
    def overview(request: Request, actor: SignedIn, campaign_id: str) -> Response:
        campaign, told = cases.overview(actor, campaign_id)
        return page(request, "advising_overview.html", campaign=campaign, told=told)

    return router


def _add_editor(router: APIRouter, cases: Advising, prefix: str) -> None:
    @router.get(prefix)
    def editor(request: Request, actor: SignedIn) -> Response:
        return _editor(request, cases.sheet(actor, _about(request)))

    @router.post(prefix)
    async def save(request: Request, actor: SignedIn) -> Response:
        form = await request.form()
        return await run_in_threadpool(_save, request, cases, actor, form)

    @router.get(f"{prefix}/sign")
    def look(request: Request, actor: SignedIn) -> Response:
        sheet = cases.sheet(actor, _about(request))
        if sheet.cannot_sign is not None:
            return back(request, _path(sheet.about), f"desk_advising.{sheet.cannot_sign}", bad=True)
        return _preview(request, sheet)

    @router.post(f"{prefix}/sign")
    async def sign(request: Request, actor: SignedIn) -> Response:
        form = await request.form()
        about = _about(request)
        done = await run_in_threadpool(cases.sign, actor, about, _text(form, "seen", 200))
        return back(request, _path(about), "desk_advising.signed" if done else "desk_advising.signed_before")

    @router.post(f"{prefix}/withdraw")
    async def withdraw(request: Request, actor: SignedIn) -> Response:
        form = await request.form()
        about = _about(request)
        version = _text(form, "version", 9)
        number = int(version) if version.isascii() and version.isdigit() else 0
        await run_in_threadpool(cases.withdraw, actor, about, number)
        return back(request, _path(about), "desk_advising.withdrawn")

    @router.post(f"{prefix}/discard")
    async def discard(request: Request, actor: SignedIn) -> Response:
        form = await request.form()
        about = _about(request)
        await run_in_threadpool(cases.discard, actor, about, _text(form, "state", 40))
        return back(request, _path(about), "desk_advising.discarded")


def _about(request: Request) -> About:
    named = request.path_params
    return About(named.get("assessment_id"), named.get("campaign_id"), named.get("model_id"))


def _path(about: About) -> str:
    if about.assessment_id is not None:
        return f"/assessments/{about.assessment_id}/advice"
    return f"/campaigns/{about.campaign_id}/advice/{about.model_id}"


def _save(request: Request, cases: Advising, actor: Actor, form: FormData) -> Response:
    about = _about(request)
    doing, _, key = _text(form, "do", 120).partition(":")
    edits = _edits(form)
    if edits is None or doing not in _DOINGS:
        return page(request, "layout_told.html", 422, key="invalid")
    try:
        key = cases.save(actor, about, _text(form, "state", 40), edits, _DOINGS[doing], key)
    except Outrun as outrun:
        return _editor(request, outrun.sheet, mine=outrun.mine, new=edits.new, outrun=True)
    except NotFit as wrong:
        return _editor(request, wrong.sheet, mine=wrong.mine, new=edits.new, faults=wrong.faults)
    if doing == "look":
        return back(request, f"{_path(about)}/sign")
    told = {"drop": "dropped", "restore": "restored", "take": "taken"}
    told |= dict.fromkeys(("up", "down", *HORIZONS), "moved")
    if edits.picked:
        told["drop_picked"] = "dropped_several"
    said = told.get(doing, "added" if edits.new is not None else "saved")
    return back(request, _path(about) + (f"#{tag(key)}" if key else ""), f"desk_advising.{said}")


def tag(key: str) -> str:
    """A step's key as an anchor."""
    return f"step-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


# --- what was typed ---


def _text(form: FormData, name: str, longest: int) -> str:
    found = form.get(name)
    # A NUL is no text, and not every database takes it.
    return found.replace("\0", "")[:longest] if isinstance(found, str) else ""


def _edits(form: FormData) -> Edits | None:
    """What the form holds; None where it is none of ours."""
    steps = {}
    for number in range(MOST_STEPS + 10):
        key = _text(form, f"key{number}", 120)
        if key:
            typed = _step(form, str(number))
            if typed is None:
                return None
            steps[key] = typed
    new = _step(form, "new")
    if new is None:
        return None
    begun = any(
        text.strip()
        for texts in (new.words.title, new.words.begin, new.words.measure, new.words.why)
        for text in texts.values()
    )
    picked = frozenset(one[:120] for one in form.getlist("pick") if isinstance(one, str))
    return Edits(_words(form, "introduction", "", LONGEST_TEXT), steps, new if begun else None, picked)


def _words(form: FormData, name: str, number: str, longest: int) -> dict[str, str]:
    return {
        language: _text(form, f"{name}{number}_{language}", _CUT * longest)
        for language in LANGUAGES
        if f"{name}{number}_{language}" in form
    }


def _step(form: FormData, number: str) -> NewStep | None:
    title, begin, measure, why = (_words(form, name, number, longest) for name, longest in _TEXTS)
    horizon = next((one for one in HORIZONS if one == _text(form, f"horizon{number}", 10)), None)
    sizes = [_text(form, f"{name}{number}", 2) for name in ("benefit", "investment")]
    if horizon is None or any(size not in ("1", "2", "3") for size in sizes):
        return None
    return NewStep(
        StepWords(title, begin, measure, why, horizon, int(sizes[0]), int(sizes[1])),
        _text(form, f"dimension{number}", 40) or None,
    )


# --- what is shown ---


def _editor(
    request: Request,
    sheet: Sheet,
    *,
    mine: Plan | None = None,
    new: NewStep | None = None,
    faults: Mapping[tuple[str, str], str] | None = None,
    outrun: bool = False,
) -> Response:
    """The editor. `mine`: what was typed and not stored, shown in place of the plan."""
    plan = mine or sheet.plan
    drafts = {step.key: step for step in sheet.draft}
    stored = {step.key: step for step in sheet.plan.steps}
    numbers = {step.key: number for number, step in enumerate(plan.kept, 1)}

    def theirs(key: str, name: str, language: str = "") -> str:
        """What somebody else saved in this place, where it is not what was typed here; empty for the same.

        `key` is empty for the introduction, `language` for what is chosen from a list.
        """
        if not outrun or (key and key not in stored):
            return ""
        typed = getattr(plan.step(key).words, name) if key else plan.introduction
        saved = getattr(stored[key].words, name) if key else sheet.plan.introduction
        if not language:
            return "" if typed == saved else str(saved)
        return "" if typed.get(language, "") == saved.get(language, "") else saved.get(language) or "–"

    status = 409 if outrun else 422 if faults else 200
    return page(
        request,
        "advising_editor.html",
        status,
        sheet=sheet,
        plan=plan,
        path=_path(sheet.about),
        never=NEVER,
        tag=tag,
        numbers=numbers,
        drafts=drafts,
        in_plan={step.key: step for step in plan.steps},
        new=new if faults or outrun else None,
        faults=faults or {},
        own=OWN,
        theirs=theirs,
        outrun=outrun,
        unsaved=mine is not None,
        most=MOST_STEPS,
        longest_title=LONGEST_TITLE,
        longest_text=LONGEST_TEXT,
        horizons=HORIZONS,
        text_in=_shown(language_of(request)),
        item_of=item_of,
        score=lambda value: format_score(value, language_of(request)),
    )


def _preview(request: Request, sheet: Sheet) -> Response:
    spoken = sheet.languages
    first = sheet.reader if sheet.reader in spoken else spoken[0]
    versions: list[dict[str, Any]] = [
        {
            "language": language,
            "introduction": _shown(language)(sheet.plan.introduction),
            "steps": told_steps(language, sheet.model, sheet.plan, sheet.assessment),
            "missing": _missing(sheet.plan, language),
            "behind": _behind(sheet.plan, language),
            "old": _old(sheet.plan, sheet.before, language, _shown(language_of(request))),
        }
        for language in sorted(spoken, key=lambda one: one != first)
    ]
    return page(
        request,
        "advising_sign.html",
        sheet=sheet,
        path=_path(sheet.about),
        versions=versions,
        horizons=HORIZONS,
    )


def _missing(plan: Plan, language: str) -> int:
    """How many texts are shown in another language, since this one has none."""
    texts = [plan.introduction]
    for step in plan.kept:
        words = step.words
        texts += [words.title, words.begin, words.measure, words.why]
    return sum(1 for words in texts if any(words.values()) and not words.get(language))


def _behind(plan: Plan, language: str) -> int:
    """How many steps have the bot's text still in this language, while it was changed in another."""
    return sum(1 for step in plan.kept if step.behind(language))


def _old(
    plan: Plan, before: Plan | None, language: str, title: Callable[[Words], str]
) -> list[tuple[str, str]]:
    """Where this language still has the text of the version before, while another one was changed.

    Pairs of the field's name and the step's title, which is empty for the introduction.
    """
    if before is None:
        return []
    found = []
    if _lags(plan.introduction, before.introduction, language):
        found.append(("introduction", ""))
    then = {step.key: step.words for step in before.steps}
    for step in plan.kept:
        if step.key in then:
            found += [
                (name, title(step.words.title))
                for name, _ in _TEXTS
                if _lags(getattr(step.words, name), getattr(then[step.key], name), language)
            ]
    return found


def _lags(now: Words, then: Words, language: str) -> bool:
    if not now.get(language) or now.get(language) != then.get(language):
        return False
    return any(now.get(one, "") != then.get(one, "") for one in {*now, *then} - {language})


def _shown(language: str) -> Callable[[Words], str]:
    return lambda words: text_in(words, language)
