"""An MCP server on the official SDK, second generation, with one of everything. It really does what it says.

    sdk_server.py --name NAME [--transport stdio|sse|streamable-http] [--port N]

Over HTTP it prints "listening PORT" once connections are accepted, and ends when its standard input does.
"""

import os

import anyio
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import (
    CallToolResult,
    Completion,
    EmbeddedResource,
    ResourceLink,
    TextResourceContents,
    ToolAnnotations,
)

import hosting

arguments = hosting.arguments(__doc__)
name = arguments.name
server = MCPServer(name, version="2.0", instructions=f"Test server {name}.", log_level="WARNING")
counts: dict[str, int] = {}


@server.tool(annotations=ToolAnnotations(title="Echo", read_only_hint=True))
def echo(text: str) -> str:
    """Say it back, with the server's name."""
    return f"{name}: {text}"


@server.tool()
def add(a: int, b: int) -> int:
    """The sum of two integers."""
    return a + b


@server.tool()
async def count(ctx: Context) -> int:
    """How often this session has called count."""
    session = (ctx.headers or {}).get("mcp-session-id", "process")
    counts[session] = counts.get(session, 0) + 1
    return counts[session]


@server.tool()
async def slow(steps: int, ctx: Context) -> str:
    """Work in steps, with progress after each."""
    for step in range(1, steps + 1):
        await anyio.sleep(0.02)
        await ctx.report_progress(step, steps, f"step {step}")
    return f"{steps} steps done"


@server.tool()
def fail(reason: str) -> str:
    """Fail with a reason."""
    raise ToolError(reason)


@server.tool(structured_output=False)
def big(size: int) -> str:
    """A text of that many characters."""
    return "0123456789abcdef" * (size // 16) + "x" * (size % 16)


@server.tool()
def measure(text: str) -> int:
    """The length of a text."""
    return len(text)


@server.tool()
def weather(city: str) -> dict[str, int | float | str]:
    """Structured output."""
    return {"city": city, "degrees": 21.5, "people": 12345678901234567}


@server.tool()
def links() -> CallToolResult:
    """A resource link and an embedded resource."""
    return CallToolResult(
        content=[
            ResourceLink(type="resource_link", uri=f"{name}://info", name="info"),
            EmbeddedResource(
                type="resource", resource=TextResourceContents(uri=f"{name}://note/7", text="seven", mime_type="text/plain")
            ),
        ]
    )


@server.tool()
async def log(level: str, text: str, ctx: Context) -> str:
    """Send a log message on the way."""
    await ctx.log(level, text, logger_name=name)
    return "logged"


@server.tool()
async def grow(tool: str, ctx: Context) -> str:
    """Offer one more tool from now on, and say that the list has changed."""

    def added(text: str) -> str:
        return f"{name} {tool}: {text}"

    server.add_tool(added, name=tool, description="Added while running.")
    await ctx.session.send_tool_list_changed()
    return f"{tool} added"


@server.tool()
def environment(variable: str) -> str:
    """The value of an environment variable of this process."""
    return os.environ.get(variable, "(not set)")


@server.tool()
def process() -> int:
    """The id of this process."""
    return os.getpid()


@server.tool()
def die(code: int) -> str:
    """End the process in the middle of the call."""
    os._exit(code)


@server.resource(f"{name}://info", name="info", description="About the server", mime_type="text/plain")
def info() -> str:
    return f"This is {name}."


@server.resource(f"{name}://note/{{number}}", name="note", mime_type="text/plain")
def note(number: str) -> str:
    return f"Note {number} of {name}."


@server.prompt()
def greet(who: str) -> str:
    """Greet somebody."""
    return f"Greet {who} on behalf of {name}."


@server.completion()
async def complete(ref, argument, context):
    known = ["alice", "albert", "bob"] if ref.type == "ref/prompt" else ["1", "10", "7"]
    return Completion(values=[value for value in known if value.startswith(argument.value)], total=3, has_more=False)



if __name__ == "__main__":
    if arguments.transport == "stdio":
        server.run("stdio")
    elif arguments.transport == "sse":
        hosting.serve(server.sse_app(), arguments.port)
    else:
        hosting.serve(server.streamable_http_app(), arguments.port)
