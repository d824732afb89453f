"""A server on the official SDK, second generation, whose tools need input of 2026-07-28. Arguments as sdk_server.py.

asking1_server.py has the same tools, with the same answers.
"""

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp_types import (
    CreateMessageRequest,
    CreateMessageRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitRequestURLParams,
    InputRequiredResult,
    ListRootsRequest,
    SamplingMessage,
    TextContent,
    Tool,
)

import hosting

arguments = hosting.arguments(__doc__)
server = MCPServer(arguments.name, version="2.0", log_level="WARNING")
visits = {"url": 0}


def name_of(who: str) -> ElicitRequest:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    return ElicitRequest(params=ElicitRequestFormParams(message=f"The name of {who}?", requested_schema=schema))


def signing_in() -> ElicitRequest:
    return ElicitRequest(params=ElicitRequestURLParams(message="Sign in", url="https://example.com/in"))


def joke(tools: list[Tool] | None = None) -> CreateMessageRequest:
    question = SamplingMessage(role="user", content=TextContent(text="a joke"))
    return CreateMessageRequest(params=CreateMessageRequestParams(messages=[question], max_tokens=10, tools=tools))


def needed(state: str | None = None, **requests) -> InputRequiredResult:
    return InputRequiredResult(input_requests=requests, request_state=state)


def read_name(answer) -> str:
    return answer.content["name"] if answer.action == "accept" else answer.action


def read_sample(answer) -> str:
    content = answer.content if isinstance(answer.content, list) else [answer.content]
    return f"{answer.model}: {content[0].text}"


@server.tool()
async def form(ctx: Context) -> str | InputRequiredResult:
    answers = ctx.input_responses or {}
    return read_name(answers["name"]) if answers else needed(name=name_of("the user"))


@server.tool()
async def url(ctx: Context) -> str | InputRequiredResult:
    answers = ctx.input_responses or {}
    return answers["in"].action if answers else needed(**{"in": signing_in()})


@server.tool()
async def needs_url(ctx: Context) -> str | InputRequiredResult:
    """The user takes a while at the URL: three attempts long it is still needed."""
    visits["url"] += 1
    return "been there" if visits["url"] > 3 else needed(**{"in": signing_in()})


@server.tool()
async def sample(ctx: Context) -> str | InputRequiredResult:
    answers = ctx.input_responses or {}
    return read_sample(answers["joke"]) if answers else needed(joke=joke())


@server.tool()
async def sample_tools(ctx: Context) -> str | InputRequiredResult:
    answers = ctx.input_responses or {}
    tools = [Tool(name="t", input_schema={"type": "object"})]
    return read_sample(answers["joke"]) if answers else needed(joke=joke(tools))


@server.tool()
async def roots(ctx: Context) -> str | InputRequiredResult:
    answers = ctx.input_responses or {}
    return ",".join(str(root.uri) for root in answers["roots"].roots) if answers else needed(roots=ListRootsRequest())


@server.tool()
async def rounds(ctx: Context) -> str | InputRequiredResult:
    answers = ctx.input_responses or {}
    if "one" in answers:
        return needed(f"{read_name(answers['one'])}", joke=joke())
    if "joke" in answers:
        return needed(f"{ctx.request_state} {read_sample(answers['joke'])}", two=name_of("two"))
    if "two" in answers:
        return f"{ctx.request_state} {read_name(answers['two'])}"
    return needed(one=name_of("one"))


@server.tool()
async def together(ctx: Context) -> str | InputRequiredResult:
    answers = ctx.input_responses or {}
    if not answers:
        return needed(one=name_of("one"), two=name_of("two"))
    return f"{read_name(answers['one'])} {read_name(answers['two'])}"


if __name__ == "__main__":
    if arguments.transport == "stdio":
        server.run("stdio")
    else:
        hosting.serve(server.streamable_http_app(), arguments.port)
