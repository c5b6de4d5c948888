"""Builds the add-in from its text sources; needs no Excel, and the same sources give the same bytes."""

from __future__ import annotations

import tempfile
from pathlib import Path

import xlwings
from pyopenvba import ExcelFile

from macros.runs import program_version
from workbooks.labels import labels
from workbooks.publish import write_whole
from xl_addin.addin import package, wrappers
from xl_addin.addin.parts import SOURCES, unzipped

MODULES = ("Server", "Ribbon")


def sources() -> dict[str, str]:
    """Return the add-in's VBA modules by name, as they stand in the file."""
    versions = {"{xlwings}": xlwings.__version__, "{orderdesk}": program_version()}
    modules = {name: (SOURCES / f"{name}.bas").read_text(encoding="ascii") for name in MODULES}
    for place, version in versions.items():
        modules = {name: text.replace(place, version) for name, text in modules.items()}
    modules["Formulas"] = wrappers.vba()
    return {name: text.replace("\r\n", "\n").replace("\n", "\r\n") for name, text in modules.items()}


def build(folder: Path) -> Path:
    """Write the add-in into a folder (made where it is not there) and return its path.

    Raises WorkbookError where the folder cannot be written.
    """
    with tempfile.TemporaryDirectory() as scratch:
        staged = Path(scratch) / "staged.xlsm"
        staged.write_bytes(package.workbook())
        with ExcelFile(staged) as book:
            project = book.add_vba_project()
            for name, text in sources().items():
                text.encode("ascii")  # pyOpenVBA would write ? for anything else
                project.add_module(name, text)
            book.save()
        content = package.package(unzipped(staged.read_bytes()))
    path = folder / labels().files["addin"]
    write_whole(path, content)
    return path
