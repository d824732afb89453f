"""A server on the official SDK, first generation, with its tasks of 2025-11-25. Arguments as sdk_server.py."""

from contextlib import asynccontextmanager

import hosting
from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.applications import Starlette
from starlette.routing import Mount

arguments = hosting.arguments(__doc__)
server = Server(arguments.name)
server.experimental.enable_tasks()
NAME = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


@server.list_tools()
async def tools() -> list[types.Tool]:
    return [
        types.Tool(
            name=name, inputSchema={"type": "object"}, execution=types.ToolExecution(taskSupport=types.TASK_REQUIRED))
        for name in ("greet", "wait")
    ]


@server.call_tool()
async def call(name: str, _arguments: dict):
    experimental = server.request_context.experimental

    async def work(task) -> types.CallToolResult:
        if name == "wait":
            import anyio

            await anyio.sleep_forever()
        answer = await task.elicit(message="The name of the user?", requestedSchema=NAME)
        text = f"{arguments.name}: hello {answer.content['name']}"
        return types.CallToolResult(content=[types.TextContent(type="text", text=text)])

    return await experimental.run_task(work)


def app() -> Starlette:
    manager = StreamableHTTPSessionManager(server)

    @asynccontextmanager
    async def lifespan(_app):
        async with manager.run():
            yield

    return Starlette(routes=[Mount("/mcp", app=manager.handle_request)], lifespan=lifespan)


if __name__ == "__main__":
    hosting.serve(hosting.recorded(app(), arguments.record), arguments.port)
