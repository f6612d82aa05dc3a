// `npm run dev` and tests run the sources themselves, and Node 20 takes no loader along into a worker.
import { register } from 'tsx/esm/api';

register();
await import('./index-worker.ts');
