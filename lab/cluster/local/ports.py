"""Is every port free that the stack is about to take? Asked before anything starts, so nothing must be undone."""

import errno
import socket

import psutil

from lab.cluster.local.layout import Layout
from lab.cluster.target import StackUnavailable


def check_published(layout: Layout) -> None:
    """Raises StackUnavailable for the first published port that is taken, with the name of who has it."""
    for name, service in layout.stack.services.items():
        for port in service.ports:
            if _is_taken(port.host_ip, port.host):
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


def _is_taken(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            raise StackUnavailable(
                f"{address}:{port} cannot be used: {error.strerror}. Choose another port."
            ) from error
    return False


def holder(address: str, port: int) -> str:
    """The process that listens there, as far as we may see it."""
    for connection in psutil.net_connections("tcp"):
        if connection.status != psutil.CONN_LISTEN or not connection.laddr or connection.laddr.port != port:
            continue
        if connection.laddr.ip in (address, "0.0.0.0", "::", "::ffff:" + address):
            try:
                process = psutil.Process(connection.pid) if connection.pid else None
                return (
                    f"`{' '.join(process.cmdline())[:80]}` (pid {process.pid})" if process else "another user's process"
                )
            except psutil.Error:
                break
    return "a process that cannot be seen from here"
