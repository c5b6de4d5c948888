"""Runs on Windows: prints the VBA wrappers that xlwings itself generates for the formulas, as JSON by name."""

from __future__ import annotations

import io
import json
import re
import sys

from xlwings import udfs

from udfs import formulas


class Addin:
    """The workbook that xlwings writes for, as far as it asks."""

    Name = "addin.xlam"


text = io.StringIO()
udfs.generate_vba_wrapper("udfs.formulas", formulas, text, Addin)
found = re.findall(r"^(Function (\w+)\(.*?^End Function)\n", text.getvalue(), re.MULTILINE | re.DOTALL)
names = [formula.__name__ for formula in formulas.FORMULAS]
said = {name: f"{wrapper}\n" for wrapper, name in sorted(found, key=lambda pair: names.index(pair[1]))}
sys.stdout.write(json.dumps(said) + "\n")
