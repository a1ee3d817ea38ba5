-- Coroutines: generators, many at once, errors, closing, yields across pcall and metamethods.
local function numbers(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end
local sum = 0
for i in numbers(1000) do sum = sum + i end
assert(sum == 500500)
local co = coroutine.create(function(a, b)
    local c = coroutine.yield(a + b)
    local d, e = coroutine.yield(c * 2)
    return d + e
end)
assert(select(2, coroutine.resume(co, 1, 2)) == 3 and select(2, coroutine.resume(co, 10)) == 20)
assert(select(2, coroutine.resume(co, 3, 4)) == 7 and coroutine.status(co) == "dead" and not coroutine.resume(co))
local bad = coroutine.create(function() error({ code = 5 }) end)
local ok, what = coroutine.resume(bad)
assert(not ok and what.code == 5)
local through = coroutine.wrap(function()
    local ok2, got = pcall(function() local x = coroutine.yield("inside"); error("after " .. x, 0) end)
    coroutine.yield(got)
    local t = setmetatable({}, { __add = function() return coroutine.yield("meta") end })
    return t + 1
end)
assert(through() == "inside" and through("yield") == "after yield" and through() == "meta" and through(9) == 9)
local many = {}
for i = 1, 2000 do
    many[i] = coroutine.create(function() local n = i; while true do n = n + coroutine.yield(n) end end)
end
for round = 1, 3 do
    for i = 1, 2000 do assert(select(2, coroutine.resume(many[i], 1)) == i + round - 1) end
end
local closed = false
local c = coroutine.create(function() local _ <close> = setmetatable({}, { __close = function() closed = true end }); coroutine.yield() end)
coroutine.resume(c)
assert(coroutine.close(c) and closed and coroutine.status(c) == "dead")
assert(coroutine.isyieldable() == false and not pcall(coroutine.yield) and select(2, coroutine.running()) == true)
local function queens(n)                    -- a search that hands out its solutions one by one
    return coroutine.wrap(function()
        local column, up, down, row = {}, {}, {}, {}
        local function place(r)
            if r > n then coroutine.yield(table.concat(row, " ")) return end
            for k = 1, n do
                if not (column[k] or up[r + k] or down[r - k]) then
                    column[k], up[r + k], down[r - k], row[r] = true, true, true, k
                    place(r + 1)
                    column[k], up[r + k], down[r - k] = nil, nil, nil
                end
            end
        end
        place(1)
    end)
end
local solutions = 0
for _ in queens(6) do solutions = solutions + 1 end
assert(solutions == 4)
