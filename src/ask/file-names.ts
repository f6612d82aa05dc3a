/** Why a file or folder is never read. The words are what `IndexView.skipped` counts. */
export type NameVerdict = 'secret' | 'generated' | 'binary' | 'hidden' | 'dependencies' | null;

/** Whether a folder is left out whole, by its name alone. */
export function judgeFolderName(name: string): NameVerdict {
  const lower = name.toLowerCase();
  if (lower === 'node_modules' || lower === '__pycache__') return 'dependencies';
  if (lower === '.git' || lower === '.gatehouse' || lower === '.hg' || lower === '.svn') return 'hidden';
  // Folders whose whole purpose is credentials.
  if (SECRET_FOLDERS.has(lower)) return 'secret';
  return null;
}

/**
 * Whether a file is left out by its name alone, whatever `.gitignore` says. Case does not matter: `ID_RSA` is one too.
 * `.env.example` is left out with the other `.env*` files: people do paste real values into it (Q4).
 */
export function judgeFileName(name: string): NameVerdict {
  const lower = name.toLowerCase();
  if (lower === '.git' || lower === '.gatehouse') return 'hidden';
  if (SECRET_NAMES.has(lower) || SECRET_PATTERNS.some((pattern) => pattern.test(lower))) return 'secret';
  if (GENERATED_NAMES.has(lower) || GENERATED_PATTERN.test(lower)) return 'generated';
  return BINARY_PATTERN.test(lower) ? 'binary' : null;
}

/** Whether a text holds a private key or a service account, wherever it lies and whatever its name. */
export function holdsSecret(text: string): boolean {
  return /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/.test(text) || /"private_key"\s{0,20}:\s{0,20}"-/.test(text);
}

const SECRET_FOLDERS = new Set(['.aws', '.ssh', '.gnupg', '.kube', '.azure', '.gcloud', '.docker', '.password-store']);

const SECRET_NAMES = new Set([
  '.npmrc',
  '.yarnrc.yml',
  '.netrc',
  '_netrc',
  '.pgpass',
  '.my.cnf',
  '.pypirc',
  '.git-credentials',
  '.htpasswd',
  '.dockercfg',
  '.terraformrc',
  '.vault-token',
  'kubeconfig',
  'api-keys.json',
  'application_default_credentials.json',
]);

const SECRET_PATTERNS = [
  // `.env`, `.env.local`, `.envrc`, `web.env`, `prod.env.local`
  /^\.env/,
  /\.env(\.|$)/,
  /^id_(rsa|dsa|ecdsa|ed25519)/,
  /\.(pem|key|p8|p12|pfx|jks|jceks|keystore|kdbx|kdb|ppk|ovpn|gpg|asc|age)$/,
  /\.(tfstate|tfvars)(\.|$)/,
  /^(service[-_]?account|client_secret).*\.json$/,
  // Data files only: `secrets.ts` is code about secrets.
  /^(client_|app)?(secrets?|credentials?)(\.(ya?ml|json|toml|ini|txt|properties|conf|cfg|xml|csv|enc))?$/,
];

const GENERATED_NAMES = new Set(['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'go.sum', 'bun.lockb']);
const GENERATED_PATTERN = /\.(lock|map|min\.(js|mjs|cjs|css)|tsbuildinfo|snap)$/;

/** Names that save opening the file; anything else that is not text is found out by reading it. */
const BINARY_PATTERN =
  /\.(png|jpe?g|gif|webp|avif|ico|bmp|tiff?|psd|pdf|zip|gz|tgz|bz2|xz|zst|7z|rar|tar|jar|war|class|o|a|so|dylib|dll|exe|bin|wasm|pyc|woff2?|ttf|otf|eot|mp[34]|m4a|mov|avi|mkv|webm|wav|flac|ogg|sqlite3?|db|parquet|onnx|safetensors|docx|xlsx|pptx)$/;
