"""The report of a result, and of an organisation, as a PDF: A4, tagged, its fonts inside, drawn by Typst.

`template.typ` and `organisation.typ` are the whole design, `look.typ` what the two have in common; all words
and figures arrive in the `Report` or `OrganisationReport`, as data. The same report always gives the same
bytes. Importing this loads no typesetter.
"""

from bot.render.report.pdf import ReportError, render, render_organisation, warm_up

__all__ = ["ReportError", "render", "render_organisation", "warm_up"]
