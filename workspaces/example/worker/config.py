"""Settings of the worker, read once from the environment. See docs/configuration.md."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Config:
    server_url: str
    library_card: str
    mail_host: str
    mail_from: str


def read_config(environ=os.environ) -> Config:
    card = environ.get("SHELF_CARD", "")
    if not card:
        raise SystemExit("SHELF_CARD is not set: the worker needs the library card of a staff member.")
    return Config(
        server_url=environ.get("SHELF_URL", "http://localhost:8080").rstrip("/"),
        library_card=card,
        mail_host=environ.get("SHELF_MAIL_HOST", "localhost"),
        mail_from=environ.get("SHELF_MAIL_FROM", "desk@library.example"),
    )
