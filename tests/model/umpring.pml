/* umpring.pml  The protocol of libos/ump/ring.c between two cores: S sends MESSAGES messages over a ring of SLOTS and ends;
 * R takes them, acknowledges, and sleeps.  O1 to O4 are those of ring.c.
 *
 * Memory, operational, multi-copy atomic as ARMv8 is:
 *   - a store waits in its core's buffer; buffered stores become visible in any order, but those to one word in program
 *     order, and an STLR only after all before it (a later plain store may pass an STLR);
 *   - a load sees its own core's buffer first, then memory, so it may come before an earlier store;
 *   - but an LDAR waits until the buffer holds no STLR; LDAPR and plain loads do not;
 *   - nothing comes before an earlier LDAR or LDAPR, and no load goes behind a later STLR.  Where a mutant gives that up,
 *     the other order is written out.
 * A signal arrives once, at any later time (mailbox.pml).  A header is its message's number, from 1; of it only the epoch
 * bit is used to tell whether the slot is new.  Acknowledgements in headers of the other direction are stores of the same
 * kind as those in UMP_ACK, and left out.
 *
 * The properties: each payload is the one that belongs to its header (O1, O2); when nothing more can happen, all messages
 * and the end have been seen, and nobody sleeps (O3); no sleep is signalled twice (O4).
 *   -DM_...  mutants, each must fail:
 *   O1  HEADER_STORE   the header with a plain store
 *       HEADER_LOAD    the payload loaded before the header
 *   O2  ACK_STORE      the acknowledgement with a plain store: the payload's load comes after it
 *       ACK_LOAD       the credit looked at with a plain load: the payload is written before it
 *   O3  ARM_STORE      (2) with a plain store                  ARM_LOOK    no look (3) at all
 *       ARM_LOAD       (3) with LDAPR                          ARMED_LOAD  (b) with LDAPR
 *       CREDIT_LOAD    who waits for credit looks with LDAPR   CREDIT_LOOK not at all
 *       CLOSE_STORE    UMP_CLOSED with a plain store           CLOSE_ORDER UMP_CLOSED read after the ring
 *       CLOSE_LOOK     (3) does not look at UMP_CLOSED
 *   O4  FLAG           UMP_ARMED is a flag and no count
 *       AGAIN          S does not remember for which number it has signalled */
#ifndef SLOTS
#define SLOTS 2
#endif
#ifndef MESSAGES
#define MESSAGES 5              /* with two slots the epoch bit is 1 again */
#endif
#define HALF (SLOTS / 2)        /* an acknowledgement is due */

#define S_CORE 0
#define R_CORE 1

/* words */
#define PAYLOAD(i) ((i) % SLOTS)                /* S writes */
#define HEADER(i)  (SLOTS + (i) % SLOTS)
#define CLOSED     (2 * SLOTS)
#define S_ARMED    (2 * SLOTS + 1)
#define R_ARMED    (2 * SLOTS + 2)              /* R writes */
#define ACK        (2 * SLOTS + 3)
byte memory[2 * SLOTS + 4];

#define ROOM 4                  /* of a store buffer */
byte to[2 * ROOM], value[2 * ROOM];
bit release[2 * ROOM];
byte stores[2], releases[2];

bit signal_s, signal_r, event_s, event_r;       /* on their way; arrived */
byte taken;
bool s_done, r_done;

inline store(c, word, v, r)
{
    atomic {
        stores[c] < ROOM -> to[c * ROOM + stores[c]] = word; value[c * ROOM + stores[c]] = v;
        release[c * ROOM + stores[c]] = r; stores[c]++; releases[c] = releases[c] + r
    }
}

inline look(c, word, v)         /* inside atomic */
{
    v = memory[word];
    if :: stores[c] > 0 && to[c * ROOM] == word -> v = value[c * ROOM] :: else fi;
    if :: stores[c] > 1 && to[c * ROOM + 1] == word -> v = value[c * ROOM + 1] :: else fi;
    if :: stores[c] > 2 && to[c * ROOM + 2] == word -> v = value[c * ROOM + 2] :: else fi;
    if :: stores[c] > 3 && to[c * ROOM + 3] == word -> v = value[c * ROOM + 3] :: else fi
}

