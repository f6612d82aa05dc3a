import { Page } from '../../parts/page.js';
import { Passkeys } from './passkeys.js';
import { PasswordSection } from './password.js';
import { ProfileSection } from './profile.js';
import { SecondFactor } from './second-factor.js';
import { Sessions } from './sessions.js';
import { t } from './words.js';

export default function Account() {
  return (
    <Page title={t('title')}>
      <ProfileSection />
      <PasswordSection />
      <SecondFactor />
      <Passkeys />
      <Sessions />
    </Page>
  );
}
