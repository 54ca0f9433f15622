"""Connections that break, and a retry that overcomes it."""

from dataclasses import replace

from corpus.faults.common import (
    FILES,
    FROM_MIRROR,
    INSTALL,
    MIRROR,
    NOT_NETWORK,
    PUBLIC_HOSTS,
    PYPI,
    public_files,
)
from corpus.model import Fault

NOTHING_TO_MEND = ("none",)
OVERCOME = ("connection-reset", "connection-timeout", "firewall-blocking")

FAULTS = (
    Fault(
        id="23-reset-once",
        made="the first connection to pypi.org is reset, the next is good",
        note="a reset that the retry overcame; the install succeeds",
        causes=NOTHING_TO_MEND,
        call=INSTALL,
        sites=(replace(PYPI, does="reset-once"), FILES),
        hosts=PUBLIC_HOSTS,
        not_causes=(*NOT_NETWORK, *OVERCOME),
        shows="Successfully installed",
    ),
    Fault(
        id="23-reset-twice",
        made="the first two connections to files.pythonhosted.org are reset, the next is good",
        note="resets that the retries overcame; the install succeeds",
        causes=NOTHING_TO_MEND,
        call=INSTALL.replace("{quick}", "--retries 3"),
        sites=public_files(does="reset-twice"),
        hosts=(FILES.host,),
        not_causes=(*NOT_NETWORK, *OVERCOME),
        shows="Successfully installed",
    ),
    Fault(
        id="23-silence-once",
        made="the first connection to the index is never answered, the next is good",
        note="a time-out that the retry overcame; the install succeeds",
        causes=NOTHING_TO_MEND,
        call=FROM_MIRROR,
        sites=(replace(MIRROR, cert="public", does="silent-once"),),
        hosts=(MIRROR.host,),
        not_causes=(*NOT_NETWORK, *OVERCOME),
        clients=("pip-23.3.2-*", "pip-26.3-py3.11"),
        shows="Successfully installed",
    ),
)
