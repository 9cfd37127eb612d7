"""/api/contacts/, one by one."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from rest_demo.contacts.models import Contact

CONTACT = {"code": "c-1", "full_name": "Anna Berg", "region": "north", "balance": "10.50", "birth_date": "1990-12-31"}


def test_a_contact_is_made_read_changed_and_removed(api: APIClient) -> None:
    made = api.post("/api/contacts/", CONTACT, format="json")
    assert made.status_code == 201
    assert api.get("/api/contacts/c-1/").json() == made.json()
    assert api.patch("/api/contacts/c-1/", {"active": False}, format="json").json()["active"] is False
    assert api.put("/api/contacts/c-1/", CONTACT | {"region": "south"}, format="json").json()["region"] == "south"
    assert api.delete("/api/contacts/c-1/").status_code == 204
    assert api.get("/api/contacts/c-1/").status_code == 404


def test_a_code_is_taken_once_and_kept(api: APIClient) -> None:
    api.post("/api/contacts/", CONTACT, format="json")
    again = api.post("/api/contacts/", CONTACT, format="json")
    renamed = api.patch("/api/contacts/c-1/", {"code": "c-2"}, format="json")
    assert [list(refused.json()["errors"]) for refused in (again, renamed)] == [["code"], ["code"]]
    assert (again.status_code, renamed.status_code) == (400, 400)


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "a b"}, {"code": "import"}, {"full_name": 7}, {"full_name": ""}, {"region": "North"},
        {"email": "nobody"}, {"phone": "123"}, {"active": "yes"}, {"active": 1}, {"visits": -1}, {"visits": "3.7"},
        {"visits": 3.0}, {"visits": True}, {"balance": 1.5}, {"balance": "1,5"}, {"balance": "1e3"},
        {"balance": "NaN"}, {"balance": "0.001"}, {"birth_date": "31.12.1990"}, {"birth_date": "1990-02-30"},
    ],
)  # fmt: skip
def test_what_is_not_right_is_refused_and_never_made_to_fit(api: APIClient, wrong: dict[str, Any]) -> None:
    refused = api.post("/api/contacts/", CONTACT | wrong, format="json")
    assert refused.status_code == 400
    assert list(refused.json()["errors"]) == list(wrong)
    assert not Contact.objects.exists()


def test_contacts_are_found_by_code_name_and_mail(api: APIClient, searches: None) -> None:
    for number, name in enumerate(("Anna Berg", "Bert Annas", "Carl Ohm"), 1):
        told = {"code": f"c-{number}", "full_name": name, "email": f"{name[:4].lower()}@example.com"}
        assert api.post("/api/contacts/", CONTACT | told, format="json").status_code == 201

    def found(words: str) -> list[str]:
        return [row["code"] for row in api.get("/api/contacts/", {"search": words}).json()["results"]]

    assert found("anna") == ["c-1", "c-2"]
    assert found("carl@") == ["c-3"]
    assert found("c-2") == ["c-2"]
    assert found("%") == []


def test_pages_of_contacts_go_by_code(api: APIClient) -> None:
    for number in range(7):
        Contact.objects.create(code=f"c-{number}", full_name="A", region="north")
    page, seen = api.get("/api/contacts/?limit=3").json(), []
    while True:
        seen += [row["code"] for row in page["results"]]
        if not page["next"]:
            break
        page = api.get(page["next"]).json()
    assert seen == [f"c-{number}" for number in range(7)]
