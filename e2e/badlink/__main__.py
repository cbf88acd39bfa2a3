"""See bad-link.sh."""

import argparse
import hashlib
import http.client
import os
import statistics
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE] + [os.path.join(os.path.dirname(HERE), name) for name in ("coldpull", "killloop")]

from link import Link  # noqa: E402
from report import Report  # noqa: E402
from server import SHARED_CLASSES, Server  # noqa: E402
from subjects import SUBJECTS  # noqa: E402
from table import write_table  # noqa: E402
from upstream import Layer, Upstream  # noqa: E402

MIB = 1024 * 1024
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
ROUND_TRIP = 0.04
# What a known tag may wait for upstream at most (upstreams[].stale.patience), and what a machine of tests adds to it.
PATIENCE = 3
SLACK = 1


class Lighter(Server):
    """Asks upstream about each tag at each request, as the others do."""

    repository = "bad.example/cold/app"

    def __init__(self, binary, folder, upstream):
        settings = os.path.join(folder, "lighter.yaml")
        with open(settings, "w", encoding="utf-8") as file:
            file.write(f"upstreams: [{{name: bad.example, endpoint: '{upstream.url}', tagTtl: 0s}}]\n"
                       "defaultUpstream: bad.example\n")
        super().__init__(binary, folder, os.path.join(folder, "classes"), ("--config", settings), SHARED_CLASSES)


