"""docker-compose.yml as plain processes with real brokers: the target where no Docker engine answers."""

from lab.cluster.local.names import PACKAGES
from lab.cluster.local.target import LocalTarget

__all__ = ["PACKAGES", "LocalTarget"]
