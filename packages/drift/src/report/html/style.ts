/** The report's style sheet: system fonts, aligned figures, blue for the reference and orange for now in both colour schemes. */
export const STYLE = `
:root {
  color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #5c6670; --line: #dfe3e8; --tint: #f5f7f9;
  --then: #0072b2; --then-fill: #0072b233; --now: #c4500a; --now-fill: #e0701f66; --crit: #b3261e;
  --crit-tint: #fbeceb; --warn: #8a5a00; --amber: #e3a72f; --warn-tint: #fdf4e1; --good: #17663a;
  --good-tint: #e9f5ee;
}
@media (prefers-color-scheme:dark) {
  :root {
    --paper: #14171a; --ink: #e6e9ec; --soft: #98a2ac; --line: #2e343a; --tint: #1c2126; --then: #56b4e9;
    --then-fill: #56b4e933; --now: #f0a050; --now-fill: #e6903a66; --crit: #ff8a80; --crit-tint: #3a1f1e;
    --warn: #f0c060; --amber: #f0c060; --warn-tint: #352a14; --good: #7fd1a0; --good-tint: #17301f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
main { max-width: 1120px; margin: 0 auto; padding: 40px 28px 64px; }
h1 {
  font-size: 29px; line-height: 1.25; font-weight: 650; letter-spacing: -.015em; margin: 10px 0 12px;
  max-width: 34em; text-wrap: balance;
}
h2 { font-size: 17px; font-weight: 650; margin: 44px 0 10px; }
h3 { font-size: 15px; font-weight: 650; margin: 0; }
p { margin: 0 0 8px; max-width: 48em; }
a { color: inherit; text-decoration-color: var(--soft); text-underline-offset: 3px; }
.over { color: var(--soft); display: flex; gap: 10px; align-items: center; flex-wrap: wrap; }
.tag {
  display: inline-flex; gap: 6px; align-items: center; font-weight: 600; font-size: 13px; padding: 1px 9px;
  border-radius: 99px; background: var(--tint); color: var(--soft); white-space: nowrap;
}
.crit { color: var(--crit); }
.warn { color: var(--warn); }
.good { color: var(--good); }
.soft { color: var(--soft); }
.tag.crit { background: var(--crit-tint); }
.tag.warn { background: var(--warn-tint); }
.tag.good { background: var(--good-tint); }
dl {
  display: flex; flex-wrap: wrap; gap: 1px; background: var(--line); border: 1px solid var(--line);
  border-radius: 8px; overflow: hidden; margin: 22px 0 0;
}
dl div { background: var(--paper); padding: 9px 16px; flex: 1 1 auto; }
dt { color: var(--soft); font-size: 12.5px; }
dd { margin: 0; font-weight: 550; white-space: nowrap; }
ul.why { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line); }
ul.why li {
  display: grid; grid-template-columns: 96px minmax(0,1fr); gap: 12px; align-items: baseline;
  justify-items: start; padding: 7px 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere;
}
table { border-collapse: collapse; width: 100%; }
th {
  font-size: 12.5px; font-weight: 550; color: var(--soft); text-align: left; vertical-align: bottom;
  padding: 6px 10px; border-bottom: 1px solid var(--ink);
}
td { padding: 5px 10px; border-bottom: 1px solid var(--line); vertical-align: middle; }
.all :is(td,th):nth-child(n+4):nth-child(-n+7),.body :is(td,th)+:is(td,th) {
  text-align: right; white-space: nowrap;
}
td.name { min-width: 170px; max-width: 330px; overflow-wrap: anywhere; font-weight: 550; line-height: 1.3; }
td small { display: block; font-weight: 400; color: var(--soft); font-size: 12.5px; }
tbody tr:hover { background: var(--tint); }
.scroll { overflow-x: auto; }
svg { display: block; overflow: visible; }
figure svg,.wide { width: 100%; }
.m { text-anchor: middle; }
.r { text-anchor: end; }
svg text {
  font: 11px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif; fill: var(--soft);
  font-variant-numeric: tabular-nums;
}
.t { fill: var(--then-fill); stroke: var(--then); }
.c { fill: var(--now-fill); stroke: var(--now); }
.tl { fill: none; stroke: var(--then); stroke-width: 1.5; }
.cl { fill: none; stroke: var(--now); stroke-width: 1.5; }
.tb { fill: var(--then); }
.cb { fill: var(--now); }
.ax { stroke: var(--line); fill: none; }
.fl { stroke: var(--crit); stroke-dasharray: 5 3; fill: none; }
.fw { stroke: var(--warn); stroke-dasharray: 5 3; fill: none; }
.nf { stroke: var(--soft); stroke-dasharray: 1 3; fill: none; }
.gap { stroke: var(--ink); stroke-width: 1.5; }
.dk,.dw { stroke-width: 7; stroke-linecap: round; }
.dk { stroke: var(--crit); }
.dw { stroke: var(--amber); }
.k { fill: var(--crit); }
.w { fill: var(--amber); }
.o { fill: var(--soft); }
.e { fill: none; stroke: var(--soft); }
.key {
  max-width: none; display: flex; gap: 18px; flex-wrap: wrap; color: var(--soft); font-size: 13px;
  margin: 0 0 10px;
}
.key i { display: inline-block; width: 12px; height: 10px; margin-right: 6px; border: 1px solid; }
.key .t { background: var(--then-fill); border-color: var(--then); }
.key .c { background: var(--now-fill); border-color: var(--now); }
details { border-bottom: 1px solid var(--line); }
summary {
  cursor: pointer; padding: 9px 4px; display: flex; gap: 12px; align-items: baseline; flex-wrap: wrap;
}
summary h3 { overflow-wrap: anywhere; }
summary:hover { background: var(--tint); }
summary::before { content: '▸'; color: var(--soft); }
[open]>summary::before { content: '▾'; }
.body { padding: 4px 4px 22px; }
.plots {
  display: grid; grid-template-columns: repeat(auto-fit,minmax(min(310px,100%),1fr)); gap: 22px;
  margin: 12px 0;
}
figure { margin: 0; }
figcaption { color: var(--soft); font-size: 13px; margin-bottom: 6px; }
.body table { width: auto; min-width: 55%; }
.body td,.body th { padding: 3px 14px 3px 0; }
.also { margin: 8px 0 0; font-size: 13px; }
pre {
  background: var(--tint); border-radius: 6px; padding: 12px; white-space: pre-wrap; overflow-wrap: anywhere;
  font: 12px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace; margin: 8px 0 0;
}
footer {
  color: var(--soft); font-size: 13px; margin-top: 44px; border-top: 1px solid var(--line); padding-top: 12px;
}
@media print {
  main { padding: 0; max-width: none; }
  details::details-content { content-visibility: visible; display: block; }
  details,figure,tr { break-inside: avoid; }
  pre { font-size: 9px; }
}
`
