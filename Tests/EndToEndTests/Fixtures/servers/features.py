"""What the servers of both SDK generations offer, so that one test fits both. It really does what it says."""

import os
from typing import Annotated

import anyio
from mcp.shared.exceptions import UrlElicitationRequiredError
from pydantic import BaseModel, Field

from changes import offer_changes
from generation import Context, Server, ToolError, made, types


class Person(BaseModel):
    """A form with one member."""

    name: str


class Colour(BaseModel):
    """Another form, asked for after the first."""

    colour: str


def offer(server: Server, name: str, journal, scheme: str) -> None:
    """All that needs no answer from the client; `journal` writes down what nobody can see from outside."""
    offer_tools(server, name)
    offer_long_calls(server, name, journal)
    offer_the_rest(server, name, scheme)
    offer_changes(server, name, journal)


def offer_tools(server: Server, name: str) -> None:
    counts: dict[str, int] = {}

    @server.tool(annotations=made(types.ToolAnnotations, title="Echo", readOnlyHint=True))
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
        request = ctx.request_context.request
        session = request.headers.get("mcp-session-id", "process") if request else "process"
        counts[session] = counts.get(session, 0) + 1
        return counts[session]

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
    def locate(region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})]) -> str:
        """A place, of which clients without sessions tell in a header too."""
        return f"{region} by {name}"

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


def offer_long_calls(server: Server, name: str, journal) -> None:
    permitted: set[str] = set()

    @server.tool()
    async def slow(steps: int, ctx: Context) -> str:
        """Work in steps, with progress after each."""
        for step in range(1, steps + 1):
            await anyio.sleep(0.02)
            await ctx.report_progress(step, steps, f"step {step}")
        return f"{steps} steps done"

    @server.tool()
    async def log(level: str, text: str, ctx: Context) -> str:
        """Send a log message on the way."""
        await ctx.log(level, text, logger_name=name)
        return "logged"

    @server.tool()
    async def stall(key: str, ctx: Context) -> str:
        """Never end, but say that work has begun; being cancelled is written to the journal."""
        journal.write(f"stalled {key}")
        await ctx.report_progress(1, 2, "waiting")
        try:
            await anyio.sleep_forever()
        except anyio.get_cancelled_exc_class():
            journal.write(f"cancelled {key}")
            raise
        return "unreachable"

    @server.tool()
    def permit(key: str) -> str:
        """Refuse the first call with a key until the user has been elsewhere; the second is served, with "never" none."""
        if key == "never" or key not in permitted:
            permitted.add(key)
            url = f"https://example.com/permit/{key}"
            raise UrlElicitationRequiredError(
                [made(types.ElicitRequestURLParams, mode="url", message="Permit it", url=url, elicitationId=key)]
            )
        return f"{key} permitted"


def offer_the_rest(server: Server, name: str, scheme: str) -> None:
    @server.tool()
    def links() -> types.CallToolResult:
        """A resource link and an embedded resource."""
        link = {"type": "resource_link", "uri": f"{scheme}://info", "name": "info"}
        resource = {"uri": f"{scheme}://note/7", "text": "seven", "mimeType": "text/plain"}
        return made(types.CallToolResult, content=[link, {"type": "resource", "resource": resource}])

    @server.resource(f"{scheme}://info", name="info", description="About the server", mime_type="text/plain")
    def info() -> str:
        return f"This is {name}."

    @server.resource(f"{scheme}://note/{{number}}", name="note", mime_type="text/plain")
    def note(number: str) -> str:
        return f"Note {number} of {name}."

    @server.prompt()
    def greet(who: str) -> str:
        """Greet somebody."""
        return f"Greet {who} on behalf of {name}."

    @server.completion()
    async def complete(ref, argument, context):
        known = ["alice", "albert", "bob"] if ref.type == "ref/prompt" else ["1", "10", "7"]
        values = [value for value in known if value.startswith(argument.value)]
        return made(types.Completion, values=values, total=3, hasMore=False)
