"""LibreOffice Calc as the program that a button was pressed in."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from workbooks.errors import WorkbookError
from workbooks.labels import Lang, raw
from workbooks.live import LiveBook, at_work
from workbooks.live_calc import Calc
from xl_addin import checks, desk
from xl_addin.calc import doctor
from xl_addin.calc.engine import app_of, book_of
from xl_addin.calc.office import load_uno
from xl_addin.calc.progress import ProgressBox

_INFO, _WARNING, _LEFT = 0, 2, "orderdesk"  # LibreOffice's numbers of kinds of infobars; the name of ours
_CHOSEN, _OK = 1, 1
_X_WINDOW = 6  # LibreOffice's number of a window of the X Window System
LOG = logging.getLogger("orderdesk")


class CalcProgram:
    """A running LibreOffice, as buttons.Program asks it."""

    def __init__(self, context: Any) -> None:
        """Take the component context of a running LibreOffice, and the spreadsheet that is in front now.

        All that follows is about that one, whatever comes to the front meanwhile.
        """
        self.context = context
        self.app = app_of(context)
        self.document = self._in_front()
        self.box: ProgressBox | None = None

    def _in_front(self) -> Any:
        """Return the spreadsheet in front; where another kind of document is, the only one that is open, else None."""
        front = self.app.impl.service("frame.Desktop").getCurrentComponent()
        if front is not None and hasattr(front, "Sheets"):
            return front
        books = list(self.app.books)
        return books[0].api if len(books) == 1 else None

    @property
    def _frame(self) -> Any:
        if self.document is not None and self.document.CurrentController is not None:
            return self.document.CurrentController.Frame
        return self.app.impl.service("frame.Desktop").getCurrentFrame()

    @property
    def _seen(self) -> bool:
        """Tell whether there is a window, and so somebody to see it: headless, a box would wait for ever."""
        frame = self._frame
        if frame is None or not frame.ContainerWindow.isVisible():
            return False
        if sys.platform != "linux":
            return True
        drawn = frame.ContainerWindow.getWindowHandle((), _X_WINDOW)  # headless there are windows too, drawn nowhere
        return drawn is None or bool(drawn.WindowHandle or drawn.DisplayPointer)

    @property
    def lang(self) -> Lang:
        """Return the language of LibreOffice's menus, Chinese or English."""
        return "zh" if self.app.impl.locale.lower().startswith("zh") else "en"

    def book(self, pulse: Callable[[], None]) -> LiveBook:
        """Return the spreadsheet in front; raises WorkbookError where none is open."""
        if self.document is None:
            raise WorkbookError("no-open-book")
        return LiveBook(book_of(self.context, self.document), Calc(), pulse)

    def at_work(self, title: str) -> ExitStack:
        """Keep LibreOffice still behind a box of progress with a button to cancel."""
        with ExitStack() as back:
            if self._seen:
                self.box = ProgressBox(self.context, self._frame, title, raw()["calc"]["cancel"][self.lang])
                back.callback(self._close_box)
            document = self.document
            back.callback(self._settle, document.Sheets.ElementNames, document.isModified())
            document.UndoManager.lock()
            back.enter_context(at_work(self.app))
            return back.pop_all()

    def _settle(self, before: Sequence[str], modified: bool) -> None:  # noqa: FBT001 - what was there
        """Put back what the document keeps beside its sheets.

        A sheet is hundreds of steps to undo, of which LibreOffice keeps the last hundred: undone, half a sheet would be
        left. So none are recorded, and those from before are forgotten where sheets were added, as Excel does.
        """
        self.document.UndoManager.unlock()
        if tuple(self.document.Sheets.ElementNames) == tuple(before):
            self.document.setModified(modified)
        else:
            self.document.UndoManager.clear()

    def _close_box(self) -> None:
        if self.box is not None:
            self.box.close()
            self.box = None

    def cancelled(self) -> bool:
        """Tell whether the user has pressed Cancel or Esc in the box of progress."""
        return self.box is not None and self.box.cancelled()

    def progress(self, text: str) -> None:
        """Show a text in the box of progress."""
        if self.box is not None:
            self.box.show(text)

    def leave(self, text: str, *, warning: bool = False) -> None:
        """Show a text in a bar above the sheet; it stays until it is closed or the next one takes its place."""
        controller = None if self.document is None else self.document.CurrentController
        if controller is None:
            LOG.info("nobody to tell: %s", text)
            return
        if controller.hasInfobar(_LEFT):
            controller.removeInfobar(_LEFT)
        controller.appendInfobar(_LEFT, "", text, _WARNING if warning else _INFO, (), True)

    def choose_folder(self, title: str) -> Path | None:
        """Let the user choose a folder."""
        picker = self.app.impl.service("ui.dialogs.FolderPicker")
        picker.setTitle(title)
        now = desk.read_desk().team_folder
        if now is not None:
            picker.setDisplayDirectory(load_uno().systemPathToFileUrl(str(now)))
        if picker.execute() != _CHOSEN:
            return None
        return Path(load_uno().fileUrlToSystemPath(picker.getDirectory()))

    def open(self, path: Path) -> bool:
        """Open a file or folder as a double click does; False where nothing can."""
        try:
            self.app.impl.service("system.SystemShellExecute").execute(load_uno().systemPathToFileUrl(str(path)), "", 0)
        except Exception:  # noqa: BLE001 - uno makes its exceptions while it runs; the user is told the path
            return False
        return True

    def examination(self) -> str:
        """Return what `orderdesk doctor --host libreoffice` finds, as a message box holds it."""
        return checks.text(doctor.examine(doctor.Facts(inside=True)), self.lang, doctor.COMMAND)

    def tell(self, text: str) -> None:
        """Show a text in a box, or note it in the log where there is nobody to see it."""
        if not self._seen:
            LOG.info("nobody to tell: %s", text)
            return
        window = self._frame.ContainerWindow
        kind = load_uno().Enum("com.sun.star.awt.MessageBoxType", "INFOBOX")
        title = raw()["ribbon"]["orderdesk"]["label"][0 if self.lang == "zh" else 1]
        window.Toolkit.createMessageBox(window, kind, _OK, title, f"{text}\n").execute()  # else its last line is cut
