"""What the SDK would write to the log and must not."""

import logging
import re

# At DEBUG the SDK logs every answer and does not mask {"token": ...} (databricks/sdk/logger/round_trip_logger.py).
SECRET_FIELD = re.compile(r"""(["'](?:token|access_token|refresh_token|client_secret|password)["']\s*:\s*["'])[^"']*""")
SECRET_HEADER = re.compile(r"(Authorization: )[^\n]*", re.IGNORECASE)


class _MaskedTokens(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        masked = SECRET_HEADER.sub(r"\1********", SECRET_FIELD.sub(r"\1********", text))
        if masked != text:
            record.msg, record.args = masked, ()
        return True


_MASK = _MaskedTokens()


def keep_tokens_out_of_the_log() -> None:
    """Mask the tokens in what the SDK logs; safe to repeat."""
    logging.getLogger("databricks.sdk").addFilter(_MASK)
