"""The machine that Shoal runs on in QEMU: the one place that knows the emulator's options.  Used by ./run and boot tests."""
import dataclasses

MACHINE = "virt-7.2,gic-version=3"
# virt has 32 virtio-mmio transports of 512 bytes, eight to a page.  A driver gets device memory by the page, so each
# device takes the last transport of another page.
VIRTIO_BUSES = (31, 23, 15, 7)


@dataclasses.dataclass
class Machine:
    """A QEMU virtual machine; command() turns it into a command line."""
    image: str = ""                 # flat Image for -kernel; empty: none
    initrd: str = ""                # boot archive; empty: none
    cores: int = 4
    memory: str = "1G"
    machine: str = MACHINE
    cpu: str = "cortex-a72"
    icount: bool = False            # virtual time counts instructions: exact and repeatable; one core only
    gdb: bool = False               # wait for a debugger on port 1234
    monitor: bool = True            # Ctrl-A C and Ctrl-A X on the console
    log: str = ""                   # file that gets a copy of the console's output
    extra: list = dataclasses.field(default_factory=list)

    def command(self):
        """Return QEMU's command line as a list."""
        line = [
            "qemu-system-aarch64", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-M", f"{self.machine},memory-backend=ram", "-cpu", self.cpu, "-smp", str(self.cores), "-m", self.memory,
            # reserve=off: 8 GiB of guest memory need address space of the host, and memory only when touched
            "-object", f"memory-backend-ram,id=ram,size={self.memory},reserve=off",
            "-global", "virtio-mmio.force-legacy=false",
        ]
        chardev = "stdio,id=console,signal=off" if self.monitor else "stdio,id=console,signal=on"
        if self.monitor:
            chardev += ",mux=on"
            line += ["-mon", "chardev=console"]
        if self.log:
            chardev += f",logfile={self.log}"
        line += ["-chardev", chardev, "-serial", "chardev:console"]
        if self.image:
            # the guest reports its exit status through semihosting when the command line says that somebody listens
            line += ["-kernel", str(self.image), "-append", "semihosting",
                     "-semihosting-config", "enable=on,target=native"]
        if self.initrd:
            line += ["-initrd", str(self.initrd)]
        if self.icount:
            line += ["-icount", "shift=0,align=off,sleep=off"]
        if self.gdb:
            line += ["-S", "-gdb", "tcp:127.0.0.1:1234"]
        return line + place_virtio(self.extra)


def place_virtio(arguments):
    """Give each virtio-mmio device that names no bus a transport on a page of its own."""
    buses = [bus for bus in VIRTIO_BUSES if not any(f"bus=virtio-mmio-bus.{bus}" in text for text in arguments)]
    placed = []
    for text in arguments:
        is_virtio = placed and placed[-1] == "-device" and text.split(",")[0].endswith("-device") and "bus=" not in text
        if is_virtio and text.startswith("virtio-"):
            if not buses:
                raise ValueError(f"more virtio devices than pages of transports ({len(VIRTIO_BUSES)})")
            text += f",bus=virtio-mmio-bus.{buses.pop(0)}"
        placed.append(text)
    return placed
