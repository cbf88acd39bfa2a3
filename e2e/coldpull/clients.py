"""Clients that pull one layer: to the end, half of it, or slowly."""

import http.client
import socket
import threading
import time

PIECE = 256 * 1024


class Client(threading.Thread):
    patience = 180

    def __init__(self, server, layer, stop_at=None, bytes_per_second=None):
        super().__init__(daemon=True)
        self.server = server
        self.layer = layer
        self.goal = stop_at or layer.size
        self.bytes_per_second = bytes_per_second
        self.position = 0
        self.breaks = 0
        self.wrong = None
        self.seconds = None

    def run(self):
        started = time.monotonic()
        give_up = started + self.patience
        while self.position < self.goal and self.wrong is None:
            try:
                self.pull()
            except (OSError, http.client.HTTPException) as failure:
                self.breaks += 1
                if time.monotonic() > give_up:
                    self.wrong = self.wrong or f"gave up at byte {self.position}: {failure}"
                time.sleep(0.2)
        self.seconds = time.monotonic() - started

    def pull(self):
        """Goes on where it was, as containerd does: what it has already it reads past, if it is sent all of it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        headers = {"Range": f"bytes={self.position}-"} if self.position else {}
        try:
            connection.request("GET", f"/v2/{self.server.repository}/blobs/{self.layer.digest}", headers=headers)
            answer = connection.getresponse()
            if answer.status not in ((200, 206) if self.position else (200,)):
                raise OSError(f"status {answer.status}: {answer.read(200)}")
            past = self.position if answer.status == 200 else 0
            while past > 0:
                past -= len(self.some(answer, past))
            while self.position < self.goal:
                piece = self.some(answer, self.goal - self.position)
                self.check(piece)
                if self.bytes_per_second:
                    time.sleep(len(piece) / self.bytes_per_second)
        finally:
            connection.close()

    @staticmethod
    def some(answer, most):
        piece = answer.read(min(PIECE, most))
        if not piece:
            raise OSError("the body ended early")
        return piece

    def check(self, piece):
        if piece != self.layer.slice(self.position, self.position + len(piece)):
            self.wrong = f"wrong bytes at {self.position}"
            raise OSError(self.wrong)
        self.position += len(piece)


def first_byte(server, layer, ranged):
    """Seconds until the first byte of an answer to a range, on a connection of its own, and the status."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.settimeout(30)
        request = f"GET /v2/{server.repository}/blobs/{layer.digest} HTTP/1.1\r\nHost: x\r\nRange: {ranged}\r\nConnection: close\r\n\r\n"
        started = time.monotonic()
        connection.sendall(request.encode())
        head = b""
        while b"\r\n\r\n" not in head or head.endswith(b"\r\n\r\n"):
            piece = connection.recv(4096)
            if not piece:
                break
            head += piece
        seconds = time.monotonic() - started
        body = bytearray(head.partition(b"\r\n\r\n")[2])
        while piece := connection.recv(65536):
            body += piece
        return seconds, int(head.split()[1]), bytes(body)
