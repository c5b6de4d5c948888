"""The Basic module through which Calc's cells reach Python: one function a formula.

An add-in in Python alone would be faster, but LibreOffice 7.4 writes its functions' names into .xlsx in a form that no
Excel reads back; what Basic defines keeps its name.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence

from udfs.formulas import FORMULAS

SERVICE = "orderdesk.Calc"
MODULE = "OrderDesk"  # in the user's library Standard, the only one in which Calc looks for functions

_HEAD = f"""\
Option VBASupport 1
Option Explicit
' Order Desk's formulas. LibreOffice is given this module anew whenever it starts: changes are lost.
'
' VBASupport lets a cell come as an object. As a value an error would end the formula before Python is asked, and
' one bad cell would take the findings of a whole range with it.

Global Services(63) As Object
Global Level As Long
Global NoAnswer As Variant

' One service a level: a cell that is calculated because Python reads it asks while the first question is still open,
' and Basic silently skips a call of an object that it is in.
Private Function Asked(ByVal Formula As String, Given As Variant) As Variant
  Dim Reply As Variant, Service As Object, Own As Long, Across As Long, Down As Long
  On Error Goto Failed
  Own = Level
  Level = Own + 1
  If Own > UBound(Services) Then
    Set Service = CreateUnoService("{SERVICE}")
  Else
    If Services(Own) Is Nothing Then Set Services(Own) = CreateUnoService("{SERVICE}")
    Set Service = Services(Own)
  End If
  If IsEmpty(NoAnswer) Then NoAnswer = Service.callFunction("", Array())
  Reply = Service.callFunction(Formula, Given)
  Level = Own
  If UBound(Reply) = 0 And UBound(Reply(0)) = 0 Then
    Asked = Reply(0)(0)
    Exit Function
  End If
  Dim Answer(UBound(Reply), UBound(Reply(0))) As Variant
  For Down = 0 To UBound(Reply)
    For Across = 0 To UBound(Reply(0))
      Answer(Down, Across) = Reply(Down)(Across)
    Next
  Next
  Asked = Answer
  Exit Function
Failed:
  Level = Own
  Asked = NoAnswer
End Function
"""


def _stub(formula: Callable[..., object]) -> str:
    name, parameters = formula.__name__, list(inspect.signature(formula).parameters)
    optional = ", ".join(f"Optional {parameter}" for parameter in parameters)
    given = ", ".join(parameters)  # one that is left out at the end comes as nothing, one in the middle as 0
    return f'Function {name}({optional}) As Variant\n  {name} = Asked("{name}", Array({given}))\nEnd Function\n'


def basic(formulas: Sequence[Callable[..., object]] = FORMULAS) -> str:
    """Return the module's text."""
    return "\n".join([_HEAD, *map(_stub, formulas)])
