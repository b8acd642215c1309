"""Errors for people: problem+json (RFC 9457) with a sentence in the person's language."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from bot.texts import LANGUAGES, say

MEDIA_TYPE = "application/problem+json"


class ProblemBody(BaseModel):
    """An error, RFC 9457."""

    type: str = Field("about:blank", description="A name of the problem, or about:blank.")
    title: str = Field(description="The name of the HTTP status.")
    status: int
    detail: str = Field(description="A sentence for the person, in the person's language.")


class Problem(Exception):
    """Ends a request with a status and a sentence; `key` is the sentence's key in bot/texts.

    `name`: of the problem, for a client that has to tell it from others with this status.
    """

    def __init__(
        self,
        status: int,
        key: str,
        *,
        language: str | None = None,
        retry_after: int = 0,
        name: str | None = None,
        **values: object,
    ) -> None:
        super().__init__(key)
        self.status = status
        self.key = key
        self.language = language
        self.name = name
        self.retry_after = retry_after
        self.values = values


def preferred_language(request: Request) -> str:
    """The language of ours that Accept-Language likes best, else English."""
    liked: list[tuple[float, str]] = []
    for part in request.headers.get("accept-language", "").split(","):
        name, _, weight = part.partition(";")
        code = name.strip().lower()[:2]
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            quality = 0.0
        if code in LANGUAGES:
            liked.append((quality, code))
    # max keeps the first of equals, and so the browser's own order.
    return max(liked, key=lambda one: one[0], default=(0.0, "en"))[1]


_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    410: "Gone",
    413: "Content Too Large",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


def answer(request: Request, problem: Problem) -> JSONResponse:
    """The response for a problem."""
    language = problem.language or getattr(request.state, "language", None) or preferred_language(request)
    body = ProblemBody(
        type="about:blank" if problem.name is None else f"urn:peil:{problem.name}",
        title=_TITLES.get(problem.status, "Error"),
        status=problem.status,
        detail=say(language, problem.key, **problem.values),
    )
    headers = {"Content-Language": language}
    if problem.retry_after:
        headers["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body.model_dump(), problem.status, headers, MEDIA_TYPE)
