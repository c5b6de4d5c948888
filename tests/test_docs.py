"""Documentation is part of the feature: what the product has, the documents name."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from udfs.rules import RULES, Rule
from workbooks.labels import labels
from workbooks.schema import Policy

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MANUAL = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_is_in_the_manual_with_its_sentences(rule: Rule) -> None:
    code = rule.code
    said = labels().rules[code]
    section = MANUAL.split(f"### {said.name} `{code}`")[1].split("\n### ")[0]
    assert said.do in section
    for kind in (*rule.needs, *rule.partly):
        assert labels().kinds[kind].title in section


@pytest.mark.parametrize("code", labels().packaging)
def test_every_check_of_packaging_is_in_the_manual_with_what_to_do_and_how_it_was_read(code: str) -> None:
    section = MANUAL.split("## KASP 包材")[1].split("\n## ")[0]
    [part] = [part for part in section.split("\n### ") if f"`{code}`" in part.splitlines()[0]]
    assert labels().packaging[code].do in part


@pytest.mark.parametrize("code", labels().invoices)
def test_every_check_of_invoices_is_in_the_manual_with_what_to_do(code: str) -> None:
    section = MANUAL.split("## KASP 开票")[1].split("\n## ")[0]
    [part] = [part for part in section.split("\n### ") if f"`{code}`" in part.splitlines()[0]]
    assert labels().invoices[code].do in part


@pytest.mark.parametrize("name", ["packaging] bases", "invoice] form", "invoice] giveaways"])
def test_every_setting_of_kasp_is_in_the_manual(name: str) -> None:
    assert f"`[{name}`" in MANUAL


@pytest.mark.parametrize("setting", dataclasses.fields(Policy), ids=lambda setting: setting.name)
def test_every_setting_is_in_the_manual(setting: dataclasses.Field[object]) -> None:
    assert f"`[{setting.metadata['section']}] {setting.name}`" in MANUAL


@pytest.mark.parametrize("command", ["init", "demo", "nightly", "packaging", "invoices", "returns", "check"])
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"orderdesk {command}" in README


@pytest.mark.parametrize("option", ["--rerun", "--from", "--to", "--cluster"])
def test_every_option_of_the_nightly_run_is_in_the_readme(option: str) -> None:
    assert any(option in line for line in README.splitlines() if line.strip().startswith("orderdesk nightly"))


@pytest.mark.parametrize("option", ["--from", "--to", "--cluster"])
def test_what_runs_over_months_or_on_a_cluster_is_in_the_manual_and_has_its_page(option: str) -> None:
    folder = ROOT / "docs"
    assert all(option in (folder / name).read_text(encoding="utf-8") for name in ("manual.md", "cluster.md"))


@pytest.mark.parametrize("key", labels().sheets)
def test_every_output_sheet_is_in_the_readme(key: str) -> None:
    assert labels().sheets[key].name in README


def test_the_threats_fit_a_page_and_name_every_folder() -> None:
    threats = (ROOT / "THREATS.md").read_text(encoding="utf-8")
    assert len(threats.splitlines()) <= 60
    names = labels().folders
    assert [role for role in ("orders", "stock", "finance", "kasp", "output") if names[role] not in threats] == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-windows.lock"])
def test_every_package_is_pinned_with_its_hashes(lock: str) -> None:
    entries = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    packages = [entry for entry in entries if entry.strip() and not entry.startswith("#")]
    assert len(packages) > 10
    assert [entry for entry in packages if "==" not in entry or "--hash=sha256:" not in entry] == []
