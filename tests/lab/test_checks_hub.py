"""What the checks of the whole hub count, and where they stop."""

from lab.checks import each_notification_is_shown_once, each_passes_every_hop
from lab.history import History
from lab.verdict import Verdict
from tests.lab.histories_of_hub import HOPS, opened, post, shown
from tests.lab.lines import history, line, note

END = note(50, "settled", {})
once = each_notification_is_shown_once(at_least=1)


def both(*more: object) -> History:
    return history(post(1, "a"), opened("page-1"), opened("page-2"), *more, END)  # type: ignore[arg-type]


def test_a_page_that_showed_nothing_is_missing_everything() -> None:
    found = once(both(shown(2, "a", "page-1")))
    assert (found.verdict, found.counts["missing"], found.witnesses) == (Verdict.BROKEN, 1, ["page-2: a"])


def test_twice_on_one_page_is_an_offence_and_once_on_each_of_two_is_none() -> None:
    on_each = [shown(2, "a", "page-1"), shown(2, "a", "page-2")]
    assert once(both(*on_each)).verdict is Verdict.HOLDS
    found = once(both(*on_each, shown(9, "a", "page-2")))
    assert (found.verdict, found.counts["doubled"], found.witnesses) == (Verdict.BROKEN, 1, ["page-2: a"])


def test_what_others_sent_and_what_is_unknown_may_be_shown() -> None:
    others = [line(1, "client", "info", "post", "b"), shown(3, "b", "page-1"), shown(3, "stranger", "page-2")]
    assert once(both(shown(2, "a", "page-1"), shown(2, "a", "page-2"), *others)).verdict is Verdict.HOLDS


def test_the_time_of_each_hop_is_the_median_of_all_ways() -> None:
    found = each_passes_every_hop(HOPS)(both(shown(2, "a", "page-1"), shown(2, "a", "page-2")))
    assert found.counts["rest_demo > celery_demo"] == 1.0
    assert "2.00 s at most" in found.says


def test_hops_in_another_order_are_a_torn_way() -> None:
    found = each_passes_every_hop(HOPS)(both(shown(2, "a", hops=("celery_demo.web", "rest_demo.api"))))
    assert (found.verdict, found.counts["torn"]) == (Verdict.BROKEN, 1)
