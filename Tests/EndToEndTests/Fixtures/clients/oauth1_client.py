"""The official SDK's client, first generation, with its own OAuth flow: oauth1_client.py URL

It knows the endpoint's URL and its client at the issuer, and nothing else: metadata and issuer it finds from the 401. Its user
agrees at once. Prints {"tools": [names], "text": of a call of remote_echo, "steps": [paths that were asked, in order]}.
"""

import asyncio
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

import httpx
from mcp import ClientSession
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata

REDIRECT = "http://127.0.0.1/callback"
GRANTS = ["authorization_code", "refresh_token"]


class Storage:
    """Where the SDK keeps tokens; the client is registered already."""

    tokens = None
    client = OAuthClientInformationFull(
        client_id="frontend", client_secret="frontend-secret-0123", redirect_uris=[REDIRECT], grant_types=GRANTS,
        response_types=["code"], token_endpoint_auth_method="client_secret_basic")

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


class User:
    """Opens what the client asks for, and hands on where it is sent."""

    def __init__(self):
        self.answer = {}

    async def open(self, url: str) -> None:
        await asyncio.to_thread(self.visit, url)

    def visit(self, url: str) -> None:
        try:
            urllib.request.build_opener(NoRedirect).open(url)
        except urllib.error.HTTPError as error:
            query = urllib.parse.urlsplit(error.headers["Location"]).query
            self.answer = dict(urllib.parse.parse_qsl(query))

    async def come_back(self):
        return self.answer["code"], self.answer.get("state")


async def main(url: str) -> None:
    steps: list[str] = []

    async def note(request: httpx.Request) -> None:
        steps.append(request.url.path)

    user = User()
    metadata = OAuthClientMetadata(
        client_name="test", redirect_uris=[REDIRECT], grant_types=GRANTS, response_types=["code"])
    provider = OAuthClientProvider(
        server_url=url, client_metadata=metadata, storage=Storage(), redirect_handler=user.open,
        callback_handler=user.come_back)
    async with httpx.AsyncClient(auth=provider, event_hooks={"request": [note]}, timeout=60) as client:
        async with streamable_http_client(url, http_client=client) as streams:
            async with ClientSession(streams[0], streams[1]) as session:
                await session.initialize()
                tools = [tool.name for tool in (await session.list_tools()).tools]
                answer = await session.call_tool("remote_echo", {"text": "hi"})
    print(json.dumps({"tools": tools, "text": answer.content[0].text, "steps": steps}))


asyncio.run(main(sys.argv[1]))
