"""A client that does what it is told and prints what it saw; on the SDK of either generation.

    sdk_client.py URL OPERATIONS [OPTIONS]

OPERATIONS is a JSON list of lists, for instance [["tools"], ["call", "time_now", {"zone": "UTC"}]]; see `perform`.
OPTIONS is a JSON object:

    mode      second generation: "legacy" (default), "auto" or a revision without sessions
    revision  the revision to ask for in the handshake; default the SDK's newest
    logLevel  second generation: the level that requests of 2026-07-28 ask for
    answers   what to answer, and what to declare: {"form": {MESSAGE or "*": RESULT}, "url": RESULT,
              "sample": {TEXT or "*": RESULT}, "tool": RESULT (to sampling with tools, before the tool's result is
              there), "roots": [URI]}, where RESULT is as on the wire, or {"error": {"code", "message"}}
    record    a file to write what the gateway emits to (see wire/recording.py)
    limit     seconds for each operation; default 30

The output is one JSON object: {"server": …, "results": [one per operation, {"error": {"code", "message"}} where it
failed], "progress": […], "logs": […], "messages": [methods of all notifications], "asked": [[method, params]],
"steps": [one per operation: what of the four came while it ran]}.
"""

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from pathlib import Path

NOTIFICATIONS = {kind: f"notifications/{kind}s/list_changed" for kind in ["tool", "prompt", "resource"]}
LISTS = {"tool": ("tools", "name"), "prompt": ("prompts", "name"), "resource": ("resources", "uri")}


def plain(value):
    return value.model_dump(mode="json", by_alias=True, exclude_none=True)


