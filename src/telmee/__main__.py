"""`python -m telmee`: what the launcher starts."""

import sys

from telmee.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
