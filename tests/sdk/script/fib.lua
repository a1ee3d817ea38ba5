-- What the boot test of Lua runs: closures, coroutines, strings, files of the boot archive, errors.
local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end
print("fib", fib(20))
local words = {}
for word in ("the quick brown fox"):gmatch("%a+") do words[#words + 1] = word:upper() end
table.sort(words)
print("words", table.concat(words, ","))
local squares = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i * i) end end)
print("squares", squares(), squares(), squares())
print("format", string.format("%5.2f|%g|%d|%q", math.pi, 0.1, 42, "a\"b"))
print("number", tonumber("0x1p4"), tonumber("1e-3"), 2^53, 7 // 2, 1 / 0)
print("file", io.open("/fib.lua"):read("n", "l"))
print("missing", select(2, io.open("/nowhere")))
print("refused", select(2, io.open("/new", "w")))
print("caught", pcall(error, { code = 7 }))
print("memory", collectgarbage("count") > 10, #string.rep("x", 1 << 20))
os.exit(3)
