"""A page fault costs about the same with 10 regions and with 100,000, empty or mapped: bench fault-curve on the target."""
import board
import fault_curve                                                          # from tools/, which board.py looks in


def main():
    args = board.arguments(__doc__).parse_args()
    args.icount, args.cores = True, 1
    texts = []

    def test(vm):
        texts.append(vm.see(r"(?s)^(.*?)shoal: exit status 0\r*\n")[1])
        vm.ends()

    with board.scratch() as folder:
        for mode in ("", " mapped"):
            vm = board.machine(args)
            vm.initrd = board.write_archive(folder / "boot.cpio", args, menu=f"console serial\nlast bench fault-curve{mode}\n")
            board.run(test, vm, args.timeout)
    results = fault_curve.figures("".join(texts))
    print(results)
    if fault_curve.steep(results):
        raise SystemExit("FAILED: " + "\n        ".join(fault_curve.steep(results)))


if __name__ == "__main__":
    main()
