"""Settings of the whole product: environment variables that begin with PEIL_, checked once at start."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.origins import InvalidOrigin, origins

ROOT = Path(__file__).resolve().parent.parent


class SettingsError(Exception):
    """A setting has a value that cannot be used; the message names it and what was expected."""


@dataclass(frozen=True)
class Settings:
    """Every setting, parsed. The table of docs/settings.md is made from `DESCRIPTIONS`.

    `internal_secret` guards the way from the gateway into Rasa; `secret` signs tokens, buttons and
    picture addresses. Both are made once and kept in the data directory unless they are set.
    """

    data_dir: Path
    database_url: str = field(repr=False)
    definitions: Path
    http_host: str
    http_port: int
    rasa_port: int
    actions_port: int
    trusted_proxies: str
    secret: str = field(repr=False)
    internal_secret: str = field(repr=False)
    token_days: int
    picture_minutes: int
    reply_wait: float
    rasa_timeout: float
    rate_burst: int
    rate_per_minute: int
    max_text: int
    contact: str
    log_level: str
    public_url: str
    embed_origins: str
    telegram_token: str = field(repr=False)
    telegram_bot: str
    telegram_webhook_url: str
    telegram_api: str
    whatsapp_token: str = field(repr=False)
    whatsapp_phone_id: str
    whatsapp_number: str
    whatsapp_app_secret: str = field(repr=False)
    whatsapp_verify_token: str = field(repr=False)
    whatsapp_template: str
    whatsapp_api: str
    chat_pace: float
    arrivals_at_once: int
    root: Path = ROOT

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings. Raises SettingsError for an unknown PEIL_ name or a value out of range."""
        env = dict(os.environ if environment is None else environment)
        known = {f"PEIL_{name.upper()}" for name in DESCRIPTIONS} | _SETUP_ONLY
        for name in sorted(env):
            if name.startswith("PEIL_") and name not in known and not name.startswith("PEIL_TEST_"):
                raise SettingsError(f"{name} is not a setting of Peil; docs/settings.md lists them all.")

        def text(name: str, default: str) -> str:
            return env.get(f"PEIL_{name}", "").strip() or default

        def whole(name: str, default: int, low: int, high: int) -> int:
            raw = text(name, str(default))
            try:
                value = int(raw)
            except ValueError:
                value = low - 1
            if not low <= value <= high:
                raise SettingsError(f"PEIL_{name} must be a whole number from {low} to {high}, not {raw!r}.")
            return value

        def seconds(name: str, default: float, low: float, high: float) -> float:
            raw = text(name, str(default))
            try:
                value = float(raw)
            except ValueError:
                value = low - 1
            if not low <= value <= high:
                raise SettingsError(f"PEIL_{name} must be seconds from {low:g} to {high:g}, not {raw!r}.")
            return value

        data_dir = Path(text("DATA_DIR", str(ROOT / "var"))).expanduser().resolve()
        database_url = text("DATABASE_URL", f"sqlite:///{data_dir / 'peil.db'}")
        if env.get("PEIL_DATABASE_URL", "").strip():
            _check_database_url(database_url)
        if database_url.startswith("postgresql://"):
            database_url = database_url.replace("postgresql://", "postgresql+psycopg://", 1)
        database_url = _absolute(database_url)
        definitions = Path(text("DEFINITIONS", str(ROOT / "models" / "maturity"))).expanduser().resolve()
        level = text("LOG_LEVEL", "info").lower()
        if level not in ("debug", "info", "warning", "error"):
            raise SettingsError(f"PEIL_LOG_LEVEL must be debug, info, warning or error, not {level!r}.")
        http_host = text("HTTP_HOST", "127.0.0.1")
        http_port = whole("HTTP_PORT", 8000, 1, 65535)
        ports = {
            "PEIL_HTTP_PORT": http_port,
            "PEIL_RASA_PORT": whole("RASA_PORT", 5005, 1, 65535),
            "PEIL_ACTIONS_PORT": whole("ACTIONS_PORT", 5055, 1, 65535),
        }
        if len(set(ports.values())) < len(ports):
            raise SettingsError(f"{', '.join(ports)} must be three different ports.")
        whatsapp = _whatsapp(text)
        return cls(
            data_dir=data_dir,
            database_url=database_url,
            definitions=definitions,
            http_host=http_host,
            http_port=http_port,
            rasa_port=ports["PEIL_RASA_PORT"],
            actions_port=ports["PEIL_ACTIONS_PORT"],
            trusted_proxies=_addresses(text("TRUSTED_PROXIES", "127.0.0.1,::1")),
            secret=text("SECRET", ""),
            internal_secret=text("INTERNAL_SECRET", ""),
            token_days=whole("TOKEN_DAYS", 30, 1, 3650),
            picture_minutes=whole("PICTURE_MINUTES", 60, 1, 10080),
            reply_wait=seconds("REPLY_WAIT", 8.0, 0.1, 60),
            rasa_timeout=seconds("RASA_TIMEOUT", 10.0, 0.5, 120),
            rate_burst=whole("RATE_BURST", 300, 1, 1_000_000),
            rate_per_minute=whole("RATE_PER_MINUTE", 120, 1, 1_000_000),
            max_text=whole("MAX_TEXT", 4000, 100, 4000),
            contact=" ".join(text("CONTACT", "").split()),
            log_level=level,
            public_url=_address("PUBLIC_URL", text("PUBLIC_URL", _here(http_port))),
            embed_origins=_origins(text("EMBED_ORIGINS", "")),
            telegram_token=_matching("TELEGRAM_TOKEN", text("TELEGRAM_TOKEN", ""), r"\d+:[\w-]{20,}"),
            telegram_bot=_matching("TELEGRAM_BOT", text("TELEGRAM_BOT", "").removeprefix("@"), r"\w{3,32}"),
            telegram_webhook_url=_address("TELEGRAM_WEBHOOK_URL", text("TELEGRAM_WEBHOOK_URL", "")),
            telegram_api=_address("TELEGRAM_API", text("TELEGRAM_API", "https://api.telegram.org")),
            whatsapp_token=whatsapp["token"],
            whatsapp_phone_id=whatsapp["phone_id"],
            whatsapp_number=whatsapp["number"],
            whatsapp_app_secret=whatsapp["app_secret"],
            whatsapp_verify_token=whatsapp["verify_token"],
            whatsapp_template=whatsapp["template"],
            whatsapp_api=whatsapp["api"],
            chat_pace=seconds("CHAT_PACE", 1.0, 0.0, 10.0),
            arrivals_at_once=whole("ARRIVALS_AT_ONCE", 8, 1, 1000),
        )

    @property
    def own_address(self) -> str | None:
        """The address at which people reach the gateway, where somebody has said so; None: the default."""
        # Not by what is set: a child process is given all settings, those that nobody has set as well.
        return None if self.public_url == _here(self.http_port) else self.public_url

    @property
    def on_loopback(self) -> bool:
        """Whether the gateway listens to this machine only."""
        try:
            return ipaddress.ip_address(self.http_host).is_loopback
        except ValueError:
            return self.http_host == "localhost"

    def with_secrets(self) -> Settings:
        """The same with both secrets present, made on first use in the data directory (mode 0600).

        Raises SettingsError when the directory cannot be written or a set secret is too short.
        """
        values: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        for name in ("secret", "internal_secret"):
            value = values[name] or _kept_secret(self.data_dir, name)
            if len(value) < 32 or not value.isascii():
                raise SettingsError(
                    f"PEIL_{name.upper()} must have at least 32 characters, all of them ASCII."
                )
            values[name] = value
        return Settings(**values)

    def environment(self) -> dict[str, str]:
        """These settings as environment variables, for a child process."""
        return {f"PEIL_{name.upper()}": str(getattr(self, name)) for name in DESCRIPTIONS}


