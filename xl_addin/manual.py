"""The manual as pages that a browser shows: Windows has nothing that opens Markdown."""

from __future__ import annotations

import re
import sysconfig
from html import escape
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt

from workbooks.publish import write_whole

PAGES = ("manual", "rules", "libreoffice", "first-hour")
PICTURES = ("calc.png",)
_STYLE = """
body { font: 15px/1.7 "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; color: #1f2933; max-width: 60em;
       margin: 2em auto; padding: 0 1.5em }
h1, h2, h3 { color: #22405f; line-height: 1.3; margin-top: 1.6em } h2 { border-bottom: 1px solid #dfe3e8 }
code, pre { font-family: Consolas, monospace; background: #eef1f5; border-radius: 3px } code { padding: 0 .25em }
pre { padding: .8em; overflow-x: auto } pre code { padding: 0 }
table { border-collapse: collapse; margin: 1em 0 }
th, td { border: 1px solid #dfe3e8; padding: .3em .7em; text-align: left }
th { background: #22405f; color: #fff } a { color: #1f5fa8 }
"""


def source_folder() -> Path:
    """Return where the manual's sources are: beside the program's own folder, or where its wheel put them.

    That is looked for above our own packages too: inside LibreOffice, Python's own folder is another.
    """
    beside = Path(__file__).parents[1] / "docs"
    roots = [Path(sysconfig.get_path("data")), *list(Path(__file__).parents)[2:6]]
    places = [beside, *(root / "share" / "orderdesk" for root in roots)]
    return next((place for place in places if (place / "manual.md").is_file()), beside)


def anchor(heading: str) -> str:
    """Return the anchor of a heading, as the links in the sources name it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def page(markdown: str) -> str:
    """Return a page of the manual as HTML."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(markdown)
    title = ""
    for token, following in pairwise(tokens):
        if token.type == "heading_open":
            title = title or following.content
            token.attrSet("id", anchor(following.content))
        for part in following.children or []:
            if part.type == "link_open":
                part.attrSet("href", re.sub(r"\.md(#|$)", r".html\1", str(part.attrGet("href"))))
    body = parser.renderer.render(tokens, parser.options, {})
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    return f'<!DOCTYPE html>\n<html lang="zh-CN"><head>{head}</head><body>\n{body}</body></html>\n'


def pages(folder: Path) -> list[Path]:
    """Return the places of the pages and their pictures in a folder, the manual's first; they may not be there."""
    return [folder / name for name in (*(f"{page}.html" for page in PAGES), *PICTURES)]


def publish(folder: Path) -> Path:
    """Write the manual's pages into a folder and return its first one.

    Raises FileNotFoundError where the program was installed without its manual, WorkbookError where the folder cannot
    be written.
    """
    sources = source_folder()
    written = pages(folder)
    for path in written:
        if path.name in PICTURES:
            write_whole(path, (sources / path.name).read_bytes())
        else:
            write_whole(path, page((sources / f"{path.stem}.md").read_text(encoding="utf-8")).encode())
    return written[0]
