"""`python -m explorer` is the command `explorer`."""

from __future__ import annotations

import sys

from explorer.cli import main

if __name__ == "__main__":  # children of the window are spawned: they import this module again under another name
    sys.exit(main())
