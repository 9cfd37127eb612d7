"""A steady rate: when is the next record due? `traffic` asks before each record. Pure arithmetic.

The n-th record is due n/rate after the start, however late the ones before it were: waiting 1/rate after each would
add up every delay, and the rate would be lower than it says.
"""


class Pace:
    """`per_second` records a second from `now` on (any clock that goes on by seconds)."""

    def __init__(self, per_second: float, now: float, patience: float = 1.0) -> None:
        self._per_second = per_second
        self._patience = patience
        self._begin(now)

    def due_in(self, now: float) -> float:
        """Seconds until the next record is due; 0 when it is due already.

        After a standstill (a suspended machine, a full queue) of more than `patience` seconds the count begins anew:
        nobody wants the records of the whole standstill in one burst.
        """
        late = now - (self._start + self._taken / self._per_second)
        if late > self._patience:
            self._begin(now)
            return 0.0
        return max(0.0, -late)

    def take(self) -> None:
        """One record was appended."""
        self._taken += 1

    def _begin(self, now: float) -> None:
        self._start = now
        self._taken = 0
