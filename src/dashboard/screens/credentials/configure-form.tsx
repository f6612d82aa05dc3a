import { Button, Checkbox, Grid, Group, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useRef, useState } from 'react';
import { Link } from 'react-router';
import type { CredentialTypeView, CredentialView } from '../../../contract/credentials.js';
import { useChange } from '../../api/use-route.js';
import { ErrorNotice, Waiting } from '../../parts/notice.js';
import { useFocusNext } from '../../parts/use-focus-next.js';
import { FieldFaults } from './field-faults.js';
import { FieldInput } from './field-input.js';
import {
  type Field,
  faultsByField,
  faultsOf,
  fieldsOf,
  hostsOf,
  initialValues,
  isRequired,
  isShown,
  looksOdd,
} from './form-values.js';
import { HostsPart } from './hosts-part.js';
import type { Saved } from './saved-part.js';
import { TestResult } from './test-result.js';
import { type Draft, useTry } from './use-try.js';
import { VaultNotice } from './vault-notice.js';
import { t } from './words.js';

interface ConfigureFormProps {
  readonly workspaceId: string;
  readonly type: CredentialTypeView;
  readonly replaced: CredentialView | null;
  /** Those of the workspace, for a name that is free. */
  readonly taken: readonly CredentialView[];
  readonly onSaved: (saved: Saved) => void;
}

