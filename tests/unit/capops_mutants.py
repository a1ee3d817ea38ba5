#!/usr/bin/env python3
"""Put faults into servers/init/capops, one at a time, and see that the tests find each.  Usage: capops_mutants.py TOP BUILD [PART OF A NAME]

A mutant is a file, a piece of its text that is there once, and what stands there instead.  The tests are those of BUILD, linked
with the changed file: first the randomised one, then the cases.  One has to fail (or not to end) for each mutant.
Prints a line for each; status 1 if one is not found, or does not compile.
"""
import pathlib
import subprocess
import sys
import tempfile

FOLDER = "servers/init/capops"
# (program, its argument)
TESTS = [("capops_random_test", "1"), ("capops_test", "1"), ("capops_cores_test", "1"), ("capops_types_test", "1"),
         ("capops_random_test", "2"), ("capops_random_test_slowly", "3")]
MUTANTS = [
    ("a purge is answered before the sweep", "purge.c", "    if (job) {\n        job_go_on(job, STATE_TURN);",
     "    if (job) {\n        peer_answer(co, core, r->id, E_OK, false);\n        job->orphan = true;\n        job_go_on(job, STATE_TURN);"),
    ("tallies stay when they are purged", "purge.c", "        object_end(co, o);\n        o = next;", "        o = next;"),
    ("dropped, whatever the count", "send.c", "&& o->to[core].count == count &&", "&& (count || true) &&"),
    ("an import that failed is not looked at", "send.c", "if (import && !answer->holds)", "if (false && import && !answer->holds)"),
    ("a tally does not know of the next import", "send.c", "        o->latest = (uint32_t)r->count;\n", "        ;\n"),
    ("an import does not end that a tally is alone", "send.c", "        tally_used(co, o);\n", "        ;\n"),
    ("tallies are not looked at before a copy is made", "send.c", "    tallies_look(co);  ", "    ;  "),
    ("a copy that waits is not looked at again", "send.c", "    REQUIRE(!name_shut(co, &job->name), E_REVOKED);\n"
     "    TRY(make_anchor(co, job, &o));", "    if (!err_ok(make_anchor(co, job, &o))) {\n        o = object_find(co, &job->name);\n"
     "        REQUIRE(o, E_REVOKED);\n    }"),
    ("an index is free before its purge is answered", "send.c", "!(o->name.type == CAP_NOTIFY && name_shut(co, &o->name))", "true"),
    ("an interrupt goes to two cores", "send.c", "REQUIRE((o->cores & ~BIT(core)) == 0, E_IRQ_ELSEWHERE);", ""),
    ("a RemoteNotify has all rights", "send.c", "        err = k->copy(c, slot, kept, rights);", "        err = k->copy(c, slot, kept, RIGHTS_SENT);"),
    ("what is being purged can be exported", "objects.c", "if (j->kind == JOB_REVOKE && (j->state",
     "if (false && j->kind == JOB_REVOKE && (j->state"),
    ("an index stays taken", "objects.c", "        co->config.kernel->withdraw(co->config.context, core, o->to[core].index);\n", ""),
    ("an anchor stays when nobody has a copy", "objects.c", "    if (o->cores == 0) {\n        object_end(co, o);", "    if (false) {\n        object_end(co, o);"),
    ("an interrupt does not come back", "objects.c", "    if (o->name.type == CAP_IRQ) {", "    if (false) {"),
    ("anchors go before purges are answered", "revoke.c", "if (job->todo == 0 && job->out == 0) {",
     "if (job->todo == 0) {\n            job->out = 0;"),
    ("nobody is told to purge", "revoke.c", "        job->ranged |= o->cores & there;", "        ;"),
    ("Notifys are not purged", "revoke.c", "    if (next_notify(co, job, core,", "    if (false && next_notify(co, job, core,"),
    ("memory of a core in quarantine is free", "revoke.c", "o->cores & peers_in(co, CAPOPS_QUARANTINED);", "0;"),
    ("anchors stay after a revoke", "revoke.c", "        (void)wipe_one(co, job, o);", "        (void)wipe_one;"),
    ("a lost capability is no error", "revoke.c", "!listed ? E_GONE : ", "false ? E_GONE : "),
    ("that a part is lent is no error", "revoke.c", "job->lent ? E_LENT : E_OK", "E_OK"),
    ("dropped needs no place", "peers.c", "} else if (p->under_way < CAPOPS_WINDOW && o) {", "} else if (o) {"),
    ("dropped is not sent", "peers.c", "    peer_ask(co, o->name.owner, NULL, &r, 0);\n", "    (void)r;\n"),
    ("the tally stays when dropped is sent", "peers.c", "    object_end(co, o);\n}", "    tally_used(co, o);\n}"),
    ("who waits for a lost core waits on", "peers.c", "        } else if ((j->todo | j->out) & BIT(core)) {", "        } else if (false) {"),
    ("places of a lost core stay taken", "peers.c", "            *s = (struct capops_sent){ 0 };\n            p->under_way--;",
     "            *s = (struct capops_sent){ 0 };"),
    ("a refused loan is lost", "lend.c", "answer->err != E_OK) {", "answer->err == E_FOREIGN) {"),
    ("the borrower's husk stays", "lend.c", "        (void)err_ok(co->config.kernel->drop_husk(co->config.context, job->loan->husk));\n", ""),
    ("any unit can be returned", "lend.c", "l->core == core && l->base == base", "l->core == core && (base || true)"),
    ("a lend that crosses a leaving is lost", "lend.c", "    if (state == CAPOPS_LEFT) {", "    if (false) {"),
    ("husks come back although others may write", "cores.c", "job->quarantined = !job->rights || peers_in(co, CAPOPS_QUARANTINED) != 0;",
     "job->quarantined = false;"),
    ("a dead core stays in the sets", "cores.c", "                object_leave(co, o, job->name.owner);", "                ;"),
    ("gone, and nobody is told", "cores.c", "        if (others & BIT(i)) {", "        if (false && others) {"),
    ("leaving in the middle of something", "cores.c", "    if (!quiet) {", "    if (false && !quiet) {"),
    ("a core that leaves takes imports", "send.c", "co->refusing ? ERR(E_LEAVING) : k->slot_alloc", "k->slot_alloc"),
]


