"""What ./run does once its packages are there: read the options, build, make the boot archive, boot, judge the end."""
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import time

import build
import mkarchive
import ports
import qemu

EXEC_TIMEOUT = 300      # seconds; detects a hang, is no speed target
TIMED_OUT = 124
STATUS_LINE = re.compile(rb"^shoal: exit status (\d+)", re.M)


class Options:
    """The command line, read."""

    def __init__(self, arguments):
        self.machine = qemu.Machine(cores=0)
        self.preset = "qemu"
        self.modules = []           # (path, [argument ...])
        self.ports = []             # names: those that were asked for, and those that commands name
        self.commands = None        # of --exec
        self.timeout = None
        left = list(arguments)
        while left:
            self.take(left.pop(0), left)
        if self.machine.icount and self.machine.cores > 1:
            wrong("--icount has one core")
        named = ports.named(self.commands or []) - {path.name for path, _ in self.modules}
        self.ports = sorted(named.union(self.ports))
        self.machine.cores = self.machine.cores or (1 if self.machine.icount else 4)
        if self.timeout is None and self.commands is not None and not self.machine.gdb:
            self.timeout = EXEC_TIMEOUT

    def take(self, option, left):
        """Read one option, and its values from left."""
        def value():
            if not left:
                wrong(f"{option} needs a value")
            return left.pop(0)

        if option == "--smp":
            self.machine.cores = number(option, value())
        elif option == "--mem":
            text = value()
            self.machine.memory = text + "M" if text.isdecimal() else text      # QEMU's -m counts in MiB
        elif option == "--machine":
            self.machine.machine = value()
        elif option == "--cpu":
            self.machine.cpu = value()
        elif option == "--timeout":
            self.timeout = number(option, value())
        elif option == "--release":
            self.preset = "qemu-release"
        elif option == "--icount":
            self.machine.icount = True
        elif option == "--gdb":
            self.machine.gdb = True
        elif option == "--exec":
            self.commands = [value().replace("\n", ";")]        # init splits at semicolons, and knows about quotes
            if not self.commands[0].strip(" ;"):
                wrong("--exec got no command")
        elif option == "--port":
            self.ports.append(value())
            if self.ports[-1] not in ports.names():
                wrong(f"--port: there is none called {self.ports[-1]}, but {', '.join(ports.names())}")
        elif option == "--module":
            path = pathlib.Path(value())
            words = []
            while left and not left[0].startswith("--"):
                words.append(left.pop(0))
            self.modules.append((path, words))
        elif option == "--":
            self.machine.extra, left[:] = left[:], []
        else:
            wrong(f"unknown option {option}")


def wrong(sentence):
    """End for a mistake in the arguments."""
    print(f"run: {sentence} (see ./run --help)", file=sys.stderr)
    sys.exit(2)


def number(option, text):
    if not text.isdecimal() or int(text) == 0:
        wrong(f"{option} takes a number above 0, not {text}")
    return int(text)


def say(sentence):
    print(f"run: {sentence}", file=sys.stderr, flush=True)


def boot_archive(options, folder, into):
    """Return the archive to boot: the build's, or a copy with the modules, the ports and the commands of this run."""
    plain = folder / "boot.cpio"
    if not options.modules and not options.ports and options.commands is None:
        return plain
    for path, _ in options.modules:
        if not path.is_file():
            wrong(f"--module: there is no file {path}")
    alone = options.commands is not None        # the commands say when a module without arguments starts
    programs = [(path.name, path.read_bytes(), None if alone and not words else words) for path, words in options.modules]
    programs += [(name, (folder / "ports" / "bin" / name).read_bytes(), None) for name in options.ports]
    try:
        data = mkarchive.extended(plain.read_bytes(), programs, options.commands)
    except ValueError as error:
        wrong(f"--module: {error}")
    made = into / "boot.cpio"
    made.write_bytes(data)
    return made


def debugger_line(folder):
    """Return the command that attaches a debugger with the symbols of the kernel and of every program."""
    words = ["gdb-multiarch", "-cd", str(build.TOP), str(folder / "cpudriver.elf"), "-ex", "set confirm off"]
    for program in sorted((folder / "programs").iterdir()):
        words += ["-ex", f"add-symbol-file {program}"]
    return shlex.join([*words, "-ex", "target remote 127.0.0.1:1234"])


def end(guest):
    """Stop QEMU; one that is stuck with --icount does not hear SIGTERM."""
    guest.terminate()
    try:
        guest.wait(timeout=3)
    except subprocess.TimeoutExpired:
        guest.kill()
        guest.wait()


def wait(guest, log, timeout, unattended):
    """Wait for QEMU's end.  Return its status; TIMED_OUT, or None after a panic that nobody sits before."""
    deadline = time.monotonic() + timeout if timeout else None
    panicked = None
    while True:
        try:
            return guest.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            now = time.monotonic()
        if deadline and now > deadline:
            end(guest)
            return TIMED_OUT
        if unattended and panicked is None and b"\nPANIC" in log.read_bytes():
            panicked = now
        if panicked is not None and now > panicked + 2:      # time to print the backtrace
            end(guest)
            return None


def boot(options, folder, scratch):
    """Run QEMU and return our exit status."""
    machine, log = options.machine, scratch / "console.log"
    log.touch()
    machine.image, machine.log = folder / "shoal.img", str(log)
    machine.initrd = boot_archive(options, folder, scratch)
    unattended = options.commands is not None
    machine.monitor = not unattended
    if not unattended:
        say("leave with Ctrl-A X")
    if machine.gdb:
        say(f"waiting for a debugger: {debugger_line(folder)}")
    with subprocess.Popen(machine.command(), stdin=subprocess.DEVNULL if unattended else None) as guest:
        try:
            ended = wait(guest, log, options.timeout, unattended)
        except BaseException:
            end(guest)
            raise
    if ended == TIMED_OUT:
        say(f"hang: the guest had not ended after {options.timeout} seconds")
        return TIMED_OUT
    if ended is None:
        say("the kernel panicked")
        return 1
    lines = STATUS_LINE.findall(log.read_bytes())
    if lines:
        status = int(lines[-1])
        return TIMED_OUT + 1 if status == TIMED_OUT else status     # 124 is for the timeout alone
    if ended != 0:
        say(f"QEMU ended with status {ended}")
        return 1
    if not unattended and sys.stdin.isatty():
        return 0                                             # somebody left
    say("the guest ended without a status")
    return 1


def main():
    options = Options(sys.argv[1:])
    folder = build.build(options.preset, options.ports)
    with tempfile.TemporaryDirectory(prefix="run-", dir=build.BUILD) as scratch:
        try:
            return boot(options, folder, pathlib.Path(scratch))
        except KeyboardInterrupt:
            return 130


if __name__ == "__main__":
    sys.exit(main())
