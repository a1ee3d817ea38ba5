"""Commands from the boot archive's exec.txt run, and the status is that of all of them."""
import board


def main():
    parser = board.arguments(__doc__)
    parser.add_argument("--exec", required=True, action="append", metavar="COMMAND", dest="commands")
    parser.add_argument("--see", action="append", default=[], help="patterns to wait for, in this order")
    parser.add_argument("--status", type=int, default=0)
    args = parser.parse_args()

    def test(vm):
        for pattern in args.see:
            vm.see(pattern)
        vm.ends_with_status(args.status)

    with board.scratch() as folder:
        vm = board.machine(args)
        vm.initrd = board.write_archive(folder / "boot.cpio", args, commands=args.commands)
        board.run(test, vm, args.timeout)


if __name__ == "__main__":
    main()
