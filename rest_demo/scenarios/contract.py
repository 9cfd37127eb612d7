"""The contract as the service publishes it: its OpenAPI document, taken once; every later answer is held against it."""

import json
from typing import Any, Self

from jsonschema import Draft202012Validator

from rest_demo.scenarios.client import Answer, ask


class Contract:
    """What a client was built for. It stays as it was read, whatever the service publishes later."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = _as_json_schema(document)

    @classmethod
    def of(cls, url: str) -> Self:
        """As the service publishes it now. Raises ConnectionError."""
        answer = ask(url, "GET", "/api/schema/?format=json", headers={"Accept": "application/vnd.oai.openapi+json"})
        return cls(json.loads(answer.body))

    def breach(self, method: str, path: str, answer: Answer) -> str | None:
        """What is wrong with an answer, in a clause; None when nothing is."""
        responses = self._document["paths"][path][method.lower()]["responses"]
        described = responses.get(str(answer.status), {}).get("content", {}).get("application/json")
        if described is None:
            return f"{method} {path} should not answer {answer.status}"
        schema = {**described["schema"], "components": self._document["components"]}
        errors = sorted(Draft202012Validator(schema).iter_errors(answer.json()), key=lambda error: list(error.path))
        return f"{errors[0].json_path}: {errors[0].message}" if errors else None


def _as_json_schema(part: Any) -> Any:
    """OpenAPI 3.0 writes "nullable" where JSON Schema lists the type "null"."""
    if isinstance(part, list):
        return [_as_json_schema(one) for one in part]
    if not isinstance(part, dict):
        return part
    found = {name: _as_json_schema(one) for name, one in part.items()}
    if found.pop("nullable", False) is True and "type" in found:
        found["type"] = [found["type"], "null"]
    return found
