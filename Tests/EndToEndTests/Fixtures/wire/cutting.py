"""A proxy on loopback that cuts connections in the middle of streams: cutting.py URL MARK...

It passes bytes on as they come. Once an event with the first MARK has passed, it closes that connection on both sides; then
the same for the next MARK, on whichever connection that comes. It prints "listening PORT", then for each event with an id
"event METHOD AFTER ID", where AFTER is the Last-Event-ID of the request ("-" without). It ends when its input does.
"""

import asyncio
import sys
from urllib.parse import urlsplit

from http1 import Messages


class Exchanges:
    """The requests of one connection and their answers, which HTTP/1.1 keeps in order."""

    def __init__(self, marks: list[str]) -> None:
        self.marks = marks
        self.asked: list[tuple[str, str]] = []
        self.is_cut = False
        self.requests = Messages(self.request_begins, lambda data: None, lambda: None)
        self.answers = Messages(self.answer_begins, self.answer_goes_on, lambda: None)

    def request_begins(self, line: str, headers: dict[str, str]) -> None:
        self.asked.append((line.split()[0], headers.get("last-event-id", "-")))

    def answer_begins(self, line: str, headers: dict[str, str]) -> None:
        self.method, self.after = self.asked.pop(0)
        self.body = b""

    def answer_goes_on(self, data: bytes) -> None:
        *events, self.body = (self.body + data).split(b"\n\n")
        for event in map(bytes.decode, events):
            for line in event.split("\n"):
                if line.startswith("id: "):
                    print("event", self.method, self.after, line[4:], flush=True)
            if self.marks and self.marks[0] in event:
                self.marks.pop(0)
                self.is_cut = True


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, messages: Messages, over) -> None:
    while not over() and (data := await reader.read(65536)):
        messages.feed(data)
        writer.write(data)
        await writer.drain()


async def main(url: str, marks: list[str]) -> None:
    target = urlsplit(url)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection(target.hostname, target.port)
        exchanges = Exchanges(marks)
        pumps = [
            asyncio.create_task(pump(reader, up_writer, exchanges.requests, lambda: False)),
            asyncio.create_task(pump(up_reader, writer, exchanges.answers, lambda: exchanges.is_cut)),
        ]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for task in pumps:
            task.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        writer.close()
        up_writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
