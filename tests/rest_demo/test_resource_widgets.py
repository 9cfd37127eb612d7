"""From a cell to a value: what is taken, what is refused, and that nothing is guessed."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from import_export import widgets as theirs

from rest_demo.contacts.formulas import Formula
from rest_demo.contacts.widgets import (
    Strict,
    StrictBoolean,
    StrictDate,
    StrictDecimal,
    StrictInteger,
    StrictPhone,
    StrictText,
)

DAY = date(1990, 12, 31)
NUMBERS = (
    st.integers(-(10**17), 10**17)
    | st.floats(-(10**9), 10**9).map(lambda value: round(value, 5))
    | st.sampled_from([float("nan"), float("inf")])
)
ALL = [StrictText(), StrictPhone(), StrictDate(), StrictBoolean(), StrictInteger(), StrictDecimal()]


@pytest.mark.parametrize(
    "cell",
    ["31.12.1990", "1990-12-31", "1990-12-31T00:00:00", "33238", 33238, 33238.0, DAY, datetime(1990, 12, 31)],
)
def test_a_date_is_taken_as_it_is_written_here_in_iso_and_as_a_spreadsheet_has_it(cell: Any) -> None:
    assert StrictDate().clean(cell) == DAY


@pytest.mark.parametrize(
    "cell",
    [
        "31.02.1990", "12/31/1990", "31.12.90", "1990", 1990, "1990-13-01", "31-12-1990", " 31.12.1990", "tomorrow",
        "332381", 33238.5, True, [], datetime(1990, 12, 31, 12), "٣١.١٢.١٩٩٠", "0", "31.12.0000",
    ],
)  # fmt: skip
def test_what_is_no_date_or_could_be_two_is_refused(cell: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        StrictDate().clean(cell)


@pytest.mark.parametrize(("cell", "value"), [("true", True), ("FALSE", False), ("1", True), (0, False), (1.0, True)])
def test_a_boolean_is_true_false_1_or_0(cell: Any, value: bool) -> None:
    assert StrictBoolean().clean(cell) is value


@pytest.mark.parametrize("cell", ["yes", "Y", "on", "T", " true", "no", "", None, 2, "2", [], "истина"])
def test_what_import_export_takes_for_false_is_refused(cell: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        StrictBoolean().clean(cell)


def test_import_export_itself_takes_yes_for_false_and_3_7_for_3() -> None:
    assert theirs.BooleanWidget().clean("yes") is False
    assert theirs.IntegerWidget().clean("3.7") == 3


@pytest.mark.parametrize(("cell", "value"), [("3", 3), ("-3", -3), ("+07", 7), (3, 3), (3.0, 3)])
def test_a_whole_number_is_taken(cell: Any, value: int) -> None:
    assert StrictInteger().clean(cell) == value


@pytest.mark.parametrize(
    "cell", ["3.7", "1 000", "1,000", "1e3", "", None, 3.7, True, "٣", "0x10", "9" * 30, float("nan"), float("inf")]
)
def test_what_is_no_whole_number_is_refused_and_not_rounded(cell: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        StrictInteger().clean(cell)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12.50", "12.50"),
        ("-0.01", "-0.01"),
        (12.5, "12.5"),
        (0.1 + 0.2, "0.3"),
        (7, "7"),
        (1234.5599999999999, "1234.56"),
    ],
)
def test_a_number_is_taken_and_a_float_counts_as_a_spreadsheet_shows_it(cell: Any, value: str) -> None:
    assert StrictDecimal().clean(cell) == Decimal(value)


@pytest.mark.parametrize("cell", ["12,50", "1 000.00", "1'000", "1e5", "twelve", "", None, True, "NaN", float("nan")])
def test_what_is_no_plain_number_is_refused(cell: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        StrictDecimal().clean(cell)


@pytest.mark.parametrize("cell", ["+79161234567", "+7 (916) 123-45-67", "+7 916 123 45 67"])
def test_a_phone_is_stored_as_e164_however_it_is_spaced(cell: str) -> None:
    assert StrictPhone().clean(cell) == "+79161234567"


@pytest.mark.parametrize(
    "cell", ["89161234567", 79161234567, "+7916", "+0123456789", "anna", "+7 916 123-45-67 ext. 5"]
)
def test_a_phone_without_its_country_or_of_no_country_is_refused(cell: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        StrictPhone().clean(cell)


def test_an_italian_number_keeps_its_leading_zero() -> None:
    assert StrictPhone().clean("+390669812345") == "+390669812345"


def test_digits_that_a_spreadsheet_made_a_number_are_a_text_again() -> None:
    assert StrictText().clean(1234) == StrictText().clean(1234.0) == "1234"


@pytest.mark.parametrize("cell", [True, 1.5, DAY, {}, []])
def test_what_is_no_text_is_refused(cell: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        StrictText().clean(cell)


@pytest.mark.parametrize("widget", ALL, ids=lambda widget: type(widget).__name__)
def test_a_formula_is_no_value_of_any_kind(widget: Strict) -> None:
    with pytest.raises(ValueError, match="a formula"):
        widget.clean(Formula("a formula"))


@pytest.mark.parametrize("widget", ALL, ids=lambda widget: type(widget).__name__)
@given(cell=st.one_of(st.text(), NUMBERS, st.none(), st.booleans(), st.dates(), st.datetimes()))
def test_whatever_stands_in_a_cell_is_taken_or_refused_in_words(widget: Strict, cell: Any) -> None:
    try:
        value = widget.clean(cell)
    except ValueError as error:
        said = str(error)
    else:
        said = "taken"
        assert widget.clean(widget.render(value)) == value or isinstance(widget, StrictText)
    assert said


@given(value=st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_every_date_comes_back_from_its_text(value: date) -> None:
    assert StrictDate().clean(StrictDate().render(value)) == value


@given(value=st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**8), max_value=10**8))
def test_every_amount_comes_back_from_its_text_and_from_a_float_of_a_spreadsheet(value: Decimal) -> None:
    assert StrictDecimal().clean(StrictDecimal().render(value)) == value
    assert StrictDecimal().clean(float(value)) == value
