"""The extension that LibreOffice loads: what runs inside it, and what it is built from."""
