"""The workloads, the gates of the project and what the original did (QEMU 5.2, two cores; good to about a third)."""

import dataclasses
import json
import re
import time

from servers import BenchError, run

KIB = 1 << 10
MIB = 1 << 20
GIB = 1 << 30
OBJECT = 4 * MIB

# A stride that visits every 4 KiB block of an image of a power of two before it comes back to one.
SCATTERED = 257 * MIB + 4 * KIB


@dataclasses.dataclass(frozen=True)
class Workload:
    """One row: so many requests of one size by `qemu-img bench`, the same for every server."""

    name: str
    write: bool
    size: int
    depth: int
    step: int
    fresh: bool = False
    cow: bool = False
    cold: bool = False
    sync: bool = False
    image: int = GIB
    most: int = 1 << 30
    gate: float | None = None
    gate_rate: float | None = None
    peer: str = "nbdkit"
    peer_row: str | None = None
    original: float | None = None

    def unit(self):
        return "MiB/s" if self.size >= MIB else "ops/s"

    def rate(self, requests, seconds):
        return requests * self.size / MIB / seconds if self.size >= MIB else requests / seconds


ONE_NODE = [
    Workload("4 KiB random write, depth 32", True, 4 * KIB, 32, SCATTERED, gate=1.5, original=5700),
    Workload("4 KiB random write, depth 1", True, 4 * KIB, 1, SCATTERED, gate=1.0, original=3270),
    Workload("4 KiB random write, depth 32, synced", True, 4 * KIB, 32, SCATTERED, sync=True,
             gate=0.45, peer="fio O_DSYNC", original=4500),
    Workload("4 KiB random read warm, depth 32", False, 4 * KIB, 32, SCATTERED, gate=0.8, original=16500),
    Workload("4 KiB random read warm, depth 1", False, 4 * KIB, 1, SCATTERED, gate=0.8, original=5000),
    Workload("64 KiB overwrite", True, 64 * KIB, 32, 64 * KIB, gate=0.55, original=4080),
    Workload("1 MiB overwrite", True, MIB, 16, MIB),
    Workload("4 MiB overwrite", True, OBJECT, 8, OBJECT, gate=0.65, original=678),
    Workload("4 MiB first write", True, OBJECT, 8, OBJECT, fresh=True, most=256,
             gate=0.45, peer_row="4 MiB overwrite", original=355),
    Workload("4 MiB read warm", False, OBJECT, 8, OBJECT, gate=0.9, original=1176),
    Workload("4 MiB read cold", False, OBJECT, 8, OBJECT, cold=True, most=256, original=722),
    Workload("4 KiB first write of an object", True, 4 * KIB, 32, OBJECT, fresh=True, image=4 * GIB, most=1024,
             gate_rate=4500, original=1150),
    Workload("4 KiB copy-on-write", True, 4 * KIB, 32, OBJECT, cow=True, most=256, gate_rate=1400, original=69),
]

# Gates are ratios to our own one node here.
THREE_NODES = [
    Workload("4 KiB random write, depth 32", True, 4 * KIB, 32, SCATTERED, gate=0.35, original=2160),
    Workload("4 KiB random write, depth 32, synced", True, 4 * KIB, 32, SCATTERED, sync=True, original=1730),
    Workload("4 KiB random read warm, depth 32", False, 4 * KIB, 32, SCATTERED, gate=1.0),
    Workload("4 MiB overwrite", True, OBJECT, 8, OBJECT, gate=0.35, original=315),
    Workload("4 MiB first write", True, OBJECT, 8, OBJECT, fresh=True, most=128, original=165),
    Workload("4 KiB copy-on-write", True, 4 * KIB, 32, OBJECT, cow=True, most=128, gate=0.4, original=25),
]


@dataclasses.dataclass(frozen=True)
class Sample:
    """One run: the rate in the workload's unit, the server's processor seconds per request."""

    rate: float
    cpu_per_request: float
    requests: int


