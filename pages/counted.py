"""How many there are of something, in words that agree."""


def counted(number: int, one: str, many: str = "") -> str:
    """1 line, 2,000 lines, 1 entry, 2 entries."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
