"""The verb bench."""

from typing import Annotated

import typer

from lab import bench as benches
from lab import bench_console, demos
from lab.cli.app import AsJson, app, print_json, read_settings, result, running_target
from lab.cli.scenarios import told_parameters
from lab.cluster.target import Refused


@app.command()
def bench(
    name: Annotated[
        str, typer.Argument(help="check (judge a million lines), memory (of the stack), console (its cost), a demo's.")
    ] = "check",
    set_: Annotated[list[str] | None, typer.Option("--set", help="A parameter of the bench: name=value.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure the lab itself, in a process of its own, or a system of the running stack as a ratio against a peer."""
    settings = read_settings()
    known = {"check": benches.bench_check, "memory": benches.bench_memory}
    known |= {"console": bench_console.bench_console} | demos.benches()
    if name not in known:
        raise Refused(f"There is no bench {name!r}. There is: {', '.join(known)}.")
    if name != "check":
        running_target(settings)
    figures = known[name](**demos.parameters_of(name, known[name], told_parameters(set_ or [])))
    if as_json:
        print_json({"bench": name} | figures)
    else:
        for figure, value in figures.items():
            result.print(f"{figure:24} {value}")
