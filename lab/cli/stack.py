"""The verbs about the stack: doctor, up, status, down, break, heal, watch, demo, test."""

from dataclasses import asdict
from typing import Annotated

import typer

from lab import demos
from lab import watch as looking
from lab.cli import show
from lab.cli.app import AsJson, TargetName, Yes, app, ask, print_json, read_settings, result, running_target, tell
from lab.cli.console import end_console, leave_console, name_console
from lab.cluster.stack import read_stack
from lab.cluster.target import Refused, Target
from lab.cluster.targets import forget_target, open_target, remember_target, target_in_force
from lab.faults import FAULTS, Broken, heal
from lab.journal import journal_of
from lab.machine import choose, doctor, testing
from lab.runner import only_run, refuse_during_a_run
from lab.settings import PRESETS, Settings
from lab.words import _

HEADLINE = "kafka-leader-failover"
FAULT_VERBS = {"kill": "killed", "stop": "stopped", "pause": "paused", "cut-off": "cut_off", "cut_off": "cut_off"}

Preset = Annotated[
    str | None, typer.Option("--preset", help="default: Kafka's own timeouts (9 s); fast: 3 s. Without it: as it was.")
]


@app.command("doctor")
def doctor_verb(as_json: AsJson = False, target: TargetName = None) -> int:
    """Say what is there, what is missing, and the command that mends it."""
    points = doctor.examine(read_settings(target))
    if as_json:
        for point in points:
            print_json(asdict(point))
    else:
        result.print(show.doctor_table(points))
    return 0 if all(point.ok for point in points) else 69


