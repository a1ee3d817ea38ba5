-- io: files of the boot archive, and what must fail because it is read-only.
local name = "/files.lua"
local f = assert(io.open(name, "rb"))
local first = f:read("l")
assert(first:find("^%-%- io:") and f:seek("cur") == #first + 1 and f:seek("set") == 0 and f:read("L") == first .. "\n")
local size = f:seek("end")
assert(f:read(0) == nil and f:read("a") == "" and f:read("l") == nil and f:seek("set", 3) == 3 and f:read(3) == "io:")
f:seek("set")
local whole = f:read("a")
assert(#whole == size and io.type(f) == "file" and f:close() and io.type(f) == "closed file" and not pcall(f.read, f))
local count, bytes = 0, 0
for line in io.lines(name, "L") do count = count + 1; bytes = bytes + #line end
assert(bytes == size and select(2, whole:gsub("\n", "")) == count)
for a, b in io.lines("/numbers.txt", "n", "n") do assert(b == a * a, a) end
assert(not pcall(io.lines, "/nowhere"))
local function refused(want, ok, what, number) assert(ok == nil and what:find(want, 1, true) and number > 0, what) end
refused("No such file or directory", io.open("/nowhere"))
refused("Read-only file system", io.open("/new", "w"))
refused("Read-only file system", os.remove(name))
refused("Read-only file system", os.rename(name, "/other"))
refused("No such file or directory", os.remove("/nowhere"))
io.write("io.write ", 1, " ", 2.5, "\n")
io.stdout:setvbuf("full")
io.stdout:write("buffered\n")
io.stdout:flush()
assert(io.stdin:read("l") == nil, "there is nobody to type")
assert(dofile("/answer.lua") == 42 and loadfile("/answer.lua")() == 42 and not loadfile("/nowhere"))
package.path = "/?.lua"
assert(require("answer") == 42 and package.loaded.answer == 42 and not pcall(require, "nothing"))
