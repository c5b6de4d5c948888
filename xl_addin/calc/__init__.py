"""LibreOffice Calc as a second live host: an xlwings engine, the extension, and what installs and checks them."""
