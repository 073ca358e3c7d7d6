# The report as text: the machine, the versions, and a table for each load.

BEGIN { FS = "\t" }

FILENAME ~ /machine$/	{ print; next }
FILENAME ~ /versions$/	{ all = all (all == "" ? "" : ", ") $0; next }

FNR == 1 { print all "." }

$1 == "load" {
	end_table()
	printf "\n%s\n", $7
	how = $8
	nservers = 0
	split("", value)
	split("", seen)
	result = ""
}

$1 == "value" || $1 == "ratio" {
	if (!($3 in seen)) {
		seen[$3] = 1
		server[++nservers] = $3
	}
	value[$3, $4] = $5
	has[$4] = 1
}

$1 == "result" {
	result = sprintf("%s: %s %s, goal %s: %s", $3,
	    $5 > 100 ? sprintf("%.0f", $5) : sprintf("%.2f", $5),
	    $4 == "-" ? "" : "x " $4, $6, $7)
	sub(/ ,/, ",", result)
}

# Columns by the figures that a load can have, in this order.
function columns(list)
{
	return split("rps cpu_us busy mib_s bytes base peer p50 p99 p999 errors",
	    list, " ")
}

function heading(what)
{
	if (what == "rps")
		return "requests/s"
	if (what == "cpu_us")
		return "CPU us"
	if (what == "busy")
		return "busy %"
	if (what == "mib_s")
		return "MiB/s"
	if (what == "base")
		return "x base"
	if (what == "peer")
		return "x peer"
	if (what ~ /^p[0-9]/)
		return what " us"
	return what
}

function cell(what, v)
{
	if (v == "")
		return "-"
	if (what ~ /^(rps|busy|bytes|mib_s|errors)$/ || (what ~ /^p/ && v >= 1000))
		return sprintf("%.0f", v)
	return sprintf(what ~ /^p[0-9]/ ? "%.1f" : "%.2f", v)
}

function end_table(	n, i, j, list, line)
{
	if (nservers == 0)
		return
	n = columns(list)
	line = sprintf("%-22s", "server")
	for (j = 1; j <= n; j++)
		if (list[j] in has && is_told(list[j]))
			line = line sprintf("%11s", heading(list[j]))
	print line
	for (i = 1; i <= nservers; i++) {
		line = sprintf("%-22s", server[i])
		for (j = 1; j <= n; j++)
			if (list[j] in has && is_told(list[j]))
				line = line sprintf("%11s", cell(list[j],
				    value[server[i], list[j]]))
		print line
	}
	if (result != "")
		print result
	if (how != "")
		print how
	split("", has)
}

# Nobody has errors, or everybody is to see them.
function is_told(what,	i)
{
	if (what != "errors")
		return 1
	for (i = 1; i <= nservers; i++)
		if (value[server[i], what] > 0)
			return 1
	return 0
}

END { end_table() }
