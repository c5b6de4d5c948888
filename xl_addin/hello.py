"""What the server answers to `orderdesk doctor`: who it is. That it answers at all says that all of it loads."""

from __future__ import annotations

import json
import os
import struct
import sys

import fastexcel
import pandas as pd
import pyarrow as pa
import xlwings

import udfs.formulas
import xl_addin.excel
from macros.runs import program_version

LOADED = (fastexcel, pa, udfs.formulas, xl_addin.excel)


@xlwings.func  # type: ignore[untyped-decorator]  # xlwings has no types
@xlwings.ret("raw")  # type: ignore[untyped-decorator]  # the same
def hello() -> list[list[str]]:
    """Return facts of the serving process as one cell of JSON: pid, interpreter, folder, versions, bits."""
    facts = {
        "pid": os.getpid(),
        "executable": sys.executable,
        "isolated": sys.flags.isolated,
        "path": sys.path,
        "folder": os.getcwd(),  # noqa: PTH109 - as text
        "bits": struct.calcsize("P") * 8,
        "xlwings": xlwings.__version__,
        "pandas": pd.__version__,
        "orderdesk": program_version(),
    }
    return [[json.dumps(facts, ensure_ascii=False)]]
