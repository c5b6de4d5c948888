"""The rooms of the house: who may import whom, where Chinese words live, what the rules never touch."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from udfs.rules import RULES
from workbooks.labels import raw

ROOT = Path(__file__).parents[1]
PACKAGES = ("xl_addin", "macros", "udfs", "workbooks")
MODULES = sorted(path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LONGEST = 300

MAY_IMPORT = {
    "xl_addin": {"xl_addin", "macros", "udfs", "workbooks"},
    "macros": {"macros", "udfs", "workbooks"},
    "udfs": {"udfs", "workbooks"},
    "workbooks": {"workbooks"},
}
RULES_MAY_IMPORT = {"numpy", "pandas", "udfs", "workbooks.schema", "workbooks.labels", "workbooks.errors"}
XLWINGS = re.compile(r"udfs/formulas\.py|workbooks/live\w*\.py|xl_addin/.+\.py")
NO_CLOCK_NO_FILES = {
    "open", "Path", "today", "now", "utcnow", "time", "perf_counter", "environ", "getenv", "read_text", "write_text",
    "read_bytes", "write_bytes", "read_csv", "read_excel", "to_csv", "to_excel", "input", "print",
}  # fmt: skip
CHINESE = re.compile("[\u2e80-\u303f\u31c0-\u31ef\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]")
SENTENCES = ("name", "says", "do", "name_en", "says_en", "do_en")

each_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.as_posix())
each_rule_module = pytest.mark.parametrize(
    "module", [module for module in MODULES if module.parts[0] == "udfs"], ids=lambda module: module.name
)


@cache
def tree(module: Path) -> ast.Module:
    """Return a module of the four packages, parsed."""
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


def imports(module: Path) -> Iterator[str]:
    """Return the names of what a module imports, those under TYPE_CHECKING and inside functions too."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: a relative import"
            # `from workbooks import labels` imports workbooks.labels
            package = (ROOT / (node.module or "").replace(".", "/")).is_dir()
            yield from (f"{node.module}.{alias.name}" if package else str(node.module) for alias in node.names)


def room(name: str) -> str:
    """Return the top of a module's name."""
    return name.split(".", maxsplit=1)[0]


def test_there_is_something_to_look_at() -> None:
    assert {module.parts[0] for module in MODULES} == set(PACKAGES)


@each_module
def test_imports_only_lead_downwards(module: Path) -> None:
    ours = {room(name) for name in imports(module)} & set(PACKAGES)
    assert ours <= MAY_IMPORT[module.parts[0]]


@each_module
def test_nothing_imports_the_tests(module: Path) -> None:
    assert "tests" not in {room(name) for name in imports(module)}


@each_rule_module
def test_rules_import_columns_and_words_only(module: Path) -> None:
    allowed = RULES_MAY_IMPORT | ({"xlwings"} if module.name == "formulas.py" else set())
    others = {name for name in imports(module) if room(name) not in sys.stdlib_module_names}
    assert not [name for name in others if name not in allowed and room(name) not in allowed]
    ways_out = {"io", "os", "pathlib", "shutil", "socket", "subprocess", "tempfile", "time", "urllib", "random"}
    assert not {room(name) for name in imports(module)} & ways_out


@each_module
def test_xlwings_stays_behind_its_doors_and_pro_outside(module: Path) -> None:
    text = (ROOT / module).read_text(encoding="utf-8")
    assert "xlwings.pro" not in text
    if not XLWINGS.fullmatch(module.as_posix()):
        assert "xlwings" not in {room(name) for name in imports(module)}


@each_module
def test_chinese_words_live_in_the_labels_file(module: Path) -> None:
    lines = (ROOT / module).read_text(encoding="utf-8").splitlines()
    assert not [f"{module}:{number}: {line}" for number, line in enumerate(lines, start=1) if CHINESE.search(line)]


@each_rule_module
def test_rules_touch_no_files_and_no_clock(module: Path) -> None:
    names: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
    # an argument or attribute `today` is how a rule is told the day
    asked = {name for name in names & NO_CLOCK_NO_FILES if name != "today"}
    assert not asked
    calls = [node for node in ast.walk(tree(module)) if isinstance(node, ast.Call)]
    assert not [node.lineno for node in calls if isinstance(node.func, ast.Attribute) and node.func.attr == "today"]


@each_rule_module
def test_rules_keep_no_state(module: Path) -> None:
    nodes = list(ast.walk(tree(module)))
    assert not [node.lineno for node in nodes if isinstance(node, (ast.Global, ast.Nonlocal))]
    for node in tree(module).body:  # a module's own names are constants, types and functions
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        value = getattr(node, "value", None)
        for target in targets:
            assert not isinstance(value, (ast.List, ast.Set, ast.ListComp, ast.SetComp)), ast.unparse(target)


@each_module
def test_what_is_public_has_a_docstring(module: Path) -> None:
    def undocumented(node: ast.Module | ast.ClassDef, prefix: str) -> Iterator[str]:
        for child in node.body:
            if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) or child.name[0] == "_":
                continue
            if not ast.get_docstring(child):
                yield f"{prefix}{child.name}"
            if isinstance(child, ast.ClassDef):
                yield from undocumented(child, f"{prefix}{child.name}.")

    assert module.name == "__main__.py" or ast.get_docstring(tree(module))
    assert list(undocumented(tree(module), "")) == []


@each_module
def test_modules_stay_short(module: Path) -> None:
    assert len((ROOT / module).read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_every_rule_has_its_sentences_in_both_languages_and_the_labels_know_no_other_rule() -> None:
    said = raw()["rules"]
    assert set(said) == {rule.code for rule in RULES}
    assert not [f"{code}.{name}" for code, rule in said.items() for name in SENTENCES if not rule.get(name)]


@pytest.mark.parametrize("rule", [rule.code for rule in RULES])
def test_both_languages_name_the_same_figures(rule: str) -> None:
    said = raw()["rules"][rule]
    places = {
        lang: {name for key in (f"says{lang}", f"do{lang}") for _, name, _, _ in Formatter().parse(said[key]) if name}
        for lang in ("", "_en")
    }
    figures = {"actual", "expected", "money", "why", "role", "status", "eta", "other"}
    assert places[""] & figures == places["_en"] & figures
