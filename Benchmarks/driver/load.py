"""The load generator, and the requests it is given."""

import json
from pathlib import Path

from .processes import Failure, Program
from .servers import BUILT, STATELESS_META


class Load(Program):
    """`load` against a port, asking what a case asks. Every answer is checked; a wrong one raises."""

    def __init__(self, work: Path, port: int, request, connections: int, *options):
        body, flags = request
        super().__init__(
            [BUILT / "load", "--port", port, "--connections", connections, "--body", body, *flags, *options],
            work / "load.log")

    def begin(self):
        """Waits until the warm-up is over."""
        line = self.line()
        if line != "measuring":
            raise Failure(f"expected 'measuring' from the load generator, found '{line}'")

    def result(self) -> dict:
        return json.loads(self.line())


def request(method: str, tool: str, revision: str, arguments, *, expect="", smallest=0, token=""):
    """The body of a request with `{id}` for its id, and the load generator's flags that go with it.

    `revision` is that of a session to open, or 2026-07-28, which has none.
    """
    params = {"name": tool, "arguments": arguments} if method == "tools/call" else {}
    flags = ["--smallest", smallest]
    fields = [f"Authorization: Bearer {token}"] if token else []
    if revision == "2026-07-28":
        params["_meta"] = STATELESS_META
        fields += [f"MCP-Protocol-Version: {revision}", f"Mcp-Method: {method}"]
        if method == "tools/call":
            fields.append(f"Mcp-Name: {tool}")
    else:
        flags += ["--revision", revision]
    if fields:
        flags += ["--fields", "".join(f"{line}\r\n" for line in fields)]
    if expect:
        flags += ["--expect", expect]
    body = {"jsonrpc": "2.0", "id": "{id}", "method": method, "params": params}
    return json.dumps(body, separators=(",", ":")).replace('"{id}"', "{id}"), flags
