"""See bad-link.sh."""

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
from server import SHARED_CLASSES, Server  # noqa: E402
from upstream import Layer, Upstream  # noqa: E402

MIB = 1024 * 1024
REPOSITORY = "bad.example/cold/app"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
ROUND_TRIP = 0.04
# What a known tag may wait for upstream at most (upstreams[].stale.patience), and what a machine of tests adds to it.
PATIENCE = 3
SLACK = 1

results = []


def check(name, good, shown):
    results.append(good)
    print(f"{'PASS' if good else 'FAIL'} {name}: {shown}", flush=True)


def get(server, path, headers=None, timeout=60):
    """Status, headers, body and seconds of one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=timeout)
    started = time.monotonic()
    try:
        connection.request("GET", f"/v2/{REPOSITORY}/{path}", headers=headers or {})
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


def run_loss(server, link, upstream, layer):
    link.lose(0.01)
    started = time.monotonic()
    wrong = pull(server, "v0", layer)
    seconds = time.monotonic() - started
    sent = upstream.sent[layer.digest] / layer.size
    link.heal()
    check("1 % loss: a cold pull", wrong is None, wrong or f"{layer.size // MIB} MiB in {seconds:.1f} s")
    check("1 % loss: upstream bytes", sent <= 1.05, f"{sent:.3f} of the layer")


def run_outage(name, breaks, server, link, layers):
    """What is here is served as if nothing had happened; what is not is refused soon; then all is well again."""
    known, unknown, later = layers
    wrong = pull(server, "v1", known)
    check(f"{name}: before it", wrong is None, wrong or "pulled")
    get(server, "manifests/v2", {"Accept": MANIFEST})
    breaks()

    answers = [tag(server, "v1") for _ in range(20)]
    statuses = {status for status, _, _, _ in answers}
    seconds = [taken for _, _, _, taken in answers]
    check(f"{name}: known tag", statuses == {200} and max(seconds) <= PATIENCE + SLACK,
          f"statuses {statuses}, the longest {max(seconds):.2f} s")
    check(f"{name}: known tag again and again", statistics.median(seconds) < 0.1,
          f"median {statistics.median(seconds) * 1000:.0f} ms")
    check(f"{name}: says that it is stale", all("Warning" in headers for _, headers, _, _ in answers),
          answers[-1][1].get("Warning") if answers[-1][1] else answers[-1][2])
    ranges = [get(server, f"blobs/{known.digest}", {"Range": f"bytes={i * 70_001}-{i * 70_001 + 49_999}"})
              for i in range(100)]
    right = sum(body == known.slice(i * 70_001, i * 70_001 + 50_000) for i, (_, _, body, _) in enumerate(ranges))
    slowest = max(taken for _, _, _, taken in ranges)
    check(f"{name}: ranges of what is here", right == 100 and slowest < 0.25,
          f"{right} of 100 right, the slowest {slowest * 1000:.0f} ms")
    status, headers, _, taken = get(server, f"blobs/{unknown.digest}", {"Range": "bytes=0-1"})
    check(f"{name}: ranges of what is not here", status == 503 and "Retry-After" in headers and taken <= PATIENCE + SLACK,
          f"status {status} in {taken:.2f} s")

    server.stop()
    started = time.monotonic()
    server.start()
    server.await_ready()
    status, _, _, _ = tag(server, "v1")
    check(f"{name}: start", status == 200, f"answered {status} {time.monotonic() - started:.1f} s after the start")

    link.heal()
    started = time.monotonic()
    wrong = "not tried"
    while wrong and time.monotonic() < started + 60:
        wrong = pull(server, "v3", later)
        time.sleep(0.2)
    check(f"{name}: recovers by itself", wrong is None, wrong or f"a cold pull ended {time.monotonic() - started:.1f} s after it")
    status, headers, _, _ = tag(server, "v1")
    check(f"{name}: is fresh again", status == 200 and "Warning" not in headers, f"status {status}, Warning {headers.get('Warning')}")


def measure(launcher, run, link, layers):
    with tempfile.TemporaryDirectory(prefix="lighter-bad-link.") as folder:
        upstream = Upstream(layers, 100 * MIB, ROUND_TRIP, link.listener())
        settings = os.path.join(folder, "lighter.yaml")
        with open(settings, "w", encoding="utf-8") as file:
            file.write(f"upstreams: [{{name: bad.example, endpoint: 'http://{link.address}:{upstream.port}', tagTtl: 0s}}]\n"
                       "defaultUpstream: bad.example\n")
        server = Server(launcher, folder, os.path.join(folder, "classes"), ("--config", settings), SHARED_CLASSES)
        try:
            server.start()
            server.await_ready()
            run(server, upstream)
        except BaseException:
            with open(server.log, encoding="utf-8", errors="replace") as log:
                sys.stderr.writelines(log.readlines()[-40:])
            raise
        finally:
            server.kill()


def main():
    launcher = os.path.abspath(sys.argv[1])
    with Link() as link:
        large = Layer(100 * MIB + 11, 1)
        measure(launcher, lambda server, upstream: run_loss(server, link, upstream, large), link, [large])
        for name, breaks in (("swallowed", link.swallow), ("refused", link.refuse)):
            layers = [Layer(8 * MIB + n, n) for n in range(1, 5)]
            measure(launcher, lambda server, _: run_outage(name, breaks, server, link, layers[1:]), link, layers)
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    sys.exit(not all(results))


main()
