/** Whether somebody asked this process to stop. */
export interface StopSignal {
  /** Settles at the first SIGTERM or SIGINT. A second one ends the process at once. */
  readonly requested: Promise<void>;
}

/**
 * Listens from now on. Called before anything heavy is loaded: as process 1 of a container a signal that nobody
 * listens for is lost, and `docker stop` would wait for its whole timeout.
 */
export function listenForStop(): StopSignal {
  const { promise, resolve } = withResolvers();
  let signalled = false;
  const stop = () => {
    if (signalled) process.exit(130);
    signalled = true;
    resolve();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  return { requested: promise };
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
