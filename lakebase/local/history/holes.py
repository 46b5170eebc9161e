"""The empty end of a log file takes no room.

PostgreSQL fills a file that it finishes early, as at each backup and shutdown, with zeros up to its 16 MB. They are
given back to the file system, and are read as zeros from then on: the file is the same.
"""

import ctypes
import errno
import os
import sys
from pathlib import Path

KEEP_SIZE, PUNCH_HOLE = 1, 2  # of fallocate(2)
CHUNK, BLOCK = 1 << 20, 4096
ZEROS = bytes(CHUNK)
CANNOT = {errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EPERM}


def release(path: Path) -> None:
    """Free the blocks behind the last byte that is not zero, where the system can."""
    if not sys.platform.startswith("linux"):
        return
    with path.open("r+b") as file:
        about = os.fstat(file.fileno())
        size = about.st_size
        used = -(-_end_of_data(file.fileno(), size) // BLOCK) * BLOCK
        if used >= size:
            return
        arguments = (ctypes.c_int(file.fileno()), ctypes.c_int(KEEP_SIZE | PUNCH_HOLE))
        offsets = (ctypes.c_int64(used), ctypes.c_int64(size - used))
        library = ctypes.CDLL(None, use_errno=True)
        if library.fallocate(*arguments, *offsets) != 0 and ctypes.get_errno() not in CANNOT:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(path))
        # It tells until when all commits are in the file.
        os.utime(file.fileno(), ns=(about.st_atime_ns, about.st_mtime_ns))


def room_taken(path: Path) -> int:
    """Bytes on the disk. Raises FileNotFoundError."""
    about = path.stat()
    return min(about.st_size, about.st_blocks * 512)


def _end_of_data(descriptor: int, size: int) -> int:
    """The offset behind the last byte that is not zero."""
    end = size
    while end > 0:
        begin = max(0, end - CHUNK)
        chunk = os.pread(descriptor, end - begin, begin)
        if chunk != ZEROS[: len(chunk)]:
            return begin + len(chunk.rstrip(b"\0"))
        end = begin
    return 0
