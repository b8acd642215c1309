"""What the parts of the unit of work share."""

from __future__ import annotations

import sqlalchemy as sa


class Part:
    """A part of one transaction: its queries run on this connection, which bot.store.work.Work opens."""

    _connection: sa.Connection