inline ldar(c, word, v)
{
    atomic { releases[c] == 0 -> look(c, word, v) }
}

inline ldapr(c, word, v)        /* or a plain load */
{
    atomic { look(c, word, v) }
}

#define OTHER(i, j) (to[c * ROOM + i] != to[c * ROOM + j])

active proctype buffers()       /* one store of one core becomes visible */
{
    byte c, i, j;

end:
    do
    :: atomic {
        (stores[0] || stores[1]) ->
        if :: stores[0] -> c = 0 :: stores[1] -> c = 1 fi;
        if
        :: i = 0
        :: stores[c] > 1 && !release[c * ROOM + 1] && OTHER(1, 0) -> i = 1
        :: stores[c] > 2 && !release[c * ROOM + 2] && OTHER(2, 0) && OTHER(2, 1) -> i = 2
        :: stores[c] > 3 && !release[c * ROOM + 3] && OTHER(3, 0) && OTHER(3, 1) && OTHER(3, 2) -> i = 3
        fi;
        memory[to[c * ROOM + i]] = value[c * ROOM + i]; releases[c] = releases[c] - release[c * ROOM + i];
        stores[c]--; j = i;
        do
        :: j < stores[c] ->
            to[c * ROOM + j] = to[c * ROOM + j + 1]; value[c * ROOM + j] = value[c * ROOM + j + 1];
            release[c * ROOM + j] = release[c * ROOM + j + 1]; j++
        :: else -> break
        od;
        to[c * ROOM + j] = 0; value[c * ROOM + j] = 0; release[c * ROOM + j] = 0; c = 0; i = 0; j = 0
       }
    od
}

active proctype signals()
{
end:
    do
    :: atomic { signal_s -> signal_s = 0; event_s = 1 }
    :: atomic { signal_r -> signal_r = 0; event_r = 1 }
    od
}

#ifdef M_FLAG
#define ARMED(count) 1
#define AWAKE(count) 0
#else
#define ARMED(count) ((count + 1) | 1)
#define AWAKE(count) ((count + 1) & 254)
#endif

/* wake_peer(): (b), (c).  `told` is r->signalled; `once` says for which sleep there was a signal. */
inline wake(armed, told, once, flag)
{
    if
#ifdef M_AGAIN
    :: armed & 1 ->
#else
    :: (armed & 1) && armed != told ->
#endif
        assert(armed != once);
        told = armed;
#ifndef M_FLAG
        once = armed;
#endif
        flag = 1
    :: else
    fi;
    armed = 0
}

#define LEFT(n, ack) (SLOTS - (n - ack))

active proctype S()
{
    byte sent, ack, armed, told, once, x;

    do
    :: sent < MESSAGES ->
#ifdef M_ACK_LOAD
        store(S_CORE, PAYLOAD(sent), sent + 1, 0);
#endif
        do
        :: LEFT(sent, ack) > 0 -> break
        :: else ->
            ldar(S_CORE, ACK, ack);                             /* newest_ack() */
            if
            :: LEFT(sent, ack) > 0 -> break
            :: else
            fi;
            x = ARMED(armed);                                   /* starved: arm */
            store(S_CORE, S_ARMED, x, 1);                       /* (2) */
            armed = x;
#ifdef M_CREDIT_LOOK
            skip;
#elif defined(M_CREDIT_LOAD)
            ldapr(S_CORE, ACK, ack);
#else
            ldar(S_CORE, ACK, ack);                             /* (3) */
#endif
            if
            :: LEFT(sent, ack) > 0
            :: else ->
s_asleep:       atomic { event_s -> event_s = 0 }
            fi;
            x = AWAKE(armed);
            store(S_CORE, S_ARMED, x, 0);
            armed = x
        od;
        x = 0;
#ifndef M_ACK_LOAD
        store(S_CORE, PAYLOAD(sent), sent + 1, 0);
#endif
        sent++;
#ifdef M_HEADER_STORE
        store(S_CORE, HEADER(sent - 1), sent, 0);
#else
        store(S_CORE, HEADER(sent - 1), sent, 1);               /* O1, (a) */
#endif
#ifdef M_ARMED_LOAD
        ldapr(S_CORE, R_ARMED, x);
#else
        ldar(S_CORE, R_ARMED, x);                               /* (b) */
#endif
        wake(x, told, once, signal_r)
    :: else -> break
    od;
#ifdef M_CLOSE_STORE
    store(S_CORE, CLOSED, 1, 0);
#else
    store(S_CORE, CLOSED, 1, 1);                                /* (a) */
#endif
    ldar(S_CORE, R_ARMED, x);
    wake(x, told, once, signal_r);
    s_done = true
}

