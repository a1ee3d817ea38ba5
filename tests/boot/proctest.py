"""The tests of processes (apps/proctest) pass, all of them."""
import re

import board


def passed(args, folder, menu):
    """Run all tests once and return the names of those that passed."""
    names = []

    def test(vm):
        vm.death.remove(board.DEATH[1])                         # crash-abort
        end = vm.see(r"(?s)^(.*?)proctest: (\d+) passed, (\d+) failed\r*\n")
        names.extend(re.findall(r"(?m)^ok (\S+?)\r*$", end[1]))
        if int(end[3]) or int(end[2]) != len(names):
            raise board.Failure(f"{end[2]} passed, {end[3]} failed, and {len(names)} lines say ok")
        vm.ends_with_status(0)

    vm = board.machine(args)
    vm.initrd = board.write_archive(folder / "boot.cpio", args, menu=menu)
    board.run(test, vm, args.timeout)
    return names


def main():
    args = board.arguments(__doc__).parse_args()
    with board.scratch() as folder:
        names = passed(args, folder, "respawn names\nconsole serial\nlast manager proctest all\n")
        if len(names) < 21:
            raise SystemExit(f"FAILED: only {len(names)} tests were run: {names}")


if __name__ == "__main__":
    main()
