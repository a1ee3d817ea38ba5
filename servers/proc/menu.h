/**
 * @file menu.h  Reader of menu.lst: what to start at boot.
 *
 *     [@CORE] [respawn | last] [console] [manager] PROGRAM [ARGUMENT...]
 *
 * One entry to a line, quoted as in os/args.h, but that a semicolon does not go on to another one.  Lines of blanks, and
 * those whose first character (blanks aside) is #, say nothing.  CORE is a decimal number: that core's process server
 * starts it, without one the boot core's.  So no program's name can begin with @.  The words before the
 * program's name, in any order, each once (a program that has one of them as its name cannot be started):
 *   respawn   it is started again whenever it ends
 *   last      when it ends, the machine is switched off with its status
 *   console   it is the terminal's driver: what comes below it is started when it is ready, and has it as its streams
 *   manager   it may do what managers may
 */
#ifndef PROC_MENU_H
#define PROC_MENU_H

#include <os/args.h>

#define MENU_CORES    1024u     /* a core's number is less */
#define MENU_ANY_CORE (~0u)     /* the line names none */

/** A reader in a text, which is borrowed and need not be terminated. */
struct menu {
    const char *at, *end;
    unsigned line;              /**< number of the last line read, from 1                                             */
};

struct menu_entry {
    unsigned line;
    const char *wrong;          /**< NULL, or why this line is no entry: "LINE: it has too many words"; rest unset    */
    unsigned core;              /**< or MENU_ANY_CORE                                                                 */
    bool respawn, last, console, manager;
    unsigned count;             /**< at least 1                                                                       */
    const char *const *word;    /**< program and arguments, then NULL; in the buffer given to menu_next()             */
};

static inline void menu_open(struct menu *menu, const char *text, size_t bytes)
{
    *menu = (struct menu){ .at = text, .end = text + bytes };
}

/** Read on to the next entry, or to the next line that is none and should be (entry->wrong): reading can go on after it.
 * @param buffer  what *entry points into, until the next call
 * @return false: the text is at its end, *entry is unset.  Cost: O(bytes read) */
bool menu_next(struct menu *menu, struct words *buffer, struct menu_entry *entry);

#endif
