"""The official SDK's client, second generation. Arguments and output: driver.py."""

import asyncio
from contextlib import asynccontextmanager

import mcp.client.session as sdk_session
import mcp_types as types
from mcp import Client
from mcp.shared.exceptions import MCPError

from driver import Driver, main, plain


class SecondDriver(Driver):
    types = types

    @asynccontextmanager
    async def connect(self, url: str):
        if revision := self.options.get("revision"):
            sdk_session.LATEST_HANDSHAKE_VERSION = revision
        client = Client(
            url,
            mode=self.options.get("mode", "legacy"),
            message_handler=self.on_message,
            logging_callback=self.on_log,
            log_level=self.options.get("logLevel"),
            **self.callbacks(),
        )
        async with client:
            self.client = client
            info = plain(client.server_info) if client.server_info else None
            yield {"version": client.protocol_version, "info": info}

    def page(self, cursor):
        return {"cursor": cursor}

    async def watch(self, uris: list[str]) -> None:
        if self.client.protocol_version < "2026-07-28":
            for uri in uris:
                await self.client.subscribe_resource(uri)
            return
        entered, over = asyncio.Event(), asyncio.Event()

        async def listen() -> None:
            # Its events come through `on_message` too.
            filters = dict.fromkeys(["tools_list_changed", "prompts_list_changed", "resources_list_changed"], True)
            async with self.client.listen(**filters, resource_subscriptions=uris):
                entered.set()
                await over.wait()

        listening = asyncio.create_task(listen())
        waiting = asyncio.create_task(entered.wait())
        await asyncio.wait([listening, waiting], return_when=asyncio.FIRST_COMPLETED)
        if not entered.is_set():
            waiting.cancel()
            await listening

        async def end() -> None:
            over.set()
            await listening

        self.background.push_async_callback(end)

    async def cancel(self, call: asyncio.Task) -> None:
        call.cancel()
        await asyncio.wait([call])


if __name__ == "__main__":
    main(SecondDriver, MCPError)
