import './entrance/entrance.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BASE_PATH } from './api/place.js';
import { Forgot, SignUp } from './entrance/account.js';
import { Confirm, Invite, Reset } from './entrance/by-link.js';
import { Reached } from './entrance/reached.js';
import { Setup } from './entrance/setup.js';
import { SignIn } from './entrance/sign-in.js';
import { openWords } from './words/words.js';

/** The pages for people who are not signed in; http/dashboard.ts knows their names too. */
const PAGES: Readonly<Record<string, () => React.ReactNode>> = {
  login: SignIn,
  signup: SignUp,
  setup: Setup,
  invite: Invite,
  reset: Reset,
  confirm: Confirm,
  forgot: Forgot,
};

await openWords();
const Page = PAGES[location.pathname.slice(BASE_PATH.length + 1)] ?? SignIn;
createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <Reached>
      <Page />
    </Reached>
  </StrictMode>,
);
