"""The scenario about CSRF with a real browser: its model of what browsers do is right."""

import pytest

from tests.conftest import Stack


@pytest.mark.parametrize(("variant", "verdict"), [([], "HOLDS"), (["--breaks"], "BROKEN")], ids=["main", "breaks"])
def test_a_real_browser_sends_what_the_model_says(stack: Stack, variant: list[str], verdict: str) -> None:
    code, result = stack.lab_json("run", "rest-csrf-matrix", "--pace", "quick", "--set", "browser=true", *variant)
    assert (code, result["verdict"]) == (0, verdict), result["findings"]
    counts = {finding["check"]: finding["counts"] for finding in result["findings"]}
    judged = counts["requests_are_judged_as_predicted"]
    assert (judged["cases: browser, honest"], judged["cases: browser, attack"]) == (2, 3)
