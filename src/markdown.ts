/** Rows as a table in Markdown, the first one its heading. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

/** The document with `content` between the two comments that name the section. */
export function withSection(document: string, name: string, content: string): string {
  const begin = `<!-- ${name}: npm run docs -->`;
  const end = `<!-- End of ${name} -->`;
  const [before, rest] = document.split(begin);
  const [, after] = rest?.split(end) ?? [];
  if (after === undefined) throw new Error(`The document has no section ${begin} … ${end}`);
  return `${before}${begin}\n\n${content}\n\n${end}${after}`;
}
