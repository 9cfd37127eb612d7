"""An instance as the stack runs it, gunicorn and all, on a port that is free; `conftest.py` starts them."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import psutil

from lab.waiting import wait_for
from tests.conftest import ROOT

COMMAND = ("-m", "gunicorn", "-c", "python:rest_demo.gunicorn_conf", "rest_demo.wsgi", "-b")


class Instance:
    """Started at once; `wait_until_it_listens` before it is asked anything."""

    def __init__(self, name: str, log: Path, environment: dict[str, str]) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = log
        self._clients: list[httpx.Client] = []
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                [sys.executable, *COMMAND, f"127.0.0.1:{self.port}"],
                cwd=ROOT, stdout=file, stderr=file, stdin=subprocess.DEVNULL,
                env=os.environ | {"REST_DEMO_INSTANCE": name} | environment,
            )  # fmt: skip

    def wait_until_it_listens(self) -> None:
        wait_for("the instance to answer /livez", self._answers, within=60, every=0.2)

    def client(self, **headers: str) -> httpx.Client:
        """Closed with the instance."""
        self._clients.append(httpx.Client(base_url=self.url, timeout=30, headers=headers))
        return self._clients[-1]

    def log(self) -> str:
        return self._log.read_text()

    def connections(self) -> int:
        """How many the workers hold at this moment."""
        workers = psutil.Process(self.process.pid).children()
        return sum(found.status == psutil.CONN_ESTABLISHED for one in workers for found in one.net_connections())

    def kill(self) -> None:
        """Main process and worker."""
        for client in self._clients:
            client.close()
        found = psutil.Process(self.process.pid).children() if self.process.poll() is None else []
        for one in (self.process, *found):
            one.kill()
        self.process.wait()
        psutil.wait_procs(found, timeout=10)  # their connections to the test database end with them

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log()
        try:
            return httpx.get(f"{self.url}/livez", timeout=5).status_code == 200
        except httpx.TransportError:
            return False
