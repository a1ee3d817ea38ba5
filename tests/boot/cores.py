"""Cores at the shell: what runs where, what a stop ends, and that it all goes on a hundred times."""
import re

import board

NAMES = {"init", "mem", "proc"}


def pairs(cores):
    """A program on each core starts one on each core and waits for it."""
    return [f'oncore -f {a} shell -c "oncore -f {b} hello pair {a} {b}"' for a in range(cores) for b in range(cores)]


# --- cases: the commands, and what is looked at in what they printed ---

def come_up(cores):
    """All that the device tree lists, each with its servers, seen from the first and from the last."""
    last = cores - 1

    def check(text):
        for part in re.split(r"(?m)^from \d+$", text)[1:]:
            rows = [row.split() for row in part.splitlines()]
            up = [row[0] for row in rows if row[1:2] == ["up"]]
            yield up == [str(n) for n in range(cores)], f"{up} are up"
            seen = {(row[2], row[-1]) for row in rows if len(row) == 7 and row[3] == "running"}
            wanted = {(str(n), name) for n in range(cores) for name in NAMES}
            yield wanted <= seen, f"ps lacks {sorted(wanted - seen)}"
    started = [f"oncore -f {n} true" for n in range(cores)]       # waits for a core that is being started
    return [*started, "echo from 0", "cores", "ps", f'oncore -f {last} shell -c "echo from {last}; cores; ps"'], check


def oncore(_cores):
    """Arguments, times, foreground; cores that there are not, or that are off; status."""
    def check(text):
        yield len(re.findall(r'(?m)^hello, process 1\.\d+: "one" "two three"$', text)) == 1, "arguments"
        yield len(re.findall(r'(?m)^hello, process 2\.\d+: "many"$', text)) == 25, "-n 25"
        for line in ("hello: cannot be started: the machine has no such core", "hello: cannot be started: that core does not run",
                     "exit: status 7", "nonesuch: no such command or program", "core: 9: the machine has no such core",
                     "core: 0: not possible with the boot core", "core: 1: the core is not off", "core: 3: that core does not run"):
            yield f"\n{line}\n" in text, line
        yield len(re.findall(r"(?m)^crash-null, process 2\.\d+: write to address 0x0", text)) == 1, "a crash told"
    return ['oncore -f 1 hello one "two three"', "oncore -f -n 25 2 hello many", "oncore -f 9 hello", "oncore -f 2 exit 7",
            "oncore -f 2 nonesuch", "oncore -f 2 crash-null", "core stop 9", "core stop 0", "core start 1", "core stop 3",
            "oncore -f 3 hello", "core stop 3", "core start 3", "oncore -f 3 hello back"], check


def jobs(_cores):
    """kill, wait, jobs: a child of another core is one like any other."""
    def check(text):
        for line in (r"1\.\d+ spin: running", r"1\.\d+ spin: killed, status 128", r"2\.\d+ true: ended", "end"):
            yield re.search(rf"(?m)^{line}$", text), line
        yield len(re.findall(r"(?m)^ *1\.\d+ +\d+ +1 +running +\d+ +[0-9.]+ +spin$", text)) == 1, "ps while it runs"
    return ["oncore 1 spin", "jobs", "ps", 'kill 1.4', "wait 1.4", "oncore 2 true", "wait", "jobs", "ps", "echo end"], check


def stop(_cores):
    """Who ran there has ended: its parents hear, on whichever core they are; what starts there anew has new numbers."""
    def check(text):
        before, behind = re.split(r"(?m)^stopped$", text)
        yield "2.4 spin: killed, status 128" in behind, "the shell's own child"
        yield re.search(r"(?m)^spin: killed, status 128$", text), "a child of a shell of core 3"
        yield re.search(r"(?m)^3\.\d+ shell: status 127$", behind), "that shell"
        yield not re.search(r"(?m)^ +2\.\d+ ", behind.split("started")[0]), "nothing of core 2 in ps"
        yield re.search(r"(?m)^ +2  off *$", behind), "off"
        yield re.search(r'(?m)^hello, process 2\.10004: "again"$', behind), "again"
        yield before.count("running") >= 14, "all ran before"
    return ["oncore 2 spin", 'oncore 3 shell -c "oncore -f 2 spin"', 'oncore -f 1 shell -c "run true; run true; run true"',
            "sleep 2", "ps", "core stop 2", "echo stopped", "wait", "jobs", "ps", "cores", "core start 2", "echo started", "oncore -f 2 hello again",
            'oncore -f 3 shell -c "oncore -f 2 hello from three"'], check


