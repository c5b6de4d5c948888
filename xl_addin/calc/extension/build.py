"""Builds the extension from its text sources; needs no LibreOffice, and the same sources give the same bytes."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

from macros.runs import program_version
from workbooks.labels import labels, raw
from workbooks.publish import write_whole
from xl_addin.addin.parts import SOURCES, zipped
from xl_addin.calc.extension import addons, stubs

IDENTIFIER = "orderdesk.calc"
_CONFIGURATION = "application/vnd.sun.star.configuration-data"
_COMPONENT = "application/vnd.sun.star.uno-component;type=Python"
_MANIFEST = "http://openoffice.org/2001/manifest"
_DESCRIPTION = "http://openoffice.org/extensions/description/2006"


def parts() -> dict[str, bytes]:
    """Return the extension's files by name."""
    texts = {
        "META-INF/manifest.xml": _manifest(),
        "description.xml": _description(),
        "component.py": (Path(__file__).parent / "component.py").read_text(encoding="ascii"),
        "formulas.bas": stubs.basic(),
        "not_started.txt": "\n".join(raw()["calc"]["not_started"].values()),
        "Addons.xcu": addons.addons(),
        "CalcWindowState.xcu": addons.window_state(),
        "Jobs.xcu": addons.jobs(),
    }
    icons = [button.icon for button in addons.with_icons()]
    pictures = {f"icons/{icon}.png": (SOURCES / "icons" / f"{icon}.png").read_bytes() for icon in icons}
    return {name: text.encode() for name, text in texts.items()} | pictures


def build(folder: Path) -> Path:
    """Write the extension into a folder (made where it is not there) and return its path.

    Raises WorkbookError where the folder cannot be written.
    """
    path = folder / labels().files["extension"]
    write_whole(path, zipped(parts()))
    return path


def _manifest() -> str:
    entries = {"component.py": _COMPONENT} | dict.fromkeys(
        ("Addons.xcu", "CalcWindowState.xcu", "Jobs.xcu"), _CONFIGURATION
    )
    lines = [f'<m:file-entry m:media-type="{kind}" m:full-path="{name}"/>' for name, kind in entries.items()]
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<m:manifest xmlns:m="{_MANIFEST}">{"".join(lines)}</m:manifest>\n'


def _description() -> str:
    zh, en = addons.label("orderdesk")
    names = f'<name lang="en">{escape(en)}</name><name lang="zh">{escape(zh)}</name>'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<description xmlns="{_DESCRIPTION}">'
        f'<identifier value="{IDENTIFIER}"/><version value="{program_version()}"/>'
        f"<display-name>{names}</display-name></description>\n"
    )
