"""The fault table."""

from corpus.faults import (
    clean,
    commands,
    index,
    mixed,
    network,
    private,
    proxy,
    recovered,
    runtime,
    settings,
    tools,
    trust,
    validity,
)

FAULTS = (
    *trust.FAULTS,
    *validity.FAULTS,
    *runtime.FAULTS,
    *proxy.FAULTS,
    *settings.FAULTS,
    *network.FAULTS,
    *recovered.FAULTS,
    *index.FAULTS,
    *mixed.FAULTS,
    *private.FAULTS,
    *commands.FAULTS,
    *tools.FAULTS,
    *clean.FAULTS,
)
