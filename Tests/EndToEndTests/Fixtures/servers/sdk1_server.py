"""An MCP server on the official SDK, first generation. Arguments as sdk_server.py."""

import hosting
from asking import answered, contents, question, second_question, temperature, url
from features import Colour, Person, offer
from generation import Context, Server

arguments = hosting.arguments(__doc__)
name = arguments.name
server = Server(name, log_level="WARNING")
offer(server, name, hosting.Journal(arguments.journal), arguments.scheme or name)


@server.tool()
def subtract(a: int, b: int) -> int:
    """The difference of two integers."""
    return a - b


@server.tool()
async def ask_form(ctx: Context, text: str = "Who are you?") -> str:
    """Ask the user for a name."""
    return answered(await ctx.elicit(text, Person))


@server.tool()
async def ask_twice(ctx: Context) -> str:
    """Ask the user for a name, then for a colour."""
    person = (await ctx.elicit("Who are you?", Person)).data
    colour = (await ctx.elicit(f"{person.name}, which colour?", Colour)).data
    return f"{person.name} likes {colour.colour}"


@server.tool()
async def ask_url(ctx: Context) -> str:
    """Send the user to a page."""
    return (await ctx.elicit_url("Look at this", url(name), f"{name}-page")).action


@server.tool()
async def sample(text: str, ctx: Context) -> str:
    """Ask the client's model."""
    answer = await ctx.session.create_message(
        [question(text)], max_tokens=100, related_request_id=ctx.request_id
    )
    return f"{answer.model}: {contents(answer)[0].text}"


@server.tool()
async def sample_tools(ctx: Context) -> str:
    """Ask the client's model, which may use a tool of ours."""
    more = {"max_tokens": 100, "tools": [temperature], "related_request_id": ctx.request_id}
    first = await ctx.session.create_message([question("How warm is it in Bonn?")], **more)
    return contents(await ctx.session.create_message(second_question(first), **more))[0].text


@server.tool()
async def roots(ctx: Context) -> list[str]:
    """The client's roots."""
    return [str(root.uri) for root in (await ctx.session.list_roots()).roots]


if __name__ == "__main__":
    hosting.run(server, arguments)
