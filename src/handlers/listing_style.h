/* How the page of a listing looks. */
#ifndef LISTING_STYLE_H
#define LISTING_STYLE_H

/*
 * Icons are shapes: no images.  On a narrow screen each row is a block, name
 * above size and date, and the whole of it is the link.
 */
#define LISTING_STYLE \
	":root{--bg:#fff;--fg:#1f2328;--dim:#636c76;--line:#d8dee4;" \
	"--hover:#f3f5f7;--link:#0b57d0;--dir:#5b93d6;--file:#a9b3bd}\n" \
	"@media(prefers-color-scheme:dark){:root{--bg:#14171a;--fg:#e3e6ea;" \
	"--dim:#98a1ab;--line:#2d333a;--hover:#1e2328;--link:#8ab8ff;" \
	"--dir:#6ea3e0;--file:#5d6670}}\n" \
	"*{box-sizing:border-box}\n" \
	"body{margin:0 auto;max-width:64rem;padding:1.5rem 1rem 3rem;" \
	"background:var(--bg);color:var(--fg);" \
	"font:1rem/1.5 system-ui,sans-serif}\n" \
	"a{color:var(--link);text-decoration:none;border-radius:.25rem}\n" \
	"a:hover{text-decoration:underline}\n" \
	":focus-visible{outline:.125rem solid var(--link);" \
	"outline-offset:.125rem}\n" \
	"bdi{overflow-wrap:anywhere;white-space:pre-wrap}\n" \
	"ol{display:flex;flex-wrap:wrap;margin:0 0 1rem;padding:0 .5rem;" \
	"list-style:none;font-size:1.25rem}\n" \
	"li{min-width:0}\n" \
	"li+li::before{content:\"/\";margin:0 .4rem;color:var(--dim)}\n" \
	"h1{display:inline;margin:0;font-size:1em;font-weight:600}\n" \
	"table{width:100%;border-collapse:collapse;table-layout:fixed}\n" \
	"th,td{padding:0 .5rem;border-bottom:1px solid var(--line);" \
	"font-weight:400;text-align:left;vertical-align:top}\n" \
	"td,th+th{width:7rem;text-align:right;white-space:nowrap;" \
	"font-variant-numeric:tabular-nums}\n" \
	"td+td,th+th+th{width:11rem}\n" \
	"td{padding:.4rem .5rem;color:var(--dim)}\n" \
	"thead th{position:sticky;top:0;background:var(--bg);" \
	"font-size:.875rem}\n" \
	"thead a{display:inline-block;padding:.5rem 0;color:var(--dim)}\n" \
	"th[aria-sort] a{color:var(--fg);font-weight:600}\n" \
	"thead span:not(:empty){margin-left:.4em}\n" \
	"small{font-size:.8em;font-weight:400}\n" \
	"tbody a{display:block;position:relative;" \
	"padding:.4rem 0 .4rem 2rem}\n" \
	"tbody tr:hover{background:var(--hover)}\n" \
	"tbody a::before{content:\"\";position:absolute;left:.3rem;" \
	"top:.75rem;width:.8rem;height:1rem;background:var(--file);" \
	"clip-path:polygon(0 0,60% 0,100% 32%,100% 100%,0 100%)}\n" \
	".dir a::before{left:.15rem;top:.8rem;width:1.1rem;height:.9rem;" \
	"background:var(--dir);clip-path:polygon(0 0,40% 0,52% 16%,100% 16%," \
	"100% 100%,0 100%)}\n" \
	".up a::before{background:var(--dim);clip-path:polygon(50% 0," \
	"100% 50%,65% 50%,65% 100%,35% 100%,35% 50%,0 50%)}\n" \
	"p{margin:1rem .5rem;color:var(--dim);font-size:.875rem}\n" \
	"@media(max-width:40rem){body{padding:1rem .5rem 2rem}" \
	"table,thead,tbody{display:block}" \
	"tr{display:flex;flex-wrap:wrap;position:relative;" \
	"border-bottom:1px solid var(--line)}" \
	"th,td,th+th,td+td,th+th+th{width:auto;border:0}" \
	"thead{position:sticky;top:0;z-index:1;background:var(--bg)}" \
	"thead tr{justify-content:space-between}" \
	"thead th+th{order:1}thead th+th+th{order:0}" \
	"thead a{padding:.65rem 0}" \
	"tbody th{width:100%}" \
	"tbody a{position:static;padding-bottom:0}" \
	"tbody a::before{left:.8rem}.dir a::before{left:.65rem}" \
	"tbody a::after{content:\"\";position:absolute;inset:0}" \
	"td{order:1;padding:0 .5rem .4rem;font-size:.875rem}" \
	"td+td{order:0;flex:1;padding-left:2.5rem;text-align:left}" \
	".up a{padding:.6rem 0 .6rem 2rem}.up a::before{top:.95rem}" \
	".up td{display:none}}\n"

/* A test has the text's hash and this agree. */
#define LISTING_STYLE_HASH \
	"sha256-RAfLEW9MFn1z8KheCCd93WVDrYNM3jUDKiYjDAcEArU="

#endif
