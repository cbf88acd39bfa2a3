"""Load on a server in a control group of 512 MiB; see small-memory.sh. Ends with "N passed, N failed"."""
import argparse
import concurrent.futures
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import time

from pushing import Client, free_port, image, layer, lazy

MIB = 1 << 20


def own_group():
    """Folder of this process's memory control group, its version's file for the limit, and that for its use."""
    for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            return pathlib.Path("/sys/fs/cgroup/memory" + path), "memory.limit_in_bytes", "memory.usage_in_bytes"
    path = next(line[3:] for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::"))
    return pathlib.Path("/sys/fs/cgroup" + path), "memory.max", "memory.current"


def ranges(port, path, content, seed, seconds):
    client, noise, count = Client(port), random.Random(seed), 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        length = noise.choice([4096, 50_000, 65_536, MIB])
        first = noise.randrange(len(content) - length)
        answer, body = client.ask("GET", path, headers={"Range": f"bytes={first}-{first + length - 1}"})
        assert answer.status == 206 and body == content[first:first + length], (answer.status, first, length)
        count += 1
    return count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lighter", required=True)
    parser.add_argument("--limit", type=int, default=512, help="in MiB")
    parser.add_argument("--seconds", type=int, default=20, help="of ranges")
    arguments = parser.parse_args()
    subprocess.run([arguments.lighter, "--version"], check=True, stdout=subprocess.DEVNULL)  # builds outside of the limit
    parent, limit_file, use_file = own_group()
    group = parent / f"lighter-e2e-{os.getpid()}"
    work = pathlib.Path(tempfile.mkdtemp(prefix="small-memory"))
    port = free_port()
    process = None
    try:
        group.mkdir()
        (group / limit_file).write_text(str(arguments.limit * MIB))
        log = open(work / "log", "wb")
        process = subprocess.Popen(
            [arguments.lighter, "serve", "--no-upstreams", "--listen", f"127.0.0.1:{port}", "--data", str(work / "data")],
            stdout=log, stderr=log, env={**os.environ, "LIGHTER_MANAGEMENT_LISTEN": "127.0.0.1:0"},
            preexec_fn=lambda: (group / "cgroup.procs").write_text(str(os.getpid())))
        end = time.monotonic() + 60
        while b"timeouts" not in (work / "log").read_bytes():
            assert process.poll() is None and time.monotonic() < end, (work / "log").read_text()
            time.sleep(0.05)
        print(next(line for line in (work / "log").read_text().splitlines() if "  memory " in line))

        layers = [layer(1, 60, 2 * MIB), layer(2, 4000, 10_000)]
        client = Client(port)
        large = random.Random(3).randbytes(100 * MIB)
        with concurrent.futures.ThreadPoolExecutor(66) as pool:
            blob = client.push("load/blob", large)
            path = f"/v2/load/blob/blobs/{blob['digest']}"
            image(client, "load/image", layers)  # converted while the ranges run
            pushes = pool.submit(lambda: [Client(port).push("load/more", random.Random(9 + i).randbytes(40 * MIB)) for i in range(6)])
            counts = list(pool.map(lambda seed: ranges(port, path, large, seed, arguments.seconds), range(64)))
            pushes.result()
            answer, body = client.ask("GET", path)
            assert answer.status == 200 and body == large
        end = time.monotonic() + 120
        while not lazy(port, "load/image"):
            assert time.monotonic() < end, "the image was not converted"
            time.sleep(0.2)
        assert process.poll() is None, f"the server ended with {process.poll()}"
        status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines())
        print(f"{sum(counts)} ranges, anonymous memory {int(status['RssAnon'].split()[0]) >> 10} MiB, most"
              f" {int(status['VmHWM'].split()[0]) >> 10} MiB resident, group {int((group / use_file).read_text()) >> 20} MiB")
        print("1 passed, 0 failed")
    except BaseException:
        if (work / "log").exists():
            print((work / "log").read_text()[-3000:])
        raise
    finally:
        if process and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        for _ in range(50):
            try:
                group.rmdir()
                break
            except OSError:
                time.sleep(0.1)
        shutil.rmtree(work, ignore_errors=True)


main()
