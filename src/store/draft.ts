/** What a change works on: the collection as it will be, seen only by the change itself. */
export interface Draft<T> {
  readonly size: number;
  get(id: string): T | undefined;
  /** In the order of the file. */
  values(): Iterable<T>;
  /** Adds a record at the end, or replaces the one with its id where it stands. @throws what `parse` throws */
  put(record: T): void;
  remove(id: string): void;
}

export interface Edit<T> {
  /** `undefined`: removed. */
  readonly record: T | undefined;
  /** Removed and then put again: it goes to the end, as in a `Map`. */
  readonly moved: boolean;
}

/** The part of a collection a draft reads from. */
export interface View<T> {
  readonly size: number;
  get(id: string): T | undefined;
  values(): Iterable<T>;
}

/** Edits on top of a view, which stays untouched. Layers stack: a change on its batch, the batch on the table. */
export class Layer<T extends { readonly id: string }> implements Draft<T> {
  readonly edits = new Map<string, Edit<T>>();
  readonly #base: View<T>;
  readonly #check: (record: T) => T;
  #sizeDelta = 0;
  #closed = false;

  /** @param check - what memory keeps of a record; throws when the record may not be saved */
  constructor(base: View<T>, check: (record: T) => T) {
    this.#base = base;
    this.#check = check;
  }

  get size(): number {
    return this.#base.size + this.#sizeDelta;
  }

  get(id: string): T | undefined {
    const edit = this.edits.get(id);
    return edit === undefined ? this.#base.get(id) : edit.record;
  }

  *values(): Iterable<T> {
    for (const record of this.#base.values()) {
      const edit = this.edits.get(record.id);
      if (edit === undefined) yield record;
      else if (edit.record !== undefined && !edit.moved) yield edit.record;
    }
    for (const [id, edit] of this.edits) {
      if (edit.record !== undefined && (edit.moved || this.#base.get(id) === undefined)) yield edit.record;
    }
  }

  put(record: T): void {
    this.#requireOpen();
    this.#set(this.#check(record));
  }

  remove(id: string): void {
    this.#requireOpen();
    if (this.get(id) === undefined) return;
    this.#sizeDelta -= 1;
    // Deleted first, so that the order of `edits` is the order in which records come to the end.
    this.edits.delete(id);
    if (this.#base.get(id) !== undefined) this.edits.set(id, { record: undefined, moved: false });
  }

  /** Takes over the edits of a layer above this one. */
  merge(above: Layer<T>): void {
    for (const [id, { record, moved }] of above.edits) {
      if (record === undefined || moved) this.remove(id);
      if (record !== undefined) this.#set(record);
    }
  }

  /** From here on the draft refuses: a change that goes on after it returned would be lost silently. */
  close(): void {
    this.#closed = true;
  }

  #set(record: T): void {
    const edit = this.edits.get(record.id);
    if (this.get(record.id) === undefined) this.#sizeDelta += 1;
    const moved = edit !== undefined && (edit.moved || edit.record === undefined);
    if (edit !== undefined && edit.record === undefined) this.edits.delete(record.id);
    this.edits.set(record.id, { record, moved });
  }

  #requireOpen(): void {
    if (this.#closed) throw new Error('A draft ends with the function it was given to: change() takes no async work.');
  }
}