#define IS_NEW(h) (h != 0 && (((h - 1) / SLOTS) & 1) == ((taken / SLOTS) & 1))

active proctype R()
{
    byte h, p, armed, told, once, told_ack, x;
    bit closed, there;

    do
    ::                                                          /* ump_ring_receive() */
#ifndef M_CLOSE_ORDER
        ldar(R_CORE, CLOSED, closed);
#endif
#ifdef M_HEADER_LOAD
        ldapr(R_CORE, PAYLOAD(taken), p);
        ldapr(R_CORE, HEADER(taken), h);
#else
        ldapr(R_CORE, HEADER(taken), h);                        /* O1, O2 */
#endif
#ifdef M_CLOSE_ORDER
        ldar(R_CORE, CLOSED, closed);
#endif
        if
        :: IS_NEW(h) ->
            assert(h == taken + 1);
#ifdef M_ACK_STORE
            store(R_CORE, ACK, taken + 1, 0);                   /* no order with the load that was before it */
            ldapr(R_CORE, PAYLOAD(taken), p);
#elif !defined(M_HEADER_LOAD)
            ldapr(R_CORE, PAYLOAD(taken), p);
#endif
            assert(p == h);
            atomic { taken++; h = 0; p = 0; closed = 0 };
            if
            :: taken - told_ack >= HALF ->
                told_ack = taken;
#ifndef M_ACK_STORE
                store(R_CORE, ACK, taken, 1);                   /* O2, (a) */
#endif
                ldar(R_CORE, S_ARMED, x);                       /* (b); half a ring later comes another one */
                wake(x, told, once, signal_s)
            :: else
            fi
        :: else ->
            atomic { h = 0; p = 0 };
            if
            :: closed -> break
            :: else
            fi;
            x = ARMED(armed);                                   /* ump_ring_arm() */
#ifdef M_ARM_STORE
            store(R_CORE, R_ARMED, x, 0);
#else
            store(R_CORE, R_ARMED, x, 1);                       /* (2) */
#endif
            atomic { armed = x; x = 0 };
#ifdef M_ARM_LOOK
            skip;
#elif defined(M_ARM_LOAD)
            ldapr(R_CORE, HEADER(taken), h);
#else
            ldar(R_CORE, HEADER(taken), h);                     /* (3) */
#endif
            there = IS_NEW(h);
            h = 0;
#ifndef M_CLOSE_LOOK
            if
            :: !there -> ldar(R_CORE, CLOSED, there)
            :: else
            fi;
#endif
            if
            :: there
            :: else -> atomic { event_r -> event_r = 0 }
            fi;
            there = 0;
            x = AWAKE(armed);
            store(R_CORE, R_ARMED, x, 0);
            atomic { armed = x; x = 0 }
        fi
    od;
    r_done = true
}

active proctype nothing_more()
{
    timeout -> assert(s_done && r_done && taken == MESSAGES)
}
