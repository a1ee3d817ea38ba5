"""The tests of bindings between processes (apps/bindtest, apps/bindrandom), or of names (apps/nametest), pass, all of them."""
import re

import board


def passed(args, folder):
    """Run all tests once and return the names of those that passed."""
    names = []

    def test(vm):
        end = vm.see(rf"(?s)^(.*?){args.program}: (\d+) passed, (\d+) failed\r*\n")
        names.extend(re.findall(r"(?m)^ok (\S+?)\r*$", end[1]))
        if int(end[3]) or int(end[2]) != len(names):
            raise board.Failure(f"{end[2]} passed, {end[3]} failed, and {len(names)} lines say ok")
        vm.ends_with_status(0)

    vm = board.machine(args)
    menu = f"respawn names\nconsole serial\nlast manager {args.program} all\n"
    vm.initrd = board.write_archive(folder / "boot.cpio", args, menu=menu)
    board.run(test, vm, args.timeout)
    return names


def main():
    parser = board.arguments(__doc__)
    parser.add_argument("--program", default="bindtest")
    parser.add_argument("--tests", type=int, default=33, help="that it has, at least")
    args = parser.parse_args()
    with board.scratch() as folder:
        names = passed(args, folder)
        if len(names) < args.tests:
            raise SystemExit(f"FAILED: only {len(names)} tests were run: {names}")


if __name__ == "__main__":
    main()
