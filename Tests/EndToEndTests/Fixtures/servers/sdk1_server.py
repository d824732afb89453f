"""An MCP server on the official SDK, first generation. Arguments as sdk_server.py."""

from mcp.server.fastmcp import Context, FastMCP

import hosting

arguments = hosting.arguments(__doc__)
name = arguments.name
server = FastMCP(name, log_level="WARNING")


@server.tool()
def echo(text: str) -> str:
    """Say it back, with the server's name."""
    return f"{name}: {text}"


@server.tool()
def subtract(a: int, b: int) -> int:
    """The difference of two integers."""
    return a - b


@server.tool()
async def steps(number: int, ctx: Context) -> str:
    """Work in steps, with progress after each."""
    for step in range(1, number + 1):
        await ctx.report_progress(step, number)
    return f"{number} steps done"


@server.resource(f"{name}://info")
def info() -> str:
    return f"This is {name}."


@server.prompt()
def greet(who: str) -> str:
    """Greet somebody."""
    return f"Greet {who} on behalf of {name}."


if __name__ == "__main__":
    if arguments.transport == "stdio":
        server.run("stdio")
    elif arguments.transport == "sse":
        hosting.serve(server.sse_app(), arguments.port)
    else:
        hosting.serve(server.streamable_http_app(), arguments.port)
