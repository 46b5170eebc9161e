"""The end of a client's connection: its last bytes go out for as long as it takes them."""

import asyncio

LINGER_SECONDS = 5.0  # for a client that takes none of its last bytes


def close(transport: asyncio.Transport) -> None:
    """Close after what was written, and give up on a client that takes nothing of it."""
    transport.close()
    _linger(transport, transport.get_write_buffer_size() + 1)


def _linger(transport: asyncio.Transport, before: int) -> None:
    left = transport.get_write_buffer_size()
    if left >= before:
        transport.abort()
    elif left:
        asyncio.get_running_loop().call_later(LINGER_SECONDS, _linger, transport, left)
