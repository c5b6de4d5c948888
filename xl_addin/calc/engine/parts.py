"""What several kinds of UNO's objects have alike: a name of their own, and cells to be cleared."""

from __future__ import annotations

from xl_addin.calc.engine.structs import Uno

_CONTENTS, _FORMATS, _ALL = 1 | 2 | 4 | 16, 32 | 64, 1023  # of CellFlags


class Named:
    """What has UNO's own object, and a name."""

    xl: Uno

    @property
    def api(self) -> Uno:
        """Return UNO's object."""
        return self.xl

    @property
    def name(self) -> str:
        """Return its name."""
        return str(self.xl.Name)

    @name.setter
    def name(self, value: str) -> None:
        """Set it: name."""
        self.xl.Name = value


class Cleared:
    """What has cells."""

    xl: Uno

    def clear_contents(self) -> None:
        """Empty the cells."""
        self.xl.clearContents(_CONTENTS)

    def clear_formats(self) -> None:
        """Take their formats away."""
        self.xl.clearContents(_FORMATS)

    def clear(self) -> None:
        """Take away all there is in them."""
        self.xl.clearContents(_ALL)
