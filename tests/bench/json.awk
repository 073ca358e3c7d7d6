# The report as JSON: {"machine", "versions", "loads": [{"name", ...}]}.

BEGIN {
	FS = "\t"
	printf "{\n"
}

FILENAME ~ /machine$/ {
	machine = machine (machine == "" ? "" : " ") $0
	next
}

FILENAME ~ /versions$/ {
	split($0, pair, " ")
	versions = versions (versions == "" ? "" : ", ") \
	    quote(pair[1]) ": " quote(pair[2])
	next
}

FNR == 1 {
	printf "  \"machine\": %s,\n  \"versions\": {%s},\n  \"loads\": [",
	    quote(machine), versions
}

$1 == "load" {
	end_load()
	printf "%s\n    {\n", n++ ? "," : ""
	printf "      \"name\": %s,\n      \"title\": %s,\n", quote($2),
	    quote($7)
	printf "      \"how\": %s,\n", quote($8)
	printf "      \"figure\": %s,\n      \"more_is_better\": %s,\n",
	    quote($3), $4 ? "true" : "false"
	printf "      \"servers\": {"
	server = ""
	is_open = 1
}

$1 == "value" { member($3, $4, $5) }
$1 == "ratio" { member($3, "ratio_to_" ($4 == "base" ? "base" : "best_peer"),
    $5) }

$1 == "result" {
	result = sprintf(",\n      \"result\": {\"to\": %s, \"value\": %s, " \
	    "\"goal\": %s, \"met\": %s}", $4 == "-" ? "null" : quote($4), $5,
	    $6 + 0, $7 == "met" ? "true" : "false")
}

function quote(s)
{
	gsub(/["\\]/, "\\\\&", s)
	return "\"" s "\""
}

function member(name, key, value)
{
	if (name != server)
		printf "%s\n        %s: {", server == "" ? "" : "},",
		    quote(name)
	printf "%s%s: %s", name == server ? ", " : "", quote(key), value
	server = name
}

function end_load()
{
	if (is_open)
		printf "%s\n      }%s\n    }", server == "" ? "" : "}", result
	result = ""
}

END {
	end_load()
	printf "\n  ]\n}\n"
}
