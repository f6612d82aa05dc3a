"""A small client for the Shelf API, with retries. Only the standard library is needed."""

import json
import time
import urllib.error
import urllib.request


class ShelfError(Exception):
    """The server said no. `code` is the stable word of the error body."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code


class ShelfClient:
    def __init__(self, base_url: str, library_card: str, attempts: int = 4, sleep=time.sleep):
        self.base_url = base_url
        self.library_card = library_card
        self.attempts = attempts
        self.sleep = sleep

    def overdue_loans(self) -> list[dict]:
        """Every loan past its due date, with its book and borrower."""
        return self._request("GET", "/loans/overdue")["loans"]

    def _request(self, method: str, path: str) -> dict:
        """Asks again after a network error, a 429 or a 5xx, waiting longer each time (exponential backoff)."""
        for attempt in range(1, self.attempts + 1):
            request = urllib.request.Request(
                self.base_url + path, method=method, headers={"X-Library-Card": self.library_card}
            )
            try:
                with urllib.request.urlopen(request, timeout=10) as response:
                    return json.load(response)
            except urllib.error.HTTPError as error:
                if attempt == self.attempts or (error.code < 500 and error.code != 429):
                    raise self._to_error(error) from None
                self.sleep(float(error.headers.get("Retry-After") or 2**attempt))
            except urllib.error.URLError:
                if attempt == self.attempts:
                    raise
                self.sleep(2**attempt)
        raise AssertionError("unreachable")

    @staticmethod
    def _to_error(error: urllib.error.HTTPError) -> ShelfError:
        try:
            body = json.load(error)
        except ValueError:
            body = {}
        return ShelfError(error.code, body.get("error", "unknown"), body.get("message", error.reason))
