import { MAX_NAMES } from '../../contract/names.js';
import type { Api } from '../api.js';
import { oneLine } from '../terminal.js';

/** For lines that hold ids: each id with what it is called now in brackets, where that is known. */
export async function namer(api: Api, ids: readonly (string | null)[]): Promise<(id: string) => string> {
  const asked = [...new Set(ids)].filter((id) => id !== null && /^(?:key|usr|org|cred|prm)_/.test(id));
  // No plain object: a workspace may be called `constructor`.
  const names = new Map<string, string>();
  for (let at = 0; at < asked.length; at += MAX_NAMES) {
    const query = { ids: asked.slice(at, at + MAX_NAMES).join(',') };
    for (const [id, name] of Object.entries((await api.call('listNames', { query })).names)) names.set(id, name);
  }
  return (id) => {
    const name = names.get(id);
    return name === undefined ? id : `${id} (${oneLine(name)})`;
  };
}
