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
    Dim told As String
    On Error GoTo failed
    Application.EnableCancelKey = xlDisabled 'Esc is Python's to see; Excel itself sets this back when the macro ends
    told = XLPy.CallUDF("xl_addin.buttons", "press", Array(control.ID, Application), Nothing, Nothing)
    If told <> "" Then MsgBox told, vbInformation, Words("orderdesk.label")
    If VarType(Application.StatusBar) = vbString Then
        Application.OnTime Now + TimeSerial(0, 0, 20), "'" & ThisWorkbook.Name & "'!OD_Clear"
    End If
    Exit Sub
failed:
    MsgBox Words("not_started.label") & vbCrLf & vbCrLf & Err.Description, vbCritical, Words("orderdesk.label")
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

'Returns 2 (Chinese) or 3 (English). The low ten bits of a language id name the language whatever the country.
Public Function LabelColumn(ByVal languageId As Long) As Long
    LabelColumn = 3
    If (languageId And 1023) = 4 Then LabelColumn = 2
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
    ThisWorkbook.Saved = True
End Sub
