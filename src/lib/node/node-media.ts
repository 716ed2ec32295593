/** The RTP tracked on the interfaces of a node (`live.rtp`), and its totals; a reload loses no counts. */
import { MediaWatch } from '../extract/media-watch.js';
import { MediaTotals, type MediaCounts } from '../media/index.js';

export class NodeMedia {
  private open: MediaWatch[] = [];
  private readonly closed = new MediaTotals();

  begin(): MediaWatch {
    const watch = new MediaWatch({ guess: false, reports: true });
    this.open.push(watch);
    return watch;
  }

  /** Its interfaces are closed, its streams reported. */
  end(watch: MediaWatch): void {
    this.open = this.open.filter((each) => each !== watch);
    this.closed.join(watch.totals);
  }

  counts(): MediaCounts {
    const totals = new MediaTotals();
    totals.join(this.closed);
    let streams = 0;
    for (const watch of this.open) {
      totals.join(watch.totals);
      streams += watch.streams;
    }
    return { streams, totals };
  }
}
