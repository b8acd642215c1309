"""`python -m bot.gateway`: the gateway, one process."""

from __future__ import annotations

import gc
import importlib.util
import logging
import sys

import uvicorn

from bot.bootstrap import begin_process, build
from bot.gateway.app import create_app

# Seconds after which a thread that computes makes room for the one that answers, which would else wait ten
# times as long each time that it has sent something.
_MAKE_ROOM = 0.0005


def main() -> None:
    """Serve until told to stop."""
    settings = begin_process()
    sys.setswitchinterval(_MAKE_ROOM)
    if importlib.util.find_spec("sniffio") is None:
        # httpcore tries to import it many times in each request, and to find nothing takes longest.
        sys.modules["sniffio"] = None  # type: ignore[assignment]
    # httpx logs every request; uvicorn's access log would hold the keys of pictures, files and result pages.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    app = create_app(build(settings))
    # What is there now stays. Looking through it for garbage again and again takes 0.1 s each time.
    gc.collect()
    gc.freeze()
    uvicorn.run(
        app,
        host=settings.http_host,
        port=settings.http_port,
        # Without it, all people behind a proxy would count as one; from anybody else it could be made up.
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
