"""The names that differ between the generations of the official SDK; which one there is, the interpreter decides."""

try:
    import mcp_types as types
    from mcp.server import MCPServer as Server
    from mcp.server.lowlevel.server import NotificationOptions
    from mcp.server.mcpserver import Context
    from mcp.server.mcpserver.exceptions import ToolError

    SECOND = True
except ImportError:
    from mcp import types
    from mcp.server.fastmcp import Context
    from mcp.server.fastmcp import FastMCP as Server
    from mcp.server.fastmcp.exceptions import ToolError
    from mcp.server.lowlevel.server import NotificationOptions

    SECOND = False

__all__ = ["SECOND", "Context", "NotificationOptions", "Server", "ToolError", "low_level", "made", "types"]


def low_level(server: Server):
    """The server below the decorators."""
    return server._lowlevel_server if SECOND else server._mcp_server


def made(model, **members):
    """A value of the SDK's types from the member names of the wire, which both generations understand."""
    return model.model_validate(members)
