"""A board in QEMU, for boot tests: a script waits for lines of the console, and dies with the whole console shown."""
import argparse
import contextlib
import io
import pathlib
import re
import sys
import tempfile
import time

import pexpect

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tools"))
import mkarchive                                                            # noqa: E402  (from tools/)
import qemu                                                                 # noqa: E402

DEATH = [r"PANIC[^\r\n]*", r"assertion failed[^\r\n]*", pexpect.EOF, pexpect.TIMEOUT]


class Failure(Exception):
    """The board did not do what the test wants."""


class Board:
    """One run of a machine.  timeout: seconds for all of the test; it detects a hang and is no speed target."""

    def __init__(self, machine, timeout):
        command = machine.command()
        self.console = io.StringIO()
        self.death = list(DEATH)        # a test whose programs fail assertions on purpose takes that one out
        self.deadline = time.monotonic() + timeout
        self.vm = pexpect.spawn(command[0], command[1:], encoding="utf-8", codec_errors="replace", echo=False)
        self.vm.logfile_read = self.console

    def see(self, pattern):
        """Wait for a pattern; return its match.  A sign of death before it ends the test at once."""
        found = self.vm.expect([pattern, *self.death], timeout=max(0, self.deadline - time.monotonic()))
        if found:
            what = dict(zip(DEATH, ["a panic", "a failed assertion", "the end", "a hang"]))[self.death[found - 1]]
            raise Failure(f"wanted {pattern!r}, got {what}")
        return self.vm.match

    def ends(self, status=0):
        """Wait until QEMU has ended by itself, with this status (the guest's, through semihosting)."""
        found = self.vm.expect([pexpect.EOF, *DEATH[:2], pexpect.TIMEOUT],
                               timeout=max(0, self.deadline - time.monotonic()))
        if found:
            raise Failure(f"wanted the end, got {['', 'a panic', 'a failed assertion', 'a hang'][found]}")
        self.vm.close()
        if self.vm.exitstatus != status:
            raise Failure(f"wanted status {status} of QEMU; it ended with status {self.vm.exitstatus}, signal {self.vm.signalstatus}")

    def ends_with_status(self, status):
        """Wait for the guest's status line and the end."""
        got = self.see(r"shoal: exit status (\d+)\r*\n")[1]
        if int(got) != status:
            raise Failure(f"wanted exit status {status}, got {got}")
        self.ends(status)

    def drain(self, seconds=3):
        """Take what still comes, a backtrace for instance, into the console's text."""
        self.vm.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=seconds)

    def passes(self):
        """Wait for init's summary without a failure, and for status 0."""
        passed, failed = (int(n) for n in self.see(r"init: (\d+) passed, (\d+) failed\r*\n").groups())
        if failed or not passed:
            raise Failure(f"init's summary: {passed} passed, {failed} failed")
        self.ends_with_status(0)


def arguments(description):
    """Return a parser that knows what all boot tests take."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="folder of the preset: build/qemu")
    parser.add_argument("--timeout", type=int, default=120)
    parser.add_argument("--cores", type=int, default=4)
    parser.add_argument("--memory", default="1G")
    parser.add_argument("--cpu", default=qemu.Machine.cpu)
    parser.add_argument("--machine-options", default="", help="added to -M, with a leading comma")
    parser.add_argument("--icount", action="store_true")
    return parser


@contextlib.contextmanager
def scratch():
    """A folder that is gone after the test."""
    with tempfile.TemporaryDirectory(prefix="boot-") as folder:
        yield pathlib.Path(folder)


def machine(args):
    """Return the machine that the arguments describe: image and archive of the build."""
    return qemu.Machine(image=args.build / "shoal.img", initrd=args.build / "boot.cpio", cores=args.cores,
                        memory=args.memory, cpu=args.cpu, machine=qemu.MACHINE + args.machine_options,
                        icount=args.icount, monitor=False)


def write_archive(path, args, **extra):
    """Write the build's archive with more in it (mkarchive.extended) to path; return path."""
    path.write_bytes(mkarchive.extended((args.build / "boot.cpio").read_bytes(), **extra))
    return path


def run(test, vm, timeout):
    """Boot vm, call test with the board; on failure show the whole console and end with status 1."""
    board = Board(vm, timeout)
    try:
        test(board)
    except Failure as failure:
        board.drain()
        print(f"FAILED: {failure}", flush=True)
        sys.exit(1)
    finally:
        board.vm.close(force=True)
        print("---- console ----")
        print(re.sub(r"\r+\n", "\n", board.console.getvalue()))
        print("---- end of console ----")
