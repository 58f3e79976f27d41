"""The look of a report: plain, on screens light and dark, and on A4."""

STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --soft: #4a4a4a; --line: #d9d9d9; --page: #fff; --link: #0b5394;
  --shade: #f5f5f3; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 Helvetica, Arial, "Liberation Sans", "DejaVu Sans", sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .4rem; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.2rem 0 .5rem; }
p { margin: .5rem 0; max-width: 46rem; }
.question { font-size: 1.1rem; color: var(--soft); }
a { color: var(--link); }
sup { font-size: .68em; line-height: 0; margin-left: .15em; }
sup a { text-decoration: none; }
table { border-collapse: collapse; width: 100%; margin: .75rem 0; font-size: .86rem; line-height: 1.35; }
th, td { text-align: left; vertical-align: top; padding: .32rem .6rem .32rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; }
thead th { border-bottom: 2px solid var(--soft); font-weight: 600; }
td.num, th.num { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.mark, td.id { white-space: nowrap; }
td.id { overflow-wrap: normal; }
table.headlines { font-size: 1.05rem; }
td.num sup { display: block; white-space: normal; line-height: 1.3; margin: 0; }
table.headlines td.num { font-weight: 600; }
tr:target { background: var(--shade); outline: 2px solid var(--link); }
figure { margin: 1rem 0; padding: .5rem; background: #fff; border: 1px solid var(--line); border-radius: 4px; }
figure svg { display: block; max-width: 100%; height: auto; margin: 0 auto; }
figcaption { color: #4a4a4a; font-size: .84rem; padding: .25rem .4rem 0; }
figcaption a { color: #0b5394; }
code { font-size: .84em; overflow-wrap: anywhere; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #f0f0f0; --soft: #c4c8ce; --line: #3a414b; --page: #161a20; --link: #8ec5f5; --shade: #232a33; }
}
@page { size: A4; margin: 15mm 14mm; }
@media print {
  :root { color-scheme: light; }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  h2 { break-after: avoid; }
  figure, tr { break-inside: avoid; }
  figure { border: 0; padding: 0; }
  figure svg { max-height: 235mm; }
  thead { display: table-header-group; }
  a { color: inherit; text-decoration: none; }
}
"""
