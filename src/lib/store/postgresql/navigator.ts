/**
 * What Node.js has from version 21 on. Without it pg finds out by `Response` where it runs, and Node.js loads its whole HTTP
 * client for that. Imported before pg.
 */
if (!('navigator' in globalThis))
  Object.defineProperty(globalThis, 'navigator', {
    value: { userAgent: `Node.js/${process.versions.node.split('.')[0]}` },
    configurable: true,
    writable: true,
  });
