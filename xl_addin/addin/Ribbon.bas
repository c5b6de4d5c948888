Attribute VB_Name = "Ribbon"
Option Explicit
'The tab of Order Desk: its words, and what its buttons do, which is to call Python.

'Starts Python once Excel has settled, so that the first formula need not wait for it.
Public Sub OD_Loaded(ribbon As IRibbonUI)
    Application.OnTime Now, "'" & ThisWorkbook.Name & "'!OD_Warm"
End Sub

'Nobody is waiting for this, so a failure stays silent here: the first button or formula shows it.
Public Sub OD_Warm()
    Dim server As Object
    On Error Resume Next
    DescribeFormulas
    Set server = XLPy
End Sub

Public Sub OD_Press(control As IRibbonControl)
    Dim told As String, calculating As Long, listening As Boolean
    calculating = xlCalculationAutomatic
    listening = Application.EnableEvents
    On Error Resume Next 'without a workbook there is no calculation to ask for
    calculating = Application.Calculation
    On Error GoTo failed
    TryAgain
    Application.EnableCancelKey = xlDisabled 'Esc is Python's to see; Excel itself sets this back when the macro ends
    Application.DisplayAlerts = False 'a long audit is no other application to wait for
    told = XLPy.CallUDF("xl_addin.excel", "press", Array(control.ID, Application), Nothing, Nothing)
    Application.DisplayAlerts = True
    If told <> "" Then MsgBox told, vbInformation, Words("orderdesk.label")
    If VarType(Application.StatusBar) = vbString Then
        Application.OnTime Now + TimeSerial(0, 0, 20), "'" & ThisWorkbook.Name & "'!OD_Clear"
    End If
    Exit Sub
failed:
    told = Err.Description
    'Python sets these back itself; where it died half-way, nobody else would
    On Error Resume Next
    Application.Calculation = calculating
    Application.EnableEvents = listening
    Application.ScreenUpdating = True
    Application.StatusBar = False
    Application.DisplayAlerts = True
    MsgBox Words("not_started.label") & vbCrLf & vbCrLf & told, vbCritical, Words("orderdesk.label")
End Sub

Public Sub OD_Clear()
    Application.StatusBar = False
End Sub

Public Sub OD_Label(control As IRibbonControl, ByRef label As Variant)
    label = Words(control.ID & ".label")
End Sub

Public Sub OD_Screentip(control As IRibbonControl, ByRef screentip As Variant)
    screentip = Words(control.ID & ".screentip")
End Sub

Public Sub OD_Supertip(control As IRibbonControl, ByRef supertip As Variant)
    supertip = Words(control.ID & ".supertip")
End Sub

Public Sub OD_Enabled(control As IRibbonControl, ByRef enabled As Variant)
    enabled = (Words(control.ID & ".enabled") <> "no")
End Sub

'Returns a text of the hidden sheet _Labels_ in the language of Excel's own menus.
Private Function Words(ByVal key As String) As String
    Dim place As Variant
    With ThisWorkbook.Worksheets("_Labels_")
        place = Application.Match(key, .Columns(1), 0)
        If Not IsError(place) Then Words = CStr(.Cells(place, LabelColumn(Application.LanguageSettings.LanguageID(2))).Value)
    End With
End Function

'Gives the function wizard the Chinese descriptions: those inside the modules are ASCII.
Private Sub DescribeFormulas()
    Dim row As Long
    If LabelColumn(Application.LanguageSettings.LanguageID(2)) <> 2 Then Exit Sub
    With ThisWorkbook.Worksheets("_IntelliSense_")
        For row = 2 To .UsedRange.Rows.Count
            Application.MacroOptions Macro:="'" & ThisWorkbook.Name & "'!" & .Cells(row, 1).Value, Description:=.Cells(row, 2).Value
        Next
    End With
End Sub
