/**
 * @file keys.h  What a terminal sends, byte by byte, as keys.
 *
 * Understands the sequences of xterm, VT100 to VT220, rxvt, the Linux console and screen.  Sequences that it does not
 * know, and bytes that are no UTF-8 or no printable character, are no key.
 */
#ifndef SHELL_KEYS_H
#define SHELL_KEYS_H

#include <stdbool.h>

enum key {
    KEY_NONE,                   /**< nothing yet, or nothing at all                                                   */
    KEY_TEXT,                   /**< the character in key_reader.text                                                 */
    KEY_ENTER,
    KEY_LEFT, KEY_RIGHT, KEY_HOME, KEY_END,
    KEY_UP, KEY_DOWN,           /**< older, newer line                                                                */
    KEY_DELETE, KEY_BACKSPACE,
    KEY_KILL_RIGHT, KEY_KILL_LEFT, KEY_KILL_WORD,
    KEY_CLEAR, KEY_COMPLETE,
    KEY_INTERRUPT,              /**< Ctrl-C                                                                           */
    KEY_CLOSE,                  /**< Ctrl-D                                                                           */
};

/** All zero at first. */
struct key_reader {
    enum { KEYS_PLAIN, KEYS_ESCAPE, KEYS_CSI_FIRST, KEYS_CSI, KEYS_CSI_LINUX, KEYS_SS3, KEYS_UTF8 } state;
    unsigned number;            /**< first parameter of a sequence                                                    */
    bool first;                 /**< it is the one that is being read                                                 */
    bool returned;              /**< the byte before was a carriage return: a line feed belongs to it                 */
    unsigned bytes, wanted;     /**< of the character: there, in all                                                  */
    char text[4];
};

/** A character makes one key, at its last byte; so does a sequence. */
enum key key_take(struct key_reader *r, unsigned char byte);

#endif
