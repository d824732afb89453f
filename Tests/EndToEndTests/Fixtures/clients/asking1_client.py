"""The official SDK's client, first generation, which answers what it is asked. Arguments and output as asking_client.py; it
has one mode.
"""

import asyncio
import json
import sys

from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import McpError
from mcp.types import (
    CreateMessageResult,
    ElicitResult,
    ListRootsResult,
    Root,
    SamplingCapability,
    SamplingToolsCapability,
    TextContent,
)

asked: list[str] = []


async def elicited(context, params):
    if params.mode == "url":
        asked.append(f"url {params.url}")
        return ElicitResult(action="accept")
    asked.append(f"form {params.message}")
    return ElicitResult(action="accept", content={"name": params.message.split()[-1][:3].capitalize()})


async def sampled(context, params):
    asked.append(f"sample {len(params.tools or [])}")
    return CreateMessageResult(role="assistant", model="m", content=TextContent(type="text", text="ha"))


async def rooted(context):
    asked.append("roots")
    return ListRootsResult(roots=[Root(uri="file:///a"), Root(uri="file:///b")])


async def main(url: str, mode: str, capabilities: list[str], tools: list[str]) -> dict:
    offers = {
        "elicitation_callback": elicited if "elicitation" in capabilities else None,
        "sampling_callback": sampled if "sampling" in capabilities else None,
        "sampling_capabilities": SamplingCapability(tools=SamplingToolsCapability()) if "tools" in capabilities else None,
        "list_roots_callback": rooted if "roots" in capabilities else None,
    }
    async with streamable_http_client(url) as streams:
        async with ClientSession(streams[0], streams[1], **offers) as session:
            greeting = await session.initialize()
            results = []
            for tool in tools:
                try:
                    result = await session.call_tool(tool, {})
                    results.append(result.content[0].text)
                except McpError as error:
                    results.append({"error": error.error.code, "message": error.error.message})
            return {"results": results, "asked": asked, "version": greeting.protocolVersion}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3].split(","), sys.argv[4:]))))
