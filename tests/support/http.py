"""A browser without windows for servers in other processes: cookies, form tokens, answers of any status."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from http.client import RemoteDisconnected
from urllib.parse import urlencode

from flask import Flask

from tests.factories import open_session


class Browser:
    """Signed in by a real session of ``app``; talks to a server on the same database."""

    def __init__(self, app: Flask, username: str, address: str) -> None:
        client = app.test_client()
        open_session(client, username)
        cookie = client.get_cookie("yiheng")
        assert cookie is not None
        self.cookie, self.address = f"yiheng={cookie.value}", address
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay())

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page."""
        return self._open(path, None)

    def post(self, path: str, seen_on: str, **fields: str) -> tuple[int, str]:
        """Send a form whose token stands on the page ``seen_on``; status 0 when the server died over it."""
        _status, page = self.get(seen_on)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found, f"no form on {seen_on}: {page[:300]}"
        return self._open(path, urlencode({"csrf_token": found[1], **fields}).encode())

    def _open(self, path: str, data: bytes | None) -> tuple[int, str]:
        headers = {"Cookie": self.cookie, "Referer": self.address + path}
        request = urllib.request.Request(self.address + path, data, headers)  # noqa: S310  # our own server
        try:
            answer = self._opener.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        except (RemoteDisconnected, ConnectionError, urllib.error.URLError):
            return 0, ""
        with answer:
            for line in answer.headers.get_all("Set-Cookie", []):
                if line.startswith("yiheng="):
                    self.cookie = line.split(";")[0]
            return answer.status, answer.read().decode()


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer, not a reason to go on."""

    def redirect_request(self, *_args: object, **_more: object) -> None:
        return None
