"""The project's rules as functions: each takes one source file and returns what is wrong with it, as `file:line: what`.

tests/test_repository.py holds the whole project against them, and each of them against code that breaks it.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

MODULE_LINES = 250
FUNCTION_LINES = 50
FORBIDDEN_NAMES = re.compile(
    r"(utils?|helpers?|commons?|misc|managers?)(_.*)?|.*_(utils?|helpers?|common|misc|managers?)"
)
DEMO = re.compile(r"\w+_demo")
INPUT_AND_OUTPUT = {
    "asyncio", "ctypes", "datetime", "fcntl", "http", "importlib", "io", "logging", "mmap", "multiprocessing", "os",
    "pathlib", "random", "requests", "secrets", "select", "shutil", "signal", "socket", "ssl", "subprocess", "sys",
    "tempfile", "threading", "time", "urllib", "uuid", "confluent_kafka", "psutil", "rich", "typer",
}  # fmt: skip
DOES_INPUT_OR_OUTPUT = {"open", "print", "input", "exec", "eval", "compile", "__import__", "breakpoint", "globals"}
METHODS_THAT_DO = {"open", "read_text", "write_text", "read_bytes", "write_bytes", "load", "unlink", "mkdir"}
UNDER_TEST = {
    "amqp", "asgiref", "celery", "channels", "confluent_kafka", "daphne", "django", "kombu", "pika", "psycopg", "redis",
    "rest_framework",
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One Python file of the project: its path from the root, with slashes, and its text."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def parts(self) -> tuple[str, ...]:
        return PurePosixPath(self.path).parts

    @property
    def top(self) -> str:
        return self.parts[0]

    def at(self, node: ast.AST, what: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)}: {what}"


def imported(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Every module that the file imports, at its top or inside a function, also by a literal in import_module."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node, node.module
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = source.parts[: -node.level]
            yield node, ".".join([*package, *([node.module] if node.module else [])])
        elif isinstance(node, ast.Call) and _last_name(node.func) in {"import_module", "__import__"}:
            yield from ((node, arg.value) for arg in node.args[:1] if isinstance(arg, ast.Constant))


def lab_imports_no_demo(source: Source) -> list[str]:
    if source.top != "lab":
        return []
    return [source.at(node, f"imports {name}") for node, name in imported(source) if DEMO.match(name)]


def demos_never_import_each_other(source: Source) -> list[str]:
    if not DEMO.fullmatch(source.top):
        return []
    found = [(node, name.split(".")[0]) for node, name in imported(source)]
    return [source.at(node, f"imports {top}") for node, top in found if DEMO.fullmatch(top) and top != source.top]


def a_demo_imports_lab_only_under_scenarios(source: Source) -> list[str]:
    if not DEMO.fullmatch(source.top) or "scenarios" in source.parts:
        return []
    return [source.at(node, f"imports {name}") for node, name in imported(source) if name.split(".")[0] == "lab"]


def checks_do_no_input_and_output(source: Source) -> list[str]:
    if not source.path.startswith("lab/checks/"):
        return []
    wrong = [
        source.at(node, f"imports {name}")
        for node, name in imported(source)
        if name.split(".")[0] in INPUT_AND_OUTPUT or name.split(".")[:2] in (["lab", "waiting"], ["lab", "cluster"])
    ]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            name = _last_name(node.func)
            method = isinstance(node.func, ast.Attribute)
            if name in (METHODS_THAT_DO if method else DOES_INPUT_OR_OUTPUT):
                wrong.append(source.at(node, f"calls {name}"))
    return wrong


def the_environment_is_read_only_in_settings(source: Source) -> list[str]:
    if source.top == "tests" or source.parts[-1] == "settings.py":
        return []
    names = {"environ", "environb", "getenv", "getenvb"}
    wrong = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr in names and _last_name(node.value) == "os":
            wrong.append(source.at(node, f"reads os.{node.attr}"))
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            wrong += [source.at(node, f"imports {alias.name}") for alias in node.names if alias.name in names]
    return wrong


def only_waiting_sleeps(source: Source) -> list[str]:
    if source.path == "lab/waiting.py":
        return []
    wrong = []
    for node in ast.walk(source.tree):
        named = isinstance(node, ast.Attribute | ast.Name) and _last_name(node) == "sleep"
        if named or (isinstance(node, ast.ImportFrom) and any(alias.name == "sleep" for alias in node.names)):
            wrong.append(source.at(node, "sleeps"))
    return wrong


def the_console_uses_no_system_under_test(source: Source) -> list[str]:
    if not source.path.startswith("lab/console"):
        return []
    return [source.at(n, f"imports {name}") for n, name in imported(source) if name.split(".")[0] in UNDER_TEST]


def a_module_has_a_telling_name(source: Source) -> list[str]:
    names = [part.removesuffix(".py") for part in source.parts]
    return [f"{source.path}:1: is called {name}" for name in names if FORBIDDEN_NAMES.fullmatch(name)]


def a_module_says_where_it_sits(source: Source) -> list[str]:
    if not source.text.strip() and source.parts[-1] == "__init__.py":
        return []
    return [] if ast.get_docstring(source.tree) else [f"{source.path}:1: has no docstring"]


def a_module_is_short(source: Source) -> list[str]:
    lines = len(source.text.splitlines())
    return [f"{source.path}:{lines}: has {lines} lines"] if lines > MODULE_LINES else []


def a_function_is_short(source: Source) -> list[str]:
    wrong = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION_LINES:
                wrong.append(source.at(node, f"{node.name} has {lines} lines"))
    return wrong


def no_test_is_skipped(source: Source) -> list[str]:
    """Except where no Docker engine can be started: tests/compose says that loudly, and .ci/run makes it an error."""
    if source.top != "tests" or source.path == "tests/compose/conftest.py":
        return []
    names = {"skip", "skipif", "xfail", "importorskip"}
    called = [node for node in ast.walk(source.tree) if isinstance(node, ast.Attribute) and node.attr in names]
    return [source.at(node, f"uses {node.attr}") for node in called if _root_name(node) == "pytest"]


RULES = (
    lab_imports_no_demo,
    demos_never_import_each_other,
    a_demo_imports_lab_only_under_scenarios,
    checks_do_no_input_and_output,
    the_environment_is_read_only_in_settings,
    only_waiting_sleeps,
    the_console_uses_no_system_under_test,
    a_module_has_a_telling_name,
    a_module_says_where_it_sits,
    a_module_is_short,
    a_function_is_short,
    no_test_is_skipped,
)


def _last_name(node: ast.AST) -> str:
    """`sleep` of `time.sleep` and of `sleep`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _root_name(node: ast.AST) -> str:
    """`pytest` of `pytest.mark.skip`."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return _last_name(node)
