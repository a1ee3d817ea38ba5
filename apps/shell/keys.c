/** @file keys.c  Contract in keys.h.  Sources: ECMA-48, 5.4 (control sequences); xterm's ctlseqs, "PC-Style Function
 *  Keys" and "VT220-Style Function Keys"; console_codes(4); Unicode 15, table 3-7 (well-formed UTF-8). */
#include "keys.h"

#include <stdint.h>

#define CONTROL(letter) ((letter) & 31)
#define ESCAPE 27

static const uint8_t control_key[32] = {
    [CONTROL('A')] = KEY_HOME,       [CONTROL('B')] = KEY_LEFT,      [CONTROL('C')] = KEY_INTERRUPT,
    [CONTROL('D')] = KEY_CLOSE,      [CONTROL('E')] = KEY_END,       [CONTROL('F')] = KEY_RIGHT,
    [CONTROL('H')] = KEY_BACKSPACE,  [CONTROL('I')] = KEY_COMPLETE,  [CONTROL('J')] = KEY_ENTER,
    [CONTROL('K')] = KEY_KILL_RIGHT, [CONTROL('L')] = KEY_CLEAR,     [CONTROL('M')] = KEY_ENTER,
    [CONTROL('N')] = KEY_DOWN,       [CONTROL('P')] = KEY_UP,        [CONTROL('U')] = KEY_KILL_LEFT,
    [CONTROL('W')] = KEY_KILL_WORD,
};

static enum key letter_key(unsigned char letter)
{
    switch (letter) {
    case 'A': return KEY_UP;
    case 'B': return KEY_DOWN;
    case 'C': return KEY_RIGHT;
    case 'D': return KEY_LEFT;
    case 'F': return KEY_END;
    case 'H': return KEY_HOME;
    default:  return KEY_NONE;
    }
}

static enum key number_key(unsigned number)
{
    switch (number) {
    case 1: case 7: return KEY_HOME;
    case 3:         return KEY_DELETE;
    case 4: case 8: return KEY_END;
    default:        return KEY_NONE;
    }
}

/* Inside ESC [: parameters, then a final letter. */
static enum key take_csi(struct key_reader *r, unsigned char byte)
{
    if (r->state == KEYS_CSI_FIRST && byte == '[') {    /* the Linux console's function keys: ESC [ [ A */
        r->state = KEYS_CSI_LINUX;
        return KEY_NONE;
    }
    r->state = KEYS_CSI;
    if (byte >= '0' && byte <= '9') {
        if (r->first && r->number < 1000) {
            r->number = r->number * 10 + byte - '0';
        }
        return KEY_NONE;
    }
    r->first = false;
    if (byte < '@') {
        return KEY_NONE;
    }
    r->state = KEYS_PLAIN;
    return byte == '~' ? number_key(r->number) : letter_key(byte);
}

static enum key take_sequence(struct key_reader *r, unsigned char byte)
{
    switch (r->state) {
    case KEYS_ESCAPE:
        r->state = byte == '[' ? KEYS_CSI_FIRST : byte == 'O' ? KEYS_SS3 : KEYS_PLAIN;
        r->number = 0, r->first = true;
        return KEY_NONE;
    case KEYS_SS3:
        if (byte >= '0' && byte <= ';') {               /* ESC O 5 C: with a modifier */
            return KEY_NONE;
        }
        r->state = KEYS_PLAIN;
        return letter_key(byte);
    case KEYS_CSI_LINUX:
        r->state = KEYS_PLAIN;
        return KEY_NONE;
    default:
        return take_csi(r, byte);
    }
}

static enum key begin_character(struct key_reader *r, unsigned char byte)
{
    r->wanted = byte < 0x80 ? 1 : byte >= 0xc2 && byte < 0xe0 ? 2 : byte >= 0xe0 && byte < 0xf0 ? 3 :
                byte >= 0xf0 && byte < 0xf5 ? 4 : 0;
    if (r->wanted == 0) {
        return KEY_NONE;
    }
    r->text[0] = (char)byte;
    r->bytes = 1;
    r->state = r->wanted > 1 ? KEYS_UTF8 : KEYS_PLAIN;
    return r->wanted > 1 ? KEY_NONE : KEY_TEXT;
}

static enum key continue_character(struct key_reader *r, unsigned char byte)
{
    r->text[r->bytes++] = (char)byte;
    if (r->bytes < r->wanted) {
        return KEY_NONE;
    }
    r->state = KEYS_PLAIN;
    uint32_t code = (unsigned char)r->text[0] & (0x7fu >> r->wanted);
    for (unsigned i = 1; i < r->wanted; i++) {
        code = code << 6 | ((unsigned char)r->text[i] & 0x3f);
    }
    const bool shortest = r->wanted == 2 || code >= (r->wanted == 3 ? 0x800u : 0x10000u);
    const bool control = code < 0xa0, surrogate = code >= 0xd800 && code < 0xe000;
    return shortest && !control && !surrogate && code <= 0x10ffff ? KEY_TEXT : KEY_NONE;
}

enum key key_take(struct key_reader *r, unsigned char byte)
{
    const bool returned = r->returned;

    r->returned = byte == '\r';
    if (byte < ' ') {                                   /* also ends whatever was not complete */
        r->state = byte == ESCAPE ? KEYS_ESCAPE : KEYS_PLAIN;
        return byte == '\n' && returned ? KEY_NONE : (enum key)control_key[byte];
    }
    if (r->state == KEYS_UTF8 && (byte & 0xc0) == 0x80) {
        return continue_character(r, byte);
    }
    if (r->state != KEYS_PLAIN && r->state != KEYS_UTF8 && byte < 0x7f) {
        return take_sequence(r, byte);
    }
    r->state = KEYS_PLAIN;
    return byte == 0x7f ? KEY_BACKSPACE : begin_character(r, byte);
}
