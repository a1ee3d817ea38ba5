#!/bin/sh
# Checks the model of UMP rings (umpring.pml, libos/ump/ring.c) exhaustively, and that every mutant fails.  Needs spin and gcc.
# Prints a line per run and at the end: N passed, M failed.
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# check EXPECT FLAGS...: EXPECT ok or bad
check() {
    expect=$1; shift
    rm -rf "$work/run" && mkdir "$work/run" && cd "$work/run" && cp "$here/umpring.pml" . || exit 1
    spin "$@" -a umpring.pml >spin.log 2>&1 && gcc -w -O2 -DSAFETY -DMEMLIM=2000 -DCOLLAPSE -o pan pan.c >gcc.log 2>&1 &&
        timeout 600 ./pan -m1000000 >out 2>&1
    result=unknown
    if grep -q 'errors: 0' out 2>/dev/null && ! grep -Eq 'Search not completed|too small|out of memory' out; then
        result=ok
    elif grep -q '^pan:1: assertion violated' out 2>/dev/null; then
        result=bad
    fi
    if [ $result = "$expect" ]; then
        verdict=pass passed=$((passed + 1))
    else
        verdict=FAIL failed=$((failed + 1))
    fi
    printf '%s  expected %-3s got %-7s umpring %s: %s\n' $verdict "$expect" $result "$*" \
        "$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1 states/p' out 2>/dev/null)"
}

check ok
check ok -DSLOTS=4 -DMESSAGES=6
for mutant in HEADER_STORE HEADER_LOAD ACK_STORE ACK_LOAD ARM_STORE ARM_LOOK ARM_LOAD ARMED_LOAD CREDIT_LOAD CREDIT_LOOK \
    CLOSE_STORE CLOSE_ORDER CLOSE_LOOK FLAG AGAIN; do
    check bad -DM_$mutant
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
