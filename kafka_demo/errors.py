"""Every error that this service raises on purpose, in one short tree. Each says what, why, and what to do.

    KafkaDemoError
    ├── WrongUsage            the request makes no sense: a setting, a partition that is not there, a name
    │   ├── UnknownTopic
    │   └── TopicExists       the name is taken, by a topic that is not what was asked for
    └── ClusterUnavailable    no broker answers, or the cluster cannot do it now

`exit_code` is what `python -m kafka_demo` ends with: 64 wrong usage, 69 service not available (sysexits.h).
"""


class KafkaDemoError(Exception):
    """Root of the tree."""

    exit_code = 69


class WrongUsage(KafkaDemoError):
    """Trying again will not help: change the request."""

    exit_code = 64


class UnknownTopic(WrongUsage):
    """No broker knows a topic of this name."""


class TopicExists(WrongUsage):
    """The name is taken, by a topic that is not what was asked for."""


class ClusterUnavailable(KafkaDemoError, ConnectionError):
    """The same request may succeed once the brokers are back: a ConnectionError, so whoever waits may ask again."""
