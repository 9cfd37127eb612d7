"""supervisord keeps the processes of a local stack; this is our end of its unix socket.

`starting.py` and `stopping.py` ask for starts and stops here. The supervisor outlives the command that started it, and
restarts what the file says `restart: unless-stopped` for. Its own list of states lags the truth by up to a second,
and it does not know what is paused: `processes.py` reads /proc for that.
"""

import http.client
import os
import subprocess
import sys
import xmlrpc.client
from dataclasses import dataclass
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from lab.cluster.local.layout import Layout
from lab.cluster.target import StackUnavailable
from lab.waiting import NotReached, wait_for

_GONE = (OSError, http.client.HTTPException)
_UP_WITHIN = 15.0
DOWN_WITHIN = 15.0


@dataclass(frozen=True, slots=True)
class Kept:
    """One process as supervisor sees it. `pid` is 0 when there is none, `began` is 0 when it was never started."""

    name: str
    state: str
    pid: int
    exit_code: int
    began: float


class Keeper:
    """The supervisor of one stack, alive or not."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def pid(self) -> int:
        """Of the supervisor; 0 when there is none."""
        try:
            return int(self._rpc("getPID"))
        except _GONE:
            return 0

    def begin(self) -> None:
        """Start the supervisor with the configuration in the state folder. Returns once it answers."""
        settings = self._layout.settings
        config = self._layout.state / "supervisord.conf"
        done = subprocess.run(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(config)],
            env={**settings.variables, "LAB_STACK": settings.stack_id},
            cwd=self._layout.state,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise StackUnavailable(f"The supervisor of the stack could not start: {_complaint(done.stderr)}")
        try:
            wait_for("the supervisor of the stack", self.pid, within=_UP_WITHIN, every=0.02)
        except NotReached as error:
            log = self._layout.state / "supervisord.log"
            raise StackUnavailable(f"The supervisor of the stack does not answer; its log is {log}.") from error

    def reload(self) -> None:
        """Make the supervisor follow a configuration that has changed. Changed programs must have been stopped."""
        added, changed, removed = self._call("reloadConfig")[0]
        for name in [*changed, *removed]:
            self.stop(name, wait=True)
            self._call("removeProcessGroup", name)
        for name in [*changed, *added]:
            self._call("addProcessGroup", name)

    def processes(self) -> dict[str, Kept]:
        """Every program by name. StackUnavailable when the supervisor is gone."""
        return {info["name"]: _kept(info) for info in self._call("getAllProcessInfo")}

    def process(self, name: str) -> Kept:
        """One program. StackUnavailable when the supervisor is gone."""
        return _kept(self._call("getProcessInfo", name))

    def start(self, name: str) -> None:
        """Spawn a program that is not running; harmless when it is. One that ends at once shows that in its state."""
        try:
            self._call("startProcess", name, False)
        except xmlrpc.client.Fault as fault:
            if not fault.faultString.startswith(("ALREADY_STARTED", "SPAWN_ERROR")):
                raise StackUnavailable(f"{name} cannot be started: {fault.faultString}") from fault

    def stop(self, name: str, *, wait: bool = False) -> None:
        """Send a program its stop signal, SIGKILL after its grace period; harmless when it is not running."""
        try:
            self._call("stopProcess", name, wait)
        except xmlrpc.client.Fault as fault:
            if "NOT_RUNNING" not in fault.faultString:
                raise StackUnavailable(f"{name} cannot be stopped: {fault.faultString}") from fault

    def end(self) -> None:
        """Ask the supervisor to end. Returns at once."""
        try:
            self._rpc("shutdown")
        except _GONE:
            return

    def _call(self, method: str, *arguments: Any) -> Any:
        try:
            return self._rpc(method, *arguments)
        except _GONE as error:
            raise StackUnavailable("The stack is not up. Start it with `bin/lab up`.") from error

    def _rpc(self, method: str, *arguments: Any) -> Any:
        transport = SupervisorTransport("", "", f"unix://{self._layout.state}/supervisord.sock")
        with xmlrpc.client.ServerProxy("http://localhost", transport=transport) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)


def _complaint(text: str) -> str:
    """Supervisor says what is wrong in a line that begins with "Error:", and where to find help in its last one."""
    lines = text.strip().splitlines() or ["it said nothing"]
    return next((line for line in lines if line.startswith("Error:")), lines[-1])


def _kept(info: dict[str, Any]) -> Kept:
    return Kept(info["name"], info["statename"], info["pid"], info["exitstatus"], float(info["start"]))


def configuration(layout: Layout, programs: list[str]) -> str:
    """supervisord.conf around the sections of the programs."""
    state = layout.state
    user = "user=root\n" if os.geteuid() == 0 else ""
    return (
        f"[supervisord]\nlogfile={state}/supervisord.log\npidfile={state}/supervisord.pid\nchildlogdir={state}/logs\n"
        f"directory={state}\nminfds=1024\n{user}"
        f"[unix_http_server]\nfile={state}/supervisord.sock\nchmod=0700\n"
        "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"
    ) + "".join(programs)