class Driver:
    """Performs operations over an SDK's client; what differs between the generations is in the subclasses.

    `client` has the methods that both generations name alike.
    """

    client: object

    def __init__(self, options: dict) -> None:
        self.options = options
        self.answers = options.get("answers", {})
        self.seen: dict[str, list] = {"progress": [], "logs": [], "messages": [], "asked": []}
        self.noticed = asyncio.Condition()
        self.taken: dict[str, int] = {}
        self.background = AsyncExitStack()

    # What the SDK calls

    async def on_progress(self, progress, total, message) -> None:
        async with self.noticed:
            self.seen["progress"].append([progress, total, message])
            self.noticed.notify_all()

    async def on_log(self, params) -> None:
        self.seen["logs"].append(plain(params))

    async def on_message(self, message) -> None:
        method = getattr(message, "method", None) or getattr(getattr(message, "root", None), "method", None)
        if method:
            async with self.noticed:
                self.seen["messages"].append(method)
                self.noticed.notify_all()

    def answer(self, method: str, params, rule) -> dict:
        """What to answer by a rule; asked without one means that the gateway relays what was not declared."""
        self.seen["asked"].append([method, plain(params) if params else {}])
        return rule or {"error": {"code": -32601, "message": "nothing declared"}}

    def elicited(self, params) -> dict:
        if getattr(params, "mode", None) == "url":
            return self.answer("elicitation/create", params, self.answers.get("url"))
        forms = self.answers.get("form", {})
        return self.answer("elicitation/create", params, forms.get(params.message) or forms.get("*"))

    def sampled(self, params) -> dict:
        last = plain(params)["messages"][-1]["content"]
        has_result = any(block["type"] == "tool_result" for block in (last if isinstance(last, list) else [last]))
        if getattr(params, "tools", None) and not has_result:
            return self.answer("sampling/createMessage", params, self.answers.get("tool"))
        rules = self.answers.get("sample", {})
        text = last.get("text", "") if isinstance(last, dict) else ""
        return self.answer("sampling/createMessage", params, rules.get(text) or rules.get("*"))

    def listed_roots(self) -> dict:
        roots = self.answers.get("roots")
        return self.answer("roots/list", None, roots and {"roots": [{"uri": root} for root in roots]})

    def callbacks(self) -> dict:
        """What the SDK's client takes, which declares by it what the rules provide for."""
        types, given = self.types, {}
        if "form" in self.answers or "url" in self.answers:
            given["elicitation_callback"] = self.on_elicitation
        if "sample" in self.answers:
            given["sampling_callback"] = self.on_sampling
            if "tool" in self.answers:
                given["sampling_capabilities"] = types.SamplingCapability(tools=types.SamplingToolsCapability())
        if "roots" in self.answers:
            given["list_roots_callback"] = self.on_roots
        return given

    def made(self, model, answer: dict):
        error = answer.get("error")
        return self.types.ErrorData.model_validate(error) if error else model.model_validate(answer)

    async def on_elicitation(self, context, params):
        return self.made(self.types.ElicitResult, self.elicited(params))

    async def on_sampling(self, context, params):
        types = self.types
        model = types.CreateMessageResultWithTools if params.tools else types.CreateMessageResult
        return self.made(model, self.sampled(params))

    async def on_roots(self, context):
        return self.made(self.types.ListRootsResult, self.listed_roots())

    # What the subclasses know

    types: object

    def connect(self, url: str):
        """A context with the client inside; it yields what the server said of itself."""
        raise NotImplementedError

    def page(self, cursor: str | None) -> dict:
        raise NotImplementedError

    def uri(self, text: str):
        return text

    async def watch(self, uris: list[str]) -> None:
        raise NotImplementedError

    async def cancel(self, call: asyncio.Task) -> None:
        raise NotImplementedError

    # Operations

    async def listing(self, method: str, key: str) -> list:
        """All pages of a list."""
        listed, cursor = [], None
        while True:
            page = plain(await getattr(self.client, method)(**self.page(cursor)))
            listed += page[key]
            cursor = page.get("nextCursor")
            if cursor is None:
                return listed

    async def await_notification(self, method: str) -> None:
        """Waits for a notification that no operation has waited for yet."""
        number = self.taken.get(method, 0) + 1
        self.taken[method] = number
        async with self.noticed:
            await self.noticed.wait_for(lambda: self.seen["messages"].count(method) >= number)

    async def await_listed(self, kind: str, item: str, present: bool) -> bool:
        """Waits until a list has an item, or has it no longer, and looks only after a notification."""
        key, member = LISTS[kind]
        while True:
            await self.await_notification(NOTIFICATIONS[kind])
            items = [each[member] for each in await self.listing(f"list_{key}", key)]
            if (item in items) == present:
                return True

    async def cancelled_call(self, tool: str, arguments: dict) -> bool:
        """Calls, waits until the server has begun, and cancels."""
        before = len(self.seen["progress"])
        call = asyncio.create_task(self.client.call_tool(tool, arguments, progress_callback=self.on_progress))
        async with self.noticed:
            await self.noticed.wait_for(lambda: len(self.seen["progress"]) > before)
        await self.cancel(call)
        return True

    def reference(self, kind: str, name: str):
        model = self.types.PromptReference if kind == "ref/prompt" else self.types.ResourceTemplateReference
        return model(**{"type": kind, "name" if kind == "ref/prompt" else "uri": name})

    async def perform(self, verb: str, rest: list):
        client = self.client
        match verb:
            case "tools" | "resources" | "prompts":
                return await self.listing(f"list_{verb}", verb)
            case "templates":
                return await self.listing("list_resource_templates", "resourceTemplates")
            case "call":
                return plain(await client.call_tool(rest[0], rest[1], progress_callback=self.on_progress))
            case "read":
                return plain(await client.read_resource(self.uri(rest[0])))
            case "prompt":
                return plain(await client.get_prompt(rest[0], rest[1]))
            case "complete":
                reference = self.reference(rest[0], rest[1])
                return plain(await client.complete(reference, {"name": rest[2], "value": rest[3]}))
            case "level":
                return plain(await client.set_logging_level(rest[0]))
            case "ping":
                return plain(await client.send_ping())
            case "watch":
                # Lists of all kinds, and these resources.
                return await self.watch(rest[0])
            case "subscribe":
                return plain(await client.subscribe_resource(self.uri(rest[0])))
            case "unsubscribe":
                return plain(await client.unsubscribe_resource(self.uri(rest[0])))
            case "await":
                return await self.await_notification(rest[0])
            case "listed":
                return await self.await_listed(*rest)
            case "cancel":
                return await self.cancelled_call(*rest)
        raise ValueError(f"unknown operation {verb}")

    async def run(self, operations: list, error_type: type) -> list:
        results = []
        self.steps = []
        limit = self.options.get("limit", 30)
        for verb, *rest in operations:
            before = {kind: len(items) for kind, items in self.seen.items()}
            try:
                results.append(await asyncio.wait_for(self.perform(verb, rest), limit))
            except TimeoutError:
                results.append({"error": {"message": f"not done within {limit} s"}})
            except error_type as error:
                results.append({"error": plain(error.error)})
            except Exception as error:
                # One cell of a matrix must not hide the others.
                results.append({"error": {"message": repr(error)}})
            self.steps.append({kind: items[before[kind] :] for kind, items in self.seen.items()})
        await self.background.aclose()
        return results


async def drive(driver: Driver, url: str, operations: list, error_type: type) -> dict:
    """Opens the driver's client at the URL, or at a recording proxy before it, and performs the operations."""
    async with AsyncExitStack() as stack:
        if path := driver.options.get("record"):
            sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "wire"))
            from proxy import RecordingProxy

            url = await stack.enter_async_context(RecordingProxy(url, path))
        server = await stack.enter_async_context(driver.connect(url))
        results = await driver.run(operations, error_type)
    return {"server": server, "results": results, "steps": driver.steps, **driver.seen}


def main(driver_type: type[Driver], error_type: type) -> None:
    url, operations, *options = sys.argv[1:]

    async def run() -> dict:
        driver = driver_type(json.loads(options[0]) if options else {})
        return await drive(driver, url, json.loads(operations), error_type)

    print(json.dumps(asyncio.run(run())))
