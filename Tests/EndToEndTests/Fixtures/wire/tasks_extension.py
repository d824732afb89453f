"""What the extension io.modelcontextprotocol/tasks adds to the definitions of 2026-07-28, whose own schema has none of it."""

REQUEST_PARTS = {
    "taskId": {"type": "string"},
    "_meta": {"$ref": "#/$defs/RequestMetaObject"},
}
TASK = {
    "type": "object",
    "properties": {
        "taskId": {"type": "string"},
        "status": {"enum": ["working", "input_required", "completed", "failed", "cancelled"]},
        "statusMessage": {"type": "string"},
        "createdAt": {"type": "string", "format": "date-time"},
        "lastUpdatedAt": {"type": "string", "format": "date-time"},
        "ttlMs": {"type": ["integer", "null"]},
        "pollIntervalMs": {"type": "integer"},
    },
    "required": ["taskId", "status", "createdAt", "lastUpdatedAt", "ttlMs"],
}
# What a task carries in some states, and in no other.
CARRIED = {"input_required": ("inputRequests", "InputRequests"), "completed": ("result", None), "failed": ("error", "Error")}


def state(status: str) -> dict:
    """A task in one state."""
    members = {"status": {"const": status}}
    others = [name for name, _ in CARRIED.values()]
    if status not in CARRIED:
        return {"properties": members | dict.fromkeys(others, False)}
    name, definition = CARRIED[status]
    members[name] = {"$ref": f"#/$defs/{definition}"} if definition else {"type": "object"}
    return {"properties": members | {other: False for other in others if other != name}, "required": [name]}


def result(kind: str, *parts: dict) -> dict:
    return {"allOf": [{"$ref": "#/$defs/Result"}, {"properties": {"resultType": {"const": kind}}}, *parts]}


def message(method: str, params: dict, *more: str) -> dict:
    members = {"jsonrpc": {"const": "2.0"}, "method": {"const": method}, "params": params}
    return {"type": "object", "properties": members, "required": [*members, *more]}


def request(method: str, **parts: dict) -> dict:
    members = REQUEST_PARTS | parts
    return message(method, {"type": "object", "properties": members, "required": list(members)}, "id")


DETAILED = {"allOf": [TASK, {"anyOf": [state(status) for status in TASK["properties"]["status"]["enum"]]}]}

DEFINITIONS = {
    "CreateTaskResult": result("task", TASK),
    "GetTaskRequest": request("tasks/get"),
    "GetTaskResult": result("complete", DETAILED),
    "UpdateTaskRequest": request("tasks/update", inputResponses={"$ref": "#/$defs/InputResponses"}),
    "UpdateTaskResult": result("complete"),
    "CancelTaskRequest": request("tasks/cancel"),
    "CancelTaskResult": result("complete"),
    "TaskNotification": message(
        "notifications/tasks", {"allOf": [{"$ref": "#/$defs/NotificationParams"}, DETAILED]}),
}


def added_to(definitions: dict) -> dict:
    """The definitions of 2026-07-28 with those of the extension."""
    subscriptions = definitions["SubscriptionFilter"]
    wanted = {"taskIds": {"type": "array", "items": {"type": "string"}}}
    subscriptions = {**subscriptions, "properties": {**subscriptions["properties"], **wanted}}
    return {**definitions, **DEFINITIONS, "SubscriptionFilter": subscriptions}