class QemuImg:
    """`qemu-img bench` as the client of all servers."""

    DONE = re.compile(r"Run completed in ([0-9.]+) seconds")

    def __init__(self, program, seconds):
        self.program = program
        self.seconds = seconds
        self.counts = {}
        self.filled = set()

    def bench(self, work, url, count):
        command = [self.program, "bench", "-f", "raw", "-c", str(count), "-d", str(work.depth), "-s", str(work.size)]
        command += ["-S", str(work.step), "-t", "none" if work.sync else "writeback"]
        done = self.DONE.search(run(*command, *(["-w"] if work.write else []), url))
        if not done:
            raise BenchError("qemu-img bench did not say how long it took")
        return float(done.group(1))

    def fill(self, url, size):
        fill = Workload("fill", True, OBJECT, 8, OBJECT)
        self.bench(fill, url, size // OBJECT)

    def measure(self, work, server):
        """Runs the workload for about the time of a run, on an image that is filled unless it is to be fresh."""
        own = work.fresh or work.cow
        vdi = "own" if own else "filled"
        if own or server.name not in self.filled:
            server.create(vdi, work.image)
            if not work.fresh:
                self.fill(server.native(vdi), min(work.most * work.step, work.image))
            if not own:
                self.filled.add(server.name)
        try:
            if work.cow:
                server.collie("vdi", "snapshot", "-s", "before", vdi)
            if work.cold:
                server.drop_caches()
            key = (work.name, server.name)
            if key not in self.counts:
                self.counts[key] = self.count(work, server.native(vdi))
            count = self.counts[key]
            before = server.cpu()
            seconds = self.bench(work, server.native(vdi), count)
            return Sample(work.rate(count, seconds), (server.cpu() - before) / count, count)
        finally:
            if work.cow:
                server.collie("vdi", "delete", "-s", "before", vdi)
            if own:
                server.delete(vdi)

    def count(self, work, url):
        """So many requests as take about the time of a run; all there are where each can be done once only."""
        if work.fresh or work.cow or work.cold:
            return min(work.most, work.image // work.step)
        probe = max(2 * work.depth, 64)
        return max(probe, int(probe / self.bench(work, url, probe) * self.seconds))


def fio(*words):
    """A run of fio; the one job of its report."""
    command = ["fio", "--output-format=json", "--name=bench", "--group_reporting", *words]
    text = run(*command)
    return json.loads(text[text.index("{"):])["jobs"][0]


def fio_dsync(directory, seconds):
    """Random 4 KiB writes a second, each synced, of 16 writers to one file: what the disk can do."""
    job = fio(
        f"--filename={directory}/fio.raw", "--size=256M", "--rw=randwrite", "--bs=4k", "--ioengine=psync",
        "--sync=dsync", "--numjobs=16", "--time_based", f"--runtime={seconds}",
    )
    return job["write"]["iops"]


def fill_by_nbd(server, vdi):
    """A new image of 1 GiB that has all its objects."""
    server.create(vdi, GIB)
    fio("--ioengine=nbd", f"--uri={server.nbd(vdi)}", "--size=1G", "--rw=write", "--bs=4M", "--iodepth=8")


def client_p99(server, vdi, seconds):
    """Of 4 KiB reads and writes at random within 128 MiB, one at a time: the greater 99th percentile, microseconds."""
    job = fio(
        "--ioengine=nbd", f"--uri={server.nbd(vdi)}", "--size=128M", "--rw=randrw", "--bs=4k", "--iodepth=1",
        "--time_based", f"--runtime={seconds}",
    )
    return max(job[part]["clat_ns"]["percentile"]["99.000000"] for part in ("read", "write")) / 1000


def fio_nbd(server, rw, size, depth, seconds):
    """Runs fio's NBD engine; rate (ops/s, or MiB/s from 1 MiB on), CPU a request and percentiles in microseconds."""
    fill_by_nbd(server, "bench")
    try:
        url = server.nbd("bench")
        before = server.cpu()
        job = fio(
            "--ioengine=nbd", f"--uri={url}", "--size=1G", f"--rw={rw}", f"--bs={size}", f"--iodepth={depth}",
            "--time_based", f"--runtime={seconds}",
        )
        part = job["read" if "read" in rw else "write"]
        percentiles = {key[:-4]: value / 1000 for key, value in part["clat_ns"]["percentile"].items()}
        wanted = {name: percentiles[name] for name in ("50.00", "99.00", "99.90")}
        rate = part["bw_bytes"] / MIB if size >= MIB else part["iops"]
        return Sample(rate, (server.cpu() - before) / max(1, part["total_ios"]), part["total_ios"]), wanted
    finally:
        server.delete("bench")


def timed(action):
    began = time.monotonic()
    action()
    return time.monotonic() - began
