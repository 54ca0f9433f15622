"""Rule packs that installed packages offer under a name.

A package offers a pack with an entry point whose value is the package that holds the rule files:

    [project.entry-points."pipcert_logs.rules"]
    acme = "acme_pip_rules"

A pack counts only where it is named (`--rules acme`): what else happens to be installed must not
change a report, nor slow every start.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

GROUP = "pipcert_logs.rules"


def installed_pack(name: str) -> Path | None:
    """Return the folder of the pack that an installed package offers under a name."""
    for entry in entry_points(group=GROUP, name=name):
        spec = find_spec(entry.value)
        for folder in (spec and spec.submodule_search_locations) or ():
            return Path(folder)
    return None
