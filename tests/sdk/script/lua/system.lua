-- os: clocks, dates, the environment, the end.
local now = os.time()
assert(now > 1700000000 and math.abs(os.time(os.date("*t", now)) - now) < 2)
assert(os.date("!%Y-%m-%d %H:%M:%S", 1700000000) == "2023-11-14 22:13:20" and os.date("!%j %a %b", 0) == "001 Thu Jan")
assert(os.time { year = 2024, month = 2, day = 30, hour = 12 } == os.time { year = 2024, month = 3, day = 1, hour = 12 })
assert(os.difftime(now + 5, now) == 5.0 and not pcall(os.date, "%Ez", now))
local began = os.clock()
local x = 0
while os.clock() - began < 0.02 do x = x + 1 end
assert(x > 0 and os.clock() >= began + 0.02)
assert(os.getenv("NOWHERE") == nil and os.getenv("GREETING") == "hello there")
assert(not os.execute() and arg[0] == "system.lua" and arg[1] == "a b" and arg[2] == "" and #arg == 2)
assert(os.setlocale() == "C" and os.setlocale("C") == "C" and not os.setlocale("xx_XX"))
local _ <close> = setmetatable({}, { __close = function() print("closed at the end") end })
os.exit(true, true)
