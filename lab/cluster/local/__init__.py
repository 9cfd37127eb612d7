"""docker-compose.yml as plain processes with real brokers: the target where no Docker engine answers."""

from lab.cluster.local.requirements import needed_packages
from lab.cluster.local.target import LocalTarget

__all__ = ["LocalTarget", "needed_packages"]