def again(_cores):
    """A hundred stops and starts while the others work: spin on each, programs there and back before each stop."""
    commands = ["spin &", "oncore 1 spin", "oncore 3 spin"]
    for n in range(100):
        commands += ["core stop 2", "core start 2"]
        commands += [["oncore -n 2 2 spin", f"oncore -f 2 hello round {n}"], [f'oncore -f 2 shell -c "oncore -f 3 hello round {n}"'],
                     [f'oncore -f 3 shell -c "oncore -f 2 hello round {n}"'], [f"oncore -f 1 hello round {n}", "jobs"]][n % 4]

    def check(text):
        for n in range(100):
            yield f'"round" "{n}"' in text, f"round {n}"
        yield "core: " not in text, "no stop and no start failed"
        yield re.search(r"(?m)^ +2  up ", text), "up in the end"
    return commands + ["cores"], check


def together(_cores):
    """Programs on all cores write at once: each line is whole."""
    commands = [f'oncore {n} shell -c "oncore -f -n 40 {n} hello core {n} {chr(97 + n) * 40}"' for n in range(4)]

    def check(text):
        rows = re.findall(r"(?m)^hello, .*$", text)
        for n in range(4):
            whole = [row for row in rows if re.fullmatch(rf'hello, process [0-9.]+: "core" "{n}" "{chr(97 + n) * 40}"', row)]
            yield len(whole) == 40, f"{len(whole)} whole lines of core {n}"
        yield len(rows) == 160, f"{len(rows)} lines"
    return [*commands, "wait"], check


def reach(cores):
    """Every pair of cores."""
    def check(text):
        for a in range(cores):
            for b in range(cores):
                yield len(re.findall(rf'(?m)^hello, process [0-9.]+: "pair" "{a}" "{b}"$', text)) == 1, f"{a} to {b}"
    return pairs(cores), check


def done_when(_cores):
    """Issue 7's own line."""
    def check(text):
        yield re.search(r'(?m)^hello, process 3\.4: "from" "three"$', text), "core 3"
        yield re.search(r'(?m)^hello, process 2\.10004: "again"$', text), "core 2 again"
        for name in ("raw-cacheline-pingpong", "ump-roundtrip-polled", "ump-roundtrip-asleep", "ump-throughput", "rpc-empty-cores",
                     "rpc-7-words-cores", "bind-cores", "cap-transfer-cores", "spawn-exit-cores"):
            yield re.search(rf"(?m)^bench {name} \d+ ns\b", text), name
    return ["cores", "oncore 3 hello from three", "ps", "core stop 2", "cores", "core start 2", "oncore 2 hello again",
            "bench --cores 0,1", "wait"], check


def hostile(_cores):
    """Clients that write at random over live rings, to proc and to serial; the others' programs start, end and print."""
    work = [c for n in range(12) for c in (f"oncore -f 1 hello beside {n}", f'oncore -f 3 shell -c "oncore -f 1 hello through {n}"')]

    def check(text):
        for n in range(12):
            yield text.count(f'"beside" "{n}"') == 1 and text.count(f'"through" "{n}"') == 1, f"round {n}"
        ends = re.findall(r"(?m)^hostile: (\d+) connections, (\d+) refused$", text)
        # Who connects faster than a server notices the end of its last connections meets the server's bound, and is refused.
        yield len(ends) == 3 and all(int(binds) > 3 * int(refused) for binds, refused in ends), f"three of them: {ends}"
        yield len(re.findall(r"(?m)^ +1\.3 +0 +1 +running ", text)) == 1, "proc of core 1 runs"
    return ["oncore 2 hostile 10 proc 1", "oncore 3 hostile 10 proc 1", "oncore 2 hostile 10 serial", *work, "wait", "ps",
            "oncore -f 1 hello last"], check


CASES = {case.__name__.replace("_", "-"): case for case in (come_up, oncore, jobs, stop, again, together, reach, done_when, hostile)}


def main():
    parser = board.arguments(__doc__)
    parser.add_argument("case", choices=CASES)
    args = parser.parse_args()
    commands, check = CASES[args.case](args.cores)

    def test(vm):
        text = re.sub(r"\r+\n", "\n", vm.see(r"(?s)^(.*?)shoal: exit status \d+\r*\n")[1])
        problems = [what for good, what in check(text) if not good]
        if problems:
            raise board.Failure("; ".join(problems))

    with board.scratch() as folder:
        vm = board.machine(args)
        vm.initrd = board.write_archive(folder / "boot.cpio", args, commands=commands)
        board.run(test, vm, args.timeout)


if __name__ == "__main__":
    main()
