/** The file that a process of a group is started by: it asks its parent for a task, and ends when the task or the parent does. */

// Node opens its debugger on SIGUSR1, and ends on SIGHUP, where nobody listens: listen first of all.
process.on('SIGUSR1', () => {});
process.on('SIGHUP', () => {});

const { serveParent } = await import('./task.js');
serveParent();

export {};
