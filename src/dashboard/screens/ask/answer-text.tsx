import { Blockquote, Code, List, Stack, Text, UnstyledButton } from '@mantine/core';
import { Fragment, useMemo } from 'react';
import { type Block, type Inline, parseMarkdown } from './markdown.js';
import { t } from './words.js';

interface AnswerTextProps {
  readonly text: string;
  /** Numbers of the passages that can be opened. */
  readonly known: ReadonlySet<number>;
  readonly onCitation: (number: number) => void;
}

/** An answer as it was written. Everything of it is text: no part becomes an element that the answer itself chose. */
export function AnswerText({ text, known, onCitation }: AnswerTextProps) {
  const blocks = useMemo(() => parseMarkdown(text), [text]);
  const show = (parts: readonly Inline[]) => <Line parts={parts} known={known} onCitation={onCitation} />;
  return (
    <Stack gap="sm" style={{ overflowWrap: 'anywhere' }}>
      {blocks.map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an answer grows at its end
        <Fragment key={index}>{blockOf(block, show)}</Fragment>
      ))}
    </Stack>
  );
}

function blockOf(block: Block, show: (parts: readonly Inline[]) => React.ReactNode) {
  switch (block.kind) {
    case 'code':
      return (
        <Code block tabIndex={0} style={{ maxHeight: 320, overflow: 'auto' }}>
          {block.text}
        </Code>
      );
    case 'list':
      return (
        <List type={block.ordered ? 'ordered' : 'unordered'} start={block.start} spacing={4}>
          {block.items.map((item, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a list grows at its end
            <List.Item key={index}>{show(item)}</List.Item>
          ))}
        </List>
      );
    case 'quote':
      return <Blockquote p="sm">{block.lines.map(joined(show))}</Blockquote>;
    default:
      return <Text fw={block.kind === 'heading' ? 700 : 400}>{block.lines.map(joined(show))}</Text>;
  }
}

const joined = (show: (parts: readonly Inline[]) => React.ReactNode) => (line: readonly Inline[], index: number) => (
  <Fragment key={index}>
    {index > 0 && <br />}
    {show(line)}
  </Fragment>
);

function Line({ parts, known, onCitation }: { parts: readonly Inline[] } & Omit<AnswerTextProps, 'text'>) {
  return parts.map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a line grows at its end
    <Piece key={index} part={part} known={known} onCitation={onCitation} />
  ));
}

function Piece({ part, known, onCitation }: { part: Inline } & Omit<AnswerTextProps, 'text'>) {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'code':
      return <Code>{part.text}</Code>;
    case 'bold':
      return <strong>{part.text}</strong>;
    case 'italic':
      return <em>{part.text}</em>;
    case 'link':
      return (
        <>
          {part.text} (<Code>{part.address}</Code>)
        </>
      );
    case 'citation':
      return part.numbers.map((number) =>
        known.has(number) ? (
          <UnstyledButton
            key={number}
            onClick={() => onCitation(number)}
            aria-label={t('openCitation', { number })}
            fz="sm"
            fw={700}
            px={4}
            mih={24}
            miw={24}
            ta="center"
            c="var(--mantine-color-anchor)"
          >
            [{number}]
          </UnstyledButton>
        ) : (
          <span key={number}>[{number}]</span>
        ),
      );
  }
}
