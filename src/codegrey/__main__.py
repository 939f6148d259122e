"""``python -m codegrey``."""

import sys

from codegrey.cli import main

if __name__ == "__main__":
    sys.exit(main())
