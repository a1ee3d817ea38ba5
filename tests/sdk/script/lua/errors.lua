-- Errors, deep recursion, and what the compiler refuses.
local ok, what = pcall(error, "plain")
assert(not ok and what == "plain")
ok, what = pcall(function() error("here") end)
assert(what:find("^errors.lua:4: here$"), what)
assert(select(2, pcall(error, setmetatable({}, { __tostring = function() return "object" end }))) ~= nil)
ok, what = xpcall(function() local x = nil; return x.y end, function(m) return "handled: " .. m end)
assert(not ok and what:find("handled: .*attempt to index a nil value %(local 'x'%)"), what)
assert(debug.traceback("trace", 1):find("errors.lua"))
local function deeper(n) return n == 0 and 0 or 1 + deeper(n - 1) end
assert(deeper(150000) == 150000)
local function forever(n) return 1 + forever(n + 1) end
ok, what = pcall(forever, 1)
assert(not ok and what:find("stack overflow"), what)
local function tail(n) if n == 0 then return "end" end return tail(n - 1) end
assert(tail(1000000) == "end")
ok, what = pcall(string.gsub, string.rep("x", 300000), string.rep("x?", 300000) .. "y", "")
assert(not ok and what:find("too complex"), what)                          -- recursion in C
local nest = string.rep("(", 150) .. "1" .. string.rep(")", 150)
assert(load("return " .. nest)() == 1 and not load("return " .. string.rep("(", 1000) .. "1" .. string.rep(")", 1000)))
local t = {}
for _ = 1, 180 do t = setmetatable({}, { __index = t }) end
assert(t.x == nil)
local function nested(n) return n == 0 and error("bottom", 0) or select(2, pcall(nested, n - 1)) end
assert(nested(150) == "bottom")
for _, source in ipairs { "x =", "for", "return return", "goto nowhere", "local x <const> = 1; x = 2", "'unfinished", "a.b:c = 1", "break" } do
    local chunk, message = load(source)
    assert(not chunk and message:find(":1:"), source)
end
assert(load("return ...", "chunk", "t", {})(5) == 5 and not load(string.dump(function() end), "b", "t"))
assert(load(string.dump(function(a) return a * 2 end), "b", "b")(21) == 42)
local order = {}
do
    local a <close> = setmetatable({}, { __close = function() order[#order + 1] = "a" end })
    local b <close> = setmetatable({}, { __close = function() order[#order + 1] = "b" end })
end
assert(table.concat(order) == "ba")
warn("@on"); warn("a ", "warning")
