"""See cold-pull.sh."""

import argparse
import http.client
import os
import random
import statistics
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "killloop")]

from clients import Client, first_byte  # noqa: E402
from server import SHARED_CLASSES, Server  # noqa: E402
from upstream import Layer, Upstream  # noqa: E402

MIB = 1024 * 1024
ROUND_TRIP = 0.04
results = []


def check(name, good, shown):
    results.append(good)
    print(f"{'PASS' if good else 'FAIL'} {name}: {shown}", flush=True)


def pull_manifest(server, tag):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", f"/v2/cold.example/cold/app/manifests/{tag}")
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"manifest {tag} was answered {answer.status}: {body}")


def stored(server):
    """Files of blobs that are as large as a layer, whole and partial."""
    found = []
    for folder in ("blobs", "partial"):
        for path, _, names in os.walk(os.path.join(server.data, folder)):
            found += [name for name in names if os.path.getsize(os.path.join(path, name)) >= MIB]
    return found


def crowd(server, layer, count):
    """A third to the end, a third half of it, a third slowly."""
    half = random.Random(5)
    return [
        Client(server.port, layer)
        if i % 3 == 0
        else Client(server.port, layer, stop_at=half.randrange(layer.size // 4, layer.size * 3 // 4))
        if i % 3 == 1
        else Client(server.port, layer, bytes_per_second=16 * MIB)
        for i in range(count)
    ]


def judge(name, server, upstream, layer, clients):
    wrong = [client.wrong for client in clients if client.wrong]
    check(f"{name}: every body right", not wrong, f"{len(clients)} clients, {len(wrong)} wrong {wrong[:3]}")
    sent = upstream.sent[layer.digest] / layer.size
    check(f"{name}: upstream bytes", sent <= 1.05,
          f"{sent:.3f} of the layer in {upstream.requests[layer.digest]} requests")
    deadline = time.monotonic() + 20
    while len(stored(server)) != 1 and time.monotonic() < deadline:
        time.sleep(0.1)
    check(f"{name}: one stored copy", len(stored(server)) == 1, stored(server))


def run_crowd(server, upstream, layer, tag):
    server.start()
    server.await_ready()
    pull_manifest(server, tag)
    clients = crowd(server, layer, 64)
    for client in clients:
        client.start()
    for client in clients:
        client.join(240)
    judge("64 clients, cold", server, upstream, layer, clients)
    fast = [client.seconds for client in clients[0::3]]
    slow = [client.seconds for client in clients[2::3]]
    link = layer.size / upstream.bytes_per_second
    check("slow clients hold nobody up", statistics.median(fast) < statistics.median(slow),
          f"median {statistics.median(fast):.1f} s, of the slow ones {statistics.median(slow):.1f} s; the link needs {link:.1f} s")
    memory = server.peak_memory()
    check("64 clients, cold: memory", memory < 768, f"{memory} MiB resident at most")
    server.stop()


def run_kill(server, upstream, layer, tag):
    server.start()
    server.await_ready()
    pull_manifest(server, tag)
    clients = crowd(server, layer, 64)
    for client in clients:
        client.start()
    while upstream.sent[layer.digest] < layer.size * 0.45:
        time.sleep(0.02)
    server.kill()
    server.start()
    server.await_ready()
    for client in clients:
        client.join(240)
    broken = sum(client.breaks > 0 for client in clients)
    check("kill -9: clients noticed", broken > 0, f"{broken} of 64 had to come again")
    judge("kill -9 in the middle", server, upstream, layer, clients)
    server.stop()


def run_ranges(server, upstream, layer, tag):
    server.start()
    server.await_ready()
    pull_manifest(server, tag)
    _, status, body = first_byte(server.port, layer, "bytes=0-1")
    sent = upstream.sent[layer.digest]
    check("probe of a cold layer", status == 206 and body == layer.slice(0, 2) and sent < MIB,
          f"status {status}, upstream sent {sent} bytes")
    seconds, statuses, wrong = [], set(), 0
    places = random.Random(9)
    for _ in range(40):
        first = places.randrange(0, layer.size - 50_000) // 50_000 * 50_000
        taken, status, body = first_byte(server.port, layer, f"bytes={first}-{first + 49_999}")
        seconds.append(taken)
        statuses.add(status)
        wrong += body != layer.slice(first, first + 50_000)
    median = statistics.median(seconds)
    check("cold ranges", statuses == {206} and not wrong, f"40 ranges, statuses {statuses}, {wrong} wrong")
    check("cold ranges: first byte", median <= 2 * ROUND_TRIP + 0.05,
          f"median {median * 1000:.0f} ms with {ROUND_TRIP * 1000:.0f} ms of round trip")
    memory = server.peak_memory()
    check("cold ranges: memory", memory < 768, f"{memory} MiB resident at most")
    server.stop()


def main():
    parser = argparse.ArgumentParser(prog="cold-pull.sh")
    parser.add_argument("launcher")
    launcher = os.path.abspath(parser.parse_args().launcher)
    layers = [Layer(200 * MIB + 11, 1), Layer(200 * MIB + 13, 2), Layer(1024 * MIB + 17, 3)]
    with tempfile.TemporaryDirectory(prefix="lighter-cold.") as folder:
        for number, run in enumerate((run_crowd, run_kill, run_ranges)):
            # Slow enough for the clients to meet in the middle of the layer on two cores.
            upstream = Upstream([layers[number]], (25 if run is run_ranges else 20) * MIB, ROUND_TRIP)
            place = os.path.join(folder, str(number))
            os.mkdir(place)
            options = ("--no-upstreams", "--upstream", f"cold.example=http://127.0.0.1:{upstream.port}")
            server = Server(launcher, place, os.path.join(folder, "classes"), options, SHARED_CLASSES)
            try:
                run(server, upstream, layers[number], "v0")
            except BaseException:
                with open(server.log, encoding="utf-8", errors="replace") as log:
                    sys.stderr.writelines(log.readlines()[-40:])
                raise
            finally:
                if server.process and server.process.poll() is None:
                    server.kill()
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    sys.exit(not all(results))


main()