def _addresses(text: str) -> str:
    """The same addresses and networks, without blanks. Raises SettingsError for anything else."""
    found = [one.strip() for one in text.split(",")]
    for one in found:
        try:
            (ipaddress.ip_network if "/" in one else ipaddress.ip_address)(one)
        except ValueError:
            raise SettingsError(
                f"PEIL_TRUSTED_PROXIES must be addresses or networks, like ::1,10.1.0.0/16, not {one!r}."
            ) from None
    return ",".join(found)


def _here(http_port: int) -> str:
    return f"http://127.0.0.1:{http_port}"


def _address(name: str, value: str) -> str:
    """An address without a slash at its end, or nothing. Raises SettingsError for anything else."""
    parts = urlsplit(value)
    whole = parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
    if value and not whole:
        raise SettingsError(f"PEIL_{name} must be an address like https://peil.example, not {value!r}.")
    return value.rstrip("/")


def _origins(text: str) -> str:
    """The same origins as browsers write them, a blank between. Raises SettingsError for what is none."""
    try:
        return " ".join(origins(text.split()))
    except InvalidOrigin as error:
        raise SettingsError(f"PEIL_EMBED_ORIGINS must be origins with blanks between. {error}") from None


def _matching(name: str, value: str, pattern: str) -> str:
    """The value, if any, which must look like this. Raises SettingsError without repeating it."""
    if value and not re.fullmatch(pattern, value):
        raise SettingsError(f"PEIL_{name} is not in the form that it has where it comes from.")
    return value


