"""What the local target needs from the distribution, whatever runs in the stack, and where that is."""

import shutil
from pathlib import Path

from lab.settings import Settings

_LIBRARY_FOLDERS = ("/usr/lib", "/usr/lib64", "/lib")
_STREAM_MODULE = "ngx_stream_module.so"
_MODULE_FOLDERS = ("/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/usr/share/nginx/modules")


def needed_packages(settings: Settings) -> list[str]:
    """Debian packages of what this machine lacks: the library that resolves names, and nginx that forwards ports."""
    needed = []
    if name_wrapper() is None:
        needed.append("libnss-wrapper")
    if nginx(settings.variables.get("PATH", "")) is None:
        needed.append("nginx-light")
    if stream_module() is None:
        needed.append("libnginx-mod-stream")
    return needed


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


def missing(settings: Settings) -> list[str]:
    """What the local target cannot do without, a sentence each; empty when all is there."""
    gaps, search_path = [], settings.variables.get("PATH", "")
    if name_wrapper() is None:
        gaps.append("libnss_wrapper.so, which resolves the services' names, is missing (package libnss-wrapper).")
    if nginx(search_path) is None or stream_module() is None:
        gaps.append("nginx with its stream module is missing (packages nginx-light and libnginx-mod-stream).")
    if shutil.which("setpriv", path=search_path) is None:
        gaps.append("setpriv is missing (package util-linux).")
    return gaps
