"""A real HTTP server on loopback that speaks the OpenAI chat protocol, with the faults real ones have."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Reply = Callable[[dict], "dict | str | int"]


class OpenAiServer:
    """Answers each request with what `reply` returns: a message, raw text, or an HTTP status."""

    def __init__(self, reply: Reply, delay_s: float = 0.0) -> None:
        self.requests: list[dict] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(200, json.dumps({"data": []}))

            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["content-length"])))
                outer.requests.append({**request, "authorization": self.headers.get("authorization")})
                time.sleep(delay_s)
                answer = reply(request)
                if isinstance(answer, int):
                    self._send(answer, json.dumps({"error": {"message": "no"}}))
                elif isinstance(answer, str):
                    self._send(200, answer)
                else:
                    usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
                    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", **answer}}
                    body = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
                    self._send(200, json.dumps({**body, "usage": usage}))

            def _send(self, status: int, body: str) -> None:
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
