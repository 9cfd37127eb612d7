"""A small stand-in for the `docker` command, which records how it was called and answers from files.

The tests of the compose target use it; what a real engine does is held in tests/compose.
"""

import json
import os
from pathlib import Path
from typing import Any

from lab.cluster.compose import ComposeTarget
from lab.settings import Settings

FILE = """
name: lab
services:
  broker:
    image: example/broker:1
    ports: ["127.0.0.1:${LAB_BROKER_PORT:-19092}:9092"]
    attach: false
    healthcheck: {test: [CMD, probe, "--now"]}
  set-up:
    image: ours:local
    build: .
    restart: "no"
    command: set up
  app:
    image: ours:local
    command: run
    restart: unless-stopped
    depends_on: {broker: {condition: service_healthy}}
"""
DOCKER = """#!/bin/sh
# Records the call, then prints answers/NAME of the first NAME that the arguments begin with, and ends with NAME.code.
cd "$(dirname "$0")"
echo "$*" >> calls
[ -f hang ] && { sleep 600 & echo $! > sleeper; wait; }
for answer in answers/*; do
  name=$(basename "$answer")
  case "$name" in *.code | *.err) continue ;; esac
  case "$*" in "$name"*)
    cat "$answer"
    [ -f "$answer.err" ] && cat "$answer.err" >&2
    [ -f "$answer.code" ] && exit "$(cat "$answer.code")"
    exit 0 ;;
  esac
done
exit 0
"""


class FakeDocker:
    """The recording command and a checkout that it belongs to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "bin"
        (self.folder / "answers").mkdir(parents=True)
        (self.folder / "docker").write_text(DOCKER)
        (self.folder / "docker").chmod(0o755)
        (folder / "docker-compose.yml").write_text(FILE)
        (folder / "Dockerfile").write_text("ARG PYTHON_IMAGE=python:test\nFROM ${PYTHON_IMAGE}\n")
        self.root = folder
        self.answer("context inspect", "unix:///run/docker.sock\n")
        self.answer("version", "1.45\n")
        self.answer("compose version", "2.26.1-4\n")

    def answer(self, to: str, out: str = "", err: str = "", code: int = 0) -> None:
        (self.folder / "answers" / to).write_text(out)
        (self.folder / "answers" / f"{to}.err").write_text(err)
        (self.folder / "answers" / f"{to}.code").write_text(str(code))

    def inspects(self, *described: dict[str, Any]) -> None:
        self.answer("inspect", json.dumps(described))

    @property
    def calls(self) -> list[str]:
        file = self.folder / "calls"
        return file.read_text().splitlines() if file.exists() else []

    def settings(self, **variables: str) -> Settings:
        return Settings(
            root=self.root, block=7, state=self.root / "state", downloads=self.root, runs=self.root, target="",
            variables={"PATH": f"{self.folder}:{os.environ['PATH']}"} | variables,
        )  # fmt: skip

    def target(self, preset: str | None = None, **variables: str) -> ComposeTarget:
        return ComposeTarget(self.settings(**variables), preset)