/** The fields of a credential, made from what its type says. Values live here alone and are gone when it is. */
export function ConfigureForm({ workspaceId, type, replaced, taken, onSaved }: ConfigureFormProps) {
  const [name, setName] = useState(() => freeName(type.id, taken));
  const [values, setValues] = useState(() => initialValues(type, replaced));
  const [removed, setRemoved] = useState<ReadonlySet<string>>(new Set());
  const [optionalHosts, setOptionalHosts] = useState<string[]>(() => [...(replaced?.optionalHosts ?? [])]);
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const create = useChange('createCredential', ['listCredentials']);
  const replace = useChange('replaceCredential', ['listCredentials', 'showCredential']);
  const attempt = useTry({ workspaceId, type, replaced });
  const summary = useRef<HTMLDivElement>(null);
  const toSummary = useFocusNext(() => summary.current);
  const replacing = replaced === null ? null : { secretFields: replaced.secretFields, removed };
  const { pending, error: refusal } = replaced === null ? create : replace;
  const error = refusal ?? attempt.error;
  const hosts = hostsOf(type, values);
  const isTaken = attempt.result === null || ['ok', 'limited'].includes(attempt.result.outcome);
  const shown = type.fields.filter((field) => isShown(field, values));
  const wasSet = (field: Field) => replaced?.secretFields.includes(field.name) ?? false;

  const say = (found: Readonly<Record<string, string>>) => {
    setErrors(found);
    if (Object.keys(found).length > 0) toSummary();
  };
  /** What would be sent; `null`, with every fault said, while it cannot be. */
  const draft = (): Draft | null => {
    create.reset();
    replace.reset();
    attempt.drop();
    const faults = [...faultsOf(type, values, replacing)].map(([field, fault]) => [field, t(`fault.${fault}`)]);
    if (replaced === null && name.trim() === '') faults.unshift(['name', t('fault.missing')]);
    say(Object.fromEntries(faults));
    return faults.length > 0 ? null : { name: name.trim(), fields: fieldsOf(type, values, replacing), optionalHosts };
  };
  const save = async (testNow: boolean) => {
    const given = draft();
    if (given === null) return;
    const { fields } = given;
    const answer =
      replaced === null
        ? await create.run({ params: { workspaceId }, body: { ...given, type: type.id } })
        : await replace.run({ params: { workspaceId, credential: replaced.id }, body: { fields, optionalHosts } });
    if (answer !== null) onSaved({ ...answer, testNow });
  };
  const tryOut = async () => {
    const given = draft();
    if (given !== null) await attempt.run(given);
  };
  const told = error === null ? null : faultsByField(error.detail);
  const errorOf = (field: string) => errors[field] ?? told?.byField[field] ?? null;
  const all = [...Object.entries(errors), ...Object.entries(told?.byField ?? {})];
  const labelOf = (field: string) => type.fields.find((one) => one.name === field)?.label ?? t('name');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save(type.testable);
  };
  return (
    <form onSubmit={submit} noValidate autoComplete="off">
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack>
            <VaultNotice sealed={replaced === null ? taken : [replaced]} />
            <FieldFaults place={summary} faults={all} labelOf={labelOf} />
            {replaced === null && (
              <TextInput
                id="field-name"
                label={t('name')}
                description={t('nameHelp')}
                withAsterisk
                aria-required
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
                error={errorOf('name')}
                maxLength={63}
                spellCheck={false}
              />
            )}
            {shown.map((field) => (
              <Stack key={field.name} gap={6}>
                <FieldInput
                  field={field}
                  value={values[field.name] ?? ''}
                  onChange={(value) => {
                    setValues((before) => ({ ...before, [field.name]: value }));
                    attempt.drop();
                    setErrors(({ [field.name]: _, ...rest }) => rest);
                  }}
                  required={isRequired(field, values)}
                  error={errorOf(field.name)}
                  odd={looksOdd(field, values[field.name])}
                  wasSet={wasSet(field)}
                />
                {wasSet(field) && !isRequired(field, values) && (
                  <Checkbox
                    size="xs"
                    label={t('takeAway', { field: field.label })}
                    checked={removed.has(field.name)}
                    onChange={(event) => setRemoved(toggled(removed, field.name, event.currentTarget.checked))}
                  />
                )}
              </Stack>
            ))}
            {error !== null && told?.rest !== '' && <ErrorNotice error={error} />}
            {attempt.pending && (
              <div>
                <Text role="status">{t('testing', { hosts: hosts.join(', ') })}</Text>
                <Waiting />
              </div>
            )}
            {attempt.result !== null && (
              <TestResult test={attempt.result}>
                <Text size="sm" fw={600}>
                  {isTaken ? t('triedGood') : t('triedBad')}
                </Text>
              </TestResult>
            )}
            <Group gap="xs">
              <Button type="submit" variant={isTaken ? 'filled' : 'default'} loading={pending}>
                {type.testable ? t('saveAndTest') : t('save')}
              </Button>
              {type.testable && (
                <>
                  <Button
                    variant="default"
                    loading={attempt.pending}
                    disabled={pending || attempt.secondsLeft > 0}
                    onClick={() => void tryOut()}
                  >
                    {attempt.result === null ? t('tryNow') : t('testAgain')}
                  </Button>
                  <Button
                    variant={isTaken ? 'default' : 'filled'}
                    disabled={pending || attempt.pending}
                    onClick={() => void save(false)}
                  >
                    {t('saveUntested')}
                  </Button>
                </>
              )}
              <Button variant="subtle" component={Link} to="/credentials">
                {t('cancel')}
              </Button>
            </Group>
            {attempt.secondsLeft > 0 && (
              <Text size="sm">
                <span role="status">{t('testWait')}</span>{' '}
                <span role="timer">{t('testWaitSeconds', { count: attempt.secondsLeft })}</span>
              </Text>
            )}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <HostsPart
            type={type}
            hosts={hosts}
            optionalHosts={optionalHosts}
            onOptional={(chosen) => {
              setOptionalHosts(chosen);
              attempt.drop();
            }}
          />
        </Grid.Col>
      </Grid>
    </form>
  );
}

function freeName(typeId: string, taken: readonly CredentialView[]): string {
  const base = typeId.replaceAll('_', '-');
  const names = new Set(taken.map(({ name }) => name));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!names.has(name)) return name;
  }
}

function toggled(set: ReadonlySet<string>, name: string, on: boolean): ReadonlySet<string> {
  const next = new Set(set);
  if (on) next.add(name);
  else next.delete(name);
  return next;
}
