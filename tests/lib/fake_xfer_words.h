/** @file fake_xfer_words.h  sys_xfer_words() of os/syscall.h over FAKE_XFER, which stands for sys_xfer() in a test. */
#ifndef FAKE_XFER_WORDS_H
#define FAKE_XFER_WORDS_H

struct xfer_came {
    err_t err;
    uint64_t event, tag;
};

static inline struct xfer_came sys_xfer_words(cptr_t dest, uint64_t accept, uint64_t tag, uint64_t word[XFER_WORDS])
{
    struct xfer x = { .dest = dest, .accept = accept, .deadline = XFER_KEEP_DEADLINE, .tag = tag };

    for (unsigned i = 0; i < XFER_WORDS; i++) {
        x.word[i] = word[i];
    }
    const err_t err = FAKE_XFER(&x);
    for (unsigned i = 0; i < XFER_WORDS && err_ok(err); i++) {
        word[i] = x.word[i];
    }
    return (struct xfer_came){ err, x.event, x.tag };
}

#endif
