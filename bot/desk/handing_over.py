"""Pages of the desk: handing over."""

from __future__ import annotations

from fastapi import APIRouter

from bot.desk.pages import Desk


def make_handing_over(desk: Desk) -> APIRouter:
    """The routes of these pages."""
    router = APIRouter()
    return router
