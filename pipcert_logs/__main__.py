"""`python -m pipcert_logs` is `pipcert-logs`."""

import sys

from pipcert_logs.cli.main import main

sys.exit(main())
