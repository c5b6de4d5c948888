"""What this user has set: the team folder and the interpreter, in the user's own folder, never beside a workbook."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_config_path

from workbooks.errors import WorkbookError
from workbooks.publish import write_whole
from xl_addin import conf

if TYPE_CHECKING:
    from workbooks.reference import Reference

FILE = "desk.toml"
_KEY = "team_folder"


@dataclass(frozen=True)
class Desk:
    """A user's settings; team_folder: None where none is set; interpreter: "" where the add-in is not installed."""

    team_folder: Path | None
    interpreter: str


def desk_folder() -> Path:
    r"""Return the folder of the settings and the DLL (Windows: %LOCALAPPDATA%\orderdesk); it may not be there yet."""
    return user_config_path("orderdesk", appauthor=False)


def read_desk() -> Desk:
    """Read this user's settings.

    Raises WorkbookError where desk.toml is no TOML, names another setting or holds no path.
    """
    folder = desk_folder()
    return Desk(_team_folder(folder / FILE, _stamp(folder / FILE)), conf.read(folder / conf.FILE).interpreter)


def save_team_folder(path: Path) -> None:
    """Remember the team folder; formulas and buttons of every Excel use it from the next call on.

    Raises WorkbookError where there is no such folder, or the settings cannot be written.
    """
    if not path.is_dir():
        raise WorkbookError("no-folder", path=path)
    # a TOML literal is a path as people write it; JSON's escapes are TOML's too
    text = str(path.absolute())
    value = json.dumps(text, ensure_ascii=False) if "'" in text or not text.isprintable() else f"'{text}'"
    write_whole(desk_folder() / FILE, f"{_KEY} = {value}\n".encode())


def reference() -> Reference:
    """Return the team folder's tables, the same object while the team folder stays the same.

    Every formula asks: what stands in desk.toml is read again only where the file has changed, whoever wrote it.
    Raises WorkbookError where no team folder is set or desk.toml is broken.
    """
    path = desk_folder() / FILE
    folder = _team_folder(path, _stamp(path))
    if folder is None:
        raise WorkbookError("no-team-folder", path=path)
    return _reference(folder)


@lru_cache(maxsize=1)
def _reference(folder: Path) -> Reference:
    from workbooks.reference import Reference  # noqa: PLC0415 - pandas, which who only sets a path does without

    return Reference(folder)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        facts = path.stat()
    except OSError:
        return 0, 0
    return facts.st_mtime_ns, facts.st_size


@lru_cache(maxsize=1)
def _team_folder(path: Path, _stamp: tuple[int, int]) -> Path | None:
    """Read desk.toml; remembered until the file changes, for every formula asks."""
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkbookError("desk-not-toml", path=path, detail=error) from error
    except OSError as error:
        raise WorkbookError("unreadable-settings", path=path, detail=error.strerror or error) from error
    for name in written:
        if name != _KEY:
            raise WorkbookError("unknown-setting", path=path, name=name, closest=_KEY)
    value = written.get(_KEY)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip() or not Path(value).is_absolute():
        raise WorkbookError("bad-setting", path=path, name=_KEY, value=value, wanted=r"'D:\…'")
    return Path(value)
