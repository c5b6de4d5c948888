"""The toolbar as a hand and an eye meet it, on a screen that nobody sees; and the picture of it in the docs.

`python -m tests.xl_addin.calc.test_clicks FILE.png` writes that picture.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from macros.demo import make
from tests.bench.inputs import DAY, make_inputs
from tests.calc_desk import NEEDED, CalcDesk, calc_desk, skip_without_calc
from tests.screen import HEIGHT, WIDTH, Screen, missing, screen
from workbooks.labels import labels
from workbooks.layout import LAYOUTS
from xl_addin.calc.extension.addons import groups, label

PATIENCE = 30  # seconds
SLOW = 6000  # order lines, whose audit takes longer than a hand needs for Esc
FIXED = 15  # position and size


@dataclass(frozen=True)
class Desk:
    """A LibreOffice on a screen, and the demo's team folder."""

    calc: CalcDesk
    screen: Screen
    team: Path

    def open(self, path: Path) -> Any:
        """Open a workbook over the whole screen."""
        document = self.calc.load(path.as_uri())
        document.CurrentController.Frame.ContainerWindow.setPosSize(0, 0, WIDTH, HEIGHT, FIXED)
        return document

    def click(self, document: Any, button: str) -> None:
        """Click a button of the toolbar where it is seen."""
        window = document.CurrentController.Frame.ContainerWindow
        [seen, *_] = until(lambda: list(named(window, label(button))))
        place, size = seen.getLocationOnScreen(), seen.getSize()
        self.screen.click(place.X + size.Width // 2, place.Y + size.Height // 2)


def named(thing: Any, names: tuple[str, ...], depth: int = 14) -> Iterator[Any]:
    """Yield what an assistive program finds by these names and sees, from a window down."""
    context = thing.getAccessibleContext() if hasattr(thing, "getAccessibleContext") else thing
    if context is None or not depth:
        return
    if context.getAccessibleName() in names and context.getSize().Width > 0:
        yield context
    count = context.getAccessibleChildCount()
    for place in range(count if count < 300 else 0):  # a sheet's cells are beyond counting
        yield from named(context.getAccessibleChild(place), names, depth - 1)


def until(true: Callable[[], Any]) -> Any:
    """Wait for something to become true, and return it."""
    end = time.monotonic() + PATIENCE
    while not (found := true()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.2)
    return found


def demo_book(team: Path) -> Path:
    """Return the region's workbook of the demo day that has one sheet of orders and most of the mistakes."""
    return next((team / labels().folders["orders"] / f"{DAY}").rglob("华中*.xlsx"))


def infobar(document: Any) -> bool:
    """Tell whether a button has said what it had to say."""
    return bool(document.CurrentController.hasInfobar("orderdesk"))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Run a LibreOffice with windows."""
    skip_without_calc()
    if missing():
        give_up = pytest.fail if os.environ.get(NEEDED) else pytest.skip
        give_up(f"no LibreOffice to click on: no {', '.join(missing())}")
    team = tmp_path_factory.mktemp("clicks") / "demo"
    make.run(team)
    with screen() as display, calc_desk(tmp_path_factory.mktemp("home"), team, display=display.environment) as calc:
        yield Desk(calc, display, team)


def test_every_button_stands_in_the_toolbar(desk: Desk) -> None:
    document = desk.open(demo_book(desk.team))
    window = document.CurrentController.Frame.ContainerWindow
    labelled = {name: button.name for group in groups() for button in group for name in label(button.name)}
    seen = until(lambda: {labelled[one.getAccessibleName()] for one in named(window, tuple(labelled))})
    assert seen == {*labelled.values()}
    document.close(True)  # noqa: FBT003 - UNO takes no names


def test_a_click_audits_the_workbook(desk: Desk) -> None:
    document = desk.open(demo_book(desk.team))
    before = list(document.Sheets.ElementNames)
    desk.click(document, "audit")
    until(lambda: infobar(document))
    new = [name for name in document.Sheets.ElementNames if name not in before]
    assert new[:2] == [LAYOUTS[key].name for key in ("lines", "findings")]
    assert document.CurrentController.ActiveSheet.Name == LAYOUTS["lines"].name
    assert len(desk.screen.png()) > 30_000  # an empty screen is a tenth of that
    document.close(True)  # noqa: FBT003 - UNO takes no names
    assert "Traceback" not in desk.calc.logged()


def test_escape_stops_it_and_leaves_the_workbook_as_it_was(desk: Desk, tmp_path: Path) -> None:
    orders = make_inputs(tmp_path, 1, SLOW) / labels().folders["orders"]
    document = desk.open(next(orders.rglob("*.xlsx")))
    before = list(document.Sheets.ElementNames)
    desk.click(document, "audit")
    for _ in range(15):
        desk.screen.key("Escape")
        time.sleep(0.1)
    until(lambda: infobar(document))
    assert list(document.Sheets.ElementNames) == before
    assert document.CurrentController.Frame.ContainerWindow.isEnabled()
    document.close(True)  # noqa: FBT003 - UNO takes no names


def picture(path: Path) -> None:
    """Write the picture: the demo's workbook after a click on 审单, its findings in front."""
    with tempfile.TemporaryDirectory() as scratch:
        team, home = Path(scratch) / "demo", Path(scratch) / "home"
        make.run(team)
        home.mkdir()
        with screen() as display, calc_desk(home, team, display=display.environment) as calc:
            desk = Desk(calc, display, team)
            document = desk.open(demo_book(team))
            desk.click(document, "audit")
            until(lambda: infobar(document))
            document.CurrentController.setActiveSheet(document.Sheets.getByName(LAYOUTS["findings"].name))
            time.sleep(2)  # until all is drawn
            path.write_bytes(display.png())
            document.close(True)  # noqa: FBT003 - UNO takes no names


if __name__ == "__main__":
    picture(Path(sys.argv[1]))
