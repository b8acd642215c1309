"""Pages of the desk: reviewing."""

from __future__ import annotations

from fastapi import APIRouter

from bot.desk.pages import Desk


def make_reviewing(desk: Desk) -> APIRouter:
    """The routes of these pages."""
    router = APIRouter()
    return router
