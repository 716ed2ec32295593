/** The parts of a ladder's page besides its rows: style and script, both embedded. */
import { createHash } from 'node:crypto';

export const PAGE_STYLE = `
:root { color-scheme: light dark; --text: #1b1f24; --dim: #57606a; --back: #fff; --panel: #f6f8fa; --line: #8c959f; --focus: #0969da; --mark: #fff3c4;
  --request: #0550ae; --provisional: #6e5494; --success: #116329; --failure: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --dim: #9198a1; --back: #0d1117; --panel: #161b22; --line: #6e7681; --focus: #58a6ff; --mark: #3a3200;
  --request: #79c0ff; --provisional: #d2a8ff; --success: #7ee787; --failure: #ff7b72; } }
* { box-sizing: border-box; }
body { margin: 0; font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; color: var(--text); background: var(--back); }
header.page, footer { padding: 12px 16px; }
h1 { font-size: 16px; margin: 0 0 6px; overflow-wrap: anywhere; }
.dim { color: var(--dim); }
table.calls { border-collapse: collapse; margin: 6px 0; }
table.calls th, table.calls td { text-align: left; padding: 2px 12px 2px 0; font-weight: normal; overflow-wrap: anywhere; min-width: 9ch; }
table.calls th { color: var(--dim); white-space: nowrap; }
.search { width: min(420px, 100%); font: inherit; padding: 6px 8px; color: inherit; background: var(--panel); border: 1px solid var(--line); border-radius: 4px; }
.ladder { overflow: clip; }
.scroll { overflow-x: auto; overflow-y: visible; }
.lanes { position: sticky; top: 0; z-index: 2; background: var(--panel); border-block: 1px solid var(--line); display: flex; }
.row, .lanes { min-width: var(--width); }
.when { flex: 0 0 var(--left); padding: 4px 8px 4px 16px; color: var(--dim); white-space: pre; }
.lanes .name { flex: 0 0 var(--lane); text-align: center; padding: 6px 4px; overflow: hidden; text-overflow: ellipsis; }
details.row > summary { display: flex; list-style: none; cursor: pointer; height: 30px; align-items: stretch; }
details.row > summary::-webkit-details-marker { display: none; }
details.row > summary:hover { background: var(--panel); }
details.row > summary:focus-visible { outline: 2px solid var(--focus); outline-offset: -2px; }
details.row[open] > summary { background: var(--panel); }
details.row svg { flex: none; display: block; }
details.row pre { margin: 0; padding: 10px 16px 14px calc(var(--left) + 8px); white-space: pre-wrap; overflow-wrap: anywhere; background: var(--panel); border-bottom: 1px solid var(--line); max-width: 100vw; }
.row.note { display: flex; }
.row.note svg { overflow: visible; flex: none; display: block; }
.row[hidden] { display: none; }
svg text.dim { fill: var(--dim); }
svg text:not(.dim) { fill: var(--text); }
svg text { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
svg .lane { stroke: var(--line); stroke-dasharray: 4 4; }
svg .back { fill: var(--back); } details[open] svg .back, summary:hover svg .back { fill: var(--panel); }
svg .arrow { stroke-width: 1.6; fill: none; } svg .reply { stroke-dasharray: 6 3; } svg .head { stroke: none; }
.request { stroke: var(--request); } .provisional { stroke: var(--provisional); } .success { stroke: var(--success); } .failure { stroke: var(--failure); }
.head.request { fill: var(--request); } .head.provisional { fill: var(--provisional); } .head.success { fill: var(--success); } .head.failure { fill: var(--failure); }
pre.quality { padding: 0 16px; overflow-x: auto; }
@media print { .search, .keys { display: none; } .lanes { position: static; } body { font-size: 10px; } details.row { break-inside: avoid; } .scroll { overflow: visible; } }
`;

export const PAGE_SCRIPT = `
'use strict';
const rows = [...document.querySelectorAll('details.row')];
const texts = new Map(JSON.parse(document.getElementById('texts').textContent).map((text, i) => ['m' + (i + 1), text.toLowerCase()]));
const search = document.querySelector('.search');
const count = document.querySelector('.count');
const shown = () => rows.filter((row) => !row.hidden);
search.hidden = false;
search.addEventListener('input', () => {
  const wanted = search.value.trim().toLowerCase();
  for (const row of document.querySelectorAll('.row')) {
    const text = texts.get(row.dataset.of || row.id);
    row.hidden = wanted !== '' && (text === undefined || !text.includes(wanted));
  }
  count.textContent = wanted === '' ? '' : shown().length + ' of ' + rows.length;
});
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target === search) {
    if (event.key === 'Escape') { search.value = ''; search.dispatchEvent(new Event('input')); search.blur(); }
    if (event.key === 'Enter' && shown().length > 0) shown()[0].querySelector('summary').focus();
    return;
  }
  const list = shown();
  const at = list.findIndex((row) => row.contains(document.activeElement));
  const go = (index) => { const row = list[Math.max(0, Math.min(list.length - 1, index))]; if (row) { row.querySelector('summary').focus(); event.preventDefault(); } };
  if (event.key === '/') { search.focus(); event.preventDefault(); }
  else if (event.key === 'j' || event.key === 'ArrowDown') go(at + 1);
  else if (event.key === 'k' || event.key === 'ArrowUp') go(at < 0 ? 0 : at - 1);
  else if (event.key === 'Home') go(0);
  else if (event.key === 'End') go(list.length - 1);
  else if (event.key === 'Escape') for (const row of rows) row.open = false;
});
`;

/** Nothing is loaded, nothing is sent, and no other script runs. */
export function contentSecurityPolicy(): string {
  const digest = createHash('sha256').update(PAGE_SCRIPT).digest('base64');
  return `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`;
}
