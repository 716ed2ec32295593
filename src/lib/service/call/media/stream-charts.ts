/** Small charts of RTP streams for HTML and SVG: loss as bars from below, jitter as a line, the worst moments marked. */
import { markup } from '../../../calls/ladder/markup.js';
import type { Zone } from '../../../base/time/index.js';
import type { StreamReport } from '../../../media/index.js';

const WIDTH = 640;
const HEIGHT = 72;
const LEFT = 8;
const PLOT_TOP = 20;
const PLOT_HEIGHT = 40;
/** The value of a full bar, unless exceeded. */
const LOSS_TOP = 5;
const JITTER_TOP = 30;
const PLOT_WIDTH = WIDTH - 2 * LEFT;

export const CHART_HEIGHT = HEIGHT + 8;

/** All charts, one below the other from `y` on, no wider than `room`. */
export function streamCharts(streams: readonly StreamReport[], times: Zone, y = 0, room = WIDTH): string {
  return streams.map((stream, i) => chart(stream, times, y + i * CHART_HEIGHT, Math.min(room, WIDTH))).join('');
}

function chart(stream: StreamReport, times: Zone, y: number, width: number): string {
  const { moments } = stream;
  const step = PLOT_WIDTH / Math.max(1, moments.length);
  const lossTop = Math.max(LOSS_TOP, ...moments.map(({ lossPercent }) => lossPercent));
  const jitterTop = Math.max(JITTER_TOP, ...moments.map(({ jitterMs }) => jitterMs));
  const x = (i: number) => round(LEFT + i * step);
  const bottom = PLOT_TOP + PLOT_HEIGHT;
  const clock = (at: number) => times.text(at).slice(11, 19);
  const bars = moments.map(({ lossPercent, from, mos }, i) => {
    if (lossPercent === 0) return '';
    const height = round(Math.max(2, (lossPercent / lossTop) * PLOT_HEIGHT));
    const words = `${clock(from)}: ${lossPercent.toFixed(1)} % lost${mos === null ? '' : `, MOS ${mos.toFixed(2)}`}`;
    return `<rect x="${x(i)}" y="${round(bottom - height)}" width="${round(Math.max(1, step - 1))}" height="${height}" fill="#b3261e"><title>${markup(words)}</title></rect>`;
  });
  const points = moments.map(({ jitterMs }, i) => `${round(x(i) + step / 2)},${round(bottom - (jitterMs / jitterTop) * PLOT_HEIGHT)}`);
  const title = `${stream.source} → ${stream.destination}  ${stream.codec}`;
  const figures = `${stream.mos === null ? '' : `MOS ${stream.mos.toFixed(2)}, `}loss ${stream.lossPercent.toFixed(2)} %, jitter to ${(stream.maxJitterMs ?? 0).toFixed(1)} ms`;
  return [
    `<svg class="stream" x="0" y="${y}" width="${width}" height="${HEIGHT}" preserveAspectRatio="xMinYMin" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${markup(`${title}: ${figures}`)}" font-family="monospace" font-size="11">`,
    `<text x="${LEFT}" y="13" fill="#808890">${markup(title)}</text>`,
    `<rect x="${LEFT}" y="${PLOT_TOP}" width="${PLOT_WIDTH}" height="${PLOT_HEIGHT}" fill="none" stroke="#808890" stroke-opacity=".4"/>`,
    ...bars,
    points.length < 2 ? '' : `<polyline points="${points.join(' ')}" fill="none" stroke="#3b82c4" stroke-width="1.5"/>`,
    `<text x="${LEFT}" y="${HEIGHT - 1}" fill="#808890" font-size="10">${clock(stream.startedAt)}</text><text x="${WIDTH / 2}" y="${HEIGHT - 1}" text-anchor="middle" fill="#808890">${markup(figures)}</text><text x="${WIDTH - LEFT}" y="${HEIGHT - 1}" text-anchor="end" fill="#808890" font-size="10">${clock(stream.endedAt)}</text>`,
    '</svg>',
  ].join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
