"""Papers to file: one page rendered as Markdown, as one file of HTML, or as a PDF."""

from headgate.decide.paper.to_html import html
from headgate.decide.paper.to_markdown import markdown
from headgate.decide.paper.to_pdf import pdf

__all__ = ["html", "markdown", "pdf"]
