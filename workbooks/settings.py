"""The team's settings: `orderdesk.toml` in the team folder (domain.md §1); all of them have defaults."""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from workbooks.errors import WorkbookError
from workbooks.labels import labels, raw
from workbooks.reading.recognise import Aliases, heading_key
from workbooks.schema import KINDS, LIMITS, Limits, Policy

FILE = "orderdesk.toml"
PACKAGING = "packaging"
INVOICE = "invoice"
LIMITED = "limits"
SETTINGS = (*dataclasses.fields(Policy), *dataclasses.fields(Limits))
Chosen = TypeVar("Chosen", Policy, Limits)
GIVEAWAYS = ("discount", "omit")
"""How giveaways stand in the tax bureau's form: with a discount of all their price, or not at all."""


@dataclass(frozen=True)
class Settings:
    """What a team has set: the rules' policy, its own heading aliases, and the file's SHA-256 ("" without a file).

    bases: the production sites that packaging may come from; none: any that a request names. form: the tax bureau's
    form, as a path from the team folder; "": one is built. giveaways: one of GIVEAWAYS. limits: what a file may
    ask for.
    """

    policy: Policy = field(default_factory=Policy)
    aliases: Aliases = field(default_factory=dict)
    sha256: str = ""
    bases: tuple[str, ...] = ()
    form: str = ""
    giveaways: str = GIVEAWAYS[0]
    limits: Limits = LIMITS


def read_settings(folder: Path) -> Settings:
    """Read the settings of a team folder; the defaults where it has no settings file.

    Raises WorkbookError where the file is no TOML, or names a setting, kind, column or value that there is not.
    """
    path = folder / FILE
    if not path.exists():
        return Settings()
    try:
        content = path.read_bytes()
        written = tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkbookError("settings-not-toml", path=path, detail=error) from error
    except OSError as error:
        raise WorkbookError("unreadable-settings", path=path, detail=error.strerror) from error
    others = {"aliases", PACKAGING, INVOICE}
    numbers = _numbers({name: table for name, table in written.items() if name not in others}, path)
    policy, limits = _chosen(Policy, numbers), _chosen(Limits, numbers)
    aliases, bases = _aliases(written.get("aliases", {}), path), _bases(written.get(PACKAGING, {}), path)
    form, giveaways = _invoice(written.get(INVOICE, {}), path)
    return Settings(policy, aliases, hashlib.sha256(content).hexdigest(), bases, form, giveaways, limits)


def read_form(folder: Path, settings: Settings) -> bytes | None:
    """Return the tax bureau's form that the settings name, None where they name none.

    Raises WorkbookError where it is not there or cannot be read.
    """
    if not settings.form:
        return None
    path = folder / settings.form
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise WorkbookError("no-form", path=path, settings=folder / FILE) from error
    except OSError as error:
        raise WorkbookError("unreadable-form", path=path, detail=error.strerror or error) from error


def _unknown(name: str, known: list[str], path: Path) -> WorkbookError:
    closest = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
    return WorkbookError("unknown-setting", path=path, name=name, closest=closest[0] if closest else "")


def _chosen(of: type[Chosen], written: Mapping[str, Any]) -> Chosen:
    return of(**{setting.name: written[setting.name] for setting in dataclasses.fields(of) if setting.name in written})


