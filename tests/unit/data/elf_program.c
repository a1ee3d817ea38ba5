/* elf_program.c  A program with text, constants, data and zeroed memory, for elf_test to read.  Never run. */
extern int state[];
const int table[] = { 1, 2, 3 };
int state[] = { 4, 5 };
int zeroed[5000];

void _start(void)
{
    for (;;) {
        zeroed[state[0]] += table[state[1] % 3];
    }
}
