"""A real LibreOffice with Order Desk's extension in it, as `orderdesk install` puts it there; its own user all over."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from workbooks.errors import WorkbookError
from workbooks.labels import Lang
from xl_addin import desk
from xl_addin.calc import install, office
from xl_addin.calc.engine.structs import properties
from xl_addin.wording import told

NEEDED = "ORDERDESK_NEEDS_CALC"  # set where no test may be skipped for want of LibreOffice
Rows = Sequence[Sequence[Any]]


def skip_without_calc() -> None:
    """Skip where there is no LibreOffice that our Python can talk to; fail where one is demanded."""
    try:
        install.check_python()
        office.load_uno()
    except WorkbookError as error:
        give_up = pytest.fail if os.environ.get(NEEDED) else pytest.skip
        give_up(f"no LibreOffice: {told(error, 'en')}")


@dataclass(frozen=True)
class CalcDesk:
    """A running LibreOffice with the extension. home: where this user's settings and log are."""

    context: Any
    home: Path

    @property
    def desktop(self) -> Any:
        """Return its desktop."""
        return self.service("frame.Desktop")

    def service(self, name: str) -> Any:
        """Return a service of LibreOffice."""
        return self.context.ServiceManager.createInstanceWithContext(f"com.sun.star.{name}", self.context)

    def load(self, url: str = "private:factory/scalc", **settings: object) -> Any:
        """Open a document, in front of the others."""
        return self.desktop.loadComponentFromURL(url, "_blank", 0, properties(**settings))

    def press(self, document: Any, button: str) -> None:
        """Press a button: by its command, as the menu and the toolbar do."""
        frame = document.CurrentController.Frame
        frame.activate()
        self.service("frame.DispatchHelper").executeDispatch(frame, f"service:orderdesk.Calc?{button}", "", 0, ())

    def logged(self) -> str:
        """Return all that was logged, and all that the component noted."""
        names = ("config/orderdesk/calc-errors.log", "state/orderdesk/log/orderdesk.log")
        return "".join(path.read_text(encoding="utf-8") for path in map(self.home.joinpath, names) if path.exists())


def environment(home: Path) -> Mapping[str, str]:
    """Return the variables that make a folder the user's home, for us and for LibreOffice."""
    return {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "XDG_STATE_HOME": str(home / "state")}


@contextmanager
def calc_desk(
    home: Path, team: Path, lang: Lang = "zh", display: Mapping[str, str] | None = None
) -> Iterator[CalcDesk]:
    """Run a LibreOffice of a user whose home is an empty folder, with the extension as it is installed.

    display: the variables of a screen to show itself on; None is headless.
    """
    skip_without_calc()
    with pytest.MonkeyPatch.context() as patch:
        shutil.copytree(_installed(), home, dirs_exist_ok=True)
        for name, value in environment(home).items():
            patch.setenv(name, value)
        desk.save_team_folder(team)
        if lang == "zh":
            speak_chinese(office.user_profile())
        for name, value in (display or {}).items():
            patch.setenv(name, value)
        running = office.Running(office.user_profile(), windows=display is not None)
        context = running.__enter__()
        try:
            yield CalcDesk(context, home)
        finally:
            running.__exit__()


@cache
def _installed() -> Path:
    """Return the home of a user for whom the extension has been installed; nobody works there."""
    home = Path(tempfile.mkdtemp(prefix="orderdesk-home-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(home).items():
            patch.setenv(name, value)
        install.install()
    return home


def speak_chinese(profile: Path) -> None:
    """Let LibreOffice's menus be Chinese; without its Chinese texts its own stay English, and ours do not."""
    path = profile / "user" / "registrymodifications.xcu"
    item = (
        '<item oor:path="/org.openoffice.Office.Linguistic/General"><prop oor:name="UILocale" oor:op="fuse">'
        "<value>zh-CN</value></prop></item>"
    )
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("</oor:items>", f"{item}</oor:items>"), encoding="utf-8")
