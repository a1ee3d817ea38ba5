"""The machine boots to init's summary; the banner names what the machine has."""
import re

import board


def main():
    parser = board.arguments(__doc__)
    parser.add_argument("--banner", action="append", default=[], help="pattern that the banner must hold, too")
    args = parser.parse_args()

    def test(vm):
        vm.see(r"Shoal ")
        banner = vm.see(r"(?s)^(.*?)init: ")[1] if args.banner else ""
        for pattern in args.banner:
            if not re.search(pattern, banner):
                raise board.Failure(f"the banner does not hold {pattern!r}")
        vm.passes()

    board.run(test, board.machine(args), args.timeout)


if __name__ == "__main__":
    main()
