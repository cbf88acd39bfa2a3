"""A registry with one image whose layer is large, behind a link of a certain speed, that counts what it sends."""

import hashlib
import json
import random
import re
import socket
import threading
import time

CHUNK = 64 * 1024


class Layer:
    """Bytes that need no room: a random block, again and again, with a number in front that makes it its own."""

    BLOCK = 1024 * 1024 + 7

    def __init__(self, size, seed):
        self.size = size
        block = random.Random(seed).randbytes(self.BLOCK)
        self.blocks = memoryview(block + block)
        digest = hashlib.sha256()
        for position in range(0, size, self.BLOCK):
            digest.update(self.slice(position, min(size, position + self.BLOCK)))
        self.digest = "sha256:" + digest.hexdigest()

    def slice(self, first, end):
        """At most one block."""
        offset = first % self.BLOCK
        return self.blocks[offset:offset + end - first]


class Upstream:
    def __init__(self, layers, bytes_per_second, round_trip, listener=None):
        self.config = Layer(2, 0)
        self.layers = {layer.digest: layer for layer in [*layers, self.config]}
        self.bytes_per_second = bytes_per_second
        self.round_trip = round_trip
        self.lock = threading.Lock()
        self.sent = dict.fromkeys(self.layers, 0)
        self.requests = dict.fromkeys(self.layers, 0)
        self.free_at = time.monotonic()
        self.manifests = {}
        for number, layer in enumerate(layers):
            self.add_manifest(f"v{number}", layer)
        self.socket = listener or socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = "http://{}:{}".format(*self.socket.getsockname())
        threading.Thread(target=self.accept, daemon=True).start()

    def add_manifest(self, tag, layer):
        manifest = json.dumps({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {
                "mediaType": "application/vnd.example.cold.v1+json",
                "digest": self.config.digest,
                "size": self.config.size,
            },
            "layers": [{
                "mediaType": "application/octet-stream",
                "digest": layer.digest,
                "size": layer.size,
            }],
        }).encode()
        self.manifests[tag] = manifest
        self.manifests["sha256:" + hashlib.sha256(manifest).hexdigest()] = manifest

    def accept(self):
        while True:
            connection, _ = self.socket.accept()
            # What is in its buffers when a client dies was sent for nothing: no more than on a real link.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, CHUNK)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            reader = connection.makefile("rb")
            try:
                while self.answer(reader, connection):
                    pass
            except OSError:
                pass  # The client has gone.

    def answer(self, reader, connection):
        request = reader.readline().decode("ascii").split()
        if len(request) < 2:
            return False
        headers = {}
        while line := reader.readline().strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        time.sleep(self.round_trip)
        method, path = request[0], request[1].split("?")[0]
        reference = path.rpartition("/")[2]
        if path == "/v2/":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + (b"{}" if method == "GET" else b""))
        elif "/manifests/" in path and reference in self.manifests:
            self.send_manifest(connection, method, self.manifests[reference])
        elif "/blobs/" in path and reference in self.layers:
            self.send_layer(connection, method, self.layers[reference], headers.get("range"))
        else:
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        return True

    def send_manifest(self, connection, method, manifest):
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.oci.image.manifest.v1+json\r\n"
            f"Docker-Content-Digest: sha256:{hashlib.sha256(manifest).hexdigest()}\r\n"
            f"Content-Length: {len(manifest)}\r\n\r\n"
        ).encode()
        connection.sendall(head + (manifest if method == "GET" else b""))

    def send_layer(self, connection, method, layer, ranged):
        first, end = 0, layer.size
        status = "200 OK\r\n"
        if ranged and (match := re.fullmatch(r"bytes=(\d+)-(\d*)", ranged)):
            first = int(match[1])
            end = min(end, int(match[2]) + 1) if match[2] else end
            status = f"206 Partial Content\r\nContent-Range: bytes {first}-{end - 1}/{layer.size}\r\n"
        connection.sendall(
            f"HTTP/1.1 {status}Content-Type: application/octet-stream\r\nContent-Length: {end - first}\r\n\r\n".encode())
        if method != "GET":
            return
        with self.lock:
            self.requests[layer.digest] += 1
        while first < end:
            count = min(CHUNK, end - first)
            self.wait_for_link(count)
            connection.sendall(layer.slice(first, first + count))
            with self.lock:
                self.sent[layer.digest] += count
            first += count

    def wait_for_link(self, count):
        """All connections share the link."""
        with self.lock:
            now = time.monotonic()
            self.free_at = max(self.free_at, now - 0.05) + count / self.bytes_per_second
            wait = self.free_at - now
        if wait > 0:
            time.sleep(wait)
