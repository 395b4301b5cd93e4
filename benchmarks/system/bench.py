"""The whole-system benchmark; called by script/bench, which has installed what it needs."""

import argparse
import os
import pathlib
import platform
import re
import signal
import statistics
import sys
import time

import report
import workloads
from servers import BenchError, Nbdkit, QemuNbd, Sheep, free_directory, remove, run, wait_until
from workloads import GIB, KIB, MIB, QemuImg, fio_dsync, fio_nbd, timed

PORT = 17000


def arguments():
    parser = argparse.ArgumentParser(
        prog="script/bench",
        description="Measures sheep beside its peers in one run: medians of several runs, spread, ratios, and the gates.",
        epilog="Give it a machine to itself. The table goes to stdout, progress to stderr; the exit code is 1 when a gate is missed.",
    )
    parser.add_argument("--quick", action="store_true", help="runs of half a second; one node, by QEMU and NBD, only")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="runs of each row, interleaved (default: 5)")
    parser.add_argument("--only", default="", metavar="TEXT", help="only rows whose name contains TEXT")
    parser.add_argument("--against", metavar="DIR", help="another source tree of ours, measured beside this one")
    parser.add_argument("--directory", default="/var/tmp", metavar="DIR", help="file system to measure on (default: /var/tmp)")
    parser.add_argument("--output", default="target/bench", metavar="DIR", help="where results.json, table.md and ratios.svg go (default: target/bench)")
    parser.add_argument("--qemu-img", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--root", required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


class Bench:
    def __init__(self, options, directory):
        self.options = options
        self.directory = directory
        self.seconds = 0.5 if options.quick else 2
        self.client = QemuImg(options.qemu_img, self.seconds)
        self.rows = []
        self.facts = {}
        self.port = PORT

    def sheep(self, build=None, **shape):
        self.port += 10
        return Sheep(build or self.options.root, self.directory, self.port, **shape)

    def wanted(self, name):
        return self.options.only.lower() in name.lower()

    def builds(self, **shape):
        """This build, and the one that it is compared with."""
        result = {"sheep": self.sheep(**shape)}
        if self.options.against:
            result["against"] = self.sheep(self.options.against, **shape)
        return result

    def interleaved(self, row, servers, measure):
        """Fills a row: each server in turn, as often as there are runs, and once before to warm up."""
        for number in range(-1, self.options.runs):
            for key, server in servers.items():
                progress(f"{row.setup}: {row.name} ({number + 1}/{self.options.runs}, {key})")
                sample = measure(server)
                if number < 0:
                    continue
                row.rates.setdefault(key, []).append(sample.rate)
                row.cpu.setdefault(key, []).append(sample.cpu_per_request)
        self.rows.append(row)
        return row

    def native(self, setup, works, shape, peers):
        servers = {False: self.builds(sync=False, **shape)}
        if any(work.sync for work in works):
            servers[True] = self.builds(sync=True, **shape)
        try:
            for work in works:
                row = report.Row(setup, work.name, work.unit(), {}, {}, work.gate, work.gate_rate,
                                 work.peer if work.gate else None, None, work.original)
                rivals = {} if work.fresh or work.cow or work.sync else peers
                self.interleaved(row, servers[work.sync] | rivals, lambda server, work=work: self.client.measure(work, server))
                if setup == "one node" and work.sync:
                    row.peer_rate = statistics.median(fio_dsync(self.directory, self.seconds) for _ in range(self.options.runs))
                if setup == "one node" and work.peer_row:
                    row.peer_rate = next((r.median("nbdkit") for r in self.rows if r.name == work.peer_row), None)
                if setup != "one node" and work.gate:
                    row.peer = "one node"
                    row.peer_rate = next((r.median() for r in self.rows if r.setup == "one node" and r.name == work.name), None)
            self.facts[f"resident MiB, {setup}"] = max(s.rss() for group in servers.values() for s in group.values()) >> 20
        finally:
            for group in servers.values():
                for server in group.values():
                    server.close()

    def nbd(self, peers):
        servers = self.builds()
        cells = [("randwrite", 4 * KIB, 32), ("randread", 4 * KIB, 32), ("write", MIB, 8), ("read", MIB, 8)]
        try:
            for rw, size, depth in cells:
                name = f"fio {rw}, {size // KIB} KiB, depth {depth}"
                if not self.wanted(name):
                    continue
                row = report.Row("NBD", name, "MiB/s" if size >= MIB else "ops/s", {}, {}, gate=0.8, peer="nbdkit", percentiles={})

                def measure(server, rw=rw, size=size, depth=depth, row=row):
                    sample, percentiles = fio_nbd(server, rw, size, depth, self.seconds)
                    key = "sheep" if isinstance(server, Sheep) else server.name
                    row.percentiles.setdefault(key, []).append(percentiles)
                    return sample

                self.interleaved(row, servers | peers, measure)
        finally:
            for server in servers.values():
                server.close()

    def administration(self):
        """What an administrator waits for, seconds."""
        starts = []
        for number in range(self.options.runs):
            sheep = self.sheep()
            starts.append(sheep.ready_seconds)
            if number < self.options.runs - 1:
                sheep.close()
        try:
            self.facts["seconds until a node is ready"] = statistics.median(starts)
            self.facts["resident MiB, idle"] = sheep.rss() >> 20
            image = self.directory / "convert.raw"
            image.write_bytes(os.urandom(64 * MIB) * 8)
            self.times(sheep, "qemu-img convert in, 512 MiB", 172, lambda: run(
                self.options.qemu_img, "convert", "-f", "raw", "-O", "raw", image, sheep.native("Copy"), "-n"),
                before=lambda: sheep.create("Copy", 512 * MIB), after=lambda: sheep.delete("Copy"))
            sheep.create("Copy", 512 * MIB)
            run(self.options.qemu_img, "convert", "-f", "raw", "-O", "raw", "-n", image, sheep.native("Copy"))
            out = self.directory / "back.raw"
            self.times(sheep, "qemu-img convert out, 512 MiB", 780, lambda: run(
                self.options.qemu_img, "convert", "-f", "raw", "-O", "raw", sheep.native("Copy"), out))
            for name, words in {
                "collie vdi list": ("vdi", "list"),
                "collie node list": ("node", "list"),
                "collie vm list": ("vm", "list"),
            }.items():
                self.facts[f"ms, {name}"] = 1000 * statistics.median(timed(lambda w=words: sheep.collie(*w)) for _ in range(self.options.runs))
            steps = {
                "create": lambda n: sheep.collie("vdi", "create", f"Thin{n}", "40G"),
                "snapshot of 512 MiB": lambda n: sheep.collie("vdi", "snapshot", "-s", f"s{n}", "Copy"),
                "clone of 512 MiB": lambda n: sheep.collie("vdi", "clone", "-s", f"s{n}", "Copy", f"Clone{n}"),
                "delete": lambda n: sheep.collie("vdi", "delete", f"Clone{n}"),
            }
            for name, step in steps.items():
                self.facts[f"ms, collie vdi {name}"] = 1000 * statistics.median(timed(lambda n=n, s=step: s(n)) for n in range(self.options.runs))
        finally:
            sheep.close()

    def recovery(self):
        """What the death of one of four nodes costs: 1 GiB, three copies, no sync."""
        speed = report.Row("four nodes", "all copies again after a kill", "MiB/s", {}, {}, gate_rate=370, original=186)
        calm = report.Row("four nodes", "p99 of a client, idle to recovery with `-R`", "", {}, {}, gate_rate=0.5)
        for row, measure in ((speed, self.recovered_rate), (calm, self.calmness)):
            if self.wanted(row.name):
                for number in range(self.options.runs):
                    progress(f"{row.setup}: {row.name} ({number + 1}/{self.options.runs})")
                    sheep = self.sheep(nodes=4, copies=3)
                    try:
                        row.rates.setdefault("sheep", []).append(measure(sheep))
                    finally:
                        sheep.close()
                self.rows.append(row)

    @staticmethod
    def recovered_rate(sheep):
        """Bytes that went from node to node, by the time until everything had three copies again."""
        workloads.fill_by_nbd(sheep, "bench")
        wait_until(lambda: not sheep.collie("node", "recovery", "-r"), "the end of recovery")
        began = time.monotonic()
        sheep.kill_last()
        survivors = len(sheep.pids)
        complete, done = sheep.logged("RECOVERY_COMPLETE"), sheep.logged("RECOVERY_DONE_HERE")
        wait_until(lambda: len(sheep.logged("RECOVERY_COMPLETE")) == len(complete) + survivors, "all copies")
        seconds = time.monotonic() - began
        moved = [line for line in sheep.logged("RECOVERY_DONE_HERE") if line not in done]
        return sum(int(re.search(r" bytes=(\d+)", line)[1]) for line in moved) / MIB / seconds

    def calmness(self, sheep):
        """
        How much shorter the client's 99th percentile is without a recovery than with a throttled one; 1 is as short.

        The client works on an eighth of the image: what it asks for is brought at once, whatever the throttle says,
        so one that asks for everything would only measure how long it takes to bring 4 MiB.
        """
        seconds = 4 * self.seconds
        workloads.fill_by_nbd(sheep, "bench")
        workloads.client_p99(sheep, "bench", seconds)  # warm
        idle = workloads.client_p99(sheep, "bench", seconds)
        for node in range(3):
            run(sheep.build / "bin/collie", "node", "recovery", "set-throttle", "1", "200", "-p", str(sheep.port + node), env=sheep.environment)
        sheep.kill_last()
        busy = workloads.client_p99(sheep, "bench", seconds)
        if not sheep.collie("node", "recovery", "-r"):
            raise BenchError("recovery was over before the client was; give it a larger image or a shorter run")
        return idle / busy

    def times(self, sheep, name, original, action, before=lambda: None, after=lambda: None):
        if not self.wanted(name):
            return
        row = report.Row("one node", name, "MiB/s", {}, {}, original=original)
        for _ in range(self.options.runs):
            before()
            row.rates.setdefault("sheep", []).append(512 / timed(action))
            after()
        self.rows.append(row)

    def all(self):
        peers = {server.name: server for server in (Nbdkit(self.directory, PORT), QemuNbd(self.directory, PORT + 1))}
        works = [work for work in workloads.ONE_NODE if self.wanted(work.name)]
        if works:
            self.native("one node", works, {}, peers)
        self.nbd(peers)
        if not self.options.only:
            self.administration()
        three = [work for work in workloads.THREE_NODES if self.wanted(work.name)]
        if three and not self.options.quick:
            self.native("three nodes", three, {"nodes": 3, "copies": 3}, {})
        if not self.options.quick:
            self.recovery()


def main():
    options = arguments()
    # so that what runs is ended and the directory removed
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    directory = free_directory(options.directory)
    bench = Bench(options, directory)
    bench.facts["machine"] = f"{os.cpu_count()} cores, Linux {platform.release()}, load {os.getloadavg()[0]:.1f} at the start"
    try:
        bench.all()
    finally:
        remove(directory)
        progress("")
    output = pathlib.Path(options.output)
    output.mkdir(parents=True, exist_ok=True)
    text = report.table(bench.rows)
    (output / "table.md").write_text(text)
    report.save(bench.rows, bench.facts, output / "results.json")
    report.plot(bench.rows, output / "ratios.svg")
    print(text)
    for name, value in bench.facts.items():
        print(f"{name}: {value if isinstance(value, str) else report.number(value)}")
    return 1 if any(row.passes() is False for row in bench.rows) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as error:
        sys.exit(f"bench: {error}")
