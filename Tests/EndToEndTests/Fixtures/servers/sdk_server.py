"""An MCP server on the official SDK, second generation, with one of everything. It really does what it says.

    sdk_server.py --name NAME [--transport stdio|sse|streamable-http] [--port N] [--modern] [--journal FILE] [--record FILE]

Over HTTP it prints "listening PORT" once connections are accepted, and ends when its standard input does.
--modern refuses `initialize`, as a server that speaks 2026-07-28 only. --journal writes down what nobody can see from
outside; --record writes down every message that comes (see wire/recording.py).
"""

from typing import Annotated

from mcp.server.elicitation import ElicitationResult
from mcp.server.mcpserver import Elicit, ListRoots, Resolve, Sample
from mcp.shared.exceptions import MCPError
from mcp_types import (
    UNSUPPORTED_PROTOCOL_VERSION,
    CreateMessageResult,
    CreateMessageResultWithTools,
    ElicitRequest,
    ElicitRequestURLParams,
    InputRequiredResult,
    ListRootsResult,
)

import hosting
from asking import answered, contents, question, second_question, temperature, url
from changes import MODERN, is_modern
from features import Colour, Person, offer
from generation import Context, Server

arguments = hosting.arguments(__doc__)
name = arguments.name
server = Server(name, version="2.0", instructions=f"Test server {name}.", log_level="WARNING")
offer(server, name, hosting.Journal(arguments.journal), arguments.scheme or name)


# Resolvers ask in whatever way the revision of the request has.
async def ask_person() -> Elicit[Person]:
    return Elicit("Who are you?", Person)


async def ask_text(text: str) -> Elicit[Person]:
    return Elicit(text, Person)


async def ask_colour(person: Annotated[Person, Resolve(ask_person)]) -> Elicit[Colour]:
    return Elicit(f"{person.name}, which colour?", Colour)


async def ask_model(text: str) -> Sample:
    return Sample([question(text)], max_tokens=100)


async def ask_for_tool() -> Sample:
    return Sample([question("How warm is it in Bonn?")], max_tokens=100, tools=[temperature])


async def tell_result(first: Annotated[CreateMessageResultWithTools, Resolve(ask_for_tool)]) -> Sample:
    return Sample(second_question(first), max_tokens=100, tools=[temperature])


async def ask_roots() -> ListRoots:
    return ListRoots()


@server.tool()
async def ask_form(
    answer: Annotated[ElicitationResult[Person], Resolve(ask_text)], text: str = "Who are you?"
) -> str:
    """Ask the user for a name."""
    return answered(answer)


@server.tool()
async def ask_twice(
    person: Annotated[Person, Resolve(ask_person)], colour: Annotated[Colour, Resolve(ask_colour)]
) -> str:
    """Ask the user for a name, then for a colour."""
    return f"{person.name} likes {colour.colour}"


@server.tool()
async def ask_url(ctx: Context) -> str | InputRequiredResult:
    """Send the user to a page."""
    if not is_modern(ctx):
        return (await ctx.elicit_url("Look at this", url(name), f"{name}-page")).action
    if not ctx.input_responses:
        request = ElicitRequest(params=ElicitRequestURLParams(message="Look at this", url=url(name)))
        return InputRequiredResult(input_requests={"page": request}, request_state="looked")
    return ctx.input_responses["page"].action


@server.tool()
async def sample(text: str, answer: Annotated[CreateMessageResult, Resolve(ask_model)]) -> str:
    """Ask the client's model."""
    return f"{answer.model}: {contents(answer)[0].text}"


@server.tool()
async def sample_tools(answer: Annotated[CreateMessageResultWithTools, Resolve(tell_result)]) -> str:
    """Ask the client's model, which may use a tool of ours."""
    return contents(answer)[0].text


@server.tool()
async def roots(found: Annotated[ListRootsResult, Resolve(ask_roots)]) -> list[str]:
    """The client's roots."""
    return [str(root.uri) for root in found.roots]


async def refuse_initialize(ctx, call_next):
    if ctx.method == "initialize":
        data = {"supported": [MODERN], "requested": (ctx.params or {}).get("protocolVersion", "")}
        raise MCPError(UNSUPPORTED_PROTOCOL_VERSION, f"This server speaks {MODERN} only", data)
    return await call_next(ctx)


if arguments.modern:
    server.middleware.append(refuse_initialize)

if __name__ == "__main__":
    hosting.run(server, arguments)
