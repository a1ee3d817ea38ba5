#!/bin/sh
# Checks the models of capabilities across cores (capops.pml, lend.pml, corestop.pml; docs/cores.md) exhaustively, and that every
# mutant, each without one rule, fails.  Needs spin and gcc.  `long`: the larger searches instead, which take 1.5 GiB of memory.
# Prints a line per run and at the end: N passed, M failed.
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# check EXPECT MODE MODEL FLAGS...: EXPECT holds, assert (an assertion fails) or stuck (a state without successor);
# MODE safe (assertions, dead ends) or live (every operation ends: no cycle without progress)
check() {
    expect=$1 mode=$2 model=$3; shift 3
    rm -rf "$work/run" && mkdir "$work/run" && cd "$work/run" && cp "$here/$model.pml" . || exit 1
    case $mode in safe) cflags=-DSAFETY arg= ;; live) cflags=-DNP arg=-l ;; esac
    case "$model $*" in *NOCHECK* | *NOCLOSE*) arg=-E ;; esac      # it also gets stuck, which is not what is meant
    case $expect in holds) cflags="-O2 $cflags" ;; *) cflags="-O1 $cflags" ;; esac      # those run for a moment only
    result=unknown
    if spin "$@" -a "$model.pml" >spin.log 2>&1 && gcc -w $cflags -DCOLLAPSE -DVECTORSZ=1024 -o pan pan.c >gcc.log 2>&1 &&
        timeout 1200 ./pan -m20000 -w24 $arg >out 2>&1; then
        if grep -q '^pan:1: assertion violated' out; then result=assert
        elif grep -q '^pan:1: invalid end state' out; then result=stuck
        elif grep -q '^pan:1: non-progress cycle' out; then result=cycle
        elif grep -Eq 'out of memory|not completed|max search depth|aborting' out; then result=unknown
        elif grep -q 'errors: 0' out; then result=holds
        fi
    fi
    if [ $result = "$expect" ]; then
        verdict=pass passed=$((passed + 1))
    else
        verdict=FAIL failed=$((failed + 1))
    fi
    printf '%s  expected %-6s got %-7s %s %s %s: %s\n' $verdict "$expect" $result "$mode" "$model" "$*" \
        "$(sed -n 's/.*depth reached \([0-9]*\).*/depth \1/p; s/^ *\([0-9.e+]*\) states, stored.*/states \1/p' out 2>/dev/null | tr '\n' ' ')"
}

if [ "${1-}" = long ]; then
    check holds safe capops -DSENDS=3
    check holds safe corestop -DFAULTS=3
else
    check holds safe capops
    check holds safe capops -DK=2
    check holds safe capops -DRETYPES=2 -DCOPIES=2
    check holds safe capops -DSENDS=1 -DREVOKES=3
    check holds live capops -DNOWATCH
    check assert safe capops -DM_NOLIST         # no revoking list
    check assert safe capops -DM_COUNT          # dropped without a count
    check assert safe capops -DM_EARLYANS       # purge answered before the sweep
    check assert safe capops -DM_EARLYANC       # anchors deleted before purges are answered
    check assert safe capops -DM_NOMARK         # invoked cap deleted: export opens before purges are answered
    check assert safe capops -DM_KEEP           # invoked cap deleted: anchors kept after the purge
    check assert safe capops -DM_INSIDE         # a closed range does not stop an ancestor's retype into it
    check assert safe capops -DM_LATE           # tally deleted before there is room for dropped
    check assert safe capops -DM_QUEUED         # queued export not checked again
    check assert safe capops -DM_ROOM           # dropped needs no credit
    check assert safe capops -DM_HOLDS          # an import that failed leaves the core in the set
    check holds safe lend
    check holds live lend -DNOWATCH
    check assert safe lend -DM_NOCHECK          # to_husk of memory in use
    check assert safe lend -DM_RETYPE           # husk does not block retype
    check assert safe lend -DM_SWEEP            # revoke deletes husks
    check holds safe corestop
    check holds live corestop -DNOWATCH
    check assert safe corestop -DM_NOPROOF      # not proved off, told as if it were
    check assert safe corestop -DM_EARLY        # husks become RAM before gone is answered
    check assert safe corestop -DM_BLOCKED      # a core in quarantine counts as having answered gone
    check assert safe corestop -DM_TAKEALL      # all husks of a stopped core become RAM, returned or not
    check assert safe corestop -DM_NOCLOSE      # channel of a core that has gone is still read
    check stuck safe corestop -DM_HANGUP        # home closes its channel with a leaving core too early
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
