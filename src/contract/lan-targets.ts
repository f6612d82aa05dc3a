import * as z from 'zod';
import { pageOf, WorkspaceId } from './fields.js';

/** `192.168.1.20`, `10.0.0.0/8`, `nas.lan:5001`, `http://ollama.lan:11434`; see docs/proxy.md. */
const LanTarget = z.string().trim().min(1).max(300);

/** What one workspace may call besides the public internet over TLS. */
export const LanTargetsView = z.strictObject({ workspaceId: WorkspaceId, targets: z.array(z.string()) });
export type LanTargetsView = z.infer<typeof LanTargetsView>;

export const LanTargetsList = pageOf(LanTargetsView);

/** The whole list anew; `[]`: nothing. */
export const SetLanTargets = z.strictObject({ targets: z.array(LanTarget).max(50) });
export type SetLanTargets = z.infer<typeof SetLanTargets>;

export const LanTargetsOnly = z.strictObject({ lanTargets: LanTargetsView });
