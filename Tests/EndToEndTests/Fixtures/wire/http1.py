"""Reads HTTP/1.1 messages out of bytes that pass by."""

from collections.abc import Callable, Generator


class Messages:
    """Of one direction of a connection: calls `head(first line, headers)`, `data(bytes)` and `end()` for each message.

    Enough for peers that frame their bodies by Content-Length or chunks, as both ends of these tests do.
    """

    def __init__(self, head: Callable, data: Callable, end: Callable) -> None:
        self.head, self.data, self.end = head, data, end
        self.buffer = bytearray()
        self.parser = self.parse()
        next(self.parser)

    def feed(self, data: bytes) -> None:
        self.buffer += data
        self.parser.send(None)

    def parse(self) -> Generator:
        while True:
            lines = (yield from self.until(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            pairs = (line.partition(":") for line in lines[1:] if line)
            headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
            self.head(lines[0], headers)
            if headers.get("transfer-encoding", "").lower() == "chunked":
                while size := int((yield from self.until(b"\r\n")).split(b";")[0], 16):
                    self.data((yield from self.take(size + 2))[:-2])
                yield from self.until(b"\r\n")
            elif length := int(headers.get("content-length", "0")):
                self.data((yield from self.take(length)))
            self.end()

    def until(self, mark: bytes) -> Generator:
        while (position := self.buffer.find(mark)) < 0:
            yield
        return (yield from self.take(position + len(mark)))[: -len(mark)]

    def take(self, count: int) -> Generator:
        while len(self.buffer) < count:
            yield
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken
