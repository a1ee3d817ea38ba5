"""A bench prints each of its lines, meets every target, and gives the same figures again in a second run.

kernel: init's command kernel-bench, without servers.  services: the program bench, with all of them.
"""
import re

import board

KERNEL = """null-syscall cap-copy cap-delete retype-frame map-4k unmap-4k revoke-1 revoke-16 revoke-256 revoke-4096
lmp-buffered-roundtrip lmp-cap-roundtrip lmp-fast-roundtrip-0 lmp-fast-roundtrip-8 notify-wake irq-to-driver
context-switch fault-upcall kernel-longest
spawn-build spawn-run spawn-revoke
condition-signal-switch rpc-call-threads rpc-call
ump-send ump-receive ump-send-7-words ump-receive-7-words ump-rpc-messages ump-call-one-core""".split()
SERVICES = """spawn-exit spawn-exit-bss-512m ram-alloc-free-4k ram-alloc-free-2m slot-alloc-free
map-unmap-vspace-4k map-unmap-vspace-2m
rpc-plain-empty rpc-plain-7-words rpc-empty rpc-7-words rpc-8-words rpc-64B rpc-1KiB rpc-64KiB rpc-cap loopback-empty
page-fault-seq page-fault-random page-fault-huge unmap-page unmap-huge malloc-free-64 malloc-1000
thread-create-join thread-switch thread-switch-no-fp mutex-uncontended mutex-handoff condition-round-trip""".split()
CASES = {
    "kernel": (KERNEL, {"commands": ["kernel-bench"]}),
    "services": (SERVICES, {"menu": "respawn names\nconsole serial\nlast bench\n"}),
}
MISSED = set()
LONGEST = 20000             # instructions in the kernel without leaving it: kernel-memory-and-boot, "Bounds"


def figures(args, folder, archive):
    """Run a bench once and return {name: (value, unit, whether its target is met)}."""
    got = {}

    def test(vm):
        end = vm.see(r"(?s)^(.*?)shoal: exit status 0\r*\n")
        for name, value, unit, remark in re.findall(r"bench (\S+) (\d+) (\S+)([^\r\n]*)\r*\n", end[1]):
            if name in got:
                raise board.Failure(f"bench {name} was printed twice")
            got[name] = (int(value), unit, "missed" not in remark)
        vm.ends()

    vm = board.machine(args)
    vm.initrd = board.write_archive(folder / "boot.cpio", args, **archive)
    board.run(test, vm, args.timeout)
    return got


def main():
    parser = board.arguments(__doc__)
    parser.add_argument("case", choices=CASES)
    args = parser.parse_args()
    names, archive = CASES[args.case]
    args.icount, args.cores = True, 1
    with board.scratch() as folder:
        first, second = figures(args, folder, archive), figures(args, folder, archive)
    problems = [f"bench {name} is missing" for name in names if name not in first]
    problems += [f"{name}: {first[name]} in the first run, {second.get(name)} in the second"
                 for name in first if first[name] != second.get(name)]
    # A target that is missed again is a step back that somebody has to see; one that is met now belongs in the list of those.
    problems += [f"{name}: {value} {unit}, its target is {'met' if met else 'missed'}"
                 for name, (value, unit, met) in first.items() if met == (name in MISSED)]
    if first.get("kernel-longest", (0,))[0] > LONGEST:
        problems.append(f"kernel-longest is over its budget of {LONGEST} instructions")
    if problems:
        raise SystemExit("FAILED: " + "\n        ".join(problems))


if __name__ == "__main__":
    main()
