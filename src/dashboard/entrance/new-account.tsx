import { Field, PasswordField } from './form.js';
import { t } from './words.js';

/** What a new account begins with; the name may be left out. */
export function NewAccountFields() {
  return (
    <>
      <Field label={t('name')} name="name" autoComplete="name" maxLength={100} autoFocus />
      <Field label={t('email')} name="email" type="email" autoComplete="username" required />
      <PasswordField
        label={t('password')}
        help={t('passwordHelp')}
        name="password"
        autoComplete="new-password"
        minLength={12}
      />
    </>
  );
}

/** The same as the body of a request. */
export function newAccount({ email = '', password = '', name }: Record<string, string | undefined>) {
  return { email, password, ...(name === undefined ? {} : { name }) };
}
