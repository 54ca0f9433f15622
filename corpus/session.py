"""A shell that stays open in a client's private root, as a person's terminal does."""

from __future__ import annotations

import os
import secrets
import select
import signal
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.client_root import Root

# A person's `pip` is that of their Python, and may say sudo, which finds what is in sbin. What sets
# a clock sets the client's: the machine's is none of the lab's business.
OWN_COMMANDS = r"""
cd /usr/local/bin
printf '#!/bin/sh\nexec python -m pip "$@"\n' >pip
printf '#!/bin/sh\nPATH=$PATH:/usr/sbin exec "$@"\n' >sudo
printf '#!/bin/sh\necho +0 >/home/user/clock\n' | tee timedatectl chronyc >sntp
cat >date <<'END'
#!/bin/sh
case "$*" in
*-s*) unset LD_PRELOAD
  for when; do :; done
  echo "+$(($(/bin/date -d "$when" +%s) - $(/bin/date +%s)))" >/home/user/clock ;;
*) exec /bin/date "$@" ;;
esac
END
touch /opt/began
chmod +x pip sudo timedatectl chronyc sntp date
cd /home/user/project
"""
# The lab's public root stands for one that every bundle of authorities has, so a bundle that a
# remedy has just installed gets it; what the fault did to an older one stays.
PUBLIC_ROOT_IN_NEW_BUNDLES = r"""
find /usr/local/lib -path '*certifi*/cacert.pem' -size +0 -newer /opt/began |
  while read -r bundle; do cat /etc/ssl/certs/ca-certificates.crt >>"$bundle"; done
"""
_PIECE = 65536


class Done(NamedTuple):
    """What a command printed, and its exit code."""

    printed: bytes
    code: int


class Session:
    """Commands one after the other in one shell: what one exports, the next one sees."""

    def __init__(self, process: subprocess.Popen[bytes], limit: int) -> None:
        """Take over a shell that reads commands; none may take more than `limit` seconds."""
        self._process = process
        self._limit = limit

    def run(self, command: str) -> Done:
        """Run a command and wait for its end.

        Raises:
            TimeoutError: it does not end, or the shell has ended.
        """
        mark = f"--{secrets.token_hex(8)}-- "
        assert self._process.stdin is not None
        script = f"{{\n{command}\n}} </dev/null\nprintf '\\n{mark}%s\\n' \"$?\"\n"
        self._process.stdin.write(script.encode())
        self._process.stdin.flush()
        printed = self._read_to(f"\n{mark}".encode())
        text, _, code = printed.partition(f"\n{mark}".encode())
        return Done(text, int(code))

    def _read_to(self, mark: bytes) -> bytes:
        assert self._process.stdout is not None
        end, printed = time.monotonic() + self._limit, b""
        while mark not in printed or not printed.endswith(b"\n"):
            ready, _, _ = select.select([self._process.stdout], [], [], end - time.monotonic())
            piece = os.read(self._process.stdout.fileno(), _PIECE) if ready else b""
            if not piece:
                raise TimeoutError(printed.decode(errors="replace")[-500:])
            printed += piece
        return printed


@contextmanager
def session(root: Root, limit: int) -> Iterator[Session]:
    """Open a shell in a private root that is prepared, with the fault's variables exported."""
    process = root.started("sh", before=OWN_COMMANDS, stdin=subprocess.PIPE)
    try:
        yield Session(process, limit)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
