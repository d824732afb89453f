"""Three small MCP servers for the examples of this folder, on the official SDK: `servers.py tickets|logs|deployments`.

They keep what they are told in memory and answer with structured content, as real ones would.
"""

import sys
from typing import Any

try:  # second generation of the SDK
    from mcp.server import MCPServer as Server
except ImportError:
    from mcp.server.fastmcp import FastMCP as Server

role = sys.argv[1] if len(sys.argv) > 1 else "tickets"
server = Server(role)

OWNERS = {"web": "Ada", "pay": "Grace"}
ERRORS = {"web": ["timeout at /cart", "timeout at /login"], "pay": []}

if role == "tickets":

    @server.tool()
    def search(service: str) -> dict[str, Any]:
        """Open tickets of a service."""
        found = [{"id": 4201, "title": f"{service} is slow"}] if service == "web" else []
        return {"tickets": found, "total": len(found)}

    @server.tool()
    def owner(service: str) -> dict[str, Any]:
        """Who owns a service."""
        return {"name": OWNERS.get(service, "nobody")}

    @server.tool()
    def create(title: str, priority: int = 3) -> dict[str, Any]:
        """Open a ticket."""
        return {"id": 9007199254740993, "title": title, "priority": priority}

elif role == "logs":

    @server.tool()
    def errors(service: str, minutes: int = 15) -> dict[str, Any]:
        """Recent errors of a service."""
        if service not in ERRORS:
            raise ValueError(f"no such service: {service}")
        return {"lines": ERRORS[service], "count": len(ERRORS[service]), "minutes": minutes}

elif role == "deployments":

    @server.tool()
    def latest(service: str) -> dict[str, Any]:
        """What runs now."""
        return {"service": service, "version": "1.4.1"}

    @server.tool()
    def plan(service: str, version: str) -> dict[str, Any]:
        """What a deployment would change."""
        return {"changes": 3, "from": "1.4.1", "to": version}

    @server.tool()
    def deploy(service: str, version: str) -> dict[str, Any]:
        """Deploy a version."""
        return {"service": service, "version": version, "deployed": True}

server.run("stdio")
