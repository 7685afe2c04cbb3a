/** Ends by itself once it has said so, as often as it is started. */
process.stdout.write(`start ${process.pid}\n`);
process.exit(3);
