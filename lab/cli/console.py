"""The verb console: the live page, served on this machine."""

from typing import Annotated

import typer

from lab.cli.app import app, read_settings, result, tell

PORT = 8478


@app.command()
def console(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port on 127.0.0.1.")] = PORT,
) -> None:
    """Serve the console: watch the hub, predict, break, replay. Ctrl-C ends it; runs and stack go on."""
    # Here, not above: what serves pages is loaded by no other verb, and never in the process that becomes pytest.
    import uvicorn

    from lab.console.app import application
    from lab.console.desk import Desk

    desk = Desk(read_settings())
    result.print(f"http://127.0.0.1:{port}/")
    tell("Ctrl-C ends the console.")
    uvicorn.run(application(desk), host="127.0.0.1", port=port, log_level="warning")
