"""`python -m pipcert_logs` is `pipcert-logs`."""

import sys

from pipcert_logs.cli.main import main

if __name__ == "__main__":  # worker processes import this as well
    sys.exit(main())
