"""The packages that the lab's indexes offer; all of them are made here, byte for byte the same."""

from __future__ import annotations

import io
import tarfile
import textwrap
import zipfile
from dataclasses import dataclass

EPOCH = (2024, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Package:
    """What an index offers under one name.

    `source` is its module's text; with `build` it is an sdist whose backend runs that.
    """

    name: str
    version: str = "1.0"
    requires: tuple[str, ...] = ()
    requires_python: str = ""
    source: str = ""
    build: str = ""

    @property
    def filename(self) -> str:
        """The file's name as an index lists it."""
        if self.build:
            return f"{self.name}-{self.version}.tar.gz"
        return f"{self.name.replace('-', '_')}-{self.version}-py2.py3-none-any.whl"


GCC_ERROR = """
    import sys
    print("building 'acme_native._tls' extension")
    print("gcc -fPIC -Isrc -c src/_tls.c -o build/src/_tls.o", flush=True)
    print("src/_tls.c:12:10: fatal error: openssl/ssl.h: No such file or directory",
          file=sys.stderr)
    print("   12 | #include <openssl/ssl.h>", file=sys.stderr)
    print("compilation terminated.", file=sys.stderr)
    raise SystemExit("error: command '/usr/bin/gcc' failed with exit code 1")
"""
SETTINGS_ERROR = """
    raise RuntimeError("VERSION is not set: neither git metadata nor PKG-INFO was found")
"""

# A build backend as small as one can be; it knows one project.
BACKEND = """
import zipfile

FILES = {
    "demo_app.py": "",
    "demo_app-0.1.dist-info/METADATA": "Metadata-Version: 2.1\\nName: demo-app\\nVersion: 0.1\\n",
    "demo_app-0.1.dist-info/WHEEL": "Wheel-Version: 1.0\\nTag: py3-none-any\\n",
    "demo_app-0.1.dist-info/RECORD": "",
}


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name = "demo_app-0.1-py3-none-any.whl"
    with zipfile.ZipFile(wheel_directory + "/" + name, "w") as archive:
        for path, text in FILES.items():
            archive.writestr(path, text)
    return name
"""

PACKAGES = {
    package.name: package
    for package in (
        Package("demo-package", "1.4.2"),
        Package("requests", "2.32.3", ("urllib3<3", "certifi")),
        Package("urllib3", "2.2.3"),
        Package("certifi", "2024.8.30"),
        Package("demo-backend", "1.0", source=BACKEND),
        Package("corp-utils", "3.1.0"),
        Package("acme-client", "2.0.1", ("acme-common<2",)),
        Package("acme-server", "2.3.0", ("acme-common>=2",)),
        Package("acme-common", "1.9.0"),
        Package("legacy-tool", "0.8", requires_python="<2.7"),
        Package("acme-native", "0.4.0", build=GCC_ERROR),
        Package("acme-settings", "1.1.0", build=SETTINGS_ERROR),
    )
}


def metadata(package: Package) -> str:
    """Give the METADATA or PKG-INFO text of a package."""
    lines = ["Metadata-Version: 2.1", f"Name: {package.name}", f"Version: {package.version}"]
    lines += [f"Requires-Dist: {requirement}" for requirement in package.requires]
    if package.requires_python:
        lines.append(f"Requires-Python: {package.requires_python}")
    return "\n".join(lines) + "\n"


def _wheel(package: Package) -> bytes:
    module = package.name.replace("-", "_")
    info = f"{module}-{package.version}.dist-info"
    files = {
        f"{module}.py": package.source or f"__version__ = {package.version!r}\n",
        f"{info}/METADATA": metadata(package),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: lab\nRoot-Is-Purelib: true\n"
        "Tag: py2-none-any\nTag: py3-none-any\n",
    }
    record = f"{info}/RECORD"
    files[record] = "".join(f"{name},,\n" for name in (*files, record))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), text)
    return buffer.getvalue()


def _backend(package: Package) -> str:
    body = textwrap.indent(textwrap.dedent(package.build).strip(), "    ")
    return f"def build_wheel(wheel_directory, config_settings=None, metadata=None):\n{body}\n"


def _sdist(package: Package) -> bytes:
    files = {
        "PKG-INFO": metadata(package),
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\n'
        'backend-path = ["."]\n',
        "backend.py": _backend(package),
    }
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"{package.name}-{package.version}/{name}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


def content(package: Package) -> bytes:
    """Give the bytes of the package's one file."""
    return _sdist(package) if package.build else _wheel(package)
