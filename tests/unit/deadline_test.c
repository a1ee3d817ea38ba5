/** @file deadline_test.c  The deadline heap against a scan of all nodes, its shape, and its cost. */
#include "../lib/test.h"

#include <dispatch/deadline.h>

#define NODES 4096

static struct deadline_node node[NODES], *root;

/** D1, D2 and the parent links of the subtree @p n.  @return its nodes.  Goes down to the left by a loop: there a heap
 * may be as deep as it has nodes, which is why the kernel never walks there. */
static unsigned check(const struct deadline_node *n, const struct deadline_node *parent)
{
    unsigned count = 0;

    for (; n; parent = n, n = n->left) {
        const uint64_t left = n->left ? n->left->rank : 0, right = n->right ? n->right->rank : 0;
        EXPECT(n->parent == parent, "parent link");
        EXPECT(n->when != 0 && (!parent || parent->when <= n->when), "earlier than its parent");
        EXPECT(left >= right && n->rank == right + 1, "leftist");
        count += 1 + check(n->right, n);
    }
    return count;
}

static unsigned check_all(unsigned nodes)
{
    unsigned count = 0;
    uint64_t earliest = 0;

    for (unsigned i = 0; i < nodes; i++) {
        if (node[i].when) {
            count++;
            earliest = earliest && earliest < node[i].when ? earliest : node[i].when;
        }
    }
    EXPECT_EQ(check(root, NULL), count, "nodes in the heap");
    EXPECT_EQ(root ? root->when : 0, earliest, "the earliest is the root");
    return count;
}

static void start(void)
{
    memset(node, 0, sizeof(node));
    root = NULL;
}

static void take_out(struct deadline_node *n)
{
    static const struct deadline_node zero;

    deadline_remove(&root, n);
    EXPECT(memcmp(n, &zero, sizeof(zero)) == 0, "removed, but not zero");
}

TEST(deadline, agrees_with_a_scan)
{
    enum { FEW = 64 };
    uint64_t random = test_seed();

    start();
    for (int i = 0; i < 20000; i++) {
        struct deadline_node *const n = &node[test_random(&random) % FEW];
        const uint64_t r = test_random(&random) >> 32;
        if (n->when) {
            take_out(r % 3 ? n : root);
        } else {
            /* often equal ones; sometimes the largest there is */
            const uint64_t when = r % 5 == 0 ? 1 + r % 4 : r % 31 == 0 ? UINT64_MAX : 1 + (r >> 8);
            deadline_insert(&root, n, when);
            EXPECT_EQ(n->when, when, "the deadline is kept");
        }
        check_all(FEW);
    }
}

TEST(deadline, sorts)
{
    uint64_t random = test_seed(), last = 0;

    start();
    for (int i = 0; i < NODES; i++) {
        deadline_insert(&root, &node[i], 1 + test_random(&random) % 1000);
    }
    EXPECT_EQ(check_all(NODES), NODES, "all inserted");
    for (int i = 0; i < NODES; i++) {
        struct deadline_node *const n = root;
        if (!n) {
            break;
        }
        EXPECT(n->when >= last, "earliest first");
        last = n->when;
        take_out(n);
    }
    EXPECT(!root, "all taken out");
}

/** Falling deadlines make one long left spine: taking from its bottom must not walk up all of it. */
TEST(deadline, long_left_spine)
{
    start();
    for (uint64_t i = 0; i < NODES; i++) {
        deadline_insert(&root, &node[i], NODES - i);
    }
    unsigned depth = 0;
    for (const struct deadline_node *n = root; n; n = n->left) {
        depth++;
    }
    EXPECT_EQ(depth, NODES, "one spine");
    for (unsigned i = 0; i < NODES; i += 2) {
        take_out(&node[i]);
    }
    EXPECT_EQ(check_all(NODES), NODES / 2, "half is left");
}

/** How many nodes hold another rank than in @p before. */
static unsigned ranks_changed(const struct deadline_node *before)
{
    unsigned changed = 0;

    for (unsigned i = 0; i < NODES; i++) {
        changed += node[i].when && node[i].rank != before[i].rank;
    }
    return changed;
}

/** The bound in deadline.h: a removal changes the ranks of at most log2(n + 1) nodes above the one removed, and those
 * of two right spines below it. */
TEST(deadline, removal_is_logarithmic)
{
    static struct deadline_node before[NODES];
    uint64_t random = test_seed();
    unsigned most = 0;

    start();
    for (int i = 0; i < NODES; i++) {
        deadline_insert(&root, &node[i], 1 + test_random(&random) % 100000);
    }
    for (int i = 0; i < 1000; i++) {
        struct deadline_node *const n = &node[test_random(&random) % NODES];
        const uint64_t when = 1 + test_random(&random) % 100000;
        memcpy(before, node, sizeof(node));
        take_out(n);
        const unsigned changed = ranks_changed(before);
        most = changed > most ? changed : most;
        deadline_insert(&root, n, when);
    }
    EXPECT(most > 0 && most <= 3 * 12, "up to %u ranks changed, of %d nodes", most, NODES);
    check_all(NODES);
}
