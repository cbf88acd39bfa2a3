"""Made-up images, pushed by plain HTTP; for small-memory.py, busy.py and recovery.py."""
import gzip
import hashlib
import http.client
import io
import json
import random
import socket
import tarfile
import urllib.parse


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Client:
    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method, path, body=None, headers=None):
        self.connection.request(method, path, body, headers or {})
        answer = self.connection.getresponse()
        return answer, answer.read()

    def push(self, repository, content):
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        answer, text = self.ask("POST", f"/v2/{repository}/blobs/uploads/")
        assert answer.status == 202, (answer.status, text)
        upload = urllib.parse.urlsplit(answer.headers["Location"])
        query = "&".join(filter(None, [upload.query, f"digest={digest}"]))
        answer, text = self.ask("PUT", f"{upload.path}?{query}", content)
        assert answer.status == 201, (answer.status, text)
        return {"mediaType": "application/octet-stream", "digest": digest, "size": len(content)}


def layer(seed, files, size):
    noise = random.Random(seed)
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for number in range(files):
            entry = tarfile.TarInfo(f"usr/share/{seed}/{number}")
            content = noise.randbytes(size // 2) + bytes(size // 2)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return hashlib.sha256(plain.getvalue()).hexdigest(), gzip.compress(plain.getvalue(), 1)


def image(client, repository, layers, tag="1"):
    diffs, descriptors = [], []
    for diff, content in layers:
        diffs.append("sha256:" + diff)
        descriptors.append({**client.push(repository, content), "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip"})
    config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": diffs}}).encode()
    manifest = json.dumps({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {**client.push(repository, config), "mediaType": "application/vnd.oci.image.config.v1+json"},
        "layers": descriptors}).encode()
    answer, text = client.ask("PUT", f"/v2/{repository}/manifests/{tag}", manifest,
                              {"Content-Type": "application/vnd.oci.image.manifest.v1+json"})
    assert answer.status == 201, (answer.status, text)


def lazy(port, repository):
    accept = {"Accept": "application/vnd.oci.image.manifest.v1+json", "Lighter-View": "lazy"}
    answer, body = Client(port).ask("GET", f"/v2/{repository}/manifests/1", headers=accept)
    return answer.status == 200 and b"containerd.io/snapshot/stargz/toc.digest" in body