_WHATSAPP = ("WHATSAPP_TOKEN", "WHATSAPP_PHONE_ID", "WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN")


def _whatsapp(text: Callable[[str, str], str]) -> dict[str, str]:
    """The settings for WhatsApp. Raises SettingsError where some of what it takes is missing."""
    missing = [name for name in _WHATSAPP if not text(name, "")]
    if missing and len(missing) < len(_WHATSAPP):
        names = ", ".join(f"PEIL_{name}" for name in missing)
        raise SettingsError(f"WhatsApp takes four settings together; {names} is missing.")
    digits = text("WHATSAPP_NUMBER", "").replace(" ", "").removeprefix("+")
    return {
        "token": text("WHATSAPP_TOKEN", ""),
        "phone_id": _matching("WHATSAPP_PHONE_ID", text("WHATSAPP_PHONE_ID", ""), r"\d{5,20}"),
        "number": _matching("WHATSAPP_NUMBER", digits, r"\d{6,15}"),
        "app_secret": text("WHATSAPP_APP_SECRET", ""),
        "verify_token": text("WHATSAPP_VERIFY_TOKEN", ""),
        "template": _matching("WHATSAPP_TEMPLATE", text("WHATSAPP_TEMPLATE", ""), r"[a-z0-9_]{1,512}"),
        "api": _address("WHATSAPP_API", text("WHATSAPP_API", "https://graph.facebook.com")),
    }


def _check_database_url(url: str) -> None:
    """Raise SettingsError for a URL that cannot be the database's, without repeating the password in it."""
    # Here, since the rest of the settings is wanted by processes that have no use for it.
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    if not url.startswith(("sqlite:///", "postgresql+psycopg://", "postgresql://")):
        raise SettingsError("PEIL_DATABASE_URL must begin with sqlite:/// or postgresql://.")
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise SettingsError(
            "PEIL_DATABASE_URL must be like postgresql://user:password@host:5432/database."
        ) from None
    in_memory = parsed.database in (None, "", ":memory:") or parsed.query.get("mode") == "memory"
    if url.startswith("sqlite") and in_memory:
        raise SettingsError(
            "PEIL_DATABASE_URL must name a file, such as sqlite:////srv/peil.db: several processes use it."
        )


def _absolute(url: str) -> str:
    """The URL with an SQLite file's path made absolute: the parts run in another folder than the caller."""
    prefix = "sqlite:///"
    if not url.startswith(prefix):
        return url
    path, mark, query = url.removeprefix(prefix).partition("?")
    return f"{prefix}{Path(path).expanduser().resolve()}{mark}{query}"


def _kept_secret(data_dir: Path, name: str) -> str:
    path = data_dir / f"{name}.key"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            # Written first and then linked: of two processes that start at once, one makes the secret, and
            # nobody ever reads half of it.
            handle, draft = tempfile.mkstemp(dir=data_dir)
            try:
                with os.fdopen(handle, "w", encoding="ascii") as file:
                    file.write(secrets.token_urlsafe(48))
                with contextlib.suppress(FileExistsError):
                    os.link(draft, path)
            finally:
                os.unlink(draft)
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SettingsError(
            f"The data directory {data_dir} cannot be written ({error.strerror}); "
            "make it writable or set PEIL_DATA_DIR to another one."
        ) from error


_SETUP_ONLY = {"PEIL_PYTHON", "PEIL_PYTHON_RASA"}

