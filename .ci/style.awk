# What the compilers do not say about our C: lines to 80 columns, no blanks at
# the end of one, functions to 60 lines, files to 500.  Tests are tables: their
# functions may have 100 lines, and their files are as long as they need.

function finding(line, text)
{
	printf "%s:%d: %s\n", FILENAME, line, text
	findings++
}

# Columns of a line, its tabs at every eighth.
function columns(s,	n, part, parts, i)
{
	parts = split(s, part, "\t")
	for (i = 1; i < parts; i++)
		n += length(part[i]) + 8 - (n + length(part[i])) % 8
	return n + length(part[parts])
}

FNR == 1 {
	body = 0
	test = FILENAME ~ /^tests\//
	limit = test ? 100 : 60
}

FNR == 501 && !test { finding(FNR, "a file of more than 500 lines") }
/[ \t]$/	{ finding(FNR, "blanks at the end of the line") }
columns($0) > 80 { finding(FNR, "a line of " columns($0) " columns") }

# A function's braces stand alone in the first column, and no others do.
/^\{/		{ body = FNR }
/^\}/ && body {
	if (FNR - body - 1 > limit)
		finding(body, "a function of " FNR - body - 1 " lines")
	body = 0
}

END		{ exit findings > 0 }
