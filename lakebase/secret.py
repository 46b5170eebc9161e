"""A value that is used but never shown."""


class Secret:
    """Holds a token or password so that no repr, log line, traceback or debug page can print it.

    Deliberately no `str`: whatever formats it gets the mask, and the value leaves through `reveal()` alone.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself; pass it on at once and keep it in no variable that outlives the call."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return "********"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("A secret is not pickled or copied to another process; fetch it there.")
