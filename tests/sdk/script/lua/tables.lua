-- Tables: sequences, sorting, metatables, iteration while entries go, large ones.
local t = { 5, 3, 9, 1, [10] = 7, x = "y" }
assert(#t == 4 and t[10] == 7 and t.x == "y" and next({}) == nil)
table.sort(t)
assert(table.concat(t, " ") == "1 3 5 9")
table.sort(t, function(a, b) return a > b end)
assert(table.concat(t, " ") == "9 5 3 1")
table.insert(t, 2, 8)
assert(table.remove(t, 1) == 9 and table.remove(t) == 1 and table.concat(t, ",") == "8,5,3")
assert(table.unpack({ 1, 2, 3 }, 2) == 2 and select("#", table.unpack({}, 1, 200)) == 200 and table.pack(nil, nil).n == 2)
assert(table.concat(table.move({ 1, 2, 3 }, 1, 3, 3), " ") == "1 2 1 2 3")
local big = {}
for i = 1, 200000 do big[i] = (i * 7919) % 200003 end
table.sort(big)
for i = 2, #big do assert(big[i - 1] <= big[i]) end
for i = 1, 100000 do big["k" .. i] = i end
local sum = 0
for k, v in pairs(big) do
    if type(k) == "string" then sum = sum + v; big[k] = nil end     -- allowed while it is walked
end
assert(sum == 100000 * 100001 // 2 and not next(big, #big))
local log = {}
local proxy = setmetatable({}, {
    __index = function(_, k) return k .. "!" end,
    __newindex = function(_, k, v) log[#log + 1] = k .. "=" .. v end,
    __call = function(_, a, b) return a + b end, __len = function() return 42 end,
    __eq = function() return true end, __lt = function() return true end, __concat = function() return "cat" end,
    __tostring = function() return "proxy" end, __unm = function() return "minus" end, __idiv = function() return "idiv" end,
})
proxy.a = 1
assert(proxy.b == "b!" and log[1] == "a=1" and proxy(2, 3) == 5 and #proxy == 42 and proxy < {} and proxy .. 1 == "cat")
assert(tostring(proxy) == "proxy" and -proxy == "minus" and proxy // 1 == "idiv" and rawlen(proxy) == 0)
local Base = {} ; Base.__index = Base
function Base.new(n) return setmetatable({ n = n }, Base) end
function Base:twice() return self.n * 2 end
local Derived = setmetatable({}, { __index = Base }) ; Derived.__index = Derived
function Derived:thrice() return self.n * 3 end
local d = setmetatable(Base.new(7), Derived)
assert(d:twice() == 14 and d:thrice() == 21)
assert(not pcall(table.sort, { 3, "x", 1 }) and not pcall(function() return nil .. "x" end) and not pcall(next, {}, "no"))
