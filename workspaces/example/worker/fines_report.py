"""The monthly report of fines, as CSV for the treasurer.

The rules are those of server/fines.ts and docs/lending-rules.md. They are written out a second time here on purpose: the
report checks the server's sums, and a report that asked the server for them would agree with any mistake.
"""

import csv
import math
from datetime import datetime, timezone

from .money import format_cents

DAY_MS = 86_400_000
GRACE_DAYS = 2
ADULT_CENTS_PER_DAY = 25
CHILD_CENTS_PER_DAY = 10
MAX_FINE_CENTS = 1500
CHILD_UNTIL_AGE = 14


def expected_fine(loan: dict, now_ms: int) -> int:
    """The fine in cents as the lending rules have it."""
    late = math.ceil((now_ms - loan["dueAt"]) / DAY_MS) - GRACE_DAYS
    if late <= 0:
        return 0
    year = datetime.fromtimestamp(now_ms / 1000, timezone.utc).year
    is_child = year - loan["member"]["birthYear"] <= CHILD_UNTIL_AGE
    rate = CHILD_CENTS_PER_DAY if is_child else ADULT_CENTS_PER_DAY
    return min(late * rate, loan["priceCents"], MAX_FINE_CENTS)


def write_report(loans: list[dict], now_ms: int, out) -> int:
    """Writes one row a loan and a total; returns how many sums differ from the server's."""
    writer = csv.writer(out)
    writer.writerow(["member", "title", "server", "expected", "differs"])
    total = differences = 0
    for loan in loans:
        expected = expected_fine(loan, now_ms)
        differs = expected != loan["fineSoFarCents"]
        differences += differs
        total += expected
        writer.writerow(
            [
                loan["member"]["name"],
                loan["title"],
                format_cents(loan["fineSoFarCents"]),
                format_cents(expected),
                "yes" if differs else "",
            ]
        )
    writer.writerow(["total", "", "", format_cents(total), ""])
    return differences
