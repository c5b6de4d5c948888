"""Order Desk needs no network: a run makes no connection and asks for no address; what could is named here."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_architecture import MODULES, imports, room, tree

NETWORK = {
    "aiohttp", "asyncio", "dask", "distributed", "ftplib", "http", "imaplib", "poplib", "requests", "smtplib", "socket",
    "socketserver", "ssl", "telnetlib", "urllib", "urllib3", "xmlrpc",
}  # fmt: skip
MAY = {
    "macros/cluster.py": {"asyncio", "dask", "distributed"},  # `--cluster ADDRESS`, an extra of its own
    "workbooks/reading/batches.py": {"socket"},  # the name of this machine, for a sentence
}
SPELLS = {"parse"}  # urllib.parse takes addresses apart and opens none

BLOCKED = """
import socket


def refused(*given, **named):
    with open(TOLD, "a") as told:
        told.write(f"{given!r}\\n")
    raise OSError("no network here")


class Local(socket.socket):
    def __init__(self, family=-1, *given, **named):
        if family in (-1, socket.AF_INET, socket.AF_INET6) and named.get("fileno") is None and len(given) < 3:
            refused(family)
        super().__init__(family, *given, **named)


socket.socket = Local
socket.create_connection = socket.getaddrinfo = socket.gethostbyname = refused
"""


def tried(folder: Path, code: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run code in a process that, with all it starts, has no network; return it and what was tried of one."""
    site, told = folder / "site", folder / "told.txt"
    site.mkdir()
    (site / "sitecustomize.py").write_text(f"TOLD = {os.fspath(told)!r}\n{BLOCKED}", encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join((str(site), str(Path(__file__).parents[1])))}
    run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    return run, told.read_text(encoding="utf-8") if told.exists() else ""


def test_what_holds_off_the_network_does(tmp_path: Path) -> None:
    """In the process itself, and in one that reads."""
    code = """
import socket
from multiprocessing.connection import Connection
from workbooks.processes import fresh
def ask():
    import socket
    try:
        socket.create_connection(("127.0.0.1", 9))
    except OSError as error:
        assert str(error) == "no network here"
if __name__ == "__main__":
    ask()
    process = fresh(socket.create_connection, ("192.0.2.1", 9))
    process.join()
    try:
        socket.socket()
    except OSError:
        print(process.exitcode)
"""
    run, told = tried(tmp_path, code)
    assert run.stdout.strip() == "1", run.stderr
    assert told.count("127.0.0.1") == 1
    assert told.count("192.0.2.1") == 1


@pytest.mark.parametrize("command", [["demo"], ["demo", "--lang", "en"]], ids=["zh", "en"])
def test_a_run_uses_no_network(tmp_path: Path, command: list[str]) -> None:
    folder = str(tmp_path / "team")
    calls = [[*command[:1], folder, *command[1:]], ["nightly", folder, "--date", "2026-11-21"]]
    code = f"from xl_addin.cli import main\nif __name__ == '__main__':\n    print([main(one) for one in {calls!r}])"
    run, told = tried(tmp_path, code)
    assert run.stdout.strip().endswith("[0, 0]"), run.stdout + run.stderr
    assert told == ""


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.as_posix())
def test_no_module_imports_what_makes_connections(module: Path) -> None:
    used = {name for name in imports(module) if room(name) in NETWORK and name != "urllib.parse"}
    used -= {"urllib"} if _only_spells(module) else set()
    assert {room(name) for name in used} <= MAY.get(module.as_posix(), set())


def _only_spells(module: Path) -> bool:
    """Tell whether all that a module takes from urllib itself is how addresses are spelt."""
    taken = [node for node in ast.walk(tree(module)) if isinstance(node, ast.ImportFrom) and node.module == "urllib"]
    return all({alias.name for alias in node.names} <= SPELLS for node in taken)
