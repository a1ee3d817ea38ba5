/* mailbox.pml  Two cores: A's program writes messages and signals, B's program looks and sleeps, their kernels in between
 * (dispatch/mailbox.h, B1 to B4; docs/cores.md).
 *
 * Weak memory is modelled where the rules speak of it: a store-release waits in its core's store buffer until `drain` makes it
 * visible; a load-acquire (LDAR) waits until its own core's store-releases are visible, a weaker load does not.  One index, and
 * another one that only rings.
 * The property: when nothing more can happen, B has seen everything.
 *   -DM_...  mutants, each must fail:
 *     LDAPR_A   the sender's kernel loads `taken` without waiting for the program's store
 *     LDAPR_B   the receiver looks without waiting for its kernel's store of `taken`
 *     LATE      `taken` is published when the program has run already
 *     ACK       the count is loaded before the doorbell is acknowledged (no DSB SY)
 *     BELL      the doorbell is rung before the count is visible (no DSB ISHST) */
#define MESSAGES 3
#define OTHERS   2

byte header, header_buffer;     /* the message's header: visible, and in A's store buffer */
bool header_waits;
byte written, written_buffer;   /* entries put; only the mutant BELL buffers it */
bool written_waits;
byte taken, taken_buffer;
bool taken_waits;
byte last, last_other;          /* `written` behind the indices' last posts: A's own */
bool ours[8];                   /* entries: of the index, or of the other one */
bool doorbell;
bool event;                     /* posted to B's program */
byte seen;

active proctype drain()
{
end:
    do
    :: header_waits -> atomic { header = header_buffer; header_waits = false }
    :: written_waits && !header_waits -> atomic { written = written_buffer; written_waits = false }
    :: taken_waits -> atomic { taken = taken_buffer; taken_waits = false }
    od
}

active proctype A()
{
    byte i, others, put;

    do
    :: others < OTHERS && last_other <= taken ->        /* somebody else's signal */
        others++;
        ours[put] = false;
        put++;
        last_other = put;
#ifdef M_BELL
        atomic { !written_waits -> written_buffer = put; written_waits = true }
#else
        !header_waits;
        written = put;
#endif
        doorbell = true
    :: i < MESSAGES ->
        i++;
        atomic { !header_waits && !written_waits -> header_buffer = i; header_waits = true }     /* STLR */
#ifndef M_LDAPR_A
        !header_waits;
#endif
        if
        :: last > taken                 /* on its way */
        :: else ->
            ours[put] = true;
            put++;
            last = put;
#ifdef M_BELL
            atomic { !written_waits -> written_buffer = put; written_waits = true }
#else
            !header_waits;              /* a release, and DSB ISHST */
            written = put;
#endif
            doorbell = true
        fi
    :: else -> break
    od
}

active proctype B()
{
    byte n, got;
    bool waits;                     /* the program sleeps until an event */
    bool owed;                      /* mutant LATE: taken is still to be published */

end:
    do
    :: doorbell ->                  /* the kernel; the program stands still meanwhile */
#ifdef M_ACK
        n = written;
        doorbell = false;
#else
        doorbell = false;
        n = written;
#endif
        if
        :: n > got ->
            do
            :: got < n -> event = event || ours[got]; got++
            :: else -> break
            od;
#ifdef M_LATE
            owed = true
#else
            atomic { !taken_waits -> taken_buffer = got; taken_waits = true }
#endif
        :: else
        fi
    :: !waits ->                    /* the program looks: LDAR */
#ifndef M_LDAPR_B
        !taken_waits;
#endif
        if
        :: header > seen -> seen = header
        :: else -> waits = true
        fi;
        if
        :: owed -> atomic { taken = got; owed = false }
        :: else
        fi
    :: waits && event -> atomic { event = false; waits = false }
    od
}

active proctype monitor()
{
    timeout -> assert(seen == MESSAGES)
}
