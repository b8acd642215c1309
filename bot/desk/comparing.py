"""Pages of the desk: comparing."""

from __future__ import annotations

from fastapi import APIRouter

from bot.desk.pages import Desk


def make_comparing(desk: Desk) -> APIRouter:
    """The routes of these pages."""
    router = APIRouter()
    return router
