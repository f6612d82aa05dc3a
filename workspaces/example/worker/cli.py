"""Commands of the worker: `remind` every morning, `report` on the first of the month."""

import argparse
import sys
import time

from .client import ShelfClient
from .config import read_config
from .fines_report import write_report
from .reminders import compose_reminder, due_for_reminder, send_reminders


def main(argv=None) -> int:
    parser = argparse.ArgumentParser(prog="worker", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    remind = commands.add_parser("remind", help="mail everybody with a late book")
    remind.add_argument("--dry-run", action="store_true", help="print the mails instead of sending them")
    commands.add_parser("report", help="write the fines as CSV to standard output")
    options = parser.parse_args(argv)

    config = read_config()
    client = ShelfClient(config.server_url, config.library_card)
    now_ms = int(time.time() * 1000)
    loans = client.overdue_loans()

    if options.command == "report":
        differences = write_report(loans, now_ms, sys.stdout)
        return 1 if differences else 0

    mails = [
        compose_reminder(config.mail_from, address, late, now_ms)
        for address, late in due_for_reminder(loans, now_ms).items()
    ]
    if options.dry_run:
        for mail in mails:
            print(mail)
        return 0
    print(f"{send_reminders(config.mail_host, mails)} of {len(mails)} reminders sent")
    return 0


if __name__ == "__main__":
    sys.exit(main())
