"""What the local target needs from the distribution, whatever runs in the stack."""

import shutil
from pathlib import Path

PACKAGES: tuple[str, ...] = ("libnss-wrapper", "nginx-light", "libnginx-mod-stream")
"""Debian packages: the library that resolves service names, and the program that forwards the published ports."""

_LIBRARY_FOLDERS = ("/usr/lib", "/usr/lib64", "/lib")
_STREAM_MODULE = "ngx_stream_module.so"
_MODULE_FOLDERS = ("/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/usr/share/nginx/modules")


def name_wrapper() -> str | None:
    """The path of libnss_wrapper.so; None when it is not installed."""
    for folder in _LIBRARY_FOLDERS:
        for pattern in ("libnss_wrapper.so*", "*/libnss_wrapper.so*"):
            if found := sorted(Path(folder).glob(pattern)):
                return str(found[0])
    return None


def nginx(search_path: str) -> str | None:
    """The path of nginx, which stands where an ordinary user's search path does not reach."""
    return shutil.which("nginx", path=f"{search_path}:/usr/local/sbin:/usr/sbin:/sbin")


def stream_module() -> Path | None:
    """The module with which nginx forwards TCP; None when it is not installed."""
    return next((path for folder in _MODULE_FOLDERS if (path := Path(folder, _STREAM_MODULE)).exists()), None)
