"""Runs a program on a terminal of its own: terminal.py LINES COLUMNS PROGRAM [ARGUMENT…]

Prints JSON when it ends: `status`; `lines`, what stands on the terminal with all that scrolled away; `wrapped`, those of
them that went on in the next line. Understands what the program is meant to use: SGR, "up", "erase below"; anything else
is an error.
"""

import fcntl
import json
import os
import pty
import re
import struct
import sys
import termios
import unicodedata


def width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Screen:
    SEQUENCE = re.compile(r"\x1b\[([0-9;]*)([A-Za-z])")

    def __init__(self, rows: int, columns: int):
        self.rows, self.columns = rows, columns
        self.lines: list[list[str]] = [[]]
        self.row = 0
        self.wrapped: set[int] = set()

    def newline(self):
        self.row += 1
        while len(self.lines) <= self.row:
            self.lines.append([])

    def feed(self, text: str):
        at = 0
        while at < len(text):
            character = text[at]
            at += 1
            if character == "\x1b":
                found = self.SEQUENCE.match(text, at - 1)
                if not found:
                    raise ValueError(f"an unknown sequence: {text[at - 1 : at + 10]!r}")
                at = found.end()
                self.obey(found.group(1), found.group(2))
            elif character == "\n":
                self.newline()
            elif character == "\r":
                # The terminal driver writes one before each line feed; the program itself writes whole lines.
                continue
            else:
                line = self.lines[self.row]
                if sum(map(width, line)) + width(character) > self.columns:
                    self.wrapped.add(self.row)
                    self.newline()
                    line = self.lines[self.row]
                line.append(character)

    def obey(self, number: str, command: str):
        if command == "A":
            top = max(0, len(self.lines) - self.rows)
            self.row = max(top, self.row - int(number or 1))
        elif command == "J" and number in ("", "0"):
            # The cursor is at the beginning of a line whenever the program erases.
            self.lines[self.row :] = [[]]
            self.wrapped = {row for row in self.wrapped if row < self.row}
        elif command != "m":
            raise ValueError(f"an unknown sequence: {number}{command}")


def main(rows: int, columns: int, program: list[str]):
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm"
        # The parent sets the size before it writes this line.
        sys.stdin.readline()
        os.execvp(program[0], program)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    settings = termios.tcgetattr(terminal)
    settings[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, settings)
    os.write(terminal, b"\n")
    written = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            break
        if not part:
            break
        written += part
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    screen = Screen(rows, columns)
    screen.feed(written.decode())
    lines = ["".join(line).rstrip() for line in screen.lines]
    print(json.dumps({"status": status, "lines": lines, "wrapped": [lines[row] for row in sorted(screen.wrapped)]}))


main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
