"""Receivers on loopback, with knobs to misbehave: one of http, and one of mail."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Got(NamedTuple):
    """A request: where to, with which headers (in small letters), and its body."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """What a webhook was sent; `answer` is what it says, `meanwhile` what happens elsewhere while it is asked."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/hook?key=secret"
        self.got: list[Got] = []
        self.answers: list[tuple[int, bytes]] = []  # one after another, then 200
        self.meanwhile: Callable[[], object] = lambda: None

    def answer(self) -> tuple[int, bytes]:
        """Return what is said to the next request."""
        return self.answers.pop(0) if self.answers else (200, b'{"errcode":0}')


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Receive for a while."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append(Got(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            receiver.meanwhile()
            status, said = receiver.answer()
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(server.server_port)
    yield from _serving(server, receiver)


class Post:
    """What a mail server took and was told; `refuses` are mailboxes that it does not know."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mails: list[Message] = []
        self.refuses: set[str] = set()
        self.commands: list[str] = []


REPLIES = {
    "EHLO": "250-here\r\n250 AUTH PLAIN",
    "AUTH": "235 come in",
    "DATA": "354 go on",
    "STARTTLS": "502 no",
    "QUIT": "221 bye",
}


@contextmanager
def posting() -> Iterator[Post]:
    """Take mails for a while."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 here")
            while line := self.rfile.readline().decode().strip():
                post.commands.append(line)
                word = line.split(maxsplit=1)[0].upper()
                is_refused = word == "RCPT" and any(each in line for each in post.refuses)
                self.say("550 unknown" if is_refused else REPLIES.get(word, "250 ok"))
                if word == "DATA":
                    self.take()
                    self.say("250 taken")

        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def take(self) -> None:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line.removeprefix(b"."))
            post.mails.append(message_from_bytes(b"".join(lines), policy=default))

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    post = Post(server.server_address[1])
    yield from _serving(server, post)


def _serving(server: socketserver.TCPServer, it: object) -> Iterator[object]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield it
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
