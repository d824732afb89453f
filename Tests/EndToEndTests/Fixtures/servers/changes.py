"""What changes at run time, and who is told: lists, resources, log levels."""

import anyio

from generation import SECOND, Context, NotificationOptions, Server, low_level, made, types

MODERN = "2026-07-28"


def is_modern(ctx: Context) -> bool:
    return SECOND and (ctx.protocol_version or "") >= MODERN


def offer_changes(server: Server, name: str, journal) -> None:
    declare(server)
    subscribers = keep_subscribers(server, journal)

    @server.tool()
    async def grow(tool: str, ctx: Context) -> str:
        """Offer one more tool from now on, and say that the list has changed."""
        add_tool(server, name, tool)
        await tell(ctx, "tool")
        return f"{tool} added"

    @server.tool()
    async def change(kind: str, item: str, present: bool, ctx: Context) -> str:
        """Add or remove a tool, prompt or resource, and say that the list has changed."""
        (add if present else remove)(server, name, kind, item)
        await tell(ctx, kind)
        return f"{kind} {item} {'added' if present else 'removed'}"

    @server.tool()
    async def touch(uri: str, ctx: Context) -> str:
        """Say that a resource has changed to those who have subscribed to it."""
        if SECOND:
            await ctx.notify_resource_updated(uri)
        sessions = subscribers.get(uri, {})
        for key, session in list(sessions.items()):
            try:
                await session.send_resource_updated(uri)
            except (anyio.ClosedResourceError, anyio.BrokenResourceError):
                # The client ended its session without unsubscribing, as it may.
                sessions.pop(key, None)
        return f"{uri} touched"


def declare(server: Server) -> None:
    """Declares in the handshake what the server does: change notices and subscriptions."""
    low = low_level(server)
    original, options = low.create_initialization_options, NotificationOptions(True, True, True)

    def create(notification_options=None, *arguments, **more):
        created = original(notification_options or options, *arguments, **more)
        if created.capabilities.resources:
            created.capabilities.resources.subscribe = True
        return created

    low.create_initialization_options = create


def keep_subscribers(server: Server, journal) -> dict[str, dict]:
    """Serves resources/(un)subscribe and logging/setLevel; the sessions by URI, and a key for each."""
    low = low_level(server)
    subscribers: dict[str, dict] = {}

    def set_subscribed(uri: str, session, key, subscribed: bool) -> None:
        journal.write(f"{'subscribed' if subscribed else 'unsubscribed'} {uri}")
        sessions = subscribers.setdefault(uri, {})
        sessions.pop(key, None)
        if subscribed:
            sessions[key] = session

    if SECOND:

        async def subscribe(ctx, params):
            set_subscribed(str(params.uri), ctx.session, id(ctx.session._connection), True)
            return types.EmptyResult()

        async def unsubscribe(ctx, params):
            set_subscribed(str(params.uri), ctx.session, id(ctx.session._connection), False)
            return types.EmptyResult()

        async def level(ctx, params):
            journal.write(f"level {params.level}")
            return types.EmptyResult()

        low.add_request_handler("resources/subscribe", types.SubscribeRequestParams, subscribe)
        low.add_request_handler("resources/unsubscribe", types.UnsubscribeRequestParams, unsubscribe)
        low.add_request_handler("logging/setLevel", types.SetLevelRequestParams, level)
    else:

        @low.subscribe_resource()
        async def subscribe(uri):
            session = low.request_context.session
            set_subscribed(str(uri), session, id(session), True)

        @low.unsubscribe_resource()
        async def unsubscribe(uri):
            session = low.request_context.session
            set_subscribed(str(uri), session, id(session), False)

        @low.set_logging_level()
        async def level(level):
            journal.write(f"level {level}")

    return subscribers


def add_tool(server: Server, name: str, tool: str) -> None:
    def added(text: str) -> str:
        return f"{name} {tool}: {text}"

    server.add_tool(added, name=tool, description="Added while running.")


def add(server: Server, name: str, kind: str, item: str) -> None:
    match kind:
        case "tool":
            add_tool(server, name, item)
        case "prompt":
            server.prompt(name=item)(lambda: f"{item} of {name}")
        case "resource":
            server.resource(f"{name}://{item}", name=item)(lambda: f"{item} of {name}")


def remove(server: Server, name: str, kind: str, item: str) -> None:
    match kind:
        case "tool":
            server.remove_tool(item)
        case "prompt":
            del server._prompt_manager._prompts[item]
        case "resource":
            del server._resource_manager._resources[f"{name}://{item}"]


async def tell(ctx: Context, kind: str) -> None:
    if SECOND:
        await getattr(ctx, f"notify_{kind}s_changed")()
    if not is_modern(ctx):
        await getattr(ctx.session, f"send_{kind}_list_changed")()
