/* How the page of a server's state looks. */
#ifndef STATUSPAGE_STYLE_H
#define STATUSPAGE_STYLE_H

/*
 * Colours and measures are the listing's.  On a narrow screen each child is a
 * block, in which the columns' titles stand by their values.
 */
#define STATUSPAGE_STYLE \
	":root{--bg:#fff;--fg:#1f2328;--dim:#636c76;--line:#d8dee4;" \
	"--tile:#f6f8fa;--chart:#5b93d6;--good:#1a7f37;--busy:#9a6700}\n" \
	"@media(prefers-color-scheme:dark){:root{--bg:#14171a;--fg:#e3e6ea;" \
	"--dim:#98a1ab;--line:#2d333a;--tile:#1b1f24;--chart:#6ea3e0;" \
	"--good:#56d364;--busy:#e3b341}}\n" \
	"*{box-sizing:border-box}\n" \
	"body{margin:0 auto;max-width:72rem;padding:1.5rem 1rem 3rem;" \
	"background:var(--bg);color:var(--fg);" \
	"font:1rem/1.5 system-ui,sans-serif}\n" \
	"h1{margin:0;font-size:1.25rem;font-weight:600;" \
	"overflow-wrap:anywhere}\n" \
	"h1+p{margin:0 0 1rem;color:var(--dim);font-size:.875rem}\n" \
	"dl{display:grid;margin:0 0 1.5rem;gap:.75rem;" \
	"grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr))}\n" \
	"dl div{padding:.6rem .8rem;border:1px solid var(--line);" \
	"border-radius:.4rem;background:var(--tile)}\n" \
	"dt{color:var(--dim);font-size:.8125rem}\n" \
	"dd{margin:0;font-size:1.25rem;font-variant-numeric:tabular-nums;" \
	"overflow-wrap:anywhere}\n" \
	"dd small{color:var(--dim);font-size:.8125rem}\n" \
	"figure{margin:0 0 1.5rem}\n" \
	"figcaption,.axis{display:flex;justify-content:space-between;" \
	"margin:0;color:var(--dim);font-size:.8125rem}\n" \
	"svg{display:block;width:100%;height:7.5rem;margin:.25rem 0;" \
	"border-bottom:1px solid var(--dim);" \
	"border-top:1px dashed var(--line);color:var(--chart)}\n" \
	"table{width:100%;border-collapse:collapse;font-size:.875rem;" \
	"font-variant-numeric:tabular-nums}\n" \
	"th,td{padding:.4rem .5rem;border-bottom:1px solid var(--line);" \
	"text-align:right;white-space:nowrap;vertical-align:top}\n" \
	"thead th{color:var(--dim);font-size:.8125rem;font-weight:400}\n" \
	"th:last-child,td:last-child{width:40%;text-align:left;" \
	"white-space:normal;overflow-wrap:anywhere}\n" \
	"td:last-child span,.leaving,.starting{color:var(--dim)}\n" \
	".accepting{color:var(--good)}\n" \
	"td:last-child .busy{color:var(--busy)}\n" \
	"@media(max-width:48rem){body{padding:1rem .75rem 2rem}" \
	"dl{grid-template-columns:1fr 1fr;gap:.5rem}" \
	"thead{display:none}table,tbody{display:block}" \
	"tr{display:grid;grid-template-columns:1fr 1fr;" \
	"margin-bottom:.75rem;padding:.5rem .8rem;" \
	"border:1px solid var(--line);border-radius:.4rem}" \
	"th,td{display:flex;justify-content:space-between;gap:.5rem;" \
	"padding:.15rem .4rem .15rem 0;border:0}" \
	"td:nth-child(even){padding:.15rem 0 .15rem .4rem}" \
	"th::before,td::before{content:attr(data-title);color:var(--dim);" \
	"font-weight:400}" \
	"td:last-child{display:block;grid-column:1/-1;width:auto;" \
	"padding:.15rem 0}" \
	"td:last-child::before{display:none}}\n"

/* A test has the text's hash and this agree. */
#define STATUSPAGE_STYLE_HASH \
	"sha256-/zPEgg3cF2TwaNO8kboqNrrXId5NygQKW9Tv9J2ujho="

#endif