def get(server, path, headers=None, timeout=60):
    """Status, headers, body and seconds of one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=timeout)
    started = time.monotonic()
    try:
        connection.request("GET", f"/v2/{server.repository}/{path}", headers=headers or {})
        answer = connection.getresponse()
        body = answer.read()
        return answer.status, answer.headers, body, time.monotonic() - started
    except (OSError, http.client.HTTPException) as failure:
        return 0, {}, repr(failure).encode(), time.monotonic() - started
    finally:
        connection.close()


def tag(server, name):
    return get(server, f"manifests/{name}", {"Accept": MANIFEST})


def pull(server, name, layer):
    """Manifest and layer; None if all is right, and otherwise what was wrong."""
    status, _, body, _ = tag(server, name)
    if status != 200:
        return f"the manifest was answered {status}: {body[:200]}"
    status, _, body, _ = get(server, f"blobs/{layer.digest}", timeout=300)
    if status != 200 or "sha256:" + hashlib.sha256(body).hexdigest() != layer.digest:
        return f"the layer was answered {status} with {len(body)} bytes"
    return None


def shown(statuses):
    """Those that came; a connection that broke has none."""
    return ", ".join(str(status or "none") for status in sorted(statuses))


def several(count, ask):
    """Answers one after the other; no more are asked for after half a minute."""
    give_up = time.monotonic() + 30
    answers = []
    while len(answers) < count and time.monotonic() < give_up:
        answers.append(ask(len(answers)))
    return answers


def run_loss(report, server, link, upstream, layer):
    link.lose(0.01)
    started = time.monotonic()
    wrong = pull(server, "v0", layer)
    seconds = time.monotonic() - started
    sent = upstream.sent[layer.digest] / layer.size
    link.heal()
    report.check("1 % loss: a cold pull", wrong is None, wrong or f"{layer.size // MIB} MiB in {seconds:.1f} s")
    report.check("1 % loss: upstream bytes", sent <= 1.05, f"{sent:.3f} of the layer")
    report.figures["1 % loss: cold pull of 100 MiB"] = (
        "failed" if wrong else f"{seconds:.1f} s, upstream sent {sent:.2f} × the layer")


def run_outage(report, name, breaks, server, link, layers):
    """What is here is served as if nothing had happened; what is not is refused soon; then all is well again."""
    known, unknown, later = layers
    wrong = pull(server, "v1", known)
    report.check(f"{name}: before it", wrong is None, wrong or "pulled")
    tag(server, "v2")
    breaks()

    answers = several(20, lambda _: tag(server, "v1"))
    statuses = {status for status, _, _, _ in answers}
    seconds = [taken for _, _, _, taken in answers]
    report.check(f"{name}: known tag", statuses == {200} and max(seconds) <= PATIENCE + SLACK,
                 f"statuses {shown(statuses)}, the longest {max(seconds):.2f} s")
    report.check(f"{name}: known tag again and again", statistics.median(seconds) < 0.1,
                 f"median {statistics.median(seconds) * 1000:.0f} ms")
    report.figures[f"{name}: known tag: status, longest, median"] = (
        f"{shown(statuses)}; {max(seconds):.2f} s, {statistics.median(seconds) * 1000:.0f} ms")
    report.check(f"{name}: says that it is stale", all("Warning" in headers for _, headers, _, _ in answers),
                 answers[-1][1].get("Warning") if answers[-1][1] else answers[-1][2])
    ranges = several(
        100, lambda i: get(server, f"blobs/{known.digest}", {"Range": f"bytes={i * 70_001}-{i * 70_001 + 49_999}"}))
    right = sum(body == known.slice(i * 70_001, i * 70_001 + 50_000) for i, (_, _, body, _) in enumerate(ranges))
    slowest = max(taken for _, _, _, taken in ranges)
    report.check(f"{name}: ranges of what is here", right == 100 and slowest < 0.25,
                 f"{right} of 100 right, the slowest {slowest * 1000:.0f} ms")
    report.figures[f"{name}: ranges of what is here: right, slowest"] = f"{right} of {len(ranges)}, {slowest * 1000:.0f} ms"
    status, headers, _, taken = get(server, f"blobs/{unknown.digest}", {"Range": "bytes=0-1"})
    report.check(f"{name}: ranges of what is not here",
                 status == 503 and "Retry-After" in headers and taken <= PATIENCE + SLACK,
                 f"status {status} in {taken:.2f} s")
    report.figures[f"{name}: range of what is not here"] = f"{shown({status})}, {taken:.2f} s"

    server.stop()
    started = time.monotonic()
    try:
        server.start()
        server.await_ready()
        status = tag(server, "v1")[0]
    except RuntimeError as failure:
        status = failure
    seconds = time.monotonic() - started
    report.check(f"{name}: start", status == 200, f"answered {status} {seconds:.1f} s after the start")
    report.figures[f"{name}: start in the midst of it"] = (
        f"{status} for the known tag {seconds:.1f} s later" if isinstance(status, int) else "does not start")

    link.heal()
    started = time.monotonic()
    wrong = "not tried"
    while wrong and time.monotonic() < started + 60:
        wrong = pull(server, "v3", later)
        time.sleep(0.2)
    seconds = time.monotonic() - started
    report.check(f"{name}: recovers by itself", wrong is None, wrong or f"a cold pull ended {seconds:.1f} s after it")
    report.figures[f"{name}: cold pull after its end"] = "failed for 60 s" if wrong else f"{seconds:.1f} s"
    status, headers, _, _ = tag(server, "v1")
    report.check(f"{name}: is fresh again", status == 200 and "Warning" not in headers,
                 f"status {status}, Warning {headers.get('Warning')}")


def measure(subject, binary, run, link, layers):
    with tempfile.TemporaryDirectory(prefix="lighter-bad-link.") as folder:
        upstream = Upstream(layers, 100 * MIB, ROUND_TRIP, link.listener())
        server = subject(binary, folder, upstream)
        try:
            server.start()
            server.await_ready()
            run(server, upstream)
        except BaseException:
            with open(server.log, encoding="utf-8", errors="replace") as log:
                sys.stderr.writelines(log.readlines()[-40:])
            raise
        finally:
            link.heal()
            server.kill()


def measure_all(name, subject, binary, link):
    report = Report(name)
    large = Layer(100 * MIB + 11, 1)
    measure(subject, binary, lambda server, upstream: run_loss(report, server, link, upstream, large), link, [large])
    for outage, breaks in (("swallowed", link.swallow), ("refused", link.refuse)):
        layers = [Layer(8 * MIB + n, n) for n in range(1, 5)]
        measure(subject, binary, lambda server, _: run_outage(report, outage, breaks, server, link, layers[1:]),
                link, layers)
    return report


def main():
    parser = argparse.ArgumentParser(prog="bad-link.sh")
    parser.add_argument("launcher")
    parser.add_argument("peers", nargs="*", metavar="NAME=PROGRAM")
    parser.add_argument("--table", metavar="FILE")
    options = parser.parse_intermixed_args()
    with Link() as link:
        reports = [measure_all("Lighter", Lighter, os.path.abspath(options.launcher), link)]
        for peer in options.peers:
            name, _, program = peer.partition("=")
            reports.append(measure_all(name, SUBJECTS[name], program, link))
    if options.table:
        write_table(options.table, "bad links", reports)
    results = reports[0].results
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    sys.exit(not all(results))


main()
