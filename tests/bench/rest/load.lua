-- load.lua - what wrk asks: one of the workloads of tests/bench/rest/run, by its name.
--
--   wrk … -s load.lua URL -- WORKLOAD PEOPLE
--
-- PEOPLE is a file with a line for each person: a token, a room of that person's, the seq of the room's last
-- message.  Each request is the next person's.  The result is one line of JSON, for table.awk.

local text = string.rep("hello ", 21) .. "hi" -- 128 bytes

local function get(person, path)
    return wrk.format("GET", path, { Authorization = "Bearer " .. person.token })
end

local requests = {
    object = function(person) return get(person, "/v1/rooms/" .. person.room) end,
    newest = function(person) return get(person, "/v1/rooms/" .. person.room .. "/messages?limit=50") end,
    page = function(person)
        local before = math.random(60, math.max(60, person.seq - 100))
        return get(person, "/v1/rooms/" .. person.room .. "/messages?limit=50&before=" .. before)
    end,
    post = function(person)
        local headers = { Authorization = "Bearer " .. person.token, ["Content-Type"] = "application/json" }
        return wrk.format("POST", "/v1/rooms/" .. person.room .. "/messages", headers, '{"text":"' .. text .. '"}')
    end,
}

local made, at = {}, 0

function init(args)
    for line in io.lines(args[2]) do
        local token, room, seq = line:match("(%S+) (%S+) (%S+)")
        local person = { token = token, room = room, seq = tonumber(seq) }
        for _ = 1, args[1] == "page" and 200 or 1 do
            table.insert(made, requests[args[1]](person))
        end
    end
end

function request()
    at = at % #made + 1
    return made[at]
end

function done(summary, latency)
    io.write(string.format('"requests":%d,"seconds":%.3f,"p50_us":%d,"p99_us":%d,"max_us":%d,"refused":%d,"closed":%d',
        summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), latency.max,
        summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout),
        "\n")
end
