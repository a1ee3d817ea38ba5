-- Strings: patterns, formats, packing, comparison, UTF-8.
assert(("hello world"):find("o w") == 5 and ("hello"):find("l", 1, true) == 3 and not ("x"):find("y"))
assert(("key = value"):match("^(%w+)%s*=%s*(%w+)$") == "key")
assert(select(2, ("key = value"):match("^(%w+)%s*=%s*(%w+)$")) == "value")
assert(("THE (quick) fox"):find("%((%a+)%)") == 5 and ("a.b.c"):gsub("%.", "/") == "a/b/c")
assert(("hello"):gsub("l", { l = "L" }, 1) == "heLlo" and ("abc"):gsub("%w", "%0%0") == "aabbcc")
assert(("x = 1, y = 2"):gsub("(%w+) = (%w+)", "%2 = %1") == "1 = x, 2 = y")
assert(("THE"):lower() == "the" and ("äb"):len() == 3 and utf8.len("äb") == 2 and utf8.char(228, 8364) == "ä€")
local points = {}
for _, c in utf8.codes("aä€𐍈") do points[#points + 1] = c end
assert(table.concat(points, ",") == "97,228,8364,66376")
assert(("%f[%w]%w+"):len() == 9 and ("one two"):gsub("%f[%w]%w+", string.upper) == "ONE TWO")
assert(("[[nested [brackets]]]"):match("%b[]") == "[[nested [brackets]]]")
assert(string.rep("ab", 3, ",") == "ab,ab,ab" and ("abc"):reverse() == "cba" and ("abc"):byte(-1) == 99)
assert(("abcdef"):sub(-3, -2) == "de" and ("abc"):sub(0) == "abc" and ("abc"):sub(5) == "")
assert("a" < "b" and "Z" < "a" and "" < "a" and not ("b" < "abc") and "a\0b" > "a")
assert(tostring(12) == "12" and tostring(-0.0) == "-0.0" and 10 .. 20 == "1020" and "10" + 5 == 15 and "0x10" + 0 == 16)
assert(string.pack("<i4 >i2 z s1", 1, 2, "abc", "de") == "\1\0\0\0\0\2abc\0\2de")
assert(select("#", string.unpack("<i4 >i2 z s1", "\1\0\0\0\0\2abc\0\2de")) == 5)
assert(string.unpack("<d", string.pack("<d", math.pi)) == math.pi and string.packsize("i4 i8") == 12 and string.packsize("!8 i4 i8") == 16)
assert(load("return " .. string.format("%q", "line\nquote\" \0 end"))() == "line\nquote\" \0 end")
assert(not pcall(string.rep, "x", 1 << 60) and not pcall(string.format, "%d", 1.5))
local parts = {}
for i = 1, 20000 do parts[i] = ("%05d"):format(i) end
local all = table.concat(parts)
assert(#all == 100000 and all:find("19999") and all:sub(-5) == "20000")
