"""What is measured: clusters of sheep, and the servers and limits that they are compared with.

Every server has `name`, `native(vdi)` or `nbd(vdi)` (URLs for QEMU and libnbd), `cpu()` (seconds that its
processes have used so far) and `rss()` (bytes). A server ends with `close()`, by the process ids that it started.
"""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")


class BenchError(Exception):
    """Something that the caller of the benchmark can act on."""


def run(*command, **options):
    """Runs a command that must succeed; its standard output."""
    done = subprocess.run(command, text=True, capture_output=True, **options)
    if done.returncode:
        raise BenchError(f"{' '.join(map(str, command))}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def wait_until(condition, what, seconds=60):
    """Polls a condition; starting programs cannot tell us otherwise."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise BenchError(f"{what} did not happen within {seconds} s")
        time.sleep(0.005)


def listens(port):
    with contextlib.closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) << 10
    return 0


class Processes:
    """The processes of a server."""

    pids = ()

    def cpu(self):
        return sum(map(processor_seconds, self.pids))

    def rss(self):
        return max(map(resident, self.pids))

    def close(self):
        for pid in self.pids:
            os.kill(pid, signal.SIGTERM)
        for pid in self.pids:
            wait_until(lambda: not alive(pid), f"the end of process {pid}")


def alive(pid):
    try:
        os.kill(pid, 0)
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


class Sheep(Processes):
    """A cluster of sheep on this host, joined by the driver `local`."""

    def __init__(self, build, directory, port, nodes=1, copies=1, sync=False):
        self.name = f"sheep-{port}"
        self.port = port
        self.nbd_port = port + 100
        self.build = pathlib.Path(build)
        self.directory = pathlib.Path(directory) / self.name
        self.directory.mkdir(parents=True)
        self.environment = dict(os.environ, SHEEPDOG_LOCAL_DIR=str(self.directory / "events"))
        self.pids = []
        began = time.monotonic()
        for node in range(nodes):
            pidfile = self.directory / f"{node}.pid"
            options = [] if sync else ["-n"]
            run(
                self.build / "bin/sheep", "-c", "local", "-p", str(port + node), "-P", str(pidfile), *options,
                "--nbd", f"127.0.0.1:{self.nbd_port + node}", str(self.directory / str(node)), env=self.environment,
            )
            self.pids.append(int(pidfile.read_text()))
            if node == 0:
                self.ready_seconds = time.monotonic() - began
        self.collie("cluster", "format", f"--copies={copies}")

    def collie(self, *words, **options):
        command = [str(self.build / "bin/collie"), *words, "-p", str(self.port)]
        return run(*command, env=self.environment, **options)

    def create(self, vdi, size):
        self.collie("vdi", "create", vdi, str(size))

    def delete(self, vdi):
        self.collie("vdi", "delete", vdi)

    def kill_last(self):
        """Ends the last node as a power cut would."""
        os.kill(self.pids.pop(), signal.SIGKILL)

    def logged(self, event):
        """What the living nodes have logged of that kind."""
        lines = []
        for node in range(len(self.pids)):
            log = self.directory / str(node) / "sheep.log"
            lines += [line for line in log.read_text().splitlines() if f" event={event} " in line]
        return lines

    def native(self, vdi):
        return f"sheepdog://127.0.0.1:{self.port}/{vdi}"

    def nbd(self, vdi):
        return f"nbd://127.0.0.1:{self.nbd_port}/{vdi}"

    def drop_caches(self):
        drop_caches(self.directory)


class File(Processes):
    """A server of one raw file, which is made anew for each name; there is nothing but the file behind it."""

    command = ()

    def __init__(self, directory, port):
        self.directory = pathlib.Path(directory) / self.name
        self.directory.mkdir(parents=True)
        self.port = port
        self.process = None

    def create(self, vdi, size):
        self.stop()
        path = self.directory / vdi
        with open(path, "wb") as file:
            file.truncate(size)
        command = [word.format(port=self.port, path=path) for word in self.command]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.pids = [self.process.pid]
        wait_until(lambda: listens(self.port), f"{self.name} listens")

    def delete(self, vdi):
        self.stop()
        (self.directory / vdi).unlink()

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None
            self.pids = []

    def native(self, vdi):
        return self.nbd(vdi)

    def nbd(self, _vdi):
        return f"nbd://127.0.0.1:{self.port}"

    def drop_caches(self):
        drop_caches(self.directory)

    def close(self):
        self.stop()


class Nbdkit(File):
    name = "nbdkit"
    command = ("nbdkit", "-f", "-i", "127.0.0.1", "-p", "{port}", "file", "{path}")


class QemuNbd(File):
    name = "qemu-nbd"
    command = ("qemu-nbd", "-t", "-f", "raw", "--cache=writeback", "-b", "127.0.0.1", "-p", "{port}", "-e", "16", "{path}")


def drop_caches(directory):
    """Takes a directory's files out of the page cache, nobody else's."""
    for path in pathlib.Path(directory).rglob("*"):
        if path.is_file() and not path.is_symlink():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


def free_directory(base):
    """A directory of our own below `base`, which goes with the benchmark."""
    path = pathlib.Path(base) / f"sheepdog-bench-{os.getpid()}"
    path.mkdir(parents=True)
    return path


def remove(path):
    shutil.rmtree(path, ignore_errors=True)
