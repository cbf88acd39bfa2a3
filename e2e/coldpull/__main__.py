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
from report import Report  # noqa: E402
from subjects import SUBJECTS  # noqa: E402
from table import write_table  # noqa: E402
from upstream import Layer, Upstream  # noqa: E402

MIB = 1024 * 1024
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
ROUND_TRIP = 0.04
CLIENTS = 64
MEMORY = 768


def pull_manifest(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
    connection.request("GET", f"/v2/{server.repository}/manifests/v0", headers={"Accept": MANIFEST})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"the manifest was answered {answer.status}: {body[:500]}")


def begin(server):
    server.start()
    server.await_ready()
    started = time.monotonic()
    pull_manifest(server)
    return time.monotonic() - started


def stored(server):
    """Files that are as large as a layer."""
    found = []
    for path, _, names in os.walk(server.data):
        found += [name for name in names if os.path.getsize(os.path.join(path, name)) >= 100 * MIB]
    return found


def crowd(server, layer):
    """A third to the end, a third half of it, a third slowly."""
    half = random.Random(5)
    clients = [
        Client(server, layer)
        if i % 3 == 0
        else Client(server, layer, stop_at=half.randrange(layer.size // 4, layer.size * 3 // 4))
        if i % 3 == 1
        else Client(server, layer, bytes_per_second=16 * MIB)
        for i in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    return clients


def judge(report, name, server, upstream, layer, clients):
    for client in clients:
        client.join(300)
    wrong = [client.wrong or "still under way" for client in clients if client.wrong or client.is_alive()]
    report.check(f"{name}: every body right", not wrong, f"{len(clients)} clients, {len(wrong)} wrong {wrong[:2]}")
    sent = upstream.sent[layer.digest] / layer.size
    report.check(f"{name}: upstream bytes", sent <= 1.05,
                 f"{sent:.3f} of the layer in {upstream.requests[layer.digest]} requests")
    deadline = time.monotonic() + 20
    while len(stored(server)) != 1 and time.monotonic() < deadline:
        time.sleep(0.1)
    report.check(f"{name}: one stored copy", len(stored(server)) == 1, f"{len(stored(server))} files")
    report.figures[f"{name}: right bodies"] = f"{len(clients) - len(wrong)} of {len(clients)}"
    report.figures[f"{name}: upstream sent"] = f"{sent:.2f} × the layer"


def judge_memory(report, name, server):
    memory = server.peak_memory()
    report.check(f"{name}: memory", memory < MEMORY, f"{memory} MiB resident at most")
    report.figures[f"{name}: memory, at most"] = f"{memory} MiB"


def run_crowd(report, server, upstream, layer):
    name = "64 clients"
    begin(server)
    clients = crowd(server, layer)
    judge(report, name, server, upstream, layer, clients)
    fast, slow = (statistics.median(client.seconds or 999 for client in clients[i::3]) for i in (0, 2))
    link = layer.size / upstream.bytes_per_second
    report.check("slow clients hold nobody up", fast < slow,
                 f"median {fast:.1f} s, of the slow ones {slow:.1f} s; the link needs {link:.1f} s")
    judge_memory(report, name, server)


def run_kill(report, server, upstream, layer):
    begin(server)
    clients = crowd(server, layer)
    give_up = time.monotonic() + 60
    while upstream.sent[layer.digest] < layer.size * 0.45 and time.monotonic() < give_up:
        time.sleep(0.02)
    server.kill()
    server.start()
    server.await_ready()
    judge(report, "kill -9 in the middle", server, upstream, layer, clients)
    broken = sum(client.breaks > 0 for client in clients)
    report.check("kill -9: clients noticed", broken > 0, f"{broken} of {CLIENTS} had to come again")


def run_ranges(report, server, upstream, layer):
    manifest = begin(server)
    report.figures["manifest of a 1 GiB image, cold"] = f"{manifest * 1000:.0f} ms"
    _, status, body = first_byte(server, layer, "bytes=0-1")
    sent = upstream.sent[layer.digest]
    report.check("probe of a cold layer", status == 206 and body == layer.slice(0, 2) and sent < MIB,
                 f"status {status}, upstream sent {sent} bytes")
    report.figures["`bytes=0-1` of a cold 1 GiB layer"] = f"{status}, upstream sent {sent / 1024:,.0f} KiB"
    seconds, statuses, wrong = [], set(), 0
    places = random.Random(9)
    for _ in range(40 if status == 206 else 1):
        first = places.randrange(0, layer.size - 50_000) // 50_000 * 50_000
        taken, status, body = first_byte(server, layer, f"bytes={first}-{first + 49_999}")
        seconds.append(taken)
        statuses.add(status)
        wrong += body != layer.slice(first, first + 50_000)
    median = statistics.median(seconds)
    report.check("cold ranges", statuses == {206} and not wrong, f"{len(seconds)} ranges, statuses {statuses}, {wrong} wrong")
    report.check("cold ranges: first byte", median <= 2 * ROUND_TRIP + 0.05,
                 f"median {median * 1000:.0f} ms with {ROUND_TRIP * 1000:.0f} ms of round trip")
    report.figures["50,000 bytes from the middle: status, first byte"] = (
        f"{', '.join(map(str, statuses))}, {median * 1000:.0f} ms")
    judge_memory(report, "cold ranges", server)


def measure(name, binary, layers):
    """Slow enough a link for the clients to meet in the middle of the layer on two cores."""
    report = Report(name)
    with tempfile.TemporaryDirectory(prefix="lighter-cold.") as folder:
        for number, (run, speed) in enumerate(((run_crowd, 60), (run_kill, 20), (run_ranges, 100))):
            upstream = Upstream([layers[number]], speed * MIB, ROUND_TRIP)
            place = os.path.join(folder, str(number))
            os.mkdir(place)
            server = SUBJECTS[name](binary, place, upstream)
            try:
                run(report, server, upstream, layers[number])
            except BaseException:
                with open(server.log, encoding="utf-8", errors="replace") as log:
                    sys.stderr.writelines(log.readlines()[-40:])
                raise
            finally:
                if server.process and server.process.poll() is None:
                    server.kill()
    return report


def main():
    parser = argparse.ArgumentParser(prog="cold-pull.sh")
    parser.add_argument("launcher")
    parser.add_argument("peers", nargs="*", metavar="NAME=PROGRAM")
    parser.add_argument("--table", metavar="FILE")
    options = parser.parse_intermixed_args()
    layers = [Layer(200 * MIB + 11, 1), Layer(200 * MIB + 13, 2), Layer(1024 * MIB + 17, 3)]
    reports = [measure("Lighter", os.path.abspath(options.launcher), layers)]
    for peer in options.peers:
        name, _, program = peer.partition("=")
        reports.append(measure(name, program, layers))
    if options.table:
        write_table(options.table, "cold pulls", reports)
    results = reports[0].results
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    sys.exit(not all(results))


main()
