# From samples to figures: the loads, then lines of load and how it was
# measured, then lines of load, round, server, name and value.  Writes,
# separated by tabs and in the order of the loads,
#
#	load   name figure more server goal title how
#	value  load server name median
#	ratio  load server base|peer median
#	result load figure ratio-to-what ratio goal met|missed
#
# A ratio is the median of those within a round, where what disturbs one server
# is most likely to disturb the other, too.

BEGIN { OFS = "\t" }

# The loads, as loads.bash has them.
FNR == NR {
	name[++nloads] = $1
	more[$1] = $2 ~ /^\+/
	figure[$1] = substr($2, 1 + more[$1])
	base[$1] = $3
	subject[$1] = $4
	goal[$1] = $5
	title[$1] = $0
	for (i = 0; i < 5; i++)
		sub(/^[^ ]+ /, "", title[$1])
	next
}

FILENAME ~ /conditions.tsv$/ {
	how[$1] = substr($0, length($1) + 2)
	next
}

{
	if (!(($1, $3) in known)) {
		known[$1, $3] = 1
		servers[$1] = servers[$1] " " $3
	}
	if (!(($1, $3, $4) in count))
		names[$1, $3] = names[$1, $3] " " $4
	values[$1, $3, $4, ++count[$1, $3, $4]] = $5
	at[$1, $3, $4, $2] = $5
	if ($2 > rounds)
		rounds = $2
}

# The median of list[1..n].
function median(list, n,	i, j, t)
{
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && list[j - 1] > list[j]; j--) {
			t = list[j]
			list[j] = list[j - 1]
			list[j - 1] = t
		}
	return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

function median_of(load, server, what,	i, list)
{
	for (i = 1; i <= count[load, server, what]; i++)
		list[i] = values[load, server, what, i] + 0
	return median(list, i - 1)
}

# That of the ratios within a round; 0 where there are none.
function ratio_of(load, server, to, what,	i, n, list)
{
	for (i = 1; i <= rounds; i++)
		if (at[load, to, what, i] > 0 && (load, server, what, i) in at)
			list[++n] = at[load, server, what, i] / \
			    at[load, to, what, i]
	return n > 0 ? median(list, n) : 0
}

function is_peer(server)
{
	return server !~ /^(httpserve|limit)/
}

function best_peer(load,	i, n, list, best, m, bound)
{
	n = split(servers[load], list, " ")
	for (i = 1; i <= n; i++) {
		if (!is_peer(list[i]) || !((load, list[i], figure[load]) in count))
			continue
		m = median_of(load, list[i], figure[load])
		if (best == "" || (more[load] ? m > bound : m < bound)) {
			best = list[i]
			bound = m
		}
	}
	return best
}

function judge(load, peer,	kind, bound, told, value, to)
{
	kind = substr(goal[load], 1, 1)
	told = goal[load]
	sub(/^[p=]/, "", told)
	bound = told + 0
	to = kind == "=" ? "" : kind == "p" ? peer : base[load]
	if (!((load, subject[load], figure[load]) in count))
		return
	if (kind == "=")
		value = median_of(load, subject[load], figure[load])
	else if (to != "")
		value = ratio_of(load, subject[load], to, figure[load])
	if (value > 0)
		print "result", load, figure[load], to == "" ? "-" : to,
		    value, told,
		    (more[load] ? value >= bound : value <= bound) ? \
		    "met" : "missed"
}

function describe(load,	i, j, k, n, list, what, peer)
{
	print "load", load, figure[load], more[load], subject[load],
	    goal[load], title[load], how[load]
	peer = best_peer(load)
	n = split(servers[load], list, " ")
	for (i = 1; i <= n; i++) {
		k = split(names[load, list[i]], what, " ")
		for (j = 1; j <= k; j++)
			print "value", load, list[i], what[j],
			    median_of(load, list[i], what[j])
		if ((j = ratio_of(load, list[i], base[load], figure[load])))
			print "ratio", load, list[i], "base", j
		if (peer && (j = ratio_of(load, list[i], peer, figure[load])))
			print "ratio", load, list[i], "peer", j
	}
	judge(load, peer)
}

END {
	for (l = 1; l <= nloads; l++)
		if (servers[name[l]] != "")
			describe(name[l])
}
