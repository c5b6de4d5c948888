"""A small window of its own over the document: what is being done, and a button to stop it."""

from __future__ import annotations

from typing import Any

import unohelper
from com.sun.star.awt import XActionListener, XKeyListener, XTopWindowListener

_WIDTH, _HEIGHT, _EDGE = 220, 56, 6  # in the units of LibreOffice's dialogs, about a quarter of a letter's width
_BUTTON = (60, 14)
_ESCAPE = 1281  # of com.sun.star.awt.Key


class _Cancel(unohelper.Base, XActionListener, XKeyListener, XTopWindowListener):  # type: ignore[misc]  # UNO has no types
    """Hears the button, Esc, and the window's own closing."""

    def __init__(self) -> None:
        self.wanted = False

    def actionPerformed(self, _event: Any) -> None:
        self.wanted = True

    def keyPressed(self, event: Any) -> None:
        self.wanted = self.wanted or event.KeyCode == _ESCAPE

    def windowClosing(self, _event: Any) -> None:
        self.wanted = True

    def _ignored(self, _event: Any) -> None:
        """Hear the rest of what a listener is told."""

    disposing = windowOpened = windowClosed = windowMinimized = windowNormalized = _ignored
    windowActivated = windowDeactivated = keyReleased = _ignored


class ProgressBox:
    """The window, there until it is closed; LibreOffice's other windows take no input meanwhile.

    A macro runs in LibreOffice's main thread, so nothing is drawn and no click is heard but when the box asks for it.
    """

    def __init__(self, context: Any, frame: Any, title: str, cancel: str) -> None:
        """Open it over a frame's window."""
        self._owner = frame.ContainerWindow
        self._toolkit = self._owner.Toolkit
        service = context.ServiceManager.createInstanceWithContext
        model = service("com.sun.star.awt.UnoControlDialogModel", context)
        model.Title, model.Width, model.Height = title, _WIDTH, _HEIGHT
        _add(model, "FixedText", "said", (_EDGE, _EDGE, _WIDTH - 2 * _EDGE, 24), MultiLine=True)
        place = ((_WIDTH - _BUTTON[0]) // 2, _HEIGHT - _BUTTON[1] - _EDGE, *_BUTTON)
        _add(model, "Button", "cancel", place, Label=cancel)
        self._dialog = service("com.sun.star.awt.UnoControlDialog", context)
        self._dialog.setModel(model)
        self._dialog.createPeer(self._toolkit, self._owner)
        self._heard = _Cancel()
        button = self._dialog.getControl("cancel")
        button.addActionListener(self._heard)
        button.addKeyListener(self._heard)
        self._dialog.addTopWindowListener(self._heard)
        self._centre()
        self._dialog.setVisible(True)
        button.setFocus()
        frames = service("com.sun.star.frame.Desktop", context).Frames
        self._others = [frames.getByIndex(place).ContainerWindow for place in range(frames.Count)]
        for window in self._others:
            window.setEnable(False)

    def _centre(self) -> None:
        over, own = self._owner.getPosSize(), self._dialog.getPosSize()
        self._dialog.setPosSize(
            over.X + (over.Width - own.Width) // 2, over.Y + (over.Height - own.Height) // 3, 0, 0, 3
        )

    def show(self, text: str) -> None:
        """Say what is being done."""
        self._dialog.getControl("said").setText(text)
        self._toolkit.processEventsToIdle()

    def cancelled(self) -> bool:
        """Tell whether the user wants to stop; lets LibreOffice draw, and hear its windows."""
        self._toolkit.processEventsToIdle()
        return self._heard.wanted

    def close(self) -> None:
        """Close it, and give LibreOffice back to the user."""
        try:
            for window in self._others:
                window.setEnable(True)
        finally:
            self._dialog.dispose()


def _add(model: Any, kind: str, name: str, place: tuple[int, int, int, int], **settings: object) -> None:
    control = model.createInstance(f"com.sun.star.awt.UnoControl{kind}Model")
    control.PositionX, control.PositionY, control.Width, control.Height = place
    for key, value in settings.items():
        setattr(control, key, value)
    model.insertByName(name, control)
