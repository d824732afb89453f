"""Checks recorded messages against the JSON schemas of their revisions.

    validate.py SCHEMAS RECORDING...

SCHEMAS is a folder with REVISION/schema.json as the specification publishes them; RECORDING as recording.py writes it.
The output is a JSON object: {"checked": {REVISION: {KIND: COUNT}}, "unknown": {REVISION: COUNT, of those without a schema},
"violations": [{"kind", "revision", "to", "definition", "place", "what", "message"}]}. The exit code is 0 also when there are violations.
"""

import json
import sys
from collections import Counter
from pathlib import Path

from jsonschema import validators

import tasks_extension

EMPTY = {"ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"}
# Errors that have the id null when that of the request is not known (JSON-RPC 2.0, section 5); the schemas forbid null.
ANONYMOUS = {-32700, -32600}
CLIENT_RESULTS = ["ElicitResult", "CreateMessageResult", "ListRootsResult", "EmptyResult"]


class Schema:
    """The schema of one revision, and which of its definitions a message must fulfil."""

    def __init__(self, path: Path) -> None:
        self.document = json.loads(path.read_text())
        self.key = "$defs" if "$defs" in self.document else "definitions"
        self.definitions = self.document[self.key]
        if path.parent.name == "2026-07-28":
            self.definitions = tasks_extension.added_to(self.definitions)
        self.kind = validators.validator_for(self.document)
        # The definition of each request and notification, by its method.
        self.by_method = {
            definition["properties"]["method"]["const"]: name
            for name, definition in self.definitions.items()
            if "const" in definition.get("properties", {}).get("method", {})
        }
        self.validators: dict[str, object] = {}

    def errors(self, name: str, instance) -> list:
        if name not in self.validators:
            self.validators[name] = self.kind({"$ref": f"#/{self.key}/{name}", self.key: self.definitions})
        return sorted(self.validators[name].iter_errors(instance), key=lambda error: list(error.absolute_path))

    def demands(self, method: str | None, message: dict) -> list[list[tuple[str, object]]]:
        """What a message must fulfil: one of each group of definitions, given with the part that they describe."""
        if "method" in message:
            own = self.by_method.get(message["method"], "")
            return self.known(["JSONRPCRequest" if "id" in message else "JSONRPCNotification"], message) + [
                [(own, message)] if own else []
            ]
        if "error" in message:
            if message.get("id", 0) is None and message["error"].get("code") in ANONYMOUS:
                message = {**message, "id": 0}
            return self.known(["JSONRPCErrorResponse", "JSONRPCError"], message) + self.errors_by_code(message)
        own = [(name, message.get("result")) for name in self.results(method, message) if name in self.definitions]
        # The result of a task is that of its call, and only calls of tools become tasks.
        called = [[("CallToolResult", message.get("result"))]] if method == "tasks/result" else []
        return self.known(["JSONRPCResultResponse", "JSONRPCResponse"], message) + [own] + called

    def known(self, names: list[str], part) -> list[list[tuple[str, object]]]:
        """The first of some names that this revision has."""
        return [[(name, part)] for name in names if name in self.definitions][:1]

    def results(self, method: str | None, message: dict) -> list[str]:
        if method is None:
            return CLIENT_RESULTS
        result = message.get("result") or {}
        if result.get("resultType") == "input_required":
            return ["InputRequiredResult"]
        if method == "tools/call" and (result.get("resultType") == "task" or "task" in result):
            return ["CreateTaskResult"]
        if method in EMPTY:
            return ["EmptyResult"]
        request = self.by_method.get(method)
        return [request.removesuffix("Request") + "Result"] if request else []

    def errors_by_code(self, message: dict) -> list[list[tuple[str, object]]]:
        """Errors with a shape of their own: those whose definition fixes the code."""
        code = message["error"].get("code")
        for name, definition in self.definitions.items():
            members = definition.get("properties", {})
            if members.get("code", {}).get("const") == code:
                return [[(name, message["error"])]]
            error = members.get("error", {})
            for part in [error, *error.get("allOf", [])]:
                if part.get("properties", {}).get("code", {}).get("const") == code:
                    return [[(name, message)]]
        return []


def check(schema: Schema, line: dict) -> tuple[str, list[dict]]:
    """What a message is, and what is wrong with it."""
    message, method = line["message"], line["method"]
    if not isinstance(message, dict):
        return "batch", [{"place": "", "what": "neither a request nor a notification nor a response"}]
    kind = message.get("method") or f"{'error' if 'error' in message else 'result'} of {method or 'a client'}"
    found = []
    for group in schema.demands(method, message):
        if not group:
            found.append({"definition": None, "place": "", "what": "the revision has no definition for this message"})
            continue
        tried = [(name, schema.errors(name, part)) for name, part in group]
        if all(errors for _, errors in tried):
            name, errors = tried[0]
            found += [
                {"definition": name, "place": "/".join(map(str, error.absolute_path)), "what": error.message[:500]}
                for error in errors
            ]
    return kind, found


def main(folder: str, recordings: list[str]) -> dict:
    schemas = {path.parent.name: Schema(path) for path in sorted(Path(folder).glob("*/schema.json"))}
    checked: dict[str, Counter] = {}
    unknown: Counter = Counter()
    violations = []
    for recording in recordings:
        for text in Path(recording).read_text().splitlines():
            line = json.loads(text)
            revision = line["revision"] or "(none)"
            if revision not in schemas:
                unknown[revision] += 1
                continue
            kind, found = check(schemas[revision], line)
            checked.setdefault(revision, Counter())[kind] += 1
            cut = json.dumps(line["message"])[:2000]
            violations += [{"kind": kind, "revision": revision, "to": line["to"], **each, "message": cut} for each in found]
    return {"checked": checked, "unknown": unknown, "violations": violations}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2:])))