def output(command, top):
    """Return what a command prints."""
    return subprocess.run(command, cwd=top, check=True, capture_output=True, text=True).stdout


def commands_of(build, test):
    """Return the commands that make a test's program: by object file, and the one that links."""
    lines = output(["ninja", "-t", "commands", f"unit_{test}"], build).splitlines()
    compiles = {line.split(" -o ")[1].split()[0]: line for line in lines if " -c " in line and f"unit_{test}.dir" in line}
    return compiles, lines[-1]


def shell(command, folder, timeout=None):
    """Run it; return whether it succeeded."""
    try:
        return subprocess.run(command, shell=True, cwd=folder, capture_output=True, timeout=timeout, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def finds(build, work, test, argument, source, changed):
    """Build one test with the changed file and run it; None: it does not compile."""
    compiles, link = commands_of(build, test)
    thing = next(o for o in compiles if o.endswith(f"{FOLDER}/{source}.o"))
    program = f"tests/unit/unit_{test}"
    made = f"{work}/{test}-{source}.o"
    line = compiles[thing]
    original = line.split(" -c ")[1].split()[0]
    compiled = line.replace(f" -c {original}", f" -c {changed}").replace(f" -o {thing}", f" -o {made}")
    compiled = compiled.replace(f" -MF {thing}.d", f" -MF {made}.d") + " -Wno-unused -Wno-unused-parameter"
    if not shell(compiled, build):
        return None
    if not shell(link.replace(thing, made).replace(f" -o {program}", f" -o {work}/{test}"), build):
        return None
    return not shell(f"{work}/{test} {argument}", build, 120)


def main():
    """Try all mutants."""
    top, build = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    bad = 0
    part = sys.argv[3] if len(sys.argv) > 3 else ""
    mutants = [m for m in MUTANTS if part in m[0]]
    for name, source, old, new in mutants:
        text = (top / FOLDER / source).read_text(encoding="utf-8")
        if text.count(old) != 1:
            print(f"FAIL {name}: its text is {text.count(old)} times in {source}")
            bad += 1
            continue
        with tempfile.TemporaryDirectory() as work:
            changed = pathlib.Path(work) / source
            changed.write_text(text.replace(old, new), encoding="utf-8")
            for header in (top / FOLDER).glob("*.h"):
                (pathlib.Path(work) / header.name).write_text(header.read_text(encoding="utf-8"), encoding="utf-8")
            for test, argument in TESTS:
                found = finds(build, work, test, argument, source, changed)
                if found or found is None:
                    break
        verdict = "FAIL" if not found else "ok  "
        bad += not found
        print(f"{verdict} {name}: " + (f"found by {test} {argument}" if found else "does not compile" if found is None else "NOT FOUND"),
              flush=True)
    print(f"{len(mutants) - bad} of {len(mutants)} mutants found")
    return bad != 0


sys.exit(main())
