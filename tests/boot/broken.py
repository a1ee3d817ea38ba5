"""A broken device tree, archive, init or menu gives a sentence on the console, never silence."""
import struct

import board
import mkarchive

LOAD = 0x40200000           # where QEMU's own loader puts an Image: RAM + 2 MiB
STUB, BLOB = 0x48000000, 0x48001000
SENTENCE = r"boot: [^\r\n]{8,}\r*\n"


def loaded_by_hand(vm, args, folder, blob):
    """Enter the image without QEMU's boot loader, x0 = a device tree of our own making, or 0 without one."""
    stub = folder / "stub.bin"
    # ldr x0, .+16; ldr x1, .+20; br x1; nop; .quad x0, x1
    stub.write_bytes(struct.pack("<4I2Q", 0x58000080, 0x580000a1, 0xd61f0020, 0xd503201f, BLOB if blob else 0, LOAD))
    vm.extra = ["-device", f"loader,file={args.build / 'shoal.img'},addr={LOAD:#x},force-raw=on",
                "-device", f"loader,file={stub},addr={STUB:#x},force-raw=on",
                "-device", f"loader,addr={STUB:#x},cpu-num=0"]
    if blob:
        path = folder / "blob.dtb"
        path.write_bytes(blob)
        vm.extra += ["-device", f"loader,file={path},addr={BLOB:#x},force-raw=on"]
    vm.image = vm.initrd = ""
    vm.cores = 1


def truncated_tree():
    """A device tree's header that promises more than there is: its structure block lies behind the blob's end."""
    return struct.pack(">10I", 0xd00dfeed, 0x1000, 0x2000, 0x3000, 0x28, 17, 16, 0, 0x100, 0x8000)


def no_device_tree(vm, args, folder):
    loaded_by_hand(vm, args, folder, b"")


def not_a_device_tree(vm, args, folder):
    loaded_by_hand(vm, args, folder, b"This is no device tree. " * 8)


def broken_device_tree(vm, args, folder):
    loaded_by_hand(vm, args, folder, truncated_tree())


def no_archive(vm, args, folder):
    vm.initrd = ""


def truncated_archive(vm, args, folder):
    """Cut in the body of init."""
    vm.initrd = folder / "boot.cpio"
    vm.initrd.write_bytes((args.build / "boot.cpio").read_bytes()[:4096 + 512])


def not_an_archive(vm, args, folder):
    vm.initrd = folder / "boot.cpio"
    vm.initrd.write_bytes(b"This is no cpio archive. " * 200)


def empty_archive(vm, args, folder):
    vm.initrd = folder / "boot.cpio"
    vm.initrd.write_bytes(mkarchive.archive([]))


def no_init(vm, args, folder):
    """The first file is the menu."""
    files = mkarchive.files((args.build / "boot.cpio").read_bytes())
    vm.initrd = folder / "boot.cpio"
    vm.initrd.write_bytes(mkarchive.archive([pair for pair in files if pair[0] != "init"]))


def broken_init(vm, args, folder):
    """init is an ELF file for another machine."""
    files = dict(mkarchive.files((args.build / "boot.cpio").read_bytes()))
    init = bytearray(files["init"])
    init[18:20] = struct.pack("<H", 62)                     # e_machine: x86-64
    files["init"] = bytes(init)
    vm.initrd = folder / "boot.cpio"
    vm.initrd.write_bytes(mkarchive.archive(list(files.items())))


def broken_menu(vm, args, folder):
    """Lines of the menu that are none, and programs that are not in the archive: each is told, the others start."""
    vm.initrd = board.write_archive(folder / "boot.cpio", args,
                                    menu='"no end\nnobody-has-this-program\n@77 true\nlast exit 7\n')


def no_menu(vm, args, folder):
    files = dict(mkarchive.files((args.build / "boot.cpio").read_bytes()))
    del files["menu.lst"]
    vm.initrd = folder / "boot.cpio"
    vm.initrd.write_bytes(mkarchive.archive(list(files.items())))


CASES = {case.__name__.replace("_", "-"): case for case in (
    no_device_tree, not_a_device_tree, broken_device_tree, no_archive, truncated_archive, not_an_archive, empty_archive,
    no_init, broken_init, no_menu, broken_menu)}


def main():
    parser = board.arguments(__doc__)
    parser.add_argument("case", choices=CASES)
    args = parser.parse_args()

    def test(vm):
        if args.case == "no-menu":
            vm.see(r"proc: there is no menu.lst in the boot archive: nothing to start\r*\n")
            vm.ends_with_status(1)
        elif args.case == "broken-menu":
            vm.see(r"proc: menu.lst is broken, line 1: a quote has no end\r*\n")
            vm.see(r"proc: menu.lst line 2: cannot start nobody-has-this-program: [^\r\n]{8,}\r*\n")
            vm.see(r"proc: menu.lst line 3: the machine has no core 77\r*\n")
            vm.ends_with_status(7)
        else:
            vm.see(SENTENCE)        # without a device tree there is no telling how to power off

    with board.scratch() as folder:
        vm = board.machine(args)
        CASES[args.case](vm, args, folder)
        board.run(test, vm, args.timeout)


if __name__ == "__main__":
    main()
