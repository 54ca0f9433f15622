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
    settings,
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
    *commands.FAULTS,
    *clean.FAULTS,
)
