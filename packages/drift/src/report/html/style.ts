/**
 * The style sheet of reports and their index: system fonts, aligned figures, the reference as a blue line and now as
 * orange bars in both colour schemes, paper as on a light screen.
 */
export const STYLE = `
:root {
  color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #5a646e; --line: #dfe3e8; --tint: #f5f7f9;
  --then: #00558a; --now: #ee9a58; --now-line: #c4500a; --beyond: #f7d3b6; --gone: #a3acb5; --new: #9a3fb5;
  --crit: #b3261e; --crit-tint: #fbeceb; --warn: #7d5200; --amber: #e3a72f; --warn-tint: #fdf4e1; --good: #17663a;
  --good-tint: #e9f5ee; --calm: #b7dcc5;
}
@media screen and (prefers-color-scheme:dark) {
  :root {
    --paper: #14171a; --ink: #e6e9ec; --soft: #a0aab4; --line: #2e343a; --tint: #1c2126; --then: #7cc7f5;
    --now: #b8652a; --now-line: #f0a050; --beyond: #6b4226; --gone: #66717b; --new: #c77be0; --crit: #ff8a80;
    --crit-tint: #3a1f1e; --warn: #f0c060; --amber: #d9a441; --warn-tint: #352a14; --good: #7fd1a0;
    --good-tint: #17301f; --calm: #2c5a3d;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word; -webkit-text-size-adjust: 100%;
}
main { max-width: 1080px; margin: 0 auto; padding: 32px 28px 56px; }
h1 {
  font-size: 28px; line-height: 1.25; font-weight: 650; letter-spacing: -.015em; margin: 8px 0 8px;
  max-width: 36em; text-wrap: balance; overflow-wrap: anywhere;
}
h2 { font-size: 17px; font-weight: 650; margin: 36px 0 8px; }
h3 { font-size: 15px; font-weight: 650; margin: 0; }
p { margin: 0 0 8px; max-width: 48em; }
a { color: inherit; text-decoration-color: var(--soft); text-underline-offset: 3px; }
a:focus-visible,summary:focus-visible { outline: 2px solid var(--then); outline-offset: 2px; }
.verdict { border-left: 5px solid var(--calm); padding: 2px 0 2px 20px; }
.is-crit { border-color: var(--crit); }
.is-warn { border-color: var(--amber); }
.is-unknown { border-color: var(--soft); }
.verdict + section { margin-top: 22px; }
.verdict + section>h2 { margin-top: 30px; }
.over { display: flex; gap: 10px; align-items: center; flex-wrap: wrap; margin: 0; overflow-wrap: anywhere; }
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
dl { display: flex; flex-wrap: wrap; gap: 6px 32px; margin: 14px 0 0; }
dt { color: var(--soft); font-size: 12.5px; }
dd { margin: 0; font-weight: 550; }
ul,ol { margin: 0; padding: 0; }
ul.why { list-style: none; border-top: 1px solid var(--line); }
ul.why li {
  display: grid; grid-template-columns: 92px minmax(0,1fr); gap: 12px; align-items: baseline;
  justify-items: start; padding: 7px 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere;
}
.names { display: flex; flex-wrap: wrap; gap: 0 14px; align-items: center; color: var(--soft); font-size: 13px; margin: 2px 0 0; }
.more { border: 0; }
.more>summary { color: var(--soft); font-size: 14px; padding: 6px 0; }
.todo ol { padding-left: 22px; }
.todo li { padding: 3px 0 3px 4px; max-width: 48em; overflow-wrap: anywhere; }
.todo li::marker { font-weight: 650; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 550; }
thead th {
  font-size: 12.5px; color: var(--soft); vertical-align: bottom; padding: 6px 10px 6px 0;
  border-bottom: 1px solid var(--ink);
}
td,tbody th { padding: 6px 10px 6px 0; border-bottom: 1px solid var(--line); vertical-align: middle; }
.all :is(td,th):nth-child(n+4):nth-child(-n+7),.body :is(td,th)+:is(td,th) {
  text-align: right; white-space: nowrap;
}
.parity table :is(td,th):last-child { text-align: left; white-space: normal; padding-left: 10px; }
.parity li { margin-left: 18px; }
.all th[scope=row] { min-width: 120px; max-width: 300px; overflow-wrap: anywhere; line-height: 1.3; }
small { display: block; font-weight: 400; color: var(--soft); font-size: 12.5px; }
tbody tr:hover { background: var(--tint); }
.scroll { overflow-x: auto; }
svg { display: block; overflow: visible; }
figure svg,.wide { width: 100%; }
.strip { height: 100px; }
.n { text-align: right; }
.s,figure svg.s { width: 129px; height: 30px; }
.m { text-anchor: middle; }
.r { text-anchor: end; }
svg text {
  font: 11px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif; fill: var(--soft);
  font-variant-numeric: tabular-nums;
}
.t { fill: none; stroke: var(--then); stroke-width: 1.5; }
.c { fill: var(--now); }
.o { fill: var(--beyond); }
.mi { fill: var(--gone); }
.un { fill: var(--new); }
.bg { fill: var(--line); }
.cut { fill: none; stroke: var(--paper); stroke-width: 2; }
.tl { fill: none; stroke: var(--then); stroke-width: 1.5; }
.cl { fill: none; stroke: var(--now-line); stroke-width: 1.5; }
.band { fill: var(--beyond); opacity: .6; }
.shade { fill: var(--crit-tint); }
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
.g { fill: var(--calm); }
.e { fill: none; stroke: var(--soft); }
.key,.under { max-width: none; display: flex; gap: 4px 18px; flex-wrap: wrap; color: var(--soft); font-size: 13px; margin: 0 0 10px; }
.under { justify-content: space-between; margin: 4px 0 0; font-size: 12.5px; }
.key i { display: inline-block; width: 12px; height: 10px; margin-right: 6px; }
.key i.c { background: var(--now); }
.key i.t { height: 2px; background: var(--then); vertical-align: middle; }
.key i.o { background: var(--beyond); }
.key i.un { background: var(--new); }
.key i.mi { background: var(--gone); }
.key i.k { background: var(--crit); }
.key i.w { background: var(--amber); }
.key i.g { background: var(--calm); }
details { border-bottom: 1px solid var(--line); }
summary {
  cursor: pointer; padding: 9px 4px; display: flex; gap: 4px 12px; align-items: baseline; flex-wrap: wrap;
}
summary h3 { overflow-wrap: anywhere; }
summary:hover { background: var(--tint); }
summary::before { content: '▸' / ''; color: var(--soft); }
[open]>summary::before { content: '▾' / ''; }
.body { padding: 4px 4px 22px; }
.plots {
  display: grid; grid-template-columns: repeat(auto-fit,minmax(min(290px,100%),1fr)); gap: 22px;
  margin: 12px 0;
}
figure { margin: 0; min-width: 0; }
figcaption { color: var(--soft); font-size: 13px; margin-bottom: 6px; }
figcaption b { color: var(--ink); }
.ends { color: var(--soft); font-size: 12.5px; margin: 6px 0 0; overflow-wrap: anywhere; }
.multi { margin: 0 0 14px; }
.multi ol { list-style: none; display: flex; flex-wrap: wrap; gap: 10px; }
.multi li { border: 1px solid var(--line); border-radius: 4px; padding: 6px 6px 2px; color: var(--ink); }
.multi li.crit { border-color: var(--crit); }
.multi li.warn { border-color: var(--amber); }
.body table { width: auto; min-width: 55%; }
.body tbody th { font-weight: 400; border-bottom: 1px solid var(--line); }
.body :is(td,th) { padding: 3px 14px 3px 0; }
.also { margin: 8px 0 0; font-size: 13px; }
pre {
  background: var(--tint); border-radius: 6px; padding: 12px; white-space: pre-wrap; overflow-wrap: anywhere;
  font: 12px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace; margin: 8px 0 0;
}
footer {
  color: var(--soft); font-size: 13px; margin-top: 40px; border-top: 1px solid var(--line); padding-top: 12px;
  overflow-wrap: anywhere;
}
.dash { stroke-dasharray: 2 2; }
.monitors th[scope=row] { min-width: 110px; max-width: 260px; overflow-wrap: anywhere; font-weight: 650; }
.monitors td { vertical-align: top; padding-top: 9px; padding-bottom: 9px; }
.monitors th[scope=row] { vertical-align: top; padding-top: 9px; }
.monitors td:nth-child(3) { min-width: 200px; overflow-wrap: anywhere; }
.monitors td:nth-child(5) { white-space: nowrap; }
@media screen and (max-width:640px) {
  .monitors,.monitors tbody,.monitors tr { display: block; }
  .monitors thead { position: absolute; clip-path: inset(50%); }
  .monitors tr { display: grid; grid-template-columns: minmax(0,1fr) auto; border-bottom: 1px solid var(--line); padding: 8px 0; }
  .monitors :is(td,tbody th) { border: 0; padding: 2px 0; min-width: 0; max-width: none; }
  .monitors td:nth-child(3) { grid-column: 1 / 3; }
  .monitors td:nth-child(5) { text-align: right; white-space: normal; }
  main { padding: 18px 16px 40px; }
  h1 { font-size: 22px; }
  .x,.all :is(td,th):is(:nth-child(4),:nth-child(n+6)) { display: none; }
  .verdict { padding-left: 14px; }
  ul.why li { grid-template-columns: minmax(0,1fr); gap: 2px; }
  .all thead th,.all td,.all th[scope=row] { padding-right: 8px; }
  .all th[scope=row] { min-width: 84px; font-size: 13.5px; }
  .s { width: 90px; height: 21px; }
  .all .tag { font-size: 11.5px; padding: 1px 6px; gap: 3px; }
  .body :is(td,th) { padding-right: 7px; font-size: 12.5px; white-space: normal; }
  .under span:nth-child(2) { order: 3; width: 100%; }
}
@media print {
  main { padding: 0; max-width: none; }
  body { font-size: 11px; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  h1 { font-size: 20px; }
  h2 { margin-top: 20px; break-after: avoid; }
  details::details-content { content-visibility: visible; display: block; }
  details,figure,tr,li { break-inside: avoid; }
  pre { font-size: 8px; }
  a { text-decoration: none; }
}
`
