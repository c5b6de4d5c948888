"""`python -m xl_addin` is `orderdesk`."""

from xl_addin.cli import program

program()
