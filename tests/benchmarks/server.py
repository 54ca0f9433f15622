"""Speed and steadiness of `pipcert-logs serve`, against the library and an empty endpoint.

    python -m tests.benchmarks.server [--seconds N] [--soak REQUESTS]

Logs have a hundred lines, one failure of the corpus among those of an ordinary build, and no two
are the same. The client runs on the same machine, and takes its share of the cores.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count, cycle, islice
from pathlib import Path
from statistics import mean, median, quantiles
from typing import NamedTuple

from pipcert_logs import explain
from pipcert_logs.scan.local import cores
from tests.benchmarks.clean_log import clean_lines
from tests.corpus_logs import LOGS
from tests.serving import Server, serving

LINES = 100
_CONNECTIONS = 16

# The kinds of requests of a soak: how many of a hundred, and what is answered, if not 200.
_KINDS = {"good": 86, "slow": 2, "malformed": 5, "huge": 2, "bomb": 1, "too much": 1}
_LEAVING = {"leaves halfway": 1, "leaves before the answer": 1, "stalls": 0.1}
_STATUSES = {"malformed": 400, "bomb": 413, "too much": 413, "stalls": 408}


def logs(seed: int = 1) -> Iterator[bytes]:
    """Yield logs of a hundred lines that differ in their packages and numbers."""
    chance = random.Random(seed)
    lines = clean_lines(chance)
    for number in count():
        failing = chance.choice(LOGS).read_bytes().replace(b"demo-package", b"demo-%d" % number)
        around = "".join(next(lines) for _ in range(max(LINES - failing.count(b"\n"), 0)))
        yield around.encode() + failing


class Answered(NamedTuple):
    """What came back."""

    status: int
    body: bytes


class Connection:
    """A connection that is kept, and asks one thing after the other."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def open(self) -> Connection:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def ask(self, path: str, body: bytes | None = None, headers: str = "") -> Answered:
        """Send a request and read all of the answer."""
        method = "GET" if body is None else "POST"
        length = f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n" if body else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{length}{headers}\r\n"
        return await self.send(head.encode() + (body or b""))

    async def send(self, *pieces: bytes, pause: float = 0.0) -> Answered:
        """Send a request in pieces, with pauses in seconds between them, and read the answer."""
        for number, piece in enumerate(pieces):
            await asyncio.sleep(pause if number else 0)
            self._writer.write(piece)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        fields = answer.lower().split(b"content-length: ")
        size = int(fields[1].split(b"\r")[0]) if len(fields) > 1 else 0
        return Answered(int(answer.split(b" ", 2)[1]), await self._reader.readexactly(size))

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def timed(connection: Connection, path: str, body: bytes | None = None) -> float:
    """Measure one request in seconds."""
    begin = time.perf_counter()
    answered = await connection.ask(path, body)
    assert answered.status == 200, answered
    return time.perf_counter() - begin


def explaining(bodies: Sequence[bytes]) -> list[float]:
    """Measure how many seconds the library takes for each of some logs."""
    taken = []
    for body in bodies:
        begin = time.perf_counter()
        explain(body).to_json()
        taken.append(time.perf_counter() - begin)
    return taken


async def latency(port: int, bodies: Sequence[bytes]) -> None:
    """Print what HTTP adds to the library, one request at a time."""
    ours = median(explaining(bodies)) * 1e3
    connection = await Connection(port).open()
    asked = [await timed(connection, "/v1/explain", body) for body in bodies]
    empty = [await timed(connection, "/healthz") for _ in bodies]
    http, nothing = median(asked) * 1e3, median(empty) * 1e3
    print(f"library {ours:.2f} ms (target 2), HTTP {http:.2f} ms, empty endpoint {nothing:.2f} ms")
    print(f"HTTP adds {http - ours:.2f} ms (target 3): {(http - ours) / nothing:.1f} empty ones")


async def throughput(port: int, seconds: float, path: str, bodies: Sequence[bytes | None]) -> float:
    """Return how many requests a second are answered, all connections busy."""
    end = time.perf_counter() + seconds
    done = 0

    async def client(number: int) -> None:
        nonlocal done
        connection = await Connection(port).open()
        for body in cycle(bodies[number::_CONNECTIONS]):
            if time.perf_counter() > end:
                return
            assert (await connection.ask(path, body)).status == 200
            done += 1

    await asyncio.gather(*(client(number) for number in range(_CONNECTIONS)))
    return done / seconds


async def steadiness(
    port: int, seconds: float, rate: float, bodies: Sequence[bytes | None]
) -> None:
    """Print the latencies where requests come at a rate, whether the last was answered or not."""
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(4 * _CONNECTIONS):
        free.put_nowait(await Connection(port).open())
    taken: list[float] = []

    async def one(body: bytes | None, due: float) -> None:
        connection = await free.get()
        assert (await connection.ask("/v1/explain", body)).status == 200
        taken.append(time.perf_counter() - due)
        free.put_nowait(connection)

    begin = time.perf_counter()
    tasks = []
    for number in range(int(rate * seconds)):
        due = begin + number / rate
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        tasks.append(asyncio.create_task(one(bodies[number % len(bodies)], due)))
    await asyncio.gather(*tasks)
    middle, late = median(taken) * 1e3, quantiles(taken, n=100)[98] * 1e3
    print(
        f"at 80 %: median {middle:.1f} ms, p99 {late:.1f} ms, ratio {late / middle:.1f} (target 10)"
    )


