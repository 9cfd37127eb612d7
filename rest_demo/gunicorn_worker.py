"""An instance that ends without dropping a request: gunicorn's threaded worker, with a moment in which it drains.

    SIGTERM --> draining: /readyz says 503, everything else is answered as ever --DRAIN seconds--> nobody is let in any
    more; what is under way is finished --> the process ends

gunicorn's own worker stops at once to take connections, and those that wait in the listening socket are reset when it
ends: whoever had sent a POST on one learns nothing. Here they are taken before the socket is closed.
"""

from threading import Timer
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from rest_demo import draining

DRAIN = 1.0
"""Seconds; together with what is under way at most gunicorn's graceful_timeout."""


class DrainingWorker(ThreadWorker):
    def handle_exit(self, sig: int, frame: Any) -> None:
        if draining.begun():
            return
        draining.begin()
        end = Timer(DRAIN, super().handle_exit, (sig, frame))
        end.daemon = True
        end.start()

    def set_accept_enabled(self, enabled: bool) -> None:
        if not enabled and not self.alive:
            self._take_the_last()
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive:
            for listener in self.sockets:
                listener.close()  # from now on a client is refused, and goes elsewhere

    def _take_the_last(self) -> None:
        for listener in self.sockets:
            before = -1
            while before != (before := self.nr_conns):
                self.accept(listener)
