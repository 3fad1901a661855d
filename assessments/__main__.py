"""``python -m assessments``: see :mod:`assessments.cli`."""

import sys

from assessments.cli import main

if __name__ == "__main__":
    sys.exit(main())