@app.command()
def up(
    services: Annotated[
        list[str] | None, typer.Argument(help="Services of docker-compose.yml; none means all.")
    ] = None,
    target: TargetName = None,
    preset: Preset = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Start the stack, or what is missing of it, and wait until it is healthy."""
    settings = read_settings(target)
    running = bring_up(settings, services or [], preset, yes)
    show_urls(running, as_json)
    if not as_json and running.name != "external":
        show_what_services_say(settings, running)
    if not as_json:
        name_console(settings)


def bring_up(settings: Settings, services: list[str], preset: str | None, yes: bool) -> Target:
    """Choose a target, make the machine ready, start the stack. Raises Refused when it is up on another target."""
    if preset is not None and preset not in PRESETS:
        raise Refused(f"There is no preset {preset!r}. It is one of {', '.join(PRESETS)}.")
    in_force = target_in_force(settings)
    if in_force and settings.target not in ("", in_force):
        raise Refused(
            f"The stack is up on the {in_force} target. `lab down` first, then start it on {settings.target}."
        )
    name, why = choose.choose_target(settings, tell)
    tell(why)
    choose.prepare(settings, name, assume_yes=yes, tell=tell, ask=ask)
    refuse_during_a_run(settings)
    running = open_target(name, settings, preset)
    remember_target(settings, name)
    running.up(services, tell)
    heal(running, journal_of(settings), tell)
    return running


def show_urls(target: Target, as_json: bool) -> None:
    """What can be opened or connected to."""
    if as_json:
        print_json({"target": target.name, "urls": target.urls()})
        return
    for service, address in target.urls().items():
        result.print(f"{service:18} {address}")
    tell(
        _(
            "The stack is up. See it: `lab watch`, `lab status`. "
            "Break it: `lab break kill kafka-leader:freblogg/0`. End it: `lab down`."
        )
    )


def show_what_services_say(settings: Settings, target: Target) -> None:
    """The latest line of each service that teaches; `lab watch --lines` goes on from there."""
    running = {status.name for status in target.status() if status.state == "running"}
    for service in read_stack(settings.compose_file, settings.variables).services.values():
        if service.attach and service.name in running:
            for line in target.log_lines(service.name, 1):
                tell(f"{service.name:18} {line}")


@app.command()
def status(as_json: AsJson = False) -> int:
    """Show services, their health, the leaders of `freblogg`, and what is broken at the moment."""
    settings = read_settings()
    target = running_target(settings)
    services, faults = target.status(), journal_of(settings).open_faults()
    whole = not faults and all(s.state == "running" or s.health == "completed" for s in services)
    lines = demos.status_lines({service.name for service in services if service.state == "running"})
    if as_json:
        print_json(
            {
                "target": target.name,
                "whole": whole,
                "services": [asdict(service) for service in services],
                "demos": lines,
                "open_faults": [asdict(fault) for fault in faults],
            }
        )
    else:
        result.print(f"target {target.name}")
        result.print(show.services_table(services))
        for line in lines:
            result.print(line)
        for fault in faults:
            result.print(f"broken: {fault.node} is {fault.fault}. `lab heal` mends it.")
    return 0 if whole else 69


@app.command()
def down(volumes: Annotated[bool, typer.Option("--volumes", help="Remove the stack's data too.")] = False) -> None:
    """Stop everything that this stack started."""
    settings = read_settings()
    refuse_during_a_run(settings)
    name = settings.target or target_in_force(settings) or "local"
    end_console(settings)
    open_target(name, settings).down(tell, volumes=volumes)
    forget_target(settings)
    if not volumes:
        tell(_("The data is kept. `lab down --volumes` removes it."))


@app.command("break")
def break_verb(
    fault: Annotated[str, typer.Argument(help="kill, stop, pause or cut-off.")],
    node: Annotated[str, typer.Argument(help="A service, or a role: kafka-leader:freblogg/0.")],
) -> None:
    """Break one node and leave it broken, until `lab heal`."""
    settings = read_settings()
    name = FAULT_VERBS.get(fault, fault)
    if name not in FAULTS or name == "untouched":
        raise Refused(f"There is no fault {fault!r}. It is one of kill, stop, pause, cut-off.")
    target, journal = running_target(settings), journal_of(settings)
    with only_run(settings):
        actual = demos.resolve_node(node)
        for entry in journal.open_faults():
            if entry.node == actual:
                raise Refused(f"{actual} is {entry.fault} already. `lab heal` mends it.")
        target.status_of(actual)
        opened = Broken(FAULTS[name], actual, target, journal, lambda *step: None)
        opened.begin()
    result.print(f"{actual} is {name}")
    tell(_("See what follows: `lab watch`, `lab status`. Mend it: `lab heal`."))


@app.command("heal")
def heal_verb() -> None:
    """Mend everything that is broken, also what a crash of the lab left behind."""
    settings = read_settings()
    target = running_target(settings)
    with only_run(settings):
        healed = heal(target, journal_of(settings), tell)
        target.up([service.name for service in target.status() if service.state != "absent"], tell)
        running = {service.name for service in target.status() if service.state == "running"}
        for line in demos.after_heal(demos.at_work(running)):
            tell(line)
    result.print(f"mended {healed} fault{'' if healed == 1 else 's'}; the stack is whole")


@app.command()
def watch(
    services: Annotated[
        list[str] | None, typer.Argument(help="With --lines: whose; none means those that teach.")
    ] = None,
    lines: Annotated[bool, typer.Option("--lines", help="What the services say, instead of a picture.")] = False,
) -> None:
    """Show the hub as it is and what happens to it, until Ctrl-C, which ends the view and not the stack."""
    if services and not lines:
        raise Refused(f"The picture is of the whole hub. `lab watch --lines {' '.join(services)}` follows a service.")
    settings = read_settings()
    target = running_target(settings)
    try:
        if lines:
            for service, line in target.follow(services or []):
                result.print(f"{service:14} {line}", markup=False)
        else:
            with looking.looks(settings) as seen:
                looking.show(seen, result)
    except KeyboardInterrupt:
        tell(_("The stack runs on."))


@app.command()
def demo(target: TargetName = None, yes: Yes = False) -> int:
    """Set up, start the stack, kill the leader of a partition, show the verdict. Leaves the stack running."""
    from lab.cli.scenarios import run_and_show

    settings = read_settings(target)
    # What the headline needs comes first: nobody should wait for the whole hub to see a leader die.
    running = bring_up(settings, list(demos.scenario_named(HEADLINE).nodes), None, yes)
    code = run_and_show(settings, running, [HEADLINE], pace="quick")
    tell(_("Now the rest of the stack."))
    running.up([], tell)
    show_urls(running, as_json=False)
    leave_console(settings)
    return code


@app.command("test")
def test_verb(
    fast: Annotated[bool, typer.Option("--fast", help="Pure tests only, no broker.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Also control and breaking runs, and the compose file.")
    ] = False,
    rest: Annotated[bool, typer.Option("--rest", help="Only what --all adds to the plain `lab test`.")] = False,
    lint: Annotated[bool, typer.Option("--lint", help="No tests: ruff and mypy.")] = False,
    arguments: Annotated[list[str] | None, typer.Argument(help="Handed to pytest; put -- before them.")] = None,
) -> int:
    """Run the project's tests on real brokers, on a stack of their own."""
    chosen = {"fast": fast, "all": everything, "rest": rest, "lint": lint}
    levels = [level for level, wanted in chosen.items() if wanted] or ["default"]
    if len(levels) > 1:
        raise Refused("Choose one of --fast, --all, --rest and --lint.")
    return testing.run_tests(read_settings(), levels[0], arguments or [])