DESCRIPTIONS: dict[str, tuple[str, str]] = {
    "data_dir": ("`var` in the checkout", "Where the embedded database, keys and logs are kept."),
    "database_url": ("`sqlite:///<data dir>/peil.db`", "The database: `sqlite:///…` or `postgresql://…`."),
    "definitions": ("`models/maturity`", "The folder with the maturity models (YAML files)."),
    "http_host": ("`127.0.0.1`", "The address on which the gateway listens."),
    "http_port": ("`8000`", "The port of the gateway: web chat and API."),
    "rasa_port": ("`5005`", "The port of Rasa, on loopback only."),
    "actions_port": ("`5055`", "The port of the action server, on loopback only."),
    "trusted_proxies": (
        "`127.0.0.1,::1`",
        "Whose `X-Forwarded-For` is believed: addresses and networks of reverse proxies, with commas.",
    ),
    "secret": (
        "made on first start",
        "Signs tokens, buttons, links and picture addresses; at least 32 characters.",
    ),
    "internal_secret": (
        "made on first start",
        "Guards the way from gateway to Rasa; at least 32 characters.",
    ),
    "token_days": ("`30`", "Days without use after which a web chat's token expires."),
    "picture_minutes": (
        "`60`",
        "Minutes that the address of a picture or data file works; then a new one is needed.",
    ),
    "reply_wait": ("`8`", "Seconds that a message waits for its reply before it is answered as pending."),
    "rasa_timeout": ("`10`", "Seconds that one try of a turn may take in Rasa."),
    "rate_burst": (
        "`300`",
        "Messages at once, per conversation, before 429; per address, new conversations and result pages.",
    ),
    "rate_per_minute": ("`120`", "Messages a minute that are allowed on top, in the long run."),
    "max_text": ("`4000`", "Characters of one message before 413."),
    "contact": (
        "nothing set",
        "How whoever asks for a person can reach one, as it is to stand in the chat: `peil@company.example`.",
    ),
    "log_level": ("`info`", "`debug`, `info`, `warning` or `error`; answers are never logged."),
    "public_url": (
        "`http://127.0.0.1:<http port>`",
        "The address at which people reach the gateway: what stands in invitations, and in links in a chat. "
        "Once set, only its host is Peil's own; pages from any other are other sites.",
    ),
    "embed_origins": (
        "nothing set",
        "Sites that may show Peil outside of a campaign, with blanks between: `https://www.company.example`. "
        "A campaign has its own.",
    ),
    "telegram_token": ("nothing set", "The token of your Telegram bot; with it the bot is served."),
    "telegram_bot": ("nothing set", "The name of your Telegram bot, for links: `peil_bot`."),
    "telegram_webhook_url": (
        "nothing set",
        "Public address of the gateway for Telegram, `https://…`; without it Telegram is polled.",
    ),
    "telegram_api": ("Telegram's own", "Another server that speaks Telegram's Bot API."),
    "whatsapp_token": ("nothing set", "The access token of your WhatsApp number."),
    "whatsapp_phone_id": ("nothing set", "The id of your WhatsApp number, as the Cloud API names it."),
    "whatsapp_number": ("nothing set", "The WhatsApp number itself, for links: `31612345678`."),
    "whatsapp_app_secret": ("nothing set", "The app's secret, which signs what WhatsApp delivers."),
    "whatsapp_verify_token": ("nothing set", "What you have chosen for the webhook's verification."),
    "whatsapp_template": (
        "nothing set",
        "The approved template for who was silent for a day; without it nothing is sent to them.",
    ),
    "whatsapp_api": ("WhatsApp's own", "Another server that speaks the Graph API."),
    "chat_pace": (
        "`1`",
        "How slowly Telegram and WhatsApp are written to: 1 keeps their limits, 0 is for tests.",
    ),
    "arrivals_at_once": (
        "`8`",
        "How many deliveries of Telegram and WhatsApp are taken in at a time; what is above is sent back.",
    ),
}


def table() -> str:
    """All settings as a Markdown table, in the order of `DESCRIPTIONS`."""
    rows = [
        f"| `PEIL_{name.upper()}` | {default} | {what} |" for name, (default, what) in DESCRIPTIONS.items()
    ]
    return "\n".join(["| setting | default | what it does |", "|---|---|---|", *rows])
