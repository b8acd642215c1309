"""What the trained dialogue model makes of texts: `python -m bot.dialogue.reading MODEL.tar.gz`.

In: a text a line, as a JSON string. Out: a JSON object a line, in the same order, `{"intent": str,
"confidence": float}`, as the policies of a running Rasa would see it. For who measures; a conversation goes
through the input channel.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import TextIO

from rasa.core.agent import Agent

from bot.dialogue.channel import clean_text


async def read(agent: Agent, texts: TextIO, told: TextIO) -> None:
    """Write what the agent makes of each of the texts, until there are no more."""
    for line in texts:
        found = (await agent.parse_message(clean_text(json.loads(line))))["intent"]
        told.write(json.dumps({"intent": found["name"], "confidence": float(found["confidence"])}) + "\n")
        told.flush()


def main() -> None:
    """Load the model once, then read."""
    told = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # Whatever Rasa and TensorFlow have to say is no answer of ours.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    agent = Agent.load(sys.argv[1])
    asyncio.run(read(agent, sys.stdin, told))


if __name__ == "__main__":
    main()
