"""Links for the person: the result page, its view for colleagues, the way back, the file of all data."""

from __future__ import annotations

import secrets
from datetime import datetime

from bot.assessment.records import Link, LinkKind, MessageLink
from bot.service import wording
from bot.service.advisers_questions import recall
from bot.service.approval import waits
from bot.service.asking import ask
from bot.service.ports import Work
from bot.service.turn import Turn
from bot.understanding.requests import removes


def open_link(
    work: Work, kind: LinkKind, conversation_id: str, assessment_id: str | None, now: datetime
) -> Link:
    """The link of this kind that is open already, or a new one."""
    for link in work.links(conversation_id, kind):
        if link.ended_at is None and link.assessment_id == assessment_id:
            return link
    link = Link(secrets.token_hex(16), kind, conversation_id, assessment_id, now)
    work.add_link(link)
    return link


def result_link(turn: Turn, assessment_id: str, about: str | None = None) -> MessageLink:
    """The way to the result page of an assessment; `about`: which customers it is about."""
    link = open_link(turn.work, "result", turn.conversation.id, assessment_id, turn.now)
    title = turn.say("link.result")
    return MessageLink(link.id, title if about is None else f"{title} · {about}", "result")


def report_link(turn: Turn, assessment_id: str) -> MessageLink:
    """The report of an assessment as a PDF; who has it has the result page, too."""
    link = open_link(turn.work, "result", turn.conversation.id, assessment_id, turn.now)
    return MessageLink(link.id, turn.say("link.report"), "report")


def report(turn: Turn) -> None:
    """Show where the report is, once there is a result."""
    running = turn.running
    if running is None or not running.completed:
        ask(turn, turn.say("link.report_too_early"))
        return
    if waits(turn):
        return
    links = (report_link(turn, running.assessment.id), result_link(turn, running.assessment.id))
    ask(turn, turn.say("link.report_what"), links=links)


def back_link(turn: Turn) -> MessageLink:
    """The way back to this conversation, for a device that does not know it."""
    link = open_link(turn.work, "back", turn.conversation.id, None, turn.now)
    return MessageLink(link.id, turn.say("link.back"), "back")


def come_back(turn: Turn) -> None:
    """Show the way back."""
    ask(turn, turn.say("link.back_what"), links=(back_link(turn),))


def welcome_back(turn: Turn) -> None:
    """Somebody came back on another device: the way that was used is closed, here is the next one."""
    ask(turn, turn.say("link.back_used"), links=(back_link(turn),))
    recall(turn)


def my_data_file(turn: Turn) -> None:
    """Show where all that is kept of the person can be downloaded."""
    link = open_link(turn.work, "data", turn.conversation.id, None, turn.now)
    said = turn.say("my_data.file_here" if turn.in_chat_app else "my_data.file")
    ask(turn, said, links=(MessageLink(link.id, turn.say("link.data"), "data"),))


def share(turn: Turn) -> None:
    """Make a view of the result for colleagues, or show the one that is open."""
    running = turn.running
    if running is None or not running.completed:
        ask(turn, turn.say("share.too_early"))
        return
    if waits(turn):
        return
    shared = [link for link in turn.work.links(turn.conversation.id, "share") if link.ended_at is None]
    if "?" in turn.words and not shared:
        # 'Can my colleague still see it?' is a question, and no order to make a link.
        ask(turn, turn.say("share.none"))
        return
    link = open_link(turn.work, "share", turn.conversation.id, running.assessment.id, turn.now)
    title, about = turn.say("link.share"), wording.line_name(turn.language, running.assessment)
    turn.tell(
        turn.say("share.what"),
        (turn.choice("share.withdraw", "do", "unshare"),),
        links=(MessageLink(link.id, title if about is None else f"{title} · {about}", "share"),),
    )
    if running.open_item is not None:
        ask(turn, None)


def unshare(turn: Turn) -> None:
    """Withdraw every view for colleagues of this conversation; a mere mention of the link shows it."""
    if turn.words and not removes(turn.words, turn.language):
        share(turn)
        return
    shared = [link for link in turn.work.links(turn.conversation.id, "share") if link.ended_at is None]
    for link in shared:
        turn.work.end_link(link.id, turn.now)
    ask(turn, turn.say("share.withdrawn") if shared else turn.say("share.none"))
