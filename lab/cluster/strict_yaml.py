"""YAML as `docker compose` reads it: a key that stands twice in one mapping is an error, not a victory of the last one.

`stack.py` reads docker-compose.yml through it.
"""

from typing import Any

import yaml


def load(text: str) -> Any:
    """The document. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=_Loader)


class _Loader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key.value!r} stands here for the second time", key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)
