"""Loaded by the server on Windows: a button pressed in an Excel of which only the menus' language is there."""

from __future__ import annotations

import sys

import xlwings

from xl_addin import excel

assert sys.platform == "win32"
import win32gui  # noqa: E402 - is there only from here on, to a checker of types too


class Settings:
    """Office's language settings."""

    @staticmethod
    def LanguageID(_which: int) -> int:  # noqa: N802 - Office's name
        """Return the number of Chinese (China)."""
        return 2052


class Excel:
    """Excel's Application object; its window is the desktop's."""

    LanguageSettings = Settings()
    Hwnd = win32gui.GetDesktopWindow()


@xlwings.func  # type: ignore[untyped-decorator]  # xlwings has no types
@xlwings.arg("button", "raw")  # type: ignore[untyped-decorator]  # the same
@xlwings.ret("raw")  # type: ignore[untyped-decorator]  # the same
def press(button: str) -> list[list[str]]:
    """Press a button of the ribbon."""
    return excel.press(button, Excel())
