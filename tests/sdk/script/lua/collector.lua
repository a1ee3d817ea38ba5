-- Memory: the collector under pressure in both modes, weak tables, finalizers, blocks of all sizes, running out of memory.
local function churn()
    local keep = {}
    for i = 1, 60000 do
        local t = { i, tostring(i), { i } }
        if i % 100 == 0 then keep[#keep + 1] = t end
    end
    for i, t in ipairs(keep) do assert(t[1] == i * 100 and t[2] == tostring(i * 100) and t[3][1] == t[1]) end
end
for _, mode in ipairs { "incremental", "generational" } do
    collectgarbage(mode)
    collectgarbage()
    local before = collectgarbage("count")
    for _ = 1, 3 do churn() end
    collectgarbage()
    assert(collectgarbage("count") < before + 200, mode)
end
collectgarbage("incremental", 200, 400)
local weak, strong = setmetatable({}, { __mode = "k" }), {}
for i = 1, 1000 do
    local key = { i }
    weak[key] = i
    if i % 2 == 0 then strong[#strong + 1] = key end
end
collectgarbage()
local left = 0
for _, v in pairs(weak) do assert(v % 2 == 0); left = left + 1 end
assert(left == 500 and #strong == 500)
local finalized = 0
for _ = 1, 100 do setmetatable({}, { __gc = function() finalized = finalized + 1 end }) end
collectgarbage(); collectgarbage()
assert(finalized == 100)
local blocks, size = {}, 1
while size <= 8 << 20 do                    -- to 8 MiB, each read back
    blocks[#blocks + 1] = string.rep(string.char(#blocks % 251), size)
    size = size * 2
end
for i, b in ipairs(blocks) do assert(#b == 1 << (i - 1) and b:byte(#b) == (i - 1) % 251) end
blocks = nil
collectgarbage()
local ok, what = pcall(string.rep, "x", 2147480000)         -- more than there is: an error, and life goes on
assert(not ok and what:find("not enough memory"), what)
churn()