def memory(server: Server) -> float:
    """Return what a server and its workers hold, in MB; shared pages count as parts."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    held = 0
    for process in (server.process.pid, *map(int, children.split())):
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        held += int(rollup.split("Pss:")[1].split()[0])
    return held / 1000


class Soak:
    """Good and bad requests by chance, and what became of them."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._chance = random.Random(4)
        self._good = [(log, explain(log).to_json().encode()) for log in islice(logs(3), 50)]
        self._bomb = gzip.compress(b"a" * (80 << 20), 9)
        self.became: Counter[str] = Counter()
        self.wrong: list[str] = []

    async def client(self, count: int) -> None:
        """Send so many requests, one after the other."""
        kinds = {**_KINDS, **_LEAVING}
        connection = await Connection(self._port).open()
        stalled = []
        for kind in self._chance.choices(list(kinds), list(kinds.values()), k=count):
            if kind == "stalls":
                stalled.append(asyncio.create_task(self._stall()))
            elif kind in _LEAVING:
                await self._leave(kind)
            elif kind == "too much":
                self._count(kind, await self._too_much())
            else:
                await self._ask(kind, connection)
        await asyncio.gather(*stalled)
        connection.close()

    async def _ask(self, kind: str, connection: Connection) -> None:
        log, expected = self._chance.choice(self._good)
        packed = "Content-Encoding: gzip\r\n"
        if kind == "slow":
            half = len(log) // 2
            answered = await connection.send(_head(len(log)), log[:half], log[half:], pause=0.2)
        elif kind == "malformed":
            answered = await connection.ask("/v1/explain", b"{x", packed)
        elif kind == "bomb":
            answered = await connection.ask("/v1/explain", self._bomb, packed)
        elif kind == "huge":
            answered = await connection.ask("/v1/explain", b"ordinary line\n" * (5 << 16))
        else:
            answered = await connection.ask("/v1/explain", log)
        self._count(kind, answered)
        if kind in ("good", "slow") and answered.body != expected:
            self.wrong.append(f"{kind}: {answered.body[:200]!r}")

    async def _too_much(self) -> Answered:
        connection = await Connection(self._port).open()
        answered = await connection.send(_head(11 << 20))
        connection.close()
        return answered

    async def _leave(self, kind: str) -> None:
        log, _ = self._chance.choice(self._good)
        sent = log[: len(log) // 2] if kind == "leaves halfway" else log
        _, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(_head(len(log)) + sent)
        await writer.drain()
        writer.close()
        self.became[kind] += 1

    async def _stall(self) -> None:
        connection = await Connection(self._port).open()
        self._count("stalls", await connection.send(_head(100), b"half"))
        connection.close()

    def _count(self, kind: str, answered: Answered) -> None:
        self.became[f"{kind} {answered.status}"] += 1
        if answered.status != _STATUSES.get(kind, 200):
            self.wrong.append(f"{kind}: {answered.body[:200]!r}")


def _head(size: int) -> bytes:
    head = "POST /v1/explain HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
    return f"{head}Content-Length: {size}\r\n\r\n".encode()


async def soak(server: Server, requests: int) -> None:
    """Send requests of all kinds, and print what became of them and of the memory."""
    clients = 8
    sent = Soak(server.port)
    await asyncio.gather(*(sent.client(requests // 10 // clients) for _ in range(clients)))
    tenth = memory(server)
    await asyncio.gather(*(sent.client(requests * 9 // 10 // clients) for _ in range(clients)))
    held = memory(server)
    print(f"soak: {json.dumps(dict(sorted(sent.became.items())))}")
    print(f"answered wrongly: {len(sent.wrong)}", *sent.wrong[:5], sep="\n")
    print(f"memory: {tenth:.0f} MB after a tenth, {held:.0f} MB in the end ({held / tenth:.2f})")


async def measure(server: Server, seconds: float) -> None:
    """Print all figures but the soak's."""
    explaining([*islice(logs(1), 50)])
    await latency(server.port, [*islice(logs(2), 400)])
    bodies = [*islice(logs(5), 400)]
    library = mean(explaining(bodies))
    await throughput(server.port, 1, "/v1/explain", [*islice(logs(1), 400)])
    rate = await throughput(server.port, seconds, "/v1/explain", bodies)
    empty = await throughput(server.port, seconds, "/healthz", [None] * _CONNECTIONS)
    share = rate * library / cores()
    print(f"{rate:.0f} requests/s, {empty:.0f} of the empty endpoint")
    print(f"{share:.2f} of {cores()} cores / {library * 1e3:.2f} ms of the library (target 0.6)")
    await steadiness(server.port, seconds, 0.8 * rate, bodies)


def main() -> None:
    """Start a server, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    parser.add_argument("--soak", type=int, default=0, metavar="REQUESTS", help="and a soak")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder), "--rate", "0", "--in-flight", "256") as server,
    ):
        if options.soak:
            asyncio.run(soak(server, options.soak))
        else:
            asyncio.run(measure(server, options.seconds))
        print(server.log.read_text("utf-8").splitlines()[1:] or "the server said nothing")


if __name__ == "__main__":
    main()
