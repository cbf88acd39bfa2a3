"""HTTP as a registry client speaks it, with every answer judged by its status."""

import http.client

PIECE = 32 * 1024
TIMEOUT_SECONDS = 30


class Gone(Exception):
    """The server was killed before it answered."""


class Wrong(Exception):
    """The server answered something it must not."""


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body


class Client:
    """One connection of one worker to a server that may be killed at any moment."""

    def __init__(self, server):
        self.server = server
        self.connection = None

    def ask(self, method, path, body=None, headers=None, allowed=(200,)):
        try:
            answer = self.exchange(method, path, body, headers or {})
        except (OSError, http.client.HTTPException) as failure:
            self.connection = None
            # Only a kill may end a connection.
            if not self.server.killed.wait(2):
                raise Wrong(f"{method} {path}: {failure!r} from a server that was not killed") from failure
            raise Gone() from failure
        if answer.status not in allowed:
            raise Wrong(f"{method} {path}: {answer.status} {answer.body[:300]!r}, allowed {allowed}")
        return answer

    def exchange(self, method, path, body, headers):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=TIMEOUT_SECONDS)
        if body is not None:
            headers = {**headers, "Content-Length": str(len(body))}
            body = pieces(body)
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        try:
            content = response.read()
        except (OSError, http.client.HTTPException):
            self.connection = None
            if method == "GET":
                raise
            content = b""  # A status is an acknowledgement, whatever comes after it.
        return Answer(response.status, response.headers, content)

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def pieces(body):
    """In pieces, so that a kill can fall into the midst of a body."""
    return (body[start:start + PIECE] for start in range(0, len(body), PIECE))
