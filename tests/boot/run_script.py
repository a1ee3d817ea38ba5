"""./run itself: what it prints, and its exit status."""
import argparse
import pathlib
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]


def run(*arguments):
    """Run ./run without a person; return its exit status and all that it printed."""
    done = subprocess.run([TOP / "run", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    return done.returncode, done.stdout


def good_command():
    return run("--exec", "selftest cspace"), 0, ["ok cspace.copy", "shoal: exit status 0"]


def good_commands_by_smc():
    machine = "virt-7.2,gic-version=3,virtualization=on"
    return run("--machine", machine, "--smp", "2", "--mem", "512", "--exec", "selftest cspace; selftest retype"), 0, [
        "2 cores, 512 MiB, entered at EL2", "ok cspace.copy", "ok retype.zeroed"]


def failed_command_does_not_keep_the_next_from_running():
    return run("--exec", "selftest nonsense; selftest cspace"), 1, [
        "no group is called nonsense", "ok cspace.copy", "shoal: exit status 1"]


def programs():
    """What the shell runs: words in quotes stay together, a crash is told and costs one program, its status is the end's."""
    return run("--exec", 'hello one "two three"; crash-null; hello again; ps; free'), 127, [
        'hello, process 8: "one" "two three"', "crash-null, process 9: write to address 0x0, which is not mapped",
        "(write_to+0x", "main+0x", 'hello, process 10: "again"', "shell", "bytes", "shoal: exit status 127"]


def hang():
    """A machine that is never started."""
    return run("--timeout", "2", "--exec", "cspace", "--", "-S"), 124, ["run: hang: the guest had not ended after 2 seconds"]


def boot_failure():
    return run("--mem", "64", "--exec", "cspace", "--", "-initrd", "/dev/null"), 1, ["boot: no initial RAM disk"]


def no_status():
    """QEMU refuses its arguments, so there is no guest."""
    return run("--exec", "cspace", "--", "-nonsense"), 1, ["run: QEMU ended with status 1"]


def port():
    """A program of others, built because a command names it; words in each kind of quotes.  Needs the network once."""
    return run("--exec", 'lua -e "print(2^53)"; faults; threads 64; lua -e \'print("a;b", [[c\\d]])\'; lua -e "print(\'it\')"'), 0, [
        "\n9.007199254741e+15\n", " passed, 0 failed", "threads: 64 threads, ", "\na;b\tc\\d\n", "\nit\n", "shoal: exit status 0"]


def port_missing():
    return run("--port", "nonesuch", "--exec", "true"), 2, ["there is none called nonesuch, but lua, "]


def module():
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder) / "newcomer"
        program.write_bytes(b"no program")
        return run("--module", str(program), "word", "--exec", "true"), 0, [
            "cannot start newcomer: the file is not ELF", "shoal: exit status 0"]


def module_missing():
    return run("--module", "/no/such/file", "--exec", "cspace"), 2, ["there is no file /no/such/file"]


CASES = {case.__name__.replace("_", "-"): case for case in (
    good_command, good_commands_by_smc, programs, failed_command_does_not_keep_the_next_from_running, hang, boot_failure, no_status,
    port, port_missing, module, module_missing)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", choices=CASES)
    args = parser.parse_args()
    (status, text), wanted, lines = CASES[args.case]()
    print(text)
    problems = [f"exit status {status}, wanted {wanted}"] if status != wanted else []
    problems += [f"wanted in the output: {line}" for line in lines if line not in text]
    print("\n".join(f"FAILED: {problem}" for problem in problems))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
