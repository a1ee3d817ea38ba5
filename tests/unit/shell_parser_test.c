/* shell_parser_test.c  Command lines into commands, and words into numbers: what each rule says, and each refusal. */
#include "test.h"

#include "numbers.h"
#include "parser.h"

/* The commands of @p text as one string: words in <>, variables before a colon, & for those in the background, ! and
 * the sentence for those that are refused. */
static const char *describe(const char *text, size_t bytes)
{
    static char out[4096];
    size_t at = 0;

    out[0] = '\0';
    while (bytes > 0) {
        struct parsed p;
        size_t used;
        char *const copy = malloc(bytes);       /* exactly these bytes, so that the sanitizer sees a look beyond */
        memcpy(copy, text, bytes);
        const char *wrong = parse_command(copy, bytes, &p, &used);
        free(copy);
        EXPECT(used > 0 && used <= bytes, "<%s>: %zu used", text, used);
        for (unsigned i = 0; i < p.words.count; i++) {
            const char *colon = i && i == p.variables ? ":" : "";
            at += (size_t)snprintf(out + at, sizeof(out) - at, "%s<%s>", colon, p.words.word[i]);
        }
        at += (size_t)snprintf(out + at, sizeof(out) - at, "%s%s%s", p.background ? "&" : "", wrong ? "!" : "",
                               wrong ? wrong : "");
        at += (size_t)snprintf(out + at, sizeof(out) - at, "|");
        text += used;
        bytes -= used;
    }
    return out;
}

static const struct {
    const char *text, *want;
} row[] = {
    { "a", "<a>|" },
    { "  a  b ", "<a><b>|" },
    { "a;b", "<a>|<b>|" },
    { "a;", "<a>|" },
    { ";;a", "||<a>|" },
    { "a\nb\n", "<a>|<b>|" },
    { "a &", "<a>&|" },
    { "a&", "<a>&|" },
    { "a & b", "<a>&|<b>|" },
    { "a & ; b", "<a>&||<b>|" },
    { "a b &\nc", "<a><b>&||<c>|" },
    { "a \"b&c;d#e\" \"&\"", "<a><b&c;d#e><&>|" },
    { "a \\& \\; \\#", "<a><&><;><#>|" },
    { "# a; b", "|" },
    { "a # b; c &\nd", "<a>|<d>|" },
    { "a#b c", "<a#b><c>|" },
    { "a;#b\nc", "<a>||<c>|" },
    { "a \"\"#b", "<a><#b>|" },
    { "a\\ #b", "<a #b>|" },
    { "a \"b \"#c", "<a><b #c>|" },
    { "a 'b;c&\"#\\'; d", "<a><b;c&\"#\\>|<d>|" },
    { "a \"it's; \"; b", "<a><it's; >|<b>|" },
    { "a 'b; c\nd", "!a quote has no end|<d>|" },
    { "N=1 a", "<N=1>:<a>|" },
    { "N=1 M_2=x=y a N=3", "<N=1><M_2=x=y>:<a><N=3>|" },
    { "1N=1", "<1N=1>|" },
    { "=1 a", "<=1><a>|" },
    { "N=1 a &", "<N=1>:<a>&|" },
    { "N=1", "!no command follows the variables|" },
    { "N=1; a\nb", "!no command follows the variables|<b>|" },
    { "& a\nb", "!no command stands before &|<b>|" },
    { "a && b\nc", "!there is no &&, only ; and &|<c>|" },
    { "a \"b; c\nd", "!a quote has no end|<d>|" },
    { "a \\\nb", "!nothing follows a backslash|<b>|" },
    { "a \\", "!nothing follows a backslash|" },
    { "a\001; b\nc", "!it has a character that is not text|<c>|" },
    { "a\r\nb\r\n", "<a>|<b>|" },
};

TEST(shell_parser, table)
{
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        const char *got = describe(row[i].text, strlen(row[i].text));
        EXPECT(strcmp(got, row[i].want) == 0, "<%s>: %s, wanted %s", row[i].text, got, row[i].want);
    }
}

TEST(shell_parser, limits)
{
    char text[2 * WORDS_BYTES + 2];

    for (unsigned n = WORDS_MAX; n <= WORDS_MAX + 1; n++) {
        memset(text, 0, sizeof(text));
        for (unsigned i = 0; i < n; i++) {
            memcpy(text + 2 * i, "x ", 2);
        }
        strcat(text, "\nb");
        const bool refused = strstr(describe(text, strlen(text)), "!it has too many words|<b>|") != NULL;
        EXPECT(refused == (n > WORDS_MAX), "%u words", n);
    }
    memset(text, 'x', WORDS_BYTES);
    memcpy(text + WORDS_BYTES, "\nb", 3);
    EXPECT(strcmp(describe(text, strlen(text)), "!it is too long|<b>|") == 0, "too long");
    EXPECT(strcmp(describe("a\0b\nc", 5), "!it has a character that is not text|<c>|") == 0, "a zero");
}

TEST(shell_numbers, table)
{
    static const struct {
        const char *word;
        uint64_t most;
        bool good;
        uint64_t value;
    } row[] = {
        { "0", 0, true, 0 }, { "1", 0, false, 0 }, { "9", 9, true, 9 }, { "10", 9, false, 0 },
        { "127", 127, true, 127 },
        { "128", 127, false, 0 }, { "007", 7, true, 7 }, { "", 9, false, 0 }, { "-1", 9, false, 0 },
        { "+1", 9, false, 0 }, { "1x", 9, false, 0 }, { "x", 9, false, 0 }, { " 1", 9, false, 0 },
        { "18446744073709551615", UINT64_MAX, true, UINT64_MAX }, { "18446744073709551616", UINT64_MAX, false, 0 },
        { "99999999999999999999", UINT64_MAX, false, 0 }, { "18446744073709551610", 18446744073709551609u, false, 0 },
    };

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        uint64_t value;
        const bool good = read_number(row[i].word, row[i].most, &value);
        EXPECT_EQ(good, row[i].good, "<%s>", row[i].word);
        EXPECT(!good || value == row[i].value, "<%s>: %" PRIu64, row[i].word, value);
    }
}

TEST(shell_numbers, seconds)
{
    static const struct {
        const char *word;
        bool good;
        uint64_t nanoseconds;
    } row[] = {
        { "0", true, 0 }, { "2", true, 2000000000 }, { "0.25", true, 250000000 }, { ".5", true, 500000000 },
        { "1.000000001", true, 1000000001 }, { "0.0000000001", false, 0 }, { "100", true, 100000000000 },
        { "101", false, 0 }, { "", false, 0 }, { ".", false, 0 }, { "1.", false, 0 }, { "1.5s", false, 0 },
        { "1.2.3", false, 0 }, { "-1", false, 0 }, { "x", false, 0 }, { "1e3", false, 0 },
    };

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        uint64_t got;
        const bool good = read_seconds(row[i].word, 100, &got);
        EXPECT_EQ(good, row[i].good, "<%s>", row[i].word);
        EXPECT(!good || got == row[i].nanoseconds, "<%s>: %" PRIu64, row[i].word, got);
    }
    EXPECT_EQ(convert(62500000ull * 86400 * 365, 62500000, 1000000), 86400ull * 365 * 1000000, "a year of ticks");
    EXPECT_EQ(convert(999, 1000, 1000000), 999000, "less than a second");
}
