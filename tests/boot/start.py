"""The machine boots, and init's self-tests pass; the banner names its cores, its memory and the level it was entered at."""
import re

import board


def mebibytes(text):
    """Of a size as QEMU writes it."""
    return int(text[:-1]) * {"M": 1, "G": 1024}[text[-1]]


def main():
    args = board.arguments(__doc__).parse_args()
    level = 2 if "virtualization=on" in args.machine_options else 1
    cores = "1 core" if args.cores == 1 else f"{args.cores} cores"
    banner = rf"Shoal \d+\.\d+\.\d+, [^\r\n]+, {cores}, {mebibytes(args.memory)} MiB, entered at EL{level}\r*\n"

    def test(vm):
        line = vm.see(r"Shoal [^\r\n]*\r*\n")[0]
        if not re.fullmatch(banner, line):
            raise board.Failure(f"the banner is {line!r}, wanted {banner!r}")
        vm.passes()

    with board.scratch() as folder:
        vm = board.machine(args)
        vm.initrd = board.write_archive(folder / "boot.cpio", args, commands=["selftest"])
        board.run(test, vm, args.timeout)


if __name__ == "__main__":
    main()
