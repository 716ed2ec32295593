/** What the terminal and the continuous integration of whoever runs the tests say about colours changes no result. */
for (const name of ['NO_COLOR', 'FORCE_COLOR', 'COLORTERM', 'CI']) delete process.env[name];
