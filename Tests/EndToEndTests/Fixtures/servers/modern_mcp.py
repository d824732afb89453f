"""A hand-written server of 2026-07-28 without a transport, on the standard library alone, and strict: it takes no request
without metadata, asks for nothing that the request did not declare, and takes each of its states back once.

Its tools ask what those of asking_server.py ask, with the same answers; beside them echo, and declared, which answers with
what the request declares.
"""

import json
import threading
import uuid

PREFIX = "io.modelcontextprotocol/"
REVISION = "2026-07-28"
TOOLS = ["echo", "declared", "form", "url", "sample", "sample_tools", "roots", "rounds", "together"]
# What a state has to come through unchanged.
MARK = 'é"\\/\u2028'
REFUSALS = {
    "-32022": {"code": -32022, "message": "Unsupported protocol version", "data": {"supported": [REVISION]}},
    "-32020": {"code": -32020, "message": "Header mismatch", "data": {"header": "MCP-Protocol-Version"}},
    "-32602": {"code": -32602, "message": "Invalid params: _meta lacks the protocol version"},
}


class Refused(Exception):
    def __init__(self, status: int, code: int, message: str, data=None):
        super().__init__(message)
        self.status = status
        self.error = {"code": code, "message": message} | ({"data": data} if data is not None else {})


def named(who: str) -> dict:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    return {"method": "elicitation/create", "params": {"message": f"The name of {who}?", "requestedSchema": schema}}


def joke(*tools: dict) -> dict:
    question = {"role": "user", "content": {"type": "text", "text": "a joke"}}
    params = {"messages": [question], "maxTokens": 10} | ({"tools": list(tools)} if tools else {})
    return {"method": "sampling/createMessage", "params": params}


SIGN_IN = {
    "method": "elicitation/create",
    "params": {"mode": "url", "message": "Sign in", "url": "https://example.com/in"},
}
TOOL = {"name": "t", "inputSchema": {"type": "object"}}


def missing(request: dict, declared: dict) -> dict | None:
    """The capabilities that a client would have to declare for a request, if it has not."""
    params = request.get("params") or {}
    if request["method"] == "roots/list":
        return None if "roots" in declared else {"roots": {}}
    if request["method"] == "sampling/createMessage":
        if "sampling" not in declared or ("tools" in params and "tools" not in declared["sampling"]):
            return {"sampling": {"tools": {}} if "tools" in params else {}}
        return None
    mode = params.get("mode", "form")
    return None if mode in declared.get("elicitation", {}) else {"elicitation": {mode: {}}}


def text_of(answer: dict) -> str:
    """What came of a form."""
    return answer["content"]["name"] if answer["action"] == "accept" else answer["action"]


def sample_of(answer: dict) -> str:
    content = answer["content"] if isinstance(answer["content"], list) else [answer["content"]]
    return f"{answer['model']}: {content[0]['text']}"


class ModernServer:
    def __init__(self, name: str = "modern", refusal: str = "-32022"):
        self.name = name
        self.refusal = refusal
        self.lock = threading.Lock()
        self.counts: dict[str, int] = {}
        self.states: set[str] = set()

    def counted(self, what: str) -> None:
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1

    def is_modern(self, message: dict) -> bool:
        meta = (message.get("params") or {}).get("_meta") or {}
        return meta.get(PREFIX + "protocolVersion") == REVISION and PREFIX + "clientCapabilities" in meta

    def answer(self, message: dict) -> tuple[int, dict | None]:
        """The HTTP status that goes with an answer, and the answer."""
        number, method, params = message.get("id"), message.get("method"), message.get("params") or {}
        if number is None or method is None:
            return 202, None
        try:
            if not self.is_modern(message):
                self.counted("refused")
                if self.refusal == "plain":
                    return 400, None
                return 400, {"jsonrpc": "2.0", "id": number, "error": REFUSALS[self.refusal]}
            self.counted(method)
            declared = params["_meta"][PREFIX + "clientCapabilities"]
            result = {"resultType": "complete"} | self.result(method, params, declared)
            return 200, {"jsonrpc": "2.0", "id": number, "result": result}
        except Refused as refused:
            return refused.status, {"jsonrpc": "2.0", "id": number, "error": refused.error}

    def result(self, method: str, params: dict, declared: dict) -> dict:
        hints = {"ttlMs": 0, "cacheScope": "private"}
        if method == "server/discover":
            info = {PREFIX + "serverInfo": {"name": self.name, "version": "1"}}
            return hints | {"supportedVersions": [REVISION], "capabilities": {"tools": {}}, "_meta": info}
        if method == "tools/list":
            return hints | {"tools": [{"name": tool, "inputSchema": {"type": "object"}} for tool in TOOLS]}
        if method != "tools/call":
            raise Refused(404, -32601, "Method not found")
        tool = params.get("name")
        if tool not in TOOLS:
            raise Refused(400, -32602, "Unknown tool")
        said = self.take(params["requestState"]) if "requestState" in params else ""
        outcome = self.call(tool, params.get("arguments") or {}, params.get("inputResponses") or {}, said, declared)
        if isinstance(outcome, str):
            return {"content": [{"type": "text", "text": outcome}]}
        said, requests = outcome
        for request in requests.values():
            if needed := missing(request, declared):
                raise Refused(400, -32021, "Missing client capability", {"requiredCapabilities": needed})
        return {"resultType": "input_required", "inputRequests": requests, "requestState": self.keep(said)}

    def keep(self, said: str) -> str:
        state = f"{uuid.uuid4().hex}{MARK}{said}"
        with self.lock:
            self.states.add(state)
        return state

    def take(self, state: str) -> str:
        with self.lock:
            if state not in self.states:
                self.counts["states refused"] = self.counts.get("states refused", 0) + 1
                raise Refused(400, -32602, "requestState is none of mine, or was used")
            self.states.remove(state)
        return state.split(MARK, 1)[1]

    def call(self, tool: str, arguments: dict, answers: dict, said: str, declared: dict) -> str | tuple[str, dict]:
        match tool:
            case "echo":
                return f"{self.name}: {arguments.get('text')}"
            case "declared":
                return json.dumps(declared, sort_keys=True, separators=(",", ":"))
            case "form":
                return text_of(answers["name"]) if answers else ("", {"name": named("the user")})
            case "url":
                return answers["in"]["action"] if answers else ("", {"in": SIGN_IN})
            case "sample":
                return sample_of(answers["joke"]) if answers else ("", {"joke": joke()})
            case "sample_tools":
                return sample_of(answers["joke"]) if answers else ("", {"joke": joke(TOOL)})
            case "roots":
                if not answers:
                    return "", {"roots": {"method": "roots/list"}}
                return ",".join(root["uri"] for root in answers["roots"]["roots"])
            case "rounds":
                if "one" in answers:
                    return text_of(answers["one"]), {"joke": joke()}
                if "joke" in answers:
                    return f"{said} {sample_of(answers['joke'])}", {"two": named("two")}
                return f"{said} {text_of(answers['two'])}" if answers else ("", {"one": named("one")})
            case _:
                if not answers:
                    return "", {"one": named("one"), "two": named("two")}
                return f"{text_of(answers['one'])} {text_of(answers['two'])}"
