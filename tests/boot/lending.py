"""Memory goes from core to core and comes back, Frames that cross go with their owner, cores stop and start: and what each
core has free is the same before and after, to the KiB."""
import re

import board

BIG = 200                   # MiB: far more than a core starts with


def commands(cores):
    last, other = cores - 1, cores - 2
    yield f'oncore -f {last} shell -c "memtest {BIG}"', [rf"memtest: {BIG} MiB ok"]
    yield f'oncore {last} shell -c "memtest {BIG}"; oncore -f {other} shell -c "memtest {BIG}"; sleep 2', [
        rf"memtest: {BIG} MiB ok", rf"memtest: {BIG} MiB ok"]
    yield f'oncore -f {other} shell -c "memtest 100000"', [r"memtest: [^\r\n]*: out of RAM"]
    yield f"crosstest {other}", ["as-victim ok"]
    yield f"oncore -f {last} crosstest {other}", ["as-victim ok"]
    # a borrower that stops while it uses what it has borrowed
    yield f'oncore {last} shell -c "memtest {2 * BIG}"; core stop {last}; core start {last}', []
    yield "; ".join(f"core stop {last}; core start {last}" for _ in range(20)), []


def figures(vm, cores):
    """The table of `cores`, of all of which it says that they are up: KiB, and KiB free."""
    vm.see(r"KiB free\r*\n")
    return [vm.see(rf" {core} +up +\d+ +(\d+ +\d+)\r*\n")[1].split() for core in range(cores)]


def main():
    args = board.arguments(__doc__).parse_args()
    lines = ["sleep 1", "cores"]
    for line, _ in commands(args.cores):
        lines += [*re.split(r"; (?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", line), "sleep 1", "cores"]

    def test(vm):
        # what is started and kept with the first use of each core: proc's bindings to the others
        before = figures(vm, args.cores)
        for line, patterns in commands(args.cores):
            for pattern in patterns:
                vm.see(pattern)
            after = figures(vm, args.cores)
            if after != before:
                raise board.Failure(f"after {line!r}: {after}, not {before}")
        vm.ends_with_status(1)          # of what asked for too much

    with board.scratch() as folder:
        vm = board.machine(args)
        vm.initrd = board.write_archive(folder / "boot.cpio", args, commands=lines)
        board.run(test, vm, args.timeout)


if __name__ == "__main__":
    main()
