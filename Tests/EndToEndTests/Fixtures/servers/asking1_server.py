"""A server on the official SDK, first generation, whose tools ask their client. Arguments as sdk_server.py.

asking_server.py has the same tools, with the same answers.
"""

import anyio
from mcp.server.fastmcp import Context, FastMCP
from mcp.shared.exceptions import UrlElicitationRequiredError
from mcp.types import ElicitRequestURLParams, SamplingMessage, TextContent, Tool
from pydantic import BaseModel

import hosting

arguments = hosting.arguments(__doc__)
server = FastMCP(arguments.name, log_level="WARNING")
visited: list[str] = []


class Name(BaseModel):
    name: str


async def ask_name(ctx: Context, who: str) -> str:
    answer = await ctx.elicit(f"The name of {who}?", Name)
    return answer.data.name if answer.action == "accept" else answer.action


async def sampled(ctx: Context, tools: list[Tool] | None = None) -> str:
    question = SamplingMessage(role="user", content=TextContent(type="text", text="a joke"))
    answer = await ctx.session.create_message(
        [question], max_tokens=10, tools=tools, related_request_id=ctx.request_id
    )
    content = answer.content if isinstance(answer.content, list) else [answer.content]
    return f"{answer.model}: {content[0].text}"


@server.tool()
async def form(ctx: Context) -> str:
    return await ask_name(ctx, "the user")


@server.tool()
async def url(ctx: Context) -> str:
    answer = await ctx.session.elicit_url("Sign in", "https://example.com/in", "e1", ctx.request_id)
    return answer.action


@server.tool()
async def needs_url(ctx: Context) -> str:
    if visited:
        return "been there"
    visited.append("there")
    raise UrlElicitationRequiredError(
        [ElicitRequestURLParams(message="Sign in", url="https://example.com/in", elicitationId="e2")]
    )


@server.tool()
async def sample(ctx: Context) -> str:
    return await sampled(ctx)


@server.tool()
async def sample_tools(ctx: Context) -> str:
    return await sampled(ctx, [Tool(name="t", inputSchema={"type": "object"})])


@server.tool()
async def roots(ctx: Context) -> str:
    return ",".join(str(root.uri) for root in (await ctx.session.list_roots()).roots)


@server.tool()
async def rounds(ctx: Context) -> str:
    return f"{await ask_name(ctx, 'one')} {await sampled(ctx)} {await ask_name(ctx, 'two')}"


@server.tool()
async def together(ctx: Context) -> str:
    names: dict[str, str] = {}

    async def ask(who: str) -> None:
        names[who] = await ask_name(ctx, who)

    async with anyio.create_task_group() as group:
        group.start_soon(ask, "one")
        group.start_soon(ask, "two")
    return f"{names['one']} {names['two']}"


if __name__ == "__main__":
    if arguments.transport == "stdio":
        server.run("stdio")
    else:
        hosting.serve(server.streamable_http_app(), arguments.port)
