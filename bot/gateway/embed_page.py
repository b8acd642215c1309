"""The page /embed, where a web master fits Peil to a site, and the made-up site that it shows Peil on.

Both are the same for everybody: they know no campaign and no conversation. What is chosen there stays in the
browser.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse

from bot.channels.problems import preferred_language
from bot.gateway.pages import make_templates
from bot.texts import LANGUAGES, say, section

# The values of what can be known beforehand, each with a word for it in the texts' section `segment`.
_KNOWN = {
    "role_layer": ("board", "management", "specialist", "front_line"),
    "department": ("marketing", "sales", "service", "ecommerce", "it", "data", "other"),
    "business_line": ("b2c", "b2b", "both"),
}
_LIVE = "live_"

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "embedding.md"
"""What a web master reads; where Peil was installed without its documents, it is not there."""


def make_embed_page(server: str, version: str, guide: Path = GUIDE) -> APIRouter:
    """The routes /embed, /embed/preview and, where that file is, /embed/guide; `?lang=` chooses the language.

    `server`: the address under which people reach Peil; `version`: of the files of the chat, as it stands in
    their pinned address. Raises OSError for a `guide` that is there and cannot be read.
    """
    read = guide.read_text("utf-8") if guide.is_file() else None
    router = APIRouter(include_in_schema=False)
    templates = make_templates()

    def shown(request: Request, template: str, *, pictures: str, ancestors: str) -> HTMLResponse:
        asked = request.query_params.get("lang")
        language = asked if asked in LANGUAGES else preferred_language(request)
        text = templates.get_template(template).render(
            server=server.rstrip("/"),
            version=version,
            known=_KNOWN,
            guide=read is not None,
            **_words(language),
        )
        headers = {
            "Content-Language": language,
            "Cache-Control": "no-cache",
            "Vary": "Accept-Language",
            # What is chosen comes out of an address, too: the browser itself refuses to make markup of it.
            "Content-Security-Policy": (
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                f"img-src {pictures}; frame-src 'self'; base-uri 'none'; form-action 'none'; "
                f"frame-ancestors {ancestors}; require-trusted-types-for 'script'; trusted-types 'none'"
            ),
        }
        return HTMLResponse(text, headers=headers)

    @router.api_route("/embed", methods=["GET", "HEAD"])
    async def embed(request: Request) -> HTMLResponse:
        return shown(request, "embed_page.html", pictures="'self'", ancestors="'none'")

    @router.api_route("/embed/preview", methods=["GET", "HEAD"])
    async def preview(request: Request) -> HTMLResponse:
        # An avatar may stand anywhere.
        return shown(request, "embed_preview.html", pictures="'self' data: https:", ancestors="'self'")

    if read is not None:

        @router.api_route("/embed/guide", methods=["GET", "HEAD"])
        async def read_guide() -> PlainTextResponse:
            # As it is written, which is made to be read so too.
            return PlainTextResponse(read, headers={"Content-Language": "en", "Cache-Control": "no-cache"})

    return router


def _words(language: str) -> dict[str, Any]:
    """What both templates are given: their language, sentences, and what the script has to say."""

    def word(key: str, *, language: str = language, **values: object) -> str:
        return say(language, f"embed.{key}", **values)

    def company(key: str) -> str:
        return say(language, f"company.{key}")

    def segment(key: str) -> str:
        return say(language, f"segment.{key}")

    said = section(language, "embed")
    live = {key.removeprefix(_LIVE): words for key, words in said.items() if key.startswith(_LIVE)}
    return {
        "language": language,
        "languages": LANGUAGES,
        "word": word,
        "company": company,
        "segment": segment,
        "live": live,
    }
