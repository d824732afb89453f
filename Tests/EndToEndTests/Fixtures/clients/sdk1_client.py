"""The official SDK's client, first generation. Arguments and output: driver.py."""

import asyncio
from contextlib import asynccontextmanager

from mcp import ClientSession, types
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import McpError
from pydantic import AnyUrl

from driver import Driver, main, plain


class FirstDriver(Driver):
    types = types

    @asynccontextmanager
    async def connect(self, url: str):
        types.LATEST_PROTOCOL_VERSION = self.options.get("revision", types.LATEST_PROTOCOL_VERSION)
        async with streamable_http_client(url) as streams:
            async with ClientSession(
                streams[0], streams[1], message_handler=self.on_message, logging_callback=self.on_log, **self.callbacks()
            ) as session:
                self.client = session
                greeting = await session.initialize()
                yield {"version": greeting.protocolVersion, "info": plain(greeting.serverInfo)}

    def page(self, cursor):
        return {"params": types.PaginatedRequestParams(cursor=cursor)} if cursor is not None else {}

    def uri(self, text: str):
        return AnyUrl(text)

    async def watch(self, uris: list[str]) -> None:
        for uri in uris:
            await self.client.subscribe_resource(AnyUrl(uri))

    async def cancel(self, call: asyncio.Task) -> None:
        # This generation leaves it to its user to say so.
        number = self.client._request_id - 1
        params = types.CancelledNotificationParams(requestId=number, reason="no longer wanted")
        await self.client.send_notification(types.ClientNotification(types.CancelledNotification(params=params)))
        call.cancel()
        await asyncio.wait([call])


if __name__ == "__main__":
    main(FirstDriver, McpError)
