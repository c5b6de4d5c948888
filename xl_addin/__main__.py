"""`python -m xl_addin` is `orderdesk`."""

import sys

from xl_addin.cli import main

sys.exit(main())
