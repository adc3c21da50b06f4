"""`python -m engine` is the command `attending`."""

import sys

from engine.cli import main

sys.exit(main())
