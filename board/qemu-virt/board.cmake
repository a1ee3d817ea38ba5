# QEMU's `virt`.  The console before the device tree has been read, and when it cannot be (plat/builtin_console.h): the
# first PL011, at an address that this machine model has never changed.
set(SHOAL_BOARD_DEFINITIONS BUILTIN_CONSOLE_PL011=0x09000000)
