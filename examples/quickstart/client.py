"""Lists what the quickstart's endpoint offers, and calls a tool of each backend. Uses the official SDK.

    .cache/python/bin/python examples/quickstart/client.py [URL]
"""

import asyncio
import pathlib
import sys

from mcp import Client

REPOSITORY = str(pathlib.Path(__file__).resolve().parents[2])
CALLS = [
    ("time_get_current_time", {"timezone": "Europe/Berlin"}),
    ("git_git_log", {"repo_path": REPOSITORY, "max_count": 1}),
    ("notes_add_note", {"title": "greeting", "text": "Written through the gateway."}),
    ("notes_find_notes", {"words": "gateway"}),
]


async def main(url: str) -> int:
    failed = 0
    async with Client(url) as client:
        tools = (await client.list_tools()).tools
        print(f"{len(tools)} tools at {url}")
        for tool in tools:
            print(f"  {tool.name:32} {(tool.description or '').strip().splitlines()[0] if tool.description else ''}")
        for name, arguments in CALLS:
            result = await client.call_tool(name, arguments)
            failed += 1 if result.is_error else 0
            print(f"\n{name} {arguments}{' FAILED' if result.is_error else ''}")
            for block in result.content:
                print("  " + getattr(block, "text", str(block)).strip().replace("\n", "\n  "))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:4483/mcp")))
