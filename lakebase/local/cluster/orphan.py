"""A server that a killed emulator has left behind: told by its command line, and stopped."""

import signal
import time
from pathlib import Path

import psutil

DEADLINE = 4.0  # for each of the signals


def stop_orphan(data: Path) -> bool:
    """Stop a postmaster that a killed emulator left on this data directory; True when there was one.

    Its postmaster.pid is left alone: deleting it would let two servers write the same files.
    """
    try:
        pid = int((data / "postmaster.pid").read_text().splitlines()[0])
        process = psutil.Process(pid)
        if str(data) not in process.cmdline():
            return False
    except (FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess, psutil.AccessDenied):
        return False
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            break
        if _ended(process, DEADLINE):
            break
    return True


def _ended(process: psutil.Process, seconds: float) -> bool:
    """Whether a process that is no child of ours ends in time; init may be slow to collect it, so a zombie counts."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.01)
    return False
