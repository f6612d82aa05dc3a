import type { JobStatus } from '../../../contract/jobs.js';
import { State, type Tone } from '../../parts/state.js';
import { t } from './words.js';

const TONES: Readonly<Record<JobStatus, Tone>> = {
  queued: 'quiet',
  running: 'busy',
  completed: 'good',
  failed: 'bad',
  cancelled: 'unsure',
};

export function JobState({ status }: { status: JobStatus }) {
  return <State tone={TONES[status]}>{t(`status.${status}`)}</State>;
}
