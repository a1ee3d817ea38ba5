"""The tests of self-paging, heap and exceptions (apps/faults) pass, and what ends a process is said with its reason."""
import re

import board

# What the program itself says, before the crash report.
REASONS = [
    r"faults: stack overflow of thread 3 \(first\): write to 0x[0-9a-f]+",
    r"faults: stack overflow of thread 1 \(main\): write to 0x[0-9a-f]+",
    r"faults: null pointer of thread 1 \(main\): write to 0x8,",
    r"faults: write to read-only memory of thread 1 \(main\)",
    r"faults: execution of data of thread 1 \(main\)",
    r"faults: access to memory that is not mapped of thread 1 \(main\): read from 0x5000000000",
    r"faults: null pointer of thread 3 \(has none\): write to 0x20,",
    r"faults: stack overflow in the exception handler of thread 1 \(main\): write to 0x[0-9a-f]+",
    r"faults: out of memory, and the stack cannot grow, of thread 3 \(greedy\): write to 0x[0-9a-f]+: [^\r\n]*limit",
    r"free\(\) of a block that is free",
]


def test(vm):
    """One run of all tests."""
    vm.death.remove(board.DEATH[1])                             # free() twice
    end = vm.see(r"(?s)^(.*?)faults: (\d+) passed, (\d+) failed\r*\n")
    names = re.findall(r"(?m)^ok (\S+?)\r*$", end[1])
    if int(end[3]) or int(end[2]) != len(names) or len(names) < 50:
        raise board.Failure(f"{end[2]} passed, {end[3]} failed, and {len(names)} lines say ok")
    for reason in REASONS:
        if not re.search(reason, end[1]):
            raise board.Failure(f"nowhere: {reason}")
    vm.ends_with_status(0)


def main():
    args = board.arguments(__doc__).parse_args()
    with board.scratch() as folder:
        vm = board.machine(args)
        vm.initrd = board.write_archive(folder / "boot.cpio", args, menu="console serial\nlast manager faults\n")
        board.run(test, vm, args.timeout)


if __name__ == "__main__":
    main()
