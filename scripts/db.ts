import { once } from 'node:events';
import { readConfig } from '../src/config.ts';
import { runningUrls, stopEmbedded } from '../src/postgres/embedded/control.ts';
import { openEmbedded } from '../src/postgres/embedded/open.ts';
import { embeddedStatus } from '../src/postgres/embedded/status.ts';
import { guarded, main, talk } from './cli.ts';

const status = guarded({
  meta: { name: 'status', description: 'Print, as JSON, whether the server runs, who uses it and who watches it' },
  run: async () => {
    const { server, port, holders, watchdog } = await embeddedStatus(readConfig().dataDir);
    const running = server === undefined ? {} : { pid: server.pid, port };
    console.log(
      JSON.stringify({ status: server?.status ?? 'stopped', ...running, watchdog, usedBy: holders }, null, 2),
    );
  },
});

const url = guarded({
  meta: { name: 'url', description: 'Print the URL of the running server. It holds a password' },
  args: {
    as: { type: 'enum', options: ['app', 'owner', 'admin'], default: 'app', description: 'Whose rights the URL has' },
  },
  run: async ({ args }) => {
    const urls = await runningUrls(readConfig().dataDir);
    console.log({ app: urls.appUrl, owner: urls.ownerUrl, admin: urls.adminUrl }[args.as]);
  },
});

const hold = guarded({
  meta: { name: 'hold', description: 'Start the server, or join the one that runs, and keep it until Ctrl-C' },
  run: async () => {
    const server = await openEmbedded({ dataDir: readConfig().dataDir, log: talk });
    talk(
      `the database runs on 127.0.0.1:${server.port}; \`npm run -s db -- url\` prints its URL; Ctrl-C gives it back`,
    );
    // A pending promise keeps no process alive; a timer does.
    const awake = setInterval(() => {}, 60_000);
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    clearInterval(awake);
    await server.close();
  },
});

const stop = guarded({
  meta: { name: 'stop', description: 'Stop a server that was left over; one that is in use stops with its last user' },
  run: async () => {
    const ran = await stopEmbedded(readConfig().dataDir, talk);
    talk(ran ? 'stopped' : 'no server was running');
  },
});

await main({
  meta: { name: 'npm run db --', description: 'The embedded database of DATA_DIR' },
  subCommands: { status, url, hold, stop },
});
