"""Every error that this service raises on purpose, in one short tree. Each says what, why, and what to do.

    RabbitDemoError
    ├── WrongUsage            the request makes no sense: a setting, a header that is not k=v
    ├── TopologyDiffers       the broker has a queue or an exchange of that name with other properties
    ├── Disagreement          the broker did something else than our model says
    └── BrokerUnavailable     no broker answers, or the connection broke

`exit_code` is what `python -m rabbitmq_demo` ends with: 64 wrong usage, 69 service not available (sysexits.h).
"""


class RabbitDemoError(Exception):
    """Root of the tree."""

    exit_code = 69


class WrongUsage(RabbitDemoError):
    """Trying again will not help: change the request."""

    exit_code = 64


class TopologyDiffers(RabbitDemoError):
    """Something of that name is there, and is not what was asked for."""

    exit_code = 64


class Disagreement(RabbitDemoError):
    """The model and the broker route one message to different queues."""

    exit_code = 1


class BrokerUnavailable(RabbitDemoError, ConnectionError):
    """The same request may succeed once the broker is back: a ConnectionError, so whoever waits may ask again."""
