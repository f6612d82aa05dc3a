import type { Explain } from '../../../contract/explain.js';
import type { ExplainFacts } from '../../../contract/requests.js';
import { t } from './words.js';

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

export type Who = 'me' | 'key' | 'token' | 'nobody';

/** What the form holds. A token is here alone: never in the address of the page. */
export interface Question {
  readonly method: string;
  readonly path: string;
  readonly door: 'api' | 'upstream';
  readonly who: Who;
  readonly keyId: string;
  readonly token: string;
  readonly ip: string;
  /** `Name: value`, one a line. */
  readonly headers: string;
}

/** Headers that tell nothing but where a request goes and which page sends it. */
const IN_LINK = ['host', 'origin'] as const;

/** What a link asks: `?method=&path=&door=&keyId=&ip=&host=&origin=`. A token in it is not taken. */
export function questionOf(link: URLSearchParams): Question {
  const keyId = link.get('keyId') ?? '';
  const method = (link.get('method') ?? 'GET').toUpperCase();
  const who = link.get('who');
  return {
    method: METHODS.includes(method) ? method : 'GET',
    path: link.get('path') ?? '',
    door: link.get('door') === 'upstream' ? 'upstream' : 'api',
    who: keyId !== '' ? 'key' : who === 'nobody' ? 'nobody' : 'me',
    keyId,
    token: '',
    ip: link.get('ip') ?? '',
    headers: IN_LINK.flatMap((name) => (link.has(name) ? [`${name}: ${link.get(name)}`] : [])).join('\n'),
  };
}

/** The page that tells why a request was answered as it was. */
export function explainPath({ method, path, door, keyId, ip, headers }: ExplainFacts): string {
  const link = new URLSearchParams({
    method,
    path,
    ...(door === 'api' ? {} : { door }),
    ...(keyId === undefined ? { who: 'nobody' } : { keyId }),
    ...(ip === undefined ? {} : { ip }),
    ...(headers?.host === undefined ? {} : { host: headers.host }),
    ...(headers?.origin === undefined ? {} : { origin: headers.origin }),
  });
  return `/explain?${link}`;
}

/** The part of the question that may stand in an address: neither a token nor headers, which may hold one. */
export function linkOf({ method, path, door, who, keyId, ip, headers }: Question): Record<string, string> {
  const said = IN_LINK.flatMap((name) => {
    const [, value] = new RegExp(`^\\s*${name}:\\s*(\\S+)\\s*$`, 'im').exec(headers) ?? [];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    method,
    path,
    ...(door === 'api' ? {} : { door }),
    ...(who === 'key' ? { keyId } : {}),
    ...(who === 'nobody' ? { who } : {}),
    ...(ip.trim() === '' ? {} : { ip: ip.trim() }),
    ...Object.fromEntries(said),
  };
}

export type Problems = Partial<Record<'path' | 'keyId' | 'token' | 'headers', string>>;

export function check({ path, who, keyId, token, headers }: Question): Problems {
  const problems: Problems = {};
  if (!/^\/\S*$/.test(path)) problems.path = t('pathMissing');
  if (who === 'key' && keyId === '') problems.keyId = t('keyMissing');
  if (who === 'token' && token.trim() === '') problems.token = t('tokenMissing');
  if (headersOf(headers) === null) problems.headers = t('headersWrong');
  return problems;
}

/** `null`: a line is no header. */
function headersOf(text: string): Record<string, string[]> | null {
  const headers: Record<string, string[]> = {};
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const [, name, value] = /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return null;
    headers[name] = [...(headers[name] ?? []), value];
  }
  return headers;
}

export function bodyOf(question: Question, organizationId: string): Explain {
  const { method, path, door, who, keyId, token, ip } = question;
  const headers = headersOf(question.headers) ?? {};
  return {
    method,
    path,
    door,
    organizationId,
    ...(who === 'key'
      ? { keyId }
      : who === 'token'
        ? { token: token.trim() }
        : who === 'nobody'
          ? { token: null }
          : {}),
    ...(ip.trim() === '' ? {} : { ip: ip.trim() }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
  };
}
