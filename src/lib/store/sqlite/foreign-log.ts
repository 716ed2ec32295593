/** A write-ahead log beside the database that another account left: SQLite would open the database, and then refuse every write. */
import { access, constants, stat } from 'node:fs/promises';
import { UsageError, shellWord } from '../../base/index.js';
import { isDenied } from './open-file.js';

export async function refuseForeignLog(path: string): Promise<void> {
  for (const file of [`${path}-wal`, `${path}-shm`]) {
    try {
      await access(file, constants.R_OK | constants.W_OK);
    } catch (error) {
      if (!isDenied(error)) continue;
      const { uid } = await stat(file);
      throw new UsageError(
        `cannot write database ${path}: ${file} belongs to another account (uid ${uid}); as root: chown --reference=${shellWord(path)} ${shellWord(file)}`,
      );
    }
  }
}
