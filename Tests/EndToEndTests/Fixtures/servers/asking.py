"""What the servers ask clients, and how they read the answers."""

from generation import made, types

temperature = made(
    types.Tool,
    name="temperature",
    description="The temperature in a city",
    inputSchema={"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)


def url(name: str) -> str:
    return f"https://example.com/{name}"


def answered(answer) -> str:
    """What came of a form with a name."""
    return f"accept {answer.data.name}" if answer.action == "accept" else answer.action


def question(text: str):
    return made(types.SamplingMessage, role="user", content={"type": "text", "text": text})


def contents(answer) -> list:
    """The blocks of a sampling result, which may be one or a list."""
    return answer.content if isinstance(answer.content, list) else [answer.content]


def second_question(first) -> list:
    """The conversation after the model asked for the tool, with the tool's result."""
    uses = [block for block in contents(first) if block.type == "tool_use"]
    blocks = [block.model_dump(mode="json", by_alias=True, exclude_none=True) for block in uses]
    results = [
        {"type": "tool_result", "toolUseId": use.id, "content": [{"type": "text", "text": f"21 in {use.input['city']}"}]}
        for use in uses
    ]
    return [
        question("How warm is it in Bonn?"),
        made(types.SamplingMessage, role="assistant", content=blocks),
        made(types.SamplingMessage, role="user", content=results),
    ]
