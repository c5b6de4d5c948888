"""`python -m tests.torture.read_one FILE`: a process that reads one file, and what it took, as one line of JSON.

Seconds of reading, and the most memory (MB) that the process ever held, the interpreter and all imports included.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from workbooks.reading.files import read_file
from workbooks.reading.recognise import Recogniser
from workbooks.team import TeamFile


def peak() -> float:
    """Return the most memory that this process has held, MB: the kernel begins anew with each program."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    path = Path(sys.argv[1])
    start = time.perf_counter()
    parts = read_file(TeamFile(path, path.name, "orders"), Recogniser({}))
    seconds = time.perf_counter() - start
    found = {"seconds": seconds, "megabytes": peak(), "codes": [problem.code for problem in parts.problems]}
    sys.stdout.write(json.dumps(found))
