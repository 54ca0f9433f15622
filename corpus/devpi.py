"""Makes, once, the folder that devpi-server starts from; started by `corpus.jobs`.

It holds the index that devpi-server makes by itself, root/pypi, a mirror of pypi.org; corp/dev with
every package of the lab; and corp/mirror, a mirror of that, which has asked it for one page and no
file.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from base64 import b64encode
from urllib.request import Request, urlopen
from uuid import uuid4

from corpus import real_indexes
from corpus.wheels import PACKAGES, Package, content

ADDRESS, PORT = real_indexes.DEVPI_SOURCE, real_indexes.DEVPI_PORT
USER, PASSWORD = "corp", "lab-token"
BASIC = f"Basic {b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"


def _ask(path: str) -> None:
    with urlopen(f"http://{ADDRESS}:{PORT}/{path}", timeout=20):
        pass


def _send(method: str, path: str, body: bytes, kind: str, *, known: bool = True) -> None:
    headers = {"Content-Type": kind} | ({"Authorization": BASIC} if known else {})
    url = f"http://{ADDRESS}:{PORT}/{path}"
    with urlopen(Request(url, body, headers, method=method), timeout=20):
        pass


def _put(path: str, values: dict[str, object], *, known: bool = True) -> None:
    _send("PUT", path, json.dumps(values).encode(), "application/json", known=known)


def _upload(package: Package) -> None:
    border = uuid4().hex
    fields = {":action": "file_upload", "name": package.name, "version": package.version}
    head = f"--{border}\r\nContent-Disposition: form-data; name="
    parts = [f'{head}"{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
    file = f'{head}"content"; filename="{package.filename}"\r\n\r\n'.encode() + content(package)
    body = b"".join([*parts, file, f"\r\n--{border}--\r\n".encode()])
    _send("POST", f"{USER}/dev/", body, f"multipart/form-data; boundary={border}")


def main() -> None:
    """Make the folder, in a network namespace that is this process's own."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True, timeout=10)
    unfinished = real_indexes.DEVPI_STATE.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    _call("devpi-gen-secret", "--secretfile", str(unfinished / "secret"))
    _call("devpi-init", "--serverdir", str(unfinished))
    with real_indexes.started(real_indexes.devpi(unfinished, ADDRESS), ADDRESS, PORT):
        _put(USER, {"password": PASSWORD}, known=False)
        _put(f"{USER}/dev", {"type": "stage", "bases": []})
        for package in PACKAGES.values():
            _upload(package)
        source = f"http://{ADDRESS}:{PORT}/{USER}/dev/+simple/"
        _put(f"{USER}/mirror", {"type": "mirror", "mirror_url": source})
        _ask(f"{USER}/mirror/+simple/corp-utils/")
    unfinished.rename(real_indexes.DEVPI_STATE)


def _call(command: str, *options: str) -> None:
    call = [str(real_indexes.PYTHON.with_name(command)), *options]
    subprocess.run(call, check=True, capture_output=True, timeout=120)


if __name__ == "__main__":
    main()
