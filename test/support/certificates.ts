import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificates {
  /** The root that signed the certificate, as PEM. */
  readonly ca: string;
  readonly key: string;
  readonly cert: string;
}

/** A root made for this run and a certificate it signed for `names` (host names and addresses). */
export function makeCertificates(names: readonly string[]): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-ca-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const newKey = (file: string) =>
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', file);
  try {
    newKey('ca.key');
    openssl(
      'req',
      '-x509',
      '-new',
      '-key',
      'ca.key',
      '-subj',
      '/CN=Gatehouse test root',
      '-days',
      '2',
      '-out',
      'ca.pem',
    );
    newKey('leaf.key');
    openssl('req', '-new', '-key', 'leaf.key', '-subj', '/CN=stand-in', '-out', 'leaf.csr');
    const alternatives = names.map((name) => `${/^[\d.]+$|:/.test(name) ? 'IP' : 'DNS'}:${name}`).join(',');
    writeFileSync(join(folder, 'ext'), `subjectAltName=${alternatives}\n`);
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'ext', '-days', '2'];
    openssl('x509', '-req', '-in', 'leaf.csr', ...signed, '-out', 'leaf.pem');
    const read = (file: string) => readFileSync(join(folder, file), 'utf8');
    return { ca: read('ca.pem'), key: read('leaf.key'), cert: read('leaf.pem') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
