import { setTimeout as sleep } from 'node:timers/promises';

/** Something that holds memory for an index, and can be asked to give it up. */
export interface Resident {
  readonly memoryBytes: number;
  /** Whether it is being built or searched now. */
  readonly busy: boolean;
  /** When somebody last asked; 0: never. */
  readonly askedAtMs: number;
  /** Which build began before which. */
  readonly turn: number;
  /** Gives its memory up; what it held is on disk, or is read again. Only called while it is not busy. */
  letGo(): void;
}

const LOOK_AGAIN_MS = 20;

/**
 * What all indexes may take together. Whoever grows asks after each step; the least recently asked index gives way.
 * Two that are built at once and do not fit together are built one after the other, the older first.
 */
export class MemoryBudget {
  readonly limitBytes: number;
  readonly #residents = new Set<Resident>();
  #turns = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get usedBytes(): number {
    let bytes = 0;
    for (const resident of this.#residents) bytes += resident.memoryBytes;
    return bytes;
  }

  join(resident: Resident): void {
    this.#residents.add(resident);
  }

  leave(resident: Resident): void {
    this.#residents.delete(resident);
  }

  nextTurn(): number {
    return ++this.#turns;
  }

  /** `full`: it does not fit even alone. `stand back`: it should give its memory up and wait for `turnOf`. */
  async makeRoom(asker: Resident): Promise<'room' | 'full' | 'stand back'> {
    for (;;) {
      if (this.usedBytes <= this.limitBytes) return 'room';
      const others = [...this.#residents].filter((other) => other !== asker && other.memoryBytes > 0);
      const idle = others.filter((other) => !other.busy).sort((a, b) => a.askedAtMs - b.askedAtMs)[0];
      if (idle !== undefined) idle.letGo();
      else if (others.length === 0) return 'full';
      else if (others.some((other) => other.turn < asker.turn)) return 'stand back';
      // The others are younger: they stand back at their next step, or end.
      else await sleep(LOOK_AGAIN_MS);
    }
  }

  /** Resolves when no older one is busy. */
  async turnOf(asker: Resident): Promise<void> {
    while ([...this.#residents].some((other) => other.busy && other.turn < asker.turn)) await sleep(LOOK_AGAIN_MS);
  }
}

/** What somebody is told whose workspace does not fit. */
export function fullDetail(workspaceId: string, neededBytes: number, limitBytes: number): string {
  const needed = Math.ceil(neededBytes / 1_000_000);
  return (
    `The index of workspace ${workspaceId} needs about ${needed} MB of memory, and ASK_MEMORY_MB is ` +
    `${Math.round(limitBytes / 1_000_000)}. Raise ASK_MEMORY_MB, or exclude files that nobody asks about.`
  );
}
