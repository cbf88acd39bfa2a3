"""What an operator does when the store is damaged or gone; see recovery.sh. Ends with "N passed, N failed"."""
import argparse
import hashlib
import json
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import traceback

from pushing import Client, free_port, image, layer, lazy
from serving import Server, admin, distribution

MANIFEST = {"Accept": "application/vnd.oci.image.manifest.v1+json"}
LAZY = {**MANIFEST, "Lighter-View": "lazy"}
MIRRORED = "docker.io/library/app"


class Lighter:
    """The program, and the ports that its servers listen at one after the other."""

    def __init__(self, program, work, upstream):
        self.program, self.work, self.upstream = program, work, upstream
        self.port, self.management = free_port(), free_port()
        self.starts = 0

    def serve(self, data):
        self.starts += 1
        return Server(
            [self.program, "serve", "--upstream", f"docker.io=http://127.0.0.1:{self.upstream}", "--listen",
             f"127.0.0.1:{self.port}", "--data", str(data)], self.management, "/health/ready",
            self.work / f"log-{self.starts}", {"LIGHTER_MANAGEMENT_LISTEN": f"127.0.0.1:{self.management}"})

    def run(self, *arguments):
        ended = subprocess.run([self.program, *map(str, arguments)], capture_output=True, text=True, timeout=120)
        return ended.returncode, ended.stdout + ended.stderr

    def get(self, path, headers=None):
        answer, body = Client(self.port).ask("GET", path, headers=headers)
        return answer.status, body

    def manifest(self, repository, tag, headers=MANIFEST):
        return self.get(f"/v2/{repository}/manifests/{tag}", headers)

    def wait_until_lazy(self, repository):
        end = time.monotonic() + 120
        while not lazy(self.port, repository):
            assert time.monotonic() < end, f"{repository} was not converted in two minutes"
            time.sleep(0.2)

    def require_whole(self, repository, manifest):
        """Every blob of a manifest is here, and is what its digest says."""
        document = json.loads(manifest)
        for blob in [document["config"], *document["layers"]]:
            status, body = self.get(f"/v2/{repository}/blobs/{blob['digest']}")
            assert status == 200, (blob["digest"], status, body[:300])
            assert "sha256:" + hashlib.sha256(body).hexdigest() == blob["digest"], blob["digest"]


