"""What each endpoint needs to answer, as data: a scenario stops one neighbour after the other and compares.

An endpoint that can do without a neighbour does: a broker that is down only delays what is to be sent, and a cache that
is down only stops what is counted in it.
"""

from collections.abc import Mapping

NEIGHBOURS = ("database", "cache", "broker")

NEEDS: Mapping[str, frozenset[str]] = {
    "GET /livez": frozenset(),
    "GET /readyz": frozenset(NEIGHBOURS),  # 503, with the names of what is missing
    "GET /api/schema/": frozenset(),
    "GET /api/priority/": frozenset(),
    "GET /api/rules/": frozenset(),
    "GET /api/bottleneck/slot/": frozenset(),
    "POST /api/bottleneck/lock/": frozenset({"database"}),
    "POST /api/notifications/": frozenset({"database"}),
    "GET /api/notifications/": frozenset({"database"}),
    "GET /api/notifications/{id}/": frozenset({"database"}),
    "GET /api/contacts/": frozenset({"database"}),
    "GET /api/contacts/?search=": frozenset({"database", "cache"}),
    "POST /api/contacts/": frozenset({"database"}),
    "GET /api/contacts/{code}/": frozenset({"database"}),
    "PUT /api/contacts/{code}/": frozenset({"database"}),
    "PATCH /api/contacts/{code}/": frozenset({"database"}),
    "DELETE /api/contacts/{code}/": frozenset({"database"}),
    "POST /api/contacts/import/": frozenset({"database"}),
    "GET /api/contacts/export/": frozenset({"database"}),
}
