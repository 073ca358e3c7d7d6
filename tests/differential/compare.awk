# Compares what two servers answered to the same rows.  The table has a row a
# line: its name, the fields that are to differ, why, its method and target,
# separated by tabs.  ours and other are directories, with the files N.head
# and N.body for the row N, "statuses", and "checksums" of the bodies.
#
# Of a success all is compared; of the rest what a client acts on: where to,
# and of how many bytes there is no such range.  Who has got a part knows that
# there are parts: Accept-Ranges is for 200.

BEGIN {
	FS = "\t"
	nfields = split("status location range type length modified accepts " \
	    "coding body", field, " ")
	read_statuses(ours)
	read_statuses(other)
	read_checksums(ours)
	read_checksums(other)
}

function read_statuses(dir,	line, n)
{
	while ((getline line < (dir "/statuses")) > 0)
		status[dir, ++n] = line == "000" ? "none" : line
}

function read_checksums(dir,	line, part, name)
{
	while ((getline line < (dir "/checksums")) > 0) {
		split(line, part, " ")
		name = part[3]
		sub(/.*\//, "", name)
		sub(/\.body$/, "", name)
		checksum[dir, name] = part[1] " " part[2]
	}
}

# As a client resolves it.
function location(value, target)
{
	if (value == "" || value ~ /^\//)
		return value
	sub(/[?].*/, "", target)
	sub(/[^\/]*$/, "", target)
	return target value
}

function take(dir, n, name, value)
{
	if (name == "location")
		got[dir, "location"] = location(value, $5)
	else if (name == "content-range")
		got[dir, "range"] = value
	else if (got[dir, "status"] !~ /^2/)
		return
	else if (name == "content-type") {
		sub(/;.*/, "", value)
		got[dir, "type"] = value
	} else if (name == "content-length")
		got[dir, "length"] = value
	else if (name == "last-modified")
		got[dir, "modified"] = value
	else if (name == "accept-ranges" && got[dir, "status"] == 200)
		got[dir, "accepts"] = value
	else if (name == "content-encoding")
		got[dir, "coding"] = value
}

function describe(dir, n,	i, line, name, file)
{
	for (i = 1; i <= nfields; i++)
		got[dir, field[i]] = ""
	got[dir, "status"] = status[dir, n]
	file = dir "/" n ".head"
	while ((getline line < file) > 0) {
		sub(/\r$/, "", line)
		name = tolower(substr(line, 1, index(line, ":") - 1))
		sub(/^[^:]*: */, "", line)
		take(dir, n, name, line)
	}
	close(file)
	# Boundaries, and the order of the parts' fields, are each server's.
	if (got[dir, "type"] == "multipart/byteranges")
		got[dir, "length"] = "of several parts"
	if ($4 != "HEAD" && got[dir, "status"] ~ /^2/)
		got[dir, "body"] = checksum[dir, n]
}

# Where the status differs, the rest follows from it.
function differences(	i, found)
{
	if (got[ours, "status"] != got[other, "status"])
		return "status"
	for (i = 2; i <= nfields; i++)
		if (got[ours, field[i]] != got[other, field[i]])
			found = found (found == "" ? "" : " ") field[i]
	return found
}

{
	describe(ours, NR)
	describe(other, NR)
	found = differences()
	named += $2 != ""
	if (found == $2)
		next
	failures++
	printf "%s: %s %s: differs in \"%s\", not in \"%s\" (%s)\n",
	    $1, $4, $5, found, $2, $3
	for (i = 1; i <= nfields; i++)
		if (got[ours, field[i]] != got[other, field[i]])
			printf "\t%s: \"%s\", and \"%s\"\n", field[i],
			    got[ours, field[i]], got[other, field[i]]
}

END {
	printf "%d rows, %d as the other is not, %d wrong\n", NR, named,
	    failures
	exit NR < 80 || failures > 0
}
