"""Writing: result workbooks, drawn by XlsxWriter, their rows spliced in at full speed."""
