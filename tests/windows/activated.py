"""Runs on Windows: starts the server through the DLL as Excel does and calls it. Prints one line of JSON.

Usage: winpy activated.py DLL COMMAND CALLS; CALLS is JSON: [[module, function, [arguments]], ...]
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time

from tests.windows.cells import cells
from xl_addin.activate import HELLO, activate, call

dll, command, calls = sys.argv[1:]
started = time.perf_counter()
server = activate(dll, command)
facts = json.loads(call(server, *HELLO))
facts["seconds"] = time.perf_counter() - started
facts["answers"] = []
for module, function, arguments in json.loads(calls):
    try:
        facts["answers"].append(cells(call(server, module, function, arguments)))
    except Exception as error:  # noqa: BLE001 - what COM raises is looked at by the test
        facts["answers"].append({"raised": str(error)})
sys.stdout.write(json.dumps(facts) + "\n")
sys.stdout.flush()
os.kill(facts["pid"], signal.SIGTERM)
os._exit(0)
