import type { Gatehouse } from '../../gatehouse.js';
import type { Handlers } from '../handler.js';

type FileRoutes = Pick<Handlers, 'listFiles' | 'uploadArchive' | 'readFile' | 'writeFile' | 'deleteFile'>;

export function workspaceFileHandlers({ workspaceFiles: files }: Gatehouse): FileRoutes {
  const idIn = (params: Readonly<Record<string, string>>) => params['workspaceId'] ?? '';
  return {
    listFiles: ({ caller, params, query }) => files.list(caller.bounds, idIn(params), query),
    uploadArchive: ({ caller, params, upload }) => files.unpack(caller, idIn(params), upload),
    readFile: ({ caller, params, query }) => files.read(caller.bounds, idIn(params), query),
    writeFile: ({ caller, params, query, upload }) => files.write(caller, idIn(params), query.path, upload),
    deleteFile: ({ caller, params, query }) => files.remove(caller, idIn(params), query.path),
  };
}
