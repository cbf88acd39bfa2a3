#!/usr/bin/env python3
"""A slow link between this network namespace and another one: a TAP device in each, and this program between them,
which holds every packet back as long as it would take on the way. For kernels that have no netem.

  slowlink.py DEVICE NAMESPACE_FILE ROUND_TRIP_MS MBIT_PER_SECOND

Makes DEVICE on both sides, prints "up", and runs until it is ended, with which the devices go away. What waits for more
than a quarter of a second is dropped, as a router does.
"""

import ctypes
import fcntl
import heapq
import os
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
TAP_WITHOUT_HEADER = 0x0002 | 0x1000
CLONE_NEWNET = 0x40000000
QUEUE_SECONDS = 0.25
LONGEST_PACKET = 65536


def open_tap(name):
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), TAP_WITHOUT_HEADER))
    return tap


def enter(namespace):
    if ctypes.CDLL(None, use_errno=True).setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Direction:
    """Packets on their way to one end, in the order in which they will be there."""

    def __init__(self, target, bytes_per_second, delay):
        self.target = target
        self.bytes_per_second = bytes_per_second
        self.delay = delay
        self.free_at = 0.0

    def arrival(self, packet, now):
        """When it will be there; None if the queue is full."""
        begin = max(now, self.free_at)
        if begin - now > QUEUE_SECONDS:
            return None
        self.free_at = begin + len(packet) / self.bytes_per_second
        return self.free_at + self.delay


def carry(near, far, bytes_per_second, delay):
    directions = {near: Direction(far, bytes_per_second, delay), far: Direction(near, bytes_per_second, delay)}
    poll = select.epoll()
    for tap in directions:
        poll.register(tap, select.EPOLLIN)
    under_way = []
    count = 0
    while True:
        wait = under_way[0][0] - time.monotonic() if under_way else 1
        for tap, _ in poll.poll(max(0.0, wait)):
            direction = directions[tap]
            while True:
                try:
                    packet = os.read(tap, LONGEST_PACKET)
                except (BlockingIOError, OSError):
                    break
                arrival = direction.arrival(packet, time.monotonic())
                if arrival is not None:
                    count += 1
                    heapq.heappush(under_way, (arrival, count, direction.target, packet))
        now = time.monotonic()
        while under_way and under_way[0][0] <= now:
            _, _, target, packet = heapq.heappop(under_way)
            try:
                os.write(target, packet)
            except OSError:
                pass  # the other side's buffer is full


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    name, namespace, round_trip, mbit = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    near = open_tap(name)
    enter(os.open(namespace, os.O_RDONLY))
    far = open_tap(name)
    enter(home)
    print("up", flush=True)
    carry(near, far, mbit * 1e6 / 8, round_trip / 2 / 1000)


main()
