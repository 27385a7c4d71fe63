/**
 * A process that claims and releases the data directory named by its argument on request, and
 * replies with the outcome. On 'claim slowly' it stops once when a lock has turned out to be
 * stale, until the request 'go on'.
 */
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

let goOn;
const { createConnection } = net;
const slowly = (...target) => {
  net.createConnection = createConnection;
  syncBuiltinESMExports();
  const socket = createConnection(...target);
  const emit = socket.emit.bind(socket);
  socket.emit = (event, ...values) => {
    if (event !== 'error') return emit(event, ...values);
    goOn = () => emit(event, ...values);
    return process.send({ claimed: false, message: 'stale' });
  };
  return socket;
};

const { claimDataDirectory } = await import('../../dist/src/database/data-directory.js');

let directory;
const claim = async () => {
  try {
    directory = await claimDataDirectory(process.argv[2]);
    process.send({ claimed: true });
  } catch (error) {
    process.send({ claimed: false, message: error.message });
  }
};

const release = async () => {
  await directory.release();
  directory = undefined;
  process.send({ claimed: false });
};

process.on('message', (request) => {
  switch (request) {
    case 'claim':
      return claim();
    case 'claim slowly':
      net.createConnection = slowly;
      syncBuiltinESMExports();
      return claim();
    case 'go on':
      return goOn();
    default:
      return release();
  }
});
process.send({ claimed: false });
