"""`peil organisation` and `peil campaign`: what a consultant does with campaigns on the command line."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import click

from bot.assessment.records import Campaign, Invitation
from bot.assessment.segments import SEGMENTS, SKIPPED
from bot.cli_parts import database_errors, line, prepared, quoted

if TYPE_CHECKING:
    from bot.service.campaign_status import Someone, Status
    from bot.service.campaigns import Campaigns, Embedding, Links, Shown
    from bot.service.reminders import Standing

P = ParamSpec("P")
R = TypeVar("R")

_QR_KINDS = ("png", "svg")
# Of one of the squares that a QR picture is made of, in pixels.
_QR_SCALE = 8
# Names of this machine: an address with one of them leads nobody else here.
_HERE = ("127.0.0.1", "localhost", "::1")
_BY_NAME, _ANONYMOUS = "by name", "anonymous"


def _sentences(command: Callable[P, R]) -> Callable[P, R]:
    """Turns what cannot be done with campaigns, and an error of the database, into one sentence."""

    @wraps(command)
    @database_errors
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        from bot.service.campaign_input import CampaignError

        try:
            return command(*args, **kwargs)
        except CampaignError as error:
            raise click.ClickException(str(error)) from None

    return guarded


def _campaigns() -> Campaigns:
    return prepared().campaigns


# --- organisations ----------------------------------------------------------------------------------


@click.group()
def organisation() -> None:
    """The companies whose people are asked."""


@organisation.command("add")
@click.argument("name")
@_sentences
def organisation_add(name: str) -> None:
    """Add an organisation."""
    made = _campaigns().create_organisation(name)
    click.echo(f"Organisation {made.name} was added.")


@organisation.command("list")
@_sentences
def organisation_list() -> None:
    """List the organisations, by name."""
    found = _campaigns().organisations()
    if not found:
        click.echo("There are no organisations yet.")
        return
    for one, count in found:
        click.echo(f"{one.name}: {_counted(count, 'campaign')}")


# --- campaigns --------------------------------------------------------------------------------------


@click.group()
def campaign() -> None:
    """Rounds of questions in an organisation: who is invited, and how far people are."""


def _pairs(name: str, texts: Sequence[str], example: str) -> Iterator[tuple[str, str]]:
    """'key=value' as (key, value)."""
    for text in texts:
        key, equals, value = (part.strip() for part in text.partition("="))
        if not (key and equals and value):
            raise click.BadParameter(f"{text!r} is not like {example}.", param_hint=f"'{name}'")
        yield key, value


def _segments(known: Sequence[str], not_asked: Sequence[str]) -> dict[str, str]:
    """Segment -> option or 'skipped', of the options --segment and --not-asked."""
    found: dict[str, str] = {}
    given = [
        *_pairs("--segment", known, "role_layer=management"),
        *((segment, SKIPPED) for segment in not_asked),
    ]
    for segment, option in given:
        if segment in found:
            raise click.BadParameter(f"{segment} is named twice.", param_hint="'--segment'")
        found[segment] = option
    return found


def _targets(texts: Sequence[str]) -> dict[str, dict[str, int]]:
    """Model id -> dimension id -> level, of the option --target."""
    found: dict[str, dict[str, int]] = {}
    for where, level in _pairs("--target", texts, "cemm.data=4"):
        model_id, dot, dimension_id = where.partition(".")
        if not dot or not level.isdecimal():
            raise click.BadParameter(f"'{where}={level}' is not like cemm.data=4.", param_hint="'--target'")
        found.setdefault(model_id, {})[dimension_id] = int(level)
    return found


_segment_options = (
    click.option(
        "--segment",
        "known",
        multiple=True,
        metavar="SEGMENT=OPTION",
        help=f"Known beforehand, so not asked: {', '.join(SEGMENTS)}. May be repeated.",
    ),
    click.option("--not-asked", multiple=True, metavar="SEGMENT", help="Not known, and not asked either."),
)


def _with_segments(command: Callable[P, R]) -> Callable[P, R]:
    for option in reversed(_segment_options):
        command = option(command)
    return command


@campaign.command("create")
@click.option("--organisation", "organisation_name", required=True, help="Its name; made if there is none.")
@click.option("--name", required=True, help="What to call the campaign; respondents do not see it.")
@click.option("--model", "models", multiple=True, required=True, metavar="ID", help="May be repeated.")
@click.option(
    "--depth",
    type=click.Choice(["full", "quick"]),
    help="All questions, or the quick scan; default: respondents choose.",
)
@click.option("--language", "languages", multiple=True, help="nl or en, the first by default; default: all.")
@_with_segments
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="MODEL.AREA=LEVEL",
    help="A target that is set; respondents choose the others. May be repeated.",
)
@click.option(
    "--anonymous/--by-name",
    "anonymous",
    default=None,
    help="Whether consultants see no name, or whose answers they are. Say one of them.",
)
@click.option("--opens", help="A day or time, such as 2026-03-02 or '2026-03-02 09:30'; default: at once.")
@click.option("--closes", help="A day (until its end) or time; default: until it is closed.")
@click.option("--time-zone", default="Europe/Amsterdam", show_default=True, help="Where the people are.")
@click.option("--welcome-nl", help="What opens the conversation in Dutch, at most 600 characters.")
@click.option("--welcome-en", help="The same in English.")
@click.option("--contact", help="Whom 'a person, please' leads to, on one line; default: PEIL_CONTACT.")
@click.option("--reminders", type=int, default=2, show_default=True, help="At most so many to one person.")
@click.option(
    "--origin",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help="A site that may show it, such as https://www.company.example. May be repeated.",
)
@click.option(
    "--signed-only", is_flag=True, help="What a site says of its visitor counts only if its server signed it."
)
@click.option("--approve-first", is_flag=True, help="A consultant lets respondents see each result.")
@click.option(
    "--keep-days",
    type=int,
    help="All that people said is erased so many days after its end, as they are told; default: never.",
)
@_sentences
def campaign_create(
    *,
    organisation_name: str,
    name: str,
    models: Sequence[str],
    depth: str | None,
    languages: Sequence[str],
    known: Sequence[str],
    not_asked: Sequence[str],
    targets: Sequence[str],
    anonymous: bool | None,
    opens: str | None,
    closes: str | None,
    time_zone: str,
    welcome_nl: str | None,
    welcome_en: str | None,
    contact: str | None,
    reminders: int,
    origins: Sequence[str],
    signed_only: bool,
    approve_first: bool,
    keep_days: int | None,
) -> None:
    """Make a campaign. Nobody is invited by that: see 'peil campaign invite'."""
    from bot.service.campaign_input import NewCampaign, moment_of

    if anonymous is None:
        raise click.UsageError("Say --anonymous or --by-name: respondents are told, and it stays that way.")
    welcome = {"nl": welcome_nl, "en": welcome_en}
    wished = NewCampaign(
        organisation=organisation_name,
        name=name,
        models=models,
        anonymous=anonymous,
        depth=depth,
        languages=languages,
        segments=_segments(known, not_asked),
        targets=_targets(targets),
        opens_at=None if opens is None else moment_of("opens", opens, time_zone),
        closes_at=None if closes is None else moment_of("closes", closes, time_zone, ends=True),
        welcome={language: text for language, text in welcome.items() if text is not None},
        contact=contact,
        reminders=reminders,
        time_zone=time_zone,
        origins=origins,
        signed_only=signed_only,
        approve_first=approve_first,
        keep_days=keep_days,
    )
    campaigns = _campaigns()
    made = campaigns.create(wished)
    if made.new_organisation:
        click.echo(f"Organisation {made.organisation.name} was new, and has been added.")
    _tell(campaigns.show(made.campaign.id))
    click.echo("\nNobody has been invited yet. Next, one of:")
    click.echo(f"  peil campaign invite {made.campaign.id} --open       one link for everybody")
    if made.campaign.anonymous:
        click.echo(f"  peil campaign invite {made.campaign.id} --count 10   ten links for one person each")
    else:
        click.echo(f"  peil campaign invite {made.campaign.id} --for 'Anna' a link for one person, by name")


@campaign.command("list")
@click.option("--organisation", "organisation_name", help="Only those of this one.")
@_sentences
def campaign_list(organisation_name: str | None) -> None:
    """List the campaigns, oldest first."""
    found = _campaigns().campaigns(organisation_name)
    if not found:
        click.echo("There are no campaigns yet.")
        return
    rows = [
        (
            one.campaign.id,
            one.organisation.name,
            one.campaign.name,
            _PHASES[one.phase],
            _ANONYMOUS if one.campaign.anonymous else _BY_NAME,
            ", ".join(one.campaign.models),
        )
        for one in found
    ]
    _table(("id", "organisation", "name", "now", "kind", "models"), rows)


@campaign.command("show")
@click.argument("which", metavar="CAMPAIGN")
@_sentences
def campaign_show(which: str) -> None:
    """Show a campaign (its id or name) and its invitations; no code is shown."""
    shown = _campaigns().show(which)
    _tell(shown)
    if not shown.invitations:
        click.echo("\nNobody has been invited yet.")
        return
    click.echo()
    rows = [
        (
            one.id,
            _KINDS[one.kind],
            one.label or "-",
            one.language or "-",
            _said(one.segments) or "-",
            "taken back" if one.revoked_at is not None else "-",
        )
        for one in shown.invitations
    ]
    _table(("invitation", "kind", "for", "language", "known", "state"), rows)


@campaign.command("close")
@click.argument("which", metavar="CAMPAIGN")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_sentences
def campaign_close(which: str, yes: bool) -> None:
    """Close a campaign: nobody begins and nobody is reminded any more. This cannot be undone."""
    campaigns = _campaigns()
    shown = campaigns.show(which)
    if shown.campaign.closed_at is not None:
        click.echo(f"Campaign {shown.campaign.name} was closed already.")
        return
    if not yes:
        click.confirm(f"Close campaign {shown.campaign.name} of {shown.organisation.name}?", abort=True)
    campaigns.close(shown.campaign.id)
    click.echo(f"Campaign {shown.campaign.name} is closed. Whoever has begun can finish.")


@campaign.command("embed")
@click.argument("which", metavar="CAMPAIGN")
@click.option(
    "--origin",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help="A site that may show it; with those named beside it, in place of all before. May be repeated.",
)
@click.option("--no-origins", is_flag=True, help="No site may show it any more, but for Peil's own pages.")
@click.option(
    "--signed-only/--not-signed-only",
    "signed_only",
    default=None,
    help="Whether what a site says of its visitor counts only if its server signed it.",
)
@click.option("--key", "with_key", is_flag=True, help="Print the key for that as well. Keep it secret.")
@_sentences
def campaign_embed(
    *, which: str, origins: Sequence[str], no_origins: bool, signed_only: bool | None, with_key: bool
) -> None:
    """Say which sites may show a campaign, and print what they need for it."""
    if origins and no_origins:
        raise click.UsageError("Say --origin or --no-origins, not both.")
    campaigns = _campaigns()
    found = campaigns.embed(
        which, origins=origins if origins or no_origins else None, signed_only=signed_only
    )
    _tell_embedding(found, campaigns.signing_key(found.campaign.id) if with_key else None)


@campaign.command("status")
@click.argument("which", metavar="CAMPAIGN")
@click.option("--json", "as_json", is_flag=True, help="For machines, as JSON.")
@_sentences
def campaign_status(which: str, as_json: bool) -> None:
    """Show how many were invited, began and finished, and where they stand."""
    from bot.service.campaign_status import as_data

    found = _campaigns().status(which)
    if as_json:
        click.echo(json.dumps(as_data(found), ensure_ascii=False, indent=2))
    else:
        _tell_status(found)


@campaign.command("remind")
@click.argument("which", metavar="CAMPAIGN")
@click.option("--dry-run", is_flag=True, help="Write nothing, only count.")
@_sentences
def campaign_remind(which: str, dry_run: bool) -> None:
    """Remind now whoever agreed to it and has not finished; who has night is reminded in the morning."""
    peil = prepared()
    shown = peil.campaigns.show(which)
    counts = peil.reminders.remind_all(shown.campaign.id, dry_run=dry_run).counts
    rows = [
        (_STANDINGS[standing].format(most=shown.campaign.reminders), str(counts[standing]))
        for standing in _STANDINGS
    ]
    _table(("what happens" if dry_run else "what happened", "people"), rows)
    if dry_run:
        click.echo("\nNothing was written: this was only counted.")
    elif counts["due"] or counts["night"]:
        click.echo("\nThe messages go out while Peil runs.")


# --- invitations ------------------------------------------------------------------------------------

_qr_options = (
    click.option(
        "--qr",
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        help="A folder: a QR picture of each link is written there, as PNG and SVG.",
    ),
    click.option("--force", is_flag=True, help="Replace pictures that are there."),
)


def _with_qr(command: Callable[P, R]) -> Callable[P, R]:
    for option in reversed(_qr_options):
        command = option(command)
    return command


@campaign.command("invite")
@click.argument("which", metavar="CAMPAIGN")
@click.option("--open", "for_all", is_flag=True, help="One link for everybody who has it.")
@click.option(
    "--for", "labels", multiple=True, metavar="NAME", help="A link for this person. May be repeated."
)
@click.option("--count", type=int, help="So many links for one person each, without names.")
@click.option("--language", help="In which language it begins; default: as the person's device is set.")
@_with_segments
@_with_qr
@_sentences
def campaign_invite(
    *,
    which: str,
    for_all: bool,
    labels: Sequence[str],
    count: int | None,
    language: str | None,
    known: Sequence[str],
    not_asked: Sequence[str],
    folder: Path | None,
    force: bool,
) -> None:
    """Make invitations, and print their links. Whoever has a link can use it: keep them to yourself."""
    if sum((for_all, bool(labels), count is not None)) != 1:
        raise click.UsageError("Say one of --open, --for NAME and --count NUMBER.")
    _make_folder(folder)
    campaigns = _campaigns()
    made = campaigns.invite(
        which,
        "open" if for_all else "single",
        labels=labels,
        count=1 if count is None else count,
        language=language,
        segments=_segments(known, not_asked),
    )
    _tell_links(campaigns, campaigns.show(which).campaign, made, folder, force)


@campaign.command("links")
@click.argument("which", metavar="CAMPAIGN")
@click.argument("invitation", metavar="[INVITATION]", required=False)
@_with_qr
@_sentences
def campaign_links(which: str, invitation: str | None, folder: Path | None, force: bool) -> None:
    """Print the links of an invitation (its id or name), or of all that were not taken back."""
    _make_folder(folder)
    campaigns = _campaigns()
    shown = campaigns.show(which)
    if invitation is not None:
        meant = [campaigns.invitation(shown.campaign.id, invitation)]
        if meant[0].revoked_at is not None:
            raise click.ClickException(f"Invitation {meant[0].id} was taken back; its links do not work.")
    else:
        meant = [one for one in shown.invitations if one.revoked_at is None]
    if not meant:
        click.echo("There are no invitations.")
        return
    _tell_links(campaigns, shown.campaign, meant, folder, force)


@campaign.command("revoke")
@click.argument("which", metavar="CAMPAIGN")
@click.argument("invitation", metavar="[INVITATION]", required=False)
@click.option("--all", "every", is_flag=True, help="All invitations of the campaign.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_sentences
def campaign_revoke(which: str, invitation: str | None, every: bool, yes: bool) -> None:
    """Take back an invitation (its id or name), or all. Whoever has begun can finish."""
    if (invitation is None) != every:
        raise click.UsageError("Say which INVITATION, or --all.")
    campaigns = _campaigns()
    shown = campaigns.show(which)
    if every and not yes:
        click.confirm(f"Take back all invitations to campaign {shown.campaign.name}?", abort=True)
    revoked = campaigns.revoke(shown.campaign.id, invitation)
    if not revoked:
        click.echo("Nothing was left to take back.")
        return
    click.echo(
        f"{_counted(len(revoked), 'invitation')} taken back: nobody begins with "
        f"{'it' if len(revoked) == 1 else 'them'} any more. Whoever has begun can finish."
    )


# --- in words ---------------------------------------------------------------------------------------

_PHASES = {"early": "not open yet", "open": "open", "closed": "closed"}
_CHANNELS = {"telegram": "Telegram", "whatsapp": "WhatsApp"}
_KINDS = {"single": "for one person", "open": "for everybody"}
_STANDINGS: Mapping[Standing, str] = {
    "due": "reminded",
    "night": "has night now: waits until morning",
    "early": "left in peace: was here within the hour, or reminded within 20 hours",
    "enough": "was reminded {most} times already, the most that there may be",
    "unreachable": "cannot be reached: in the web chat, blocked, or the last message has not arrived",
    "not_agreed": "did not agree to reminders",
    "finished": "finished",
}


def _tell(shown: Shown) -> None:
    """A campaign, a line for each fact."""
    one = shown.campaign
    asked = [name for name in SEGMENTS if name not in one.segments and name != "first_line"]
    facts = {
        "campaign": f"{one.name} ({one.id})",
        "organisation": shown.organisation.name,
        "now": _PHASES[shown.phase],
        "kind": "anonymous: nothing tells whose answers they are" if one.anonymous else _BY_NAME,
        "models": ", ".join(one.models),
        "depth": {"full": "all questions", "quick": "the quick scan", None: "respondents choose"}[one.depth],
        "languages": ", ".join(one.languages),
        "known": _said(one.segments) or "nothing",
        "asked": ", ".join(asked) or "nothing",
        "targets": _said_targets(one) or "respondents choose",
        "open": _period(one),
        "welcome": ", ".join(one.welcome) or "the usual words only",
        "contact": line(one.contact) if one.contact is not None else "as PEIL_CONTACT says",
        "reminders": f"at most {one.reminders}" if one.reminders else "none",
        "results": "a consultant approves them first" if one.approve_first else "at once",
        "kept": "until somebody erases it"
        if one.keep_days is None
        else f"{one.keep_days} days after its end",
        **_said_sites(one),
    }
    for name, value in facts.items():
        click.echo(f"{name:14}{value}")


def _said(segments: Mapping[str, str]) -> str:
    """Segments as they are typed: 'role_layer=management', 'department not asked'."""
    return ", ".join(
        f"{segment} not asked" if option == SKIPPED else f"{segment}={option}"
        for segment, option in segments.items()
    )


def _said_targets(one: Campaign) -> str:
    return ", ".join(
        f"{model_id}.{dimension_id}={level}"
        for model_id, levels in (one.targets or {}).items()
        for dimension_id, level in levels.items()
    )


def _said_sites(one: Campaign) -> dict[str, str]:
    """Which sites may show it, and what counts of what they say of their visitors."""
    return {
        "sites": ", ".join(one.origins) or "none but Peil's own pages",
        "pre-filled": "signed fields only" if one.signed_only else "fields signed or not",
    }


def _tell_embedding(found: Embedding, key: str | None) -> None:
    """Which sites may show a campaign, the line for them, and what a strict site has to allow."""
    one = found.campaign
    click.echo(f"{'campaign':14}{one.name} ({one.id})")
    for name, value in _said_sites(one).items():
        click.echo(f"{name:14}{value}")
    if not one.origins:
        click.echo(
            "\nName the sites that may show it first, such as:\n"
            f"  peil campaign embed {one.id} --origin https://www.company.example"
        )
    if found.code is None:
        click.echo(
            "\nThere is no link for everybody yet, and its code belongs in the line. Make one first:\n"
            f"  peil campaign invite {one.id} --open"
        )
    else:
        click.echo("\nThe line for the site's pages:")
        click.echo(f'  <script type="module" src="{found.url}"></script>')
    click.echo("\nA site with a Content-Security-Policy allows this in it:")
    for directive in ("script-src", "connect-src", "img-src"):
        click.echo(f"  {directive} {found.host}")
    if key is not None:
        click.echo("\nThe key of this campaign, for the company's own server (HS256); it belongs in no page:")
        click.echo(f"  {key}")
    if urlsplit(found.host).hostname in _HERE:
        click.echo("\nThis works on this machine only: set PEIL_PUBLIC_URL to an address of yours.")


def _period(one: Campaign) -> str:
    """From when until when, by the campaign's own clock."""
    zone = ZoneInfo(one.time_zone)
    ends = min((moment for moment in (one.closes_at, one.closed_at) if moment is not None), default=None)
    told = ["at once" if one.opens_at is None else f"from {one.opens_at.astimezone(zone):%Y-%m-%d %H:%M}"]
    told.append("until it is closed" if ends is None else f"until {ends.astimezone(zone):%Y-%m-%d %H:%M}")
    return f"{' '.join(told)} ({one.time_zone})"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows below their heads, each column as wide as it has to be."""
    clean = [[line(cell) for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in (heads, *clean)) for place in range(len(heads))]
    for row in (heads, *clean):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _tell_status(found: Status) -> None:
    """How far a campaign is, as a table for people."""
    from bot.service.anonymity import LEAST, WITHHELD
    from bot.service.campaign_status import PLACES

    kind = _ANONYMOUS if found.campaign.anonymous else _BY_NAME
    click.echo(f"{found.campaign.name}, {found.organisation.name}: {_PHASES[found.phase]}, {kind}\n")
    _table(
        ("personal links", "begun", "open links", "started", "finished"),
        [[str(one) for one in (found.invited, found.used, found.open_links, found.started, found.finished)]],
    )
    click.echo()
    _table(
        ("where they stand", "people"), [(PLACES[place], str(count)) for place, count in found.places.items()]
    )
    for segment, groups in found.segments.items():
        if groups:
            click.echo()
            rows = [
                (
                    f"in groups below {LEAST}" if one.option == WITHHELD else one.option,
                    str(one.started),
                    str(one.finished),
                    "not told" if one.signed is None else str(one.signed),
                )
                for one in groups
            ]
            # Most campaigns stand on no site, and need no column for what one has signed.
            told = 4 if any(one.signed != 0 for one in groups) or found.campaign.signed_only else 3
            heads = (segment, "started", "finished", "signed")
            _table(heads[:told], [row[:told] for row in rows])
    if found.people:
        click.echo()
        named = found.campaign.signed_only or any(one.reference or one.signed for one in found.people)
        rows = [
            (
                one.label or f"{_KINDS[one.kind]}, {one.invitation_id}",
                PLACES[one.place],
                ", ".join(
                    f"{run.model_id} {'done' if run.completed else f'{run.done} of {run.total}'}"
                    for run in one.runs
                )
                or "-",
                *((_said_by_site(one), ", ".join(one.signed) or "nothing") if named else ()),
            )
            for one in found.people
        ]
        _table(("who", "stands", "questions", *(("the site says", "signed") if named else ())), rows)
    click.echo(
        f"\n{_counted(found.willing, 'person') if found.willing == 1 else f'{found.willing} people'} "
        "agreed to reminders and have not finished."
    )


def _said_by_site(one: Someone) -> str:
    """What a site calls somebody, so that it is never taken for the name on an invitation."""
    if one.reference is None:
        return "-"
    how = "signed" if "reference" in one.signed else "not signed"
    return f"{quoted(one.reference)} ({how}{f', {one.times} times' if one.times > 1 else ''})"


def _tell_links(
    campaigns: Campaigns,
    one: Campaign,
    invitations: Sequence[Invitation],
    folder: Path | None,
    force: bool,
) -> None:
    """The links of these invitations, what is missing for others, and a QR picture of each."""
    all_links = [campaigns.links(one, invitation) for invitation in invitations]
    for links in all_links:
        invitation = links.invitation
        about = [_KINDS[invitation.kind], *filter(None, (invitation.language, _said(invitation.segments)))]
        click.echo(f"{line(invitation.label or 'Invitation')} ({invitation.id}), {', '.join(about)}")
        click.echo(f"  {'code':10}{links.code}")
        for channel, url in links.urls.items():
            click.echo(f"  {channel:10}{url}")
    click.echo()
    for channel, settings in all_links[0].missing.items():
        click.echo(f"No links for {_CHANNELS[channel]}: set {settings} for that.")
    if urlsplit(all_links[0].urls["web"]).hostname in _HERE:
        click.echo("The web links work on this machine only: set PEIL_PUBLIC_URL to an address of yours.")
    if folder is not None:
        count = sum(_write_qr(folder, one, links, force) for links in all_links)
        click.echo(f"{_counted(count, 'QR picture')} written to {folder}.")


# --- QR pictures ------------------------------------------------------------------------------------


def _make_folder(folder: Path | None) -> None:
    """The folder for pictures, before anything else is made."""
    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be made: {error.strerror}.") from None


def qr_name(one: Campaign, invitation: Invitation, channel: str, kind: str) -> str:
    """'autumn-2026-anna-1a2b-web.png': the campaign, whom it is for, the beginning of the id, the channel."""
    whom = _plain(invitation.label or "") or ("one-person" if invitation.kind == "single" else "everybody")
    return f"{_plain(one.name) or 'campaign'}-{whom}-{invitation.id[:4]}-{channel}.{kind}"


def _plain(text: str) -> str:
    """Plain letters, digits and hyphens."""
    ascii_ = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_).strip("-")[:40].strip("-")


def _write_qr(folder: Path, one: Campaign, links: Links, force: bool) -> int:
    """Write a QR picture of each link in each kind; how many."""
    import segno

    count = 0
    for channel, url in links.urls.items():
        picture = segno.make_qr(url, error="m")
        for kind in _QR_KINDS:
            content = BytesIO()
            picture.save(content, kind=kind, scale=_QR_SCALE)
            _write(folder / qr_name(one, links.invitation, channel, kind), content.getvalue(), force)
            count += 1
    return count


def _write(file: Path, content: bytes, force: bool) -> None:
    try:
        with file.open("wb" if force else "xb") as opened:
            opened.write(content)
    except FileExistsError:
        raise click.ClickException(
            f"{file} is there already; 'peil campaign links' with --force replaces it."
        ) from None
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from None
