"""Money is whole cents everywhere; only people see a decimal point."""


def format_cents(cents: int) -> str:
    """1234 becomes "12.34"."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
