"""The xlwings engine over UNO: the ordinary xw.App, xw.Book, xw.Sheet and xw.Range, in LibreOffice Calc.

A small module each: app (the program, and the engine itself), books, sheets, tables, ranges, fonts; structs, formats
and values say in between what Excel and Calc say differently. Range.raw_value gives and takes what Excel's does, with
two differences on purpose: a text that looks like a number, a date or an error stays a text in any cell, and so does
one that begins with +, - or @. `.api` is UNO's own object. What is not here raises NotImplementedError.
"""

from xl_addin.calc.engine.app import app_of, book_of, register

__all__ = ["app_of", "book_of", "register"]
