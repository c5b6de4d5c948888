"""The menu, the toolbar and the job of the extension, as LibreOffice's configuration; from the ribbon's own XML.

Source of the forms: LibreOffice's schemas org.openoffice.Office.Addons, Jobs and UI.CalcWindowState.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workbooks.labels import raw
from xl_addin.addin.parts import SOURCES
from xl_addin.calc.extension.stubs import SERVICE

TOOLBAR = "private:resource/toolbar/addon_orderdesk.toolbar"
_RIBBON = "{http://schemas.microsoft.com/office/2009/07/customui}"
_OOR, _XS = "http://openoffice.org/2001/registry", "http://www.w3.org/2001/XMLSchema"
_CALC = "com.sun.star.sheet.SpreadsheetDocument"
_CHINESE = ("zh-CN", "zh-TW", "zh-HK")
_OWN_ROW, _TEXT_AND_ICON = "0,9", "2"  # below LibreOffice's own two rows of tools


@dataclass(frozen=True)
class Button:
    """A button of the ribbon: its id, and its own icon's name ("" where Excel's stock has it)."""

    name: str
    icon: str

    @property
    def url(self) -> str:
        """Return what LibreOffice calls when it is pressed."""
        return f"service:{SERVICE}?{self.name}"


def groups() -> list[list[Button]]:
    """Return the ribbon's buttons, group by group."""
    ribbon = ET.parse(SOURCES / "ribbon.xml")  # noqa: S314 - our own file
    return [
        [Button(button.attrib["id"], button.get("image", "")) for button in group.iter(f"{_RIBBON}button")]
        for group in ribbon.iter(f"{_RIBBON}group")
    ]


def label(control: str) -> tuple[str, str]:
    """Return what the ribbon calls a control, in Chinese and in English."""
    zh, en = raw()["ribbon"][control]["label"]
    return zh, en


def with_icons() -> list[Button]:
    """Return the buttons that have an icon of their own."""
    return [button for group in groups() for button in group if button.icon]


class _Tree:
    """An .xcu being written: nodes and properties as the configuration knows them."""

    def __init__(self, package: str, name: str) -> None:
        ET.register_namespace("oor", _OOR)
        self.root = ET.Element(f"{{{_OOR}}}component-data", {f"{{{_OOR}}}package": package, f"{{{_OOR}}}name": name})
        self.root.set("xmlns:xs", _XS)

    @staticmethod
    def node(parent: ET.Element, name: str, op: str = "") -> ET.Element:
        return ET.SubElement(parent, "node", {f"{{{_OOR}}}name": name} | ({f"{{{_OOR}}}op": op} if op else {}))

    @staticmethod
    def prop(parent: ET.Element, name: str, value: str, kind: str = "xs:string") -> None:
        made = ET.SubElement(parent, "prop", {f"{{{_OOR}}}name": name, f"{{{_OOR}}}type": kind})
        ET.SubElement(made, "value").text = value

    @staticmethod
    def words(parent: ET.Element, name: str, said: tuple[str, str]) -> None:
        made = ET.SubElement(parent, "prop", {f"{{{_OOR}}}name": name, f"{{{_OOR}}}type": "xs:string"})
        for lang, text in [("en-US", said[1]), *((lang, said[0]) for lang in _CHINESE)]:
            ET.SubElement(made, "value", {"xml:lang": lang}).text = text

    def text(self) -> str:
        ET.indent(self.root)
        return ET.tostring(self.root, encoding="unicode", xml_declaration=False) + "\n"


def addons() -> str:
    """Return Addons.xcu: the menu, the toolbar and the buttons' icons."""
    tree = _Tree("org.openoffice.Office", "Addons")
    interface = tree.node(tree.root, "AddonUI")
    menu = tree.node(tree.node(interface, "OfficeMenuBar"), "orderdesk.menu", "replace")
    tree.words(menu, "Title", label("orderdesk"))
    tree.prop(menu, "Context", _CALC)
    _entries(tree, tree.node(menu, "Submenu"))
    _entries(tree, tree.node(tree.node(interface, "OfficeToolBar"), "orderdesk.toolbar", "replace"))
    images = tree.node(interface, "Images")
    for button in with_icons():
        image = tree.node(images, f"orderdesk.{button.name}", "replace")
        tree.prop(image, "URL", button.url)
        pictures = tree.node(image, "UserDefinedImages")
        for size in ("Small", "Big"):
            tree.prop(pictures, f"Image{size}URL", f"%origin%/icons/{button.icon}.png")
    return _file(tree)


def _entries(tree: _Tree, parent: ET.Element) -> None:
    """Write the buttons of all groups, a line between two groups."""
    for place, entry in enumerate(_with_separators(groups())):
        node = tree.node(parent, f"m{place:02}", "replace")
        tree.prop(node, "URL", entry.url if entry else "private:separator")
        if entry:
            tree.words(node, "Title", label(entry.name))
            tree.prop(node, "Target", "_self")
            tree.prop(node, "Context", _CALC)


def _with_separators(parts: Sequence[Sequence[Button]]) -> Iterator[Button | None]:
    for place, part in enumerate(parts):
        if place:
            yield None
        yield from part


def window_state() -> str:
    """Return CalcWindowState.xcu: the toolbar in view, in a row of its own, its buttons with icon and text."""
    tree = _Tree("org.openoffice.Office.UI", "CalcWindowState")
    states = tree.node(tree.node(tree.root, "UIElements"), "States")
    state = tree.node(states, TOOLBAR, "replace")
    tree.words(state, "UIName", label("orderdesk"))
    for name in ("Docked", "Visible"):
        tree.prop(state, name, "true", "xs:boolean")
    tree.prop(state, "DockPos", _OWN_ROW)
    tree.prop(state, "Style", _TEXT_AND_ICON, "xs:int")
    return _file(tree)


def jobs() -> str:
    """Return Jobs.xcu: the service is called when LibreOffice starts, before any document is loaded, and ends."""
    tree = _Tree("org.openoffice.Office", "Jobs")
    job = tree.node(tree.node(tree.root, "Jobs"), "orderdesk.formulas", "replace")
    tree.prop(job, "Service", SERVICE)
    events = tree.node(tree.root, "Events")
    for name in ("OnStartApp", "OnCloseApp"):
        tree.node(tree.node(tree.node(events, name, "fuse"), "JobList"), "orderdesk.formulas", "replace")
    return _file(tree)


def _file(tree: _Tree) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tree.text()
