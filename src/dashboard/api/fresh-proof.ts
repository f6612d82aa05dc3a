/** Asks whoever sits here to prove who they are. @returns whether they did; false: they would rather not */
export type AskProof = () => Promise<boolean>;

let ask: AskProof | null = null;
let asking: Promise<boolean> | null = null;

/** Who asks from now on: the one dialog of the page. @returns ends that */
export function askProofsWith(dialog: AskProof): () => void {
  ask = dialog;
  return () => {
    if (ask === dialog) ask = null;
  };
}

/** Asked once for all changes that wait for it. */
export async function proveAnew(): Promise<boolean> {
  asking ??= (ask?.() ?? Promise.resolve(false)).finally(() => {
    asking = null;
  });
  return asking;
}

/** What had the focus is disabled while its change is on its way, and enabled a moment after. */
const SETTLED_MS = 60;

/** To where it was when the dialog came, as far as nothing else took it meanwhile. */
export function giveFocusBack(to: Element | null): void {
  setTimeout(() => {
    const isNowhere = document.activeElement === null || document.activeElement === document.body;
    if (isNowhere && to instanceof HTMLElement && to.isConnected) to.focus({ preventScroll: true });
  }, SETTLED_MS);
}