def _numbers(written: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return what is set of the policy and the limits, by name; no two have the same."""
    known = {f"{setting.metadata['section']}.{setting.name}": setting for setting in SETTINGS}
    sections = sorted({name.split(".")[0] for name in known} | {"aliases", PACKAGING, INVOICE})
    chosen: dict[str, Any] = {}
    for section, table in written.items():
        if section not in sections:
            raise _unknown(section, [*sections, *known], path)
        _check_section(section, table, path)
        for name, value in table.items():
            setting = known.get(f"{section}.{name}")
            if setting is None:
                raise _unknown(f"{section}.{name}", list(known), path)
            # a bool is an int to Python, but not to the person who wrote it
            least = 1 if section == LIMITED else 0
            if type(value) is not type(setting.default) or (isinstance(value, int) and value < least):
                wanted = "true / false" if isinstance(setting.default, bool) else f"{least}, {least + 1}, {least + 2} …"
                raise WorkbookError("bad-setting", path=path, name=f"{section}.{name}", value=value, wanted=wanted)
            chosen[name] = value
    return chosen


def _check_section(name: str, table: object, path: Path) -> None:
    if not isinstance(table, Mapping):
        raise WorkbookError("bad-setting", path=path, name=name, value=table, wanted=f"[{name}]")


def _bases(written: Any, path: Path) -> tuple[str, ...]:  # noqa: ANN401 - TOML may hold anything
    _check_section(PACKAGING, written, path)
    for name, value in written.items():
        if name != "bases":
            raise _unknown(f"{PACKAGING}.{name}", [f"{PACKAGING}.bases"], path)
        if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
            raise WorkbookError("bad-setting", path=path, name=f"{PACKAGING}.bases", value=value, wanted='["…", "…"]')
    return tuple(written.get("bases", ()))


def _invoice(written: Any, path: Path) -> tuple[str, str]:  # noqa: ANN401 - TOML may hold anything
    _check_section(INVOICE, written, path)
    for name, value in written.items():
        if name not in {"form", "giveaways"}:
            raise _unknown(f"{INVOICE}.{name}", [f"{INVOICE}.form", f"{INVOICE}.giveaways"], path)
        if name == "giveaways" and value not in GIVEAWAYS:
            wanted = " / ".join(f'"{way}"' for way in GIVEAWAYS)
            raise WorkbookError("bad-setting", path=path, name=f"{INVOICE}.{name}", value=value, wanted=wanted)
        if name == "form" and not isinstance(value, str):
            raise WorkbookError("bad-setting", path=path, name=f"{INVOICE}.{name}", value=value, wanted='"…/….xlsx"')
    return written.get("form", "").strip(), written.get("giveaways", GIVEAWAYS[0])


def _aliases(written: Any, path: Path) -> Aliases:  # noqa: ANN401 - TOML may hold anything
    """Return the aliases by kind and column; both may be written by their English name or their Chinese heading."""
    kinds = {said.title: name for name, said in labels().kinds.items()} | {name: name for name in KINDS}
    aliases: dict[str, dict[str, tuple[str, ...]]] = {}
    _check_section("aliases", written, path)
    for kind_name, table in written.items():
        kind = kinds.get(kind_name)
        if kind is None:
            raise _unknown(f"aliases.{kind_name}", [f"aliases.{name}" for name in kinds], path)
        _check_section(f"aliases.{kind_name}", table, path)
        said = labels().kinds[kind].headings
        columns = {headings[0]: name for name, headings in said.items()} | {name: name for name in said}
        # a second word for another column's own heading would never be found
        taken_by = {heading_key(text): name for name, texts in said.items() for text in texts}
        for column, headings in table.items():
            if column not in columns:
                raise _unknown(
                    f"aliases.{kind_name}.{column}", [f"aliases.{kind_name}.{name}" for name in columns], path
                )
            several = [headings] if isinstance(headings, str) else headings
            if not isinstance(several, list) or not all(isinstance(text, str) and text.strip() for text in several):
                name = f"aliases.{kind_name}.{column}"
                raise WorkbookError("bad-setting", path=path, name=name, value=headings, wanted='["…", "…"]')
            for heading in several:
                taken = taken_by.get(heading_key(heading), columns[column])
                if taken != columns[column]:
                    name = f"aliases.{kind_name}.{column}"
                    raise WorkbookError("alias-taken", path=path, name=name, value=heading, other=said[taken][0])
            own = aliases.setdefault(kind, {})  # may be named in both languages
            own[columns[column]] = (*own.get(columns[column], ()), *several)
    return aliases


def settings_text(bases: Sequence[str] = ()) -> str:
    """Return a settings file with every setting at its default, each explained in a comment.

    bases: the production sites; none: a line to fill in, behind a comment sign.
    """
    said = raw()["settings"]
    parts = [said["head"].strip()]
    sections: dict[str, list[str]] = {}
    for setting in SETTINGS:
        section = setting.metadata["section"]
        value = str(setting.default).lower()
        sections.setdefault(section, []).append(f"# {said[section][setting.name]}\n{setting.name} = {value}")
    parts += [f"# {said[name]['title']}\n[{name}]\n" + "\n".join(lines) for name, lines in sections.items()]
    sites = f"bases = {json.dumps(bases, ensure_ascii=False)}" if bases else said[PACKAGING]["example"]
    parts.append(f"# {said[PACKAGING]['title']}\n[{PACKAGING}]\n# {said[PACKAGING]['bases']}\n{sites}")
    form = f"# {said[INVOICE]['form']}\n{said[INVOICE]['example']}"
    giveaways = f'# {said[INVOICE]["giveaways"]}\ngiveaways = "{GIVEAWAYS[0]}"'
    parts.append(f"# {said[INVOICE]['title']}\n[{INVOICE}]\n{form}\n{giveaways}")
    parts.append(f"# {said['aliases']['title']}\n{said['aliases']['example'].strip()}")
    return "\n\n".join(parts) + "\n"
