"""Where the stack's own servers are reached from here: the ports that docker-compose.yml publishes on this machine."""

import os

PUBLISHED = {
    "rest": ("LAB_HTTP_PORT", 8470),  # through nginx, as "nginx" is for the sockets
    "nginx": ("LAB_LIVE_PORT", 8471),
    "channels-1": ("LAB_CHANNELS_1_PORT", 8472),
    "channels-2": ("LAB_CHANNELS_2_PORT", 8473),
    "channels-uvicorn": ("LAB_CHANNELS_UVICORN_PORT", 8474),
}


def address(service: str) -> str:
    """`host:port` of one of them. Read at each call: the lab tells its ports after this module is loaded."""
    name, default = PUBLISHED[service]
    return f"127.0.0.1:{os.environ.get(name) or default}"
