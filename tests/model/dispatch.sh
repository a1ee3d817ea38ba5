#!/bin/sh
# Checks the model of parking and upcalls (park.pml, docs/dispatch.md) exhaustively, and that every mutant fails.  Needs
# spin 6.5 and gcc.  Prints a line per run (states, depth) and at the end: N passed, M failed.
here=$(cd "$(dirname "$0")" && pwd)
[ "${1-}" = one ] || { work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT; }
jobs=${JOBS:-2}

# one NUMBER EXPECT MODE MODEL FLAGS...: EXPECT ok or bad; MODE safe (assertions, deadlock) or live (also: no cycle)
one() {
    n=$1 expect=$2 mode=$3 model=$4; shift 4
    mkdir "$work/$n" && cd "$work/$n" && cp "$here/$model.pml" . || exit 1
    case $mode in safe) cflags=-DSAFETY arg= ;; live) cflags="-DNP -DNOREDUCE" arg=-l ;; esac
    spin "$@" -a "$model.pml" >spin.log 2>&1
    gcc -w -O2 $cflags -DCOLLAPSE -DMEMLIM=6000 -o pan pan.c >gcc.log 2>&1 &&
        timeout 1500 ./pan $arg -m3000000 >out 2>&1
    result=unknown
    if grep -q 'errors: 0' out 2>/dev/null && ! grep -Eq 'too small|not completed|memory' spin.log &&
        ! grep -Eq 'Search not completed|depth too small|out of memory' out; then result=ok
    elif grep -Eq '^pan:1: (assertion violated|invalid end state|non-progress cycle)' out 2>/dev/null; then result=bad
    fi
    [ $result = "$expect" ] && verdict=pass || verdict=FAIL
    figures=$(sed -n 's/.*depth reached \([0-9]*\).*/depth \1/p; s/^ *\([0-9.e+]*\) states, stored.*/states \1/p' out 2>/dev/null | tr '\n' ' ')
    printf '%s  expected %-3s got %-7s %s %s %s: %s\n' $verdict "$expect" $result "$mode" "$model" "$*" "$figures" | tee "$work/$n.res"
}

list() {
    cat <<'END'
ok  safe park
ok  live park -DTIMED=2 -DNOTIFIES=0
ok  live park -DSRV -DLAST1=1
ok  safe park -DSRV
ok  safe park -DFAULTS=1 -DNOTIFIES=0
ok  safe park -DCLOSES=1 -DTIMED=2
bad safe park -DM_SWAP_FIRST
bad safe park -DM_NOPENDING
bad safe park -DM_NOTEST
bad safe park -DM_RESUME_TCB
bad safe park -DM_UPSTACK
bad safe park -DM_NOGIVEN
bad safe park -DM_NOENDED -DCLOSES=1 -DTIMED=2
bad safe park -DSRV -DM_ENABLED
bad safe park -DSRV -DM_OVERTAKE
bad safe park -DSRV -DM_INBOX
END
}

if [ "${1-}" = one ]; then          # called by ourselves, one run at a time
    shift; work=$WORK; one "$@"; exit 0
fi
list | awk '{print NR, $0}' >"$work/list"
WORK=$work xargs -P "$jobs" -L 1 sh "$here/dispatch.sh" one <"$work/list"
total=$(wc -l <"$work/list")
passed=$(cat "$work"/*.res 2>/dev/null | grep -c '^pass')
echo "$passed passed, $((total - passed)) failed"
[ "$passed" -eq "$total" ]
