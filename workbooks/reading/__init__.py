"""Reading: files to cells, cells to rows, rows to tables; nothing here knows a rule."""
