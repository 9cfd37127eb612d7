"""Which numbers of a region a socket has been sent, as few intervals: so nothing goes out twice on it."""

from bisect import bisect_left

MOST = 256
"""Intervals kept. With more holes than that the oldest is forgotten: rather is an event sent twice than never."""


class Sent:
    """`floor`: what comes live and is not above it is old news, which the other end has or did not ask for."""

    def __init__(self, floor: int) -> None:
        self._floor = floor
        self._intervals: list[list[int]] = []

    def live(self, number: int) -> bool:
        """Whether a number that comes from the layer is to be sent; it counts as sent then."""
        return number > self._floor and self.add(number)

    def add(self, number: int) -> bool:
        """Whether the number has not been sent yet; from now on it has."""
        intervals = self._intervals
        at = bisect_left(intervals, [number + 1])  # the first interval that begins after the number
        if at and intervals[at - 1][1] >= number:
            return False
        left = at > 0 and intervals[at - 1][1] == number - 1
        right = at < len(intervals) and intervals[at][0] == number + 1
        if left and right:
            intervals[at - 1][1] = intervals.pop(at)[1]
        elif left:
            intervals[at - 1][1] = number
        elif right:
            intervals[at][0] = number
        else:
            intervals.insert(at, [number, number])
            del intervals[:-MOST]
        return True
