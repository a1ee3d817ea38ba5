/* names_test.c  The name service's book: random clients against lists that are searched from end to end. */
#include "test.h"

#include "book.h"

#define OWNERS 8u
#define WORDS  40u                  /* different names */

static struct name name_of(const char *text)
{
    struct name name = { { 0 } };

    memcpy(name.word, text, strlen(text));
    return name;
}

/* Some share all but their last byte, one is the beginning of another, lengths are 1 to 31. */
static const char *word(unsigned i)
{
    static char text[NAME_BYTES];
    const unsigned length = 1 + i * 7 % (NAME_BYTES - 1);

    memset(text, 'a' + i % 3, sizeof(text));
    text[length - 1] = (char)('!' + i);
    text[length] = '\0';
    return text;
}

struct model {
    struct book book;
    struct owner owner[OWNERS];
    struct entry entry[WORDS];
    bool here[WORDS];
    unsigned whose[WORDS];
    int wants[OWNERS];              /* word; -1: nothing */
    uint64_t since[OWNERS], clock;
};

static void check_word(const struct model *m, unsigned i)
{
    const struct name name = name_of(word(i));
    const struct entry *const e = book_find(&m->book, &name);

    EXPECT_EQ(e != NULL, m->here[i], "word %u", i);
    if (e) {
        EXPECT(e == &m->entry[i] && e->owner == &m->owner[m->whose[i]] && e->service == 100 + i, "word %u", i);
    }
}

/* The list is all names, each behind the one before, by bytes. */
static void check_list(const struct model *m)
{
    struct name at = { { 0 } };
    unsigned count = 0, here = 0;
    const struct entry *e;

    while ((e = book_next(&m->book, &at)) && count <= WORDS) {
        EXPECT(strcmp((const char *)e->name.word, (const char *)at.word) > 0, "in order");
        at = e->name;
        count++;
    }
    for (unsigned i = 0; i < WORDS; i++) {
        here += m->here[i];
    }
    EXPECT_EQ(count, here, "as many as there are");
}

static void enter(struct model *m, unsigned owner, unsigned i)
{
    if (m->here[i]) {
        return;
    }
    m->entry[i] = (struct entry){ .name = name_of(word(i)), .service = 100 + i };
    book_enter(&m->book, &m->owner[owner], &m->entry[i]);
    m->here[i] = true;
    m->whose[i] = owner;
}

static void close(struct model *m, unsigned owner)
{
    unsigned count = 0;

    book_stop_waiting(&m->book, &m->owner[owner]);
    m->wants[owner] = -1;
    for (unsigned i = 0; i < WORDS; i++) {
        count += m->here[i] && m->whose[i] == owner;
    }
    EXPECT_EQ(m->owner[owner].count, count, "of owner %u", owner);
    while (m->owner[owner].first) {
        struct entry *const e = m->owner[owner].first;
        book_remove(&m->book, e);
        m->here[e - m->entry] = false;
    }
    for (unsigned i = 0; i < WORDS; i++) {
        EXPECT(!m->here[i] || m->whose[i] != owner, "word %u has gone with owner %u", i, owner);
    }
}

static void wait_for(struct model *m, unsigned owner, unsigned i)
{
    const struct name name = name_of(word(i));

    book_stop_waiting(&m->book, &m->owner[owner]);
    book_wait(&m->book, &m->owner[owner], &name);
    m->wants[owner] = (int)i;
    m->since[owner] = ++m->clock;
}

/* Who has waited longest of those whose word is there. */
static struct owner *model_due(struct model *m)
{
    int first = -1;

    for (unsigned o = 0; o < OWNERS; o++) {
        if (m->wants[o] >= 0 && m->here[m->wants[o]] && (first < 0 || m->since[o] < m->since[first])) {
            first = (int)o;
        }
    }
    if (first >= 0) {
        m->wants[first] = -1;
    }
    return first >= 0 ? &m->owner[first] : NULL;
}

static void serve_waiting(struct model *m)
{
    const struct owner *got;

    do {
        got = book_due(&m->book);
        EXPECT(got == model_due(m), "who waits is served in order");
    } while (got);
}

TEST(names, random_clients)
{
    static struct model m;
    uint64_t random = test_seed();

    for (unsigned o = 0; o < OWNERS; o++) {
        m.wants[o] = -1;
    }
    for (unsigned round = 0; round < 20000; round++) {
        const unsigned owner = test_random(&random) % OWNERS, i = test_random(&random) % WORDS;
        switch (test_random(&random) % 16) {
        case 0:
            close(&m, owner);
            break;
        case 1: case 2: case 3:
            wait_for(&m, owner, i);
            break;
        case 4:
            book_stop_waiting(&m.book, &m.owner[owner]);
            m.wants[owner] = -1;
            break;
        case 5: case 6:
            serve_waiting(&m);
            break;
        case 7: case 8: case 9:
            if (m.here[i]) {
                book_remove(&m.book, &m.entry[i]);
                m.here[i] = false;
            }
            break;
        default:
            enter(&m, owner, i);
        }
        check_word(&m, i);
        if (round % 16 == 0) {
            check_list(&m);
        }
    }
}

TEST(names, valid)
{
    struct name name = name_of("0123456789012345678901234567890");

    EXPECT(name_valid(&name), "31 characters");
    ((char *)name.word)[31] = '1';
    EXPECT(!name_valid(&name), "32");
    name = name_of("a");
    EXPECT(name_valid(&name), "one");
    ((char *)name.word)[2] = 'b';
    EXPECT(!name_valid(&name), "something behind its end");
    name = name_of("");
    EXPECT(!name_valid(&name), "none");
    name = name_of("a b");
    EXPECT(!name_valid(&name), "a blank");
    name = name_of("\033[m");
    EXPECT(!name_valid(&name), "an escape sequence");
    name = name_of("\x7f");
    EXPECT(!name_valid(&name), "DEL");
    name = name_of("\xc3\xa9");
    EXPECT(!name_valid(&name), "beyond ASCII");
}
