"""Stands in for a gateway: starts the supervisor as the gateway does, prints what its program prints, and waits.

usage: gateway.py SUPERVISOR PROGRAM ARGUMENTS...
"""

import os
import signal
import socket
import sys

ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
if os.fork() == 0:
    os.setsid()
    os.dup2(theirs.fileno(), 3)
    os.execv(sys.argv[1], [sys.argv[1], "100", "", sys.argv[2]] + sys.argv[2:])
theirs.close()
while True:
    signal.pause()
