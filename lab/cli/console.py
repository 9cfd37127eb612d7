"""The verb console: the live page, served on this machine."""

import webbrowser
from typing import Annotated

import typer

from lab.cli.app import app, read_settings, result, tell
from lab.cluster.targets import target_in_force
from lab.settings import Settings
from lab.words import _


@app.command()
def console(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="The port; 8479 without it.")] = None,
    listen: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    read_only: Annotated[bool, typer.Option("--read-only", help="Show everything, change nothing.")] = False,
) -> None:
    """Serve the console: watch the hub, predict, break, replay. Ctrl-C ends it; runs and stack go on."""
    # Here, not above: what serves pages is loaded by no other verb, and never in the process that becomes pytest.
    from lab.console import detached, server
    from lab.console.desk import Desk

    settings = read_settings()
    port = port or settings.desk_port
    address = server.address_of(listen, port)
    if detached.serving(settings) == address:
        result.print(address)
        tell(_("It serves already, in the background; `lab down` ends it."))
        _open(address, open_)
        return
    external = (settings.target or target_in_force(settings)) == "external"
    why = server.ONLY_SHOWS if read_only else server.EXTERNAL if external else ""
    desk = Desk(settings, read_only=why, names=() if listen in server.LOOPBACK else (listen,))
    listening = server.take(listen, port)
    if listen not in server.LOOPBACK and not why:
        tell(_("Whoever can reach {address} can break this stack. --read-only takes that away.").format(address=listen))

    def ready() -> None:
        result.print(address)
        tell(_("Ctrl-C ends the console."))
        _open(address, open_)

    server.serve(desk, listening, ready)
    if desk.jobs.going_on():
        tell(_("The run that was started from the page goes on, and writes its folder. The next console shows it."))


def _open(address: str, wanted: bool) -> None:
    if wanted and not webbrowser.open(address):
        tell(_("No browser can be opened from here."))


def leave_console(settings: Settings) -> None:
    """Start the console in the background, or find it there, and name it; when it cannot be, say why."""
    from lab.console import detached

    detached.start(settings, tell)
    name_console(settings)


def name_console(settings: Settings) -> None:
    """Where to look, and how to get there when nobody serves it yet."""
    from lab.console import detached

    if address := detached.serving(settings):
        result.print(_("See it, and break it: {address}").format(address=address))
    else:
        result.print(
            _("See it, and break it: `lab console`, then open {address}").format(
                address=f"http://127.0.0.1:{settings.desk_port}/"
            )
        )


def end_console(settings: Settings) -> None:
    """End the console that was left in the background."""
    from lab.console import detached

    if detached.end(settings):
        tell(_("The console has ended."))
