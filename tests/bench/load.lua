-- What wrk(1) does for a load: sends as many requests at once as its first
-- argument says, and reports in one line.  Times are in microseconds.

function init(args)
	local depth = tonumber(args[1] or 1)
	local requests = {}

	-- Without a function `request' wrk makes one request once for all.
	if depth == 1 then
		return
	end
	for i = 1, depth do
		requests[i] = wrk.format()
	end
	requests = table.concat(requests)
	request = function() return requests end
end

function done(summary, latency)
	local e = summary.errors

	io.write(string.format("wrk %d %d %d %.1f %.1f %.1f\n",
	    summary.requests, summary.duration,
	    e.connect + e.read + e.write + e.status + e.timeout,
	    latency:percentile(50), latency:percentile(99),
	    latency:percentile(99.9)))
end
