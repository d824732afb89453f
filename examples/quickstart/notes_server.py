"""A small MCP server for the quickstart: notes in memory, over streamable HTTP, on the official SDK.

It stands for a server that somebody else runs. It ends when its standard input does, so that it goes away with the
program that started it, however that program ends.
"""

import argparse
import os
import sys
import threading

from mcp.server import MCPServer

server = MCPServer("notes", version="1.0.0", instructions="Keeps short notes for as long as it runs.", log_level="WARNING")
notes: dict[str, str] = {"welcome": "These notes live in memory. Add one with add_note."}


@server.tool()
def add_note(title: str, text: str) -> str:
    """Keep a note under a title; a note of that title is replaced."""
    notes[title] = text
    return f"Kept '{title}'. There are {len(notes)} notes now."


@server.tool()
def find_notes(words: str) -> list[str]:
    """Titles of the notes that contain all the words, in title or text."""
    wanted = words.lower().split()
    return [title for title, text in notes.items() if all(word in f"{title} {text}".lower() for word in wanted)]


@server.resource("notes://all")
def all_notes() -> str:
    """All notes, as text."""
    return "\n\n".join(f"# {title}\n{text}" for title, text in notes.items())


@server.resource("notes://note/{title}")
def note(title: str) -> str:
    """One note, by its title."""
    if title not in notes:
        raise ValueError(f"there is no note '{title}'")
    return notes[title]


@server.prompt()
def summarise_notes() -> str:
    """Ask for a summary of all notes."""
    return f"Summarise these notes in three sentences:\n\n{all_notes()}"


def end_with_standard_input() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=4484)
    arguments = parser.parse_args()
    threading.Thread(target=end_with_standard_input, daemon=True).start()
    server.run("streamable-http", host="127.0.0.1", port=arguments.port)
