"""The VBA module of the formulas: one function each, as xlwings itself would write it, plus our stated changes.

Source of the form: xlwings.udfs.generate_vba_wrapper (BSD licence), which runs on Windows only; a test there holds
this module to it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence

from udfs.formulas import FORMULAS
from workbooks.labels import raw

MODULE = "udfs.formulas"
DESCRIPTION = 255  # characters: the most that Excel keeps of a function's or argument's description
FIRST_OWN_CATEGORY = 20  # Excel's own categories go before

_FORM = """\
Function {name}({parameters})
    #If App = "Microsoft Excel" Then
        If TypeOf Application.Caller Is Range Then On Error GoTo failed
        {name} = XLPy.CallUDF("{module}", "{name}", Array({arguments}), ActiveWorkbook, Application.Caller)
        Exit Function
    #Else
        {name} = XLPy.CallUDF("{module}", "{name}", Array({arguments}))
        Exit Function
    #End If
failed:
    {name} = Err.Description
End Function
"""

CHANGES = (
    # Excel is the one host: the branch for others goes
    (r"    #If App = .*\n((?:.*\n)*?)    #Else\n(?:.*\n)*?    #End If\n", r"\1"),
    (r"^        (\S)", r"    \1"),
    # a data workbook is not shown to xlwings, which looks for code in its sheets; the calling cell costs a round trip
    (r", ActiveWorkbook, Application\.Caller\)", r", Nothing, Nothing)"),
    # a range goes as its values in one piece: Python would fetch them through COM
    (r"Array\((.*?)\)", lambda found: f"Array({', '.join(f'Plain({name})' for name in found[1].split(', '))})"),
    # an error is an error of Excel: a text would be passed over by SUM
    (r"= (XLPy\.CallUDF\(.*\))$", r"= Answer(\1)"),
    (r"= Err\.Description$", r"= CVErr(2015)"),
)
"""What is different from xlwings' own wrappers (pattern, replacement), and why."""


def plain(formula: Callable[..., object]) -> str:
    """Return the wrapper of a formula as xlwings writes it for an add-in."""
    parameters = inspect.signature(formula).parameters.values()
    said = [
        parameter.name if parameter.default is parameter.empty else f"Optional {parameter.name}"
        for parameter in parameters
    ]
    arguments = ", ".join(parameter.name for parameter in parameters)
    return _FORM.format(name=formula.__name__, parameters=", ".join(said), arguments=arguments, module=MODULE)


def hardened(wrapper: str) -> str:
    """Return a wrapper of xlwings with our changes."""
    for pattern, replacement in CHANGES:
        wrapper = re.sub(pattern, replacement, wrapper, flags=re.MULTILINE)
    return wrapper


def _described(wrapper: str, name: str) -> str:
    """Return the wrapper with its help as Excel keeps it in a module: ASCII, so in English."""
    says = raw()["formulas"][name]["says_en"].encode("ascii", "replace").decode()[:DESCRIPTION].replace('"', '""')
    attributes = (
        f'Attribute {name}.VB_Description = "{says}"\n'
        f'Attribute {name}.VB_ProcData.VB_Invoke_Func = " \\n{FIRST_OWN_CATEGORY}"\n'
    )
    signature, body = wrapper.split("\n", maxsplit=1)
    return f"{signature}\n{attributes}{body}"


def vba(formulas: Sequence[Callable[..., object]] = FORMULAS) -> str:
    """Return the text of the VBA module Formulas."""
    wrappers = [_described(hardened(plain(formula)), formula.__name__) for formula in formulas]
    return "\n".join(['Attribute VB_Name = "Formulas"', "Option Explicit", *wrappers])
