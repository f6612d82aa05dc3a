"""Decides who is reminded of a late book today, and sends the mails.

A member gets one mail for all late books together. Reminders go out on day 1, 7 and 14 after the due date; after that
the desk picks up the telephone.
"""

import smtplib
from collections import defaultdict
from email.message import EmailMessage

from .money import format_cents

DAY_MS = 86_400_000
REMIND_ON_DAYS = (1, 7, 14)


def days_late(loan: dict, now_ms: int) -> int:
    """Whole days since the due date; 1 on the first day."""
    return (now_ms - loan["dueAt"]) // DAY_MS + 1


def due_for_reminder(loans: list[dict], now_ms: int) -> dict[str, list[dict]]:
    """Late loans by e-mail address, for members with at least one book on a reminder day."""
    by_address: dict[str, list[dict]] = defaultdict(list)
    for loan in loans:
        by_address[loan["member"]["email"]].append(loan)
    return {
        address: late
        for address, late in by_address.items()
        if any(days_late(loan, now_ms) in REMIND_ON_DAYS for loan in late)
    }


def compose_reminder(sender: str, address: str, loans: list[dict], now_ms: int) -> EmailMessage:
    name = loans[0]["member"]["name"]
    lines = [f"Dear {name},", "", "these books are waiting to come home:", ""]
    for loan in loans:
        fine = format_cents(loan["fineSoFarCents"])
        lines.append(f"  - {loan['title']}, {days_late(loan, now_ms)} days late, fine so far {fine}")
    lines += ["", "Bring them back or renew them at the desk.", "", "Your library"]

    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = address
    mail["Subject"] = "A book is late" if len(loans) == 1 else f"{len(loans)} books are late"
    mail.set_content("\n".join(lines))
    return mail


def send_reminders(mail_host: str, mails: list[EmailMessage]) -> int:
    """Sends over one SMTP connection. One refused address must not keep the others from their mail."""
    sent = 0
    with smtplib.SMTP(mail_host, timeout=30) as smtp:
        for mail in mails:
            try:
                smtp.send_message(mail)
                sent += 1
            except smtplib.SMTPRecipientsRefused:
                print(f"refused: {mail['To']}")
    return sent
