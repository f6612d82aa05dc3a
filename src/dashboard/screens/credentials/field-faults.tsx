import { Alert, Anchor, List } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { RefObject } from 'react';
import { t } from './words.js';

interface FieldFaultsProps {
  readonly place: RefObject<HTMLDivElement | null>;
  readonly faults: readonly (readonly [field: string, words: string])[];
  readonly labelOf: (field: string) => string;
}

/** All that keeps a form from being sent, at its top, each with a way to its field. */
export function FieldFaults({ place, faults, labelOf }: FieldFaultsProps) {
  if (faults.length === 0) return null;
  return (
    <Alert
      ref={place}
      tabIndex={-1}
      role="alert"
      color="red"
      icon={<IconAlertTriangle aria-hidden />}
      title={t('faultsTitle', { count: faults.length })}
    >
      <List size="sm">
        {faults.map(([field, words]) => (
          <List.Item key={field}>
            <Anchor href={`#field-${field}`} size="sm">
              {labelOf(field)}
            </Anchor>
            {`: ${words}`}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
