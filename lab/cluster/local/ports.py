"""Is every port free that the stack is about to take? Asked before anything starts, so nothing must be undone."""

import errno
import socket
from pathlib import Path

import psutil

from lab.cluster.local.layout import Layout
from lab.cluster.target import StackUnavailable


def check_published(layout: Layout) -> None:
    """Raises StackUnavailable for the first published port that a stranger has, with his name. Our own may stay."""
    for name, service in layout.stack.services.items():
        for port in service.ports:
            if _is_taken(port.host_ip, port.host) and not _is_ours(layout, port.host_ip, port.host):
                other = f"choose another port: {port.variable}={port.host + 1}" if port.variable else "change the file"
                raise StackUnavailable(
                    f"{name} cannot publish {port.host_ip}:{port.host}: the port is taken by "
                    f"{holder(port.host_ip, port.host)}. End that, or {other}."
                )


def check_own(layout: Layout, name: str) -> None:
    """Raises StackUnavailable when somebody who listens on every address holds a port of this service."""
    address = layout.address(name)
    for port in layout.own_ports(name):
        if _is_taken(address, port):
            raise StackUnavailable(
                f"{name} cannot listen on {address}:{port}: the port is taken by {holder(address, port)}. "
                "End that, or let it listen on 127.0.0.1 only."
            )


def holder(address: str, port: int) -> str:
    """Who listens there, as far as we may see: the command and its pid."""
    process = _listener(address, port)
    if process is None:
        return "a process of another user"
    try:
        return f"`{' '.join(process.cmdline())[:80]}` (pid {process.pid})"
    except psutil.Error:
        return f"pid {process.pid}"


def _is_taken(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            why = error.strerror
            raise StackUnavailable(f"{address}:{port} cannot be used: {why}. Choose another port.") from error
    return False


def _is_ours(layout: Layout, address: str, port: int) -> bool:
    process = _listener(address, port)
    try:
        return process is not None and Path(process.cwd()).is_relative_to(layout.state)
    except psutil.Error:
        return False


def _listener(address: str, port: int) -> psutil.Process | None:
    for connection in psutil.net_connections("tcp"):
        if connection.status != psutil.CONN_LISTEN or not connection.laddr or connection.laddr.port != port:
            continue
        if connection.pid and connection.laddr.ip in (address, "0.0.0.0", "::", f"::ffff:{address}"):
            try:
                return psutil.Process(connection.pid)
            except psutil.Error:
                return None
    return None
