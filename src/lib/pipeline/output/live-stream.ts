/** The stream under which a live source's batches are recognised. */
import { randomUUID } from 'node:crypto';

/** Its name is random, so that no two writers share one. */
export class LiveStream {
  private name = '';

  constructor() {
    this.renew();
  }

  positions(): { stream: string; position: string }[] {
    return [{ stream: this.name, position: '' }];
  }

  renew(): void {
    this.name = `live:${randomUUID()}`;
  }
}
