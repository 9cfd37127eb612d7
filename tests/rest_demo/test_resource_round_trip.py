"""Any valid contact goes out and comes back as it was, in each format: also names that look like formulas."""

import io
import string
import unicodedata
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rest_demo.contacts import exporting
from rest_demo.contacts.formulas import BEGINS, escaped, unescaped
from rest_demo.contacts.importing import import_contacts
from rest_demo.contacts.models import Contact
from rest_demo.contacts.resource import FIELDS
from tests.rest_demo.contact_files import table

SIGNS = st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"])
LOOKS_ODD = ["_x0041_", "007", "1e5", "TRUE", "31.12.1990", "#N/A", 'a,b;c"d', "'", "''=", "=1+1", "\u200b", "<&>"]
FORMULAS = st.builds(str.__add__, st.sampled_from(["=", "+", "-", "@", "'", "'=", "#"]), st.text(SIGNS, max_size=20))
TEXT = st.one_of(st.text(SIGNS, max_size=60), FORMULAS, st.sampled_from(LOOKS_ODD)).map(str.strip)
PHONES = st.sampled_from(["", "+79161234567", "+390669812345", "+12025550123", "+4915123456789"])
WORDS = st.text(string.ascii_lowercase, min_size=1, max_size=20)
CONTACTS = st.fixed_dictionaries({
    "full_name": TEXT.filter(bool), "note": TEXT, "phone": PHONES,
    "email": st.just("") | WORDS.map("{}@example.com".format), "region": WORDS,
    "birth_date": st.none() | st.dates(date(1900, 1, 1), date.today()),
    "active": st.booleans(), "visits": st.integers(0, 2**31 - 1),
    "balance": st.decimals(-99_999_999, 99_999_999, places=2, allow_nan=False, allow_infinity=False),
})  # fmt: skip
CODES = st.text(string.ascii_letters + string.digits + "_.-", min_size=1, max_size=30)


def values() -> list[tuple[Any, ...]]:
    return list(Contact.objects.order_by("code").values_list(*FIELDS))


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(found=st.dictionaries(CODES.map("x{}".format), CONTACTS, min_size=1, max_size=4))
def test_what_goes_out_comes_back_as_it_was(db: None, kind: str, found: dict[str, dict[str, Any]]) -> None:
    with transaction.atomic():
        for code, fields in found.items():
            Contact(code=code, **fields).full_clean()
        Contact.objects.bulk_create(Contact(code=code, **fields) for code, fields in found.items())
        before, file = values(), io.BytesIO()
        assert exporting.write(file, kind, Contact.objects.all()) == len(found)

        again = import_contacts(table(file.getvalue(), f"x.{kind}"), "all-or-nothing")
        assert (again.unchanged, again.refusals) == (len(found), [])

        Contact.objects.all().delete()
        anew = import_contacts(table(file.getvalue(), f"x.{kind}"), "all-or-nothing")
        assert (anew.created, anew.refusals) == (len(found), [])
        assert values() == before
        transaction.set_rollback(True)


@given(text=st.text())
@example(text="'")
@example(text="''=")
def test_escaping_can_be_undone_and_leaves_no_formula(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert not escaped(text).startswith(tuple(sign for sign in BEGINS if sign != "'"))


def test_a_text_that_a_line_break_would_tear_is_no_valid_one() -> None:
    assert unicodedata.category("\u2028") == "Zl"
    for wrong in ("a\nb", "a\u2028b", " a", "a\x07", "a\ud800"):
        with pytest.raises(Exception, match=r"Has a line break|white space"):
            Contact(code="a", full_name=wrong, region="north").clean_fields()
