"""The report of a result as a PDF: A4, tagged, with bookmarks, its fonts inside, drawn by Typst.

`template.typ` is the whole design; all words and figures arrive in the `Report`, as data. The same report
always gives the same bytes. Importing this loads no typesetter.
"""

from bot.render.report.pdf import ReportError, render, warm_up

__all__ = ["ReportError", "render", "warm_up"]
