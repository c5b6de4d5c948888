Attribute VB_Name = "Server"
Option Explicit
Option Private Module
'The Python behind Order Desk: starts it, hands calls to it, and turns its answers into cells. Decides nothing.
'
'It is started through the DLL of the open-source xlwings (BSD licence), but not with xlwings' own VBA: that reads its
'settings from the active workbook and that workbook's folder, puts the folder on Python's path and the workbook's
'name on a command line. Here nothing comes from a workbook: the interpreter stands in the user's own folder, Python
'starts isolated (-I: no current folder, no PYTHON... variables), and there is no cmd.exe to misread a name.

Public Const XLWINGS_VERSION As String = "{xlwings}"
Public Const ORDERDESK_VERSION As String = "{orderdesk}"

#If Win64 Then
    Private Const SERVER_DLL As String = "xlwings64-{xlwings}.dll"
    Private Declare PtrSafe Function XLPyDLLActivateAuto Lib "xlwings64-{xlwings}.dll" (ByRef Result As Variant, Optional ByVal Config As String = "", Optional ByVal mode As Long = 1) As Long
#Else
    Private Const SERVER_DLL As String = "xlwings32-{xlwings}.dll"
    Private Declare PtrSafe Function XLPyDLLActivateAuto Lib "xlwings32-{xlwings}.dll" (ByRef Result As Variant, Optional ByVal Config As String = "", Optional ByVal mode As Long = 1) As Long
#End If
Private Declare PtrSafe Function LoadLibrary Lib "kernel32" Alias "LoadLibraryA" (ByVal FileName As String) As LongPtr

Private Const FAILURE_NUMBER As Long = vbObjectError + 513
Private Const PATIENCE As Single = 30 'seconds in which a start that failed is not tried again: every cell would wait for it
Private launch As String 'kept, so that a formula reads no file
Private failedAt As Single
Private failure As String

'Returns the server, started where it is not running.
Public Function XLPy() As Object
    Dim reply As Variant
    If failure <> "" And Abs(Timer - failedAt) < PATIENCE Then Err.Raise FAILURE_NUMBER, "Order Desk", failure
    If launch = "" Then
        If LoadLibrary(DeskFolder() & SERVER_DLL) = 0 Then Err.Raise FAILURE_NUMBER, "Order Desk", DeskFolder() & SERVER_DLL
        launch = ServerCommand(Setting("interpreter"))
    End If
    failure = ""
    If XLPyDLLActivateAuto(reply, launch, 1) <> 0 Then
        failure = CStr(reply)
        failedAt = Timer
        Err.Raise FAILURE_NUMBER, "Order Desk", failure
    End If
    Set XLPy = reply
End Function

'Lets the next call try to start the server at once.
Public Sub TryAgain()
    failure = ""
End Sub

'Returns the command line that starts the server; the DLL fills in the class id.
Public Function ServerCommand(ByVal interpreter As String) As String
    ServerCommand = """" & interpreter & """ -I -m xl_addin.server $(CLSID)"
End Function

'Returns where `orderdesk install` has put the DLL and the settings.
Public Function DeskFolder() As String
    DeskFolder = Environ$("LOCALAPPDATA") & "\orderdesk\"
End Function

'Returns a value of addin.conf; blank lines and other keys are passed over.
Public Function Setting(ByVal key As String) As String
    Dim channel As Integer, entry As String, found As String
    channel = FreeFile
    Open DeskFolder() & "addin.conf" For Input As #channel
    Do Until EOF(channel)
        Line Input #channel, entry
        If Left$(entry, Len(key) + 1) = key & "=" Then found = Mid$(entry, Len(key) + 2)
    Loop
    Close #channel
    If Not IsFullPath(found) Then Err.Raise FAILURE_NUMBER, "Order Desk", DeskFolder() & "addin.conf: " & key & "=" & found
    Setting = found
End Function

'Tells whether a path begins with a drive or a server: any other is looked for in the folder that Excel was started in.
Public Function IsFullPath(ByVal path As String) As Boolean
    IsFullPath = (Mid$(path, 2, 2) = ":\" Or Left$(path, 2) = "\\")
End Function

'Returns 2 (Chinese) or 3 (English). The low ten bits of a language id name the language whatever the country.
Public Function LabelColumn(ByVal languageId As Long) As Long
    LabelColumn = 3
    If (languageId And 1023) = 4 Then LabelColumn = 2
End Function

'Returns an argument of a formula as plain values: of a range what its cells hold, of a whole column from the first row
'to the last one used. What is left out is blank.
Public Function Plain(Optional ByVal argument As Variant) As Variant
    Dim cells As Object
    If IsMissing(argument) Then Exit Function
    If Not IsObject(argument) Then
        Plain = argument
        Exit Function
    End If
    Set cells = argument
    If cells.Areas.Count > 1 Then Err.Raise FAILURE_NUMBER, "Order Desk", cells.Address
    If cells.Rows.Count = cells.Worksheet.Rows.Count Then
        Set cells = cells.Resize(cells.Worksheet.UsedRange.Row + cells.Worksheet.UsedRange.Rows.Count - 1)
    End If
    Plain = InFull(cells.Value, cells)
End Function

'Returns values with currency in full: Value rounds it to four places, Value2 knows no dates.
Private Function InFull(ByVal values As Variant, ByVal cells As Object) As Variant
    Dim full As Variant, row As Long, column As Long
    If Not IsArray(values) Then
        If VarType(values) = vbCurrency Then values = cells.Value2
    Else
        For row = 1 To UBound(values, 1)
            For column = 1 To UBound(values, 2)
                If VarType(values(row, column)) = vbCurrency Then
                    If IsEmpty(full) Then full = cells.Value2
                    values(row, column) = full(row, column)
                End If
            Next
        Next
    End If
    InFull = values
End Function

'Returns what Python answered as cells: a whole number of type Long names an error (2042 is #N/A); no other answer is one.
Public Function Answer(ByVal said As Variant) As Variant
    Dim row As Long, column As Long
    Select Case Dimensions(said)
    Case 0
        If VarType(said) = vbLong Then said = CVErr(said)
    Case 1
        For column = LBound(said) To UBound(said)
            If VarType(said(column)) = vbLong Then said(column) = CVErr(said(column))
        Next
    Case Else
        For row = LBound(said, 1) To UBound(said, 1)
            For column = LBound(said, 2) To UBound(said, 2)
                If VarType(said(row, column)) = vbLong Then said(row, column) = CVErr(said(row, column))
            Next
        Next
    End Select
    Answer = said
End Function

Private Function Dimensions(ByRef said As Variant) As Long
    Dim bound As Long
    If Not IsArray(said) Then Exit Function
    Dimensions = 1
    On Error Resume Next
    bound = UBound(said, 2)
    If Err.Number = 0 Then Dimensions = 2
End Function
