import { Kind, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';

/** How large a selection is with its fragments in place of their spreads. */
export interface DocumentSize {
  /** Fields below each other. */
  readonly depth: number;
  readonly aliases: number;
  readonly fields: number;
}

const NOTHING: DocumentSize = { depth: 0, aliases: 0, fields: 0 };

/**
 * Measures selections. Each fragment is measured once however often it is spread, so the work
 * grows with the document and not with what the document expands to, which doubles with every
 * fragment that spreads the next one twice.
 */
export function createMeasure(
  fragment: (name: string) => FragmentDefinitionNode | null | undefined,
): (selection: SelectionSetNode) => DocumentSize {
  const known = new Map<string, DocumentSize>();

  const ofFragment = (name: string): DocumentSize => {
    let size = known.get(name);
    if (!size) {
      // A fragment that spreads itself is another rule's to refuse; here it only has to end.
      known.set(name, NOTHING);
      const definition = fragment(name);
      known.set(name, (size = definition ? measure(definition.selectionSet) : NOTHING));
    }
    return size;
  };

  const measure = ({ selections }: SelectionSetNode): DocumentSize => {
    let { depth, aliases, fields } = NOTHING;
    for (const selection of selections) {
      const isField = selection.kind === Kind.FIELD;
      const below =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? ofFragment(selection.name.value)
          : selection.selectionSet
            ? measure(selection.selectionSet)
            : NOTHING;
      depth = Math.max(depth, below.depth + (isField ? 1 : 0));
      aliases += below.aliases + (isField && selection.alias ? 1 : 0);
      fields += below.fields + (isField ? 1 : 0);
    }
    return { depth, aliases, fields };
  };
  return measure;
}
