import type { Gatehouse } from '../gatehouse.js';
import type { Handlers } from './handler.js';
import { accountHandlers } from './handlers/account.js';
import { askHandlers } from './handlers/ask.js';
import { auditHandlers } from './handlers/audit.js';
import { credentialHandlers } from './handlers/credentials.js';
import { explainHandlers } from './handlers/explain.js';
import { healthHandlers } from './handlers/health.js';
import { jobHandlers } from './handlers/jobs.js';
import { keyHandlers } from './handlers/keys.js';
import { lanTargetHandlers } from './handlers/lan-targets.js';
import { liveHandlers } from './handlers/live.js';
import { organizationHandlers } from './handlers/organizations.js';
import { passkeyHandlers } from './handlers/passkeys.js';
import { promptHandlers } from './handlers/prompts.js';
import { secretHandlers } from './handlers/secrets.js';
import { settingsHandlers } from './handlers/settings.js';
import { signInHandlers } from './handlers/sign-in.js';
import { systemHandlers } from './handlers/system.js';
import { tokenHandlers } from './handlers/tokens.js';
import { trustedKeyHandlers } from './handlers/trusted-keys.js';
import { usageHandlers } from './handlers/usage.js';
import { userHandlers } from './handlers/users.js';
import { whoamiHandlers } from './handlers/whoami.js';
import { workspaceFileHandlers } from './handlers/workspace-files.js';
import { workspaceHandlers } from './handlers/workspaces.js';

/** What answers each route of the contract. */
export function handlersOf(gatehouse: Gatehouse): Handlers {
  return {
    ...healthHandlers(gatehouse),
    ...whoamiHandlers(gatehouse),
    ...signInHandlers(gatehouse),
    ...accountHandlers(gatehouse),
    ...passkeyHandlers(gatehouse),
    ...userHandlers(gatehouse),
    ...keyHandlers(gatehouse),
    ...trustedKeyHandlers(gatehouse),
    ...tokenHandlers(gatehouse),
    ...organizationHandlers(gatehouse),
    ...workspaceHandlers(gatehouse),
    ...workspaceFileHandlers(gatehouse),
    ...promptHandlers(gatehouse),
    ...credentialHandlers(gatehouse),
    ...secretHandlers(gatehouse),
    ...askHandlers(gatehouse),
    ...jobHandlers(gatehouse),
    ...lanTargetHandlers(gatehouse),
    ...auditHandlers(gatehouse),
    ...explainHandlers(gatehouse),
    ...usageHandlers(gatehouse),
    ...liveHandlers(gatehouse),
    ...settingsHandlers(gatehouse),
    ...systemHandlers(gatehouse),
  };
}