class Recovery:
    def __init__(self, lighter, work):
        self.lighter, self.work = lighter, work
        self.data, self.backup = work / "data", work / "backup"
        self.passed = self.failed = 0

    def step(self, what, do):
        began = time.monotonic()
        try:
            do()
            self.passed += 1
            print(f"PASS  {what} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception:
            traceback.print_exc()
            self.failed += 1
            print(f"FAIL  {what}", flush=True)

    def prepare(self):
        """A mirrored image that is lazy, a pushed one that is backed up, and one that is not."""
        self.server = self.lighter.serve(self.data)
        status, self.mirrored = self.lighter.manifest(MIRRORED, 1)
        assert status == 200, self.mirrored
        self.lighter.require_whole(MIRRORED, self.mirrored)
        image(Client(self.lighter.port), "team/app", [layer(50, 20, 200_000)], "1")
        self.pushed = self.lighter.manifest("team/app", 1)[1]
        self.lighter.wait_until_lazy(MIRRORED)
        self.lazy = self.lighter.manifest(MIRRORED, 1, LAZY)[1]
        assert self.lazy != self.mirrored
        self.lighter.require_whole(MIRRORED, self.lazy)
        admin(self.lighter.management, f"/admin/backup?directory={self.backup}")
        image(Client(self.lighter.port), "team/app", [layer(51, 20, 200_000)], "2")
        self.server.stop(signal.SIGKILL)

    def refuses_to_start(self):
        before = sorted(file.name for file in (self.data / "metadata").iterdir())
        code, said = self.lighter.run("serve", "--listen", f"127.0.0.1:{self.lighter.port}", "--data", self.data)
        print("      " + said.strip().splitlines()[-1])
        assert code == 1, code
        assert str(self.data) in said and "lighter restore" in said, said
        lost = [name for name in before if name.endswith(".sst") and not (self.data / "metadata" / name).exists()]
        assert not lost, lost

    def lost_metadata(self):
        """A file that RocksDB would take the whole database for new without."""
        current = self.data / "metadata" / "CURRENT"
        content = current.read_bytes()
        current.unlink()
        self.refuses_to_start()
        current.write_bytes(content)

    def damaged_metadata(self):
        """Half of what RocksDB has is cut off, in place: a hard link to it would have that damage too."""
        tables = sorted((self.data / "metadata").rglob("*.sst"))
        assert tables
        for file in [*tables, *(self.data / "metadata").glob("MANIFEST-*")]:
            with open(file, "r+b") as content:
                content.truncate(file.stat().st_size // 2)
        self.refuses_to_start()

    def restored(self, upstream):
        """Everything of the backup is served, with the upstream away, and byte for byte."""
        upstream.stop()
        target = self.work / "restored"
        code, said = self.lighter.run("restore", self.backup, "--data", target)
        assert code == 0, said
        self.server = self.lighter.serve(target)
        assert self.lighter.manifest("team/app", 1) == (200, self.pushed)
        self.lighter.require_whole("team/app", self.pushed)
        assert self.lighter.manifest(MIRRORED, 1, LAZY) == (200, self.lazy)
        self.lighter.require_whole(MIRRORED, self.lazy)
        self.lighter.require_whole(MIRRORED, self.mirrored)

    def younger_than_the_backup(self):
        """It is missed, not made up, and can be pushed again."""
        status, said = self.lighter.manifest("team/app", 2)
        assert status == 404 and b"MANIFEST_UNKNOWN" in said, (status, said)
        image(Client(self.lighter.port), "team/app", [layer(51, 20, 200_000)], "2")
        self.lighter.require_whole("team/app", self.lighter.manifest("team/app", 2)[1])
        self.server.stop()

    def lost_volume(self):
        """No backup: what is mirrored comes again, and is converted into what nodes have mounted already."""
        self.server = self.lighter.serve(self.work / "empty")
        assert self.lighter.manifest("team/app", 1)[0] == 404
        assert self.lighter.manifest(MIRRORED, 1) == (200, self.mirrored)
        self.lighter.wait_until_lazy(MIRRORED)
        again = self.lighter.manifest(MIRRORED, 1, LAZY)[1]
        assert again == self.lazy, (self.lazy, again)
        self.lighter.require_whole(MIRRORED, again)
        self.server.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lighter", required=True)
    arguments = parser.parse_args()
    subprocess.run([arguments.lighter, "--version"], check=True, stdout=subprocess.DEVNULL)
    work = pathlib.Path(tempfile.mkdtemp(prefix="recovery"))
    port = free_port()
    recovery = Recovery(Lighter(arguments.lighter, work, port), work)
    upstream = distribution(work, port)
    try:
        image(Client(port), "library/app", [layer(1, 30, 400_000), layer(2, 2000, 4000)])
        recovery.step("a store with a mirrored, a pushed and a lazy image, a backup, kill -9", recovery.prepare)
        recovery.step("lost metadata is not taken for a new store", recovery.lost_metadata)
        recovery.step("damaged metadata is not served, and says so", recovery.damaged_metadata)
        recovery.step("the backup is restored and serves without the upstream", lambda: recovery.restored(upstream))
        recovery.step("what is younger than the backup is missed, and pushed again", recovery.younger_than_the_backup)
        upstream = distribution(work, port)
        recovery.step("without any backup mirrored images come back, lazy ones with the same digests", recovery.lost_volume)
        print(f"{recovery.passed} passed, {recovery.failed} failed")
        return 1 if recovery.failed else 0
    finally:
        recovery.server.stop()
        upstream.stop()
        shutil.rmtree(work, ignore_errors=True)


raise SystemExit(main())
