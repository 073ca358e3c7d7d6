# The report as a chart, in SVG: a panel for each load, a bar for each server,
# best first, as long as its ratio to the base, or where there is none as its
# figure.  Bars beyond three times httpserve's are cut, which a gap in them
# shows.

BEGIN {
	FS = "\t"
	PANEL = 430		# width of a panel, of which two stand beside
	ROW = 20		# each other; height of a bar with its gap
	NAME = 150		# room for a server's name,
	BAR = 160		# for the longest bar; a label is behind it
	HEAD = 34
	GAP = 22
}

$1 == "load" {
	load[++nloads] = $2
	figure[$2] = $3
	more[$2] = $4
	subject[$2] = $5
	title[$2] = $7
}

$1 == "value" && $4 == figure[$2] {
	server[$2, ++nservers[$2]] = $3
	value[$2, $3] = $5
}

$1 == "result" {
	goal[$2] = "; goal " figure_of($2, $6) \
	    ($4 == "-" ? "" : " x " $4) ": " $7
}

$1 == "ratio" && $4 == "base" { ratio[$2, $3] = $5 }

function text(x, y, class, s)
{
	gsub(/&/, "\\&amp;", s)
	gsub(/</, "\\&lt;", s)
	printf "<text x=\"%d\" y=\"%d\" class=\"%s\">%s</text>\n", x, y,
	    class, s
}

function bar(x, y, width, class)
{
	printf "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" " \
	    "class=\"%s\"/>\n", x, y, width, ROW - 6, class
}

# The order of a load's servers, best first, in order[1..n].
function sort_servers(l,	i, j, t, n)
{
	n = nservers[l]
	for (i = 1; i <= n; i++)
		order[i] = server[l, i]
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && is_better(l, order[j], order[j - 1]); j--) {
			t = order[j]
			order[j] = order[j - 1]
			order[j - 1] = t
		}
	return n
}

function measure_of(l, name)
{
	return (l, name) in ratio ? ratio[l, name] : value[l, name]
}

function is_better(l, a, b)
{
	a = measure_of(l, a)
	b = measure_of(l, b)
	return more[l] ? a > b : a < b
}

function unit(l)
{
	if (figure[l] == "cpu_us")
		return "CPU time for a request"
	if (figure[l] == "mib_s")
		return "throughput"
	if (figure[l] == "bytes")
		return "memory"
	if (figure[l] == "rps")
		return "requests a second"
	return "99th percentile"
}

# A goal is a ratio, unless there is nothing it would be one to.
function figure_of(l, v)
{
	if (figure[l] ~ /^p[0-9]/ && v >= 1000)
		return v / 1000 " ms"
	return figure[l] == "bytes" ? v " bytes" : v
}

function label(l, name,	v)
{
	v = value[l, name]
	if (figure[l] == "cpu_us")
		v = sprintf("%.2f us", v)
	else if (figure[l] == "mib_s")
		v = sprintf("%.0f MiB/s", v)
	else if (figure[l] == "bytes")
		v = sprintf("%.0f bytes", v)
	else if (figure[l] == "rps")
		v = sprintf("%.0f", v)
	else
		v = v < 1000 ? sprintf("%.0f us", v) : sprintf("%.1f ms", v / 1000)
	if ((l, name) in ratio)
		v = sprintf("x %.2f, ", ratio[l, name]) v
	return v
}

function kind_of(name, l)
{
	if (name == subject[l])
		return "own"
	return name ~ /^(limit|httpserve)/ ? "base" : "peer"
}

# The figure that is as long as the longest bar.
function scale(l, n,	i, max, most)
{
	for (i = 1; i <= n; i++)
		if (measure_of(l, order[i]) > max)
			max = measure_of(l, order[i])
	most = 3 * measure_of(l, subject[l])
	return most > 0 && max > most ? most : max
}

function panel(l, x, y,	i, n, max, width, top)
{
	n = sort_servers(l)
	max = scale(l, n)
	text(x, y + 12, "title", title[l])
	text(x, y + 26, "unit", unit(l) goal[l])
	for (i = 1; i <= n; i++) {
		top = y + HEAD + (i - 1) * ROW
		width = max > 0 ? measure_of(l, order[i]) / max * BAR : 0
		text(x + NAME - 8, top + 11,
		    "name" (order[i] == subject[l] ? " us" : ""), order[i])
		if (width > BAR) {
			bar(x + NAME, top, BAR - 16, kind_of(order[i], l))
			bar(x + NAME + BAR - 12, top, 12, kind_of(order[i], l))
			width = BAR
		} else
			bar(x + NAME, top, width, kind_of(order[i], l))
		text(x + NAME + width + 6, top + 11, "label",
		    label(l, order[i]))
	}
}

# Panels in pairs, each pair as high as the higher one.
function height(i)
{
	return HEAD + ROW * nservers[load[i]] + GAP
}

function pair_height(i)
{
	return i == nloads || height(i) > height(i + 1) ? height(i) : \
	    height(i + 1)
}

END {
	for (i = 1; i <= nloads; i += 2)
		total += pair_height(i)
	width = 2 * PANEL + 60
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" " \
	    "height=\"%d\" viewBox=\"0 0 %d %d\">\n", width, total + 30,
	    width, total + 30
	print "<title>httpserve beside its limit and its peers</title>"
	print "<style>text { font: 12px sans-serif; fill: #1f2328 }"
	print ".title { font-weight: bold; font-size: 13px }"
	print ".unit, .label { fill: #59636e }"
	print ".name { text-anchor: end } .us { font-weight: bold }"
	print ".own { fill: #0969da } .peer { fill: #afb8c1 }"
	print ".base { fill: #dfe3e8 }</style>"
	print "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>"
	y = 20
	for (i = 1; i <= nloads; i++) {
		panel(load[i], i % 2 ? 20 : PANEL + 40, y)
		if (i % 2 == 0)
			y += pair_height(i - 1)
	}
	print "</svg>"
}
