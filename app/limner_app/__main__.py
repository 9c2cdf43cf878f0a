"""Starts the program: ``limner`` or ``python -m limner_app``."""

from __future__ import annotations

import sys

from limner_app.cli import main

if __name__ == "__main__":
    sys.exit(main())
