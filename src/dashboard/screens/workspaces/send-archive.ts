import type { ArchiveWritten } from '../../../contract/workspace-files.js';
import { addressOf, GatehouseError } from '../../api/call.js';

/** Sends an archive and tells how far it is; fetch cannot tell. */
export function sendArchive(
  workspaceId: string,
  archive: Blob,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<ArchiveWritten> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', addressOf('uploadArchive', { workspaceId }));
    request.setRequestHeader('content-type', 'application/x-tar');
    request.setRequestHeader('accept', 'application/json');
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 1 : loaded / total);
    request.onload = () => {
      const body = request.response as { code?: string; detail?: string; requestId?: string } | null;
      if (request.status >= 200 && request.status < 300) return resolve(request.response as ArchiveWritten);
      const code = (body?.code ?? 'BAD_ANSWER') as GatehouseError['code'];
      reject(
        new GatehouseError(code, body?.detail ?? `HTTP ${request.status}`, {
          status: request.status,
          requestId: body?.requestId ?? request.getResponseHeader('x-request-id'),
        }),
      );
    };
    request.onerror = () => reject(new GatehouseError('NETWORK', 'No answer arrived.'));
    request.onabort = () => reject(new GatehouseError('ABORTED', 'The upload was cancelled.'));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(archive);
  });
}
