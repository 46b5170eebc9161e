"""What is said in the log of a request that was refused."""

import logging

SERVER_ERROR = 500


class OneLine(logging.Filter):
    """A refusal is a line, as that of a page that is not there: a traceback is for our own mistakes.

    Django logs a 403 and a 400 with the exception that stood for it.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", SERVER_ERROR) < SERVER_ERROR:
            record.exc_info = None
        return True
