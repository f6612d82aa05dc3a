import { Code, Table, Text } from '@mantine/core';
import type { UpstreamDefault, UpstreamRoutes } from '../../../contract/upstream-routes.js';
import { t } from './words.js';

/** The routes in their order, and what holds for the rest. */
export function RouteTable({ file }: { file: UpstreamRoutes }) {
  return (
    <>
      {file.routes.length === 0 && <Text c="dimmed">{t('empty')}</Text>}
      <Table className="cards" aria-label={t('routes')}>
        <Table.Thead>
          <Table.Tr>
            {[t('order'), t('method'), t('path'), t('host'), t('modes'), t('scopes'), t('limit')].map((header) => (
              <Table.Th key={header}>{header}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {file.routes.map((route, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: its place is what tells a route apart
            <Table.Tr key={index}>
              <Table.Td data-label={t('order')}>{index + 1}</Table.Td>
              <Table.Td data-label={t('method')}>{route.methods?.join(', ') ?? t('any')}</Table.Td>
              <Table.Td data-label={t('path')}>
                <Code>{route.path}</Code>
              </Table.Td>
              <Table.Td data-label={t('host')}>{route.host ?? t('any')}</Table.Td>
              <Needs of={route} />
            </Table.Tr>
          ))}
          <Table.Tr>
            <Table.Td data-label={t('order')}>{file.routes.length + 1}</Table.Td>
            <Table.Td data-label={t('method')}>{t('any')}</Table.Td>
            <Table.Td data-label={t('path')}>{t('otherwise')}</Table.Td>
            <Table.Td data-label={t('host')}>{t('any')}</Table.Td>
            {file.default === undefined ? (
              <>
                <Table.Td data-label={t('modes')}>{t('refused')}</Table.Td>
                <Table.Td data-label={t('scopes')}>–</Table.Td>
                <Table.Td data-label={t('limit')}>–</Table.Td>
              </>
            ) : (
              <Needs of={file.default} />
            )}
          </Table.Tr>
        </Table.Tbody>
      </Table>
    </>
  );
}

function Needs({ of: { authModes, scopes, rateLimit } }: { of: UpstreamDefault }) {
  return (
    <>
      <Table.Td data-label={t('modes')}>{authModes.join(', ')}</Table.Td>
      <Table.Td data-label={t('scopes')}>{scopes.length === 0 ? t('none') : scopes.join(', ')}</Table.Td>
      <Table.Td data-label={t('limit')}>
        {rateLimit === undefined
          ? t('none')
          : t('perHour', { requests: rateLimit.requests, seconds: rateLimit.windowSeconds })}
      </Table.Td>
    </>
  );
}
