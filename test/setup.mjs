/** What the terminal, the continuous integration and the defaults files of whoever runs the tests contain changes no result. */
for (const name of ['NO_COLOR', 'FORCE_COLOR', 'COLORTERM', 'CI', 'SIPCAP_DB', 'XDG_CONFIG_HOME']) delete process.env[name];
process.env.SIPCAP_CONFIG = '';
