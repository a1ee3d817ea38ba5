"""What it takes from power-on to a prompt: instructions, memory, bytes of image and archive; twice the same.

QEMU counts the instructions: it records the run (-icount rr=record) and says how many it has recorded (`info replay` of
its monitor).  Time that passes while the core sleeps is not in the figure.
"""
import dataclasses

import board
import qemu

PROMPT = "shoal> "
INSTRUCTIONS_MAX = 10_000_000       # Linux on the same machine: 963 M to the first line of a user program
KIB_MAX = 8192


@dataclasses.dataclass
class Recorded(qemu.Machine):
    """A machine whose run is recorded in the file `record`."""
    record: str = ""

    def command(self):
        return [*super().command(), "-icount", f"shift=0,align=off,rr=record,rrfile={self.record}"]


def measure(args, folder):
    """Boot to the prompt, and ask.  Return (instructions, KiB in use)."""
    figures = []

    def test(vm):
        vm.vm.delaybeforesend = None
        vm.see(PROMPT)
        vm.vm.send("free\r")                            # its answer comes when all is idle behind the prompt
        used = int(vm.see(r"KiB +\d+ +(\d+) ")[1])
        vm.see(PROMPT)
        figures.append(used)

    def count(vm):
        vm.vm.delaybeforesend = None
        vm.see(PROMPT)
        last = 0
        while not figures or figures[-1] != last:       # until it is idle: the prompt itself comes out byte by byte
            last = figures[-1] if figures else 0
            vm.vm.send("\x01c")                         # to the monitor
            vm.see(r"\(qemu\) ")
            vm.vm.send("info replay\r")
            figures.append(int(vm.see(r"instruction count = (\d+)\r")[1]))
            vm.vm.send("\x01c")

    for part in (count, test):
        vm = Recorded(**vars(board.machine(args)), record=str(folder / "record"))
        vm.monitor = True
        board.run(part, vm, args.timeout)
    return figures[-2], figures[-1]


def main():
    args = board.arguments(__doc__).parse_args()
    args.cores = 1
    with board.scratch() as folder:
        first, second = measure(args, folder), measure(args, folder)
    image, archive = ((args.build / name).stat().st_size for name in ("shoal.img", "boot.cpio"))
    print(f"prompt: {first[0]} instructions, {first[1]} KiB in use, image {image} bytes, archive {archive} bytes")
    if first != second:
        raise SystemExit(f"FAILED: {first} in the first run, {second} in the second")
    if first[0] > INSTRUCTIONS_MAX or first[1] > KIB_MAX:
        raise SystemExit(f"FAILED: at most {INSTRUCTIONS_MAX} instructions and {KIB_MAX} KiB are wanted")


if __name__ == "__main__":
    main()
