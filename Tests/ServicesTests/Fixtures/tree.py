"""Makes a tree of processes, prints their numbers, and waits.

usage: tree.py [--stubborn] [--leave]

A child; a grandchild; a daemon: in a session of its own, its parent gone. With --stubborn all of them ignore SIGTERM;
with --leave the first process ends at once.
"""

import os
import signal
import sys

if "--stubborn" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def wait():
    while True:
        signal.pause()


reader, writer = os.pipe()


def tell():
    os.write(writer, b"%d\n" % os.getpid())


if os.fork() == 0:
    tell()
    if os.fork() == 0:
        tell()
        wait()
    wait()
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    tell()
    wait()
numbers = b""
while numbers.count(b"\n") < 3:
    numbers += os.read(reader, 100)
print(os.getpid(), *numbers.decode().split(), flush=True)
if "--leave" not in sys.argv:
    wait()
