"""The fault table."""

from corpus.faults import (
    clean,
    commands,
    index,
    mixed,
    network,
    proxy,
    recovered,
    runtime,
    tools,
    trust,
    validity,
)

FAULTS = (
    *trust.FAULTS,
    *validity.FAULTS,
    *runtime.FAULTS,
    *proxy.FAULTS,
    *network.FAULTS,
    *recovered.FAULTS,
    *index.FAULTS,
    *mixed.FAULTS,
    *commands.FAULTS,
    *tools.FAULTS,
    *clean.FAULTS,
)
