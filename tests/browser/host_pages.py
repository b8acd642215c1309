"""Pages of somebody else's site, with Peil on them: served from an origin of their own.

`python tests/browser/host_pages.py PEIL_URL [PORT]` serves them for a look by eye. The pages are in `hosts/`;
what is pasted into them is taken from the recipes in docs/embedding.md:

- `plain.html`: the one line; what stands behind '?' takes the place of `campaign=CODE`.
- `inline.html`: the element; what stands behind '?' takes the place of `campaign="CODE"`.
- `iframe.html`: the full page in a frame, with `campaign` for `CODE`.
- `react.html`: the component, on a page made with React; what stands behind '?' is what it is given.
- `strict.html`: the one line under a policy that allows Peil's origin and nothing else of anybody.
- `hostile.html`: the one line on a page that does to others all that pages do.

All of them record what they were like before the chat came (`record.js`).
"""

from __future__ import annotations

import html
import json
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

HOSTS = Path(__file__).resolve().parent / "hosts"
REACT = Path(__file__).resolve().parents[2] / ".react" / "dash" / "deps"
DOCS = Path(__file__).resolve().parents[2] / "docs" / "embedding.md"
# What React's element is in its recipe, and what a compiler makes of it: there is none here.
ELEMENT = "<peil-chat ref={chat} {...attributes} />"
MADE = 'createElement("peil-chat", { ref: chat, ...attributes })'

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css"}


def react_missing() -> str | None:
    """Why there is no React here; None where there is."""
    if all((REACT / name).exists() for name in ("react@18.3.1.min.js", "react-dom@18.3.1.min.js")):
        return None
    return "React is not installed; 'make .react/lock.txt' does that"


def recipe(title: str, number: int = 0) -> str:
    """The block of code in the documentation's recipe of this name, or the one after so many others."""
    text = DOCS.read_text("utf-8").partition(f"**{title}")[2].partition("\n**")[0]
    return re.findall(r"```\w+\n(.*?)\n```", text, re.DOTALL)[number]


def component() -> str:
    """React's component as the documentation has it, fit for a browser without a compiler."""
    written = recipe("React.", 1)
    assert ELEMENT in written, "the recipe for React has another element than what is made of it here"
    plain = re.sub(r"^import .*\n", "", written, flags=re.MULTILINE).replace("export function", "function")
    return plain.replace(ELEMENT, MADE)


def strict_policy(peil: str) -> str:
    """The policy of a site that trusts Peil's origin and itself, as little as the chat can do with."""
    return (
        f"default-src 'none'; script-src 'self' {peil}; connect-src {peil}; img-src {peil}; "
        "style-src 'self'; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


class HostPages:
    """The server. `url`: another origin than Peil's; `other_site`: the same pages on another site as well."""

    def __init__(self, peil: str) -> None:
        self.peil = peil
        self.url = ""
        self.other_site = ""

    def page(self, name: str, **options: str) -> str:
        """The address of a page, with what it hands to the chat; `open_after` is `open-after`."""
        words = {key.replace("_", "-"): value for key, value in options.items()}
        return f"{self.url}/{name}.html" + (f"?{urlencode(words)}" if words else "")

    def content(self, path: str, query: str) -> tuple[bytes, str] | None:
        """What is at this path, and of which type; None for nothing."""
        name = path.lstrip("/")
        if name in ("react.js", "react-dom.js"):
            file = REACT / f"{name.removesuffix('.js')}@18.3.1.min.js"
            return (file.read_bytes(), TYPES[".js"]) if file.exists() else None
        file = HOSTS / name
        if file.parent != HOSTS or file.suffix not in TYPES or not file.is_file():
            return None
        options = dict(parse_qsl(query, keep_blank_values=True))
        attributes = " ".join(f'{key}="{html.escape(value)}"' for key, value in options.items())
        values = {
            "plain": recipe("Plain HTML").replace("campaign=CODE", html.escape(query)),
            "inline": recipe("In the page.").replace('campaign="CODE"', attributes),
            "frame": recipe("A frame.").replace("CODE", options.get("campaign", "")),
            "react": recipe("React."),
            "component": component(),
            "options": json.dumps(options),
        }
        text = file.read_text("utf-8")
        for key, value in values.items():
            text = text.replace("{{" + key + "}}", value.replace("https://peil.example", self.peil))
        return text.encode(), TYPES[file.suffix]

    @contextmanager
    def running(self, port: int = 0) -> Iterator[HostPages]:
        """The server, in threads of its own, until the block ends."""
        pages = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                address = urlsplit(self.path)
                # What a page hands to the chat stands in its own address: its scripts know it from there.
                asked_by = urlsplit(self.headers.get("Referer", ""))
                query = address.query or (asked_by.query if address.path.endswith(".js") else "")
                found = pages.content(address.path, query)
                content, kind = found or (b"nothing here", "text/plain")
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Cache-Control", "no-store")
                if address.path == "/strict.html":
                    self.send_header("Content-Security-Policy", strict_policy(pages.peil))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_port}"
        self.other_site = f"http://localhost:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join(10)


if __name__ == "__main__":
    with HostPages(sys.argv[1].rstrip("/")).running(int(sys.argv[2]) if len(sys.argv) > 2 else 0) as pages:
        for page in sorted(HOSTS.glob("*.html")):
            print(pages.page(page.stem), flush=True)
        threading.Event().wait()
