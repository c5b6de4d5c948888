"""Make a team folder: the layout of domain.md §1, commented settings, and an empty template of every table."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.settings import FILE, settings_text
from workbooks.templates import write_templates

FOLDERS = ("orders", "reference", "stock", "finance", "kasp", "output", "templates")


def run(folder: Path, day: date) -> tuple[list[Path], list[Path]]:
    """Make what is missing of a team folder; return what was made and what was already there, which stays as it is.

    Raises WorkbookError where the folder cannot be written.
    """
    names = labels().folders
    made, kept = [], []
    try:
        folders = [folder / names[name] for name in FOLDERS]
        for path in [*folders, folder / names["orders"] / f"{day:%Y-%m-%d}"]:
            path.mkdir(parents=True, exist_ok=True)
        settings = folder / FILE
        if settings.exists():
            kept.append(settings)
        else:
            settings.write_text(settings_text(), encoding="utf-8", newline="\n")
            made.append(settings)
        templates = folder / names["templates"]
        if any(templates.iterdir()):
            kept.append(templates)
        else:
            made += write_templates(templates)
    except OSError as error:
        raise WorkbookError("output-unwritable", path=folder, detail=error.strerror or error) from error
    return made, kept
