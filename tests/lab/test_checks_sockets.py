"""What the checks of sockets count and say: the numbers that a person reads, and the corners of the three verdicts."""

from lab.checks import (
    bystanders_go_on_as_predicted,
    handlers_overlap_as_predicted,
    no_scope_key_names_the_connection,
    nothing_private_leaks,
)
from lab.history import History
from tests.lab.histories_of_sockets import ladder, private, scope, seen
from tests.lab.lines import history

OWNER = private("own page", "full", True, 5)


def test_a_leak_where_none_was_claimed_away_is_counted_and_no_offence() -> None:
    found = nothing_private_leaks(ways=["full"])(history(OWNER, private("evil.test", "off", False, 5)))
    assert (found.verdict, found.counts["leaked"], found.counts["leaked: off"]) == ("HOLDS", 0, 5)
    assert found.says == "No private frame went to anybody but its owner (leaked elsewhere: off: 5)."


def test_a_leak_is_an_offence_also_when_the_owner_got_nothing() -> None:
    found = nothing_private_leaks(ways=["full"])(history(private("evil.test", "full", False, 2)))
    assert (found.verdict, found.counts["leaked"]) == ("BROKEN", 2)
    assert found.witnesses[0]["socket"] == "evil.test"


def test_silence_proves_nothing_when_nothing_was_published() -> None:
    line = private("own page", "full", True, 0)
    line.value["published"] = 0
    assert nothing_private_leaks(ways=["full"])(history(line)).verdict == "UNKNOWN"


def test_a_scope_that_holds_its_channels_name_names_the_connection() -> None:
    told = history(scope("a", "specific.1!a", state="{'id': 'specific.1!a'}"), scope("b", "specific.1!b"))
    found = no_scope_key_names_the_connection(told)
    assert (found.verdict, found.witnesses) == ("BROKEN", [{"socket": "a", "keys": ["state"]}])


def test_two_sockets_never_share_a_channel() -> None:
    found = no_scope_key_names_the_connection(history(scope("a", "specific.1!a"), scope("b", "specific.1!a")))
    assert (found.verdict, found.counts["channel names"]) == ("BROKEN", 1)


def test_sockets_without_a_channel_may_be_looked_at_too() -> None:
    found = no_scope_key_names_the_connection(history(scope("a", None, path="/"), scope("b", None, path="/")))
    assert (found.verdict, found.counts["channel names"]) == ("HOLDS", 0)


def test_the_ladder_is_counted_for_those_who_predict() -> None:
    found = handlers_overlap_as_predicted(ways=["sync"])(history(ladder("sync", 1, 1), ladder("async", 4, 2)))
    assert found.verdict == "BROKEN"
    assert found.counts["last answer: sync"] == 2.0
    assert found.counts["at once: async"] == 2


def test_the_longest_wait_of_a_bystander_is_counted_also_when_it_is_unknown_whether_that_is_right() -> None:
    told: History = history(seen("bystander", "async", "goes on", "goes on", longest=0.125))
    found = bystanders_go_on_as_predicted(ways=["blocking"])(told)
    assert (found.verdict, found.counts["longest wait: async"]) == ("UNKNOWN", 0.125)
