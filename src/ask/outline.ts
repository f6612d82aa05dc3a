import type { TreeCursor } from 'web-tree-sitter';
import { withTree } from './grammars.js';

/** A function, class or the like, with what is said about it above. Lines count from 0; `end` is the line after it. */
export interface Definition {
  /** Of the first line of its comment, decorator or attribute. */
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly inner: readonly Definition[];
}

/** The definitions of a source text, in order, by its grammar; `null` when it cannot be parsed. */
export function outlineOf(path: string, lines: readonly string[]): Definition[] | null {
  return withTree(path, lines, (tree) => {
    const cursor = tree.walk();
    try {
      return definitionsIn(cursor, lines, 0) ?? null;
    } finally {
      cursor.delete();
    }
  });
}

const DEFINES =
  /^(generator_)?(function|method|class|interface|struct|enum|trait|impl|mod|module|record|object|type|macro|union|namespace|constructor|abstract_class|internal_module|singleton_method|singleton_class|property|func)(_(declaration|definition|item|spec|specifier|signature|signature_item|alias_declaration|alias|type_declaration))?$|^(type_item|type_declaration|decorated_definition|template_declaration|file_scoped_namespace_declaration|trait_definition|const_item|static_item|var_declaration|const_declaration|lexical_declaration|variable_declaration|public_field_definition|field_definition|preproc_function_def|export_statement|function_signature_item|foreign_mod_item|annotation_type_declaration|pair|expression_statement|assignment)$/;

/** Only what holds a function under a name; anything else of these is an ordinary statement. */
const NEEDS_FUNCTION =
  /^(lexical_declaration|variable_declaration|public_field_definition|field_definition|pair|expression_statement|assignment)$/;
const FUNCTION_VALUE = /^(function|function_expression|generator_function|arrow_function|class|lambda)$/;

const WRAPS = /^(export_statement|decorated_definition|template_declaration)$/;

const ABOVE = /comment|^attribute_item$|^inner_attribute_item$|^decorator$|^attribute_list$|^annotation$/;

const MAX_DEPTH = 40;
/** What is this short holds nothing worth a passage of its own. */
const MIN_ROWS = 1;

/** Reads the children of the node under the cursor, which stands there again afterwards. */
function definitionsIn(cursor: TreeCursor, lines: readonly string[], depth: number): Definition[] {
  const found: Definition[] = [];
  if (depth > MAX_DEPTH || !cursor.gotoFirstChild()) return found;
  let aboveStart = -1;
  let aboveEnd = -1;
  do {
    if (!cursor.nodeIsNamed) continue;
    const type = cursor.nodeType;
    const startRow = cursor.startPosition.row;
    const end = cursor.endPosition;
    const endRow = end.column === 0 && end.row > startRow ? end.row - 1 : end.row;
    if (ABOVE.test(type)) {
      if (aboveEnd < 0 || startRow > aboveEnd + 1) aboveStart = startRow;
      aboveEnd = endRow;
      continue;
    }
    const start = aboveEnd >= 0 && startRow <= aboveEnd + 1 ? aboveStart : startRow;
    aboveEnd = -1;
    const name = DEFINES.test(type) ? nameAt(cursor, type) : null;
    if (name !== null && (endRow > startRow || start < startRow || !NEEDS_FUNCTION.test(type))) {
      const inner = endRow - startRow > MIN_ROWS ? definitionsIn(cursor, lines, depth + 1) : [];
      found.push({
        start,
        end: endRow + 1,
        name,
        inner: inner.filter((one) => one.name !== name || one.end - one.start < endRow - startRow),
      });
    } else if (endRow - startRow > MIN_ROWS || (WRAPS.test(type) && (endRow > startRow || start < startRow))) {
      const inside = definitionsIn(cursor, lines, depth + 1);
      const [first, ...others] = inside;
      // What is said above an export or a decorated function is said about the function.
      if (first !== undefined && WRAPS.test(type)) found.push({ ...first, start }, ...others);
      else found.push(...inside);
    }
  } while (cursor.gotoNextSibling());
  cursor.gotoParent();
  return found;
}

/** The name that a definition gives; `null` when it is no definition after all. */
function nameAt(cursor: TreeCursor, type: string): string | null {
  const node = cursor.currentNode;
  if (WRAPS.test(type)) return null;
  if (NEEDS_FUNCTION.test(type)) {
    let inner = node;
    if (type === 'lexical_declaration' || type === 'variable_declaration') {
      const declarator = node.namedChild(0);
      if (declarator?.type !== 'variable_declarator') return null;
      inner = declarator;
    } else if (type === 'expression_statement') {
      const assignment = node.namedChild(0);
      if (assignment?.type !== 'assignment_expression') return null;
      inner = assignment;
    }
    const value = inner.childForFieldName('value') ?? inner.childForFieldName('right');
    if (value === null || !FUNCTION_VALUE.test(value.type)) return null;
    const left =
      inner.childForFieldName('name') ??
      inner.childForFieldName('left') ??
      inner.childForFieldName('key') ??
      inner.childForFieldName('property');
    return left === null ? null : short(left.text);
  }
  const named = node.childForFieldName('name');
  if (named !== null) return short(named.text);
  if (type === 'impl_item') {
    const subject = node.childForFieldName('type')?.text ?? '';
    const trait = node.childForFieldName('trait')?.text;
    return short(trait === undefined ? subject : `${subject} ${trait}`);
  }
  let declarator = node.childForFieldName('declarator');
  while (declarator?.childForFieldName('declarator') != null) declarator = declarator.childForFieldName('declarator');
  if (declarator !== null) return short(declarator.text);
  const spec = node.namedChildren.find((child) => child?.type.endsWith('_spec') || child?.type === 'type_alias');
  const specName = spec?.childForFieldName('name');
  return specName == null ? null : short(specName.text);
}

/** `module.exports.name`, `Type.prototype.name`: all of it is worth finding; a whole type with its parameters is not. */
function short(text: string): string | null {
  const name =
    text
      .split('\n')[0]
      ?.slice(0, 120)
      .replace(/\b(module|exports|prototype|this)\./g, '')
      .trim() ?? '';
  return name === '' ? null : name;
}
