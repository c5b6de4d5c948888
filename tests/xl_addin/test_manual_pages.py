"""The manual's pages: anchors and links as in the sources, nothing of the text read as HTML."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from xl_addin import manual


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return manual.publish(tmp_path_factory.mktemp("desk")).parent


@pytest.mark.parametrize("name", manual.PAGES)
def test_every_link_leads_to_an_anchor_of_a_page(pages: Path, name: str) -> None:
    text = (pages / f"{name}.html").read_text(encoding="utf-8")
    for file, anchor in re.findall(r'href="([^"#]*)#?([^"]*)"', text):
        leads_to = (pages / file).read_text(encoding="utf-8") if file else text
        assert not anchor or f'id="{unquote(anchor)}"' in leads_to


def test_a_page_has_a_title_a_charset_and_tables(pages: Path) -> None:
    text = (pages / "manual.html").read_text(encoding="utf-8")
    assert '<meta charset="utf-8"><title>审单台使用手册</title>' in text
    assert "<table>" in text
    assert 'id="安装"' in text


def test_the_manual_names_the_pages_among_the_files_that_are_written_and_removed() -> None:
    text = (manual.source_folder() / "manual.md").read_text(encoding="utf-8")
    [row] = [line for line in text.splitlines() if line.startswith("|") and "manual.html`" in line]
    assert all(f"{name}.html`" in row for name in manual.PAGES)
    assert row.endswith("| 删除 |")


def test_what_looks_like_html_stays_text() -> None:
    assert "<script>" not in manual.page("# A\n\n<script>alert(1)</script>\n")
