"""The official SDK's client, first generation. Arguments and output as sdk_client.py."""

import asyncio
import json
import sys

from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import McpError
from mcp.types import PaginatedRequestParams, PromptReference, ResourceTemplateReference
from pydantic import AnyUrl

seen: dict[str, list] = {"progress": [], "logs": [], "messages": []}
changed = asyncio.Event()


def plain(value):
    return value.model_dump(mode="json", by_alias=True, exclude_none=True)


async def on_progress(progress, total, message) -> None:
    seen["progress"].append([progress, total, message])


async def on_log(params) -> None:
    seen["logs"].append(plain(params))


async def on_message(message) -> None:
    method = getattr(getattr(message, "root", None), "method", None)
    if method:
        seen["messages"].append(method)
        if method.endswith("/list_changed"):
            changed.set()


async def perform(session: ClientSession, operation: list):
    verb, *rest = operation
    match verb:
        case "tools":
            page = await session.list_tools()
            tools = list(page.tools)
            while page.nextCursor is not None:
                page = await session.list_tools(params=PaginatedRequestParams(cursor=page.nextCursor))
                tools += page.tools
            return [plain(tool) for tool in tools]
        case "call":
            return plain(await session.call_tool(rest[0], rest[1], progress_callback=on_progress))
        case "resources":
            return [plain(each) for each in (await session.list_resources()).resources]
        case "templates":
            return [plain(each) for each in (await session.list_resource_templates()).resourceTemplates]
        case "read":
            return plain(await session.read_resource(AnyUrl(rest[0])))
        case "prompts":
            return [plain(each) for each in (await session.list_prompts()).prompts]
        case "prompt":
            return plain(await session.get_prompt(rest[0], rest[1]))
        case "complete":
            kind = PromptReference if rest[0] == "ref/prompt" else ResourceTemplateReference
            key = "name" if rest[0] == "ref/prompt" else "uri"
            reference = kind(**{"type": rest[0], key: rest[1]})
            return plain(await session.complete(reference, {"name": rest[2], "value": rest[3]}))
        case "level":
            return plain(await session.set_logging_level(rest[0]))
        case "ping":
            return plain(await session.send_ping())
        case "subscribe":
            return plain(await session.subscribe_resource(AnyUrl(rest[0])))
        case "await-change":
            await asyncio.wait_for(changed.wait(), 60)
            return True
    raise ValueError(f"unknown operation {verb}")


async def main(url: str, operations: list) -> dict:
    async with streamable_http_client(url) as streams:
        async with ClientSession(
            streams[0], streams[1], message_handler=on_message, logging_callback=on_log
        ) as session:
            greeting = await session.initialize()
            results = []
            for operation in operations:
                try:
                    results.append(await perform(session, operation))
                except McpError as error:
                    results.append({"error": {"code": error.error.code, "message": error.error.message}})
            server = {"version": greeting.protocolVersion, "info": plain(greeting.serverInfo)}
            return {"server": server, "results": results, **seen}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))))
