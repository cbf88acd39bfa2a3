"""Pushes small blobs over many connections for a while, as fast as they are taken; see absence.sh.

push-flood.py PORT CONNECTIONS SECONDS    prints how many were stored and how many were refused
"""
import http.client
import os
import sys
import threading
import time

from pushing import Client

SIZE = 64 << 10
port, connections, seconds = map(int, sys.argv[1:])
end = time.monotonic() + seconds
stored, refused = [0] * connections, [0] * connections


def push(number):
    client = Client(port)
    while time.monotonic() < end:
        try:
            client.push(f"flood/{number}", os.urandom(SIZE))
            stored[number] += 1
        except (AssertionError, OSError, http.client.HTTPException):  # refused, perhaps together with its connection
            refused[number] += 1
            client = Client(port)


threads = [threading.Thread(target=push, args=[number]) for number in range(connections)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(f"{sum(stored)} stored, {sum(refused)} refused")
