"""A delay line: everything arrives, in order, never early, and the sender is told when much is under way."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakebase.local.gateway.delay_line import LARGEST, DelayLine


class Receiver:
    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.congested: list[bool] = []
        self.arrived: list[int] = []
        self.early: list[int] = []
        self.sent = 0
        self.line = DelayLine(lambda: self.congested.append(self.line.full))

    def send(self, size: int = 1) -> None:
        number, due = self.sent, self.loop.time() + self.line.seconds
        self.sent += 1
        self.line.send(size, lambda: self._arrive(number, due))

    def _arrive(self, number: int, due: float) -> None:
        self.arrived.append(number)
        if self.loop.time() < due:
            self.early.append(number)

    async def all_arrived(self) -> None:
        async with asyncio.timeout(10):
            while len(self.arrived) < self.sent:
                await asyncio.sleep(0.001)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from([0.001, 0.004, 0.01]), st.integers(0, LARGEST)), max_size=8))
def test_in_order_and_never_early_whatever_the_delays(sent: list[tuple[float, int]]) -> None:
    async def check() -> Receiver:
        receiver = Receiver()
        for seconds, size in sent:
            receiver.line.delay(seconds)
            receiver.send(size)
            await asyncio.sleep(0)
        await receiver.all_arrived()
        return receiver

    receiver = asyncio.run(check())
    assert (receiver.arrived, receiver.early) == (list(range(len(sent))), [])
    # Told in turns, and in the end that there is room.
    assert receiver.congested == [number % 2 == 0 for number in range(len(receiver.congested))]
    assert receiver.congested[-1:] in ([], [False])


@pytest.mark.parametrize("how", ["flush", "delay"])
def test_flushed_or_delayed_no_more_it_arrives_at_once(how: str) -> None:
    async def check() -> list[int]:
        receiver = Receiver()
        receiver.line.delay(3600)
        for _ in range(3):
            receiver.send()
        receiver.line.flush() if how == "flush" else receiver.line.delay(0)
        return receiver.arrived

    assert asyncio.run(check()) == [0, 1, 2]


def test_dropped_it_never_arrives() -> None:
    async def check() -> list[int]:
        receiver = Receiver()
        receiver.line.delay(0.01)
        receiver.send()
        receiver.line.drop()
        await asyncio.sleep(0.03)
        return receiver.arrived

    assert asyncio.run(check()) == []


def test_the_sender_waits_while_much_is_under_way() -> None:
    async def check() -> list[bool]:
        receiver = Receiver()
        receiver.line.delay(3600)
        for _ in range(5):
            receiver.send(LARGEST // 4)
        assert receiver.congested == [True]
        receiver.line.flush()
        return receiver.congested

    assert asyncio.run(check()) == [True, False]
