"""The official SDK's client, first generation, with tasks of 2025-11-25: task1_client.py URL GREET WAIT

Both are names of tools of task1_server.py. Prints one JSON object of what it saw.
"""

import asyncio
import json
import sys

from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import McpError
from mcp.types import CallToolResult, ElicitResult


async def elicited(context, params):
    return ElicitResult(action="accept", content={"name": "Ada"})


async def main(url: str, greet: str, wait: str) -> dict:
    async with streamable_http_client(url) as streams:
        async with ClientSession(streams[0], streams[1], elicitation_callback=elicited) as session:
            greeting = await session.initialize()
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            tasks = session.experimental
            first = (await tasks.call_tool_as_task(greet, {})).task.taskId
            result = await tasks.get_task_result(first, CallToolResult)
            ended = await tasks.get_task(first)
            second = (await tasks.call_tool_as_task(wait, {})).task.taskId
            running = await tasks.get_task(second)
            listed = await tasks.list_tasks()
            cancelled = await tasks.cancel_task(second)
            try:
                again = (await tasks.cancel_task(second)).status
            except McpError as error:
                again = error.error.code
            return {
                "offered": greeting.capabilities.tasks.model_dump(exclude_none=True),
                "support": tools[greet].execution.taskSupport,
                "text": result.content[0].text,
                "statuses": [ended.status, running.status, cancelled.status],
                "related": result.meta["io.modelcontextprotocol/related-task"]["taskId"] == first,
                "same": [ended.taskId == first, running.taskId == second, cancelled.taskId == second],
                "listed": [task.taskId for task in listed.tasks] == [first, second],
                "again": again,
            }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(*sys.argv[1:]))))
