/** Waits for the work or the time, whichever is first; the work goes on either way. `null`: as long as it takes. */
export async function within(waitMs: number | null, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    if (waitMs !== null) timer = setTimeout(resolve, waitMs);
  });
  // What fails later fails for nobody.
  work.catch(() => {});
  try {
    await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
