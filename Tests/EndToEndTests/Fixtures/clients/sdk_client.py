"""The official SDK's client, second generation: does what it is told and prints what it saw.

    sdk_client.py URL OPERATIONS

OPERATIONS is a JSON list of lists, for instance [["tools"], ["call", "time_now", {"zone": "UTC"}]]. The output is one
JSON object: {"server": …, "results": [one per operation, {"error": {"code", "message"}} where it failed],
"progress": […], "logs": […], "messages": [methods of other notifications]}.
"""

import asyncio
import json
import sys

from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import PromptReference, ResourceTemplateReference

seen: dict[str, list] = {"progress": [], "logs": [], "messages": []}
changed = asyncio.Event()


def plain(value):
    return value.model_dump(mode="json", by_alias=True, exclude_none=True)


async def on_progress(progress, total, message) -> None:
    seen["progress"].append([progress, total, message])


async def on_log(params) -> None:
    seen["logs"].append(plain(params))


async def on_message(message) -> None:
    method = getattr(message, "method", None) or getattr(getattr(message, "root", None), "method", None)
    if method:
        seen["messages"].append(method)
        if method.endswith("/list_changed"):
            changed.set()


async def perform(client: Client, operation: list):
    verb, *rest = operation
    match verb:
        case "tools":
            page = await client.list_tools()
            tools = list(page.tools)
            while page.next_cursor is not None:
                page = await client.list_tools(cursor=page.next_cursor)
                tools += page.tools
            return [plain(tool) for tool in tools]
        case "call":
            return plain(await client.call_tool(rest[0], rest[1], progress_callback=on_progress))
        case "resources":
            return [plain(each) for each in (await client.list_resources()).resources]
        case "templates":
            return [plain(each) for each in (await client.list_resource_templates()).resource_templates]
        case "read":
            return plain(await client.read_resource(rest[0]))
        case "prompts":
            return [plain(each) for each in (await client.list_prompts()).prompts]
        case "prompt":
            return plain(await client.get_prompt(rest[0], rest[1]))
        case "complete":
            kind = PromptReference if rest[0] == "ref/prompt" else ResourceTemplateReference
            key = "name" if rest[0] == "ref/prompt" else "uri"
            reference = kind(**{"type": rest[0], key: rest[1]})
            return plain(await client.complete(reference, {"name": rest[2], "value": rest[3]}))
        case "level":
            return plain(await client.set_logging_level(rest[0]))
        case "ping":
            return plain(await client.send_ping())
        case "subscribe":
            return plain(await client.subscribe_resource(rest[0]))
        case "await-change":
            await asyncio.wait_for(changed.wait(), 60)
            return True
    raise ValueError(f"unknown operation {verb}")


async def main(url: str, operations: list) -> dict:
    async with Client(url, mode="legacy", message_handler=on_message, logging_callback=on_log) as client:
        results = []
        for operation in operations:
            try:
                results.append(await perform(client, operation))
            except MCPError as error:
                results.append({"error": {"code": error.error.code, "message": error.error.message}})
        server = {"version": client.protocol_version, "info": plain(client.server_info)}
        return {"server": server, "results": results, **seen}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))))
