"""Prints, as JSON, what the Python that runs it and its pip are.

`client.py` has the reader's own Python run this text, which may be any from 2.7 on: it imports
nothing of this package, and its syntax is as old as that.
"""

import json
import os
import sys


def tls():
    # type: () -> dict[str, object]
    """Tell whether there is TLS, and where its library looks for certificates."""
    try:
        import ssl
    except ImportError as error:
        # where the module was never built, Python misses _ssl itself; else one of its libraries
        built = not ("No module named" in str(error) and "_ssl" in str(error))
        return {"state": "broken" if built else "missing", "error": str(error)}
    paths = ssl.get_default_verify_paths()
    return {
        "state": "present",
        "openssl": ssl.OPENSSL_VERSION,
        "cafile": paths.cafile,
        # several folders, too, of which `paths.capath` knows nothing
        "capath": os.environ.get(paths.openssl_capath_env, paths.openssl_capath),
    }


def pip():
    # type: () -> dict[str, object]
    """Tell pip's version and the bundle that it carries."""
    try:
        import pip
    except ImportError:
        return {}
    return {"version": pip.__version__, "bundle": bundle("pip._vendor.certifi")}


def bundle(name):
    # type: (str) -> str | None
    """Tell where a copy of certifi has its certificates."""
    try:
        module = __import__(name, fromlist=["where"])
        return str(module.where())
    except Exception:  # a certifi that is broken must not hide all the rest
        return None


def has(name):
    # type: (str) -> bool
    """Tell whether a module can be imported."""
    try:
        __import__(name)
    except ImportError:
        return False
    return True


print(
    json.dumps(
        {
            "python": ".".join(str(part) for part in sys.version_info[:3]),
            "executable": sys.executable,
            "tls": tls(),
            "pip": pip(),
            "certifi": bundle("certifi"),
            "socks": has("socks"),
        }
    )
)
