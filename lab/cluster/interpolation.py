"""${NAME} in docker-compose.yml: replaces variables in one text, by the rules of `docker compose`.

`stack.py` calls this for every string of the file after YAML has been read, so comments and keys are left alone.
One rule is stricter than Docker's: a variable that is not set and has no default is an error, not an empty text.
"""

import re
from collections.abc import Mapping

_DOLLAR = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<plain>[A-Za-z_]\w*)|\{(?P<name>[A-Za-z_]\w*)(?:(?P<rule>:?[-?+])(?P<word>[^}]*))?\}|)"
)


class InterpolationError(ValueError):
    """The text cannot be interpolated; the message is a clause that can follow the name of a key."""


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    """`text` with ${NAME}, ${NAME:-default}, ${NAME-default}, ${NAME:?message}, ${NAME:+other}, $$ replaced."""
    return _DOLLAR.sub(lambda found: _replacement(found, variables), text)


def variables_in(text: str) -> list[str]:
    """The names of the variables that `text` is made from, in the order of the text."""
    return [found["plain"] or found["name"] for found in _DOLLAR.finditer(text) if found["plain"] or found["name"]]


def _replacement(found: re.Match[str], variables: Mapping[str, str]) -> str:
    if found["escaped"]:
        return "$"
    name = found["plain"] or found["name"]
    if name is None:
        raise InterpolationError(f"a single $ in {found.string!r} (write $$ for a dollar sign)")
    rule, word, value = found["rule"] or "", found["word"] or "", variables.get(name)
    if rule.startswith(":") and value == "":
        value = None
    if rule.endswith("+"):
        return "" if value is None else word
    if value is not None:
        return value
    if rule.endswith("-"):
        return word
    if rule.endswith("?"):
        raise InterpolationError(f"{name} is not set: {word or 'it is required'}")
    raise InterpolationError(f"{name} is not set and has no default (set it, or write ${{{name}:-default}})")
